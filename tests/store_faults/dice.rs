//! A small generator, so that a failing seed can be run again.

pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        // Seeds that are near each other shall not be alike.
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..4 {
            dice.next();
        }
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.next() % sides
    }

    /// Some of the numbers below `all`, in order; all of them if there are not more.
    pub(crate) fn some(&mut self, all: u64, wanted: usize) -> Vec<u64> {
        if all <= wanted as u64 {
            return (0..all).collect();
        }
        let mut found = std::collections::BTreeSet::new();
        while found.len() < wanted {
            found.insert(self.roll(all));
        }
        found.into_iter().collect()
    }
}
