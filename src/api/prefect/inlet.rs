//! `events/in`: events come, one in each frame, and PONG says that all before it is on disk. Does I/O through the writer.
//!
//! ```text
//! read what is there ─► write it, wait for the disk
//!      ▲──── meanwhile read more, up to a PING, a CLOSE, or what is written together at the most
//! ```
//!
//! A client's only acknowledgement is PONG: what it was ponged for it forgets. So after a PING nothing is read or written
//! before what came ahead of it is on disk; going on reading answers it. While the store takes nothing, no more is read
//! than can be written together.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State as Given;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use futures::future::{Fuse, FusedFuture};
use futures::{FutureExt, StreamExt};
use serde_json::value::RawValue;
use tokio::task::unconstrained;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::detail::Loc;
use super::socket::{self, Goodbye, code};
use super::wire::Event;
use super::{check, convert, quick};
use crate::api::{State, rights};
use crate::ingest::{self, Limits};
use crate::model::Code;
use crate::server::{Stay, Verb};
use crate::telemetry::Labelled;

/// Events that are written together, and bytes of their frames; as many may have been read meanwhile.
const BATCH: (usize, usize) = (2048, 4 * 1024 * 1024);
/// Frames that are read before it is looked whether the disk is done with those before.
const STEP: usize = 256;
/// How often a quiet client is asked whether it is there, and how long it may take to answer.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long is tried to write. Clients do not wait longer than 20 s for PONG, and come back with all that was not ponged.
const TRIED: Duration = Duration::from_secs(30);
/// Between two attempts to write.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
];

/// Opens a socket for events that come in; whoever may not is told so on the socket, since clients never try an upgrade
/// again that was refused.
pub(super) async fn open(
    Given(state): Given<State>,
    stay: Option<Extension<Stay>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade
        .protocols([socket::PROTOCOL])
        .max_message_size(socket::FRAME)
        .max_frame_size(socket::FRAME);
    let begins = upgrade.selected_protocol().is_some();
    upgrade.on_upgrade(async move |mut socket| {
        let _stay = stay;
        if let Some(goodbye) = Box::pin(serve(&mut socket, state, &headers, begins)).await {
            goodbye.say(&mut socket).await;
        }
    })
}

/// Until the connection is gone (`None`) or is to be closed.
async fn serve(
    socket: &mut WebSocket,
    state: State,
    headers: &HeaderMap,
    begins: bool,
) -> Option<Goodbye> {
    let stopping = state.stopping.clone();
    let asking = rights::of_socket(&state, Verb::Create);
    // It takes no room of streams: what it costs is bounded by what is read of it, and one key is many flow runs'.
    let greeting = socket::greet(socket, &state.access, headers, begins, asking);
    let greeted = Box::pin(socket::unless_stopping(&stopping, greeting)).await;
    let admission = match greeted {
        None => return Some(Goodbye::restart()),
        Some(Ok(admission)) => admission,
        Some(Err(goodbye)) => return goodbye,
    };
    let grant = admission.grant();
    let state = state.for_grant(grant.map(Arc::as_ref));
    if grant.is_some_and(|grant| !grant.writes.hold(&state.tenant)) {
        return Some(Goodbye::new(
            code::POLICY,
            "these credentials do not allow to write events",
        ));
    }
    let mut ticks = interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_asked = false;
    let mut revoked = std::pin::pin!(admission.revoked());
    let mut writing = std::pin::pin!(Fuse::terminated());
    let (mut batch, mut next) = (Batch::default(), Next::More);
    loop {
        let reads = next == Next::More;
        tokio::select! {
            biased;
            () = stopping.cancelled(), if reads => next = Next::End(Some(Goodbye::restart())),
            () = &mut revoked, if reads => next = Next::End(Some(socket::revoked())),
            written = &mut writing, if !writing.is_terminated() => {
                if let Err(goodbye) = written {
                    return goodbye;
                }
            }
            message = socket.next(), if reads && !batch.is_full() => {
                is_asked = false;
                next = batch.take(message, &state);
                for _ in 1..STEP {
                    if next != Next::More || batch.is_full() {
                        break;
                    }
                    // A step is bounded, and the wait for the disk lets others have their turn: the scheduler would
                    // end it after 128.
                    match unconstrained(socket.next()).now_or_never() {
                        Some(message) => next = batch.take(message, &state),
                        None => break,
                    }
                }
            }
            _ = ticks.tick(), if reads && writing.is_terminated() => {
                // Whatever was read is on disk, so this may be written.
                let ping = Message::Ping(axum::body::Bytes::new());
                if is_asked || socket.send(ping).await.is_err() {
                    return None;
                }
                is_asked = true;
            }
        }
        if !writing.is_terminated() {
            continue;
        }
        let events = std::mem::take(&mut batch).events;
        if !events.is_empty() {
            writing.set(commit(events, &state).fuse());
        } else if next != Next::More {
            match std::mem::replace(&mut next, Next::More) {
                Next::End(goodbye) => return goodbye,
                Next::More | Next::Answer => {}
            }
        }
    }
}

/// What is to be done after what was read is on disk.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Read on.
    More,
    /// Read on, but only after that: it answers.
    Answer,
    End(Option<Goodbye>),
}

/// Events that are written together.
#[derive(Default)]
struct Batch {
    events: Vec<Event>,
    bytes: usize,
}

impl Batch {
    const fn is_full(&self) -> bool {
        self.events.len() >= BATCH.0 || self.bytes >= BATCH.1
    }

    /// Takes in what was read.
    fn take(&mut self, message: Option<Result<Message, axum::Error>>, state: &State) -> Next {
        match message {
            Some(Ok(Message::Text(text))) => {
                self.bytes += text.len();
                match read(&text, state) {
                    Ok(event) => self.events.push(event),
                    Err(problem) => skip(state, &problem),
                }
                Next::More
            }
            Some(Ok(Message::Binary(_))) => {
                skip(state, "a frame is not text");
                Next::More
            }
            Some(Ok(Message::Pong(_))) => Next::More,
            Some(Ok(Message::Ping(_) | Message::Close(_))) => Next::Answer,
            Some(Err(error)) => Next::End(Goodbye::of(error)),
            None => Next::End(None),
        }
    }
}

/// An event of a frame; else what is wrong with it.
fn read(text: &str, state: &State) -> Result<Event, String> {
    let received = state.clock.now();
    if let Some(event) = quick::event(text, received) {
        return Ok(event);
    }
    let raw =
        serde_json::from_str::<&RawValue>(text).map_err(|error| format!("is not JSON: {error}"))?;
    check::event(raw, &Loc::default(), received).map_err(|wrong| {
        let told: Vec<_> = wrong
            .iter()
            .take(3)
            .map(super::detail::Detail::told)
            .collect();
        told.join("; ")
    })
}

/// An event that is wrong is left out, or the client would send it first on every connection, for ever.
fn skip(state: &State, problem: &str) {
    state
        .metrics
        .skipped
        .get_or_create(&Labelled { of: "prefect" })
        .inc();
    tracing::warn!("a Prefect event was left out: {problem}");
}

/// Writes events; tries for a while until they are on disk. On failure the connection ends without an answer, so that the client
/// sends them again.
async fn commit(events: Vec<Event>, state: &State) -> Result<(), Option<Goodbye>> {
    let mut observations = convert::observations(events, &state.tenant);
    observations.retain(
        |observation| match ingest::check(observation, Limits::WIDEST) {
            Ok(()) => true,
            Err(invalid) => {
                skip(state, &invalid.to_string());
                false
            }
        },
    );
    let observations = Arc::new(observations);
    let until = Instant::now() + TRIED;
    let mut pauses = PAUSES
        .iter()
        .chain(std::iter::repeat(&PAUSES[PAUSES.len() - 1]));
    loop {
        match state.ingest.submit(Vec::clone(&observations)).await {
            Ok(_) => return Ok(()),
            Err(error)
                if error.code() == Code::Unavailable
                    && !state.stopping.is_cancelled()
                    && Instant::now() < until =>
            {
                tracing::warn!("Prefect events wait for the store: {error}");
                let pause = pauses.next().copied().unwrap_or(KEEP_ALIVE);
                let _ = state
                    .stopping
                    .run_until_cancelled(tokio::time::sleep(pause))
                    .await;
            }
            Err(error) => {
                tracing::error!(
                    "Prefect events were not written, their client is cut off: {error}"
                );
                return Err(None);
            }
        }
    }
}
