//! Which executions' histories a resource stands in, so that who asks for a resource does not look at all of them.
//!
//! It is made by looking at everything once, at the first question, and then follows the changes. It may name an
//! execution too many, never one too few. Does I/O through the reader.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::convert;
use super::wire::Event;
use crate::model::{Digest, Digester, ExecutionKey, Row, Seq};
use crate::query::{self, Reader, Scope, Tail};

/// A resource in more histories than this is looked for in all.
const HISTORIES: usize = 64;
/// Resources that are remembered; with more of them everything is looked at. About 200 MB.
const RESOURCES: usize = 1_000_000;

/// The index; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// Sees everything: what somebody may see is decided by who asks.
    reader: Reader,
    known: Arc<Mutex<Option<Known>>>,
}

#[derive(Debug)]
struct Known {
    tail: Tail,
    places: Places,
}

/// By a resource's digest the executions in whose histories it stands; `None`: too many.
#[derive(Debug, Default)]
struct Places {
    executions: HashMap<ExecutionKey, Arc<ExecutionKey>>,
    of: HashMap<Digest, Option<Vec<Arc<ExecutionKey>>>>,
}

fn digest(id: &str) -> Digest {
    Digester::new("resource").text(id).finish()
}

impl Places {
    fn see(&mut self, row: &Row) {
        if self.of.len() > RESOURCES {
            return;
        }
        let event: Event = convert::event(row);
        let key = self.executions.entry(row.execution.clone());
        let key = key.or_insert_with_key(|key| Arc::new(key.clone())).clone();
        for resource in event.resources() {
            let known = self
                .of
                .entry(digest(resource.id()))
                .or_insert_with(|| Some(Vec::new()));
            if let Some(keys) = known
                && !keys.contains(&key)
            {
                keys.push(key.clone());
                if keys.len() > HISTORIES {
                    *known = None;
                }
            }
        }
    }

    fn scope(&self, ids: &[String]) -> Scope {
        if self.of.len() > RESOURCES {
            return Scope::All;
        }
        let mut keys = Vec::new();
        for id in ids {
            match self.of.get(&digest(id)) {
                None => {}
                Some(None) => return Scope::All,
                Some(Some(places)) => {
                    keys.extend(places.iter().map(|key| ExecutionKey::clone(key)));
                }
            }
        }
        keys.sort_unstable();
        keys.dedup();
        Scope::Executions(keys)
    }
}

impl Index {
    /// Of everything that this reader sees.
    pub(super) fn new(reader: Reader) -> Self {
        Self {
            reader,
            known: Arc::default(),
        }
    }

    /// Where events of these resources are to be looked for by somebody; everywhere, if none is named.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    pub(super) async fn scope(
        &self,
        asker: &Reader,
        ids: &[String],
    ) -> Result<Scope, query::Error> {
        if ids.is_empty() {
            return Ok(Scope::All);
        }
        let mut known = self.known.lock().await;
        let mut current = match known.take() {
            Some(current) => current,
            None => self.make().await?,
        };
        loop {
            match current.tail.read().await {
                Ok(rows) if rows.is_empty() => break,
                Ok(rows) => rows.iter().for_each(|row| current.places.see(row)),
                Err(error) if error.is_too_old() => {
                    current = self.make().await?;
                }
                Err(error) => return Err(error),
            }
        }
        let scope = current.places.scope(ids);
        *known = Some(current);
        drop(known);
        let Scope::Executions(keys) = scope else {
            return Ok(Scope::All);
        };
        let mut seen = Vec::with_capacity(keys.len());
        for key in keys {
            // Somebody else's histories are as if they were not there.
            match asker.get(&key.id).await {
                Ok(united) if united.keys().contains(&key) => seen.push(key),
                Ok(_) | Err(query::Error::Unknown(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Scope::Executions(seen))
    }

    async fn make(&self) -> Result<Known, query::Error> {
        let see = |places: &mut Places, row: &Arc<Row>| places.see(row);
        let (places, seq): (_, Seq) = self.reader.fold(Scope::All, Places::default(), see).await?;
        Ok(Known {
            tail: self.reader.tail_all(seq),
            places,
        })
    }
}
