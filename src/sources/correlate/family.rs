//! What an object is within the execution of the owner that controls it. Pure.

use crate::sources::object::{Kind, Meta};
use crate::sources::seat::Seat;
use crate::sources::{argo, kubegene};

/// The seat of an object of `kind` whose owner, of kind `of`, sits on `owner`.
pub(super) fn seat(owner: &Seat, of: Kind, kind: Kind, meta: &Meta) -> Seat {
    let seat = match (of, kind) {
        (Kind::Workflow, Kind::Pod) => argo::node_of(owner, meta),
        (Kind::Kubegene, Kind::Job) => Some(kubegene::vertex_of(owner, meta)),
        _ => None,
    };
    seat.unwrap_or_else(|| owner.beside(kind, meta))
}
