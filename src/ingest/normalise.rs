//! Fills in what can be known from the rest. Pure.

use crate::model::{Observation, Time};

/// An event without a name gets one.
pub(super) fn observation(observation: &mut Observation) {
    let Observation::Event(telling) = observation else {
        return;
    };
    if telling.name.is_empty() {
        let involved = &telling.body.involved.name;
        telling.name = name_for(involved, &telling.execution.id, telling.first).into();
    }
}

/// The name of an event that was given none: `<involved object, else execution>.<hexadecimal nanoseconds of its
/// first time>`, as client-go names Events.
#[must_use]
pub fn name_for(involved: &str, execution: &str, first: Time) -> String {
    let subject = if involved.is_empty() {
        execution
    } else {
        involved
    };
    format!("{subject}.{}", first.to_hex())
}
