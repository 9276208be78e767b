//! The rules that every observation keeps, whoever tells it. Pure.

use std::fmt;

use crate::model::{Observation, Telling};

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
            field: "message",
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
    let body = &telling.body;
    let texts = body
        .params
        .iter()
        .chain(&body.labels)
        .map(|(key, value)| key.len() + value.len())
        .sum::<usize>();
    body.message.len() + body.reason.len() + texts + body.payload.as_deref().map_or(0, str::len)
}
