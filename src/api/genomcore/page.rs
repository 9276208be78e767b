//! Where a page begins and what is on it. Pure.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::datum::Rank;
use crate::model::{Row, RowId, Time};

/// The most bytes that the places before a page may take in memory.
const ROOM: usize = 256 << 20;

/// A value that is sorted by, upwards or downwards.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Up(Rank),
    Down(Reverse<Rank>),
}

/// Where an event stands: by what is asked for, else by its time, else by the row. No two stand at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    parts: Box<[Part]>,
    first: Time,
    row: RowId,
}

impl Place {
    pub(super) fn new(parts: Box<[Part]>, row: &Row) -> Self {
        Self {
            parts,
            first: row.first(),
            row: row.id,
        }
    }

    fn bytes(&self) -> usize {
        let texts = self.parts.iter().map(|part| match part {
            Part::Up(Rank::Text(text)) | Part::Down(Reverse(Rank::Text(text))) => text.len(),
            _ => 0,
        });
        size_of::<Self>() + self.parts.len() * size_of::<Part>() + texts.sum::<usize>()
    }
}

/// Finds the place that a page begins behind: that of the last event before it.
#[derive(Debug)]
pub(super) struct Before {
    many: usize,
    first: BinaryHeap<Place>,
    bytes: usize,
    too_much: bool,
}

impl Before {
    /// Behind the first so many.
    pub(super) fn new(many: usize) -> Self {
        Self {
            many,
            first: BinaryHeap::new(),
            bytes: 0,
            too_much: false,
        }
    }

    pub(super) fn offer(&mut self, place: Place) {
        let full = self.first.len() >= self.many;
        if self.too_much || (full && self.first.peek().is_none_or(|last| place > *last)) {
            return;
        }
        self.bytes += place.bytes();
        self.first.push(place);
        if full && let Some(last) = self.first.pop() {
            self.bytes -= last.bytes();
        }
        if self.bytes > ROOM {
            self.too_much = true;
            self.first = BinaryHeap::new();
        }
    }

    /// `Err` if that takes too much memory; `Ok(None)` if there are not so many events.
    pub(super) fn last(mut self) -> Result<Option<Place>, ()> {
        if self.too_much {
            return Err(());
        }
        let enough = self.first.len() >= self.many;
        Ok(self.first.pop().filter(|_| enough))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Digest;

    fn place(number: u128, text: &str) -> Place {
        Place {
            parts: [Part::Up(Rank::Text(text.into()))].into(),
            first: Time(0),
            row: RowId(Digest(number)),
        }
    }

    proptest! {
        #[test]
        fn a_page_begins_behind_the_last_before_it(
            numbers in proptest::collection::hash_set(0..99_u128, 0..40), many in 1..40_usize,
        ) {
            let mut before = Before::new(many);
            let places: Vec<Place> = numbers.iter().map(|n| place(*n, &format!("{:03}", n / 3))).collect();
            places.iter().for_each(|place| before.offer(place.clone()));
            let mut sorted = places;
            sorted.sort();
            prop_assert_eq!(before.last().unwrap(), sorted.get(many - 1).cloned());
        }
    }

    #[test]
    fn what_takes_too_much_memory_is_given_up() {
        let text = "x".repeat(ROOM / 3);
        let mut before = Before::new(9);
        for number in 0..4 {
            before.offer(place(number, &text));
        }
        assert!(before.first.is_empty());
        assert_eq!(before.last(), Err(()));
    }
}
