//! What a query string asks of a history. Pure.

use axum::extract::Query;
use axum::http::Uri;

use super::error::Error;
use super::view::View;
use crate::model::{Digest, Digester, EventType, Filter, Order, Time};
use crate::text::{self, Lang};

/// The most rows that a page may hold.
pub(super) const MAX_LIMIT: usize = 10_000;
/// More pairs than any route knows keys.
const MAX_PAIRS: usize = 32;
/// The last nanosecond of a second.
pub(super) const SECOND_END: i64 = 999_999_999;

/// A query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) filter: Filter,
    pub(super) order: Option<Order>,
    pub(super) limit: Option<usize>,
    pub(super) cursor: Option<String>,
    pub(super) lang: Lang,
    pub(super) view: View,
    pub(super) last_event_id: Option<String>,
}

impl Ask {
    /// Reads a query string. What is not known is refused: a filter with a slip in its name would answer too much.
    pub(super) fn parse(uri: &Uri) -> Result<Self, Error> {
        let mut ask = Self::default();
        for (key, value) in pairs(uri)? {
            let filter = &mut ask.filter;
            match key.as_str() {
                "type" => filter.event_type = Some(EventType::from_text(filled(&key, &value)?)),
                "elemType" => filter.elem_type = Some(value.into()),
                "elemId" => filter.elem_id = Some(value.into()),
                "actionName" => filter.action = Some(value.into()),
                "reason" => filter.code = Some(text::code_of(filled(&key, &value)?).into()),
                "since" => filter.since = Some(time(&key, &value, 0)?),
                // Times are shown in whole seconds: one that is given so stands for all of its second.
                "until" => filter.until = Some(time(&key, &value, SECOND_END)?),
                "order" => ask.order = Some(order(&value)?),
                "limit" => ask.limit = Some(limit(&value)?),
                "cursor" => ask.cursor = Some(value),
                "lang" => {
                    ask.lang = text::negotiate(Some(&value), None, Lang::Both).map_err(|_| {
                        Error::query("lang", format!("is {value:?}, and must be zh, en or both"))
                    })?;
                }
                "view" => ask.view = View::parse(&value)?,
                "lastEventId" => ask.last_event_id = Some(value),
                _ => {
                    return Err(unknown(
                        &key,
                        "type, elemType, elemId, actionName, reason, since, until, order, limit, cursor, lang, view and lastEventId",
                    ));
                }
            }
        }
        Ok(ask)
    }

    /// Refuses what has no meaning for a stream, which has an order of its own and no end.
    pub(super) fn check_stream(&self) -> Result<(), Error> {
        for (key, given) in [
            ("order", self.order.is_some()),
            ("limit", self.limit.is_some()),
            ("cursor", self.cursor.is_some()),
        ] {
            if given {
                return Err(Error::query(key, "does not go with a stream"));
            }
        }
        Ok(())
    }

    /// What a cursor is bound to: which rows, in which order.
    pub(super) fn selection(&self) -> Digest {
        let filter = &self.filter;
        let time = |time: Option<Time>| time.map(|time| time.0.to_string());
        let (since, until) = (time(filter.since), time(filter.until));
        let given: Vec<_> = [
            ("type", filter.event_type.as_ref().map(EventType::as_str)),
            ("elemType", filter.elem_type.as_deref()),
            ("elemId", filter.elem_id.as_deref()),
            ("actionName", filter.action.as_deref()),
            ("reason", filter.code.as_deref()),
            ("since", since.as_deref()),
            ("until", until.as_deref()),
        ]
        .into_iter()
        .filter_map(|(key, value)| value.map(|value| (key, value)))
        .collect();
        let descending = self.order == Some(Order::Descending);
        Digester::new("selection")
            .pairs(given.into_iter())
            .number(u64::from(descending))
            .finish()
    }
}

/// The pairs of a query string; a key that is given twice is refused.
pub(super) fn pairs(uri: &Uri) -> Result<Vec<(String, String)>, Error> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|problem| Error::query("?", problem.body_text()))?;
    for (at, (key, _)) in pairs.iter().enumerate() {
        if at == MAX_PAIRS {
            return Err(Error::query(key, "is one of too many"));
        }
        if pairs[..at].iter().any(|(other, _)| other == key) {
            return Err(Error::query(key, "is given twice"));
        }
    }
    Ok(pairs)
}

/// Refuses a key that is not known.
pub(super) fn unknown(key: &str, known: &str) -> Error {
    Error::query(key, format!("is not known here; known are {known}"))
}

fn filled<'a>(key: &str, value: &'a str) -> Result<&'a str, Error> {
    if value.trim().is_empty() {
        return Err(Error::query(key, "is empty"));
    }
    Ok(value)
}

/// Reads a time. One in whole seconds stands `rest_of_second` nanoseconds later, if that is not 0.
pub(super) fn time(key: &str, value: &str, rest_of_second: i64) -> Result<Time, Error> {
    // A plus that was not escaped has become a space.
    let time =
        Time::nearest(&value.replace(' ', "+")).map_err(|problem| Error::query(key, problem))?;
    let whole = time.0.rem_euclid(SECOND_END + 1) == 0 && !value.contains('.');
    let rest = if whole { rest_of_second } else { 0 };
    Ok(Time(time.0.saturating_add(rest)))
}

fn order(value: &str) -> Result<Order, Error> {
    match value {
        "asc" => Ok(Order::Ascending),
        "desc" => Ok(Order::Descending),
        _ => Err(Error::query(
            "order",
            format!("is {value:?}, and must be asc or desc"),
        )),
    }
}

fn limit(value: &str) -> Result<usize, Error> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse() {
        Ok(limit) if digits && (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        _ => Err(Error::query(
            "limit",
            format!("is {value:?}, and must be a number from 1 to {MAX_LIMIT}"),
        )),
    }
}
