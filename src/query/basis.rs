//! What an answer was made of, so that one can see whether it is still the answer. Pure.

use std::sync::Arc;

use super::{Reader, United};

/// The names by which some executions are one, with the number that each had, and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    names: Box<[(Box<str>, u64)]>,
    tenants: Box<[Arc<str>]>,
}

impl Reader {
    /// The basis of what is made of executions that an id names. To be taken before they are looked up for the answer:
    /// see [`Basis::covers`]. `None` if this reader may not see all of them: then nobody can say for whom else the
    /// answer is right.
    #[must_use]
    pub fn basis(&self, id: &str, united: &United) -> Option<Basis> {
        if !united.is_whole {
            return None;
        }
        let mut names = united.names();
        names.push(id);
        names.sort_unstable();
        names.dedup();
        let numbered = names
            .into_iter()
            .map(|name| (name.into(), self.store.version(name)));
        let mut tenants: Vec<_> = (united.executions.iter())
            .map(|execution| execution.key.tenant.clone())
            .collect();
        tenants.sort_unstable();
        tenants.dedup();
        Some(Basis {
            names: numbered.collect(),
            tenants: tenants.into(),
        })
    }

    /// Whether what was made on a basis is right still, and this reader may see it. Never waits.
    #[must_use]
    pub fn holds(&self, basis: &Basis) -> bool {
        let store = &self.store;
        basis.tenants.iter().all(|tenant| self.sees.hold(tenant))
            && basis
                .names
                .iter()
                .all(|(name, number)| store.version(name) == *number)
    }
}

impl Basis {
    /// Whether it speaks for these executions: it knows all their names. Asked when they were looked up after it was
    /// taken: what has changed between is in them, or moves a number of the basis.
    #[must_use]
    pub fn covers(&self, united: &United) -> bool {
        let known = |name: &&str| {
            let names = &self.names;
            names
                .binary_search_by(|(known, _)| (**known).cmp(name))
                .is_ok()
        };
        let mut tenants = united
            .executions
            .iter()
            .map(|execution| &execution.key.tenant);
        united.is_whole
            && united.names().iter().all(known)
            && tenants.all(|tenant| self.tenants.contains(tenant))
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        let names = self.names.iter().map(|(name, _)| name.len() + 32);
        names.sum::<usize>() + 16 * self.tenants.len()
    }
}

impl United {
    /// All ids and aliases, some of them more than once.
    fn names(&self) -> Vec<&str> {
        let executions = self.executions.iter();
        executions
            .flat_map(|execution| {
                let aliases = execution.aliases.iter().map(|alias| &**alias);
                aliases.chain([&*execution.key.id])
            })
            .collect()
    }
}
