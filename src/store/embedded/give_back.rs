//! Giving back to the disk what was removed. Does I/O.
//!
//! A removal leaves a mark in the database, and the place is free once a file without what was removed has been
//! written. Where that is for the database to decide it may take long. But executions are numbered in the order in which
//! they come, and the oldest go first: so most files of rows come to hold nothing that is still there, and go as they
//! are, without another being written. This works on a disk that is nearly full. What lies scattered is written anew,
//! where there is room for that.

use super::keys;
use super::rest::follow;
use super::start::Inner;
use crate::store::Error;

/// Bytes that are given back together at least, and which part of all bytes.
const MUCH: u64 = if cfg!(test) { 1 } else { 8 << 20 };
const PART: u64 = 16;
/// Files are written anew when so much of them, one part in so many, is of no use.
const SCATTERED: u64 = 4;
/// Bytes in memory that are not worth a file yet.
const BUFFERED: u64 = if cfg!(test) { 0 } else { 1 << 20 };

impl Inner {
    /// Whether enough was removed for its place to be given back now; on a disk that is short anything is.
    pub(super) fn has_much_to_give_back(&self) -> bool {
        let (freed, stored) = {
            let fold = self.fold.read();
            (fold.freed, fold.stored)
        };
        freed >= MUCH.max(stored / PART) || (freed > 0 && self.refuse_if_short().is_err())
    }

    /// Has what is in memory written into files, so that the disk is not to hold it twice.
    pub(super) fn empty_buffers(&self) -> Result<(), Error> {
        let disk = self.fold.read().disk.clone();
        match disk {
            Some(disk) if disk.flush_above(BUFFERED)? => follow(disk),
            _ => Ok(()),
        }
    }

    /// Gives back what was removed from the blocks, and what was cut off the log.
    pub(super) fn give_back(&self) -> Result<(), Error> {
        let is_much = self.has_much_to_give_back();
        if is_much {
            self.empty_buffers()?;
        }
        let checkpointing = self.checkpointing.lock();
        let (disk, freed, stored, cut, warm) = {
            let fold = self.fold.read();
            let Some(disk) = fold.disk.clone() else {
                return Ok(());
            };
            let warm = fold.entries.values().map(|entry| entry.number);
            let warm: Vec<u64> = warm.chain([fold.next_number]).collect();
            (disk, fold.freed, fold.stored, fold.cut, warm)
        };
        // What says that things are gone has to be on disk before they are.
        disk.sync()?;
        let (number, seq) = cut;
        let is_cut = disk.drop_log_before(&keys::log(seq.next(), number + 1))?;
        if !is_much {
            return if is_cut {
                disk.let_go_of_flushed()
            } else {
                Ok(())
            };
        }
        let mut live = disk.reader().numbers()?;
        live.extend(warm);
        live.sort_unstable();
        live.dedup();
        disk.drop_dead(&live)?;
        // From here on it is the database's own business.
        drop(checkpointing);
        let room = self.size()?;
        let used = disk.rows_on_disk();
        // Twice as much: what is taken in meanwhile must not meet it in the reserve.
        let fits = room.free.is_none_or(|free| free > 2 * used + room.reserve);
        if fits && used.saturating_sub(stored) > (stored / SCATTERED).max(MUCH) {
            disk.write_anew()?;
        }
        // The database keeps the files as long as it remembers what was in them, and forgets that now.
        disk.let_go_of_flushed()?;
        let mut fold = self.fold.write();
        fold.freed = fold.freed.saturating_sub(freed);
        Ok(())
    }
}
