//! The merge law: how the tellings of many origins become one count, two times and one text.
//!
//! An origin's [`Share`] is a join semilattice: the highest count, the earliest first, the latest last, the
//! smallest name, the text of the greatest telling, the [`Diagnosis`]. A [`Series`] is the set of the shares of the origins that
//! belong to one row; what it shows ([`Series::total`]) is a function of that set. Hence the order and number
//! of tellings do not matter: the merge is associative, commutative and idempotent. Pure.

use std::sync::Arc;

use super::diagnosis::Diagnosis;
use super::digest::Digest;
use super::event::{Body, RowId};
use super::observation::Telling;
use super::time::Time;

/// What one origin, or several, have said of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// How often it was seen: of one origin the highest number told, of several the sum.
    pub count: u64,
    /// The earliest first time.
    pub first: Time,
    /// The latest last time.
    pub last: Time,
    /// The name that was told with the smallest (first, name).
    pub name: Arc<str>,
    /// The count that was told with `body`: of two texts told with one `last`, that of the higher count wins.
    pub body_count: u64,
    /// The digest of `body`; of two told with equal times and counts the greater wins.
    pub body_digest: Digest,
    /// The text that was told with the greatest (last, count, digest).
    pub body: Arc<Body>,
    /// Who has told it, and what was not seen.
    pub diagnosis: Diagnosis,
}

impl Share {
    /// What one telling says.
    #[must_use]
    pub fn of(telling: &Telling) -> Self {
        Self {
            count: telling.count,
            first: telling.first,
            last: telling.last,
            name: telling.name.clone(),
            body_count: telling.count,
            body_digest: telling.body_digest(),
            body: telling.body.clone(),
            diagnosis: Diagnosis::of(telling),
        }
    }

    /// Another telling of the same origin: the higher count stands. True if it was news.
    pub fn join(&mut self, other: &Self) -> bool {
        let grown = other.count > self.count;
        self.count = self.count.max(other.count);
        let learned = self.diagnosis.join(&other.diagnosis, self.count);
        let shown = self.join_shown(other);
        grown || learned || shown
    }

    /// Another origin's share of the same row: counts add up.
    pub fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.diagnosis.add(&other.diagnosis);
        self.join_shown(other);
    }

    /// The shares of several origins as one; `None` of none.
    pub fn sum<'a>(mut all: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let mut total = all.next()?.summed();
        for share in all {
            total.add(share);
        }
        Some(total)
    }

    /// The sum of the same origins and more, or fewer: the greater stands. What it was before, if that was news.
    fn join_sum(&mut self, other: &Self) -> Option<Self> {
        let before = self.clone();
        self.count = self.count.max(other.count);
        self.diagnosis.join_sum(&other.diagnosis);
        self.join_shown(other);
        (*self != before).then_some(before)
    }

    /// A part of this sum has grown.
    fn grow(&mut self, before: &Self, after: &Self) {
        self.count = self.count.saturating_add(after.count - before.count);
        self.diagnosis.grow(&before.diagnosis, &after.diagnosis);
        self.join_shown(after);
    }

    /// As the first part of a sum.
    fn summed(&self) -> Self {
        Self {
            diagnosis: self.diagnosis.summed(),
            ..self.clone()
        }
    }

    fn join_shown(&mut self, other: &Self) -> bool {
        let earlier = (other.first, &other.name) < (self.first, &self.name);
        if earlier {
            self.first = other.first;
            self.name = other.name.clone();
        }
        let rank = |share: &Self| (share.last, share.body_count, share.body_digest);
        let later = rank(other) > rank(self);
        if later {
            self.last = other.last;
            self.body_count = other.body_count;
            if other.body_digest != self.body_digest {
                self.body_digest = other.body_digest;
                self.body = other.body.clone();
            }
        }
        earlier || later
    }
}

/// One origin's share, and why it belongs to the row that it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginShare {
    /// Who.
    pub origin: Digest,
    /// The lowest count that it has told, and for which row: there it belongs, whatever it tells later.
    pub lowest: (u64, RowId),
    /// What it has said.
    pub share: Share,
}

impl OriginShare {
    /// Whether it is the sum of what was told once to another history: no telling has a count of zero.
    #[must_use]
    pub const fn is_sum(&self) -> bool {
        self.lowest.0 == 0
    }

    /// Whether a telling would add nothing.
    #[must_use]
    pub fn says(&self, told: &Share, lowest: (u64, RowId)) -> bool {
        self.lowest <= lowest && !self.share.clone().join(told)
    }
}

/// All that was told of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    settled: Option<Share>,
    origins: Vec<OriginShare>,
    spilled: u64,
    /// `None` if it is that of the only share, as of nearly all rows.
    total: Option<Share>,
}

/// Everything of a series, as an engine has stored it: for [`Series::from_parts`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesParts {
    /// The sum of the origins that tell once.
    pub settled: Option<Share>,
    /// The origins that may tell more, by digest.
    pub origins: Vec<OriginShare>,
    /// How many more origins are kept outside the row.
    pub spilled: u64,
    /// The join of all of them, spilled ones included.
    pub total: Share,
}

impl Series {
    /// A row's first share, of an origin that tells once.
    #[must_use]
    pub fn settled(share: &Share) -> Self {
        Self {
            settled: Some(share.summed()),
            origins: Vec::new(),
            spilled: 0,
            total: None,
        }
    }

    /// A row's first share, of an origin that may tell more.
    #[must_use]
    pub fn counted(origin: OriginShare) -> Self {
        let total = origin.share.summed();
        let mut series = Self {
            settled: None,
            origins: vec![origin],
            spilled: 0,
            total: None,
        };
        series.show(total);
        series
    }

    /// The only share, if it shows what the row shows: of one origin more may be known than of a sum.
    fn only(&self) -> Option<&Share> {
        let share = match (&self.settled, &*self.origins, self.spilled) {
            (Some(share), [], 0) => share,
            (None, [known], 0) => &known.share,
            _ => return None,
        };
        share.diagnosis.seen.is_empty().then_some(share)
    }

    fn show(&mut self, total: Share) {
        self.total = if self.only().is_some() {
            None
        } else {
            Some(total)
        };
    }

    /// The total, to change it and [`show`](Self::show) it again.
    fn take_total(&mut self) -> Share {
        let total = self.total.take();
        total.unwrap_or_else(|| self.total().clone())
    }

    /// What the row shows.
    #[must_use]
    pub fn total(&self) -> &Share {
        let total = self.total.as_ref().or_else(|| self.only());
        total.expect("what has more than one share has a total")
    }

    /// How many origins that may tell more are kept in the row itself.
    #[must_use]
    pub fn inline_origins(&self) -> &[OriginShare] {
        &self.origins
    }

    /// How many are kept outside it.
    #[must_use]
    pub const fn spilled(&self) -> u64 {
        self.spilled
    }

    /// Adds the share of an origin that tells once and is not known yet.
    pub fn settle(&mut self, share: &Share) {
        if let (Some(settled), None) = (&mut self.settled, &self.total) {
            settled.add(share);
            return;
        }
        let mut total = self.take_total();
        total.add(share);
        match &mut self.settled {
            Some(settled) => settled.add(share),
            None => self.settled = Some(share.summed()),
        }
        self.show(total);
    }

    /// Joins the sum of the origins that tell once, as it was kept elsewhere. True if it was news.
    pub fn settle_at_least(&mut self, share: &Share) -> bool {
        let Some(settled) = &mut self.settled else {
            self.settle(share);
            return true;
        };
        let Some(before) = settled.join_sum(share) else {
            return false;
        };
        // Without a total of its own, the row shows its only share.
        if let Some(total) = &mut self.total {
            total.grow(&before, settled);
        }
        true
    }

    /// Joins the sum of another history, if it is kept in the row; `None` if it is not. True if it was news.
    pub fn join_sum(&mut self, origin: Digest, told: &Share) -> Option<bool> {
        let at = self
            .origins
            .binary_search_by_key(&origin, |known| known.origin)
            .ok()?;
        let known = &mut self.origins[at].share;
        let before = known.join_sum(told);
        if let (Some(total), Some(before)) = (&mut self.total, &before) {
            total.grow(before, known);
        }
        Some(before.is_some())
    }

    /// What is told by whom, but for those that are kept outside the row: to be carried elsewhere.
    #[must_use]
    pub fn told(&self) -> (Option<Share>, Vec<OriginShare>) {
        (self.settled.clone(), self.origins.clone())
    }

    /// Adds an origin that was not in this row.
    pub fn insert(&mut self, origin: OriginShare) {
        let mut total = self.take_total();
        total.add(&origin.share);
        match self
            .origins
            .binary_search_by_key(&origin.origin, |known| known.origin)
        {
            Ok(_) => unreachable!("an origin is in a row once"),
            Err(at) => self.origins.insert(at, origin),
        }
        self.show(total);
    }

    /// Joins a telling of an origin that is kept in the row; `None` if it is not. True if it was news.
    pub fn join(&mut self, origin: Digest, told: &Share, lowest: (u64, RowId)) -> Option<bool> {
        let at = self
            .origins
            .binary_search_by_key(&origin, |known| known.origin)
            .ok()?;
        let known = &mut self.origins[at];
        let moves = lowest < known.lowest;
        known.lowest = known.lowest.min(lowest);
        let share = &mut known.share;
        let (count, unobserved) = (share.count, share.diagnosis.unobserved);
        let learned = share.join(told);
        if let (Some(total), true) = (&mut self.total, learned) {
            total.count = total.count.saturating_add(share.count - count);
            total.diagnosis.replace(unobserved, &share.diagnosis);
            total.join_shown(share);
        } else if !share.diagnosis.seen.is_empty() && self.total.is_none() {
            self.total = Some(share.summed());
        }
        Some(moves || learned)
    }

    /// Takes an origin out of the row itself, if it is there. The total is stale until [`Series::recount`].
    pub fn remove(&mut self, origin: Digest) -> Option<OriginShare> {
        let at = self
            .origins
            .binary_search_by_key(&origin, |known| known.origin)
            .ok()?;
        Some(self.origins.remove(at))
    }

    /// The origin to move out of the row when more than `bound` are in it: the one that was told of longest ago.
    pub fn spill(&mut self, bound: usize) -> Option<OriginShare> {
        if self.origins.len() <= bound {
            return None;
        }
        let oldest = self
            .origins
            .iter()
            .enumerate()
            .min_by_key(|(_, known)| (known.share.last, known.origin));
        let at = oldest.map(|(at, _)| at)?;
        self.spilled += 1;
        Some(self.origins.remove(at))
    }

    /// Brings an origin back that was kept outside; the total already knows it.
    pub fn unspill(&mut self, origin: OriginShare) {
        self.spilled -= 1;
        if let Err(at) = self
            .origins
            .binary_search_by_key(&origin.origin, |known| known.origin)
        {
            self.origins.insert(at, origin);
        }
        let total = self.take_total();
        self.show(total);
    }

    /// Makes the total anew, from what is in the row and what is kept outside it. False if nothing is left.
    pub fn recount(&mut self, outside: &[OriginShare]) -> bool {
        let shares = self.origins.iter().chain(outside).map(|known| &known.share);
        let mut all = self.settled.iter().chain(shares);
        let Some(first) = all.next() else {
            return false;
        };
        let mut total = first.summed();
        for share in all {
            total.add(share);
        }
        self.show(total);
        true
    }

    /// The sum of the origins that tell once.
    #[must_use]
    pub const fn settled_share(&self) -> Option<&Share> {
        self.settled.as_ref()
    }

    /// From what an engine has stored.
    #[must_use]
    pub fn from_parts(parts: SeriesParts) -> Self {
        let SeriesParts {
            settled,
            origins,
            spilled,
            total,
        } = parts;
        let mut series = Self {
            settled,
            origins,
            spilled,
            total: None,
        };
        series.show(total);
        series
    }
}
