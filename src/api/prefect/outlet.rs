//! `events/out`: the stored events that a filter asks for, then those that come, along one sequence. Does I/O through the
//! reader.
//!
//! What is stored is read up to a place in the sequence of all changes, and what comes is followed from that place: there
//! is no seam in which an event could be lost or told twice. No queue is kept for a slow reader; it is read for from
//! where it stands.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State as Given;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use futures::{FutureExt, StreamExt};
use serde::Serialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::detail::Loc;
use super::filter::Filter;
use super::json::{Shape, shape};
use super::scan::{self, Walk};
use super::socket::{self, Goodbye, code};
use super::wire::Event;
use super::{convert, criteria};
use crate::api::{State, rights};
use crate::model::{Order, Row, Seq};
use crate::query;
use crate::server::{Stay, Verb};

/// How far back stored events are sent.
const BACKFILL: Duration = Duration::from_secs(15 * 60);
/// Rows that are held in memory at a time.
const STRETCH: usize = 5000;
/// The largest frame that Prefect's client reads.
const FRAME: usize = 1024 * 1024;
/// How often a quiet client is asked whether it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long a client may take to read a frame.
const PATIENCE: Duration = Duration::from_secs(60);

/// Opens a socket for events that go out.
pub(super) async fn open(
    Given(state): Given<State>,
    stay: Option<Extension<Stay>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade
        .protocols([socket::PROTOCOL])
        .max_message_size(FRAME)
        .max_frame_size(FRAME);
    upgrade.on_upgrade(async move |socket| {
        let _stay = stay;
        let mut outlet = Outlet {
            socket,
            state,
            is_asked: false,
        };
        outlet.state.metrics.streams.inc();
        let end = Box::pin(outlet.serve(&headers)).await;
        outlet.state.metrics.streams.dec();
        if let Some(goodbye) = end {
            goodbye.say(&mut outlet.socket).await;
        }
    })
}

/// Why nothing more is sent: the connection is gone, or is to be closed.
type End = Option<Goodbye>;

struct Outlet {
    socket: WebSocket,
    state: State,
    /// Whether it was asked if it is there, and has not been heard since.
    is_asked: bool,
}

impl Outlet {
    async fn serve(&mut self, headers: &HeaderMap) -> End {
        let stopping = self.state.stopping.clone();
        let asked = async {
            let (socket, state) = (&mut self.socket, &self.state);
            let asking = rights::of_socket(state, Verb::Watch);
            let admission = socket::greet(socket, &state.access, headers, true, asking).await?;
            let room = socket::room(&state.access, &admission).await?;
            let grant = admission.grant();
            if grant.is_some_and(|grant| grant.reads.is_none()) {
                let why = "these credentials do not allow to read events";
                return Err(Some(Goodbye::new(code::POLICY, why)));
            }
            self.state = self.state.for_grant(grant.map(Arc::as_ref));
            let (filter, backfill) = wanted(&mut self.socket, &self.state).await?;
            Ok((filter, backfill, admission, room))
        };
        let (filter, backfill, admission, _room) =
            match Box::pin(socket::unless_stopping(&stopping, asked)).await {
                None => return Some(Goodbye::restart()),
                Some(Ok(wanted)) => wanted,
                Some(Err(end)) => return end,
            };
        let filter = Arc::new(filter);
        let followed = async {
            let after = match backfill {
                true => self.send_all(&filter, Walk::new(scan::place)).await?,
                false => *self.state.reader.passed().borrow(),
            };
            self.follow(&filter, after).await
        };
        tokio::select! {
            biased;
            () = stopping.cancelled() => Some(Goodbye::restart()),
            () = admission.revoked() => Some(socket::revoked()),
            end = followed => end.err().flatten(),
        }
    }

    /// Everything on a walk; answers the place up to which that was.
    async fn send_all<K: Ord + Copy + Send + 'static>(
        &mut self,
        filter: &Arc<Filter>,
        mut walk: Walk<K>,
    ) -> Result<Seq, End> {
        loop {
            let rows = walk.next(&self.state.reader, filter, STRETCH).await;
            for row in rows.map_err(|error| broken(&error))? {
                self.send(&convert::event(&row)).await?;
            }
            if let Some(upto) = walk.end() {
                return Ok(upto);
            }
        }
    }

    /// What comes from a place on.
    async fn follow(&mut self, filter: &Arc<Filter>, after: Seq) -> Result<(), End> {
        let mut tail = self.state.reader.tail_all(after);
        let mut ticks = interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let rows = match tail.read().await {
                Ok(rows) => rows,
                Err(error) if error.is_too_old() => {
                    // In the order in which it was told, as if it were followed.
                    let missed = Walk::behind(tail.after(), |row: &Row| row.seq);
                    let upto = self.send_all(filter, missed).await?;
                    tail = self.state.reader.tail_all(upto);
                    continue;
                }
                Err(error) => return Err(broken(&error)),
            };
            for event in rows.iter().filter_map(|row| scan::passing(filter, row)) {
                self.send(&event).await?;
            }
            if !rows.is_empty() {
                continue;
            }
            let read = tokio::select! {
                read = self.socket.next() => Some(read),
                () = tail.changed() => None,
                _ = ticks.tick() => {
                    // Nothing at all was heard since it was asked.
                    if self.is_asked || self.socket.send(Message::Ping(Bytes::new())).await.is_err() {
                        return Err(None);
                    }
                    self.is_asked = true;
                    None
                }
            };
            if let Some(read) = read {
                self.is_asked = false;
                listen(read)?;
            }
        }
    }

    async fn send(&mut self, event: &Event) -> Result<(), End> {
        while let Some(read) = self.socket.next().now_or_never() {
            self.is_asked = false;
            listen(read)?;
        }
        let Some(frame) = frame(event) else {
            tracing::warn!(
                "event {} is larger than a frame that Prefect's client reads, it is left out",
                event.id
            );
            return Ok(());
        };
        let sent = tokio::time::timeout(PATIENCE, self.socket.send(Message::text(frame))).await;
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(None),
        }
    }
}

/// What a client says after its filter is of no matter, but for its end.
fn listen(read: Option<Result<Message, axum::Error>>) -> Result<(), End> {
    match read {
        // The answer to CLOSE is written by the read after it.
        Some(Ok(_)) => Ok(()),
        Some(Err(error)) => Err(Goodbye::of(error)),
        None => Err(None),
    }
}

fn broken(error: &query::Error) -> End {
    tracing::warn!("a stream of Prefect events ends early: {error}");
    Some(Goodbye::restart())
}

/// The filter, and whether what is stored is wanted, too.
async fn wanted(socket: &mut WebSocket, state: &State) -> Result<(Filter, bool), End> {
    let said = socket::text(socket).await?;
    let refused = |reason: &str| Some(Goodbye::new(code::PROTOCOL, reason));
    let raw = serde_json::from_str::<&RawValue>(&said)
        .map_err(|_| refused("Expected 'filter' message"))?;
    let Shape::Map(message) = shape(raw) else {
        return Err(refused("Expected 'filter' message"));
    };
    if message
        .get("type")
        .is_none_or(|kind| kind.get().trim() != "\"filter\"")
    {
        return Err(refused("Expected 'filter' message"));
    }
    let Some(given) = message.get("filter") else {
        return Err(refused("Invalid filter: 'filter'"));
    };
    let now = state.clock.now();
    let mut filter = criteria::filter(given, &Loc::default(), now).map_err(|wrong| {
        let (number, s) = (wrong.len(), if wrong.len() == 1 { "" } else { "s" });
        let first = wrong
            .first()
            .map(super::detail::Detail::told)
            .unwrap_or_default();
        refused(&format!(
            "Invalid filter: {number} validation error{s} for EventFilter: {first}"
        ))
    })?;
    filter.since = filter.since.max(now.before(BACKFILL));
    filter.order = Order::Ascending;
    let backfill = message
        .get("backfill")
        .is_none_or(|backfill| backfill.get().trim() != "false");
    Ok((filter, backfill))
}

#[derive(Serialize)]
struct Told<'a> {
    r#type: &'static str,
    event: &'a Event,
}

/// An event as a frame; with a mark for its payload if that does not fit; `None` if it does not fit even so.
fn frame(event: &Event) -> Option<String> {
    fn whole(event: &Event) -> Option<String> {
        serde_json::to_string(&Told {
            r#type: "event",
            event,
        })
        .ok()
    }
    let fits = |frame: &String| frame.len() <= FRAME;
    whole(event).filter(fits).or_else(|| {
        let bytes = event.payload.get().len();
        let mark = json!({ "dagtrail.left-out": { "bytes": bytes, "of": "payload" } });
        let smaller = Event {
            payload: to_raw_value(&mark).ok()?,
            ..event.clone()
        };
        whole(&smaller).filter(fits)
    })
}
