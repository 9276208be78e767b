//! By which collections an execution is asked for: an alias names it, too. Does I/O through the reader.

use std::collections::{BTreeSet, HashMap};

use super::error::Error;
use super::filter::Filter;
use crate::model::ExecutionKey;
use crate::query::{self, Reader, Scope};

/// The most collections that a filter may name.
const MOST: usize = 1000;

/// What the collections of a filter stand for.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<ExecutionKey, Vec<Box<str>>>);

impl Names {
    /// The names of a filter that an execution has.
    pub(super) fn of(&self, execution: &ExecutionKey) -> impl Iterator<Item = &str> {
        let names = self.0.get(execution).into_iter().flatten();
        names.map(|name| &**name)
    }

    /// Looks the collections of a filter up. Also whose rows can pass it.
    pub(super) async fn look_up(filter: &Filter, reader: &Reader) -> Result<(Self, Scope), Error> {
        let asked: BTreeSet<&str> = filter.collections().into_iter().collect();
        if asked.len() > MOST {
            let many = asked.len();
            return Err(Error::invalid(format!(
                "filter.collection names {many} collections, and {MOST} is the most"
            )));
        }
        let mut names = Self::default();
        let mut found: HashMap<&str, Vec<ExecutionKey>> = HashMap::new();
        for name in asked {
            let keys = match reader.get(name).await {
                Ok(united) => united.keys(),
                Err(query::Error::Unknown(_)) => Vec::new(),
                Err(error) => return Err(error.into()),
            };
            for key in &keys {
                names.0.entry(key.clone()).or_default().push(name.into());
            }
            found.insert(name, keys);
        }
        let scope = filter.pins().map_or(Scope::All, |pins| {
            let keys = pins
                .into_iter()
                .filter_map(|name| found.get(name))
                .flatten();
            let keys: BTreeSet<&ExecutionKey> = keys.collect();
            Scope::Executions(keys.into_iter().cloned().collect())
        });
        Ok((names, scope))
    }
}
