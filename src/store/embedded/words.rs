//! The texts of a block, each once: rows of one history say the same words over and over, and four of the fields of most
//! rows are one Pod's name. Pure.

use rapidhash::RapidHashMap;
use serde::{Deserialize, Serialize};

use super::records::{BodyRecord, DialectRecord, KeyRecord, TypeRecord};
use crate::model::{Body, EventType, Key, MessageKey};
use crate::store::Error;

/// A text, by its place among the words.
type Word = u32;

/// The two types that have no text.
const NORMAL: Word = 0;
const WARNING: Word = 1;
/// Where the others begin.
const OTHER: Word = 2;

/// A key of a row.
#[derive(Serialize, Deserialize)]
pub(super) struct KeyWords {
    element: Word,
    pub(super) elem_type: Word,
    pub(super) action: Word,
    /// [`NORMAL`], [`WARNING`], or [`OTHER`] and a word.
    event_type: Word,
    pub(super) code: Word,
    involved_uid: Word,
    field_path: Word,
    message: Option<Word>,
}

type Pairs = Vec<(Word, Word)>;

/// A body of a row.
#[derive(Serialize, Deserialize)]
pub(super) struct BodyWords {
    pub(super) reason: Word,
    pub(super) message: Word,
    pub(super) params: Pairs,
    pub(super) elem_id: Word,
    pub(super) namespace: Word,
    /// Kind, namespace, name.
    pub(super) involved: (Word, Word, Word),
    reporter: Word,
    labels: Pairs,
    payload: Option<Word>,
    at_least: bool,
    wire: Option<(DialectRecord, Word)>,
}

/// A block of texts.
#[derive(Serialize, Deserialize)]
pub(super) struct TextsRecord<'a> {
    #[serde(borrow)]
    pub(super) words: Vec<&'a str>,
    pub(super) keys: Vec<KeyWords>,
    /// In the order of their digests, which are not written: whoever needs them makes them.
    pub(super) bodies: Vec<BodyWords>,
}

/// Gathers words.
#[derive(Default)]
pub(super) struct WordList<'a> {
    words: Vec<&'a str>,
    places: RapidHashMap<&'a str, Word>,
}

impl<'a> WordList<'a> {
    fn word(&mut self, text: &'a str) -> Word {
        *self.places.entry(text).or_insert_with(|| {
            self.words.push(text);
            self.words.len() as Word - 1
        })
    }

    fn pairs(&mut self, texts: &'a crate::model::event::Texts) -> Pairs {
        let pairs = texts.iter();
        pairs
            .map(|(key, text)| (self.word(key), self.word(text)))
            .collect()
    }

    pub(super) fn key(&mut self, key: &'a Key) -> KeyWords {
        KeyWords {
            element: self.word(&key.element),
            elem_type: self.word(&key.elem_type),
            action: self.word(&key.action),
            event_type: match &key.event_type {
                EventType::Normal => NORMAL,
                EventType::Warning => WARNING,
                EventType::Other(text) => OTHER + self.word(text),
            },
            code: self.word(&key.code),
            involved_uid: self.word(&key.involved_uid),
            field_path: self.word(&key.field_path),
            message: match &key.message {
                MessageKey::Text(text) => Some(self.word(text)),
                MessageKey::Aggregate => None,
            },
        }
    }

    pub(super) fn body(&mut self, body: &'a Body) -> BodyWords {
        let involved = &body.involved;
        BodyWords {
            reason: self.word(&body.reason),
            message: self.word(&body.message),
            params: self.pairs(&body.params),
            elem_id: self.word(&body.elem_id),
            namespace: self.word(&body.namespace),
            involved: (
                self.word(&involved.kind),
                self.word(&involved.namespace),
                self.word(&involved.name),
            ),
            reporter: self.word(&body.reporter),
            labels: self.pairs(&body.labels),
            payload: body.payload.as_deref().map(|text| self.word(text)),
            at_least: body.at_least,
            wire: (body.wire.as_ref())
                .map(|wire| (DialectRecord::of(wire.dialect), self.word(&wire.item))),
        }
    }

    pub(super) fn into_words(self) -> Vec<&'a str> {
        self.words
    }
}

impl<'a> TextsRecord<'a> {
    pub(super) fn word(&self, word: Word) -> Result<&'a str, Error> {
        let found = self.words.get(word as usize).copied();
        found.ok_or_else(|| Error::Damaged("a block of texts lacks a word".into()))
    }

    fn pairs(&self, pairs: &Pairs) -> Result<Vec<(&'a str, &'a str)>, Error> {
        let pairs = pairs.iter();
        pairs
            .map(|(key, text)| Ok((self.word(*key)?, self.word(*text)?)))
            .collect()
    }

    fn event_type(&self, word: Word) -> Result<TypeRecord<'a>, Error> {
        Ok(match word {
            NORMAL => TypeRecord::Normal,
            WARNING => TypeRecord::Warning,
            other => TypeRecord::Other(self.word(other - OTHER)?),
        })
    }

    /// The type, as it is written on the wire.
    pub(super) fn type_text(&self, key: &KeyWords) -> Result<&'a str, Error> {
        match key.event_type {
            NORMAL => Ok("Normal"),
            WARNING => Ok("Warning"),
            other => self.word(other - OTHER),
        }
    }

    pub(super) fn key(&self, key: &KeyWords) -> Result<KeyRecord<'a>, Error> {
        Ok(KeyRecord {
            element: self.word(key.element)?,
            elem_type: self.word(key.elem_type)?,
            action: self.word(key.action)?,
            event_type: self.event_type(key.event_type)?,
            code: self.word(key.code)?,
            involved_uid: self.word(key.involved_uid)?,
            field_path: self.word(key.field_path)?,
            message: key.message.map(|text| self.word(text)).transpose()?,
        })
    }

    pub(super) fn body(&self, body: &BodyWords) -> Result<BodyRecord<'a>, Error> {
        let (kind, namespace, name) = body.involved;
        Ok(BodyRecord {
            reason: self.word(body.reason)?,
            message: self.word(body.message)?,
            params: self.pairs(&body.params)?,
            elem_id: self.word(body.elem_id)?,
            namespace: self.word(body.namespace)?,
            involved: (self.word(kind)?, self.word(namespace)?, self.word(name)?),
            reporter: self.word(body.reporter)?,
            labels: self.pairs(&body.labels)?,
            payload: body.payload.map(|text| self.word(text)).transpose()?,
            at_least: body.at_least,
            wire: (body.wire)
                .map(|(dialect, item)| Ok::<_, Error>((dialect, self.word(item)?)))
                .transpose()?,
        })
    }
}
