//! Pages of stored events. Does I/O through the reader.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::detail::{Detail, Loc, null};
use super::error::Error;
use super::index::Index;
use super::json::{Shape, shape};
use super::token::Token;
use super::wire::Event;
use super::{asked, convert, criteria, scan};
use crate::api::State;
use crate::api::asked::Asked;
use crate::model::Time;

/// Events of a page if nobody says how many.
const PAGE: usize = 50;
/// The most events of a page. Prefect has 50, and its own client asks for 100.
const MOST: usize = 200;

#[derive(Serialize)]
struct Page {
    events: Vec<Event>,
    total: u64,
    next_page: Option<String>,
}

/// The first page of the events that a filter asks for.
pub(super) async fn filter(
    Asked(state): Asked,
    Extension(index): Extension<Index>,
    uri: Uri,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Error> {
    let now = state.clock.now();
    let body = asked::body(&state, request).await?;
    let fields = asked::fields(&body)?;
    let loc = Loc::body();
    let mut wrong = Vec::new();
    let given = fields
        .get("filter")
        .copied()
        .filter(|filter| !matches!(shape(filter), Shape::Null));
    let filter = match given {
        None => criteria::default(now),
        Some(raw) => criteria::filter(raw, &loc.to("filter"), now).unwrap_or_else(|more| {
            wrong.extend(more);
            criteria::default(now)
        }),
    };
    let given_limit = fields
        .get("limit")
        .filter(|raw| !matches!(shape(raw), Shape::Null));
    let limit = given_limit.map_or(Ok(PAGE), |raw| limit(raw, loc.to("limit")));
    let limit = limit.unwrap_or_else(|detail| {
        wrong.push(*detail);
        0
    });
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong, &body));
    }
    let token = Token {
        filter: given.map_or_else(null, RawValue::to_owned),
        window: (filter.since.0, filter.until.0),
        limit,
        total: 0,
        after: (0, 0),
    };
    page(&state, &index, token, true, &next_at(&uri, &headers), now).await
}

/// The page that a token names.
pub(super) async fn next(
    Asked(state): Asked,
    Extension(index): Extension<Index>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let mut pairs = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let Some((_, text)) = pairs.find(|(name, _)| *name == "page-token") else {
        let loc = Loc::default().to("query").to("page-token");
        return Err(Error::asked(Detail::missing(loc, &null())));
    };
    let token = Token::open(text, &state.reader.secret()).ok_or(Error::Token)?;
    page(
        &state,
        &index,
        token,
        false,
        &next_at(&uri, &headers),
        state.clock.now(),
    )
    .await
}

/// Where further pages are, as the asker came here: behind which proxies, by which mount.
fn next_at(uri: &Uri, headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let last = |name: &str| {
        text(name)
            .and_then(|list| list.split(',').next())
            .map(str::trim)
    };
    let scheme = last("x-forwarded-proto")
        .filter(|scheme| ["http", "https"].contains(scheme))
        .unwrap_or("http");
    let authority = uri.authority().map(axum::http::uri::Authority::as_str);
    let host = last("x-forwarded-host")
        .or_else(|| text(HOST.as_str()))
        .or(authority)
        .unwrap_or("localhost");
    let path = uri.path().trim_end_matches("/next");
    format!("{scheme}://{host}{path}/next?page-token=")
}

async fn page(
    state: &State,
    index: &Index,
    mut token: Token,
    is_first: bool,
    next_at: &str,
    now: Time,
) -> Result<Response, Error> {
    let mut filter = match shape(&token.filter) {
        Shape::Null => criteria::default(now),
        // It was read once already, or this server would not have signed it.
        _ => criteria::filter(&token.filter, &Loc::body(), now).map_err(|_| Error::Token)?,
    };
    (filter.since, filter.until) = (Time(token.window.0), Time(token.window.1));
    let after = (!is_first).then(|| token.place());
    let found = scan::find(&state.reader, index, Arc::new(filter), after, token.limit).await?;
    if is_first {
        token.total = found.total;
    }
    let last = found
        .rows
        .last()
        .filter(|_| found.more)
        .map(|((time, seq), _)| (time.0, seq.0));
    let next_page = last.map(|last| {
        token.after = last;
        format!("{next_at}{}", token.seal(&state.reader.secret()))
    });
    let events = found
        .rows
        .iter()
        .map(|(_, row)| convert::event(row))
        .collect();
    let page = Page {
        events,
        total: token.total,
        next_page,
    };
    Ok(axum::Json(page).into_response())
}

/// How many events a page is to have: a whole number, also as text.
fn limit(raw: &RawValue, loc: Loc) -> Result<usize, Box<Detail>> {
    let whole = |text: &str| {
        let number = text.trim().parse::<f64>().ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is whole and small, or refused below as too large"
        )]
        (number.fract() == 0.0).then_some(number as i64)
    };
    let number = match shape(raw) {
        Shape::Number(text) => whole(text).ok_or_else(|| {
            let msg = "Input should be a valid integer, got a number with a fractional part";
            Detail::new("int_from_float", loc.clone(), msg, raw)
        }),
        Shape::Text(text) => whole(&text).ok_or_else(|| {
            let msg = "Input should be a valid integer, unable to parse string as an integer";
            Detail::new("int_parsing", loc.clone(), msg, raw)
        }),
        Shape::Bool(flag) => Ok(i64::from(flag)),
        _ => Err(Detail::new(
            "int_type",
            loc.clone(),
            "Input should be a valid integer",
            raw,
        )),
    };
    match number.map_err(Box::new)? {
        below if below < 0 => {
            let told = Detail::new(
                "greater_than_equal",
                loc,
                "Input should be greater than or equal to 0",
                raw,
            );
            Err(Box::new(told.with(json!({ "ge": 0 }))))
        }
        number => usize::try_from(number)
            .ok()
            .filter(|number| *number <= MOST)
            .ok_or_else(|| {
                let msg = format!("Input should be less than or equal to {MOST}");
                Box::new(Detail::new("less_than_equal", loc, msg, raw).with(json!({ "le": MOST })))
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_pages_are_where_the_asker_came_in() {
        let mut headers = HeaderMap::new();
        headers.insert("host", "127.0.0.1:8080".parse().unwrap());
        let first = Uri::from_static("/prefect/api/events/filter");
        let next = "/prefect/api/events/filter/next?page-token=";
        assert_eq!(
            next_at(&first, &headers),
            format!("http://127.0.0.1:8080{next}")
        );
        headers.insert("x-forwarded-proto", "https, http".parse().unwrap());
        headers.insert("x-forwarded-host", "events.example".parse().unwrap());
        let later = Uri::from_static("/prefect/api/events/filter/next?page-token=abc");
        assert_eq!(
            next_at(&later, &headers),
            format!("https://events.example{next}")
        );
        let cloud = Uri::from_static("/prefect/api/accounts/a/workspaces/b/events/filter");
        assert!(next_at(&cloud, &headers).contains("/accounts/a/workspaces/b/events/filter/next?"));
    }
}
