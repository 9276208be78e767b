//! An event that is written as clients write it, read in one go. Pure.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::check::{self, ADDED, LABELS, RELATED, SIZE};
use super::json;
use super::when;
use super::wire::{Event, ID, ROLE, Resource, no_payload};
use crate::model::Time;

/// Reads one event, told at a time; `None` if anything is wrong with it or unusual about it: then
/// [`check::event`] reads it, or says what is wrong.
pub(super) fn event(text: &str, received: Time) -> Option<Event> {
    if text.len() + ADDED > SIZE {
        return None;
    }
    let told: Told<'_> = serde_json::from_str(text).ok()?;
    if !check::is_short(&told.event) || told.related.len() > RELATED {
        return None;
    }
    let is_named =
        |resource: &Resource, label| resource.get(label).is_some_and(|id| !id.is_empty());
    let is_whole = |resource: &Resource| resource.0.len() <= LABELS && is_named(resource, ID);
    let mut related = told.related.iter();
    if !is_whole(&told.resource) || !related.all(|it| is_whole(it) && is_named(it, ROLE)) {
        return None;
    }
    let payload = match told.payload {
        None => no_payload(),
        Some(raw) if raw.get().starts_with('{') && json::is_readable(raw.get()) => raw.to_owned(),
        Some(_) => return None,
    };
    let follows = told.follows.map(|id| Uuid::parse_str(&id));
    Some(Event {
        occurred: when::parse(&told.occurred)?,
        event: told.event,
        resource: told.resource,
        related: told.related,
        payload,
        id: Uuid::parse_str(&told.id).ok()?,
        follows: follows.transpose().ok()?,
        received: when::truncated(received),
    })
}

/// The members as they should be: of others, and of a member that is there twice, nothing is read.
#[derive(serde::Deserialize)]
struct Told<'a> {
    #[serde(borrow)]
    occurred: Cow<'a, str>,
    event: Box<str>,
    resource: Resource,
    #[serde(default)]
    related: Vec<Resource>,
    #[serde(borrow, default, deserialize_with = "there")]
    payload: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(default)]
    follows: Option<Box<str>>,
}

/// What is there, even `null`.
fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for Resource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Resource;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("labels")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Resource, A::Error> {
                let mut labels = Resource::default();
                while let Some((label, value)) = map.next_entry()? {
                    labels.0.insert(label, value);
                }
                Ok(labels)
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::detail::Loc;
    use super::*;

    const WHOLE: &str = r#"{"occurred":"2026-11-20T23:57:56.175048Z","event":"demo.started","resource":{"prefect.resource.id":"exec.1"},"related":[{"prefect.resource.id":"wf.a","prefect.resource.role":"workflow"}],"payload":{"k":1},"id":"01a1fb65-3450-7f5c-a4cb-8f15cc2fc227","follows":null}"#;

    /// What is read quickly is what is read carefully.
    fn agree(text: &str) -> bool {
        let quick = event(text, Time(7777));
        let raw = serde_json::from_str::<&RawValue>(text);
        let careful = raw.map(|raw| check::event(raw, &Loc::default(), Time(7777)));
        match (quick, careful) {
            (None, _) => false,
            (Some(quick), Ok(Ok(careful))) => {
                let [quick, careful] =
                    [quick, careful].map(|event| serde_json::to_string(&event).unwrap());
                assert_eq!(quick, careful, "{text}");
                true
            }
            (Some(_), careful) => panic!("{text}: {careful:?}"),
        }
    }

    #[test]
    fn what_clients_write_is_read_in_one_go() {
        assert!(agree(WHOLE));
        assert!(agree(
            &WHOLE.replace("null", "\"01a1fb65-3450-7f5c-a4cb-8f15cc2fc228\"")
        ));
        assert!(agree(&WHOLE.replace("\"follows\":null", "\"more\":[null]")));
        assert!(agree(&WHOLE.replace("exec.1", r"\u00e9\n")));
    }

    #[test]
    fn what_is_odd_is_left_to_who_says_why() {
        for (from, to) in [
            ("null", "7"),
            ("null", "\"x\""),
            ("{\"k\":1}", "null"),
            ("{\"k\":1}", "[]"),
            ("{\"k\":1}", r#"{"k":"\ud83d"}"#),
            ("\"exec.1\"", "\"\""),
            ("\"exec.1\"", "null"),
            ("\"workflow\"", "\"\""),
            ("prefect.resource.role", "role"),
            ("demo.started", &"x".repeat(1025)),
            ("2026-", "x"),
            ("\"follows\":null", "\"id\":\"\""),
            ("01a1fb65-", "z"),
            ("\"event\"", "\"name\""),
            ("}],", "}],]"),
        ] {
            let text = WHOLE.replacen(from, to, 1);
            assert!(!agree(&text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_changed_in_an_event_both_read_the_same(
            at in 0..WHOLE.len(),
            length in 0..12_usize,
            put in prop::sample::select(vec![
                "", "null", "1", "\"", "{}", "[]", "\"a\":1,", "\\u0041", "\\ud83d", "é", " ", ",", "-1.5", "true",
                "{\"a\":\"b\"}", "2026", "\"follows\":\"01a1fb65-3450-7f5c-a4cb-8f15cc2fc227\",",
            ]),
        ) {
            let end = (at + length).min(WHOLE.len());
            agree(&format!("{}{put}{}", &WHOLE[..at], &WHOLE[end..]));
        }
    }
}
