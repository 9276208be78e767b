//! What another history has kept of a row, taken in by the same law. Pure.

use std::sync::Arc;

use super::{Applied, Shelf, arrive, insert, name_of, new_row, put};
use crate::model::observation::Digests;
use crate::model::series::{OriginShare, Series, Share};
use crate::model::{ExecutionKey, Key, Origin, Policy, RowId, Telling};

/// A row, and what it is if it begins now.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Whose history.
    pub execution: &'a ExecutionKey,
    /// The row.
    pub row: RowId,
    /// What the row is keyed by.
    pub key: &'a Arc<Key>,
    /// Whether tellings fold into it.
    pub policy: Policy,
}

impl Place<'_> {
    /// The one telling that says as much.
    fn telling(&self, origin: Origin, share: &Share) -> Telling {
        Telling {
            execution: self.execution.clone(),
            key: self.key.clone(),
            policy: self.policy,
            origin,
            count: share.count,
            first: share.first,
            last: share.last,
            name: share.name.clone(),
            body: share.body.clone(),
            digests: Some(Digests {
                row: self.row,
                body: share.body_digest,
            }),
        }
    }
}

/// Takes in all that another history has kept of an origin, or the sum of what was told to it once.
///
/// # Errors
///
/// As for [`apply`](super::apply).
pub fn join<S: Shelf>(
    shelf: &mut S,
    place: Place<'_>,
    said: &OriginShare,
    bound: usize,
) -> Result<Applied, S::Error> {
    let OriginShare {
        origin,
        lowest,
        share,
    } = said;
    let telling = place.telling(Origin::Counter(*origin), share);
    let Some(home) = shelf.home(*origin)? else {
        return insert(shelf, &telling, place.row, said.clone(), bound);
    };
    let mut row = shelf.take(home)?.expect("an origin's home is a row");
    let name = name_of(&row);
    let is_sum = said.is_sum();
    let series = &mut Arc::make_mut(&mut row).series;
    let joined = |series: &mut Series| {
        if is_sum {
            series.join_sum(*origin, share)
        } else {
            series.join(*origin, share, *lowest)
        }
    };
    let news = if let Some(news) = joined(series) {
        news
    } else {
        let kept = shelf
            .outside(home, *origin)?
            .expect("a home holds its origin");
        if !is_sum && kept.says(share, *lowest) {
            shelf.put(row);
            return Ok(Applied::Duplicate(home));
        }
        shelf.unspill(home, *origin);
        series.unspill(kept);
        joined(series).expect("it was just put in")
    };
    arrive(
        shelf,
        &telling,
        (*origin, place.row),
        row,
        &name,
        news,
        bound,
    )
}

/// Takes in the sum of what was told to this history once, as it was kept before; the greater of the two stands.
///
/// # Errors
///
/// As for [`apply`](super::apply).
pub fn resettle<S: Shelf>(
    shelf: &mut S,
    place: Place<'_>,
    share: &Share,
) -> Result<Applied, S::Error> {
    let Some(mut row) = shelf.take(place.row)? else {
        let telling = place.telling(Origin::Once(place.row.0), share);
        shelf.put(new_row(&telling, place.row, Series::settled(share)));
        return Ok(Applied::Created(place.row));
    };
    let name = name_of(&row);
    let series = &mut Arc::make_mut(&mut row).series;
    let news = series.settle_at_least(share);
    let merged = put(shelf, row, &name);
    Ok(if news {
        merged
    } else {
        Applied::Duplicate(place.row)
    })
}
