//! One entry of two files that belong together: what it is, and what is wrong with it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{self, Pattern};
use fluent_syntax::parser;

use super::super::phrase::Shape;
use super::super::template::Template;

/// What an entry is for, and the code that it is about.
pub(super) enum Sort {
    Reason(String),
    Message(String),
    Phrase(String),
}

/// A message of Fluent in both languages.
pub(super) struct Entry {
    pub(super) key: String,
    zh: ast::Message<String>,
    en: ast::Message<String>,
}

/// Both languages of one text.
type Pair = (Template<String>, Template<String>);

/// Reads two files: the entries that both have, in the order of the English one. What is no entry goes to `fault`.
pub(super) fn read(zh: &str, en: &str, fault: &mut impl FnMut(String, String)) -> Vec<Entry> {
    let mut zh: BTreeMap<String, ast::Message<String>> = file("zh.ftl", zh, fault)
        .into_iter()
        .map(|message| (message.id.name.clone(), message))
        .collect();
    let mut entries = Vec::new();
    for en in file("en.ftl", en, fault) {
        let key = en.id.name.clone();
        match zh.remove(&key) {
            Some(zh) => entries.push(Entry { key, zh, en }),
            None => fault(key, "it is in en.ftl, and not in zh.ftl".into()),
        }
    }
    for key in zh.into_keys() {
        fault(key, "it is in zh.ftl, and not in en.ftl".into());
    }
    entries
}

/// The messages of a file.
fn file(
    name: &str,
    text: &str,
    fault: &mut impl FnMut(String, String),
) -> Vec<ast::Message<String>> {
    let (resource, errors) = match parser::parse(text.to_owned()) {
        Ok(resource) => (resource, Vec::new()),
        Err(partial) => partial,
    };
    // There is an error for each piece that is no entry, in the same order.
    let mut errors = errors.into_iter();
    let mut seen = BTreeSet::new();
    let mut messages = Vec::new();
    for entry in resource.body {
        match entry {
            ast::Entry::Message(message) if seen.insert(message.id.name.clone()) => {
                messages.push(message);
            }
            ast::Entry::Message(message) => {
                fault(
                    message.id.name,
                    format!("it stands twice in {name}: the first is used"),
                );
            }
            ast::Entry::Term(term) => {
                let problem =
                    format!("{name}: terms are not used here, write the text in the entry");
                fault(format!("-{}", term.id.name), problem);
            }
            ast::Entry::Junk { content } => {
                let key = content.split(['=', '\n']).next().unwrap_or_default().trim();
                let why = errors.next().map(|error| error.kind.to_string());
                let why = why.unwrap_or_else(|| "it is no entry of Fluent".into());
                fault(key.to_owned(), format!("{name} cannot be read here: {why}"));
            }
            ast::Entry::Comment(_)
            | ast::Entry::GroupComment(_)
            | ast::Entry::ResourceComment(_) => {}
        }
    }
    messages
}

impl Entry {
    /// What it is for, by its key.
    pub(super) fn sort(&self) -> Result<Sort, String> {
        const FORMS: &str = "a key is reason-<Code>, message-<Code> or phrase-<Code>-<name>, a code has letters, digits and _";
        let wrong = || FORMS.to_owned();
        let (sort, code) = self.key.split_once('-').ok_or_else(wrong)?;
        let (sort, code): (fn(String) -> Sort, &str) = match (sort, code.split_once('-')) {
            ("reason", None) => (Sort::Reason, code),
            ("message", None) => (Sort::Message, code),
            ("phrase", Some((code, name))) if !name.is_empty() => (Sort::Phrase, code),
            _ => return Err(wrong()),
        };
        if code.is_empty() {
            return Err(wrong());
        }
        Ok(sort(code.to_owned()))
    }

    /// The Chinese word for a reason.
    pub(super) fn word(&self, code: &str) -> Result<String, String> {
        let (zh, en) = self.only()?;
        if !en.names().is_empty() {
            return Err("a reason has no parameters".into());
        }
        if en.fill(&[]).is_none_or(|en| en != code) {
            return Err(format!("in English a reason is called by its code, {code}"));
        }
        Ok(zh.fill(&[]).unwrap_or_default())
    }

    /// The texts of a message: its value, and its attributes, which need more parameters.
    pub(super) fn variants(&self) -> Result<Vec<Pair>, String> {
        let mut variants = vec![pair(self.zh.value.as_ref(), self.en.value.as_ref())?];
        let names = |message: &ast::Message<String>| {
            let names = message.attributes.iter().map(|one| one.id.name.clone());
            names.collect::<BTreeSet<_>>()
        };
        if names(&self.zh) != names(&self.en) {
            return Err("zh.ftl and en.ftl have other attributes".into());
        }
        for en in &self.en.attributes {
            let zh = self
                .zh
                .attributes
                .iter()
                .find(|zh| zh.id.name == en.id.name);
            variants.push(pair(zh.map(|zh| &zh.value), Some(&en.value))?);
        }
        Ok(variants)
    }

    /// How an English message is worded, and the Chinese for it.
    pub(super) fn phrase(&self) -> Result<(Shape<String>, Template<String>), String> {
        let (zh, _) = self.only()?;
        let shape = self.en.value.as_ref().and_then(Shape::of);
        let shape =
            shape.ok_or("en.ftl: a wording is one line, with some text between two parameters")?;
        Ok((shape, zh))
    }

    /// The texts of an entry that has one.
    fn only(&self) -> Result<Pair, String> {
        if !self.zh.attributes.is_empty() || !self.en.attributes.is_empty() {
            return Err("only a message has attributes".into());
        }
        pair(self.zh.value.as_ref(), self.en.value.as_ref())
    }
}

/// One text in both languages: with words in it, and the same parameters.
fn pair(zh: Option<&Pattern<String>>, en: Option<&Pattern<String>>) -> Result<Pair, String> {
    let read = |name: &str, pattern: Option<&Pattern<String>>| {
        let pattern = pattern.ok_or_else(|| format!("{name}: it has no text"))?;
        Template::of(pattern)
            .filter(|template| !template.is_blank())
            .ok_or_else(|| format!("{name}: only text and {{ $parameters }} are taken"))
    };
    let (zh, en) = (read("zh.ftl", zh)?, read("en.ftl", en)?);
    let names = |of: &Template<String>| {
        let names: BTreeSet<_> = of.names().into_iter().map(str::to_owned).collect();
        names.into_iter().collect::<Vec<_>>()
    };
    let (in_zh, in_en) = (names(&zh), names(&en));
    if in_zh != in_en {
        return Err(format!(
            "the parameters differ: zh.ftl has [{}], en.ftl [{}]",
            in_zh.join(", "),
            in_en.join(", ")
        ));
    }
    Ok((zh, en))
}
