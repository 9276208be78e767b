//! A WebSocket from its upgrade to its end: who speaks, and how it is said goodbye. Does I/O through axum.
//!
//! One task owns a socket. tungstenite, which frames it, queues the answer to a PING or CLOSE when that is read, and
//! writes it with the next read, write or flush: so nothing is answered before that task goes on.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use axum::http::HeaderMap;
use futures::StreamExt;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tungstenite::error::CapacityError;

use crate::server::{Access, Admission, Asking, Denied, Room};

/// The name of the protocol that begins with credentials.
pub(super) const PROTOCOL: &str = "prefect";
/// The largest frame that is read.
pub(super) const FRAME: usize = 16 * 1024 * 1024;
/// How long somebody may take to say who they are, or what they want.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long room for a stream is waited for.
const WAIT: Duration = Duration::from_secs(15);
/// How long somebody may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);
/// Bytes of a reason for closing.
const REASON: usize = 123;

/// RFC 6455, 7.4.1.
pub(super) mod code {
    pub(in super::super) const PROTOCOL: u16 = 1002;
    pub(in super::super) const NOT_UTF8: u16 = 1007;
    pub(in super::super) const POLICY: u16 = 1008;
    pub(in super::super) const TOO_LARGE: u16 = 1009;
    /// The server starts again: clients come back.
    pub(in super::super) const RESTART: u16 = 1012;
    /// There is no room now: clients come back.
    pub(in super::super) const LATER: u16 = 1013;
}

/// Why a socket is closed by this side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Goodbye {
    pub(super) code: u16,
    pub(super) reason: String,
}

impl Goodbye {
    pub(super) fn new(code: u16, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }

    /// Because this server stops.
    pub(super) fn restart() -> Self {
        Self::new(code::RESTART, "the server starts again")
    }

    /// Because what was sent cannot be read; `None` if the connection is gone.
    pub(super) fn of(error: axum::Error) -> Option<Self> {
        let error = error.into_inner().downcast::<tungstenite::Error>().ok()?;
        match *error {
            tungstenite::Error::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
                Some(Self::new(
                    code::TOO_LARGE,
                    format!("frame exceeds limit of {max_size} bytes"),
                ))
            }
            tungstenite::Error::Utf8(_) => {
                Some(Self::new(code::NOT_UTF8, "a text has to be UTF-8"))
            }
            tungstenite::Error::Protocol(error) => {
                Some(Self::new(code::PROTOCOL, error.to_string()))
            }
            _ => None,
        }
    }

    /// Says it, and waits for the other side to say it, too.
    pub(super) async fn say(self, socket: &mut WebSocket) {
        let mut reason = self.reason;
        while reason.len() > REASON {
            reason.pop();
        }
        let frame = CloseFrame {
            code: self.code,
            reason: Utf8Bytes::from(reason),
        };
        let goodbye = async {
            if socket.send(Message::Close(Some(frame))).await.is_ok() {
                while let Some(Ok(_)) = socket.next().await {}
                if self.code == code::TOO_LARGE {
                    // The rest of the frame is not read, so the connection is reset when it is let go of: not before
                    // the other side has had time to read why.
                    tokio::time::sleep(GOODBYE / 2).await;
                }
            }
        };
        if tokio::time::timeout(GOODBYE, goodbye).await.is_err() {
            tracing::debug!("a client did not say goodbye");
        }
    }
}

/// A message of the part before events flow.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    pub(super) r#type: Option<String>,
    token: Option<String>,
}

/// Lets somebody finish who is saying who they are, for a moment: a client that is cut off there gives up what it has to
/// tell. `None`: the server stops, and that took too long.
pub(super) async fn unless_stopping<T>(
    stopping: &CancellationToken,
    greeting: impl Future<Output = T>,
) -> Option<T> {
    let stopped = async {
        stopping.cancelled().await;
        tokio::time::sleep(GOODBYE).await;
    };
    tokio::select! {
        biased;
        greeted = greeting => Some(greeted),
        () = stopped => None,
    }
}

/// The next text; `Err(None)` if the connection is gone.
pub(super) async fn text(socket: &mut WebSocket) -> Result<Utf8Bytes, Option<Goodbye>> {
    let next = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Binary(_))) => return Ok(Utf8Bytes::default()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                // Its answer is written by the next read.
                Some(Ok(Message::Close(_))) => {}
                Some(Err(error)) => return Err(Goodbye::of(error)),
                None => return Err(None),
            }
        }
    };
    let waited = tokio::time::timeout(PATIENCE, next).await;
    waited.unwrap_or_else(|_| {
        Err(Some(Goodbye::new(
            code::POLICY,
            "nothing was said for too long",
        )))
    })
}

/// Who speaks: by the credentials of the upgrade, or by the message that a client begins with that speaks the protocol.
pub(super) async fn greet(
    socket: &mut WebSocket,
    access: &Access,
    headers: &HeaderMap,
    begins: bool,
    asking: Asking,
) -> Result<Admission, Option<Goodbye>> {
    let refused = |told: &str| {
        let told = told.to_owned();
        move |denied| match denied {
            Denied::Unavailable | Denied::TooMany => {
                Some(Goodbye::new(code::LATER, denied.to_string()))
            }
            Denied::Missing | Denied::Wrong | Denied::Forbidden => {
                Some(Goodbye::new(code::POLICY, told))
            }
        }
    };
    if !begins {
        let admitted = access.by_headers(headers, asking).await;
        return admitted.map_err(|denied| refused(&denied.to_string())(denied));
    }
    let text = text(socket).await?;
    let said = serde_json::from_str::<Said>(&text)
        .ok()
        .filter(|said| said.r#type.as_deref() == Some("auth"));
    let Some(said) = said else {
        return Err(Some(Goodbye::new(code::POLICY, "Expected 'auth' message")));
    };
    let admitted = match said.token.filter(|token| !token.is_empty()) {
        // A wrong token is told as wrong whatever else came along.
        Some(token) => {
            (access.by_secret(&token, asking).await).map_err(refused("Invalid token"))?
        }
        None => (access.by_headers(headers, asking).await)
            .map_err(refused("Auth required but no token provided"))?,
    };
    let welcome = Message::text(r#"{"type":"auth_success"}"#);
    socket.send(welcome).await.map_err(|_| None)?;
    Ok(admitted)
}

/// Room for one stream more. Who finds none waits, for clients do not try an upgrade again that was refused, and is then
/// asked to come back: as long as a client waits for the answer to its PING.
pub(super) async fn room(access: &Access, admission: &Admission) -> Result<Room, Option<Goodbye>> {
    let room = access.gate().stream_within(admission.user(), WAIT).await;
    room.map_err(|_| Some(Goodbye::new(code::LATER, "too many streams are open")))
}

/// Because what was allowed no longer is.
pub(super) fn revoked() -> Goodbye {
    Goodbye::new(code::POLICY, "these credentials no longer allow it")
}
