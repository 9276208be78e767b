//! What another history has kept, taken in: a commit like any other. Does I/O.

use super::log::DeedRef;
use super::start::Inner;
use super::work::Work;
use super::write::unavailable;
use crate::model::{Correlation, ExecutionKey, Part, Saved, Time};
use crate::store::ledger::Tombstone;
use crate::store::{Error, Restored, carrying};

/// What is to be written.
enum News<'a> {
    Execution(Box<Saved>),
    Tombstone(&'a ExecutionKey, Tombstone),
    Correlation(&'a Correlation),
}

impl News<'_> {
    fn deed(&self) -> DeedRef<'_> {
        match self {
            Self::Execution(saved) => DeedRef::Restore(saved),
            Self::Tombstone(key, left) => DeedRef::Entomb(key, *left),
            Self::Correlation(told) => DeedRef::Correlate(told),
        }
    }
}

impl Inner {
    pub(super) fn restore(&self, parts: &[Part], now: Time) -> Result<Restored, Error> {
        if self.is_full(2) {
            self.checkpoint()?;
        }
        let mut writer = self.writer()?;
        // Of graves, too: one of an execution that is here leaves no tombstone.
        let keys = parts.iter().filter_map(|part| match part {
            Part::Execution(_) | Part::Grave(_) => Some(part.execution()),
            Part::Correlation(_) => None,
        });
        self.load(keys)?;
        let fold = self.fold.read();
        let reader = fold.reader().map_err(unavailable)?;
        let mut work = Work::new(now, self.options.bounds, false);
        let (mut news, mut restored) = (Vec::new(), Restored::default());
        for part in parts {
            match part {
                Part::Execution(saved) => {
                    let (admitted, buried) = work.admitted(&fold, self.id(), saved);
                    restored.buried += buried;
                    let Some(admitted) = admitted else {
                        continue;
                    };
                    let joined = work.restore(&fold, &reader, &admitted);
                    let (joined, done) = joined.map_err(unavailable)?;
                    restored += done;
                    news.extend(joined.map(|saved| News::Execution(Box::new(saved))));
                }
                Part::Grave(grave) => {
                    if let Some(left) = work.entombed(&fold, grave) {
                        work.entomb(&grave.key, left);
                        news.push(News::Tombstone(&grave.key, left));
                    }
                }
                Part::Correlation(told) => {
                    let stored = match fold.correlations.get(&told.uid) {
                        Some((_, found)) => Some(found.clone()),
                        None => reader.correlation(&told.uid).map_err(unavailable)?,
                    };
                    if carrying::is_later(told, stored.as_ref()) {
                        work.correlate(told);
                        news.push(News::Correlation(told));
                    }
                }
            }
        }
        if news.is_empty() {
            return Ok(restored);
        }
        let deeds: Vec<_> = news.iter().map(News::deed).collect();
        let head = work.number(fold.commit + 1, fold.seq.next());
        self.write_out_loud(&mut writer, fold, work, &head, &deeds)?;
        Ok(restored)
    }
}
