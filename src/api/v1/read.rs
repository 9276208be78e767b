//! `GET` of a history: all of it, a page of it, as an array, as lines, or as a stream. Does I/O through the reader.

use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, LINK};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

use super::accept::Representation;
use super::ask::Ask;
use super::beside::Beside;
use super::cursor::Cursor;
use super::error::Error;
use super::path::At;
use super::view::View;
use super::wire::{ErrorBody, Shown};
use super::{etag, resolve, stream, view};
use crate::api::State;
use crate::api::asked::Asked;
use crate::model::{Digest, Digester, ExecutionKey, Filter, Page, Position, Row, Sample, Seq};
use crate::query::{Listed, Reader};

/// Every change up to this position is in the answer, or in the first of its pages.
pub(super) static SEQ: HeaderName = HeaderName::from_static("dagtrail-seq");
/// The store that the position belongs to: `<store>.<position>` is an id to begin a stream behind.
pub(super) static STORE: HeaderName = HeaderName::from_static("dagtrail-store");

/// The history of an execution.
///
/// Without `limit` the whole history. With it, pages: follow `Link: rel="next"`. A row that changes while pages are
/// read may be missed or seen twice; it is then among the changes after `Dagtrail-Seq`, which a stream that begins
/// behind `<Dagtrail-Store>.<Dagtrail-Seq>` gives.
///
/// With `Accept: text/event-stream`, first every row, then each row again whenever it changes, ascending by its
/// position. Rows are unnamed events whose id is `<store>.<position>`; `gap` says that rows may have been removed and
/// that all follow anew; `done` says that the execution is finished. To resume, send `Last-Event-ID`.
#[utoipa::path(
    get, path = "/v1/executions/{id}/events", tag = "events", operation_id = "getEvents",
    params(
        ("id" = String, Path, description = "The execution's id, or an alias of it."),
        ("type" = Option<String>, Query, description = "Only rows of this type, `Normal` or `Warning`."),
        ("elemType" = Option<String>, Query, description = "Only rows of this element type."),
        ("elemId" = Option<String>, Query, description = "Only rows of this element."),
        ("actionName" = Option<String>, Query, description = "Only rows of this action."),
        ("reason" = Option<String>, Query, description = "Only rows of this reason: a code, or a pair."),
        ("since" = Option<String>, Query, description = "Only rows last seen at this time or later, RFC 3339."),
        ("until" = Option<String>, Query, description = "Only rows first seen at this time or earlier, RFC 3339; a time in whole seconds stands for all of its second."),
        ("order" = Option<String>, Query, description = "`asc`, the earliest first, or `desc`."),
        ("limit" = Option<usize>, Query, description = "At most so many rows, 1 to 10000."),
        ("cursor" = Option<String>, Query, description = "Where a page begins; out of `Link`."),
        ("lang" = Option<String>, Query, description = "`zh`, `en` or `both`, which is the default."),
        ("view" = Option<String>, Query, description = "`full`: more keys than the eleven."),
        ("lastEventId" = Option<String>, Query, description = "As the header `Last-Event-ID`, for who cannot set one."),
        ("Last-Event-ID" = Option<String>, Header, description = "Of a stream: begin behind this id."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what is known already."),
    ),
    responses(
        (status = 200, description = "The rows, ordered by first time, name and row.",
            content((Vec<Shown<'_>> = "application/json"), (Shown<'_> = "application/x-ndjson"), (String = "text/event-stream")),
            headers(
                ("Dagtrail-Seq" = u64, description = "Every change up to this position is in the answer, or in the first of its pages."),
                ("Dagtrail-Store" = String, description = "The store that the position belongs to."),
                ("ETag" = String, description = "Weak; the same as long as no row changes."),
                ("Link" = String, description = "`rel=\"next\"`: the next page, if there is one."),
            )),
        (status = 204, description = "Of a resumed stream: the execution is finished and nothing is new."),
        (status = 304, description = "Nothing has changed."),
        (status = 400, description = "A query parameter is wrong; it is named.", body = ErrorBody),
        (status = 404, description = "No execution has this id or alias.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn events(
    Asked(state): Asked,
    At(id): At<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    history(state, id, &uri, &headers).await
}

/// The history of the newest execution of a name.
///
/// As the history by id, filters, pages and streams too.
#[utoipa::path(
    get, path = "/v1/executions/{namespace}/{kind}/{name}/events", tag = "events", operation_id = "getNamedEvents",
    params(
        ("namespace" = String, Path, description = "Its namespace."),
        ("kind" = String, Path, description = "Its kind, `job` or `job.batch` for instance."),
        ("name" = String, Path, description = "Its name."),
    ),
    responses(
        (status = 200, description = "As the history by id.",
            content((Vec<Shown<'_>> = "application/json"), (Shown<'_> = "application/x-ndjson"), (String = "text/event-stream"))),
        (status = 304, description = "Nothing has changed."),
        (status = 400, description = "A query parameter is wrong; it is named.", body = ErrorBody),
        (status = 404, description = "No execution has this name.", body = ErrorBody),
        (status = 409, description = "The kind fits two groups; both are named.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn named_events(
    Asked(state): Asked,
    At((namespace, kind, name)): At<(String, String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let id = resolve::newest(&state.reader, &namespace, &kind, &name).await?;
    history(state, id, &uri, &headers).await
}

async fn history(
    state: State,
    id: String,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let ask = Ask::parse(uri)?;
    let representation = Representation::wanted(headers);
    let reader = &state.reader;
    // Before who is meant is looked up: what that says, it says of all up to here.
    let passed = *reader.passed().borrow();
    let united = reader.get(&id).await?;
    if representation == Representation::Stream {
        ask.check_stream()?;
        return Ok(stream::open(state, id, ask, united, passed, headers));
    }
    let bound = bound(&id, &ask);
    let cursor = match &ask.cursor {
        Some(text) => Some(Cursor::open(text, &reader.secret(), bound).ok_or(Error::Cursor)?),
        None => None,
    };
    // Samples change without a row.
    let samples = match ask.view {
        View::Plain => Vec::new(),
        View::Full => reader.samples(united.keys()).await?,
    };
    let tag = etag::etag(reader.store_id(), &united, &ask, &samples, representation);
    let began = cursor.as_ref().map(|cursor| cursor.seq);
    if etag::is_known(headers, &tag) {
        let mut answer = StatusCode::NOT_MODIFIED.into_response();
        place(
            answer.headers_mut(),
            began.unwrap_or(passed),
            reader.store_id(),
        );
        answer.headers_mut().insert(ETAG, tag);
        return Ok(answer);
    }
    let listed_all = ask.filter == Filter::default() && cursor.is_none() && ask.limit.is_none();
    let page = Page {
        order: ask.order.unwrap_or_default(),
        after: cursor.map(|cursor| cursor.after),
        limit: ask.limit,
    };
    let listed = reader.list(united.keys(), ask.filter.clone(), page).await?;
    let seq = began.unwrap_or(listed.seq);
    let body = match ask.view {
        View::Plain => write(&listed.rows, &ask, None, representation)?,
        View::Full => {
            // What rows say of each other, they say whichever were asked for.
            let others = if listed_all {
                Vec::new()
            } else {
                all_rows(reader, united.keys()).await?
            };
            let all = if listed_all { &listed.rows } else { &others };
            let beside = Beside::of(all, &samples);
            write(&listed.rows, &ask, Some(&beside), representation)?
        }
    };
    let mut answer = body.into_response();
    let answered = answer.headers_mut();
    place(answered, seq, reader.store_id());
    answered.insert(ETAG, tag);
    answered.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(representation.media_type()),
    );
    answered.insert(
        CONTENT_LANGUAGE,
        HeaderValue::from_static(ask.lang.content_language()),
    );
    if let Some(link) = next(&listed, uri, seq, &reader.secret(), bound) {
        answered.insert(LINK, link);
    }
    Ok(answer)
}

/// All rows of some executions.
async fn all_rows(
    reader: &Reader,
    executions: Vec<ExecutionKey>,
) -> Result<Vec<Arc<Row>>, crate::query::Error> {
    let all = reader.list(executions, Filter::default(), Page::default());
    Ok(all.await?.rows)
}

/// All samples of some executions, for the full view.
pub(super) async fn all_beside(
    reader: &Reader,
    executions: Vec<ExecutionKey>,
) -> Result<(Vec<Arc<Row>>, Vec<Arc<Sample>>), crate::query::Error> {
    let rows = all_rows(reader, executions.clone()).await?;
    Ok((rows, reader.samples(executions).await?))
}

/// Says where in the sequence an answer stands.
pub(super) fn place(headers: &mut HeaderMap, seq: Seq, store: &str) {
    headers.insert(&SEQ, HeaderValue::from(seq.0));
    if let Ok(store) = HeaderValue::from_str(store) {
        headers.insert(&STORE, store);
    }
}

/// What a cursor of this query is bound to.
fn bound(id: &str, ask: &Ask) -> Digest {
    Digester::new("v1 events")
        .text(id)
        .text(&ask.selection().to_string())
        .finish()
}

/// All rows, straight into one buffer.
fn write(
    rows: &[Arc<Row>],
    ask: &Ask,
    beside: Option<&Beside<'_>>,
    representation: Representation,
) -> Result<Vec<u8>, Error> {
    const ROW: usize = 512;
    let mut body = Vec::with_capacity(ROW * rows.len() + 2);
    let lines = representation == Representation::Lines;
    if !lines {
        body.push(b'[');
    }
    for (at, row) in rows.iter().enumerate() {
        if at > 0 && !lines {
            body.push(b',');
        }
        view::shown(row, ask.lang, beside, |shown| {
            serde_json::to_writer(&mut body, shown)
        })
        .map_err(|error| Error::Internal(error.to_string()))?;
        if lines {
            body.push(b'\n');
        }
    }
    if !lines {
        body.push(b']');
    }
    Ok(body)
}

/// The link to the next page: this query with another cursor.
fn next(
    listed: &Listed,
    uri: &Uri,
    seq: Seq,
    secret: &[u8; 32],
    bound: Digest,
) -> Option<HeaderValue> {
    if !listed.more {
        return None;
    }
    let after = Position::of(listed.rows.last()?);
    let cursor = Cursor { seq, after }.seal(secret, bound);
    let kept = uri.query().unwrap_or_default().split('&');
    let kept = kept.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: Vec<&str> = kept.collect();
    let link = format!(
        "<{}?{}&cursor={cursor}>; rel=\"next\"",
        uri.path(),
        query.join("&")
    );
    HeaderValue::try_from(link).ok()
}
