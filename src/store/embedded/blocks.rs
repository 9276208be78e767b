//! Rows packed into blocks: what changes at each repeat (numbers, origins) apart from what rarely does (keys,
//! texts), so that a repeat rewrites little. Pure.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::codec;
use super::records::{BodyRecord, Bytes16, KeyRecord};
use crate::model::series::SeriesParts;
use crate::model::{
    Body, Diagnosis, Digest, Digester, ExecutionKey, OriginShare, Policy, Row, RowId, Seq, Series,
    Share, Time,
};
use crate::store::Error;

/// Rows in a block.
pub(super) const ROWS: usize = 128;

#[derive(Serialize, Deserialize)]
struct ShareRecord<'a> {
    count: u64,
    first: i64,
    last: i64,
    name: &'a str,
    body_count: u64,
    body: Bytes16,
    origins: u64,
    at_least: bool,
    unobserved: u64,
    seen: Vec<(u64, u64)>,
}

impl<'a> ShareRecord<'a> {
    fn of(share: &'a Share) -> Self {
        Self {
            count: share.count,
            first: share.first.0,
            last: share.last.0,
            name: &share.name,
            body_count: share.body_count,
            body: share.body_digest.to_bytes(),
            origins: share.diagnosis.origins,
            at_least: share.diagnosis.at_least,
            unobserved: share.diagnosis.unobserved,
            seen: share.diagnosis.seen.clone(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct OriginRecord<'a> {
    origin: Bytes16,
    lowest: (u64, Bytes16),
    #[serde(borrow)]
    share: ShareRecord<'a>,
}

impl<'a> OriginRecord<'a> {
    fn of(known: &'a OriginShare) -> Self {
        Self {
            origin: known.origin.to_bytes(),
            lowest: (known.lowest.0, known.lowest.1.0.to_bytes()),
            share: ShareRecord::of(&known.share),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct HeadRecord<'a> {
    id: Bytes16,
    folds: bool,
    seq: u64,
    #[serde(borrow)]
    settled: Option<ShareRecord<'a>>,
    origins: Vec<OriginRecord<'a>>,
    spilled: u64,
    /// `None` if it is that of the only share.
    total: Option<ShareRecord<'a>>,
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

#[derive(Serialize, Deserialize)]
struct TextsRecord<'a> {
    #[serde(borrow)]
    keys: Vec<KeyRecord<'a>>,
    bodies: Vec<(Bytes16, BodyRecord<'a>)>,
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
    let mut bodies: BTreeMap<Digest, &Body> = BTreeMap::new();
    for series in rows.iter().map(|row| &row.series) {
        let origins = series.inline_origins().iter().map(|known| &known.share);
        let others = series.settled_share().into_iter().chain([series.total()]);
        for share in origins.chain(others) {
            bodies.insert(share.body_digest, &share.body);
        }
    }
    let heads: Vec<HeadRecord<'_>> = rows
        .iter()
        .map(|row| (row, &row.series))
        .map(|(row, series)| HeadRecord {
            id: row.id.0.to_bytes(),
            folds: row.policy == Policy::Fold,
            seq: row.seq.0,
            settled: series.settled_share().map(ShareRecord::of),
            origins: series
                .inline_origins()
                .iter()
                .map(OriginRecord::of)
                .collect(),
            spilled: series.spilled(),
            total: (only(series) != Some(series.total())).then(|| ShareRecord::of(series.total())),
        })
        .collect();
    let now = mark_of(bodies.keys().copied(), rows);
    let texts = || TextsRecord {
        keys: rows.iter().map(|row| KeyRecord::of(&row.key)).collect(),
        bodies: bodies
            .iter()
            .map(|(digest, body)| (digest.to_bytes(), BodyRecord::of(body)))
            .collect(),
    };
    Packed {
        heads: codec::pack(&heads),
        texts: (mark != Some(now)).then(|| codec::pack(&texts())),
        mark: now,
    }
}

/// What is needed to make shares of records: each text once.
struct Words<'a> {
    bodies: HashMap<Bytes16, Arc<Body>>,
    names: HashMap<&'a str, Arc<str>>,
}

impl<'a> Words<'a> {
    fn share(&mut self, record: &ShareRecord<'a>) -> Result<Share, Error> {
        let body = self.bodies.get(&record.body);
        let name = self.names.entry(record.name);
        Ok(Share {
            count: record.count,
            first: Time(record.first),
            last: Time(record.last),
            name: name.or_insert_with(|| record.name.into()).clone(),
            body_count: record.body_count,
            body_digest: Digest::from_bytes(record.body),
            body: body
                .cloned()
                .ok_or_else(|| Error::Damaged("a row's text is missing".into()))?,
            diagnosis: Diagnosis {
                origins: record.origins,
                at_least: record.at_least,
                unobserved: record.unobserved,
                seen: record.seen.clone(),
            },
        })
    }

    fn origin(&mut self, record: &OriginRecord<'a>) -> Result<OriginShare, Error> {
        let (count, row) = record.lowest;
        Ok(OriginShare {
            origin: Digest::from_bytes(record.origin),
            lowest: (count, RowId(Digest::from_bytes(row))),
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
    let heads: Vec<HeadRecord<'_>> = codec::parse(&heads, "a block of rows")?;
    let texts: TextsRecord<'_> = codec::parse(&texts, "a block of texts")?;
    if heads.len() != texts.keys.len() {
        return Err(Error::Damaged(
            "a block of texts is that of other rows".into(),
        ));
    }
    let mut words = Words {
        bodies: texts
            .bodies
            .iter()
            .map(|(digest, body)| (*digest, Arc::new(body.to_model())))
            .collect(),
        names: HashMap::new(),
    };
    let mut rows = Vec::with_capacity(heads.len());
    for (head, key) in heads.iter().zip(&texts.keys) {
        let settled = head.settled.as_ref().map(|share| words.share(share));
        let origins = head.origins.iter().map(|known| words.origin(known));
        let origins = origins.collect::<Result<Vec<_>, _>>()?;
        let mut parts = SeriesParts {
            settled: settled.transpose()?,
            total: match (&head.total, &head.settled, &*head.origins) {
                (Some(total), ..) => words.share(total)?,
                (None, Some(share), _) => words.share(share)?,
                (None, None, [known, ..]) => words.share(&known.share)?,
                (None, None, []) => return Err(Error::Damaged("a row has no share".into())),
            },
            origins,
            spilled: head.spilled,
        };
        parts.origins.shrink_to_fit();
        rows.push(Arc::new(Row {
            id: RowId(Digest::from_bytes(head.id)),
            execution: execution.clone(),
            key: Arc::new(key.to_model()),
            policy: if head.folds {
                Policy::Fold
            } else {
                Policy::ById
            },
            seq: Seq(head.seq),
            series: Series::from_parts(parts),
        }));
    }
    let digests = texts
        .bodies
        .iter()
        .map(|(digest, _)| Digest::from_bytes(*digest));
    let mark = mark_of(digests, &rows);
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
    #[serde(borrow)]
    origin: OriginRecord<'a>,
    body: BodyRecord<'a>,
}

/// An origin that is kept outside its row.
pub(super) fn pack_outside(row: RowId, known: &OriginShare) -> Vec<u8> {
    codec::seal(&OutsideRecord {
        row: row.0.to_bytes(),
        origin: OriginRecord::of(known),
        body: BodyRecord::of(&known.share.body),
    })
}

/// The inverse of [`pack_outside`].
pub(super) fn unpack_outside(bytes: &[u8]) -> Result<(RowId, OriginShare), Error> {
    let record: OutsideRecord<'_> = codec::unseal(bytes, "an origin outside its row")?;
    let body = Arc::new(record.body.to_model());
    let mut words = Words {
        bodies: HashMap::from([(record.origin.share.body, body)]),
        names: HashMap::new(),
    };
    let row = RowId(Digest::from_bytes(record.row));
    Ok((row, words.origin(&record.origin)?))
}
