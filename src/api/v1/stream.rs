//! A history as server-sent events: what was, then what changes, in one walk along one sequence. Does I/O through the
//! reader.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use async_stream::stream;
use axum::http::header::CONTENT_LANGUAGE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until};

use super::answers::place;
use super::ask::Ask;
use super::beside::Beside;
use super::marked::Marked;
use super::read::all_beside;
use super::view::{self, View};
use crate::api::State;
use crate::api::gathered::gathered;
use crate::model::{Execution, Row, Seq};
use crate::query::{self, United};
use crate::telemetry::Metrics;

static LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Asks a proxy in between not to hold events back.
static ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Where a reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// With the first row.
    Fresh,
    /// Behind what it has.
    Behind(Seq),
    /// With the first row, though it has something: why that is worth nothing.
    Anew(&'static str),
}

impl Start {
    /// An id that was never given, or stands before a removal, cannot be resumed from.
    fn of(last: Option<&str>, store: &str, passed: Seq, pruned: Seq) -> Self {
        let Some(last) = last.filter(|last| !last.is_empty()) else {
            return Self::Fresh;
        };
        let seq = last
            .rsplit_once('.')
            .filter(|(whose, _)| *whose == store)
            .and_then(|(_, seq)| seq.parse::<Seq>().ok());
        match seq {
            None => Self::Anew("foreign"),
            Some(Seq::ZERO) => Self::Fresh,
            Some(seq) if seq > passed => Self::Anew("future"),
            Some(seq) if seq < pruned => Self::Anew("pruned"),
            Some(seq) => Self::Behind(seq),
        }
    }

    const fn after(self) -> Seq {
        match self {
            Self::Fresh | Self::Anew(_) => Seq::ZERO,
            Self::Behind(seq) => seq,
        }
    }
}

/// Opens a stream, or says that there is nothing more to come.
pub(super) fn open(
    state: State,
    id: String,
    ask: Ask,
    united: United,
    passed: Seq,
    headers: &HeaderMap,
) -> Response {
    let header = headers.get(&LAST_EVENT_ID);
    let last = match header {
        Some(value) => Some(value.to_str().unwrap_or("?")),
        None => ask.last_event_id.as_deref(),
    };
    let store = state.reader.store_id().to_owned();
    // A change may have come between: what was given by then is not of the future.
    let newest = *state.reader.passed().borrow();
    let start = Start::of(last, &store, newest, united.pruned());
    let lang = ask.lang.content_language();
    let mut answer = match start {
        Start::Behind(after) if united.seq() <= after && is_over(&state, &united) => {
            StatusCode::NO_CONTENT.into_response()
        }
        _ => gathered(Sse::new(walk(state, id, ask, united, start)).into_response()),
    };
    let answered = answer.headers_mut();
    place(answered, passed, &store);
    answered.insert(&ACCEL_BUFFERING, HeaderValue::from_static("no"));
    answered.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang));
    answer
}

/// Whether the end of an execution is so long ago that `done` was told.
fn is_over(state: &State, united: &United) -> bool {
    until_done(state, united).is_some_and(|wait| wait.is_zero())
}

/// How long to wait before `done`; `None` as long as the execution goes on.
fn until_done(state: &State, united: &United) -> Option<std::time::Duration> {
    let told = united.executions.iter().map(last_told).max()?;
    let quiet = state.clock.now().since(told);
    united
        .is_finished()
        .then(|| state.streams.done_after.saturating_sub(quiet))
}

const fn last_told(execution: &Execution) -> crate::model::Time {
    execution.last_told
}

/// Counts a stream as long as it is open.
struct Open(Metrics);

impl Open {
    fn new(metrics: Metrics) -> Self {
        metrics.streams.inc();
        Self(metrics)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.streams.dec();
    }
}

fn walk(
    state: State,
    id: String,
    ask: Ask,
    mut united: United,
    start: Start,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream! {
        let _open = Open::new(state.metrics.clone());
        let store = state.reader.store_id().to_owned();
        let timings = state.streams;
        // With an id from the first moment on, a reader that is cut off before the first row has a place too. One that
        // begins anew gets it with the gap: cut off before that, it has to be told again.
        let opening = Event::default().retry(timings.retry);
        if let Start::Anew(why) = start {
            yield Ok(opening);
            yield Ok(gap(&store, why));
        } else {
            yield Ok(opening.id(place_of(&store, start.after())));
        }
        let mut tail = state.reader.tail(united.keys(), start.after());
        let mut ticks = interval_at(Instant::now() + timings.keep_alive, timings.keep_alive);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut done_at = None;
        let mut marked = Marked::default();
        loop {
            let before = tail.after();
            // On the heap, as what is read below: who waits keeps no room for it.
            let (rows, now) = match Box::pin(tail.read_of(&id)).await {
                Ok(read) => read,
                Err(query::Error::Unknown(_)) => return,
                Err(error) => {
                    tracing::warn!(%error, "a stream ends early");
                    return;
                }
            };
            let others = now.keys() != united.keys();
            if others || now.pruned() > united.pruned() {
                yield Ok(gap(&store, if others { "aliases" } else { "pruned" }));
                tail = state.reader.tail(now.keys(), Seq::ZERO);
                united = now;
                marked = Marked::default();
                continue;
            }
            united = now;
            if state.stopping.is_cancelled() {
                return;
            }
            let read_all = rows.is_empty();
            let events = match (ask.view, read_all) {
                (View::Full, false) => match Box::pin(all_beside(&state.reader, united.keys())).await {
                    Ok((all, samples)) => {
                        let beside = Beside::of(&all, &samples);
                        in_full(&rows, &all, &beside, &mut marked, before, &store, &ask)
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a stream ends early");
                        return;
                    }
                },
                _ => {
                    let rows = rows.iter().filter(|row| ask.filter.matches(row));
                    rows.map(|row| told(row, row.seq, None, &store, &ask)).collect()
                }
            };
            for event in events {
                ticks.reset();
                yield Ok(event);
            }
            if !read_all {
                continue;
            }
            match until_done(&state, &united) {
                Some(wait) => {
                    done_at.get_or_insert(Instant::now() + wait);
                }
                None => done_at = None,
            }
            tokio::select! {
                biased;
                () = state.stopping.cancelled() => return,
                () = tail.changed() => {}
                () = at(done_at) => {
                    let id = place_of(&store, tail.after());
                    yield Ok(Event::default().event("done").id(id).data("{}"));
                    return;
                }
                _ = ticks.tick() => yield Ok(Event::default().comment("")),
            }
        }
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

fn place_of(store: &str, seq: Seq) -> String {
    format!("{store}.{seq}")
}

fn gap(store: &str, why: &str) -> Event {
    Event::default()
        .event("gap")
        .id(place_of(store, Seq::ZERO))
        .data(format!("{{\"reason\":\"{why}\"}}"))
}

/// Rows that have changed, behind those of which other things are to be said because of that. The latter come with
/// the position from before: who is cut off between them gets both again.
fn in_full(
    rows: &[Arc<Row>],
    all: &[Arc<Row>],
    beside: &Beside<'_>,
    marked: &mut Marked,
    before: Seq,
    store: &str,
    ask: &Ask,
) -> Vec<Event> {
    let again = marked.again(all, &beside.marks, rows, before);
    let again = again.into_iter().map(|row| (row, before));
    again
        .chain(rows.iter().map(|row| (row, row.seq)))
        .filter(|(row, _)| ask.filter.matches(row))
        .map(|(row, seq)| told(row, seq, Some(beside), store, ask))
        .collect()
}

fn told(row: &Row, seq: Seq, beside: Option<&Beside<'_>>, store: &str, ask: &Ask) -> Event {
    view::shown(row, ask.lang, beside, |shown| {
        Event::default()
            .id(place_of(store, seq))
            .json_data(shown)
            .expect("texts and numbers are JSON")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_of_this_store_that_stands_behind_every_removal_is_resumed_from() {
        let start = |last| Start::of(last, "store", Seq(9), Seq(5));
        assert_eq!(start(None), Start::Fresh);
        assert_eq!(start(Some("")), Start::Fresh);
        assert_eq!(start(Some("store.0")), Start::Fresh);
        assert_eq!(start(Some("store.5")), Start::Behind(Seq(5)));
        assert_eq!(start(Some("store.9")), Start::Behind(Seq(9)));
        assert_eq!(start(Some("store.4")), Start::Anew("pruned"));
        assert_eq!(start(Some("store.10")), Start::Anew("future"));
        for foreign in [
            "other.7",
            "7",
            "store.",
            "store.x",
            "store.-1",
            "store.7.7",
            ".",
        ] {
            assert_eq!(start(Some(foreign)), Start::Anew("foreign"), "{foreign}");
        }
    }
}
