//! JSON as Google's API servers read it into messages of protocol buffers, by the rules of the proto3 JSON mapping
//! (<https://protobuf.dev/programming-guides/json/>).
//!
//! ```text
//! text ─ node ─► Node ─ decode, by schema ─► canonical JSON, or every violation with its place
//! ```
//!
//! What comes out is what a server would print of the message: `lowerCamelCase` names, 64-bit numbers as texts, times in
//! UTC, defaults left out, keys of maps in order. Nothing here knows dagtrail. Pure.

mod decode;
mod node;
mod scalar;
pub(super) mod schema;
mod time;

pub(super) use self::decode::{Violation, decode};
pub(super) use self::node::{Items, Node};
pub(super) use self::schema::{REQUEST, WORKER_MESSAGE};
