//! Answers that are asked for again and again: kept in bounded memory, and given only as long as nothing has changed that
//! they were made of. Pure.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};

use super::{Basis, Reader};

/// About how big an answer is, for the first guess of how many there will be.
const USUAL: u64 = 16 << 10;
/// Each part has a lock and its share of the bytes: an answer that is bigger than that is not kept.
const PARTS: usize = 2;
/// Questions that are remembered to have been asked once.
const ASKED: usize = 1 << 13;
/// What an entry takes beside what is in it.
const ENTRY: usize = 160;

/// What can be kept.
pub trait Weigh {
    /// About how many bytes it takes.
    fn weight(&self) -> usize;
}

/// What was made, and of what.
struct Made<T> {
    basis: Basis,
    answer: T,
}

#[derive(Clone)]
struct Bytes;

impl<T: Weigh> Weighter<Box<str>, Arc<Made<T>>> for Bytes {
    fn weight(&self, question: &Box<str>, made: &Arc<Made<T>>) -> u64 {
        (ENTRY + question.len() + made.basis.weight() + made.answer.weight()) as u64
    }
}

type Answers<T> = Cache<Box<str>, Arc<Made<T>>, Bytes, RandomState>;

/// Answers by question, up to so many bytes; the ones that are asked for stay.
pub struct Kept<T: Weigh> {
    answers: Option<Answers<T>>,
    asked: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl<T: Weigh> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl<T: Weigh + Clone> Kept<T> {
    /// Room for so many bytes; 0 keeps nothing.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        let hasher = RandomState::new();
        let options = OptionsBuilder::new()
            .shards(PARTS)
            .estimated_items_capacity((bytes / USUAL).max(64) as usize)
            .weight_capacity(bytes)
            .build()
            .ok()
            .filter(|_| bytes > 0);
        Self {
            answers: options.map(|options| {
                Cache::with_options(options, Bytes, hasher.clone(), DefaultLifecycle::default())
            }),
            asked: (0..ASKED).map(|_| AtomicU64::new(0)).collect(),
            hasher,
        }
    }

    /// The answer to a question, if it is known, right, and to be seen by this reader.
    pub fn get(&self, question: &str, reader: &Reader) -> Option<T> {
        let made = self.answers.as_ref()?.get(question)?;
        reader.holds(&made.basis).then(|| made.answer.clone())
    }

    /// Whether it is worth while to keep the answer to a question: it was asked before, not long ago. What is asked
    /// once must not push out what is asked all the time.
    pub fn wants(&self, question: &str) -> bool {
        if self.answers.is_none() {
            return false;
        }
        let hash = self.hasher.hash_one(question);
        // The remainder is below the number of places.
        let place = &self.asked[hash as usize % ASKED];
        place.swap(hash, Ordering::Relaxed) == hash
    }

    /// Keeps an answer.
    pub fn keep(&self, question: &str, basis: Basis, answer: T) {
        if let Some(answers) = &self.answers {
            answers.insert(question.into(), Arc::new(Made { basis, answer }));
        }
    }

    /// How many bytes are kept.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.answers.as_ref().map_or(0, Cache::weight)
    }
}
