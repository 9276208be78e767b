//! The two-language catalogue: what the Fluent files say, indexed by reason code. Pure.
//!
//! Keys are `reason-<Code>` (the word for a reason; in English the code itself), `message-<Code>`
//! (made from parameters; attributes are richer variants) and `phrase-<Code>-<name>` (a message as
//! its emitter words it, with its translation). A code holds letters, digits and `_` only.

mod fluent;
mod own;
mod phrase;
mod source;
mod template;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use fluent_syntax::ast::Message;
use rapidhash::RapidHashMap;

pub(super) use self::own::look;
pub use self::own::{Addition, Fault, Own, adopt, version};
use self::{
    fluent::{Bundle, bundle, messages, parameters, resource},
    phrase::Shape,
    source::SOURCES,
    template::Template,
};
use super::pair::join_reason;

/// A parameter's name and its value.
pub(super) type Param<'a> = (&'a str, &'a str);

/// A text in both languages.
pub(super) struct Both {
    pub(super) zh: String,
    pub(super) en: String,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::build);

/// The catalogue of this binary, read on first use.
pub(super) fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

/// Every reason code the catalogue has words for, in no particular order.
pub fn codes() -> impl Iterator<Item = &'static str> {
    catalogue()
        .known
        .iter()
        .filter(|(_, known)| known.reason.is_some())
        .map(|(code, _)| *code)
}

/// A number that changes when any word of the catalogue does, for the entity tags of rendered
/// answers. Equal for equal binaries with equal words of operators, without meaning otherwise.
#[must_use]
pub fn epoch() -> u64 {
    static EPOCH: LazyLock<u64> = LazyLock::new(|| {
        let mut hasher = DefaultHasher::new();
        for source in &SOURCES {
            (source.zh, source.en).hash(&mut hasher);
        }
        hasher.finish()
    });
    *EPOCH ^ own::epoch()
}

pub(super) struct Catalogue {
    zh: Language,
    en: Language,
    known: RapidHashMap<&'static str, Known>,
}

/// The texts of one language.
struct Language {
    bundle: Bundle,
    /// By key and attribute, those that need no Fluent.
    plain: RapidHashMap<(&'static str, Option<&'static str>), Template<&'static str>>,
}

impl Language {
    fn new(name: &str) -> Self {
        Self {
            bundle: bundle(name),
            plain: RapidHashMap::default(),
        }
    }

    /// Adds a file. The first to state a key keeps it.
    fn add(&mut self, source: &'static str) {
        for message in messages(source) {
            let key = message.id.name;
            if self.bundle.has_message(key) {
                continue;
            }
            let value = message.value.as_ref().map(|pattern| (None, pattern));
            let attributes = message.attributes.iter();
            let attributes = attributes.map(|other| (Some(other.id.name), &other.value));
            for (attribute, pattern) in value.into_iter().chain(attributes) {
                if let Some(template) = Template::of(pattern) {
                    self.plain.insert((key, attribute), template);
                }
            }
        }
        // The only error there is says that an earlier domain has stated a key, and keeps it.
        let _overridden = self.bundle.add_resource(resource(source));
    }

    /// None if the key is absent, or a parameter.
    fn format(
        &self,
        key: &'static str,
        attribute: Option<&'static str>,
        params: &[Param<'_>],
    ) -> Option<String> {
        match self.plain.get(&(key, attribute)) {
            Some(template) => template.fill(params),
            None => fluent::format(&self.bundle, key, attribute, params),
        }
    }
}

/// What is known of one code.
#[derive(Default)]
struct Known {
    /// The Chinese word; the English one is the code.
    reason: Option<String>,
    /// Both, as a pair.
    pair: Option<String>,
    /// Variants of the message, most parameters first.
    messages: Vec<Variant>,
    /// In the order of the file: the first that fits is used.
    phrases: Vec<(&'static str, Shape<&'static str>)>,
}

struct Variant {
    key: &'static str,
    attribute: Option<&'static str>,
    needs: BTreeSet<&'static str>,
}

impl Catalogue {
    fn build() -> Self {
        let mut catalogue = Self {
            zh: Language::new("zh"),
            en: Language::new("en"),
            known: RapidHashMap::default(),
        };
        for source in &SOURCES {
            catalogue.zh.add(source.zh);
            catalogue.en.add(source.en);
            for message in messages(source.en) {
                catalogue.index(&message);
            }
        }
        for known in catalogue.known.values_mut() {
            known
                .messages
                .sort_by_key(|variant| std::cmp::Reverse(variant.needs.len()));
        }
        catalogue
    }

    fn index(&mut self, message: &Message<&'static str>) {
        let (key, Some(value)) = (message.id.name, &message.value) else {
            return;
        };
        let Some((sort, name)) = key.split_once('-') else {
            return;
        };
        let code = name.split_once('-').map_or(name, |(code, _)| code);
        let known = self.known.entry(code).or_default();
        match sort {
            "reason" => {
                known.reason = self.zh.format(key, None, &[]);
                known.pair = known.reason.as_deref().map(|zh| join_reason(zh, code));
            }
            // The first domain to state a key has won in the bundles already.
            "message" if known.messages.is_empty() => {
                known.messages.push(Variant {
                    key,
                    attribute: None,
                    needs: parameters(value),
                });
                known
                    .messages
                    .extend(message.attributes.iter().map(|attribute| Variant {
                        key,
                        attribute: Some(attribute.id.name),
                        needs: parameters(&attribute.value),
                    }));
            }
            "phrase" => known
                .phrases
                .extend(Shape::of(value).map(|shape| (key, shape))),
            _ => {}
        }
    }

    /// Whether it says what a reason is called.
    fn has_reason(&self, code: &str) -> bool {
        let known = self.known.get(code);
        known.is_some_and(|known| known.reason.is_some())
    }

    /// Whether it makes messages of a code's parameters.
    fn has_message(&self, code: &str) -> bool {
        let known = self.known.get(code);
        known.is_some_and(|known| !known.messages.is_empty())
    }

    /// The Chinese word for a reason code.
    pub(super) fn reason(&'static self, code: &str) -> Option<&'static str> {
        self.known.get(code)?.reason.as_deref()
    }

    /// The pair of a reason code: the Chinese word, and the code.
    pub(super) fn pair(&'static self, code: &str) -> Option<&'static str> {
        self.known.get(code)?.pair.as_deref()
    }

    /// The message of a code, made from its parameters: of the variants all of whose parameters
    /// are given and not empty, the one with the most. None if there is no such variant, so that
    /// no reader ever sees a hole where a parameter was missing.
    pub(super) fn message(&self, code: &str, params: &[Param<'_>]) -> Option<Both> {
        let given = |name: &str| {
            params
                .iter()
                .any(|(n, value)| *n == name && !value.is_empty())
        };
        let variant = self
            .known
            .get(code)?
            .messages
            .iter()
            .find(|variant| variant.needs.iter().all(|name| given(name)))?;
        Some(Both {
            zh: self.zh.format(variant.key, variant.attribute, params)?,
            en: self.en.format(variant.key, variant.attribute, params)?,
        })
    }

    /// The Chinese for an English message, if its wording is one the catalogue knows for this code.
    pub(super) fn translate(&self, code: &str, message: &str) -> Option<String> {
        let (key, params) = self.recognise(code, message)?;
        self.zh.format(key, None, &params)
    }

    fn recognise<'m>(
        &'m self,
        code: &str,
        message: &'m str,
    ) -> Option<(&'static str, Vec<Param<'m>>)> {
        let message = message.trim();
        self.known
            .get(code)?
            .phrases
            .iter()
            .find_map(|(key, shape)| shape.read(message).map(|params| (*key, params)))
    }
}
