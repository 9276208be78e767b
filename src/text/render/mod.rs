//! From facts to words. Pure.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::{
    catalogue::{Both, Param, catalogue, look},
    lang::Lang,
    pair::{Pair, code_of, join_message, join_reason, split_message, split_reason},
};

/// What the aggregating recorder of client-go puts before the last message of a group.
const COMBINED: &str = "(combined from similar events): ";
const COMBINED_ZH: &str = "（合并自相似事件）";

/// The code that stands in where an event names no reason at all.
const UNKNOWN: &str = "Unknown";

/// The parameter that names another code: the template of that is used where the catalogue has none for the event's own
/// code. So events whose codes anybody may invent have sentences too.
pub const TEMPLATE: &str = "template";

/// What is stored of an event's words.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// The reason code; empty if none was told, then the reason is taken for it.
    pub code: &'a str,
    /// Parameters by name, for example `elem`, `action`, `detail`, `done`, `total`. An empty
    /// value counts as none, and of two with one name the first counts.
    pub params: &'a [(&'a str, &'a str)],
    /// The reason as its source gave it; may be empty, may be a pair.
    pub reason: &'a str,
    /// The message as its source gave it; may be empty, may be a pair if the reason is one.
    pub message: &'a str,
    /// The event's namespace: whose own words count, beside those that operators have added for all.
    pub namespace: &'a str,
}

/// An event's words in the language asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words<'a> {
    /// Never blank.
    pub reason: Cow<'a, str>,
    /// Empty if the source gave none and the catalogue cannot make one.
    pub message: Cow<'a, str>,
    /// Whether the reason has words in both languages: it came as a pair, or the catalogue knows
    /// its code. Where this is false, operators may want to add the code to the catalogue.
    pub translated: bool,
}

/// Renders an event's words.
///
/// - A pair that was given is served as given: whole in both, a half in one language. Its message
///   is split only because its reason was a pair.
/// - Else the catalogue knows the code (`回退等待##BackOff`), or operators have added a word for it, or the reason is served twice
///   (`X##X`) in both and once in one language.
/// - A message that was given stays as it is in English. In Chinese it is translated where the
///   catalogue knows its wording, else untouched; both are `zh ## en`.
/// - Where none was given, the catalogue makes one from the parameters if it has a template for the
///   code, or for that which [`TEMPLATE`] names, and all parameters that the template needs; else it stays empty.
#[must_use]
pub fn render<'a>(facts: &Facts<'a>, lang: Lang) -> Words<'a> {
    let given = split_reason(facts.reason);
    let code = [facts.code, facts.reason, UNKNOWN]
        .into_iter()
        .find(|code| !code.trim().is_empty())
        .map_or(UNKNOWN, code_of);
    let (reason, translated) = reason(facts, given, code, lang);
    Words {
        reason,
        message: message(facts, given.is_some(), code, lang),
        translated,
    }
}

fn reason<'a>(
    facts: &Facts<'a>,
    given: Option<Pair<'a>>,
    code: &'a str,
    lang: Lang,
) -> (Cow<'a, str>, bool) {
    if let Some(pair) = given {
        let reason = match lang {
            Lang::Zh => pair.zh,
            Lang::En => pair.en,
            Lang::Both => facts.reason,
        };
        return (Cow::Borrowed(reason), true);
    }
    if let Some(zh) = catalogue().reason(code) {
        let named = !facts.code.trim().is_empty() || !facts.reason.trim().is_empty();
        return match lang {
            Lang::Zh => (Cow::Borrowed(zh), named),
            Lang::En => (Cow::Borrowed(code), named),
            Lang::Both => {
                let pair = catalogue().pair(code).unwrap_or(zh);
                (Cow::Borrowed(pair), named)
            }
        };
    }
    if let Some(zh) = look(facts.namespace, |own| own.reason(code)) {
        let reason = match lang {
            Lang::Zh => Cow::Owned(zh),
            Lang::En => Cow::Borrowed(code),
            Lang::Both => Cow::Owned(join_reason(&zh, code)),
        };
        return (reason, true);
    }
    let raw = if facts.reason.trim().is_empty() {
        code
    } else {
        facts.reason
    };
    let reason = match lang {
        Lang::Zh | Lang::En => Cow::Borrowed(raw),
        Lang::Both => Cow::Owned(join_reason(raw, raw)),
    };
    (reason, false)
}

fn message<'a>(facts: &Facts<'a>, paired: bool, code: &str, lang: Lang) -> Cow<'a, str> {
    let raw = facts.message;
    if raw.trim().is_empty() {
        let made = made(facts.namespace, code, facts.params).or_else(|| {
            let (_, other) = facts.params.iter().find(|(name, _)| *name == TEMPLATE)?;
            made(facts.namespace, other, facts.params)
        });
        let Some(made) = made else {
            return Cow::Borrowed("");
        };
        return Cow::Owned(match lang {
            Lang::Zh => made.zh,
            Lang::En => made.en,
            Lang::Both => join_message(&made.zh, &made.en),
        });
    }
    if paired && let Some(pair) = split_message(raw) {
        return match lang {
            Lang::Zh => Cow::Borrowed(pair.zh),
            Lang::En => Cow::Borrowed(pair.en),
            Lang::Both => Cow::Owned(join_message(pair.zh, pair.en)),
        };
    }
    if lang == Lang::En {
        return Cow::Borrowed(raw);
    }
    // Who gave a pair for a reason has chosen the words; the rest speaks plain English.
    let zh = if paired {
        None
    } else {
        translate(facts.namespace, code, raw)
    }
    .map_or(Cow::Borrowed(raw), Cow::Owned);
    match lang {
        Lang::Both => Cow::Owned(join_message(&zh, raw)),
        Lang::Zh | Lang::En => zh,
    }
}

/// A message made from parameters.
fn made(namespace: &str, code: &str, params: &[Param<'_>]) -> Option<Both> {
    let known = catalogue().message(code, params);
    known.or_else(|| look(namespace, |own| own.message(code, params)))
}

fn translate(namespace: &str, code: &str, raw: &str) -> Option<String> {
    let translate = |message: &str| {
        let known = catalogue().translate(code, message);
        known.or_else(|| look(namespace, |own| own.translate(code, message)))
    };
    match raw.strip_prefix(COMBINED) {
        Some(last) => translate(last).map(|zh| [COMBINED_ZH, &zh].concat()),
        None => translate(raw),
    }
}
