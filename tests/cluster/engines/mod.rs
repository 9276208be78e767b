//! Runs of workflow engines, played through the real API server: their timelines are golden files. Does I/O.
//!
//! ```text
//! crds/      permissive definitions of the engines' kinds, ours
//! scripts/   what an engine writes while a run goes on, step by step (player.rs says how)
//! golden/    <script>.zh and <script>.en, written only by UPDATE_GOLDEN=1 and only from such a run
//! ```

mod argo;
mod batch;
mod golden;
mod kubegene;
mod kueue;
mod pack;
mod player;
mod recorded;
mod stage;
mod tekton;
mod volcano;

pub(crate) use self::stage::install;
