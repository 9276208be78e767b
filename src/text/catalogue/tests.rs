//! The gates of the catalogue: what a change to a Fluent file must not break.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::{
    ast::{Entry, Pattern, PatternElement},
    parser,
};

use super::*;

/// The codes dagtrail itself writes, from the table that derives rows from element states.
const DERIVED: [&str; 20] = [
    "Created",
    "Queued",
    "Admitted",
    "ActionStart",
    "SuccessfulFinish",
    "FailedFinish",
    "ErrorFinish",
    "Skipped",
    "TimedOut",
    "Cancelled",
    "Suspended",
    "Resumed",
    "Retrying",
    "Evicted",
    "Preempted",
    "OOMKilled",
    "ImagePullFailed",
    "PodsCreated",
    "Progress",
    "Gap",
];

/// A key's patterns by attribute; the value's name is empty.
type Patterns = BTreeMap<&'static str, Pattern<&'static str>>;

fn patterns(source: &'static str) -> BTreeMap<&'static str, Patterns> {
    let resource = parser::parse(source).expect("a file without junk");
    let mut keys = BTreeMap::new();
    for entry in resource.body {
        match entry {
            Entry::Message(message) => {
                let mut patterns = Patterns::new();
                patterns.insert("", message.value.expect("a value"));
                for attribute in message.attributes {
                    assert!(
                        patterns
                            .insert(attribute.id.name, attribute.value)
                            .is_none()
                    );
                }
                let key = message.id.name;
                assert!(
                    keys.insert(key, patterns).is_none(),
                    "{key} stands twice in one file"
                );
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            other => panic!("only messages and comments belong here: {other:?}"),
        }
    }
    keys
}

/// The text of a pattern, each placeholder shown as `{name}`.
fn shown(pattern: &Pattern<&'static str>) -> String {
    pattern
        .elements
        .iter()
        .map(|element| match element {
            PatternElement::TextElement { value } => (*value).to_owned(),
            PatternElement::Placeable { .. } => "{}".to_owned(),
        })
        .collect()
}

fn chinese() -> impl Iterator<Item = (String, String)> {
    SOURCES.iter().flat_map(|source| {
        patterns(source.zh)
            .into_iter()
            .flat_map(move |(key, patterns)| {
                patterns
                    .into_values()
                    .map(move |p| (format!("{}/{key}", source.domain), shown(&p)))
            })
    })
}

fn is_cjk(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

#[test]
fn both_languages_state_the_same_keys_with_the_same_placeholders() {
    for source in &SOURCES {
        let (zh, en) = (patterns(source.zh), patterns(source.en));
        assert!(zh.keys().eq(en.keys()), "{}: keys differ", source.domain);
        for (key, zh) in &zh {
            let en = &en[key];
            assert!(
                zh.keys().eq(en.keys()),
                "{}: attributes of {key} differ",
                source.domain
            );
            for (attribute, pattern) in zh {
                let names = parameters(&en[attribute]);
                assert_eq!(
                    parameters(pattern),
                    names,
                    "{}: {key}.{attribute}",
                    source.domain
                );
            }
        }
    }
}

#[test]
fn every_key_is_a_reason_a_message_or_a_phrase_of_a_code_with_a_reason() {
    let reasons: BTreeSet<_> = codes().collect();
    for source in &SOURCES {
        for key in patterns(source.en).into_keys() {
            let parts: Vec<_> = key.split('-').collect();
            let known = match parts[..] {
                ["reason" | "message", code] => reasons.contains(code),
                ["phrase", code, name] => reasons.contains(code) && !name.is_empty(),
                _ => false,
            };
            assert!(known, "{}: {key}", source.domain);
        }
    }
}

#[test]
fn no_text_is_empty_or_holds_the_mark() {
    for source in &SOURCES {
        for (key, patterns) in patterns(source.zh).into_iter().chain(patterns(source.en)) {
            for text in patterns.values().map(shown) {
                assert!(!text.trim().is_empty(), "{}: {key}", source.domain);
                assert!(
                    !text.contains("##") && !text.contains('\n'),
                    "{}: {key}",
                    source.domain
                );
            }
        }
    }
}

#[test]
fn an_english_reason_is_the_code_and_a_chinese_one_a_single_word() {
    for source in &SOURCES {
        let (zh, en) = (patterns(source.zh), patterns(source.en));
        for (key, zh) in zh {
            let Some(code) = key.strip_prefix("reason-") else {
                continue;
            };
            assert!(catalogue().reason(code).is_some(), "{code} is not indexed");
            assert_eq!(shown(&en[key][""]), code);
            let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            assert!(code.bytes().all(letter), "{code}");
            let word = shown(&zh[""]);
            assert!(
                word.chars().any(is_cjk) && !word.contains(char::is_whitespace),
                "{code}"
            );
        }
    }
    assert!(codes().count() >= 120, "only {} reasons", codes().count());
}

#[test]
fn domains_do_not_contradict_each_other() {
    let mut stated: BTreeMap<&str, (&str, String, String)> = BTreeMap::new();
    for source in &SOURCES {
        let (zh, en) = (patterns(source.zh), patterns(source.en));
        for (key, zh) in &zh {
            let words = (source.domain, format!("{zh:?}"), format!("{:?}", en[key]));
            if let Some(before) = stated.insert(key, words.clone()) {
                assert!(
                    (&before.1, &before.2) == (&words.1, &words.2),
                    "{} and {} disagree on {key}",
                    before.0,
                    words.0
                );
            }
        }
    }
}

#[test]
fn every_code_that_dagtrail_writes_has_a_reason_and_a_message() {
    let params = ["elem", "action", "detail", "done", "total"].map(|name| (name, "x"));
    for code in DERIVED {
        assert!(catalogue().reason(code).is_some(), "{code}");
        let made = catalogue().message(code, &params).expect(code);
        assert!(
            !made.zh.contains('{') && !made.en.contains('{'),
            "{code}: {} {}",
            made.zh,
            made.en
        );
    }
}

#[test]
fn the_richest_variant_whose_parameters_are_given_is_used() {
    let all = [("elem", "a"), ("detail", "why"), ("attempt", "2")];
    let zh = |params: &[Param<'_>]| catalogue().message("Retrying", params).map(|made| made.zh);
    assert_eq!(zh(&all).as_deref(), Some("元素(a)正在进行第2次尝试: why"));
    assert_eq!(zh(&all[..2]).as_deref(), Some("元素(a)正在重试: why"));
    assert_eq!(zh(&all[..1]).as_deref(), Some("元素(a)正在重试."));
    assert_eq!(
        zh(&[("elem", "a"), ("detail", "")]).as_deref(),
        Some("元素(a)正在重试.")
    );
    assert_eq!(
        zh(&[("elem", "a"), ("elem", "b")]).as_deref(),
        Some("元素(a)正在重试.")
    );
    assert_eq!(zh(&all[1..]), None);
    assert_eq!(zh(&[]), None);
}

#[test]
fn every_phrase_recognises_itself_and_keeps_its_parameters() {
    let mut count = 0;
    for source in &SOURCES {
        for (key, patterns) in patterns(source.en) {
            let Some(name) = key.strip_prefix("phrase-") else {
                continue;
            };
            let (code, _) = name.split_once('-').expect("a gate of its own checks keys");
            let names: Vec<_> = parameters(&patterns[""]).into_iter().collect();
            let values: Vec<_> = names.iter().map(|name| format!("<{name}>")).collect();
            let params: Vec<_> = names
                .iter()
                .copied()
                .zip(values.iter().map(String::as_str))
                .collect();
            let english = catalogue().en.format(key, None, &params).expect(key);
            let (found, _) = catalogue().recognise(code, &english).expect(key);
            assert_eq!(
                found, key,
                "shadowed, or two phrases that cannot be told apart"
            );
            let chinese = catalogue().translate(code, &english).expect(key);
            assert!(
                values.iter().all(|value| chinese.contains(value)),
                "{key}: {chinese}"
            );
            count += 1;
        }
    }
    assert!(count > 100, "only {count} phrases");
}

#[test]
fn chinese_has_no_space_beside_latin_and_latin_has_one_before_a_parameter() {
    for (key, text) in chinese() {
        let chars: Vec<_> = text.chars().collect();
        for three in chars.windows(3) {
            let beside = is_cjk(three[0]) || is_cjk(three[2]);
            assert!(!(three[1] == ' ' && beside), "{key}: {text}");
        }
        for two in chars.windows(2) {
            assert!(
                !(two[0].is_ascii_alphabetic() && two[1] == '{'),
                "{key}: {text}"
            );
        }
    }
}

#[test]
fn the_glossary_is_kept() {
    let table = include_str!("../../../docs/glossary.md");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(rows.len() >= 40, "the table was not found");
    let texts: Vec<_> = chinese().collect();
    for row in &rows {
        let [english, chinese, not] = row[..] else {
            panic!("three cells: {row:?}")
        };
        assert!(
            texts.iter().any(|(_, text)| text.contains(chinese)),
            "{english} is not used"
        );
        for other in not.split('、').filter(|other| !other.is_empty()) {
            let used = texts.iter().find(|(_, text)| text.contains(other));
            assert_eq!(used, None, "for {english} write {chinese}, not {other}");
        }
    }
}

#[test]
fn the_epoch_is_the_same_at_every_call() {
    assert_eq!(epoch(), epoch());
}

#[test]
fn what_is_filled_without_fluent_is_what_fluent_says() {
    let mut compared = 0;
    for language in [&catalogue().zh, &catalogue().en] {
        for ((key, attribute), template) in &language.plain {
            for given in ["", "x", "two words 中文 {$x} \"##\""] {
                let names = [
                    "elem",
                    "action",
                    "pod",
                    "node",
                    "image",
                    "container",
                    "detail",
                ];
                let own = template.names();
                let params = own.iter().copied().chain(names).map(|name| (name, given));
                let params: Vec<Param<'_>> = params.collect();
                let filled = template.fill(&params);
                let formatted = fluent::format(&language.bundle, key, *attribute, &params);
                assert_eq!(filled, formatted, "{key} {attribute:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 1500, "{compared}");
}
