//! An execution's stream: rows as they change, until it ends. Does I/O.

use eventsource_stream::{EventStreamError, Eventsource};
use futures::StreamExt;
use futures::stream::BoxStream;
use hyper::{Method, StatusCode};

use super::Query;
use super::asking::{Asking, Client};
use super::error::Error;
use super::wire::Row;

/// What a stream tells.
#[derive(Debug)]
pub(in crate::cli) enum Told {
    /// A row at its latest state.
    Row(Box<Row>),
    /// What was told before may have been removed; all follows anew. Why.
    Gap(String),
    /// The execution has ended.
    Done,
}

/// A stream of one execution.
pub(in crate::cli) struct Following {
    events: BoxStream<'static, Result<(Told, String), Error>>,
}

impl Following {
    /// What comes next, and the id to go on behind; `None` if the server has closed the stream.
    pub(in crate::cli) async fn next(&mut self) -> Option<Result<(Told, String), Error>> {
        self.events.next().await
    }
}

impl Client {
    /// Begins a stream behind an id. `None`: the execution has ended and nothing is new.
    pub(in crate::cli) async fn follow(
        &self,
        id: &str,
        query: &Query,
        after: Option<&str>,
    ) -> Result<Option<Following>, Error> {
        let address = self.base.route(&["v1", "executions", id, "events"], query);
        let asking = Asking {
            accept: "text/event-stream",
            last_event_id: after.map(str::to_owned),
            ..Asking::new(Method::GET, address)
        };
        let answer = self.ask(asking).await?;
        if answer.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        let asked = self.clone();
        let events = self.parts(answer).eventsource().map(move |event| {
            let event = event.map_err(|error| match error {
                EventStreamError::Transport(error) => error,
                other => asked.unreadable(&other),
            })?;
            let told = match event.event.as_str() {
                "gap" => Told::Gap(event.data),
                "done" => Told::Done,
                _ => Told::Row(Box::new(
                    Row::parse(&event.data).map_err(|error| asked.unreadable(&error))?,
                )),
            };
            Ok((told, event.id))
        });
        Ok(Some(Following {
            events: events.boxed(),
        }))
    }
}
