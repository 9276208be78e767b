//! What a share says of itself beside its numbers: how many have told it, and what nobody has seen. Pure.
//!
//! All of it keeps the merge law: a truth that never becomes false, a sum over origins, and of one origin the set
//! of the counts that it has told, which only grows.

use super::event::MessageKey;
use super::observation::Telling;

/// Of one origin, counts up to this are looked at for what was not observed; what comes after is not missed.
pub const OBSERVED: u64 = 4096;

/// Told beside a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// How many origins.
    pub origins: u64,
    /// Whether the count may be higher than is told: true as soon as one telling says so.
    pub at_least: bool,
    /// Occurrences that were counted and whose message nobody has seen, of combined Events; of several origins the
    /// sum. Counts up to [`OBSERVED`] of each origin are looked at.
    pub unobserved: u64,
    /// Of one origin of combined Events the counts that it has told, as stretches `(from, to)` that do not touch;
    /// empty of several.
    pub seen: Vec<(u64, u64)>,
}

impl Diagnosis {
    /// What one telling says. Each state of a combined Event shows the message of its latest occurrence only, so a
    /// count that was never told is an occurrence that nobody saw.
    #[must_use]
    pub fn of(telling: &Telling) -> Self {
        let combined = telling.key.message == MessageKey::Aggregate;
        let seen = combined && telling.count <= OBSERVED;
        let mut diagnosis = Self {
            origins: 1,
            at_least: telling.body.at_least,
            unobserved: 0,
            seen: seen
                .then_some((telling.count, telling.count))
                .into_iter()
                .collect(),
        };
        if combined && !seen {
            // Nothing of the first counts was seen, and that is to be remembered: nobody tells a count of zero.
            diagnosis.seen.push((0, 0));
        }
        diagnosis.miss(telling.count);
        diagnosis
    }

    /// Another telling of the same origin, whose highest count is now `count`; true if it was news.
    pub(super) fn join(&mut self, other: &Self, count: u64) -> bool {
        let before = self.clone();
        self.origins = self.origins.max(other.origins);
        self.at_least |= other.at_least;
        for stretch in &other.seen {
            self.see(*stretch);
        }
        self.miss(count);
        *self != before
    }

    /// Another origin's.
    pub(super) fn add(&mut self, other: &Self) {
        self.origins = self.origins.saturating_add(other.origins);
        self.at_least |= other.at_least;
        self.unobserved = self.unobserved.saturating_add(other.unobserved);
        self.seen = Vec::new();
    }

    /// An origin that is in the sum already, with so many not observed, has learned something.
    pub(super) fn replace(&mut self, unobserved: u64, after: &Self) {
        self.at_least |= after.at_least;
        self.unobserved = (self.unobserved + after.unobserved).saturating_sub(unobserved);
    }

    /// The sum of the same origins and more, or fewer: sums only grow.
    pub(super) fn join_sum(&mut self, other: &Self) {
        self.origins = self.origins.max(other.origins);
        self.at_least |= other.at_least;
        self.unobserved = self.unobserved.max(other.unobserved);
    }

    /// A part of this sum has grown.
    pub(super) fn grow(&mut self, before: &Self, after: &Self) {
        self.origins = self.origins.saturating_add(after.origins - before.origins);
        self.at_least |= after.at_least;
        let grown = after.unobserved - before.unobserved;
        self.unobserved = self.unobserved.saturating_add(grown);
    }

    /// As the first part of a sum.
    pub(super) fn summed(&self) -> Self {
        Self {
            seen: Vec::new(),
            ..self.clone()
        }
    }

    fn see(&mut self, (mut from, mut to): (u64, u64)) {
        let touches =
            |&(a, b): &(u64, u64)| a <= to.saturating_add(1) && from <= b.saturating_add(1);
        let start = self.seen.iter().position(touches);
        let Some(start) = start else {
            let at = self.seen.partition_point(|known| known.0 < from);
            self.seen.insert(at, (from, to));
            return;
        };
        let many = self.seen[start..]
            .iter()
            .take_while(|one| touches(one))
            .count();
        let end = start + many;
        from = from.min(self.seen[start].0);
        to = to.max(self.seen[end - 1].1);
        self.seen.splice(start..end, [(from, to)]);
    }

    fn miss(&mut self, count: u64) {
        if self.seen.is_empty() {
            return;
        }
        // A stretch that begins at zero is one longer than what it has of counts.
        let told = self.seen.iter().map(|&(from, to)| (to + 1) - from.max(1));
        let told: u64 = told.sum();
        self.unobserved = count.min(OBSERVED).saturating_sub(told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeing(counts: &[u64]) -> Vec<(u64, u64)> {
        let mut diagnosis = Diagnosis {
            origins: 1,
            at_least: false,
            unobserved: 0,
            seen: Vec::new(),
        };
        for count in counts {
            diagnosis.see((*count, *count));
        }
        diagnosis.seen
    }

    #[test]
    fn stretches_grow_together_whatever_the_order() {
        assert_eq!(seeing(&[1, 2, 3, 7, 5, 6]), [(1, 3), (5, 7)]);
        assert_eq!(seeing(&[7, 5, 6, 3, 1, 2, 2, 4]), [(1, 7)]);
        assert_eq!(seeing(&[9, 1, 5]), [(1, 1), (5, 5), (9, 9)]);
    }
}
