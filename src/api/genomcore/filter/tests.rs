//! The evaluation of filters and orders, held against a plain definition over the JSON that is shown.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::*;
use crate::api::genomcore::ask::Ask;
use crate::api::genomcore::tests::{shown, told};
use crate::model::Row;

/// What the documentation says of equality: texts and numbers by their text, times by their milliseconds.
fn equal(field: &str, found: Option<&Value>, wanted: &Value) -> bool {
    let Some(found) = found else {
        return wanted.is_null();
    };
    if matches!(field, "start" | "end") {
        return time(found) == time(wanted);
    }
    !wanted.is_null() && text(found) == text(wanted)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.to_string(),
            None => number.as_f64().unwrap().to_string(),
        },
        other => panic!("{other}"),
    }
}

fn time(value: &Value) -> Option<i64> {
    match value {
        Value::Null => None,
        Value::Number(number) => number.as_i64(),
        Value::String(text) if text.len() == 10 => time(&json!(format!("{text}T00:00:00Z"))),
        value => {
            let time = chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
            Some(time.timestamp_millis())
        }
    }
}

fn order(field: &str, found: &Value, bound: &Value) -> Option<Ordering> {
    if matches!(field, "start" | "end") {
        return time(found).partial_cmp(&time(bound));
    }
    match bound {
        Value::Number(bound) => {
            let found = text(found);
            // RFC 8259, 6.
            let number = regex::Regex::new(r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$").unwrap();
            let found = number
                .is_match(&found)
                .then(|| found.parse::<f64>().unwrap())?;
            found.partial_cmp(&bound.as_f64()?)
        }
        bound => text(found).as_str().partial_cmp(bound.as_str()?),
    }
}

fn naive(filter: &Value, item: &Value) -> bool {
    let mut pairs = filter.as_object().unwrap().iter();
    let list = |value: &Value| value.as_array().unwrap().clone();
    pairs.all(|(key, value)| match key.as_str() {
        "$and" => list(value).iter().all(|one| naive(one, item)),
        "$or" => list(value).iter().any(|one| naive(one, item)),
        "$nor" => !list(value).iter().any(|one| naive(one, item)),
        field => field_passes(field, value, item.get(field)),
    })
}

fn field_passes(field: &str, condition: &Value, found: Option<&Value>) -> bool {
    let Some(operators) = condition.as_object() else {
        return equal(field, found, condition);
    };
    operators.iter().all(|(operator, value)| {
        let one_of = || {
            let mut values = value.as_array().unwrap().iter();
            values.any(|value| equal(field, found, value))
        };
        let ordered = || found.and_then(|found| order(field, found, value));
        match operator.as_str() {
            "$eq" => equal(field, found, value),
            "$ne" => !equal(field, found, value),
            "$in" => one_of(),
            "$nin" => !one_of(),
            "$gt" => ordered() == Some(Ordering::Greater),
            "$gte" => matches!(ordered(), Some(Ordering::Greater | Ordering::Equal)),
            "$lt" => ordered() == Some(Ordering::Less),
            "$lte" => matches!(ordered(), Some(Ordering::Less | Ordering::Equal)),
            "$exists" => value.as_bool().unwrap() == found.is_some(),
            // The patterns of this test are plain letters.
            "$regex" => found.is_some_and(|found| text(found).contains(value.as_str().unwrap())),
            "$not" => !field_passes(field, value, found),
            other => panic!("{other}"),
        }
    })
}

const WORDS: [&str; 13] = [
    "a", "b", "ab", "", "1", "2.5", "10", " 1", "inf", "01", "1e1", "+1", "1e400",
];
const TIMES: [&str; 4] = [
    "2024-04-01T00:00:00Z",
    "2024-04-01T00:00:00.0005Z",
    "2024-04-01T02:00:00.001+02:00",
    "2024-04-08",
];

fn word() -> impl Strategy<Value = Value> {
    prop::sample::select(WORDS.to_vec()).prop_map(Value::from)
}

fn scalar() -> impl Strategy<Value = Value> {
    let numbers = vec![json!(1), json!(1.0), json!(2.5), json!(10), json!(-3)];
    prop_oneof![3 => word(), 2 => prop::sample::select(numbers)]
}

fn instant() -> impl Strategy<Value = Value> {
    prop::sample::select(TIMES.to_vec()).prop_map(Value::from)
}

fn item() -> impl Strategy<Value = Value> {
    let texts = (word(), word(), word(), word());
    let rest = (
        scalar(),
        prop::option::of(scalar()),
        instant(),
        any::<bool>(),
    );
    (prop::sample::select(vec!["a", "b", "1"]), texts, rest).prop_map(
        |(collection, texts, rest)| {
            let (value, kind, source, external) = texts;
            let (owner, batch, start, ended) = rest;
            let mut item = json!({
                "owner": owner, "collection": collection, "start": start, "value": value,
                "type": kind, "source": source, "externalId": external,
            });
            if ended {
                item["end"] = json!("2024-04-08T00:00:00.001Z");
            }
            if let Some(batch) = batch.filter(|batch| *batch != json!("")) {
                item["batch"] = batch;
            }
            item
        },
    )
}

fn field_condition() -> impl Strategy<Value = Value> {
    let fields = vec![
        "owner",
        "collection",
        "start",
        "end",
        "value",
        "type",
        "source",
        "externalId",
        "batch",
    ];
    (prop::sample::select(fields), 0..12_u8, 0..6_u8).prop_flat_map(|(field, kind, second)| {
        let is_time = matches!(field, "start" | "end");
        let value = move || {
            if is_time {
                instant().boxed()
            } else {
                scalar().boxed()
            }
        };
        let nullable = move || prop_oneof![4 => value(), 1 => Just(Value::Null)];
        let orders = ["$gt", "$gte", "$lt", "$lte", "$gt", "$lt"];
        let condition = match kind {
            0 => nullable().boxed(),
            1 | 2 => nullable()
                .prop_map(move |v| {
                    if kind == 1 {
                        json!({"$eq": v})
                    } else {
                        json!({"$ne": v})
                    }
                })
                .boxed(),
            3..=5 => prop::collection::vec(nullable(), 0..4)
                .prop_map(move |all| {
                    if kind == 3 {
                        json!({"$nin": all})
                    } else {
                        json!({"$in": all})
                    }
                })
                .boxed(),
            6 => any::<bool>()
                .prop_map(|yes| json!({"$exists": yes}))
                .boxed(),
            7 if !is_time => Just(json!({"$regex": "a"})).boxed(),
            8 => value()
                .prop_map(move |v| json!({"$not": {orders[second as usize]: v}}))
                .boxed(),
            _ => (value(), value())
                .prop_map(move |(one, two)| {
                    let mut both = json!({orders[second as usize]: one});
                    both["$ne"] = two;
                    both
                })
                .boxed(),
        };
        condition.prop_map(move |condition| json!({field: condition}))
    })
}

fn filter() -> impl Strategy<Value = Value> {
    field_condition().prop_recursive(3, 12, 3, |inner| {
        let many = prop::collection::vec(inner, 1..4);
        (
            prop::sample::select(vec!["$and", "$or", "$nor"]),
            many,
            field_condition(),
        )
            .prop_map(|(junction, many, mut beside)| {
                beside[junction] = json!(many);
                beside
            })
    })
}

fn parsed(filter: &Value) -> Filter {
    let raw: Box<RawValue> = serde_json::from_str(&filter.to_string()).unwrap();
    let mut faults = Vec::new();
    let parsed = Filter::read(&raw, &mut faults);
    assert_eq!(faults, [""; 0], "{filter}");
    parsed
}

fn collection(row: &Row) -> &str {
    &row.execution.id
}

proptest! {
    #[test]
    fn an_event_passes_as_the_plain_definition_says(
        items in prop::collection::vec(item(), 1..6), filters in prop::collection::vec(filter(), 1..8),
    ) {
        for row in told(&items) {
            let shown = shown(&row);
            for wanted in &filters {
                let (read, seen) = (parsed(wanted), Seen::of(&row));
                let passes = read.matches(&seen, &Names::default());
                prop_assert_eq!(passes, naive(wanted, &shown), "{} of {}", wanted, shown);
                if let (true, Some(pins)) = (passes, read.pins()) {
                    prop_assert!(pins.contains(&collection(&row)), "{} pins {:?}", wanted, pins);
                }
            }
        }
    }

    #[test]
    fn events_stand_in_the_order_of_the_keys_that_are_asked_for(
        items in prop::collection::vec(item(), 2..9),
        keys in prop::sample::subsequence(vec!["owner", "start", "end", "type", "batch"], 0..4).prop_shuffle(),
        descends in any::<[bool; 5]>(),
    ) {
        let pairs = keys.iter().zip(descends).map(|(key, down)| format!("\"{key}\":{}", if down { -1 } else { 1 }));
        let body = format!("{{\"sort\":{{{}}}}}", pairs.collect::<Vec<_>>().join(","));
        let ask = Ask::read(&"/".parse().unwrap(), body.as_bytes()).unwrap();
        let mut rows = told(&items);
        rows.sort_by_key(|row| ask.place(&Seen::of(row)));
        for pair in rows.windows(2) {
            let [one, two] = [&pair[0], &pair[1]].map(|row| shown(row));
            let mut found = Ordering::Equal;
            for (key, down) in keys.iter().zip(descends) {
                let ordering = rank(key, one.get(*key)).partial_cmp(&rank(key, two.get(*key))).unwrap();
                found = found.then(if down { ordering.reverse() } else { ordering });
            }
            prop_assert!(found.is_le(), "{one} before {two} by {body}");
        }
    }
}

/// What is missing, then numbers, then texts; of times the milliseconds.
fn rank(key: &str, value: Option<&Value>) -> (u8, f64, String) {
    match value {
        None => (0, 0.0, String::new()),
        Some(value) if matches!(key, "start" | "end") => {
            (1, time(value).unwrap() as f64, String::new())
        }
        Some(Value::Number(number)) => (1, number.as_f64().unwrap(), String::new()),
        Some(value) => (2, 0.0, text(value)),
    }
}

#[test]
fn an_expression_has_the_documented_options() {
    let item = json!({
        "owner": 1, "collection": "a", "start": "2024-04-01", "value": "One\nTwo", "type": "t",
        "source": "s", "externalId": "e",
    });
    let row = told(&[item]).remove(0);
    for (condition, passes) in [
        (json!({"$regex": "^Two$"}), false),
        (json!({"$regex": "^Two$", "$options": "m"}), true),
        (json!({"$regex": "one.two", "$options": "is"}), true),
        (json!({"$regex": "one.two", "$options": "i"}), false),
        (json!({"$regex": " T w o ", "$options": "x"}), true),
    ] {
        let filter = parsed(&json!({"value": condition}));
        let found = filter.matches(&Seen::of(&row), &Names::default());
        assert_eq!(found, passes, "{condition}");
    }
}
