//! A map that forgets what was not touched for long, so that its size is bounded. Pure.

use std::collections::HashMap;
use std::hash::Hash;

/// Two generations: when the younger is full it becomes the older, and what was in the older is forgotten.
///
/// What is touched moves into the younger one. At most twice the bound is kept, and nothing that is among the
/// last `bound` touched is forgotten; a plain `HashMap` underneath, with no list to keep in order.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    bound: usize,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            bound: bound.max(1),
        }
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.old.remove(&key);
        if self.young.len() >= self.bound && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.young.values_mut().chain(self.old.values_mut())
    }

    pub(super) fn get(&mut self, key: &K) -> Option<&mut V>
    where
        K: Clone,
    {
        if let Some(value) = self.old.remove(key) {
            self.insert(key.clone(), value);
        }
        self.young.get_mut(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_touched_stays_and_the_rest_is_forgotten() {
        let mut recent = Recent::new(2);
        recent.insert(0, ());
        for key in 1..100 {
            recent.insert(key, ());
            assert!(recent.get(&0).is_some());
        }
        assert!(recent.get(&50).is_none());
        assert!(recent.young.len() + recent.old.len() <= 4);
    }
}
