//! What another history has kept, as it is written into the log. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::records::{BodyRecord, ExecutionRecord, KeyRecord, SampleRecord};
use crate::model::{
    Body, Diagnosis, Digest, OriginShare, Policy, RowId, Saved, SavedRow, Share, Time,
};

type Bytes16 = [u8; 16];

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
        let diagnosis = &share.diagnosis;
        Self {
            count: share.count,
            first: share.first.0,
            last: share.last.0,
            name: &share.name,
            body_count: share.body_count,
            body: share.body_digest.to_bytes(),
            origins: diagnosis.origins,
            at_least: diagnosis.at_least,
            unobserved: diagnosis.unobserved,
            seen: diagnosis.seen.clone(),
        }
    }

    fn to_model(&self, bodies: &BTreeMap<Bytes16, Arc<Body>>) -> Option<Share> {
        Some(Share {
            count: self.count,
            first: Time(self.first),
            last: Time(self.last),
            name: self.name.into(),
            body_count: self.body_count,
            body_digest: Digest::from_bytes(self.body),
            body: bodies.get(&self.body)?.clone(),
            diagnosis: Diagnosis {
                origins: self.origins,
                at_least: self.at_least,
                unobserved: self.unobserved,
                seen: self.seen.clone(),
            },
        })
    }
}

/// An origin, the lowest count that it has told, and what it has said.
#[derive(Serialize, Deserialize)]
struct OriginRecord<'a>(Bytes16, u64, #[serde(borrow)] ShareRecord<'a>);

impl<'a> OriginRecord<'a> {
    fn of(known: &'a OriginShare) -> Self {
        let share = ShareRecord::of(&known.share);
        Self(known.origin.to_bytes(), known.lowest.0, share)
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct SavedRecord<'a> {
    #[serde(borrow)]
    execution: ExecutionRecord<'a>,
    rows: Vec<RowRecord<'a>>,
    ids: Vec<(Bytes16, i64)>,
    samples: Vec<SampleRecord<'a>>,
}

#[derive(Serialize, Deserialize)]
struct RowRecord<'a> {
    id: Bytes16,
    #[serde(borrow)]
    key: KeyRecord<'a>,
    folds: bool,
    settled: Option<ShareRecord<'a>>,
    origins: Vec<OriginRecord<'a>>,
    bodies: Vec<(Bytes16, BodyRecord<'a>)>,
}

impl<'a> RowRecord<'a> {
    fn of(row: &'a SavedRow) -> Self {
        let shares = row.origins.iter().map(|known| &known.share);
        let bodies: BTreeMap<Digest, &Body> = shares
            .chain(&row.settled)
            .map(|share: &Share| (share.body_digest, &*share.body))
            .collect();
        Self {
            id: row.id.0.to_bytes(),
            key: KeyRecord::of(&row.key),
            folds: row.policy == Policy::Fold,
            settled: row.settled.as_ref().map(ShareRecord::of),
            origins: row.origins.iter().map(OriginRecord::of).collect(),
            bodies: bodies
                .into_iter()
                .map(|(digest, body)| (digest.to_bytes(), BodyRecord::of(body)))
                .collect(),
        }
    }

    fn to_model(&self) -> Option<SavedRow> {
        let id = RowId(Digest::from_bytes(self.id));
        let bodies = self.bodies.iter();
        let bodies = bodies.map(|(digest, body)| (*digest, Arc::new(body.to_model())));
        let bodies: BTreeMap<Bytes16, Arc<Body>> = bodies.collect();
        let settled = match &self.settled {
            Some(share) => Some(share.to_model(&bodies)?),
            None => None,
        };
        let origins = self
            .origins
            .iter()
            .map(|OriginRecord(origin, lowest, share)| {
                Some(OriginShare {
                    origin: Digest::from_bytes(*origin),
                    lowest: (*lowest, id),
                    share: share.to_model(&bodies)?,
                })
            });
        Some(SavedRow {
            id,
            key: Arc::new(self.key.to_model()),
            policy: if self.folds {
                Policy::Fold
            } else {
                Policy::ById
            },
            settled,
            origins: origins.collect::<Option<_>>()?,
        })
    }
}

impl<'a> SavedRecord<'a> {
    pub(super) fn of(saved: &'a Saved) -> Self {
        Self {
            execution: ExecutionRecord::of(&saved.execution, 0),
            rows: saved.rows.iter().map(RowRecord::of).collect(),
            ids: saved
                .ids
                .iter()
                .map(|(id, told)| (id.to_bytes(), told.0))
                .collect(),
            samples: saved
                .samples
                .iter()
                .map(|sample| SampleRecord::of(sample))
                .collect(),
        }
    }

    /// `None` if a text is missing.
    pub(super) fn to_model(&self) -> Option<Saved> {
        let execution = self.execution.to_model();
        let rows = self.rows.iter().map(RowRecord::to_model);
        let samples = self.samples.iter();
        Some(Saved {
            rows: rows.collect::<Option<_>>()?,
            ids: self
                .ids
                .iter()
                .map(|(id, told)| (Digest::from_bytes(*id), Time(*told)))
                .collect(),
            samples: samples
                .map(|sample| Arc::new(sample.to_model(&execution.key)))
                .collect(),
            execution,
        })
    }
}
