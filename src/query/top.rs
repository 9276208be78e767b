//! The first rows of an order, out of more than memory should hold. Pure.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::model::{Order, Row};

/// Keeps the first `limit` rows behind a key, in an order of keys. Each row needs a key of its own.
#[derive(Debug)]
pub struct Top<K> {
    order: Order,
    after: Option<K>,
    limit: usize,
    kept: BinaryHeap<Ranked<K>>,
    behind: u64,
}

#[derive(Debug)]
struct Ranked<K> {
    order: Order,
    key: K,
    row: Arc<Row>,
}

fn compare<K: Ord>(order: Order, a: &K, b: &K) -> Ordering {
    match order {
        Order::Ascending => a.cmp(b),
        Order::Descending => b.cmp(a),
    }
}

impl<K: Ord> Ord for Ranked<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(self.order, &self.key, &other.key)
    }
}

impl<K: Ord> PartialOrd for Ranked<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord> PartialEq for Ranked<K> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<K: Ord> Eq for Ranked<K> {}

impl<K: Ord> Top<K> {
    /// The first `limit` rows whose key comes behind `after` in this order.
    #[must_use]
    pub fn new(order: Order, after: Option<K>, limit: usize) -> Self {
        Self {
            order,
            after,
            limit,
            kept: BinaryHeap::new(),
            behind: 0,
        }
    }

    /// Takes a row into account.
    pub fn offer(&mut self, key: K, row: &Arc<Row>) {
        let order = self.order;
        if let Some(after) = &self.after
            && compare(order, &key, after).is_le()
        {
            return;
        }
        self.behind += 1;
        let full = self.kept.len() >= self.limit;
        if full
            && self
                .kept
                .peek()
                .is_none_or(|last| compare(order, &key, &last.key).is_ge())
        {
            return;
        }
        let row = row.clone();
        self.kept.push(Ranked { order, key, row });
        if full {
            self.kept.pop();
        }
    }

    /// The rows in order, and whether more follow.
    #[must_use]
    pub fn into_rows(self) -> (Vec<(K, Arc<Row>)>, bool) {
        let more = self.behind > self.kept.len() as u64;
        let ranked = self.kept.into_sorted_vec().into_iter();
        (
            ranked.map(|ranked| (ranked.key, ranked.row)).collect(),
            more,
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::memory::Memory;
    use crate::store::samples::{rows, tell, told};

    fn row() -> Arc<Row> {
        let store = Memory::default();
        tell(&store, 1, &[told("a", "m", 1, 1, 1, 1)]);
        rows(&store, "a").remove(0)
    }

    proptest! {
        #[test]
        fn the_pages_together_are_all_keys_in_order(
            keys in proptest::collection::btree_set(0_u16..500, 0..60),
            shuffled in any::<u64>(),
            limit in 1_usize..7,
            descending in any::<bool>(),
        ) {
            let row = row();
            let order = if descending { Order::Descending } else { Order::Ascending };
            let mut given: Vec<u16> = keys.iter().copied().collect();
            given.sort_by_key(|key| (u64::from(*key) + 1).wrapping_mul(shuffled | 1));
            let (mut found, mut after, mut more) = (Vec::new(), None, true);
            while more {
                let mut top = Top::new(order, after, limit);
                given.iter().for_each(|key| top.offer(*key, &row));
                let (page, follow) = top.into_rows();
                prop_assert!(page.len() == limit || !follow);
                found.extend(page.iter().map(|(key, _)| *key));
                (after, more) = (found.last().copied(), follow);
            }
            let mut wanted: Vec<u16> = keys.into_iter().collect();
            if descending {
                wanted.reverse();
            }
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn a_page_of_none_only_tells_whether_there_are_any() {
        let mut top = Top::new(Order::Ascending, None, 0);
        top.offer(1, &row());
        let (page, more) = top.into_rows();
        assert!(page.is_empty() && more);
    }
}
