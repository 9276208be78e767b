//! What is let go of when nobody uses it: rows in memory, and what the database has not put into files yet. Does I/O.
//!
//! An engine at work keeps what it has used lately. One at rest keeps nothing: so a process that watches a quiet
//! cluster is small, however much it has told before.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::disk::Disk;
use super::start::Inner;
use crate::store::Error;

/// Bytes that the database may have in memory, not in files yet, while it is at work ...
const BUFFERED: u64 = 24 << 20;
/// ... and at rest.
const BUFFERED_AT_REST: u64 = 1 << 18;

/// How long what goes into files may take.
const FLUSHED: Duration = Duration::from_secs(10);

/// Looks at which it lets go once more of what was flushed: that is still being flushed at the first.
const LOOKS_AT_REST: u32 = 4;

/// What was seen at the last looks.
#[derive(Debug, Default)]
pub(super) struct Looks {
    now: Sight,
    before: Sight,
    /// What it was when everything was let go of, and how often it was looked at since.
    rested: Option<(Sight, u32)>,
    /// The tick at which things were last let go of.
    last: u64,
}

/// How far an engine has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sight {
    commit: u64,
    /// The fold's.
    tick: u64,
}

/// How an engine is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// At work, or at rest for long.
    AsBefore,
    /// Nothing was written or read since the last look; so it goes to rest.
    Quiet,
    /// It went to rest a while ago.
    AtRest,
}

impl Inner {
    /// Looks whether anything was written or read since the last look.
    pub(super) fn look(&self, looks: &mut Looks) -> Found {
        let sight = {
            let fold = self.fold.read();
            Sight {
                commit: fold.commit,
                tick: fold.tick(),
            }
        };
        looks.before = std::mem::replace(&mut looks.now, sight);
        if looks.before != sight {
            return Found::AsBefore;
        }
        match &mut looks.rested {
            Some((rested, times)) if *rested == sight => {
                *times = times.saturating_add(1);
                if *times <= LOOKS_AT_REST {
                    Found::AtRest
                } else {
                    Found::AsBefore
                }
            }
            rested => {
                *rested = Some((sight, 0));
                Found::Quiet
            }
        }
    }

    /// Lets go of what is on disk and was not used since this was last done, and at rest of all; after a
    /// checkpoint.
    pub(super) fn let_go(&self, looks: &mut Looks, found: Found) -> Result<(), Error> {
        let (since, most) = match found {
            Found::Quiet => (looks.now.tick, BUFFERED_AT_REST),
            Found::AsBefore | Found::AtRest => (looks.last, BUFFERED),
        };
        looks.last = looks.now.tick;
        let disk = {
            // Who writes has read in what it needs, and is not to lose it again.
            let _writer = self.writer.lock();
            let mut fold = self.fold.write();
            fold.forget_unused(since);
            fold.disk.clone()
        };
        match disk {
            Some(disk) if disk.flush_above(most)? => follow(disk),
            _ => Ok(()),
        }
    }

    /// Lets go of what the database has kept in memory although it is in files by now: it keeps what is flushed while others
    /// may still read it, and looks whether somebody does only when the next is flushed.
    pub(super) fn let_go_again(&self) {
        let disk = self.fold.read().disk.clone();
        if let Some(Err(error)) = disk.map(|disk| disk.let_go_of_flushed()) {
            tracing::debug!(%error, "the database keeps what it has flushed");
        }
    }
}

/// Waits until what is to be written into files is there, and lets go of it then. Meanwhile nobody is kept from opening
/// a database anew that has failed: a full disk does not write it.
pub(super) fn follow(disk: Arc<Disk>) -> Result<(), Error> {
    let disk = {
        let seen = Arc::downgrade(&disk);
        drop(disk);
        seen
    };
    let begin = Instant::now();
    while begin.elapsed() < FLUSHED {
        match disk.upgrade() {
            Some(disk) if disk.is_flushing() => {}
            Some(disk) => return disk.let_go_of_flushed(),
            None => return Ok(()),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
