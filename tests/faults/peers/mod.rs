//! What other ways to keep Events would have kept of the same run; dagtrail's error has to be 0. Does I/O.
//!
//! ```text
//! driver ──► kube-apiserver ──► dagtrail record ──► recording ──┬─► dagtrail replay ─► ours
//!    │ its own log                killed, ended,                └─► stream ─► exporters ─► theirs
//!    ▼                            begun again
//! truth ═══════════════════════════ beside ══════════════════════════════════► docs/peers.md
//! ```
//!
//! `make peers` writes the recording of testdata/ and docs/peers.md anew, from a run against a real API server.

mod compared;
mod exporters;
mod live;
mod page;
mod storm;
mod stream;
mod testdata;
mod truth;
mod watching;
