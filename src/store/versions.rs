//! Whether anything has changed of what a name stands for, in fixed memory and without waiting for anybody. Pure.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::Execution;

/// Names that fall together share a number, so that one is thought changed when the other is: harmless, and rare.
const SLOTS: usize = 1 << 16;

/// For every name a number that moves when something changes of the executions that have it.
#[derive(Debug)]
pub(crate) struct Versions {
    slots: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl Default for Versions {
    fn default() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Versions {
    fn slot(&self, name: &str) -> &AtomicU64 {
        // The remainder is below the number of slots.
        &self.slots[self.hasher.hash_one(name) as usize % SLOTS]
    }

    /// The number of a name.
    pub(crate) fn of(&self, name: &str) -> u64 {
        self.slot(name).load(Ordering::SeqCst)
    }

    /// Notes that something has changed of who has this name. To be called before anybody is told that the change is
    /// made, and while nobody can read it: so who reads a number, and then rows, has all that the number stands for.
    pub(crate) fn moved(&self, name: &str) {
        self.slot(name).fetch_add(1, Ordering::SeqCst);
    }

    /// Notes that anything may have changed.
    pub(crate) fn all_moved(&self) {
        for slot in &self.slots {
            slot.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The same for all names of an execution: by a new one it may have joined others.
    pub(crate) fn moved_all(&self, execution: &Execution) {
        self.moved(&execution.key.id);
        for alias in &execution.aliases {
            self.moved(alias);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_moves_with_its_own_changes() {
        let versions = Versions::default();
        let before = versions.of("a");
        assert_eq!(versions.of("a"), before);
        versions.moved("a");
        assert_ne!(versions.of("a"), before);
    }

    #[test]
    fn few_names_move_with_another() {
        let versions = Versions::default();
        let names: Vec<String> = (0..10_000).map(|number| format!("name-{number}")).collect();
        versions.moved("another");
        let moved = names.iter().filter(|name| versions.of(name) != 0).count();
        assert!(moved < 10, "{moved} of 10,000");
    }
}
