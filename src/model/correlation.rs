//! To which execution and element a cluster object belongs. Pure.

use super::execution::ExecutionKey;
use super::time::Time;

/// One entry of the index that outlives the object: Events about a Pod come after the Pod is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correlation {
    /// The object's uid.
    pub uid: Box<str>,
    /// The execution that it belongs to; decided at first sight.
    pub execution: ExecutionKey,
    /// The engine's unique id of the element.
    pub element: Box<str>,
    /// The element's name as shown.
    pub elem_id: Box<str>,
    /// `<Engine>.<kind>` of the element.
    pub elem_type: Box<str>,
    /// When the object was last told of, by the store's clock; entries are kept at least twice the Event TTL.
    pub seen: Time,
}
