//! A place to wait: bounded in number and in age. Pure.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use crate::model::Time;

/// What waits for a key, in the order of arrival.
#[derive(Debug)]
pub(super) struct Lot<K, V> {
    waiting: BTreeMap<u64, (Time, K, V)>,
    by_key: HashMap<K, Vec<u64>>,
    next: u64,
    bound: usize,
}

impl<K: Clone + Eq + Hash, V> Lot<K, V> {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            waiting: BTreeMap::new(),
            by_key: HashMap::new(),
            next: 0,
            bound: bound.max(1),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Lets one wait. Gives the one that has waited longest if there are too many now.
    pub(super) fn park(&mut self, key: K, value: V, now: Time) -> Option<V> {
        self.by_key.entry(key.clone()).or_default().push(self.next);
        self.waiting.insert(self.next, (now, key, value));
        self.next += 1;
        if self.waiting.len() > self.bound {
            self.pop()
        } else {
            None
        }
    }

    /// All that wait for a key.
    pub(super) fn take(&mut self, key: &K) -> Vec<V> {
        let numbers = self.by_key.remove(key).unwrap_or_default();
        let taken = numbers
            .iter()
            .filter_map(|number| self.waiting.remove(number));
        taken.map(|(_, _, value)| value).collect()
    }

    /// Whether one has waited since that time or longer.
    pub(super) fn is_due(&self, since: Time) -> bool {
        let longest = self.waiting.values().next();
        longest.is_some_and(|(at, _, _)| *at <= since)
    }

    /// All that have waited since that time or longer.
    pub(super) fn expired(&mut self, since: Time) -> Vec<V> {
        let mut expired = Vec::new();
        while self.is_due(since) {
            expired.extend(self.pop());
        }
        expired
    }

    fn pop(&mut self) -> Option<V> {
        let (number, (_, key, value)) = self.waiting.pop_first()?;
        if let Some(numbers) = self.by_key.get_mut(&key) {
            numbers.retain(|other| *other != number);
            if numbers.is_empty() {
                self.by_key.remove(&key);
            }
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_puts_out_the_one_that_waited_longest() {
        let mut lot = Lot::new(2);
        assert_eq!(lot.park('a', 1, Time(1)), None);
        assert_eq!(lot.park('b', 2, Time(2)), None);
        assert_eq!(lot.park('a', 3, Time(3)), Some(1));
        assert_eq!(lot.take(&'a'), [3]);
        assert_eq!(lot.len(), 1);
    }

    #[test]
    fn the_expired_go_in_the_order_of_arrival() {
        let mut lot = Lot::new(9);
        for number in 0..5 {
            lot.park(number % 2, number, Time(number));
        }
        assert_eq!(lot.expired(Time(2)), [0, 1, 2]);
        assert_eq!(lot.take(&1), [3]);
        assert_eq!(lot.take(&0), [4]);
        assert!(lot.by_key.is_empty());
    }
}
