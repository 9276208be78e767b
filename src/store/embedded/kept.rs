//! Which stretches of the log are kept behind the checkpoint, noted with each checkpoint: so opening reads none of what
//! is in the blocks already, however much was written in the last minutes. Pure, but for reading.

use serde::{Deserialize, Serialize};

use super::codec;
use super::fold::{Fold, Stretch};
use super::keys;
use super::reader::Reader;
use crate::model::{Seq, Time};
use crate::store::Error;

/// The most stretches that are noted: of a longer log neighbours are put together.
const MOST: usize = 1024;

#[derive(Serialize, Deserialize)]
struct StretchRecord {
    first_seq: u64,
    first: u64,
    last_seq: u64,
    last: u64,
    bytes: u64,
    now: i64,
}

impl StretchRecord {
    fn of(stretches: &[Stretch]) -> Option<Self> {
        let (first, last) = (stretches.first()?, stretches.last()?);
        Some(Self {
            first_seq: first.from.0.0,
            first: first.from.1,
            last_seq: last.last.0,
            last: last.last_number,
            bytes: stretches.iter().map(|stretch| stretch.bytes).sum(),
            now: stretches.iter().map(|stretch| stretch.now.0).max()?,
        })
    }

    const fn to_stretch(&self) -> Stretch {
        Stretch {
            from: (Seq(self.first_seq), self.first),
            last: Seq(self.last_seq),
            last_number: self.last,
            bytes: self.bytes,
            now: Time(self.now),
        }
    }
}

/// What is kept when everything up to a commit, and its Seq, is in the blocks.
pub(super) fn note(fold: &Fold, commit: u64, seq: Seq) -> Vec<u8> {
    let mut kept: Vec<Stretch> = fold
        .log
        .iter()
        .take_while(|stretch| stretch.from.1 <= commit)
        .copied()
        .collect();
    // Others go on writing to the last one while this is noted.
    if let Some(last) = kept.last_mut()
        && last.last_number > commit
    {
        (last.last_number, last.last) = (commit, seq);
    }
    let together = kept.len().div_ceil(MOST).max(1);
    let records: Vec<_> = kept
        .chunks(together)
        .filter_map(StretchRecord::of)
        .collect();
    codec::seal(&records)
}

/// Takes up what was noted with the last checkpoint; answers from which commit, and its Seq, the log is still to be
/// read: that of the checkpoint, or without a note of it where the log begins.
pub(super) fn take_up(fold: &mut Fold, reader: &Reader) -> Result<(u64, Seq), Error> {
    let Some(bytes) = reader.kept()? else {
        return Ok(fold.cut);
    };
    let records: Vec<StretchRecord> = codec::unseal(&bytes, "the note of what is kept of the log")?;
    let point = (fold.checkpointed, fold.checkpointed_seq);
    let stretches = records.iter().map(StretchRecord::to_stretch);
    let kept = stretches.filter(|stretch| stretch.last_number > fold.cut.0);
    let kept: Vec<_> = kept.collect();
    match kept.last() {
        Some(last) if (last.last_number, last.last) == point => {}
        _ => return Ok(fold.cut),
    }
    // A log that has lost its end loses what was written last, so it is looked whether that is there.
    let end = reader.last_commit(keys::log(point.1.next(), point.0))?;
    if end != Some(point.0) {
        return Err(Error::Damaged(format!(
            "commit {} was acknowledged, and the log ends with commit {}",
            point.0,
            end.unwrap_or_default(),
        )));
    }
    fold.log = kept.into();
    Ok(point)
}
