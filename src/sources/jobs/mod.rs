//! Jobs of batch/v1: each is an execution of its own, or an element of one that claims it. Pure.
//!
//! A CronJob is no execution: its name is a label on what its Jobs tell.
//!
//! A Job that is deleted before its end is told to be cancelled, when its deletion was asked for, or, where the
//! object does not say so, at its last sign of life: our own clock is never asked. One that vanishes while no watch
//! is open stays open: it may have ended and been collected, and nothing tells.

mod observe;
mod wire;

#[cfg(test)]
mod tests;

pub(super) use self::wire::Job;
use super::recent::Recent;
use super::seat::Seat;
use super::{Source, kubegene};
use crate::crd::label;
use crate::model::Observation;

/// Jobs whose numbers are remembered.
const REMEMBERED: usize = 16 * 1024;

/// How many Pods of a Job have come to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Numbers {
    failed: u64,
    succeeded: u64,
    created: u64,
}

/// Turns Jobs into observations.
#[derive(Debug)]
pub(super) struct Jobs {
    /// By uid, the numbers of Pods when they were last told: the status does not say when, so an update that leaves
    /// a number as it was is no news of it.
    numbers: Recent<Box<str>, Numbers>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            numbers: Recent::new(REMEMBERED),
        }
    }
}

impl Source for Jobs {
    type Object = Job;

    fn observe(&mut self, seat: &Seat, job: &Job, gone: bool) -> Vec<Observation> {
        let uid = &job.metadata.uid;
        let known = self.numbers.get(uid).copied().unwrap_or_default();
        let seen = Numbers {
            failed: job.status.failed,
            succeeded: job.status.succeeded,
            created: job.status.created().max(known.created),
        };
        if seen != known {
            self.numbers.insert(uid.clone(), seen);
        }
        let transitions = observe::transitions(seat, job, known, gone);
        let teller = kubegene::teller(seat, &job.metadata).unwrap_or(uid);
        let cron = job.metadata.cron_job().unwrap_or_default();
        transitions
            .into_iter()
            .map(|transition| transition.label(label::CRON_JOB, cron).tell(seat, teller))
            .collect()
    }
}
