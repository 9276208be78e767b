//! A measured value of an element: not a line of a history, and only the latest of a name counts. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::digest::{Digest, Digester};
use super::execution::ExecutionKey;
use super::time::Time;

/// A value that was measured of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Whose history the element belongs to.
    pub execution: ExecutionKey,
    /// The element, as in the keys of its rows; empty for the execution itself.
    pub element: Box<str>,
    /// What was measured: one word of the dialect, `workerMetrics` for instance.
    pub name: Box<str>,
    /// When, by the source's clock.
    pub at: Time,
    /// The value: JSON without a line break between its tokens.
    pub value: Box<str>,
}

impl Sample {
    /// Which sample it is, within its execution.
    #[must_use]
    pub fn slot(&self) -> Digest {
        let start = Digester::new("sample").text(&self.element);
        start.text(&self.name).finish()
    }

    /// Of two samples of one slot the greater is kept: the later, and of one time the one with the greater digest, so
    /// that it does not matter which came first.
    fn rank(&self) -> (Time, Digest) {
        let value = Digester::new("sample value").text(&self.value);
        (self.at, value.finish())
    }
}

/// The samples of one execution: of each slot the latest, and of those the latest so many.
///
/// The join of what was told, so commutative, associative and idempotent: what falls out by the bound is earlier than all
/// that stays, and what stays only ever gets later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples(BTreeMap<Digest, Arc<Sample>>);

impl Samples {
    /// Whether a sample would be kept.
    #[must_use]
    pub fn lacks(&self, sample: &Sample, bound: usize) -> bool {
        match self.0.get(&sample.slot()) {
            Some(known) => sample.rank() > known.rank(),
            None => {
                let place = (sample.at, sample.slot());
                self.0.len() < bound || self.lowest().is_some_and(|lowest| place > lowest)
            }
        }
    }

    /// Takes a sample in; gives the slots that have changed by that.
    pub fn tell(&mut self, sample: &Arc<Sample>, bound: usize) -> Vec<Digest> {
        if !self.lacks(sample, bound) {
            return Vec::new();
        }
        let mut changed = vec![sample.slot()];
        self.0.insert(sample.slot(), sample.clone());
        while self.0.len() > bound {
            let Some((_, slot)) = self.lowest() else {
                break;
            };
            self.0.remove(&slot);
            changed.push(slot);
        }
        changed
    }

    /// What is in a slot.
    #[must_use]
    pub fn get(&self, slot: Digest) -> Option<&Arc<Sample>> {
        self.0.get(&slot)
    }

    /// All of them, in no order that means anything.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Sample>> {
        self.0.values()
    }

    /// About how many bytes they take in memory.
    #[must_use]
    pub fn weight(&self) -> usize {
        const FIXED: usize = 200;
        let texts = self.0.values().map(|sample| sample.value.len() + FIXED);
        texts.sum()
    }

    /// The earliest, and of one time the one with the lowest slot: what gives way first.
    fn lowest(&self) -> Option<(Time, Digest)> {
        let all = self.0.iter().map(|(slot, sample)| (sample.at, *slot));
        all.min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(name: u8, at: i64, value: u8) -> Arc<Sample> {
        Arc::new(Sample {
            execution: ExecutionKey::new("tenant", "a"),
            element: "w".into(),
            name: name.to_string().into(),
            at: Time(at),
            value: value.to_string().into(),
        })
    }

    fn told(samples: &[Arc<Sample>]) -> Samples {
        let mut kept = Samples::default();
        for sample in samples {
            kept.tell(sample, 2);
        }
        kept
    }

    proptest! {
        #[test]
        fn it_does_not_matter_in_which_order_or_how_often_samples_are_told(
            told_of in prop::collection::vec((0..4_u8, 0..4_i64, 0..3_u8), 0..12),
            turn in 0..12_usize,
        ) {
            let mut all: Vec<_> = told_of.iter().map(|(n, at, v)| sample(*n, *at, *v)).collect();
            let kept = told(&all);
            prop_assert!(kept.iter().len() <= 2);
            let turn = turn % all.len().max(1);
            all.rotate_left(turn);
            prop_assert_eq!(&told(&all), &kept);
            all.reverse();
            all.extend_from_within(..);
            prop_assert_eq!(&told(&all), &kept);
        }
    }

    #[test]
    fn what_falls_out_by_the_bound_is_the_lowest_and_is_named() {
        let mut kept = told(&[sample(1, 5, 0), sample(2, 6, 0)]);
        assert!(kept.tell(&sample(3, 4, 0), 2).is_empty());
        let changed = kept.tell(&sample(3, 7, 0), 2);
        assert_eq!(changed, [sample(3, 7, 0).slot(), sample(1, 5, 0).slot()]);
        assert_eq!(kept, told(&[sample(2, 6, 0), sample(3, 7, 0)]));
    }
}
