//! The law, held against a definition that is too plain to be wrong.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::diagnosis::OBSERVED;
use crate::model::event::AGGREGATE_PREFIX;
use crate::model::{Body, Digest, EventType, ExecutionKey, Key, MessageKey, Time, Trail};

const ORIGIN_BOUND: usize = 2;
const ID_WINDOW: usize = 3;
/// The message that is a combination.
const COMBINED: u8 = 3;

fn telling(
    origin: Origin,
    count: u64,
    times: (i64, i64),
    name: u8,
    message: u8,
    label: u8,
) -> Telling {
    let message = if message == COMBINED {
        format!("{AGGREGATE_PREFIX} {label}")
    } else {
        format!("message {message}")
    };
    let mut body = Body {
        reason: "Pulled".into(),
        message: message.clone().into(),
        ..Body::default()
    };
    body.labels.insert("label".into(), label.to_string().into());
    body.at_least = label == 2;
    Telling {
        execution: ExecutionKey::new("team-a", "run-1"),
        key: Arc::new(Key {
            element: "step".into(),
            elem_type: "K8s.Pod".into(),
            action: "".into(),
            event_type: EventType::Normal,
            code: "Pulled".into(),
            involved_uid: "uid".into(),
            field_path: "".into(),
            message: MessageKey::of(&message),
        }),
        policy: Policy::Fold,
        origin,
        count,
        first: Time(times.0.min(times.1)),
        last: Time(times.0.max(times.1)),
        name: format!("name-{name}").into(),
        body: Arc::new(body),
        digests: None,
    }
}

prop_compose! {
    fn counter()(
        origin in 0_u8..5, count in 1_u64..6, a in 0_i64..5, b in 0_i64..5, name in 0_u8..3, message in 0_u8..4,
        label in 0_u8..3,
    ) -> Telling {
        telling(Origin::Counter(Digest(u128::from(origin))), count, (a, b), name, message, label)
    }
}

prop_compose! {
    fn once()(
        count in 1_u64..6, a in 0_i64..5, b in 0_i64..5, name in 0_u8..3, message in 0_u8..4, label in 0_u8..3,
    ) -> Telling {
        telling(Origin::Once(Digest(0)), count, (a, b), name, message, label)
    }
}

/// Distinct tellings, and in which order and how often they are told.
fn told() -> impl Strategy<Value = (Vec<Telling>, Vec<usize>)> {
    let once = prop::collection::vec(once(), 0..6).prop_map(|mut tellings| {
        for (index, telling) in tellings.iter_mut().enumerate() {
            telling.origin = Origin::Once(Digest(1000 + index as u128));
        }
        tellings
    });
    (prop::collection::vec(counter(), 0..14), once).prop_flat_map(|(mut counters, once)| {
        counters.extend(once);
        let indexes: Vec<usize> = (0..counters.len()).collect();
        let repeats = prop::collection::vec(0..counters.len().max(1), 0..20);
        (Just(counters), Just(indexes).prop_shuffle(), repeats).prop_map(
            |(tellings, mut order, repeats)| {
                for (at, repeat) in repeats
                    .into_iter()
                    .enumerate()
                    .filter(|_| !tellings.is_empty())
                {
                    let counter = matches!(tellings[repeat].origin, Origin::Counter(_));
                    let place = if counter {
                        (at * 7) % (order.len() + 1)
                    } else {
                        // An id is known for a window only: the repeat comes within it.
                        order
                            .iter()
                            .position(|index| *index == repeat)
                            .map_or(0, |first| first + 1)
                    };
                    order.insert(place, repeat);
                }
                (tellings, order)
            },
        )
    })
}

/// How many origins, whether the count may be too low, what nobody has seen.
type Beside = (u64, bool, u64);
type View = BTreeMap<RowId, (Arc<Key>, u64, Time, Time, String, Body, Beside)>;

fn beside(total: &Share) -> Beside {
    let diagnosis = &total.diagnosis;
    assert!(diagnosis.seen.is_empty(), "a sum has seen nothing itself");
    (diagnosis.origins, diagnosis.at_least, diagnosis.unobserved)
}

/// Of one origin: the highest count, less the counts that were told with a combined message.
fn unobserved(told: &[&Telling]) -> u64 {
    let combined = |telling: &&&Telling| telling.key.message == MessageKey::Aggregate;
    let seen: BTreeSet<u64> = told.iter().filter(combined).map(|one| one.count).collect();
    let highest = told.iter().map(|telling| telling.count).max();
    if seen.is_empty() {
        0
    } else {
        highest.unwrap() - seen.len() as u64
    }
}

fn view(trail: &Trail) -> View {
    let show = |row: &Arc<Row>| {
        let shown = (
            row.key.clone(),
            row.count(),
            row.first(),
            row.last(),
            row.name().to_owned(),
            row.body().clone(),
            beside(row.series.total()),
        );
        (row.id, shown)
    };
    trail.rows().map(show).collect()
}

fn fold(tellings: &[Telling], order: &[usize]) -> Trail {
    let mut trail = Trail::default();
    let mut window = VecDeque::new();
    for index in order {
        let Ok(applied) = apply(&mut trail, &tellings[*index], ORIGIN_BOUND);
        if let (Origin::Once(origin), false) = (
            tellings[*index].origin,
            matches!(applied, Applied::Duplicate(_)),
        ) {
            window.push_back(origin);
            if window.len() > ID_WINDOW {
                trail.forget(window.pop_front().unwrap());
            }
        }
    }
    trail
}

/// The definition: for each row the sum over its origins of the highest count told, and so on, from the whole set.
fn by_definition(tellings: &[Telling]) -> View {
    let mut origins: BTreeMap<Digest, Vec<&Telling>> = BTreeMap::new();
    for telling in tellings {
        origins
            .entry(telling.origin.digest())
            .or_default()
            .push(telling);
    }
    let mut rows: BTreeMap<RowId, Vec<Vec<&Telling>>> = BTreeMap::new();
    for told in origins.into_values() {
        let home = told
            .iter()
            .map(|telling| (telling.count, telling.row()))
            .min()
            .unwrap()
            .1;
        rows.entry(home).or_default().push(told);
    }
    let show = |(id, origins): (RowId, Vec<Vec<&Telling>>)| {
        let highest =
            |told: &Vec<&Telling>| told.iter().map(|telling| telling.count).max().unwrap();
        let count = origins.iter().map(highest).sum();
        let many = origins.len() as u64;
        let missed = origins.iter().map(|told| unobserved(told)).sum();
        let all: Vec<&Telling> = origins.into_iter().flatten().collect();
        let at_least = all.iter().any(|telling| telling.body.at_least);
        let key = tellings
            .iter()
            .find(|telling| telling.row() == id)
            .unwrap()
            .key
            .clone();
        let (first, name) = all
            .iter()
            .map(|telling| (telling.first, telling.name.clone()))
            .min()
            .unwrap();
        let text = all
            .iter()
            .max_by_key(|telling| (telling.last, telling.count, telling.body.digest()))
            .unwrap();
        (
            id,
            (
                key,
                count,
                first,
                text.last,
                name.to_string(),
                Body::clone(&text.body),
                (many, at_least, missed),
            ),
        )
    };
    rows.into_iter().map(show).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_repetition_gives_the_rows_of_the_definition((tellings, order) in told()) {
        prop_assert_eq!(view(&fold(&tellings, &order)), by_definition(&tellings));
    }

    #[test]
    fn a_telling_never_lowers_a_share_nor_moves_first_forward_nor_last_back(
        tellings in prop::collection::vec(counter(), 1..12),
    ) {
        let mut share = Share::of(&tellings[0]);
        for telling in &tellings {
            let before = share.clone();
            share.join(&Share::of(telling));
            prop_assert!(share.count >= before.count && share.first <= before.first && share.last >= before.last);
            prop_assert!(share.count >= telling.count);
        }
    }

    #[test]
    fn joining_shares_is_associative_commutative_and_idempotent(a in counter(), b in counter(), c in counter()) {
        let join = |a: &Share, b: &Share| { let mut joined = a.clone(); joined.join(b); joined };
        let (a, b, c) = (Share::of(&a), Share::of(&b), Share::of(&c));
        prop_assert_eq!(join(&join(&a, &b), &c), join(&a, &join(&b, &c)));
        prop_assert_eq!(join(&a, &b), join(&b, &a));
        prop_assert_eq!(join(&a, &a), a);
    }

    #[test]
    fn what_was_told_once_more_is_a_duplicate((tellings, order) in told()) {
        let mut trail = fold(&tellings, &order);
        for telling in tellings.iter().filter(|telling| matches!(telling.origin, Origin::Counter(_))) {
            let Ok(applied) = apply(&mut trail, telling, ORIGIN_BOUND);
            prop_assert!(matches!(applied, Applied::Duplicate(_)), "{:?}", applied);
        }
    }
}

#[test]
fn an_event_that_keeps_its_identity_is_a_row_of_its_own() {
    let by_id = |id: u128| Telling {
        policy: Policy::ById,
        ..telling(Origin::Once(Digest(id)), 1, (0, 0), 0, 0, 0)
    };
    let mut trail = Trail::default();
    for id in [1, 2, 1] {
        let Ok(_) = apply(&mut trail, &by_id(id), ORIGIN_BOUND);
    }
    assert_eq!(
        trail.rows().map(|row| row.count()).collect::<Vec<_>>(),
        [1, 1]
    );
}

#[test]
fn an_origin_stays_in_its_row_when_its_message_changes() {
    let origin = Origin::Counter(Digest(7));
    let mut trail = Trail::default();
    for (count, message) in [(1, 0), (2, 1), (3, 2)] {
        let Ok(_) = apply(
            &mut trail,
            &telling(origin, count, (0, count.cast_signed()), 0, message, 0),
            ORIGIN_BOUND,
        );
    }
    let rows: Vec<_> = trail.rows().collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].count(), &*rows[0].body().message),
        (3, "message 2")
    );
}

#[test]
fn what_is_not_looked_at_is_not_missed() {
    let origin = Origin::Counter(Digest(7));
    let tell = |trail: &mut Trail, count: u64| {
        let one = telling(origin, count, (0, count.cast_signed()), 0, COMBINED, 0);
        let Ok(_) = apply(trail, &one, ORIGIN_BOUND);
        let rows: Vec<_> = trail.rows().collect();
        rows[0].series.total().diagnosis.unobserved
    };
    let mut trail = Trail::default();
    assert_eq!(tell(&mut trail, OBSERVED + 9), OBSERVED);
    assert_eq!(tell(&mut trail, OBSERVED + 10), OBSERVED);
    assert_eq!(tell(&mut trail, 1), OBSERVED - 1);
    assert_eq!(tell(&mut trail, 2), OBSERVED - 2);
}
