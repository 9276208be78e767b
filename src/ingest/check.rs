//! The rules that every observation keeps, whoever tells it. Pure.

use std::fmt;

use crate::model::event::Texts;
use crate::model::{Body, Observation, Sample, Telling};

/// The highest count: Kubernetes' `int32`.
pub const MAX_COUNT: u64 = (1 << 31) - 1;
/// How much an event may hold; each dialect says its own.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest event, in bytes of its texts.
    pub event: usize,
    /// The longest id, name or code, in bytes.
    pub name: usize,
}

impl Limits {
    /// Of the native dialect, and of what comes from a cluster.
    pub const NATIVE: Self = Self {
        event: 1024 * 1024,
        name: 1024,
    };

    /// No dialect may have more: Prefect's events have up to 1.5 MB, and names of up to 1024 characters.
    pub const WIDEST: Self = Self {
        event: 2 * 1024 * 1024,
        name: 4096,
    };
}

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
pub fn check(observation: &Observation, limits: Limits) -> Result<(), Invalid> {
    match observation {
        Observation::Event(telling) => event(telling, limits)?,
        Observation::Sample(sample) => measured(sample, limits)?,
        Observation::Execution(_) | Observation::Correlation(_) => {}
    }
    let key = observation.execution();
    if key.id.is_empty() {
        return Err(Invalid {
            field: "execution",
            problem: "is empty".into(),
        });
    }
    limits.name("execution", &key.id)
}

fn event(telling: &Telling, limits: Limits) -> Result<(), Invalid> {
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
    limits.name("reason", &key.code)?;
    limits.name("elemId", &telling.body.elem_id)?;
    limits.name("elemType", &key.elem_type)?;
    limits.name("actionName", &key.action)?;
    limits.name("type", key.event_type.as_str())?;
    limits.name("metadata.name", &telling.name)?;
    limits.name("metadata.namespace", &telling.body.namespace)?;
    let involved = &telling.body.involved;
    limits.name("involvedObject.name", &involved.name)?;
    limits.name("involvedObject.namespace", &involved.namespace)?;
    let (bytes, most) = (event_size(telling), limits.event);
    if bytes > most {
        let problem = format!("makes an event of {bytes} bytes, and {most} is the most");
        return Err(Invalid {
            field: largest(&telling.body),
            problem,
        });
    }
    Ok(())
}

fn measured(sample: &Sample, limits: Limits) -> Result<(), Invalid> {
    limits.name("elemId", &sample.element)?;
    limits.name("sample", &sample.name)?;
    let (bytes, most) = (sample.value.len(), limits.event);
    if bytes > most {
        let problem = format!("is a sample of {bytes} bytes, and {most} is the most");
        return Err(Invalid {
            field: "value",
            problem,
        });
    }
    Ok(())
}

impl Limits {
    fn name(self, field: &'static str, text: &str) -> Result<(), Invalid> {
        if text.len() > self.name {
            let (bytes, most) = (text.len(), self.name);
            let problem = format!("is {bytes} bytes long, and {most} is the most");
            return Err(Invalid { field, problem });
        }
        Ok(())
    }
}

/// About how many bytes an observation holds in memory.
pub(super) fn size(observation: &Observation) -> usize {
    const FIXED: usize = 512;
    match observation {
        Observation::Event(telling) => FIXED + event_size(telling),
        Observation::Sample(sample) => FIXED + sample.value.len(),
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
fn sizes(body: &Body) -> [(&'static str, usize); 5] {
    [
        ("reason", body.reason.len()),
        ("labels", bytes_of(&body.labels)),
        ("payload", body.payload.as_deref().map_or(0, str::len)),
        ("message", body.message.len()),
        (
            "event",
            body.wire.as_ref().map_or(0, |wire| wire.item.len()),
        ),
    ]
}

fn bytes_of(texts: &Texts) -> usize {
    texts
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum()
}
