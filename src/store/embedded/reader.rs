//! What is read from the database: a snapshot of it, and the shape of what stands under each key. Does I/O.

use std::sync::Arc;

use fjall::{Keyspace, Readable, Snapshot};

use super::disk::{Disk, read};
use super::entry::{Entry, Stored};
use super::keys::{self, Header};
use super::log::Head;
use super::records::{
    CorrelationRecord, ExecutionRecord, SampleRecord, StateRecord, TombstoneRecord, to_key,
};
use super::sights::Plain;
use super::{blocks, codec};
use crate::model::{
    Correlation, Digest, Execution, ExecutionKey, OriginShare, RowId, Samples, Seq, Time,
};
use crate::store::Error;
use crate::store::ledger::Tombstone;

/// A snapshot.
pub(super) struct Reader {
    disk: Arc<Disk>,
    snapshot: Snapshot,
}

type Pair = (fjall::UserKey, fjall::UserValue);

impl Reader {
    pub(super) const fn new(disk: Arc<Disk>, snapshot: Snapshot) -> Self {
        Self { disk, snapshot }
    }

    fn get(&self, keyspace: &Keyspace, key: &[u8]) -> Result<Option<fjall::UserValue>, Error> {
        let found = self.snapshot.get(keyspace, key);
        found.map_err(|error| read(&error))
    }

    fn prefix(
        &self,
        keyspace: &Keyspace,
        prefix: &[u8],
    ) -> impl Iterator<Item = Result<Pair, Error>> {
        let found = self.snapshot.prefix(keyspace, prefix);
        found.map(|guard| guard.into_inner().map_err(|error| read(&error)))
    }

    /// The keys with a prefix.
    pub(super) fn keys(&self, keyspace: &Keyspace, prefix: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
        let found = self.snapshot.prefix(keyspace, prefix);
        found
            .map(|guard| {
                guard
                    .key()
                    .map(|key| key.to_vec())
                    .map_err(|error| read(&error))
            })
            .collect()
    }

    pub(super) fn header(&self) -> Result<Option<Header>, Error> {
        let Some(bytes) = self.get(&self.disk.header, keys::HEADER.as_bytes())? else {
            return Ok(None);
        };
        let header = Header::from_bytes(&bytes);
        header
            .map(Some)
            .ok_or_else(|| Error::Damaged("the header is too short".into()))
    }

    pub(super) fn state(&self) -> Result<Option<StateRecord>, Error> {
        let Some(bytes) = self.get(&self.disk.state, keys::STATE.as_bytes())? else {
            return Ok(None);
        };
        let state: StateRecord = codec::unseal(&bytes, "the state")?;
        let stored = self.get(&self.disk.state, keys::STORED.as_bytes())?;
        let stored = match stored.and_then(|bytes| keys::parse_number(&bytes)) {
            Some(stored) => stored,
            // Nobody has counted them when it was written.
            None => self.bytes_of_blocks()?,
        };
        Ok(Some(StateRecord { stored, ..state }))
    }

    /// Reads all that there is; the database checks it. Answers how many records there are.
    pub(super) fn read_all(&self) -> Result<u64, Error> {
        let mut records = 0;
        for keyspace in self.disk.keyspaces() {
            for pair in self.prefix(keyspace, &[]) {
                pair?;
                records += 1;
            }
        }
        Ok(records)
    }

    /// The note of what is kept of the log behind the checkpoint.
    pub(super) fn kept(&self) -> Result<Option<fjall::UserValue>, Error> {
        self.get(&self.disk.state, keys::KEPT.as_bytes())
    }

    /// The number of the last commit up to a key.
    pub(super) fn last_commit(&self, upto: [u8; 16]) -> Result<Option<u64>, Error> {
        let last = self.snapshot.range(&self.disk.log, ..=upto).next_back();
        let key = last.map(|guard| guard.key().map_err(|error| read(&error)));
        let key = key.transpose()?;
        Ok(key.and_then(|key| keys::parse_log(&key).map(|(_, number)| number)))
    }

    /// The commits from a key on, in order.
    pub(super) fn log(&self, from: [u8; 16]) -> impl Iterator<Item = Result<Pair, Error>> + use<> {
        let found = self.snapshot.range(&self.disk.log, from..);
        found.map(|guard| guard.into_inner().map_err(|error| read(&error)))
    }

    /// The keys of the commits of a stretch.
    pub(super) fn log_keys(&self, from: [u8; 16], to: [u8; 16]) -> Result<Vec<Vec<u8>>, Error> {
        let found = self.snapshot.range(&self.disk.log, from..=to);
        found
            .map(|guard| {
                guard
                    .key()
                    .map(|key| key.to_vec())
                    .map_err(|error| read(&error))
            })
            .collect()
    }

    /// The heads of the commits that may hold a change after this one.
    pub(super) fn heads_after(
        &self,
        after: Seq,
        cut: [u8; 16],
    ) -> Result<impl Iterator<Item = Result<Head, Error>> + use<>, Error> {
        // The change may be in the middle of a commit, so the walk begins at the last one that starts before it.
        let start = keys::log(after.next(), u64::MAX);
        let before = self.snapshot.range(&self.disk.log, cut..=start).next_back();
        let from = match before {
            Some(guard) => {
                let key = guard.key().map_err(|error| read(&error))?;
                key.as_ref().try_into().unwrap_or(start)
            }
            None => start,
        };
        Ok(self.log(from).map(|pair| Head::decode(&pair?.1)))
    }

    /// An execution's number, and behind which block it ends.
    fn placed(&self, key: &ExecutionKey) -> Result<Option<(u64, u32)>, Error> {
        let found = self.get(&self.disk.numbers, &keys::execution(key))?;
        let placed = found.map(|bytes| keys::parse_placed(&bytes));
        placed
            .map(|placed| placed.ok_or_else(|| Error::Damaged("an execution has no number".into())))
            .transpose()
    }

    /// How many rows an execution has at most; 0 for one that is not there.
    pub(super) fn room_for_rows(&self, key: &ExecutionKey) -> Result<usize, Error> {
        let placed = self.placed(key)?;
        Ok(placed.map_or(0, |(_, end)| end as usize * blocks::ROWS))
    }

    /// The blocks of an execution, to be shown.
    pub(super) fn plain(&self, key: &ExecutionKey) -> Result<Vec<Plain>, Error> {
        let Some((number, end)) = self.placed(key)? else {
            return Ok(Vec::new());
        };
        let mut blocks = Vec::with_capacity(end as usize);
        for block in 0..end {
            let place = keys::block(number, block);
            // Of a block that has lost its last row nothing is there.
            let Some(heads) = self.get(&self.disk.heads, &place)? else {
                continue;
            };
            let texts = self.get(&self.disk.texts, &place)?;
            let texts = texts.ok_or_else(|| {
                Error::Damaged(format!("the execution {key} has rows without texts"))
            })?;
            blocks.push(Plain::unpack(&heads, &texts)?);
        }
        Ok(blocks)
    }

    /// Whether an execution is there.
    pub(super) fn has(&self, key: &ExecutionKey) -> Result<bool, Error> {
        Ok(self.placed(key)?.is_some())
    }

    /// The bytes of all blocks, one by one.
    pub(super) fn bytes_of_blocks(&self) -> Result<u64, Error> {
        let all = [&self.disk.heads, &self.disk.texts];
        let sizes = all.into_iter().flat_map(|all| self.snapshot.iter(all));
        sizes
            .map(|guard| guard.size().map(u64::from))
            .sum::<Result<u64, _>>()
            .map_err(|error| read(&error))
    }

    /// The numbers of all executions.
    pub(super) fn numbers(&self) -> Result<Vec<u64>, Error> {
        let found = self.snapshot.iter(&self.disk.executions);
        let number = |guard: fjall::Guard| {
            let key = guard.key().map_err(|error| read(&error))?;
            keys::parse_number(&key).ok_or_else(|| Error::Damaged("a number is too short".into()))
        };
        found.map(number).collect()
    }

    /// An execution by its number, and the commit up to which its blocks are.
    pub(super) fn record(&self, number: u64) -> Result<Option<(Execution, u64)>, Error> {
        let Some(bytes) = self.get(&self.disk.executions, &keys::number(number))? else {
            return Ok(None);
        };
        let record: ExecutionRecord<'_> = codec::unseal(&bytes, "an execution")?;
        Ok(Some((record.to_model(), record.checkpointed)))
    }

    /// An execution with all its rows and samples.
    pub(super) fn entry(&self, key: &ExecutionKey) -> Result<Option<Entry>, Error> {
        let Some((number, _)) = self.placed(key)? else {
            return Ok(None);
        };
        let Some((execution, checkpointed)) = self.record(number)? else {
            return Err(Error::Damaged(format!(
                "the execution {key} has a number and no record"
            )));
        };
        let mut entry = Entry::new(number, execution, checkpointed);
        let prefix = keys::number(number);
        let mut texts = self.prefix(&self.disk.texts, &prefix);
        for pair in self.prefix(&self.disk.heads, &prefix) {
            let (place, heads) = pair?;
            let texts = texts.next().transpose()?;
            let texts = texts.filter(|(other, _)| *other == place);
            let (Some((_, texts)), Some(block)) = (texts, keys::parse_block(&place)) else {
                return Err(Error::Damaged(format!(
                    "the execution {key} has rows without texts"
                )));
            };
            let (rows, mark) = blocks::unpack(key, &heads, &texts)?;
            let stored = Stored {
                heads: heads.len() as u32,
                texts: texts.len() as u32,
            };
            entry.add_block(block, rows, mark, stored);
        }
        let mut samples = Samples::default();
        for pair in self.prefix(&self.disk.samples, &prefix) {
            let (_, bytes) = pair?;
            let record: SampleRecord<'_> = codec::unseal(&bytes, "a sample")?;
            samples.tell(&Arc::new(record.to_model(key)), usize::MAX);
        }
        entry.add_samples(samples);
        Ok(Some(entry))
    }

    /// The executions that have a name, with their numbers.
    pub(super) fn named(&self, name: &str) -> Result<Vec<(u64, Execution)>, Error> {
        let mut found = Vec::new();
        for key in self.keys(&self.disk.names, &keys::named(name))? {
            let number = keys::parse_name(&key);
            let number = number.ok_or_else(|| Error::Damaged("a name has no number".into()))?;
            if let Some((execution, _)) = self.record(number)? {
                found.push((number, execution));
            }
        }
        Ok(found)
    }

    /// All executions with their numbers.
    pub(super) fn executions(&self) -> impl Iterator<Item = Result<(u64, Execution), Error>> {
        self.prefix(&self.disk.executions, &[]).map(|pair| {
            let (key, bytes) = pair?;
            let record: ExecutionRecord<'_> = codec::unseal(&bytes, "an execution")?;
            let number = keys::parse_number(&key);
            let number = number.ok_or_else(|| Error::Damaged("a number is too short".into()))?;
            Ok((number, record.to_model()))
        })
    }

    /// Shows the records of all executions with their numbers, without copying them.
    pub(super) fn each_execution(
        &self,
        mut see: impl FnMut(u64, &ExecutionRecord<'_>),
    ) -> Result<(), Error> {
        for pair in self.prefix(&self.disk.executions, &[]) {
            let (key, bytes) = pair?;
            let number = keys::parse_number(&key);
            let number = number.ok_or_else(|| Error::Damaged("a number is too short".into()))?;
            see(number, &codec::unseal(&bytes, "an execution")?);
        }
        Ok(())
    }

    /// An origin that is kept outside its row.
    pub(super) fn outside(
        &self,
        number: u64,
        origin: Digest,
    ) -> Result<Option<(RowId, OriginShare)>, Error> {
        let bytes = self.get(&self.disk.outside, &keys::owned(number, origin))?;
        bytes
            .map(|bytes| blocks::unpack_outside(&bytes))
            .transpose()
    }

    /// All origins of an execution that are kept outside their rows.
    pub(super) fn all_outside(&self, number: u64) -> Result<Vec<(RowId, OriginShare)>, Error> {
        self.prefix(&self.disk.outside, &keys::number(number))
            .map(|pair| blocks::unpack_outside(&pair?.1))
            .collect()
    }

    /// Whether an id was told.
    pub(super) fn has_id(&self, number: u64, id: Digest) -> Result<bool, Error> {
        let found = self
            .snapshot
            .contains_key(&self.disk.ids, keys::owned(number, id));
        found.map_err(|error| read(&error))
    }

    /// All ids of an execution that were told once and folded, and when.
    pub(super) fn all_ids(&self, number: u64) -> Result<Vec<(Digest, Time)>, Error> {
        let prefix = keys::number(number);
        let pairs = self.prefix(&self.disk.ids, &prefix).map(|pair| {
            let (key, told) = pair?;
            let damaged = || Error::Damaged("an id is too short".into());
            let id = keys::parse_owned(&key).ok_or_else(damaged)?;
            let told = told.as_ref().try_into().map_err(|_| damaged())?;
            Ok((id, Time(i64::from_be_bytes(told))))
        });
        pairs.collect()
    }

    /// Whether this is still the open database.
    pub(super) fn is_of(&self, disk: Option<&Arc<Disk>>) -> bool {
        disk.is_some_and(|disk| Arc::ptr_eq(disk, &self.disk))
    }

    /// The keys in `expiry` of the ids that were told before a time.
    pub(super) fn expired(&self, before: Time) -> Result<Vec<Vec<u8>>, Error> {
        let range = ..keys::expiry_from(before);
        let found = self.snapshot.range(&self.disk.expiry, range);
        found
            .map(|guard| {
                guard
                    .key()
                    .map(|key| key.to_vec())
                    .map_err(|error| read(&error))
            })
            .collect()
    }

    pub(super) fn correlation(&self, uid: &str) -> Result<Option<Correlation>, Error> {
        let bytes = self.get(&self.disk.correlations, &keys::uid(uid))?;
        let record = bytes.as_deref().map(correlation).transpose()?;
        Ok(record.filter(|found| &*found.uid == uid))
    }

    /// All correlations with their keys.
    pub(super) fn correlations(
        &self,
    ) -> impl Iterator<Item = Result<(fjall::UserKey, Correlation), Error>> {
        self.prefix(&self.disk.correlations, &[]).map(|pair| {
            let (key, bytes) = pair?;
            Ok((key, correlation(&bytes)?))
        })
    }

    /// All tombstones.
    pub(super) fn tombstones(&self) -> Result<Vec<(ExecutionKey, Tombstone)>, Error> {
        let found = self.prefix(&self.disk.tombstones, &[]).map(|pair| {
            let (_, bytes) = pair?;
            let record: TombstoneRecord<'_> = codec::unseal(&bytes, "a tombstone")?;
            Ok((to_key(record.key), record.to_model()))
        });
        found.collect()
    }
}

fn correlation(bytes: &[u8]) -> Result<Correlation, Error> {
    let record: CorrelationRecord<'_> = codec::unseal(bytes, "a correlation")?;
    Ok(record.to_model())
}

/// A tombstone's bytes.
pub(super) fn tombstone(key: &ExecutionKey, tombstone: &Tombstone) -> Vec<u8> {
    codec::seal(&TombstoneRecord::of(key, tombstone))
}
