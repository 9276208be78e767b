//! Rows read from their blocks to be shown and forgotten: nothing is copied out of the blocks, and what is not shown is
//! passed over. Pure.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use serde::de::{DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::blocks::{Base, digests};
use super::codec;
use super::records::Bytes16;
use super::words::TextsRecord;
use crate::model::{RowId, Sight, Time};
use crate::store::Error;

/// A block's two values, unpacked.
pub(super) struct Plain {
    heads: Vec<u8>,
    texts: Vec<u8>,
}

impl Plain {
    pub(super) fn unpack(heads: &[u8], texts: &[u8]) -> Result<Self, Error> {
        Ok(Self {
            heads: codec::unpack(heads, "a block of rows")?,
            texts: codec::unpack(texts, "a block of texts")?,
        })
    }
}

/// Items that are read and forgotten.
struct Passed<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Passed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self(PhantomData))
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Passed<T> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<T>()?.is_some() {}
        Ok(self)
    }
}

/// A share as `blocks` writes it.
#[derive(Deserialize)]
struct ShareSight<'a> {
    count: u64,
    times: (i64, i64),
    name: &'a str,
    _body_count: u64,
    body: u32,
    _origins: u64,
    _at_least: bool,
    _unobserved: u64,
    _seen: Passed<(u64, u64)>,
}

#[derive(Deserialize)]
struct OriginSight<'a> {
    _lowest: (u64, Option<Bytes16>),
    #[serde(borrow)]
    share: ShareSight<'a>,
}

/// The first of several origins: of a row with only one it is the total.
struct First<'a>(Option<ShareSight<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for First<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(First(None))
    }
}

impl<'de> Visitor<'de> for First<'de> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the origins of a row")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Self, A::Error> {
        while let Some(origin) = items.next_element::<OriginSight<'de>>()? {
            self.0.get_or_insert(origin.share);
        }
        Ok(self)
    }
}

/// A row's numbers as `blocks` writes them.
#[derive(Deserialize)]
struct HeadSight<'a> {
    _folds: bool,
    _seq: u64,
    #[serde(borrow)]
    settled: Option<ShareSight<'a>>,
    first: First<'a>,
    _spilled: u64,
    total: Option<ShareSight<'a>>,
}

#[derive(Deserialize)]
struct HeadsSight<'a> {
    base: Base,
    ids: &'a [u8],
    _origins: &'a [u8],
    heads: Vec<HeadSight<'a>>,
}

impl<'a> HeadSight<'a> {
    fn total(&self) -> Result<&ShareSight<'a>, Error> {
        let shown = self.total.as_ref().or(self.settled.as_ref());
        let shown = shown.or(self.first.0.as_ref());
        shown.ok_or_else(|| Error::Damaged("a row has no share".into()))
    }
}

/// A block whose rows can be shown.
pub(super) struct Block<'a> {
    base: Base,
    ids: Vec<RowId>,
    heads: Vec<HeadSight<'a>>,
    texts: TextsRecord<'a>,
    params: Vec<(&'a str, &'a str)>,
    /// Which of the parameters are a body's.
    own: Vec<Range<usize>>,
}

impl<'a> Block<'a> {
    pub(super) fn parse(plain: &'a Plain) -> Result<Self, Error> {
        let found: HeadsSight<'_> = codec::parse(&plain.heads, "a block of rows")?;
        let (base, heads) = (found.base, found.heads);
        let ids = digests(found.ids, heads.len())?.map(RowId).collect();
        let texts: TextsRecord<'_> = codec::parse(&plain.texts, "a block of texts")?;
        if heads.len() != texts.keys.len() {
            return Err(Error::Damaged(
                "a block of texts is that of other rows".into(),
            ));
        }
        let (mut params, mut own) = (Vec::new(), Vec::with_capacity(texts.bodies.len()));
        for body in &texts.bodies {
            let from = params.len();
            for (name, value) in &body.params {
                params.push((texts.word(*name)?, texts.word(*value)?));
            }
            own.push(from..params.len());
        }
        Ok(Self {
            base,
            ids,
            heads,
            texts,
            params,
            own,
        })
    }

    /// How many rows there are, in the order of their first change.
    pub(super) fn rows(&self) -> usize {
        self.heads.len()
    }

    /// Where a row stands in the one order of all.
    pub(super) fn stands(&self, at: usize) -> Result<(Time, &'a str, RowId), Error> {
        let share = self.heads[at].total()?;
        Ok((self.base.read(share.times).0, share.name, self.ids[at]))
    }

    /// What a row shows.
    pub(super) fn sight(&self, at: usize) -> Result<Sight<'_>, Error> {
        let (head, key, texts) = (&self.heads[at], &self.texts.keys[at], &self.texts);
        let share = head.total()?;
        let place = share.body as usize;
        let (Some(body), Some(own)) = (texts.bodies.get(place), self.own.get(place)) else {
            return Err(Error::Damaged("a row's text is missing".into()));
        };
        let (first, last) = self.base.read(share.times);
        let (_, involved_namespace, involved_name) = body.involved;
        Ok(Sight {
            id: self.ids[at],
            first,
            last,
            count: share.count,
            name: share.name,
            event_type: texts.type_text(key)?,
            elem_type: texts.word(key.elem_type)?,
            elem_id: texts.word(body.elem_id)?,
            action: texts.word(key.action)?,
            code: texts.word(key.code)?,
            reason: texts.word(body.reason)?,
            message: texts.word(body.message)?,
            params: self.params.get(own.clone()).unwrap_or_default(),
            namespace: texts.word(body.namespace)?,
            involved_namespace: texts.word(involved_namespace)?,
            involved_name: texts.word(involved_name)?,
        })
    }
}
