//! Finds the stored events that a filter asks for. Does I/O through the reader.

use std::collections::HashMap;
use std::sync::Arc;

use super::filter::Filter;
use super::index::Index;
use super::token::Place;
use super::wire::Event;
use super::{convert, when};
use crate::model::{Order, Row, Seq};
use crate::query::{self, Reader, Scope, Top};

/// A row's event, if it passes. The one way in which rows are asked, stored or live.
pub(super) fn passing(filter: &Filter, row: &Row) -> Option<Event> {
    // Most rows are of another time: nothing else is looked at of them.
    if !filter.covers(when::truncated(row.last())) {
        return None;
    }
    let (occurred, id, name) = convert::glance(row);
    if !filter.passes(occurred, id, &name) {
        return None;
    }
    let event = convert::event(row);
    filter.matches(&event).then_some(event)
}

/// Where a row's event stands.
pub(super) fn place(row: &Row) -> Place {
    (row.last(), row.seq)
}

/// A stretch of the events that pass.
#[derive(Debug)]
pub(super) struct Found {
    /// In order.
    pub(super) rows: Vec<(Place, Arc<Row>)>,
    /// Whether more follow.
    pub(super) more: bool,
    /// How many pass in all.
    pub(super) total: u64,
}

/// Goes over everything that passes, a stretch at a time, up to the place in the sequence of changes at which it began:
/// what has changed since is for who follows from there.
#[derive(Debug)]
pub(super) struct Walk<K> {
    key: fn(&Row) -> K,
    behind: Seq,
    after: Option<K>,
    upto: Option<Seq>,
    is_over: bool,
}

impl<K: Ord + Copy + Send + 'static> Walk<K> {
    /// Over all, in the order of a key.
    pub(super) const fn new(key: fn(&Row) -> K) -> Self {
        Self::behind(Seq::ZERO, key)
    }

    /// Over what has changed behind a place.
    pub(super) const fn behind(behind: Seq, key: fn(&Row) -> K) -> Self {
        Self {
            key,
            behind,
            after: None,
            upto: None,
            is_over: false,
        }
    }

    /// The next rows, at most so many; none does not mean that it is over.
    pub(super) async fn next(
        &mut self,
        reader: &Reader,
        filter: &Arc<Filter>,
        limit: usize,
    ) -> Result<Vec<Arc<Row>>, query::Error> {
        let (filter, key, behind, upto) = (filter.clone(), self.key, self.behind, self.upto);
        let top = Top::new(Order::Ascending, self.after, limit);
        let see = move |top: &mut Top<K>, row: &Arc<Row>| {
            let is_known = upto.is_none_or(|upto| row.seq <= upto);
            if row.seq > behind && is_known && passing(&filter, row).is_some() {
                top.offer(key(row), row);
            }
        };
        let (top, seq) = reader.fold(Scope::All, top, see).await?;
        let upto = *self.upto.get_or_insert(seq);
        let (rows, more) = top.into_rows();
        self.after = rows.last().map(|(key, _)| *key).or(self.after);
        self.is_over = !more;
        let rows = rows.into_iter().map(|(_, row)| row);
        Ok(rows.filter(|row| row.seq <= upto).collect())
    }

    /// Where to follow from, once it is over.
    pub(super) fn end(&self) -> Option<Seq> {
        self.upto.filter(|_| self.is_over)
    }
}

struct Gathered {
    top: Top<Place>,
    total: u64,
    /// By resource the first in order, where only that is asked for.
    firsts: HashMap<Box<str>, (Place, Arc<Row>)>,
}

/// The first events that pass and stand behind a place.
pub(super) async fn find(
    reader: &Reader,
    index: &Index,
    filter: Arc<Filter>,
    after: Option<Place>,
    limit: usize,
) -> Result<Found, query::Error> {
    let order = filter.order;
    let gathered = Gathered {
        top: Top::new(order, after, limit),
        total: 0,
        firsts: HashMap::new(),
    };
    let scope = index.scope(reader, filter.pins()).await?;
    let see = move |gathered: &mut Gathered, row: &Arc<Row>| {
        let Some(event) = passing(&filter, row) else {
            return;
        };
        let place = place(row);
        if !filter.distinct {
            gathered.total += 1;
            gathered.top.offer(place, row);
            return;
        }
        let first = gathered.firsts.entry(event.resource.id().into());
        let known = first.or_insert_with(|| (place, row.clone()));
        let is_earlier = match order {
            Order::Ascending => place < known.0,
            Order::Descending => place > known.0,
        };
        if is_earlier {
            *known = (place, row.clone());
        }
    };
    let (mut gathered, _) = reader.fold(scope, gathered, see).await?;
    for (place, row) in gathered.firsts.into_values() {
        gathered.total += 1;
        gathered.top.offer(place, &row);
    }
    let (rows, more) = gathered.top.into_rows();
    Ok(Found {
        rows,
        more,
        total: gathered.total,
    })
}
