//! The domain: what an event, an execution and a count are, and the law by which tellings merge.
//!
//! ```text
//! Telling ("origin O has seen this N times so far, first at a, last at b")
//!    │  fold::apply            which row it belongs to, is it news
//!    ▼
//! Row { key, series }          series = the join of its origins' shares; count = Σ over origins of max N
//! ```
//!
//! Everything here is a value or a function of values. No other room is known here, and nothing waits,
//! reads or writes. Pure.

pub mod correlation;
pub mod diagnosis;
pub mod digest;
pub mod error;
pub mod event;
pub mod execution;
pub mod fold;
pub mod keep;
pub mod marks;
pub mod observation;
pub mod query;
pub mod sample;
pub mod saved;
pub mod seq;
pub mod series;
pub mod sight;
pub mod tenants;
pub mod time;
pub mod trail;

pub use correlation::Correlation;
pub use diagnosis::Diagnosis;
pub use digest::{Digest, Digester};
pub use error::Code;
pub use event::{Body, Dialect, EventType, InvolvedObject, Key, MessageKey, Row, RowId, Wire};
pub use execution::{Execution, ExecutionFact, ExecutionKey, Identity, Phase, Status};
pub use keep::{Rule, Rules, Verdict};
pub use marks::{Mark, Marks};
pub use observation::{Observation, Origin, Outcome, Policy, Telling};
pub use query::{ExecutionFilter, ExecutionSight, Filter, Order, Page, Position};
pub use sample::{Sample, Samples};
pub use saved::{Extent, Grave, Part, Saved, SavedRow};
pub use seq::Seq;
pub use series::{OriginShare, Series, Share};
pub use sight::Sight;
pub use tenants::Tenants;
pub use time::{Clock, Seconds, SystemClock, Time};
pub use trail::Trail;
