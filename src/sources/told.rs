//! What a source has told already, so that every update of an object does not tell its whole life again. Pure.

use std::hash::{BuildHasher, RandomState};

use super::recent::Recent;
use crate::model::{Digest, Observation};

/// Transitions and facts that are remembered. Forgetting one costs a duplicate telling, which changes nothing.
const REMEMBERED: usize = 32 * 1024;

/// Remembers the latest telling of each origin and the latest fact of each execution, as a hash.
#[derive(Debug)]
pub(super) struct Told {
    origins: Recent<Digest, u64>,
    facts: Recent<u64, ()>,
    hasher: RandomState,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            origins: Recent::new(REMEMBERED),
            facts: Recent::new(REMEMBERED),
            hasher: RandomState::new(),
        }
    }
}

impl Told {
    /// Keeps what was not told yet, in order; facts come last, and go with everything that is new: an execution that
    /// was deleted and goes on begins anew with its next event, and has no name without them.
    pub(super) fn news(&mut self, observations: Vec<Observation>) -> Vec<Observation> {
        let is_fact = |one: &Observation| matches!(one, Observation::Execution(_));
        let (facts, mut news): (Vec<_>, Vec<_>) = observations.into_iter().partition(is_fact);
        news.retain(|observation| self.is_news(observation));
        let events = news.iter().any(|one| matches!(one, Observation::Event(_)));
        for fact in facts {
            if self.is_news(&fact) || events {
                news.push(fact);
            }
        }
        news
    }

    fn is_news(&mut self, observation: &Observation) -> bool {
        match observation {
            Observation::Event(telling) => {
                let origin = telling.origin.digest();
                let said = (telling.count, telling.first, telling.last);
                let hash = self.hasher.hash_one((said, telling.body.digest()));
                if self
                    .origins
                    .get(&origin)
                    .is_some_and(|known| *known == hash)
                {
                    return false;
                }
                self.origins.insert(origin, hash);
                true
            }
            Observation::Execution(fact) => {
                let names = fact.identity.as_ref().map(|identity| {
                    let group = (&identity.engine, &identity.group, &identity.kind);
                    (group, &identity.namespace, &identity.name)
                });
                let told = (&fact.key, names, fact.created, &fact.aliases);
                let hash = self.hasher.hash_one(told);
                let known = self.facts.get(&hash).is_some();
                if !known {
                    self.facts.insert(hash, ());
                }
                !known
            }
            Observation::Correlation(_) | Observation::Sample(_) => true,
        }
    }
}
