//! Runs of Tekton: a PipelineRun is an execution and its TaskRuns and CustomRuns are elements; one that no
//! PipelineRun controls is an execution of its own. Pure.
//!
//! A TaskRun is called as the author of the Pipeline called its task; its uid tells those of a matrix apart. Its
//! Pods sit on its element, and its steps are elements beside it, once for each attempt. A task that was skipped has
//! no run; the PipelineRun tells of it, but not when: the PipelineRun's start stands, for every later state tells that
//! too.

mod observe;
mod outcome;
mod steps;
mod wire;

#[cfg(test)]
mod tests;

pub(super) use self::wire::Run;
use super::Source;
use super::seat::Seat;
use crate::model::Observation;

/// Turns PipelineRuns, TaskRuns and CustomRuns into observations.
#[derive(Debug, Default)]
pub(super) struct Runs;

impl Source for Runs {
    type Object = Run;

    fn observe(&mut self, seat: &Seat, run: &Run, gone: bool) -> Vec<Observation> {
        let uid = &run.metadata.uid;
        observe::transitions(seat, run, gone)
            .into_iter()
            .map(|(seat, transition)| transition.tell(&seat, uid))
            .collect()
    }
}
