//! The Kubernetes types this project owns: `Execution` v1alpha1 in the group `dagtrail.dev`.
//!
//! The Rust types are the source; the definitions in `crds/`, in the chart and in the manifest are
//! written from them, and a test refuses any difference. Pure.

#![expect(
    unreachable_pub,
    reason = "KubeSchema repeats each struct, with its `pub`, inside a function"
)]

pub mod label;

mod definition;
mod element;
mod execution;
mod phase;
mod status;
#[cfg(test)]
mod tests;

pub use self::{
    definition::{all, yaml},
    element::{Element, ObjectRef},
    execution::{Execution, ExecutionSpec},
    phase::Phase,
    status::{CONDITION_RECORDING, CONDITION_SUCCEEDED, ElementStatus, ExecutionStatus, LastEvent},
};
