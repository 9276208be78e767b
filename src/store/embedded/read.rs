//! The read half. Nothing here waits for a commit or a checkpoint; what is read is on disk. Does I/O.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::entry::Entry;
use super::keys;
use super::log::{Change, row};
use super::records::to_key;
use super::sights::Block;
use super::start::Inner;
use crate::model::{
    Correlation, Execution, ExecutionFilter, ExecutionKey, Filter, Page, Row, RowId, Sample, Seq,
    Sight,
};
use crate::store::ledger;
use crate::store::{Changes, CountBy, Counted, Error, Listed, Scope, Shown};

/// Where an execution was found.
enum Place {
    Memory(Box<Execution>),
    Disk(u64),
}

impl Inner {
    /// All rows of some executions behind a Seq, as they are at another.
    fn rows(&self, executions: &[ExecutionKey], after: Seq) -> Result<(Vec<Arc<Row>>, Seq), Error> {
        let mut rows = Vec::new();
        let mut take = |entry: &Entry| {
            // Who follows asks at every change, and has all but the latest.
            if entry.execution.seq > after {
                let later = entry.rows().filter(|row| row.seq > after);
                rows.extend(later.cloned());
            }
        };
        let (seq, cold) = {
            let fold = self.fold.read();
            let mut cold = Vec::new();
            for key in executions {
                match fold.entry(key) {
                    Some(entry) => take(entry),
                    None => cold.push(key),
                }
            }
            if cold.is_empty() {
                return Ok((rows, fold.seq));
            }
            (fold.seq, (fold.reader()?, cold))
        };
        let (reader, cold) = cold;
        for key in cold {
            if let Some(entry) = reader.entry(key)? {
                take(&entry);
            }
        }
        Ok((rows, seq))
    }

    pub(super) fn list(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        page: &Page,
    ) -> Result<Listed, Error> {
        let (rows, seq) = self.rows(executions, Seq::ZERO)?;
        let (rows, more) = ledger::page(rows, filter, page);
        Ok(Listed { rows, seq, more })
    }

    /// What is on disk only is shown where it was read. As soon as one of the executions is in memory, rows are listed:
    /// a history in one piece is in one place as a rule.
    pub(super) fn show(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        page: &Page,
        see: &mut dyn FnMut(&Sight<'_>),
    ) -> Result<Shown, Error> {
        let cold = {
            let fold = self.fold.read();
            if executions.iter().any(|key| fold.entries.contains_key(key)) {
                None
            } else {
                Some((fold.seq, fold.reader()?))
            }
        };
        let Some((seq, reader)) = cold else {
            return Ok(ledger::show(self.list(executions, filter, page)?, see));
        };
        let mut plain = Vec::new();
        for key in executions {
            plain.extend(reader.plain(key)?);
        }
        let blocks = plain.iter().map(Block::parse);
        let blocks: Vec<_> = blocks.collect::<Result<_, Error>>()?;
        let all = *filter == Filter::default();
        let mut spots = Vec::with_capacity(blocks.iter().map(Block::rows).sum());
        for block in &blocks {
            for at in 0..block.rows() {
                if all || filter.passes(&block.sight(at)?) {
                    spots.push((block.stands(at)?, block, at));
                }
            }
        }
        let (spots, more) = ledger::cut(spots, |(stands, ..)| *stands, page);
        let mut last = None;
        for (_, block, at) in spots {
            let row = block.sight(at)?;
            see(&row);
            last = Some(row);
        }
        Ok(Shown {
            seq,
            last: last.map(|row| row.position()),
            more,
        })
    }

    pub(super) fn count(
        &self,
        executions: &[ExecutionKey],
        filter: &Filter,
        by: CountBy,
    ) -> Result<Vec<Counted>, Error> {
        Ok(ledger::count(
            &self.rows(executions, Seq::ZERO)?.0,
            filter,
            by,
        ))
    }

    pub(super) fn changes(
        &self,
        scope: &Scope,
        after: Seq,
        limit: usize,
    ) -> Result<Changes, Error> {
        let Scope::Executions(executions) = scope else {
            return self.changes_of_all(after, limit);
        };
        let (rows, seq) = self.rows(executions, after)?;
        let (rows, more) = ledger::later(rows, after, limit);
        let upto = if more {
            rows.last().map_or(after, |row| row.seq)
        } else {
            seq.max(after)
        };
        Ok(Changes {
            rows,
            removed: Vec::new(),
            upto,
            more,
        })
    }

    /// Walks the log: a change is told of if its row has not changed since.
    fn changes_of_all(&self, after: Seq, limit: usize) -> Result<Changes, Error> {
        let mut changes = Changes {
            rows: Vec::new(),
            removed: Vec::new(),
            upto: after,
            more: false,
        };
        let (seq, oldest, reader) = {
            let fold = self.fold.read();
            let (seq, oldest) = (fold.seq, fold.cut.1);
            if after < oldest {
                return Err(Error::TooOld { after, oldest });
            }
            if after >= seq {
                return Ok(changes);
            }
            (seq, oldest, fold.reader()?)
        };
        let mut cold = HashMap::new();
        for head in reader.heads_after(after, keys::log(oldest.next(), 0))? {
            let head = head?;
            for (change, at) in head.changes.iter().zip(head.first.0..) {
                let (change, at) = (*change, Seq(at));
                if at > seq {
                    break;
                }
                if at <= after {
                    continue;
                }
                let (Change::Row(place, _) | Change::Gone(place, _) | Change::Deleted(place)) =
                    change;
                let key = head.keys.get(place as usize).ok_or_else(|| {
                    Error::Damaged("a change in the log names no execution".into())
                })?;
                let found = match change {
                    Change::Row(_, id) => {
                        let found = self.row(key, row(id), &mut cold)?;
                        match found.filter(|row| row.seq == at) {
                            Some(row) => Some(row),
                            None => continue,
                        }
                    }
                    Change::Gone(..) | Change::Deleted(_) => None,
                };
                if changes.rows.len() + changes.removed.len() == limit {
                    changes.more = true;
                    return Ok(changes);
                }
                match found {
                    Some(row) => changes.rows.push(row),
                    None => changes.removed.push(key.clone()),
                }
                changes.upto = at;
            }
        }
        changes.upto = seq;
        Ok(changes)
    }

    /// A row as it is now; `cold` keeps what was read from disk.
    fn row(
        &self,
        key: &ExecutionKey,
        row: RowId,
        cold: &mut HashMap<ExecutionKey, Option<Entry>>,
    ) -> Result<Option<Arc<Row>>, Error> {
        if let Some(entry) = cold.get(key) {
            return Ok(entry.as_ref().and_then(|entry| entry.row(row)).cloned());
        }
        let reader = {
            let fold = self.fold.read();
            if let Some(entry) = fold.entry(key) {
                return Ok(entry.row(row).cloned());
            }
            fold.reader()?
        };
        let entry = reader.entry(key)?;
        let found = entry.as_ref().and_then(|entry| entry.row(row)).cloned();
        cold.insert(key.clone(), entry);
        Ok(found)
    }

    pub(super) fn united(&self, id: &str) -> Result<Vec<Execution>, Error> {
        ledger::unite(id, |name| {
            let (mut found, warm, reader) = {
                let fold = self.fold.read();
                let entries = fold.named(name);
                let (warm, found): (HashSet<_>, Vec<_>) = entries
                    .map(|entry| (entry.number, entry.execution.clone()))
                    .unzip();
                (found, warm, fold.reader()?)
            };
            for (number, execution) in reader.named(name)? {
                if !warm.contains(&number) {
                    found.push(execution);
                }
            }
            Ok(found)
        })
    }

    pub(super) fn executions(
        &self,
        filter: &ExecutionFilter,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<Execution>, usize), Error> {
        let made = |execution: &Execution| execution.created.unwrap_or(execution.told);
        let (mut found, warm, reader) = {
            let fold = self.fold.read();
            let warm: HashSet<u64> = fold.entries.values().map(|entry| entry.number).collect();
            let all = fold.entries.values().map(|entry| &entry.execution);
            let found = all
                .filter(|execution| filter.matches(execution))
                .map(|execution| {
                    let key = execution.key.clone();
                    (
                        made(execution),
                        key,
                        Place::Memory(execution.clone().into()),
                    )
                });
            (found.collect::<Vec<_>>(), warm, fold.reader()?)
        };
        // All are looked at, and those that are shown are made whole.
        reader.each_execution(|number, record| {
            let sight = record.sight();
            if !warm.contains(&number) && filter.passes(&sight) {
                found.push((sight.made, to_key(record.key()), Place::Disk(number)));
            }
        })?;
        let total = found.len();
        found.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut shown = Vec::new();
        for (.., place) in found.into_iter().skip(offset).take(limit) {
            shown.extend(match place {
                Place::Memory(execution) => Some(*execution),
                Place::Disk(number) => reader.record(number)?.map(|(execution, _)| execution),
            });
        }
        Ok((shown, total))
    }

    pub(super) fn walk(
        &self,
        wanted: &dyn Fn(&Execution) -> bool,
        see: &mut dyn FnMut(&[Arc<Row>]),
    ) -> Result<Seq, Error> {
        let (seq, warm, keys, reader) = {
            let fold = self.fold.read();
            let warm: HashSet<u64> = fold.entries.values().map(|entry| entry.number).collect();
            let entries = fold.entries.values();
            let keys: Vec<ExecutionKey> = entries
                .filter(|entry| wanted(&entry.execution))
                .map(|entry| entry.execution.key.clone())
                .collect();
            (fold.seq, warm, keys, fold.reader()?)
        };
        for key in keys {
            see(&self.rows(&[key], Seq::ZERO)?.0);
        }
        for record in reader.executions() {
            let (number, execution) = record?;
            if warm.contains(&number) || !wanted(&execution) {
                continue;
            }
            if let Some(entry) = reader.entry(&execution.key)? {
                see(&entry.rows().cloned().collect::<Vec<_>>());
            }
        }
        Ok(seq)
    }

    pub(super) fn samples(&self, executions: &[ExecutionKey]) -> Result<Vec<Arc<Sample>>, Error> {
        let (mut found, mut cold) = (Vec::new(), Vec::new());
        let reader = {
            let fold = self.fold.read();
            for key in executions {
                match fold.entry(key) {
                    Some(entry) => found.push(entry.samples().clone()),
                    None => cold.push(key),
                }
            }
            if cold.is_empty() {
                None
            } else {
                Some(fold.reader()?)
            }
        };
        for key in cold {
            let entry = reader
                .as_ref()
                .map(|reader| reader.entry(key))
                .transpose()?;
            found.extend(entry.flatten().map(|entry| entry.samples().clone()));
        }
        Ok(ledger::united_samples(found.iter()))
    }

    pub(super) fn correlation(&self, uid: &str) -> Result<Option<Correlation>, Error> {
        let reader = {
            let fold = self.fold.read();
            if let Some((_, found)) = fold.correlations.get(uid) {
                return Ok(Some(found.clone()));
            }
            fold.reader()?
        };
        reader.correlation(uid)
    }
}
