//! Which row a telling belongs to, and whether it is news: the one place where counts change.
//!
//! An origin belongs to the row of its lowest told count and stays there when its message changes, whatever the
//! order in which its tellings come. So a telling with a lower count than all before, and another key, moves its
//! origin; what the origin has said moves with it. Pure: what is stored is reached through [`Shelf`].

mod carried;

use std::sync::Arc;

pub use self::carried::{Place, join, resettle};
use super::digest::Digest;
use super::event::{Row, RowId};
use super::observation::{Origin, Policy, Telling};
use super::seq::Seq;
use super::series::{OriginShare, Series, Share};

/// How many origins a row keeps in itself; more are kept outside it.
pub const ORIGINS_IN_ROW: usize = 64;

/// Where the rows of one execution are kept.
pub trait Shelf {
    /// What can go wrong while reading.
    type Error;

    /// Says that a telling, of which this is the share, is about a row that is there and has its key: what the row
    /// says already need not be written down again.
    fn repeats(&mut self, _row: &Row, _told: &Share) {}

    /// Takes a row out, to change it and put it back.
    ///
    /// # Errors
    ///
    /// What the shelf's medium says.
    fn take(&mut self, row: RowId) -> Result<Option<Arc<Row>>, Self::Error>;

    /// Puts a changed or new row in; it gets its `Seq` when the batch is committed.
    fn put(&mut self, row: Arc<Row>);

    /// Says that a row has lost its last origin and is gone.
    fn gone(&mut self, row: RowId);

    /// Says that a row has lost an origin to another row: it has changed, too.
    fn lost(&mut self, row: RowId);

    /// The row that an origin belongs to, whether it is kept in the row or outside it.
    ///
    /// # Errors
    ///
    /// What the shelf's medium says.
    fn home(&mut self, origin: Digest) -> Result<Option<RowId>, Self::Error>;

    /// Notes the row that an origin belongs to from now on.
    fn set_home(&mut self, origin: Digest, row: RowId);

    /// An origin that is kept outside its row; it stays there.
    ///
    /// # Errors
    ///
    /// What the shelf's medium says.
    fn outside(&mut self, row: RowId, origin: Digest) -> Result<Option<OriginShare>, Self::Error>;

    /// Keeps an origin outside its row.
    fn spill(&mut self, row: RowId, share: OriginShare);

    /// No longer keeps an origin outside its row: it is in the row again.
    fn unspill(&mut self, row: RowId, origin: Digest);

    /// All origins of a row that are kept outside it. Read only when a row has lost an origin.
    ///
    /// # Errors
    ///
    /// What the shelf's medium says.
    fn spilled(&mut self, row: RowId) -> Result<Vec<OriginShare>, Self::Error>;

    /// Whether an origin that tells once has told; notes that it has.
    ///
    /// # Errors
    ///
    /// What the shelf's medium says.
    fn remember(&mut self, origin: Digest, row: RowId) -> Result<bool, Self::Error>;
}

/// What [`apply`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// A new row.
    Created(RowId),
    /// A row that was there has changed.
    Merged(RowId),
    /// A row that was there has changed, and the name that it is known by, too: an earlier first time was told.
    Renamed(RowId),
    /// Nothing new.
    Duplicate(RowId),
}

/// Takes in one telling; rows keep at most `bound` origins in themselves.
///
/// # Errors
///
/// What the shelf's medium says; then the shelf may be half changed and is to be thrown away.
pub fn apply<S: Shelf>(
    shelf: &mut S,
    telling: &Telling,
    bound: usize,
) -> Result<Applied, S::Error> {
    match (telling.origin, telling.policy) {
        (Origin::Once(origin), Policy::Fold) => settle(shelf, telling, origin),
        (Origin::Once(origin), Policy::ById) => tell(shelf, telling, origin, bound),
        (Origin::Counter(origin), _) => count(shelf, telling, origin, bound),
    }
}

/// What has an identity and is told once is what its first telling says.
fn tell<S: Shelf>(
    shelf: &mut S,
    telling: &Telling,
    origin: Digest,
    bound: usize,
) -> Result<Applied, S::Error> {
    if let Some(home) = shelf.home(origin)? {
        return Ok(Applied::Duplicate(home));
    }
    let id = telling.row();
    let told = OriginShare {
        origin,
        lowest: (telling.count, id),
        share: Share::of(telling),
    };
    insert(shelf, telling, id, told, bound)
}

fn settle<S: Shelf>(shelf: &mut S, telling: &Telling, origin: Digest) -> Result<Applied, S::Error> {
    let id = telling.row();
    if shelf.remember(origin, id)? {
        return Ok(Applied::Duplicate(id));
    }
    Ok(if let Some(mut row) = shelf.take(id)? {
        let name = name_of(&row);
        let share = Share::of(telling);
        shelf.repeats(&row, &share);
        Arc::make_mut(&mut row).series.settle(&share);
        put(shelf, row, &name)
    } else {
        let share = Share::of(telling);
        shelf.put(new_row(telling, id, Series::settled(&share)));
        Applied::Created(id)
    })
}

fn count<S: Shelf>(
    shelf: &mut S,
    telling: &Telling,
    origin: Digest,
    bound: usize,
) -> Result<Applied, S::Error> {
    let Some(home) = shelf.home(origin)? else {
        let told_for = telling.row();
        let told = OriginShare {
            origin,
            lowest: (telling.count, told_for),
            share: Share::of(telling),
        };
        return insert(shelf, telling, told_for, told, bound);
    };
    let mut row = shelf.take(home)?.expect("an origin's home is a row");
    let name = name_of(&row);
    let (share, told_for) = (Share::of(telling), telling.row());
    if told_for == home && telling.policy == Policy::Fold {
        shelf.repeats(&row, &share);
    }
    let lowest = (telling.count, told_for);
    let series = &mut Arc::make_mut(&mut row).series;
    let news = if let Some(news) = series.join(origin, &share, lowest) {
        news
    } else {
        let kept = shelf
            .outside(home, origin)?
            .expect("a home holds its origin");
        if kept.says(&share, lowest) {
            shelf.put(row);
            return Ok(Applied::Duplicate(home));
        }
        shelf.unspill(home, origin);
        series.unspill(kept);
        series
            .join(origin, &share, lowest)
            .expect("it was just put in")
    };
    arrive(shelf, telling, (origin, told_for), row, &name, news, bound)
}

/// Puts the row back in which an origin was joined by a telling; or takes the origin out of it and to the row that the
/// telling is for, if it belongs there by now. `name` is what the row was called before, `news` whether there were any.
fn arrive<S: Shelf>(
    shelf: &mut S,
    telling: &Telling,
    (origin, told_for): (Digest, RowId),
    mut row: Arc<Row>,
    name: &str,
    news: bool,
    bound: usize,
) -> Result<Applied, S::Error> {
    let home = row.id;
    let series = &mut Arc::make_mut(&mut row).series;
    let belongs = || {
        let mut origins = series.inline_origins().iter();
        let known = origins.find(|known| known.origin == origin);
        known.map(|known| known.lowest.1)
    };
    if told_for != home && belongs() == Some(told_for) {
        let moved = series.remove(origin).expect("it was just joined");
        let outside = if series.spilled() > 0 {
            shelf.spilled(home)?
        } else {
            Vec::new()
        };
        let left = if series.recount(&outside) {
            shelf.lost(home);
            put(shelf, row, name)
        } else {
            shelf.gone(home);
            Applied::Merged(home)
        };
        let inserted = insert(shelf, telling, told_for, moved, bound)?;
        return Ok(match left {
            // What it left has another name now, and that is what followers have to know.
            Applied::Renamed(_) => Applied::Renamed(told_for),
            _ => inserted,
        });
    }
    if let Some(oldest) = series.spill(bound) {
        shelf.spill(home, oldest);
    }
    let merged = put(shelf, row, name);
    Ok(if news {
        merged
    } else {
        Applied::Duplicate(home)
    })
}

fn insert<S: Shelf>(
    shelf: &mut S,
    telling: &Telling,
    id: RowId,
    origin: OriginShare,
    bound: usize,
) -> Result<Applied, S::Error> {
    shelf.set_home(origin.origin, id);
    Ok(if let Some(mut row) = shelf.take(id)? {
        let name = name_of(&row);
        let series = &mut Arc::make_mut(&mut row).series;
        series.insert(origin);
        if let Some(oldest) = series.spill(bound) {
            shelf.spill(id, oldest);
        }
        put(shelf, row, &name)
    } else {
        shelf.put(new_row(telling, id, Series::counted(origin)));
        Applied::Created(id)
    })
}

fn name_of(row: &Row) -> Arc<str> {
    row.series.total().name.clone()
}

/// Puts a row back that was there under this name.
fn put<S: Shelf>(shelf: &mut S, row: Arc<Row>, name: &str) -> Applied {
    let (id, renamed) = (row.id, row.name() != name);
    shelf.put(row);
    if renamed {
        Applied::Renamed(id)
    } else {
        Applied::Merged(id)
    }
}

fn new_row(telling: &Telling, id: RowId, series: Series) -> Arc<Row> {
    Arc::new(Row {
        id,
        execution: telling.execution.clone(),
        key: telling.key.clone(),
        policy: telling.policy,
        seq: Seq::ZERO,
        series,
    })
}

#[cfg(test)]
mod tests;
