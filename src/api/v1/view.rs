//! How much of a row is shown: the eleven keys of the contract, or all that is known. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::beside::Beside;
use super::convert;
use super::error::Error;
use super::wire::{Event, Full, Measured, Original, Shown};
use crate::model::{Row, Sight};
use crate::text::Lang;

/// The code of rows that say that something may be missing.
const GAP: &str = "Gap";

static NO_SAMPLES: BTreeMap<&str, Measured<'_>> = BTreeMap::new();

/// Which keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum View {
    /// The eleven.
    #[default]
    Plain,
    /// The eleven and the others.
    Full,
}

impl View {
    /// Reads the value of the query's key.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "full" => Ok(Self::Full),
            _ => Err(Error::query(
                "view",
                format!("is {text:?}, and must be full or not given"),
            )),
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Full => "full",
        }
    }
}

/// Shows a row in the words of a language: with what is beside it in full, else in the plain view.
pub(super) fn shown<R>(
    row: &Row,
    lang: Lang,
    beside: Option<&Beside<'_>>,
    see: impl FnOnce(&Shown<'_>) -> R,
) -> R {
    convert::event(&Sight::of(row, &row.params()), lang, |event| match beside {
        None => see(&Shown::Event(event)),
        Some(beside) => full(row, beside, event, |full| see(&Shown::Full(full))),
    })
}

fn full<R>(
    row: &Row,
    beside: &Beside<'_>,
    event: &Event<'_>,
    see: impl FnOnce(&Full<'_>) -> R,
) -> R {
    let mark = beside.mark(row);
    let (body, total) = (row.body(), row.series.total());
    let payload = body.payload.as_deref().map(on_one_line);
    let payload = payload.as_deref().map(serde_json::from_str::<&RawValue>);
    see(&Full {
        event,
        uid: row.id.to_string(),
        origins: total.diagnosis.origins,
        reporter: &body.reporter,
        original: Original {
            reason: &body.reason,
            message: &body.message,
        },
        count_lower_bound: mark.at_least,
        unobserved: total.diagnosis.unobserved,
        aggregated: row.is_combined(),
        gap: &*row.key.code == GAP,
        status_only: mark.status_only,
        event_only: mark.event_only,
        labels: &body.labels,
        // What was stored was read as JSON before.
        payload: payload.and_then(Result::ok),
        samples: beside.samples(row).unwrap_or(&NO_SAMPLES),
    })
}

/// A row may be a line. Inside the texts of JSON there are no line breaks, between them they mean nothing.
fn on_one_line(json: &str) -> Cow<'_, str> {
    if json.contains(['\n', '\r']) {
        Cow::Owned(json.replace(['\n', '\r'], " "))
    } else {
        Cow::Borrowed(json)
    }
}
