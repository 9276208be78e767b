//! Short ways to say what tests tell a store.

use std::sync::Arc;
use std::time::Duration;

use super::{Batch, Bounds, Changes, Scope, Store};
use crate::model::{
    Body, Correlation, Dialect, Digest, EventType, ExecutionFact, ExecutionKey, Filter, Identity,
    Key, MessageKey, Observation, Origin, Outcome, Page, Policy, Row, Sample, Seq, Telling, Time,
    Wire,
};

/// Small, so that few observations go over them.
pub(crate) const BOUNDS: Bounds = Bounds {
    origins: 2,
    ids: Duration::from_secs(3),
    samples: 3,
};

/// A second.
pub(crate) const S: i64 = 1_000_000_000;

pub(crate) fn at(seconds: i64) -> Time {
    Time(seconds * S)
}

pub(crate) fn execution(id: &str) -> ExecutionKey {
    ExecutionKey::new("tenant", id)
}

/// A counter's telling: `origin` has seen `message` `count` times, from `first` to `last` seconds.
pub(crate) fn told(
    id: &str,
    message: &str,
    origin: u128,
    count: u64,
    first: i64,
    last: i64,
) -> Telling {
    Telling {
        execution: execution(id),
        key: Arc::new(Key {
            element: "element".into(),
            elem_type: "Test.job".into(),
            action: "run".into(),
            event_type: EventType::from_text("Warning"),
            code: "BackOff".into(),
            involved_uid: "uid".into(),
            field_path: "".into(),
            message: MessageKey::of(message),
        }),
        policy: Policy::Fold,
        origin: Origin::Counter(Digest(origin)),
        count,
        first: at(first),
        last: at(last),
        name: format!("name-{origin}").into(),
        body: Arc::new(Body {
            message: message.into(),
            reporter: format!("reporter-{origin}").into(),
            ..Body::default()
        }),
        digests: None,
    }
}

/// An item that is told once.
pub(crate) fn item(id: &str, message: &str, origin: u128, time: i64) -> Telling {
    Telling {
        origin: Origin::Once(Digest(origin)),
        ..told(id, message, origin, 1, time, time)
    }
}

/// An event that keeps its identity and came by a dialect.
pub(crate) fn kept(id: &str, dialect: Dialect, message: &str, origin: u128) -> Telling {
    let telling = item(id, message, origin, 1);
    let wire = Some(Wire {
        dialect,
        item: "{}".into(),
    });
    Telling {
        policy: Policy::ById,
        body: Arc::new(Body {
            wire,
            ..Body::clone(&telling.body)
        }),
        ..telling
    }
}

pub(crate) fn fact(id: &str, name: &str, aliases: &[&str]) -> Observation {
    Observation::Execution(ExecutionFact {
        key: execution(id),
        identity: (!name.is_empty()).then(|| Identity {
            name: name.into(),
            ..Identity::default()
        }),
        created: None,
        aliases: aliases.iter().map(|alias| (*alias).into()).collect(),
    })
}

pub(crate) fn correlation(uid: &str, id: &str, seen: Time) -> Correlation {
    Correlation {
        uid: uid.into(),
        execution: execution(id),
        element: "element".into(),
        elem_id: "shown".into(),
        elem_type: "Test.job".into(),
        seen,
    }
}

pub(crate) fn measured(id: &str, element: &str, name: &str, seconds: i64, value: &str) -> Sample {
    Sample {
        execution: execution(id),
        element: element.into(),
        name: name.into(),
        at: at(seconds),
        value: value.into(),
    }
}

pub(crate) fn tell(store: &dyn Store, now: i64, tellings: &[Telling]) -> Vec<Outcome> {
    let observations = tellings.iter().cloned().map(Observation::Event);
    append(store, now, observations.collect())
}

pub(crate) fn append(store: &dyn Store, now: i64, observations: Vec<Observation>) -> Vec<Outcome> {
    let batch = Batch {
        observations,
        now: at(now),
    };
    store.append(&batch).unwrap().outcomes
}

pub(crate) fn rows(store: &dyn Store, id: &str) -> Vec<Arc<Row>> {
    let page = Page::default();
    let listed = store.list(&[execution(id)], &Filter::default(), &page);
    listed.unwrap().rows
}

pub(crate) fn counts(store: &dyn Store, id: &str) -> Vec<u64> {
    rows(store, id).iter().map(|row| row.count()).collect()
}

pub(crate) fn changes(store: &dyn Store, after: u64, limit: usize) -> Changes {
    store.changes(&Scope::All, Seq(after), limit).unwrap()
}

pub(crate) fn seqs(rows: &[Arc<Row>]) -> Vec<u64> {
    rows.iter().map(|row| row.seq.0).collect()
}
