//! To which execution and element an object belongs.
//!
//! First what is known already (in memory, or in the stored index), for membership is decided at first sight and
//! rows never move. Then what an Execution of ours claims. Then the topmost controller owner of a known kind, or the
//! object itself. Whoever cannot be decided yet waits, for a bounded time. Pure.

mod claims;
mod family;
mod seats;

use std::collections::HashMap;

pub(super) use self::claims::{Bound, Declared};
use self::claims::{Claim, Claims};
use self::seats::Seats;
use super::object::{Kind, Meta};
use super::recent::Recent;
use super::seat::Seat;
use crate::model::{Correlation, ExecutionFact, ExecutionKey, Observation, Time};

/// What an undecided object waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Awaited {
    /// An Execution of this name, id or alias, in this namespace.
    Execution(Box<str>, Box<str>),
    /// The owner of this uid.
    Owner(Box<str>),
}

/// Where an object was put.
#[derive(Debug)]
pub(super) enum Place {
    /// It belongs there; what is to be told of that.
    Seated(Seat, Vec<Observation>),
    /// It belongs to no execution.
    Stranger,
    /// Not to be decided yet.
    Undecided(Awaited),
}

/// Owners that did not show up in time and are remembered.
const REMEMBERED: usize = 4 * 1024;

/// Objects of one namespace, by uid.
type Claimable = HashMap<Box<str>, (Kind, Meta)>;

/// Decides, and remembers what it has decided.
#[derive(Debug)]
pub(super) struct Correlator {
    claims: Claims,
    seats: Seats,
    /// Objects that are executions themselves and may be claimed later, by namespace and uid.
    claimable: HashMap<Box<str>, Claimable>,
    /// Owners that did not show up in time, so that what they own was put under their own uid.
    assumed: Recent<Box<str>, ()>,
}

impl Correlator {
    /// One that keeps about so many decisions in memory; the index keeps them all.
    pub(super) fn new(bound: usize) -> Self {
        Self {
            claims: Claims::default(),
            seats: Seats::new(bound),
            claimable: HashMap::new(),
            assumed: Recent::new(REMEMBERED),
        }
    }

    /// The index may not have all that it was told.
    pub(super) fn doubt(&mut self) {
        self.seats.doubt();
    }

    /// Whether the index need not be asked for this uid.
    pub(super) fn knows(&mut self, uid: &str) -> bool {
        self.seats.get(uid).is_some()
    }

    /// Takes over what the index says of an object and of its execution.
    pub(super) fn learn(&mut self, stored: &Correlation, execution: Option<&Correlation>) {
        if !self.knows(&stored.uid) {
            let mut seat = Seat::learned(stored, execution);
            let key = &stored.execution;
            if let Some(declared) = self.claims.by_uid(&key.tenant, &key.id) {
                seat.subject.kind = Kind::Execution.name().into();
                seat.subject.name = declared.name.clone();
            }
            self.seats.put(&stored.uid, Some(seat), stored.seen);
        }
    }

    /// The seat of an object: `None` if it is not known, `Some(None)` if it belongs to no execution.
    pub(super) fn seat(&mut self, uid: &str) -> Option<Option<Seat>> {
        self.seats.get(uid).map(|known| known.seat())
    }

    /// Decides where an object belongs. `now_or_never`: it is not to wait any longer.
    pub(super) fn place(
        &mut self,
        kind: Kind,
        meta: &Meta,
        now: Time,
        now_or_never: bool,
    ) -> Place {
        if let Some(known) = self.seats.get(&meta.uid) {
            let Some(seat) = known.seat() else {
                return Place::Stranger;
            };
            let mut told = known.keep_alive(&meta.uid, now);
            told.extend(self.late_claim(kind, meta, &seat));
            self.note_claimable(kind, meta, &seat);
            return Place::Seated(seat, told);
        }
        let decided = match self.decide(kind, meta, now_or_never) {
            Ok(decided) => decided,
            Err(awaited) => return Place::Undecided(awaited),
        };
        let Some(seat) = decided else {
            self.seats.put(&meta.uid, None, now);
            return Place::Stranger;
        };
        let mut told = vec![self.sit(&meta.uid, &seat, now)];
        if self.assumed.get(&meta.uid).is_some() && *seat.execution.id != *meta.uid {
            told.push(alias(seat.execution.clone(), &meta.uid));
        }
        self.note_claimable(kind, meta, &seat);
        Place::Seated(seat, told)
    }

    /// Puts an object on a seat.
    pub(super) fn sit(&mut self, uid: &str, seat: &Seat, now: Time) -> Observation {
        self.seats.put(uid, Some(seat.clone()), now);
        Observation::Correlation(seat.correlation(uid, now))
    }

    /// Puts an Execution on its own seat, or keeps it there.
    pub(super) fn settle(&mut self, uid: &str, seat: &Seat, now: Time) -> Vec<Observation> {
        match self.seats.get(uid) {
            Some(known) if known.seat().as_ref() == Some(seat) => known.keep_alive(uid, now),
            _ => vec![self.sit(uid, seat, now)],
        }
    }

    /// An object is gone: its entry in the index lives on from now, for the Events that come after it.
    pub(super) fn leave(&mut self, meta: &Meta, now: Time) -> Option<Observation> {
        if let Some(namespace) = self.claimable.get_mut(&meta.namespace) {
            namespace.remove(&meta.uid);
        }
        let seat = self.seats.get(&meta.uid)?.seat()?;
        Some(self.sit(&meta.uid, &seat, now))
    }

    /// Takes an Execution in. What it claims too late is told to be the same execution.
    pub(super) fn declare(&mut self, declared: Declared) -> Vec<Observation> {
        let namespace: Box<str> = (*declared.key.tenant).into();
        if !self.claims.declare(declared) {
            return Vec::new();
        }
        let claimable = self.claimable.get(&namespace).into_iter().flatten();
        let late = claimable.filter_map(|(uid, (kind, meta))| {
            let claim = self.claims.claim(*kind, meta);
            same(claim, &ExecutionKey::new(&namespace, uid))
        });
        late.collect()
    }

    /// An Execution is gone; what it has claimed stays its own.
    pub(super) fn withdraw(&mut self, meta: &Meta) {
        self.claims.withdraw(meta);
    }

    /// Forgets the objects that a complete list of the kind no longer has.
    pub(super) fn keep_claimable(&mut self, of: Kind, is_there: impl Fn(&str) -> bool) {
        for namespace in self.claimable.values_mut() {
            namespace.retain(|uid, (kind, _)| *kind != of || is_there(uid));
        }
    }

    fn decide(
        &mut self,
        kind: Kind,
        meta: &Meta,
        now_or_never: bool,
    ) -> Result<Option<Seat>, Awaited> {
        let claim = match self.claims.claim(kind, meta) {
            Claim::Awaited(name) if !now_or_never => {
                return Err(Awaited::Execution(meta.namespace.clone(), name));
            }
            Claim::Awaited(_) => Claims::by_owner(kind, meta),
            claim => claim,
        };
        let Some((of, owner)) = meta.known_controller() else {
            let own = || Seat::own(kind, &meta.namespace, &meta.name, &meta.uid);
            let bare = kind == Kind::Pod && meta.controller().is_none();
            let alone = kind.stands_alone() || bare;
            return Ok(claim.seat(kind, meta).or_else(|| alone.then(own)));
        };
        let of_owner = match self.seats.get(&owner.uid).map(|known| known.seat()) {
            Some(Some(seat)) => seat,
            None if !now_or_never => return Err(Awaited::Owner(owner.uid.clone())),
            // What a stranger owns is a stranger.
            _ if !of.stands_alone() => return Ok(claim.seat(kind, meta)),
            // The owner itself is gone, or is never shown: its reference says who it was.
            _ => {
                self.assumed.insert(owner.uid.clone(), ());
                family::absent(of, owner, meta)
            }
        };
        let claimed = claim.seat(kind, meta);
        // What is owned never stands for the element that its owner stands for: it has a place beside it.
        Ok(Some(match claimed {
            Some(seat) if seat.execution != of_owner.execution => seat,
            _ => family::seat(&of_owner, of, kind, meta),
        }))
    }

    /// That an object which was an execution of its own belongs to another: claimed since, or shown only now, with its
    /// owner, after Events about it.
    fn late_claim(&mut self, kind: Kind, meta: &Meta, seat: &Seat) -> Option<Observation> {
        if !seat.is_execution() {
            // It was claimed by another execution before; uniting those two is nobody's wish.
            return None;
        }
        same(self.claims.claim(kind, meta), &seat.execution)
            .or_else(|| self.late_owner(meta, &seat.execution))
    }

    fn late_owner(&mut self, meta: &Meta, own: &ExecutionKey) -> Option<Observation> {
        let (of, owner) = meta.known_controller()?;
        let execution = match self.seats.get(&owner.uid).map(|known| known.seat()) {
            Some(seat) => seat?.execution,
            None if of.stands_alone() => family::absent(of, owner, meta).execution,
            None => return None,
        };
        (*own.id == *meta.uid && execution != *own).then(|| alias(execution, &own.id))
    }

    fn note_claimable(&mut self, kind: Kind, meta: &Meta, seat: &Seat) {
        if seat.is_execution() && *seat.element == *meta.uid {
            let namespace = self.claimable.entry(meta.namespace.clone()).or_default();
            namespace.insert(meta.uid.clone(), (kind, meta.slim()));
        }
    }
}

/// That a claimed execution is the same as the claiming one.
fn same(claim: Claim, claimed: &ExecutionKey) -> Option<Observation> {
    let Claim::By { execution, .. } = claim else {
        return None;
    };
    (execution != *claimed).then(|| alias(execution, &claimed.id))
}

/// That an execution is known by another id, too.
fn alias(execution: ExecutionKey, id: &str) -> Observation {
    Observation::Execution(ExecutionFact {
        key: execution,
        identity: None,
        created: None,
        aliases: vec![id.into()],
    })
}
