//! What a query asks for: a page, a filter, an order, a window of time. Pure.

use std::cmp::Reverse;

use axum::extract::Query;
use axum::http::Uri;
use serde_json::value::RawValue;

use super::error::Error;
use super::filter::Filter;
use super::iso::{self, Read};
use super::items;
use super::names::Names;
use super::object::Element;
use super::page::{Part, Place};
use super::seen::{Field, Seen};

/// Events of a page, if nobody says how many; also the most.
const PAGE_SIZE: usize = 10_000;
/// So many events may stand before a page: what comes later is reached by narrower questions.
const REACH: usize = 1_000_000;

/// A query.
#[derive(Debug)]
pub(super) struct Ask {
    /// From 0.
    pub(super) page: usize,
    pub(super) size: usize,
    pub(super) filter: Filter,
    sort: Vec<(Field, bool)>,
    /// Milliseconds since 1970: from here on.
    from: Option<i64>,
    /// Before here.
    before: Option<i64>,
}

impl Ask {
    /// Reads the page from the query and the rest from the body.
    pub(super) fn read(uri: &Uri, body: &[u8]) -> Result<Self, Error> {
        let mut faults = Vec::new();
        let (page, size) = page(uri, &mut faults)?;
        let mut ask = Self {
            page,
            size,
            filter: Filter::default(),
            sort: Vec::new(),
            from: None,
            before: None,
        };
        let text = items::text(body)?;
        if !text.trim().is_empty() && text.trim() != "null" {
            ask.read_body(text, &mut faults)?;
        }
        if faults.is_empty() {
            Ok(ask)
        } else {
            Err(Error::Invalid(faults))
        }
    }

    fn read_body(&mut self, text: &str, faults: &mut Vec<String>) -> Result<(), Error> {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|error| Error::invalid(items::not_json(&error)))?;
        let Some(pairs) = Element::object(raw) else {
            return Err(Error::invalid("body must be an object"));
        };
        let (mut before, mut after) = (None, None);
        let given = |raw: &RawValue| raw.get() != "null";
        for (key, raw) in pairs.into_iter().filter(|(_, raw)| given(raw)) {
            match &*key {
                "filter" => self.filter = Filter::read(raw, faults),
                "sort" => self.sort = sort(raw, faults),
                "beforeDate" => before = date("beforeDate", raw, faults),
                "afterDate" => after = date("afterDate", raw, faults),
                other => {
                    let key: String = other.chars().take(64).collect();
                    faults.push(format!("property {key} should not exist"));
                }
            }
        }
        (self.from, self.before) = window(before, after);
        Ok(())
    }

    /// How many events stand before the page.
    pub(super) const fn before_page(&self) -> usize {
        self.page * self.size
    }

    /// Whether an event is asked for.
    pub(super) fn matches(&self, seen: &Seen<'_>, names: &Names) -> bool {
        let start = iso::milliseconds(seen.row.first());
        self.from.is_none_or(|from| start >= from)
            && self.before.is_none_or(|before| start < before)
            && self.filter.matches(seen, names)
    }

    /// Where an event stands in the order that is asked for.
    pub(super) fn place(&self, seen: &Seen<'_>) -> Place {
        let parts = self.sort.iter().map(|(field, descends)| {
            let rank = seen.get(*field).rank();
            if *descends {
                Part::Down(Reverse(rank))
            } else {
                Part::Up(rank)
            }
        });
        Place::new(parts.collect(), seen.row)
    }
}

fn page(uri: &Uri, faults: &mut Vec<String>) -> Result<(usize, usize), Error> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| Error::invalid("the query cannot be read"))?;
    let (mut page, mut size) = (0, PAGE_SIZE);
    let mut seen = Vec::new();
    for (key, value) in pairs {
        let into = match &*key {
            "page" => &mut page,
            "pageSize" => &mut size,
            _ => {
                let key: String = key.chars().take(64).collect();
                faults.push(format!("property {key} should not exist"));
                continue;
            }
        };
        if seen.contains(&key) {
            faults.push(format!("{key} must be given once"));
        }
        match value.parse() {
            Ok(number) => *into = number,
            Err(_) if value.starts_with('-') => {
                faults.push(format!(
                    "{key} must not be less than {}",
                    usize::from(key == "pageSize")
                ));
            }
            Err(_) => faults.push(format!("{key} must be an integer number")),
        }
        seen.push(key);
    }
    if size == 0 {
        faults.push("pageSize must not be less than 1".into());
    }
    if size > PAGE_SIZE {
        faults.push(format!("pageSize must not be greater than {PAGE_SIZE}"));
    }
    if page.saturating_mul(size) > REACH {
        faults.push(format!(
            "page must not begin beyond the first {REACH} events: ask for less of them by filter, beforeDate and afterDate"
        ));
    }
    Ok((page, size))
}

fn sort(raw: &RawValue, faults: &mut Vec<String>) -> Vec<(Field, bool)> {
    let Some(pairs) = Element::object(raw) else {
        faults.push("sort must be an object".into());
        return Vec::new();
    };
    let mut sort: Vec<(Field, bool)> = Vec::new();
    for (key, raw) in pairs {
        let key: String = key.chars().take(64).collect();
        let Some(field) = Field::of(&key) else {
            faults.push(format!("sort.{key} is no field"));
            continue;
        };
        if sort.iter().any(|(known, _)| *known == field) {
            faults.push(format!("sort.{key} must be given once"));
        }
        match raw.get() {
            "1" | "\"asc\"" => sort.push((field, false)),
            "-1" | "\"desc\"" => sort.push((field, true)),
            _ => faults.push(format!("sort.{key} must be 1 or -1")),
        }
    }
    sort
}

fn date(name: &str, raw: &RawValue, faults: &mut Vec<String>) -> Option<Read> {
    let text: Option<String> = serde_json::from_str(raw.get()).ok();
    let read = text.and_then(|text| iso::read(&text));
    if read.is_none() {
        faults.push(format!("{name} must be a valid ISO 8601 date string"));
    }
    read
}

/// From when on, and before when: the documented example gives the earlier date as `beforeDate` and the later as
/// `afterDate`, so two dates are a stretch whichever is which, both ends in it, a last day as a whole. One date alone
/// means what its name says.
fn window(before: Option<Read>, after: Option<Read>) -> (Option<i64>, Option<i64>) {
    match (before, after) {
        (Some(one), Some(other)) => {
            let from = iso::milliseconds(one.from.min(other.from));
            let last = if one.from > other.from { one } else { other };
            let end = if one.from == other.from {
                one.end().max(other.end())
            } else {
                last.end()
            };
            (Some(from), Some(end))
        }
        (Some(before), None) => (None, Some(iso::milliseconds(before.from))),
        (None, Some(after)) => (Some(iso::milliseconds(after.from)), None),
        (None, None) => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str, body: &str) -> Result<Ask, Vec<String>> {
        let uri: Uri = format!("/events/query?{query}").parse().unwrap();
        Ask::read(&uri, body.as_bytes()).map_err(|error| match error {
            Error::Invalid(faults) => faults,
            other => panic!("{other}"),
        })
    }

    fn stretch(body: &str) -> [Option<String>; 2] {
        let ask = asked("", body).unwrap();
        let time = |at: i64| iso::write(crate::model::Time(at * 1_000_000));
        [ask.from.map(time), ask.before.map(time)]
    }

    #[test]
    fn two_dates_are_a_stretch_whichever_way_round_and_one_means_what_it_says() {
        let days = ["2024-04-01T00:00:00.000Z", "2024-04-09T00:00:00.000Z"];
        let days = days.map(|text| Some(text.to_owned()));
        for body in [
            r#"{"beforeDate":"2024-04-01","afterDate":"2024-04-08"}"#,
            r#"{"beforeDate":"2024-04-08","afterDate":"2024-04-01"}"#,
        ] {
            assert_eq!(stretch(body), days);
        }
        let one = Some("2024-04-01T00:00:00.000Z".to_owned());
        assert_eq!(
            stretch(r#"{"beforeDate":"2024-04-01"}"#),
            [None, one.clone()]
        );
        assert_eq!(
            stretch(r#"{"afterDate":"2024-04-01"}"#),
            [one.clone(), None]
        );
        let [from, to] = stretch(
            r#"{"beforeDate":"2024-04-01T10:00:00Z","afterDate":"2024-04-01T08:00:00+00:00"}"#,
        );
        assert_eq!(from.unwrap(), "2024-04-01T08:00:00.000Z");
        assert_eq!(to.unwrap(), "2024-04-01T10:00:00.001Z", "its end is in it");
        let [_, to] = stretch(r#"{"beforeDate":"2024-04-01","afterDate":"2024-04-01T00:00:00Z"}"#);
        assert_eq!(to.unwrap(), "2024-04-02T00:00:00.000Z");
    }

    #[test]
    fn an_order_keeps_its_keys_order_and_a_page_its_default() {
        let ask = asked("", r#"{"sort":{"type":1,"start":-1,"owner":"desc"}}"#).unwrap();
        let wanted = [
            (Field::Type, false),
            (Field::Start, true),
            (Field::Owner, true),
        ];
        assert_eq!(ask.sort, wanted);
        assert_eq!((ask.page, ask.size), (0, 10_000));
        let ask = asked("page=2&pageSize=500", "").unwrap();
        assert_eq!((ask.page, ask.size, ask.before_page()), (2, 500, 1000));
        assert!(asked("", "null").is_ok() && asked("", "{}").is_ok());
    }
}
