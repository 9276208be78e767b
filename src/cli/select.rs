//! Which rows a command wants. Pure.

use super::client::{Query, Row};
use super::since::When;
use crate::model::Time;

/// Filters of rows; those that are given must all hold.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Which events")]
pub(super) struct Select {
    /// Normal or Warning
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// The reason's code, or the pair
    #[arg(long)]
    reason: Option<String>,
    /// Of this element
    #[arg(long, value_name = "ELEMENT")]
    elem_id: Option<String>,
    /// Of elements of this type
    #[arg(long, value_name = "TYPE")]
    elem_type: Option<String>,
    /// Of this action
    #[arg(long, value_name = "NAME")]
    action: Option<String>,
    /// Seen so long ago or later: 10m, 3d, or an RFC 3339 time
    #[arg(long, value_name = "WHEN")]
    since: Option<When>,
    /// Seen so long ago or earlier
    #[arg(long, value_name = "WHEN")]
    until: Option<When>,
    /// With this in reason, message or element; upper and lower case are equal
    #[arg(long, value_name = "TEXT")]
    contains: Option<String>,
}

impl Select {
    /// The server's part of it.
    pub(super) fn query(&self, now: Time) -> Query {
        let text = |key, value: &Option<String>| value.clone().map(|value| (key, value));
        let when = |key, value: Option<When>| value.map(|when| (key, when.time(now).to_exact()));
        [
            text("type", &self.event_type),
            text("reason", &self.reason),
            text("elemId", &self.elem_id),
            text("elemType", &self.elem_type),
            text("actionName", &self.action),
            when("since", self.since),
            when("until", self.until),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Our own part of it.
    pub(super) fn holds(&self, row: &Row) -> bool {
        let Some(wanted) = &self.contains else {
            return true;
        };
        let wanted = wanted.to_lowercase();
        let event = &row.event;
        [&event.reason, &event.message, &event.elem_id]
            .iter()
            .any(|text| text.to_lowercase().contains(&wanted))
    }
}
