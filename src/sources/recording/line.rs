//! The lines of a recording: a header, then what was delivered. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Time;
use crate::sources::watch::Change;
use crate::sources::watched::Watched;

/// The format that is written and read.
pub(super) const FORMAT: u32 = 1;
/// What the header calls itself.
const NAME: &str = "dagtrail";

/// The first line: what it is, and what besides the lines decides what they come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    recording: String,
    format: u32,
    /// The dagtrail that has written it.
    version: String,
    /// The cluster's name in origins.
    pub cluster: String,
    /// How long the API server keeps an Event.
    event_ttl_nanoseconds: u64,
    /// The label by which a Pod is somebody's Nublado lab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) nublado_user_label: Option<String>,
    /// What was watched.
    pub(super) kinds: Vec<Watched>,
}

impl Header {
    pub(in crate::sources) fn new(cluster: &str, event_ttl: Duration) -> Self {
        Self {
            recording: NAME.into(),
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            cluster: cluster.into(),
            event_ttl_nanoseconds: u64::try_from(event_ttl.as_nanos()).unwrap_or(u64::MAX),
            nublado_user_label: None,
            kinds: Watched::ALL.to_vec(),
        }
    }

    pub(in crate::sources) fn with_labs(self, label: Option<&str>) -> Self {
        Self {
            nublado_user_label: label.map(str::to_owned),
            ..self
        }
    }

    /// How long the API server keeps an Event.
    #[must_use]
    pub const fn event_ttl(&self) -> Duration {
        Duration::from_nanos(self.event_ttl_nanoseconds)
    }
}

/// Why a first line is no header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoHeader {
    /// It is something else, which is described.
    Foreign(String),
    /// It is one of this format.
    Format(u64),
}

/// Reads the first line. Its format is looked at first: everything else may be different in another one.
pub(super) fn header(line: &str) -> Result<Header, NoHeader> {
    #[derive(Deserialize)]
    struct Sign {
        recording: String,
        format: u64,
    }
    let foreign = |problem: String| NoHeader::Foreign(problem);
    if line.trim().is_empty() {
        return Err(foreign("it is empty".into()));
    }
    let sign: Sign = serde_json::from_str(line)
        .map_err(|error| foreign(format!("its first line is no header ({error})")))?;
    if sign.recording != NAME {
        return Err(foreign(format!("its first line says {:?}", sign.recording)));
    }
    if sign.format != u64::from(FORMAT) {
        return Err(NoHeader::Format(sign.format));
    }
    serde_json::from_str(line)
        .map_err(|error| foreign(format!("its header cannot be read ({error})")))
}

/// One thing that has happened. `C`: changes, owned or borrowed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sources) enum What<C = Vec<Change>> {
    /// Sources began to work, and knew nothing but what the store knows.
    Started,
    /// A kind's watch has delivered this together.
    Told { kind: Watched, changes: C },
    /// A kind's list or watch has ended. Nothing follows from it: what it leads to is told.
    Interrupted { kind: Watched, reason: String },
    /// It was looked who had waited for long enough.
    Ticked,
    /// The recording was ended in order, for now or for good.
    Ended,
}

#[derive(Serialize, Deserialize)]
struct Line<C> {
    at: String,
    what: What<C>,
}

/// Writes a line, with its end.
pub(super) fn write<C: Serialize>(at: Time, what: What<C>) -> Vec<u8> {
    let at = at.to_exact();
    line(&Line { at, what })
}

/// Writes the first line, with its end.
pub(super) fn write_header(header: &Header) -> Vec<u8> {
    line(header)
}

fn line(of: &impl Serialize) -> Vec<u8> {
    // Neither maps with keys that are no text nor failing types are among these.
    let mut bytes = serde_json::to_vec(of).expect("lines can be written as JSON");
    // Objects are kept as they came. In JSON a line's end is white space, or it is escaped.
    for byte in &mut bytes {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    bytes.push(b'\n');
    bytes
}

/// Reads a line.
pub(super) fn read(line: &str) -> Result<(Time, What), String> {
    let line: Line<Vec<Change>> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let at = Time::parse(&line.at).map_err(|problem| format!("at: {problem}"))?;
    Ok((at, line.what))
}
