//! What was added for some events, by reason code. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use super::super::phrase::Shape;
use super::super::template::Template;
use super::super::{Both, Param, catalogue};
use super::entry::{Entry, Sort, read};

/// The words for some events.
#[derive(Default)]
pub(in crate::text) struct Words(HashMap<String, Known>);

/// What is known of one code.
#[derive(Default)]
struct Known {
    /// The Chinese word; the English one is the code.
    reason: Option<String>,
    /// Variants of the message, most parameters first.
    messages: Vec<Variant>,
    /// By their keys, in the order of the files: the first that fits is used.
    phrases: Vec<(String, Shape<String>, Template<String>)>,
}

/// A message in both languages, and the parameters that it needs.
struct Variant {
    needs: BTreeSet<String>,
    zh: Template<String>,
    en: Template<String>,
}

impl Words {
    /// Adds the entries of two files; says how many. An entry that is wrong goes to `fault` by its key.
    pub(super) fn add(
        &mut self,
        zh: &str,
        en: &str,
        fault: &mut impl FnMut(String, String),
    ) -> usize {
        let mut added = 0;
        for entry in read(zh, en, fault) {
            let key = entry.key.clone();
            match self.take(entry) {
                Ok(()) => added += 1,
                Err(problem) => fault(key, problem),
            }
        }
        added
    }

    fn take(&mut self, entry: Entry) -> Result<(), String> {
        const OURS: &str = "dagtrail has words of its own for it, which stay";
        const TWICE: &str = "another file before has it already, which is used";
        let sort = entry.sort()?;
        let is_ours = match &sort {
            Sort::Reason(code) => catalogue().has_reason(code),
            Sort::Message(code) => catalogue().has_message(code),
            Sort::Phrase(_) => false,
        };
        if is_ours {
            return Err(OURS.into());
        }
        match sort {
            Sort::Reason(code) => {
                let word = entry.word(&code)?;
                let known = self.0.entry(code).or_default();
                if known.reason.is_some() {
                    return Err(TWICE.into());
                }
                known.reason = Some(word);
            }
            Sort::Message(code) => {
                let variants = entry.variants()?;
                let known = self.0.entry(code).or_default();
                if !known.messages.is_empty() {
                    return Err(TWICE.into());
                }
                known.messages = variants
                    .into_iter()
                    .map(|(zh, en)| Variant {
                        needs: en.names().into_iter().map(str::to_owned).collect(),
                        zh,
                        en,
                    })
                    .collect();
                known
                    .messages
                    .sort_by_key(|variant| Reverse(variant.needs.len()));
            }
            Sort::Phrase(code) => {
                let (shape, zh) = entry.phrase()?;
                let known = self.0.entry(code).or_default();
                if known.phrases.iter().any(|(key, ..)| *key == entry.key) {
                    return Err(TWICE.into());
                }
                known.phrases.push((entry.key, shape, zh));
            }
        }
        Ok(())
    }

    /// The Chinese word for a reason code.
    pub(in crate::text) fn reason(&self, code: &str) -> Option<String> {
        self.0.get(code)?.reason.clone()
    }

    /// The message of a code, made from its parameters, all of which have to be there.
    pub(in crate::text) fn message(&self, code: &str, params: &[Param<'_>]) -> Option<Both> {
        let given = |name: &String| {
            params
                .iter()
                .any(|(n, value)| n == name && !value.is_empty())
        };
        let mut variants = self.0.get(code)?.messages.iter();
        let variant = variants.find(|variant| variant.needs.iter().all(given))?;
        Some(Both {
            zh: variant.zh.fill(params)?,
            en: variant.en.fill(params)?,
        })
    }

    /// The Chinese for an English message, if its wording is known for this code.
    pub(in crate::text) fn translate(&self, code: &str, message: &str) -> Option<String> {
        let message = message.trim();
        let mut phrases = self.0.get(code)?.phrases.iter();
        phrases.find_map(|(_, shape, zh)| zh.fill(&shape.read(message)?))
    }
}
