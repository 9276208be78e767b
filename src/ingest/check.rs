//! The rules that every observation keeps, whoever tells it. Pure.

use std::fmt;

use crate::model::event::Texts;
use crate::model::{Body, Observation, Telling};

/// The highest count: Kubernetes' `int32`.
pub const MAX_COUNT: u64 = (1 << 31) - 1;
/// The largest event, in bytes of its texts.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;
/// The longest id, name or code, in bytes.
const MAX_NAME_BYTES: usize = 1024;

/// Which field is wrong, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// As it is called on the wire.
    pub field: &'static str,
    /// What is wrong with it, in words.
    pub problem: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

/// Refuses what would break a law of the rows. [`Handle::submit`](super::Handle::submit) asks it of every
/// observation; who wants to leave out the bad ones asks before.
///
/// # Errors
///
/// The first field that is wrong.
pub fn check(observation: &Observation) -> Result<(), Invalid> {
    let key = match observation {
        Observation::Event(telling) => {
            event(telling)?;
            &telling.execution
        }
        Observation::Execution(fact) => &fact.key,
        Observation::Correlation(correlation) => &correlation.execution,
    };
    if key.id.is_empty() {
        return Err(Invalid {
            field: "execution",
            problem: "is empty".into(),
        });
    }
    name("execution", &key.id)
}

fn event(telling: &Telling) -> Result<(), Invalid> {
    if telling.count == 0 || telling.count > MAX_COUNT {
        let problem = format!("is {}, and must be from 1 to {MAX_COUNT}", telling.count);
        return Err(Invalid {
            field: "count",
            problem,
        });
    }
    if telling.last < telling.first {
        let problem = format!(
            "is {}, before firstTimestamp {}",
            telling.last, telling.first
        );
        return Err(Invalid {
            field: "lastTimestamp",
            problem,
        });
    }
    let key = &telling.key;
    if key.code.is_empty() {
        return Err(Invalid {
            field: "reason",
            problem: "is empty".into(),
        });
    }
    name("reason", &key.code)?;
    name("elemId", &telling.body.elem_id)?;
    name("elemType", &key.elem_type)?;
    name("actionName", &key.action)?;
    name("type", key.event_type.as_str())?;
    name("metadata.name", &telling.name)?;
    name("metadata.namespace", &telling.body.namespace)?;
    name("involvedObject.name", &telling.body.involved.name)?;
    name("involvedObject.namespace", &telling.body.involved.namespace)?;
    let bytes = event_size(telling);
    if bytes > MAX_EVENT_BYTES {
        let problem = format!("makes an event of {bytes} bytes, and {MAX_EVENT_BYTES} is the most");
        return Err(Invalid {
            field: largest(&telling.body),
            problem,
        });
    }
    Ok(())
}

fn name(field: &'static str, text: &str) -> Result<(), Invalid> {
    if text.len() > MAX_NAME_BYTES {
        let problem = format!(
            "is {} bytes long, and {MAX_NAME_BYTES} is the most",
            text.len()
        );
        return Err(Invalid { field, problem });
    }
    Ok(())
}

/// About how many bytes an observation holds in memory.
pub(super) fn size(observation: &Observation) -> usize {
    const FIXED: usize = 512;
    match observation {
        Observation::Event(telling) => FIXED + event_size(telling),
        Observation::Execution(_) | Observation::Correlation(_) => FIXED,
    }
}

fn event_size(telling: &Telling) -> usize {
    let params = bytes_of(&telling.body.params);
    sizes(&telling.body)
        .iter()
        .fold(params, |sum, (_, bytes)| sum + bytes)
}

/// The field that most of an event's bytes are in.
fn largest(body: &Body) -> &'static str {
    let sizes = sizes(body).into_iter();
    sizes
        .max_by_key(|(_, bytes)| *bytes)
        .map_or("message", |(field, _)| field)
}

/// The fields without a bound of their own, with their bytes.
fn sizes(body: &Body) -> [(&'static str, usize); 4] {
    [
        ("reason", body.reason.len()),
        ("labels", bytes_of(&body.labels)),
        ("payload", body.payload.as_deref().map_or(0, str::len)),
        ("message", body.message.len()),
    ]
}

fn bytes_of(texts: &Texts) -> usize {
    texts
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum()
}
