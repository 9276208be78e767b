//! dagtrail keeps the trail that every DAG execution leaves.
//!
//! One way, two halves: observations go `sources, api → ingest → store`, history goes `store → live, query → api,
//! controller`. Each room knows only the rooms below it; `tests/layers.rs` holds the table.

pub mod api;
pub mod app;
pub mod cli;
pub mod controller;
pub mod crd;
pub mod dump;
pub mod ingest;
pub mod live;
pub mod model;
pub mod moving;
pub mod query;
pub mod retention;
pub mod server;
pub mod sources;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod ui;
