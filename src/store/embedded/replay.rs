//! From what is on disk to what is in memory: the log after the last checkpoint is done again. Does I/O.

use std::collections::HashMap;
use std::sync::Arc;

use super::disk::Disk;
use super::erase;
use super::fold::Fold;
use super::kept;
use super::keys;
use super::log::{self, Change, Deed, Head};
use super::work::Work;
use crate::model::{ExecutionKey, Seq};
use crate::store::ledger::Tombstone;
use crate::store::{Bounds, Error, Options};

/// Reads what there is and replays the log. `acknowledged` must be in it; what is after `last` was never
/// acknowledged, and is cut off.
pub(super) fn restore(
    disk: &Arc<Disk>,
    options: &Options,
    acknowledged: u64,
    last: Option<u64>,
) -> Result<Fold, Error> {
    let reader = disk.reader();
    let state = reader.state()?.unwrap_or_default();
    let mut fold = Fold::new(disk.clone(), state);
    for (key, tombstone) in reader.tombstones()? {
        fold.tombstones.insert(key, (state.checkpointed, tombstone));
    }
    let deleted = deletions(disk, &fold, last)?;
    let (mut number, mut seq) = kept::take_up(&mut fold, &reader)?;
    let mut surplus = Vec::new();
    let mut pairs = reader.log(keys::log(seq.next(), number + 1)).peekable();
    while let Some(pair) = pairs.next() {
        let (key, bytes) = pair?;
        let (first, found) = keys::parse_log(&key)
            .ok_or_else(|| Error::Damaged("a key of the log is too short".into()))?;
        if (first, found) != (seq.next(), number + 1) {
            return Err(Error::Damaged(format!(
                "the log goes on with commit {found} after commit {number}"
            )));
        }
        if last.is_some_and(|last| found > last) {
            surplus.push(key);
            (number, seq) = (found, Head::decode(&bytes)?.last());
            continue;
        }
        let decoded = if found > state.checkpointed {
            log::decode(&bytes)
        } else {
            Head::decode(&bytes).map(|head| (head, Vec::new()))
        };
        let (head, deeds) = match decoded {
            Ok(decoded) => decoded,
            Err(_) if found > acknowledged && pairs.peek().is_none() => {
                surplus.push(key);
                break;
            }
            Err(error) => return Err(error),
        };
        if (head.first, head.number) != (first, found) {
            return Err(Error::Damaged(format!(
                "commit {found} says that it is another"
            )));
        }
        (number, seq) = (found, head.last());
        fold.logged(&head, bytes.len() as u64);
        if found > state.checkpointed {
            replay(&mut fold, disk, &deleted, &head, &deeds, options.bounds)?;
        }
    }
    if fold
        .log
        .back()
        .is_some_and(|last| last.last_number < state.checkpointed)
        || fold.commit < acknowledged
    {
        return Err(Error::Damaged(format!(
            "commit {} was acknowledged, and the log ends with commit {}",
            acknowledged.max(state.checkpointed),
            fold.log.back().map_or(fold.cut.0, |last| last.last_number),
        )));
    }
    if !surplus.is_empty() {
        let mut batch = disk.batch();
        for key in surplus {
            batch.remove(&disk.log, key);
        }
        disk.commit(batch)?;
    }
    Ok(fold)
}

/// Which executions are deleted further on in the log, and by which commit. Their blocks are gone already, so what
/// was told of them before cannot be done again, and need not.
fn deletions(
    disk: &Arc<Disk>,
    fold: &Fold,
    last: Option<u64>,
) -> Result<HashMap<ExecutionKey, u64>, Error> {
    let mut deleted = HashMap::new();
    for pair in disk.reader().log(keys::log(fold.seq.next(), 0)) {
        let (key, bytes) = pair?;
        let found = keys::parse_log(&key).map(|(_, number)| number);
        // What cannot be read is met again, in its place.
        if found.is_none_or(|found| last.is_some_and(|last| found > last)) {
            break;
        }
        let Ok(head) = Head::decode(&bytes) else {
            break;
        };
        for change in &head.changes {
            if let Change::Deleted(place) = *change
                && let Some(key) = head.keys.get(place as usize)
            {
                deleted.insert(key.clone(), head.number);
            }
        }
    }
    Ok(deleted)
}

/// Does a commit again, but for what the blocks have already.
fn replay(
    fold: &mut Fold,
    disk: &Arc<Disk>,
    deleted: &HashMap<ExecutionKey, u64>,
    head: &Head,
    deeds: &[Deed],
    bounds: Bounds,
) -> Result<(), Error> {
    let reader = disk.reader();
    for key in &head.keys {
        if !fold.entries.contains_key(key)
            && let Some(entry) = reader.entry(key)?
        {
            fold.insert(key.clone(), entry);
        }
    }
    let has = |fold: &Fold, key: &ExecutionKey| {
        let entry = fold.entries.get(key);
        entry.is_some_and(|entry| entry.covers(head.number))
            || deleted
                .get(key)
                .is_some_and(|deletion| *deletion > head.number)
    };
    let mut work = Work::new(head.now, bounds, true);
    for deed in deeds {
        match deed {
            Deed::Tell(telling) if !has(fold, &telling.execution) => {
                work.tell(fold, &reader, telling)?;
            }
            Deed::Repeat(repeat) if !has(fold, &repeat.execution) => {
                work.repeat(fold, &reader, repeat)?;
            }
            Deed::Learn(fact) if !has(fold, &fact.key) => {
                work.learn(fold, fact);
            }
            Deed::Remove(key, dialect) if !has(fold, key) => {
                work.remove(fold, key, *dialect);
            }
            Deed::Measure(sample) if !has(fold, &sample.execution) => {
                work.measure(fold, sample);
            }
            Deed::Restore(saved) if !has(fold, &saved.execution.key) => {
                work.restore(fold, &reader, saved)?;
            }
            Deed::Prune(key, keep) if !has(fold, key) => {
                work.prune(fold, &reader, key, *keep)?;
            }
            Deed::Tell(_)
            | Deed::Repeat(_)
            | Deed::Learn(_)
            | Deed::Remove(..)
            | Deed::Measure(_)
            | Deed::Restore(_)
            | Deed::Prune(..) => {}
            Deed::Entomb(key, left) => work.entomb(key, *left),
            Deed::Correlate(correlation) => work.correlate(correlation),
            Deed::Bury(key) => work.bury(fold, key),
            Deed::Delete(key) => {
                let left = bury(fold, key, head);
                if !has(fold, key) {
                    let (mut batch, entry) = (disk.batch(), fold.entries.get(key));
                    let freed = erase::execution(&mut batch, disk, key, entry, &left)?;
                    let stored = fold.stored.saturating_sub(freed);
                    erase::put_stored(&mut batch, disk, fold, stored);
                    disk.put(batch)?;
                    fold.stored = stored;
                    fold.freed += freed;
                    fold.remove(key);
                }
            }
            Deed::Sweep(sweep) => {
                disk.put(erase::swept(disk, fold, *sweep)?)?;
                fold.sweep(*sweep);
            }
        }
    }
    for (change, seq) in head.changes.iter().zip(head.first.0..) {
        let (Change::Row(place, id) | Change::Gone(place, id)) = *change else {
            continue;
        };
        if let Some(key) = head.keys.get(place as usize) {
            work.place(key, log::row(id), Seq(seq));
        }
    }
    work.publish(fold, head.number);
    (fold.commit, fold.seq) = (head.number, head.last());
    Ok(())
}

/// Puts a deletion's tombstone where there is none of a later one; gives the one that stands there.
fn bury(fold: &mut Fold, key: &ExecutionKey, head: &Head) -> Tombstone {
    let place = head.keys.iter().position(|other| other == key);
    let seq = Seq(head.first.0 + place.unwrap_or(0) as u64);
    if let Some((_, known)) = fold.tombstones.get(key)
        && known.seq >= seq
    {
        return *known;
    }
    let tombstone = Tombstone {
        at: head.now,
        last_told: head.now,
        seq,
    };
    fold.tombstones
        .insert(key.clone(), (head.number, tombstone));
    tombstone
}
