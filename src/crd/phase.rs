//! The phase of an execution or of one of its elements, as `status` shows it. Pure.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where an execution or one of its elements stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Phase {
    /// Nothing of it has started.
    Pending,
    /// It has started and has not ended.
    Running,
    /// It ended as it should.
    Succeeded,
    /// It ran and ended with a failure of its own.
    Failed,
    /// It ended because the engine or the cluster could not carry it out.
    Error,
    /// Somebody ended it.
    Cancelled,
    /// The engine decided not to run it; of elements only.
    Skipped,
}

impl Phase {
    /// Whether nothing follows this phase in the same attempt.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }
}
