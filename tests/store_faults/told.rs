//! What is told to a history, and what it then says of itself.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use dagtrail::model::{
    Body, Correlation, Digest, EventType, ExecutionFact, ExecutionFilter, ExecutionKey, Identity,
    Key, MessageKey, Observation, Origin, Policy, Sample, Seq, Telling, Time,
};
use dagtrail::store::{Batch, Bounds, Error, Options, Scope, Store};

/// A second.
const S: i64 = 1_000_000_000;

pub(crate) fn at(seconds: i64) -> Time {
    Time(seconds * S)
}

pub(crate) fn execution(id: &str) -> ExecutionKey {
    ExecutionKey::new("tenant", id)
}

/// Small, so that few origins go over them.
pub(crate) fn options() -> Options {
    Options {
        bounds: Bounds {
            origins: 2,
            ..Bounds::default()
        },
        checkpoint_every: None,
        ..Options::default()
    }
}

/// Checkpoints often, and writes to files as soon as nothing is told for a moment.
pub(crate) fn restless() -> Options {
    Options {
        fold_rows: 100,
        cached_rows: 50,
        log_bytes: 20_000,
        log_age: Duration::ZERO,
        checkpoint_every: Some(Duration::from_millis(20)),
        ..options()
    }
}

/// `origin` has seen it `count` times.
pub(crate) fn telling(id: &str, element: &str, origin: Origin, count: u64) -> Telling {
    let message = format!("back-off restarting failed container of {element}, 重启");
    Telling {
        execution: execution(id),
        key: Arc::new(Key {
            element: element.into(),
            elem_type: "Test.job".into(),
            action: "run".into(),
            event_type: EventType::from_text("Warning"),
            code: "BackOff".into(),
            involved_uid: format!("uid-{element}").into(),
            field_path: "".into(),
            message: MessageKey::of(&message),
        }),
        policy: Policy::Fold,
        origin,
        count,
        first: at(1),
        last: at(1 + count.cast_signed()),
        name: "name".into(),
        digests: None,
        body: Arc::new(Body {
            message: message.into(),
            reporter: "kubelet".into(),
            ..Body::default()
        }),
    }
}

/// A batch of every kind of observation; `round` makes it another one each time.
pub(crate) fn batch(round: u64) -> Batch {
    let id = format!("run-{}", round % 7);
    let element = format!("step-{}", round % 11);
    let counter = |origin: u64| Origin::Counter(Digest(u128::from(origin)));
    let mut observations = vec![
        Observation::Execution(ExecutionFact {
            key: execution(&id),
            identity: Some(Identity {
                name: format!("name of {id}").into(),
                ..Identity::default()
            }),
            created: Some(at(1)),
            aliases: vec![format!("alias-{id}").into()],
        }),
        Observation::Event(telling(&id, &element, counter(1 + round % 4), 1 + round)),
        Observation::Event(telling(
            &id,
            &element,
            Origin::Once(Digest(u128::from(1_000_000 + round))),
            1,
        )),
        Observation::Correlation(Correlation {
            uid: format!("uid-{}", round % 13).into(),
            execution: execution(&id),
            element: element.as_str().into(),
            elem_id: "shown".into(),
            elem_type: "Test.job".into(),
            seen: at(1 + round.cast_signed()),
        }),
    ];
    if round.is_multiple_of(3) {
        observations.push(Observation::Sample(Sample {
            execution: execution(&id),
            element: element.as_str().into(),
            name: "progress".into(),
            at: at(round.cast_signed()),
            value: format!("{{\"done\":{round}}}").into(),
        }));
    }
    Batch {
        observations,
        now: at(1 + round.cast_signed()),
    }
}

/// All that a history says, as one text: the canonical dump, every `Seq`, and what stands besides the rows.
pub(crate) fn spoken(store: &dyn Store) -> Result<String, Error> {
    let mut bytes = Vec::new();
    dagtrail::dump::write(store, &mut bytes).map_err(|error| match error {
        dagtrail::dump::Error::Store(error) => error,
        dagtrail::dump::Error::Write(error) => panic!("memory takes all: {error}"),
    })?;
    let mut text = String::from_utf8(bytes).unwrap();
    let (all, _) = store.executions(&ExecutionFilter::default(), 0, usize::MAX)?;
    let mut keys: Vec<_> = all.into_iter().map(|execution| execution.key).collect();
    keys.sort();
    for key in keys {
        let changes = store.changes(&Scope::Executions(vec![key.clone()]), Seq(0), usize::MAX)?;
        for row in changes.rows {
            writeln!(text, "{} {} {}", row.seq, row.id.0, row.count()).unwrap();
        }
        let found = store.united(&format!("alias-{}", key.id))?;
        writeln!(text, "{} alias", found.len()).unwrap();
    }
    for uid in 0..13 {
        let found = store.correlation(&format!("uid-{uid}"))?;
        writeln!(text, "{found:?}").unwrap();
    }
    Ok(text)
}
