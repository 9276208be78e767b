//! Words that operators add: for reasons that dagtrail has none for, while it runs. Pure, but for the words in use, which
//! are the same for the whole process.
//!
//! What dagtrail says itself always comes first, so that nothing here can break it; and what is added for all namespaces
//! comes before what a namespace adds for itself.

mod entry;
#[cfg(test)]
mod tests;
mod words;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::RwLock;

use self::words::Words;

/// The most bytes of one file.
const MOST: usize = 256 << 10;

/// Two files in Fluent that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addition {
    /// Where they are from, for complaints.
    pub from: String,
    /// Whose events they are for; `None`: everybody's.
    pub namespace: Option<String>,
    /// The Chinese one.
    pub zh: String,
    /// The English one.
    pub en: String,
}

/// An entry that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it is from.
    pub from: String,
    /// The entry.
    pub key: String,
    /// What is wrong with it.
    pub problem: String,
}

/// All that operators have added.
#[derive(Default)]
pub struct Own {
    everywhere: Words,
    of: HashMap<String, Words>,
    /// 0 without any.
    epoch: u64,
    entries: usize,
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Own").finish_non_exhaustive()
    }
}

impl Own {
    /// Reads them in this order: where two state one key for the same events, the first is taken. What is wrong with an
    /// entry costs that entry alone.
    #[must_use]
    pub fn of(additions: &[Addition]) -> (Self, Vec<Fault>) {
        let mut own = Self::default();
        let mut faults = Vec::new();
        let mut hasher = DefaultHasher::new();
        for addition in additions {
            let words = match &addition.namespace {
                None => &mut own.everywhere,
                Some(namespace) => own.of.entry(namespace.clone()).or_default(),
            };
            let mut fault = |key: String, problem: String| {
                let from = addition.from.clone();
                faults.push(Fault { from, key, problem });
            };
            let large = [("zh.ftl", &addition.zh), ("en.ftl", &addition.en)];
            if let Some((name, _)) = large.iter().find(|(_, text)| text.len() > MOST) {
                fault(
                    (*name).to_owned(),
                    format!(
                        "it is larger than {} KiB, so nothing of it is taken",
                        MOST >> 10
                    ),
                );
                continue;
            }
            own.entries += words.add(&addition.zh, &addition.en, &mut fault);
            (&addition.namespace, &addition.zh, &addition.en).hash(&mut hasher);
            own.epoch = hasher.finish();
        }
        (own, faults)
    }

    /// How many entries were taken.
    #[must_use]
    pub const fn entries(&self) -> usize {
        self.entries
    }
}

static IN_USE: LazyLock<RwLock<Own>> = LazyLock::new(RwLock::default);
/// Whether there are any: most have none, and each row that is shown asks.
static ANY: AtomicBool = AtomicBool::new(false);
static VERSION: AtomicU64 = AtomicU64::new(0);

/// Uses these words from now on, instead of those before. Says whether that changes any.
pub fn adopt(own: Own) -> bool {
    let mut used = IN_USE.write();
    if used.epoch == own.epoch {
        return false;
    }
    // Twice: what was rendered while this goes on has some version that is over afterwards.
    VERSION.fetch_add(1, Ordering::SeqCst);
    ANY.store(own.entries > 0, Ordering::SeqCst);
    *used = own;
    VERSION.fetch_add(1, Ordering::SeqCst);
    true
}

/// A number that no words before had. What was rendered is the same as long as this was the same before and after it.
#[must_use]
pub fn version() -> u64 {
    VERSION.load(Ordering::SeqCst)
}

/// A number for what the words are, equal for equal ones.
pub(super) fn epoch() -> u64 {
    IN_USE.read().epoch
}

/// Looks first among the words for all, then among those of a namespace.
pub(in crate::text) fn look<R>(namespace: &str, find: impl Fn(&Words) -> Option<R>) -> Option<R> {
    if !ANY.load(Ordering::Relaxed) {
        return None;
    }
    let own = IN_USE.read();
    find(&own.everywhere).or_else(|| find(own.of.get(namespace)?))
}
