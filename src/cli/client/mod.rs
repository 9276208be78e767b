//! A client of the native API: what the commands ask a server. Does I/O.

mod asking;
mod base;
mod error;
mod follow;
mod link;
mod wire;

use bytes::Bytes;
use futures::Stream;
use hyper::Method;

use self::asking::Asking;
pub(super) use self::asking::Client;
pub(super) use self::base::Base;
pub(super) use self::error::Error;
pub(super) use self::follow::Told;
pub(super) use self::link::Connector;
use self::wire::Page;
pub(super) use self::wire::{Event, Execution, Imported, ItemResult, Posted, Retained, Row};

/// The most executions of one answer.
const PAGE: usize = 1000;

/// Pairs of a query.
pub(super) type Query = Vec<(&'static str, String)>;

/// What an answer has all of: its rows, and the id to go on behind.
pub(super) struct History {
    pub(super) rows: Vec<Row>,
    pub(super) place: Option<String>,
}

/// Executions, and how many pass in all.
pub(super) struct Listed {
    pub(super) executions: Vec<Execution>,
    pub(super) total: usize,
}

impl Client {
    /// The newest executions that pass, at most so many.
    pub(super) async fn executions(&self, query: &Query, most: usize) -> Result<Listed, Error> {
        let mut executions: Vec<Execution> = Vec::new();
        let mut offset = 0;
        loop {
            let limit = PAGE.min(most - executions.len());
            let mut query = query.clone();
            query.push(("limit", limit.to_string()));
            query.push(("offset", offset.to_string()));
            let address = self.base.route(&["v1", "executions"], &query);
            let answer = self.ask(Asking::new(Method::GET, address)).await?;
            let body = self.read(answer).await?;
            let page: Page<'_> =
                serde_json::from_slice(&body).map_err(|error| self.unreadable(&error))?;
            let (came, total) = (page.executions.len(), page.total_num);
            for found in page.executions {
                let found =
                    Execution::parse(found.get()).map_err(|error| self.unreadable(&error))?;
                // One that began meanwhile moves the others down: the last of a page is the first of the next.
                let is_known = executions
                    .iter()
                    .rev()
                    .take(PAGE)
                    .any(|known| known.id == found.id && known.namespace == found.namespace);
                if !is_known {
                    executions.push(found);
                }
            }
            offset += came;
            if came < limit || executions.len() >= most || offset >= total {
                return Ok(Listed { executions, total });
            }
        }
    }

    /// One execution, by id or alias.
    pub(super) async fn execution(&self, id: &str) -> Result<Execution, Error> {
        self.one(&["v1", "executions", id]).await
    }

    /// The newest execution of a name.
    pub(super) async fn named(
        &self,
        namespace: &str,
        kind: &str,
        name: &str,
    ) -> Result<Execution, Error> {
        self.one(&["v1", "executions", namespace, kind, name]).await
    }

    async fn one(&self, path: &[&str]) -> Result<Execution, Error> {
        let asking = Asking::new(Method::GET, self.base.route(path, &[]));
        let body = self.read(self.ask(asking).await?).await?;
        let text = str::from_utf8(&body).map_err(|error| self.unreadable(&error))?;
        Execution::parse(text).map_err(|error| self.unreadable(&error))
    }

    /// The rows of an execution that pass.
    pub(super) async fn history(&self, id: &str, query: &Query) -> Result<History, Error> {
        let address = self.base.route(&["v1", "executions", id, "events"], query);
        let answer = self.ask(Asking::new(Method::GET, address)).await?;
        let header = |name| answer.headers().get(name)?.to_str().ok();
        let place = header("dagtrail-store").zip(header("dagtrail-seq"));
        let place = place.map(|(store, seq)| format!("{store}.{seq}"));
        let body = self.read(answer).await?;
        let rows = Row::parse_all(&body).map_err(|error| self.unreadable(&error))?;
        Ok(History { rows, place })
    }

    /// Tells events; `lines`: one a line instead of JSON.
    pub(super) async fn tell(
        &self,
        id: &str,
        body: impl Into<Bytes>,
        lines: bool,
        atomic: bool,
    ) -> Result<Posted, Error> {
        let query = if atomic {
            vec![("atomic", "true".to_owned())]
        } else {
            Vec::new()
        };
        let address = self.base.route(&["v1", "executions", id, "events"], &query);
        let kind = if lines {
            "application/x-ndjson"
        } else {
            "application/json"
        };
        let asking = Asking {
            content: Some((kind, body.into())),
            ..Asking::new(Method::POST, address)
        };
        let body = self.read(self.ask(asking).await?).await?;
        serde_json::from_slice(&body).map_err(|error| self.unreadable(&error))
    }

    /// Asks a route of those who run the server: its words, and what time it is there.
    pub(super) async fn probe(&self, route: &str) -> Result<(String, Option<String>), Error> {
        let mut asking = Asking::new(
            Method::GET,
            format!("{}{route}", self.base.route(&[""], &[])),
        );
        asking.accept = "text/plain";
        let answer = self.ask(asking).await?;
        let date = answer.headers().get(hyper::header::DATE);
        let date = date.and_then(|date| Some(date.to_str().ok()?.to_owned()));
        let body = self.read(answer).await?;
        Ok((String::from_utf8_lossy(&body).into_owned(), date))
    }

    /// The lines of a history as they come, and of how many executions they are.
    pub(super) async fn export(
        &self,
        query: &Query,
    ) -> Result<
        (
            Option<u64>,
            impl Stream<Item = Result<Bytes, Error>> + Send + use<>,
        ),
        Error,
    > {
        let address = self.base.route(&["v1", "export"], query);
        let answer = self.ask(Asking::new(Method::GET, address)).await?;
        let executions = answer.headers().get("dagtrail-executions");
        let executions = executions.and_then(|value| value.to_str().ok()?.parse().ok());
        Ok((executions, self.parts(answer)))
    }

    /// Has lines taken in; returns when they are on disk.
    pub(super) async fn import(&self, lines: Bytes) -> Result<Imported, Error> {
        let asking = Asking {
            content: Some(("application/x-ndjson", lines)),
            ..Asking::new(Method::POST, self.base.route(&["v1", "import"], &[]))
        };
        let body = self.read(self.ask(asking).await?).await?;
        serde_json::from_slice(&body).map_err(|error| self.unreadable(&error))
    }

    /// How long the executions that an id names are kept.
    pub(super) async fn retention(&self, id: &str) -> Result<Vec<Retained>, Error> {
        let address = self.base.route(&["v1", "executions", id, "retention"], &[]);
        let body = self
            .read(self.ask(Asking::new(Method::GET, address)).await?)
            .await?;
        Retained::parse_all(&body).map_err(|error| self.unreadable(&error))
    }

    /// Deletes an execution and its history.
    pub(super) async fn delete(&self, id: &str) -> Result<(), Error> {
        let address = self.base.route(&["v1", "executions", id], &[]);
        self.ask(Asking::new(Method::DELETE, address)).await?;
        Ok(())
    }
}
