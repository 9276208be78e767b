//! The whole history at one moment, to be carried elsewhere: what is in memory and not on disk yet is kept beside a
//! snapshot of the disk, so that nobody waits while it is read. Does I/O.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::entry::Entry;
use super::reader::Reader;
use super::start::Inner;
use crate::model::{
    Correlation, Digest, Execution, ExecutionKey, Extent, Grave, OriginShare, Part, Row, RowId,
    Samples, Time,
};
use crate::store::{Error, Snapshot, carrying};

/// An execution that was in memory and not on disk as it was.
struct Hot {
    execution: Execution,
    rows: Vec<Arc<Row>>,
    outside: Vec<(Digest, Option<(RowId, OriginShare)>)>,
    ids: Vec<(Digest, Time)>,
    samples: Samples,
}

impl Hot {
    fn of(entry: &Entry) -> Self {
        let outside = entry.all_outside();
        Self {
            execution: entry.execution.clone(),
            rows: entry.rows().cloned().collect(),
            outside: outside
                .map(|(origin, kept)| (origin, kept.cloned()))
                .collect(),
            ids: entry.all_ids().collect(),
            samples: entry.samples().clone(),
        }
    }
}

/// Where an execution was found.
enum Found {
    Memory(Box<Hot>),
    Disk,
}

/// What was there at the moment of the snapshot.
struct Moment {
    inner: Arc<Inner>,
    reader: Reader,
    history: String,
}

impl Inner {
    pub(super) fn snapshot(self: &Arc<Self>, extent: &Extent) -> Result<Snapshot, Error> {
        // So that little is kept in memory. What cannot be written now is carried all the same.
        if let Err(error) = self.checkpoint() {
            tracing::warn!(%error, "a snapshot is taken without a checkpoint");
        }
        let (seq, reader, mut found, hot, graves, mut correlations) = {
            // Nobody writes meanwhile: a deletion is on disk before it is in memory.
            let _writer = self.writer.lock();
            let fold = self.fold.read();
            let reader = fold.reader()?;
            let mut found: BTreeMap<ExecutionKey, (u64, Found)> = BTreeMap::new();
            let mut hot = HashSet::new();
            for entry in fold.entries.values().filter(|entry| entry.is_dirty()) {
                hot.insert(entry.number);
                let execution = &entry.execution;
                if extent.holds(&execution.key, execution.last_told) {
                    let kept = Found::Memory(Box::new(Hot::of(entry)));
                    found.insert(execution.key.clone(), (entry.number, kept));
                }
            }
            let tombstones = fold.tombstones.iter();
            let graves: Vec<_> = tombstones
                .filter(|(key, (_, left))| extent.holds(key, left.last_told))
                .map(|(key, (_, left))| (key.clone(), *left, fold.entries.contains_key(key)))
                .collect();
            let correlations: HashMap<Box<str>, Correlation> = fold
                .correlations
                .iter()
                .map(|(uid, (_, told))| (uid.clone(), told.clone()))
                .collect();
            (fold.seq, reader, found, hot, graves, correlations)
        };
        for record in reader.executions() {
            let (number, execution) = record?;
            if !hot.contains(&number) && extent.holds(&execution.key, execution.last_told) {
                found.insert(execution.key, (number, Found::Disk));
            }
        }
        let mut graves = graves
            .into_iter()
            .map(|(key, left, risen)| {
                let risen = risen || reader.has(&key)?;
                Ok(Grave {
                    risen,
                    key,
                    at: left.at,
                    last_told: left.last_told,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        graves.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        for stored in reader.correlations() {
            let (_, told) = stored?;
            correlations.entry(told.uid.clone()).or_insert(told);
        }
        let mut correlations: Vec<_> = correlations
            .into_values()
            .filter(|told| extent.holds(&told.execution, told.seen))
            .collect();
        correlations.sort_unstable_by(|one, other| one.uid.cmp(&other.uid));
        let executions = found.len();
        let moment = Moment {
            inner: self.clone(),
            reader,
            history: self.id().to_owned(),
        };
        let parts = std::iter::from_fn(move || {
            let (key, (number, place)) = found.pop_first()?;
            Some(moment.part(&key, number, place))
        });
        let graves = graves.into_iter().map(|grave| Ok(Part::Grave(grave)));
        let correlations = correlations.into_iter();
        let correlations = correlations.map(|told| Ok(Part::Correlation(told)));
        Ok(Snapshot {
            seq,
            executions,
            parts: Box::new(parts.chain(graves).chain(correlations)),
        })
    }
}

impl Moment {
    fn part(&self, key: &ExecutionKey, number: u64, found: Found) -> Result<Part, Error> {
        if !self.reader.is_of(self.inner.fold.read().disk.as_ref()) {
            return Err(Error::Read(
                "its disk was opened again while it was carried out".into(),
            ));
        }
        let mut outside: BTreeMap<Digest, (RowId, OriginShare)> = BTreeMap::new();
        for kept in self.reader.all_outside(number)? {
            outside.insert(kept.1.origin, kept);
        }
        let mut ids: BTreeMap<Digest, Time> = self.reader.all_ids(number)?.into_iter().collect();
        let hot = match found {
            Found::Memory(hot) => *hot,
            Found::Disk => {
                let entry = self.reader.entry(key)?;
                let gone = || Error::Damaged(format!("the execution {key} has a record only"));
                Hot::of(&entry.ok_or_else(gone)?)
            }
        };
        for (origin, kept) in hot.outside {
            match kept {
                Some(kept) => outside.insert(origin, kept),
                None => outside.remove(&origin),
            };
        }
        ids.extend(hot.ids);
        let mut of_row: HashMap<RowId, Vec<OriginShare>> = HashMap::new();
        for (row, share) in outside.into_values() {
            of_row.entry(row).or_default().push(share);
        }
        let rows = hot.rows.iter();
        let rows = rows.map(|row| (row, of_row.remove(&row.id).unwrap_or_default()));
        let (execution, ids) = (&hot.execution, ids.into_iter().collect());
        let saved = carrying::saved(&self.history, execution, rows, ids, &hot.samples);
        Ok(Part::Execution(saved))
    }
}
