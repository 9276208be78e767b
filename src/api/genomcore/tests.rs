//! Every shape on the wire, held to its golden file. `UPDATE_GOLDEN=1` writes the files anew, for review. Does I/O: reads
//! the files.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::convert::{Converter, UNTYPED};
use super::error::Error;
use super::items;
use super::seen::Seen;
use super::wire::Created;
use crate::api::body::BodyError;
use crate::model::fold::{self, ORIGINS_IN_ROW};
use crate::model::{Code, Position, Row, Telling, Trail};
use crate::store::samples;

/// The document's own example: two events that are equal.
const EXAMPLE: &str = r#"[
    {"owner": "user", "collection": "test", "start": "2021-01-01T00:00:00Z", "value": "test",
     "type": "test", "source": "test", "externalId": "test"},
    {"owner": "user", "collection": "test", "start": "2021-01-01T00:00:00Z", "value": "test",
     "type": "test", "source": "test", "externalId": "test"}
]"#;

/// Lines of JSON, byte for byte.
fn golden(name: &str, found: &[String]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/api/genomcore/golden")
        .join(name);
    let found = found.join("\n") + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(found, kept, "{name}");
}

fn line(row: &Row) -> String {
    Seen::of(row).shown(|item| serde_json::to_string(item).unwrap())
}

fn convert(body: &str) -> Result<Vec<Telling>, Vec<String>> {
    let tenant = Arc::from("default");
    let mut converter = Converter::new(&tenant);
    items::each(body, &mut |index, item| converter.take(index, item)).unwrap();
    if converter.faults.is_empty() {
        Ok(converter.tellings)
    } else {
        Err(converter.faults)
    }
}

fn rows_of(tellings: &[Telling]) -> Vec<Arc<Row>> {
    let mut trail = Trail::default();
    for telling in tellings {
        let Ok(_) = fold::apply(&mut trail, telling, ORIGINS_IN_ROW);
    }
    let mut rows: Vec<_> = trail.rows().cloned().collect();
    rows.sort_unstable_by(|a, b| Position::compare(a, b));
    rows
}

/// The rows of some items.
pub(super) fn told(items: &[Value]) -> Vec<Arc<Row>> {
    rows_of(&convert(&json!(items).to_string()).unwrap())
}

/// A row as it is shown.
pub(super) fn shown(row: &Row) -> Value {
    Seen::of(row).shown(|item| serde_json::to_value(item).unwrap())
}

#[test]
fn the_documented_example_is_two_events_with_ids_that_never_change() {
    let rows = rows_of(&convert(EXAMPLE).unwrap());
    let mut lines: Vec<String> = rows.iter().map(|row| line(row)).collect();
    lines.sort_unstable();
    golden("items.jsonl", &lines);
}

#[test]
fn an_event_is_shown_as_it_was_given_but_for_the_form_of_its_times() {
    let given = json!({
        "owner": 1, "collection": " 采集 ", "start": "2024-04-01 10:00:00.5+02:00", "end": "2024-04-01",
        "value": "  line\n", "type": "启动##ActionStart", "source": "", "externalId": "e/1", "batch": 7.0,
    });
    let mut wanted = given.clone();
    wanted["start"] = json!("2024-03-31T22:00:00.000Z");
    wanted["end"] = json!("2024-04-01T00:00:00.000Z");
    let mut given = given;
    given["start"] = json!("2024-04-01 00:00:00+02:00");
    let row = told(&[given]).remove(0);
    let mut found = shown(&row);
    found.as_object_mut().unwrap().remove("id");
    assert_eq!(found, wanted);
    assert_eq!((&*row.key.code, &*row.key.element), ("ActionStart", "e/1"));
    assert_eq!(row.body().labels["owner"].as_ref(), "1");
}

#[test]
fn an_event_without_a_type_has_the_documented_code() {
    for kind in ["", "  "] {
        let item = json!({
            "owner": "o", "collection": "c", "start": "2024-04-01", "value": "", "type": kind,
            "source": "", "externalId": "",
        });
        let row = told(&[item]).remove(0);
        assert_eq!(&*row.key.code, UNTYPED);
        assert_eq!(shown(&row)["type"], kind);
    }
}

#[test]
fn what_is_sent_again_has_the_same_ids_however_it_is_written() {
    let ids = |body: &str| -> Vec<String> {
        let tellings = convert(body).unwrap();
        tellings
            .iter()
            .map(|telling| telling.name.to_string())
            .collect()
    };
    let first = ids(EXAMPLE);
    assert_ne!(first[0], first[1], "equal events of one request are two");
    assert_eq!(ids(EXAMPLE), first);
    let other = r#"[{"externalId":"test","source":"test","batch":null,"type":"\u0074est","value":"test",
        "start":"2021-01-01T01:00:00.000+01:00","collection":"test","owner":"user","end":null}]"#;
    assert_eq!(ids(other), first[..1]);
    for (field, value) in [
        ("owner", json!("other")),
        ("owner", json!(1)),
        ("collection", json!("other")),
        ("start", json!("2021-01-01T00:00:00.001Z")),
        ("end", json!("2021-01-01T00:00:00Z")),
        ("value", json!("other")),
        ("type", json!("other")),
        ("source", json!("other")),
        ("externalId", json!("other")),
        ("batch", json!("other")),
    ] {
        let mut items: Vec<Value> = serde_json::from_str(EXAMPLE).unwrap();
        items[0][field] = value;
        let found = ids(&json!([items[0]]).to_string());
        assert!(!first.contains(&found[0]), "{field} makes it another");
    }
}

#[test]
fn a_fault_names_the_item_and_the_field_and_nothing_of_the_request_is_kept() {
    let good = &serde_json::from_str::<Vec<Value>>(EXAMPLE).unwrap()[0];
    let mut bad = good.clone();
    bad["start"] = json!("soon");
    bad["value"] = json!(1);
    let faults = convert(&json!([good, bad, 5, good]).to_string()).unwrap_err();
    assert_eq!(
        faults,
        [
            "1.start must be a valid ISO 8601 date string",
            "1.value must be a string",
            "2 must be an object",
        ]
    );
}

#[test]
fn a_row_of_another_dialect_is_shown_with_its_count_and_both_its_times() {
    let mut row = samples::told("run-1", "back-off", 1, 7, 10, 70);
    row.name = "pod.1".into();
    let rows = rows_of(&[row]);
    golden("other.jsonl", &[line(&rows[0])]);
    let made = samples::told("run-1", "", 2, 1, 10, 10);
    let mut key = (*made.key).clone();
    key.code = "SuccessfulFinish".into();
    let mut body = (*made.body).clone();
    body.params = [
        ("elem".into(), "job".into()),
        ("action".into(), "run".into()),
    ]
    .into();
    let made = Telling {
        key: key.into(),
        body: body.into(),
        ..made
    };
    let value = shown(&rows_of(&[made])[0])["value"].clone();
    let words = value.as_str().unwrap();
    assert!(words.contains(" ## ") && words.contains("job"), "{words}");
}

#[tokio::test]
async fn every_answer_has_its_shape() {
    let failed = |code, message: &str| Error::Failed {
        code,
        message: message.into(),
    };
    let (mut answers, mut lines) = (Vec::new(), Vec::new());
    for error in [
        Error::invalid("0.start must be a valid ISO 8601 date string"),
        Error::Invalid(
            (0..120)
                .map(|at| format!("{at} must be an object"))
                .collect(),
        ),
        Error::Unread(BodyError::TooLarge(64)),
        Error::TooMany { found: 9, most: 5 },
        Error::MediaType("text/plain".into()),
        Error::Unauthorized,
        Error::Buried,
        Error::NotThere("Cannot GET /genomcore/api/v1/nothing".into()),
        Error::NoMethod {
            method: "PUT".into(),
            path: "/genomcore/api/v1/events".into(),
        },
        failed(Code::PermissionDenied, "deleting is not allowed"),
        failed(Code::Unavailable, "no room, a retry is safe"),
    ] {
        let answer = error.into_response();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let mut body: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(body["statusCode"], status);
        if let Some(many) = body["message"].as_array_mut().filter(|many| many.len() > 9) {
            assert_eq!(many.len(), 101);
            many.drain(1..100);
        }
        let found = String::from_utf8(bytes.to_vec()).unwrap();
        lines.push(if found.len() < 1000 {
            found
        } else {
            body.to_string()
        });
        answers.push(body);
    }
    golden("errors.jsonl", &lines);
    let created = Created {
        created: 1,
        duplicates: 1,
        dropped: 1,
        ids: vec![Some("a".into()), Some("b".into()), None],
    };
    golden("created.jsonl", &[serde_json::to_string(&created).unwrap()]);
    let codes: BTreeSet<_> = answers
        .iter()
        .map(|body| body["statusCode"].as_u64())
        .collect();
    assert_eq!(codes.len(), 9, "one of each kind");
}
