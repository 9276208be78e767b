//! Where each declared element stands, as its rows tell it. Pure.

use std::collections::HashMap;

use crate::crd::{Element, ElementStatus, Phase};
use crate::model::Time;

use super::fact::{Entered, Fact};
use super::status::timestamp;

/// The declared elements of one execution.
#[derive(Debug)]
pub(super) struct Elements<'a> {
    declared: &'a [Element],
    by_id: HashMap<&'a str, usize>,
    standing: Vec<Standing>,
}

/// One element.
#[derive(Clone, Copy, Debug)]
struct Standing {
    /// Since when, and how far that phase is.
    at: (Time, u8),
    phase: Phase,
    /// The start of the first attempt.
    started: Option<Time>,
}

impl<'a> Elements<'a> {
    /// All of them, before anything was told.
    pub(super) fn new(declared: &'a [Element]) -> Self {
        let pending = Standing {
            at: (Time::MIN, 0),
            phase: Phase::Pending,
            started: None,
        };
        Self {
            declared,
            by_id: declared
                .iter()
                .enumerate()
                .map(|(at, element)| (&*element.id, at))
                .collect(),
            standing: vec![pending; declared.len()],
        }
    }

    /// Takes in what a row tells. The latest phase stands: an element may be tried again after its end. Of two told
    /// of one time the one further on stands, so the order of rows does not matter.
    pub(super) fn tell(&mut self, fact: &Fact, entered: &Entered) {
        let by_id = |id: &str| self.by_id.get(id).copied();
        let Some(at) = by_id(&entered.elem_id).or_else(|| by_id(&entered.element)) else {
            return;
        };
        let standing = &mut self.standing[at];
        let told = (fact.last, rank(entered.phase));
        if told > standing.at {
            standing.at = told;
            standing.phase = entered.phase;
        }
        if entered.phase == Phase::Running {
            standing.started = Some(
                standing
                    .started
                    .map_or(fact.first, |known| known.min(fact.first)),
            );
        }
    }

    /// Where the elements together have got to; `None` if none is declared.
    ///
    /// They have ended when each has, or cannot start any more because one that has to succeed before it has not.
    /// dagtrail runs nothing, so an engine may still try again: then they are running again.
    pub(super) fn together(&self) -> Option<Phase> {
        if self.declared.is_empty() {
            return None;
        }
        let blocked = self.blocked();
        let phases = || self.standing.iter().map(|standing| standing.phase);
        let ended = phases()
            .zip(&blocked)
            .all(|(phase, blocked)| phase.is_terminal() || *blocked);
        Some(if ended {
            let worst = phases().filter(|phase| phase.is_terminal());
            match worst.max_by_key(|phase| rank(*phase)) {
                Some(Phase::Skipped) | None => Phase::Succeeded,
                Some(phase) => phase,
            }
        } else if phases().all(|phase| phase == Phase::Pending) {
            Phase::Pending
        } else {
            Phase::Running
        })
    }

    /// When the first attempt of any of them started.
    pub(super) fn started(&self) -> Option<Time> {
        self.standing.iter().filter_map(|one| one.started).min()
    }

    /// When anything was last told of any of them.
    pub(super) fn latest(&self) -> Option<Time> {
        let told = self.standing.iter().map(|one| one.at.0);
        told.max().filter(|at| *at > Time::MIN)
    }

    /// As `status` shows them, in the order of the spec.
    pub(super) fn show(&self) -> Vec<ElementStatus> {
        let show = |(element, standing): (&Element, &Standing)| ElementStatus {
            id: element.id.clone(),
            phase: standing.phase,
            started_at: standing.started.map(timestamp),
            finished_at: standing
                .phase
                .is_terminal()
                .then(|| timestamp(standing.at.0)),
        };
        self.declared.iter().zip(&self.standing).map(show).collect()
    }

    /// Which have not started, and wait in vain for the success of another.
    fn blocked(&self) -> Vec<bool> {
        let mut blocked = vec![false; self.declared.len()];
        loop {
            let in_vain = |at: usize, blocked: &[bool]| {
                let phase = self.standing[at].phase;
                let failed =
                    phase.is_terminal() && !matches!(phase, Phase::Succeeded | Phase::Skipped);
                failed || blocked[at]
            };
            let mut more = false;
            for (at, element) in self.declared.iter().enumerate() {
                if blocked[at] || self.standing[at].phase != Phase::Pending {
                    continue;
                }
                let mut needs = element
                    .depends_on
                    .iter()
                    .filter_map(|id| self.by_id.get(&**id));
                if needs.any(|needed| in_vain(*needed, &blocked)) {
                    blocked[at] = true;
                    more = true;
                }
            }
            if !more {
                return blocked;
            }
        }
    }
}

/// How far on a phase is; among the ends, how bad.
const fn rank(phase: Phase) -> u8 {
    match phase {
        Phase::Pending => 0,
        Phase::Running => 1,
        Phase::Skipped => 2,
        Phase::Succeeded => 3,
        Phase::Cancelled => 4,
        Phase::Failed => 5,
        Phase::Error => 6,
    }
}
