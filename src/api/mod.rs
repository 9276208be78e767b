//! The front doors: one folder for each wire dialect, every route on one page.
//!
//! A dialect turns what its clients send into observations and rows into what its clients read; it knows no store
//! and no source. `/v1` is the native dialect. Does I/O through axum only.

mod answer;
mod asked;
mod body;
mod dataflow;
mod gathered;
mod genomcore;
mod nublado;
mod operations;
mod prefect;
mod rights;
mod router;
mod state;
mod v1;

pub use self::body::Bodies;
pub use self::prefect::PREFECT as PREFECT_VERSION;
pub use self::router::{openapi, refuse, router};
pub use self::state::{State, StreamTimings, Tools};
pub use self::v1::Answers;
