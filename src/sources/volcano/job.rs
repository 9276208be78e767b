//! What a Job's states say has happened to it. Pure.
//!
//! Volcano keeps every state that a Job was in, with its time: so any state tells the whole life before it.

use super::wire::{Job, State};
use crate::model::Time;
use crate::sources::derive::Transition;
use crate::sources::seat::Seat;

/// A Job's life so far.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) transitions: Vec<Transition>,
    /// Which attempt the present one is, from 0: a restart after an end begins another.
    pub(super) attempt: u64,
    /// When the present attempt first ran.
    pub(super) started: Option<Time>,
    /// Whether it was ever seen running.
    pub(super) has_run: bool,
    /// How the present attempt has ended.
    pub(super) end: Option<Transition>,
    /// Whether it has ended as it should: then each of its tasks has run, also those that waited for others.
    pub(super) completed: bool,
}

/// The life up to this state.
pub(super) fn life(seat: &Seat, job: &Job, gone: bool) -> Life {
    let meta = &job.metadata;
    let created = meta.creation_timestamp.0;
    let mut walk = Walk::new(seat.action(), &job.status.state);
    if let Some(at) = created.filter(|_| seat.is_execution()) {
        walk.found.push(Transition::new("Created", "create", at));
    }
    for (phase, at) in states(job) {
        walk.enter(phase, at);
    }
    walk.retried(job.status.retry_count);
    if gone && walk.end.is_none() {
        let last = states(job).last().map(|(_, at)| *at).or(created);
        if let Some(at) = meta.deletion_asked().or(last) {
            walk.finish(Transition::new("Cancelled", "cancel", at));
        }
    }
    walk.done()
}

/// The states in order, each with since when.
fn states(job: &Job) -> Vec<(&str, Time)> {
    let status = &job.status;
    let mut since = job.metadata.creation_timestamp.0;
    let mut states = Vec::new();
    for condition in &status.conditions {
        since = condition.last_transition_time.0.or(since);
        states.extend(since.map(|at| (&*condition.status, at)));
    }
    let last = &status.state;
    let known = states
        .last()
        .is_some_and(|(phase, _)| **phase == *last.phase);
    if !known && !last.phase.is_empty() {
        let at = last.last_transition_time.0.or(since);
        states.extend(at.map(|at| (&*last.phase, at)));
    }
    states
}

/// Goes through the states of a Job.
#[derive(Debug)]
struct Walk<'a> {
    action: &'static str,
    state: &'a State,
    found: Vec<Transition>,
    attempt: u64,
    queued: bool,
    started: Option<Time>,
    has_run: bool,
    end: Option<Transition>,
    completed: bool,
    /// How often, first and last it was restarted.
    restarts: Option<(u64, Time, Time)>,
}

impl<'a> Walk<'a> {
    fn new(action: &'static str, state: &'a State) -> Self {
        Self {
            action,
            state,
            found: Vec::new(),
            attempt: 0,
            queued: false,
            started: None,
            has_run: false,
            end: None,
            completed: false,
            restarts: None,
        }
    }

    fn enter(&mut self, phase: &str, at: Time) {
        match phase {
            "Pending" if !self.queued => {
                self.queued = true;
                self.found.push(Transition::new("Queued", "queue", at));
            }
            "Running" | "Completing" => {
                self.has_run = true;
                self.start(at);
            }
            "Restarting" => {
                let (count, first, _) = self.restarts.unwrap_or((0, at, at));
                self.restarts = Some((count + 1, first, at));
                // It is tried again after its end: that is another attempt.
                if self.end.take().is_some() {
                    self.attempt += 1;
                    self.completed = false;
                    self.started = None;
                }
            }
            "Completed" => {
                self.completed |= self.end.is_none();
                let end = Transition::new("SuccessfulFinish", self.action, at);
                self.finish(end.param("engine_reason", phase));
            }
            "Failed" => self.finish(
                self.because("FailedFinish", self.action, phase, at)
                    .warning(),
            ),
            "Aborted" | "Terminated" => self.finish(self.because("Cancelled", "cancel", phase, at)),
            _ => {}
        }
    }

    fn because(&self, code: &'static str, action: &str, phase: &str, at: Time) -> Transition {
        let State {
            reason, message, ..
        } = self.state;
        let end = Transition::new(code, action, at);
        // Only of the present state it is known why.
        if *self.state.phase != *phase || reason.is_empty() {
            return end.param("engine_reason", phase).param("detail", message);
        }
        end.because(reason, message)
    }

    fn start(&mut self, at: Time) {
        if self.started.is_none() {
            self.started = Some(at);
            let start = Transition::new("ActionStart", self.action, at);
            self.found.push(start.of_attempt(self.attempt));
        }
    }

    fn finish(&mut self, end: Transition) {
        if self.end.is_none() {
            self.start(end.at());
            let end = end.of_attempt(self.attempt);
            self.found.push(end.clone());
            self.end = Some(end);
        }
    }

    /// The Job's own count tells of restarts whose states it has dropped.
    fn retried(&mut self, count: u64) {
        let seen = self.restarts.or_else(|| {
            let at = self.started?;
            (count > 0).then_some((0, at, at))
        });
        if let Some((times, first, last)) = seen {
            let count = count.max(times);
            let retrying = Transition::new("Retrying", "retry", first).warning();
            let retrying = retrying.times(count, last).following_end();
            let attempt = count.saturating_add(1).to_string();
            self.found.push(retrying.param("attempt", &attempt));
        }
    }

    fn done(self) -> Life {
        Life {
            transitions: self.found,
            attempt: self.attempt,
            started: self.started,
            has_run: self.has_run,
            end: self.end,
            completed: self.completed,
        }
    }
}
