//! `GET` of a history: all of it, a page of it, as an array, as lines, or as a stream. Does I/O through the reader.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::Response;

use super::accept::Representation;
use super::answers::{self, Answer, Written};
use super::ask::Ask;
use super::beside::Beside;
use super::cursor::Cursor;
use super::error::Error;
use super::path::At;
use super::view::View;
use super::wire::ErrorBody;
use super::wire::Shown as AnyEvent;
use super::write::Writing;
use super::{etag, params, resolve, stream, view};
use crate::api::State;
use crate::api::asked::Asked;
use crate::model::{Digest, Digester, ExecutionKey, Filter, Page, Row, Sample, Seq};
use crate::query::{Basis, Look, Reader, Shown, United};
use crate::text;

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
        params::History,
    ),
    responses(
        (status = 200, description = "The rows, ordered by first time, name and row.",
            content((Vec<AnyEvent<'_>> = "application/json"), (AnyEvent<'_> = "application/x-ndjson"), (String = "text/event-stream")),
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
    request: Request,
) -> Result<Response, Error> {
    let (asked, _) = request.into_parts();
    history(state, id, &asked.uri, &asked.headers).await
}

/// The history of the newest execution of a name.
///
/// As the history by id, filters, pages and streams too.
#[utoipa::path(
    get, path = "/v1/executions/{namespace}/{kind}/{name}/events", tag = "events", operation_id = "getNamedEvents",
    params(
        ("namespace" = String, Path, description = "Its namespace.", example = "demo"),
        ("kind" = String, Path, description = "Its kind, `job` or `job.batch` for instance.", example = "dag"),
        ("name" = String, Path, description = "Its name.", example = "training"),
        params::History,
    ),
    responses(
        (status = 200, description = "As the history by id.",
            content((Vec<AnyEvent<'_>> = "application/json"), (AnyEvent<'_> = "application/x-ndjson"), (String = "text/event-stream"))),
        (status = 204, description = "Of a resumed stream: the execution is finished and nothing is new."),
        (status = 304, description = "Nothing has changed."),
        (status = 400, description = "A query parameter is wrong; it is named.", body = ErrorBody),
        (status = 404, description = "No execution has this name.", body = ErrorBody),
        (status = 409, description = "The kind fits two groups; both are named.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn named_events(
    Asked(state): Asked,
    At((namespace, kind, name)): At<(String, String, String)>,
    request: Request,
) -> Result<Response, Error> {
    let (asked, _) = request.into_parts();
    let id = resolve::newest(&state.reader, &namespace, &kind, &name).await?;
    history(state, id, &asked.uri, &asked.headers).await
}

async fn history(
    state: State,
    id: String,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let representation = Representation::wanted(headers);
    // Before who is meant is looked up: what that says, it says of all up to here.
    let passed = state.reader.now();
    let words = text::version();
    let question = answers::question(&id, uri, representation, words);
    if let Some(known) = state.answers.get(&question, &state.reader)
        && let Some(answer) = known.to(headers, passed, state.reader.store_id())
    {
        state.answers.count(true);
        return Ok(answer);
    }
    let ask = Ask::parse(uri)?;
    if representation == Representation::Stream {
        let united = state.reader.get(&id).await?;
        ask.check_stream()?;
        return Ok(stream::open(state, id, ask, united, passed, headers));
    }
    let making = Making {
        is_wanted: state.answers.wants(&question),
        words,
        passed,
        id,
        ask,
        uri: uri.clone(),
        headers: headers.clone(),
        representation,
    };
    let turn = state.answers.turn().await;
    let made = state
        .reader
        .look(move |look| making.of_one_version(look))
        .await?;
    drop(turn);
    state.answers.count(false);
    if let Some(basis) = made.basis {
        state.answers.keep(&question, basis, made.answer);
    }
    Ok(made.response)
}

/// What [`history`] needs to know.
struct Making {
    id: String,
    ask: Ask,
    uri: Uri,
    headers: HeaderMap,
    representation: Representation,
    /// Whether the answer is to be kept.
    is_wanted: bool,
    /// Of which version the words were when it was asked.
    words: u64,
    passed: Seq,
}

/// What came of it.
struct Made {
    response: Response,
    answer: Answer,
    /// Of an answer that is to be kept.
    basis: Option<Basis>,
}

/// How often an answer is made anew because its words have changed meanwhile.
const AGAIN: usize = 3;

impl Making {
    /// The answer in words of one version, which its tag stands for.
    fn of_one_version(mut self, look: &Look) -> Result<Made, Error> {
        for _ in 0..AGAIN {
            let made = self.make(look)?;
            let now = text::version();
            if now == self.words {
                return Ok(made);
            }
            // What is kept is kept under the version that was asked for.
            self.is_wanted = false;
            self.words = now;
        }
        self.make(look)
    }

    fn make(&self, look: &Look) -> Result<Made, Error> {
        let (reader, ask) = (look.reader(), &self.ask);
        let store = reader.store_id();
        let mut united = look.get(&self.id)?;
        let mut basis = None;
        if self.is_wanted {
            basis = reader.basis(&self.id, &united);
            // Again: what has changed before the basis was taken is in it.
            united = look.get(&self.id)?;
            basis = basis.filter(|basis| basis.covers(&united));
        }
        let bound = bound(&self.id, ask);
        let cursor = match &ask.cursor {
            Some(text) => Some(Cursor::open(text, &reader.secret(), bound).ok_or(Error::Cursor)?),
            None => None,
        };
        // Samples change without a row.
        let samples = match ask.view {
            View::Plain => Vec::new(),
            View::Full => look.samples(&united.keys())?,
        };
        let mut answer = Answer {
            tag: etag::etag(store, &united, ask, &samples, self.representation),
            began: cursor.as_ref().map(|cursor| cursor.seq),
            written: None,
        };
        let mut seq = self.passed;
        if !etag::is_known(&self.headers, &answer.tag) {
            let page = Page {
                order: ask.order.unwrap_or_default(),
                after: cursor.map(|cursor| cursor.after),
                limit: ask.limit,
            };
            let (mut bytes, shown) = match ask.view {
                View::Plain => self.plain(look, &united, &page)?,
                View::Full => self.full(look, &united, &page, &samples)?,
            };
            if basis.is_some() {
                bytes.shrink_to_fit();
            }
            seq = shown.seq;
            let first = answer.began.unwrap_or(seq);
            answer.written = Some(Written {
                bytes: bytes.into(),
                representation: self.representation,
                language: ask.lang.content_language(),
                next: next(&shown, &self.uri, first, &reader.secret(), bound),
            });
        }
        let response = answer.to(&self.headers, seq, store);
        Ok(Made {
            response: response
                .ok_or_else(|| Error::Internal("an answer was not written".into()))?,
            answer,
            basis,
        })
    }

    /// The eleven keys, straight from where the rows are into one buffer.
    fn plain(&self, look: &Look, united: &United, page: &Page) -> Result<(Vec<u8>, Shown), Error> {
        let mut writing = Writing::new(self.representation, self.ask.lang);
        let (keys, filter) = (united.keys(), &self.ask.filter);
        let shown = look.show(&keys, filter, page, &mut |row| writing.row(row))?;
        Ok((writing.finish(), shown))
    }

    /// The full view.
    fn full(
        &self,
        look: &Look,
        united: &United,
        page: &Page,
        samples: &[Arc<Sample>],
    ) -> Result<(Vec<u8>, Shown), Error> {
        let (keys, filter) = (united.keys(), &self.ask.filter);
        let listed = look.list(&keys, filter, page)?;
        // What rows say of each other, they say whichever were asked for.
        let is_all = *filter == Filter::default() && page.after.is_none() && page.limit.is_none();
        let others = if is_all {
            Vec::new()
        } else {
            look.rows(&keys)?
        };
        let all = if is_all { &listed.rows } else { &others };
        let beside = Beside::of(all, samples);
        let bytes = write(&listed.rows, &self.ask, &beside, self.representation)?;
        Ok((bytes, listed.into()))
    }
}

/// All rows and samples of some executions, for the full view.
pub(super) async fn all_beside(
    reader: &Reader,
    executions: Vec<ExecutionKey>,
) -> Result<(Vec<Arc<Row>>, Vec<Arc<Sample>>), crate::query::Error> {
    let both = reader.look(move |look| Ok((look.rows(&executions)?, look.samples(&executions)?)));
    both.await
}

/// What a cursor of this query is bound to.
fn bound(id: &str, ask: &Ask) -> Digest {
    Digester::new("v1 events")
        .text(id)
        .text(&ask.selection().to_string())
        .finish()
}

/// All rows in the full view.
fn write(
    rows: &[Arc<Row>],
    ask: &Ask,
    beside: &Beside<'_>,
    representation: Representation,
) -> Result<Vec<u8>, Error> {
    let mut body = Vec::with_capacity(1024 * rows.len() + 2);
    let lines = representation == Representation::Lines;
    if !lines {
        body.push(b'[');
    }
    for (at, row) in rows.iter().enumerate() {
        if at > 0 && !lines {
            body.push(b',');
        }
        view::shown(row, ask.lang, Some(beside), |shown| {
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
    shown: &Shown,
    uri: &Uri,
    seq: Seq,
    secret: &[u8; 32],
    bound: Digest,
) -> Option<HeaderValue> {
    if !shown.more {
        return None;
    }
    let after = shown.last.clone()?;
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
