//! Rows packed into blocks: what changes at each repeat (numbers, origins) apart from what rarely does (keys,
//! texts), so that a repeat rewrites little. Pure.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::codec;
use super::records::{BodyRecord, Bytes16};
use super::words::{TextsRecord, WordList};
use crate::model::series::SeriesParts;
use crate::model::{
    Body, Diagnosis, Digest, Digester, ExecutionKey, OriginShare, Policy, Row, RowId, Seq, Series,
    Share, Time,
};
use crate::store::Error;

/// Rows in a block.
pub(super) const ROWS: usize = 128;

/// The bodies of a block with their places, in the order of their digests.
type Bodies<'a> = BTreeMap<Digest, (u32, &'a Body)>;

/// What the numbers of a block are told from: small numbers take few bytes.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Base {
    first: i64,
    seq: u64,
}

impl Base {
    fn of(rows: &[Arc<Row>]) -> Self {
        let first = rows.iter().map(|row| row.series.total().first.0).min();
        let seq = rows.iter().map(|row| row.seq.0).min();
        Self {
            first: first.unwrap_or_default(),
            seq: seq.unwrap_or_default(),
        }
    }

    /// The first and the last time of a share, as they are written: from here on, and from the first one on.
    const fn write(self, share: &Share) -> (i64, i64) {
        let (first, last) = (share.first.0, share.last.0);
        (first.wrapping_sub(self.first), last.wrapping_sub(first))
    }

    /// The inverse of [`Base::write`].
    pub(super) const fn read(self, (first, last): (i64, i64)) -> (Time, Time) {
        let first = self.first.wrapping_add(first);
        (Time(first), Time(first.wrapping_add(last)))
    }
}

#[derive(Serialize, Deserialize)]
struct ShareRecord<'a> {
    count: u64,
    /// As [`Base`] writes them.
    times: (i64, i64),
    name: &'a str,
    body_count: u64,
    /// Its place among the block's bodies, which stand in the order of their digests.
    body: u32,
    origins: u64,
    at_least: bool,
    unobserved: u64,
    seen: Vec<(u64, u64)>,
}

impl<'a> ShareRecord<'a> {
    fn of(share: &'a Share, base: Base, bodies: &Bodies<'_>) -> Self {
        Self {
            count: share.count,
            times: base.write(share),
            name: &share.name,
            body_count: share.body_count,
            body: bodies.get(&share.body_digest).map_or(0, |(at, _)| *at),
            origins: share.diagnosis.origins,
            at_least: share.diagnosis.at_least,
            unobserved: share.diagnosis.unobserved,
            seen: share.diagnosis.seen.clone(),
        }
    }
}

/// What an origin has said; its own digest is elsewhere.
#[derive(Serialize, Deserialize)]
struct OriginRecord<'a> {
    /// Without a row: for that which it is in.
    lowest: (u64, Option<Bytes16>),
    #[serde(borrow)]
    share: ShareRecord<'a>,
}

impl<'a> OriginRecord<'a> {
    fn of(known: &'a OriginShare, row: RowId, base: Base, bodies: &Bodies<'_>) -> Self {
        let (count, lowest) = known.lowest;
        Self {
            lowest: (count, (lowest != row).then(|| lowest.0.to_bytes())),
            share: ShareRecord::of(&known.share, base, bodies),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct HeadRecord<'a> {
    folds: bool,
    /// From that of the base on.
    seq: u64,
    #[serde(borrow)]
    settled: Option<ShareRecord<'a>>,
    origins: Vec<OriginRecord<'a>>,
    spilled: u64,
    /// `None` if it is that of the only share.
    total: Option<ShareRecord<'a>>,
}

/// Digests stand side by side: among what repeats itself they would keep it from being packed.
#[derive(Serialize, Deserialize)]
struct HeadsRecord<'a> {
    base: Base,
    /// Of the rows, 16 bytes each.
    ids: &'a [u8],
    /// Of the rows' origins, one row after the other.
    origins: &'a [u8],
    heads: Vec<HeadRecord<'a>>,
}

/// The digests of many that stand side by side; so many as are wanted must be there.
pub(super) fn digests(
    bytes: &[u8],
    wanted: usize,
) -> Result<impl Iterator<Item = Digest> + use<'_>, Error> {
    let (digests, rest) = bytes.as_chunks();
    if (digests.len(), rest.len()) == (wanted, 0) {
        Ok(digests.iter().map(|digest| Digest::from_bytes(*digest)))
    } else {
        Err(Error::Damaged("a block lacks digests".into()))
    }
}

/// The share that is the total of a row with only one.
fn only(series: &Series) -> Option<&Share> {
    match (
        series.settled_share(),
        series.inline_origins(),
        series.spilled(),
    ) {
        (Some(share), [], 0) => Some(share),
        (None, [known], 0) => Some(&known.share),
        _ => None,
    }
}

/// A block's two values.
pub(super) struct Packed {
    pub(super) heads: Vec<u8>,
    /// `None` if the texts are those of `mark`.
    pub(super) texts: Option<Vec<u8>>,
    /// Which texts these are.
    pub(super) mark: Digest,
}

/// Packs a block; `mark` is that of the texts that are on disk.
pub(super) fn pack(rows: &[Arc<Row>], mark: Option<Digest>) -> Packed {
    let mut bodies: Bodies<'_> = BTreeMap::new();
    for series in rows.iter().map(|row| &row.series) {
        let origins = series.inline_origins().iter().map(|known| &known.share);
        let others = series.settled_share().into_iter().chain([series.total()]);
        for share in origins.chain(others) {
            bodies.insert(share.body_digest, (0, &share.body));
        }
    }
    for (place, (at, _)) in (0..).zip(bodies.values_mut()) {
        *at = place;
    }
    let base = Base::of(rows);
    let share = |share| ShareRecord::of(share, base, &bodies);
    let heads = rows
        .iter()
        .map(|row| (row, &row.series))
        .map(|(row, series)| HeadRecord {
            folds: row.policy == Policy::Fold,
            seq: row.seq.0 - base.seq,
            settled: series.settled_share().map(share),
            origins: (series.inline_origins().iter())
                .map(|known| OriginRecord::of(known, row.id, base, &bodies))
                .collect(),
            spilled: series.spilled(),
            total: (only(series) != Some(series.total())).then(|| share(series.total())),
        })
        .collect();
    let ids: Vec<u8> = rows.iter().flat_map(|row| row.id.0.to_bytes()).collect();
    let origins = rows.iter().flat_map(|row| row.series.inline_origins());
    let origins: Vec<u8> = origins.flat_map(|known| known.origin.to_bytes()).collect();
    let heads = HeadsRecord {
        base,
        ids: &ids,
        origins: &origins,
        heads,
    };
    let now = mark_of(bodies.keys().copied(), rows);
    let texts = || {
        let mut words = WordList::default();
        let keys = rows.iter().map(|row| words.key(&row.key)).collect();
        let bodies = bodies.values();
        let bodies = bodies.map(|(_, body)| words.body(body)).collect();
        TextsRecord {
            keys,
            bodies,
            words: words.into_words(),
        }
    };
    Packed {
        heads: codec::pack(&heads),
        texts: (mark != Some(now)).then(|| codec::pack(&texts())),
        mark: now,
    }
}

/// What is needed to make shares of records: each text once.
struct Made<'a> {
    base: Base,
    bodies: Vec<(Digest, Arc<Body>)>,
    names: HashMap<&'a str, Arc<str>>,
}

impl<'a> Made<'a> {
    fn share(&mut self, record: &ShareRecord<'a>) -> Result<Share, Error> {
        let body = self.bodies.get(record.body as usize).cloned();
        let missing = || Error::Damaged("a row's text is missing".into());
        let (body_digest, body) = body.ok_or_else(missing)?;
        let name = self.names.entry(record.name);
        let (first, last) = self.base.read(record.times);
        Ok(Share {
            count: record.count,
            first,
            last,
            name: name.or_insert_with(|| record.name.into()).clone(),
            body_count: record.body_count,
            body_digest,
            body,
            diagnosis: Diagnosis {
                origins: record.origins,
                at_least: record.at_least,
                unobserved: record.unobserved,
                seen: record.seen.clone(),
            },
        })
    }

    fn origin(
        &mut self,
        origin: Digest,
        record: &OriginRecord<'a>,
        row: RowId,
    ) -> Result<OriginShare, Error> {
        let (count, lowest) = record.lowest;
        let lowest = lowest.map_or(row, |row| RowId(Digest::from_bytes(row)));
        Ok(OriginShare {
            origin,
            lowest: (count, lowest),
            share: self.share(&record.share)?,
        })
    }
}

/// The rows of a block's two values.
pub(super) fn unpack(
    execution: &ExecutionKey,
    heads: &[u8],
    texts: &[u8],
) -> Result<(Vec<Arc<Row>>, Digest), Error> {
    let (heads, texts) = (
        codec::unpack(heads, "a block of rows")?,
        codec::unpack(texts, "a block of texts")?,
    );
    let found: HeadsRecord<'_> = codec::parse(&heads, "a block of rows")?;
    let (base, heads) = (found.base, found.heads);
    let ids = digests(found.ids, heads.len())?.map(RowId);
    let told = heads.iter().map(|head| head.origins.len()).sum();
    let mut digests = digests(found.origins, told)?;
    let texts: TextsRecord<'_> = codec::parse(&texts, "a block of texts")?;
    if heads.len() != texts.keys.len() {
        return Err(Error::Damaged(
            "a block of texts is that of other rows".into(),
        ));
    }
    let bodies = texts.bodies.iter().map(|body| {
        let body = texts.body(body)?.to_model();
        Ok((body.digest(), Arc::new(body)))
    });
    let mut made = Made {
        base,
        bodies: bodies.collect::<Result<_, Error>>()?,
        names: HashMap::new(),
    };
    let mut rows = Vec::with_capacity(heads.len());
    for ((head, id), key) in heads.iter().zip(ids).zip(&texts.keys) {
        let settled = head.settled.as_ref().map(|share| made.share(share));
        let settled = settled.transpose()?;
        let origins = head.origins.iter().zip(&mut digests);
        let origins = origins.map(|(known, origin)| made.origin(origin, known, id));
        let origins = origins.collect::<Result<Vec<_>, _>>()?;
        let mut parts = SeriesParts {
            settled,
            total: match (&head.total, &head.settled, &*head.origins) {
                (Some(total), ..) => made.share(total)?,
                (None, Some(share), _) => made.share(share)?,
                (None, None, [known, ..]) => made.share(&known.share)?,
                (None, None, []) => return Err(Error::Damaged("a row has no share".into())),
            },
            origins,
            spilled: head.spilled,
        };
        parts.origins.shrink_to_fit();
        rows.push(Arc::new(Row {
            id,
            execution: execution.clone(),
            key: Arc::new(texts.key(key)?.to_model()),
            policy: if head.folds {
                Policy::Fold
            } else {
                Policy::ById
            },
            seq: Seq(base.seq.wrapping_add(head.seq)),
            series: Series::from_parts(parts),
        }));
    }
    let mark = mark_of(made.bodies.iter().map(|(digest, _)| *digest), &rows);
    Ok((rows, mark))
}

/// Which texts a block has: two blocks of equal rows with equal bodies have equal texts.
fn mark_of(bodies: impl Iterator<Item = Digest>, rows: &[Arc<Row>]) -> Digest {
    let start = Digester::new("texts").number(rows.len() as u64);
    let digester = rows
        .iter()
        .fold(start, |digester, row| digester.digest(row.id.0));
    bodies.fold(digester, Digester::digest).finish()
}

#[derive(Serialize, Deserialize)]
struct OutsideRecord<'a> {
    row: Bytes16,
    origin: Bytes16,
    #[serde(borrow)]
    told: OriginRecord<'a>,
    body: BodyRecord<'a>,
}

/// An origin that is kept outside its row.
pub(super) fn pack_outside(row: RowId, known: &OriginShare) -> Vec<u8> {
    let share = &known.share;
    let body = BTreeMap::from([(share.body_digest, (0, &*share.body))]);
    codec::seal(&OutsideRecord {
        row: row.0.to_bytes(),
        origin: known.origin.to_bytes(),
        told: OriginRecord::of(known, row, Base::default(), &body),
        body: BodyRecord::of(&share.body),
    })
}

/// The inverse of [`pack_outside`].
pub(super) fn unpack_outside(bytes: &[u8]) -> Result<(RowId, OriginShare), Error> {
    let record: OutsideRecord<'_> = codec::unseal(bytes, "an origin outside its row")?;
    let body = Arc::new(record.body.to_model());
    let mut made = Made {
        base: Base::default(),
        bodies: vec![(body.digest(), body)],
        names: HashMap::new(),
    };
    let row = RowId(Digest::from_bytes(record.row));
    let origin = Digest::from_bytes(record.origin);
    Ok((row, made.origin(origin, &record.told, row)?))
}
