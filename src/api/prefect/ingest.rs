//! `POST` of events: an array, all or nothing, answered when it is on disk. Does I/O through the writer.

use axum::extract::Request;
use axum::http::StatusCode;

use super::detail::{Detail, Loc};
use super::error::Error;
use super::json::{Shape, shape};
use super::{asked, check, convert, quick};
use crate::api::asked::Asked;
use crate::ingest::{self, Limits};

/// Tells of events; one that is wrong holds back all.
pub(super) async fn post(Asked(state): Asked, request: Request) -> Result<StatusCode, Error> {
    let body = asked::body(&state, request).await?;
    let received = state.clock.now();
    let loc = Loc::body();
    let items = match shape(&body) {
        Shape::List(items) => items,
        Shape::Null => return Err(Error::invalid(vec![Detail::missing(loc, &body)], &body)),
        _ => return Err(Error::invalid(vec![Detail::not_a_list(loc, &body)], &body)),
    };
    let (mut events, mut wrong) = (Vec::with_capacity(items.len()), Vec::new());
    for (at, item) in items.iter().enumerate() {
        let quick = quick::event(item.get(), received).map(Ok);
        match quick.unwrap_or_else(|| check::event(item, &loc.to(at), received)) {
            Ok(event) => events.push(event),
            Err(more) => wrong.extend(more),
        }
    }
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong, &body));
    }
    let observations = convert::observations(events, &state.tenant);
    for (at, observation) in observations.iter().enumerate() {
        if let Err(invalid) = ingest::check(observation, Limits::WIDEST) {
            let input = items.get(at).copied().unwrap_or(&body);
            let told = Detail::value(loc.to(at), &invalid.to_string(), input);
            return Err(Error::invalid(vec![told], &body));
        }
    }
    state.ingest.submit(observations).await?;
    Ok(StatusCode::NO_CONTENT)
}
