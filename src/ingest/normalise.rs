//! Fills in what can be known from the rest. Pure.

use crate::model::Observation;

/// An event without a name gets `<involved object or execution>.<hexadecimal nanoseconds of its first time>`, as
/// client-go names Events.
pub(super) fn observation(observation: &mut Observation) {
    let Observation::Event(telling) = observation else {
        return;
    };
    if !telling.name.is_empty() {
        return;
    }
    let involved = &telling.body.involved.name;
    let subject = if involved.is_empty() {
        &*telling.execution.id
    } else {
        involved
    };
    telling.name = format!("{subject}.{}", telling.first.to_hex()).into();
}
