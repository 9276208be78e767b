//! Where every object and Event of the cluster passes: what it says, and who has to wait for whom. Pure.
//!
//! One state machine for all kinds, so that what one kind knows decides what another one waits for. It is told
//! objects, what the stored index knows, and the time; it answers with observations.

use std::borrow::Cow;
use std::collections::HashSet;
use std::time::Duration;

use super::correlate::{Awaited, Correlator, Place};
use super::events::{Events, Sighting};
use super::execution::{Execution, Executions};
use super::lot::Lot;
use super::nublado::{self, Labs};
use super::object::{Kind, Meta};
use super::objects::{Object, Observers};
use super::seat::Seat;
use super::told::Told;
use super::{Parking, Source, identity};
use crate::model::{self, ExecutionFact, Observation, Time};

/// What a watch brings.
#[derive(Debug)]
pub(super) enum Incoming {
    Execution(Execution),
    Object(Object),
    Event(Sighting),
}

/// What was counted, not recorded, since it was last asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Events of objects that belong to no execution.
    pub(super) unrelated: u64,
    /// Events that waited in vain.
    pub(super) dropped: u64,
}

/// The state machine.
#[derive(Debug)]
pub(super) struct Desk {
    correlator: Correlator,
    events: Events,
    executions: Executions,
    observers: Observers,
    labs: Labs,
    told: Told,
    /// Objects that wait for an Execution or an owner.
    undecided: Lot<Awaited, Object>,
    /// Events of objects that may still show up.
    parked: Lot<Box<str>, Sighting>,
    /// Events of Jobs, runs and Executions that may still show up, and are executions of their own if they do not.
    orphans: Lot<Box<str>, Sighting>,
    bounds: Parking,
    tally: Tally,
}

impl Desk {
    pub(super) fn new(cluster: &str, bounds: Parking) -> Self {
        Self {
            correlator: Correlator::new(bounds.remembered),
            events: Events::new(cluster),
            executions: Executions,
            observers: Observers::default(),
            labs: Labs::default(),
            told: Told::default(),
            undecided: Lot::new(bounds.objects),
            parked: Lot::new(bounds.events),
            orphans: Lot::new(bounds.events),
            bounds,
            tally: Tally::default(),
        }
    }

    /// The same, for which Pods with this label are Nublado labs.
    pub(super) fn with_labs(self, label: Option<&str>) -> Self {
        Self {
            labs: Labs::by(label),
            ..self
        }
    }

    /// The uids that the stored index should be asked for before this is taken.
    pub(super) fn unknown<'a>(&mut self, incoming: &'a Incoming) -> Vec<Cow<'a, str>> {
        let mut uids = Vec::new();
        match incoming {
            Incoming::Execution(_) => {}
            Incoming::Object(object) => {
                let meta = object.meta();
                uids.push(Cow::Borrowed(&*meta.uid));
                let owner = meta.known_controller();
                uids.extend(owner.map(|(_, owner)| Cow::Borrowed(&*owner.uid)));
                if self.labs.user(meta).is_some() {
                    uids.push(nublado::note_of(&meta.uid).into());
                }
            }
            Incoming::Event(event) => {
                if kind_of(event).is_some() {
                    uids.push(Cow::Borrowed(&*event.involved.uid));
                }
            }
        }
        uids.retain(|uid| !self.correlator.knows(uid));
        uids
    }

    /// Takes over what the index says of an object, and of its execution.
    pub(super) fn correlator(&mut self) -> &mut Correlator {
        &mut self.correlator
    }

    /// How many Events wait.
    pub(super) fn parked(&self) -> usize {
        self.parked.len() + self.orphans.len()
    }

    /// What was counted since it was last asked.
    pub(super) fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }

    /// Something that was decided here may never have been delivered: whatever is seen again is told again.
    pub(super) fn doubt(&mut self) {
        self.told = Told::default();
        self.observers = Observers::default();
        self.correlator.doubt();
    }

    /// Takes in what is there.
    pub(super) fn applied(&mut self, incoming: Incoming, now: Time) -> Vec<Observation> {
        let found = match incoming {
            Incoming::Execution(execution) => self.execution(&execution, now),
            Incoming::Object(object) => self.object(object, now, false),
            Incoming::Event(event) => self.event(event, now),
        };
        self.told.news(found)
    }

    /// Takes in what is gone. That an Event is gone says nothing.
    pub(super) fn deleted(&mut self, incoming: Incoming, now: Time) -> Vec<Observation> {
        let found = match incoming {
            Incoming::Execution(execution) => {
                let mut found = self.execution(&execution, now);
                self.correlator.withdraw(&execution.metadata);
                found.extend(self.correlator.leave(&execution.metadata, now));
                found
            }
            Incoming::Object(object) => self.gone(&object, now),
            Incoming::Event(_) => Vec::new(),
        };
        self.told.news(found)
    }

    /// A list of this kind is complete, and these are the uids of all that it has.
    pub(super) fn listed(&mut self, kind: Kind, there: &HashSet<Box<str>>) {
        self.correlator
            .keep_claimable(kind, |uid| there.contains(uid));
    }

    /// Whether all executions are to be shown to [`Desk::vanished`] when Pods were listed.
    pub(super) const fn has_labs(&self) -> bool {
        self.labs.are_told()
    }

    /// All Pods are listed, and these are the uids of all that are there: what that says of the labs among the
    /// executions.
    pub(super) fn vanished(
        &mut self,
        all: &[model::Execution],
        there: &HashSet<Box<str>>,
        now: Time,
    ) -> Vec<Observation> {
        let vanished = |one| Labs::vanished(one, |uid| there.contains(uid), now);
        self.told.news(all.iter().filter_map(vanished).collect())
    }

    /// Whether anybody has waited for so long that [`Desk::tick`] would do something.
    pub(super) fn is_due(&self, now: Time, owners_listed: bool) -> bool {
        let grace = now.before(self.grace(owners_listed));
        self.undecided.is_due(grace)
            || self.orphans.is_due(grace)
            || self.parked.is_due(now.before(self.bounds.age))
    }

    fn grace(&self, owners_listed: bool) -> Duration {
        if owners_listed {
            self.bounds.grace
        } else {
            self.bounds.patience
        }
    }

    /// Time has passed. `owners_listed`: whoever is not known by now is not there.
    pub(super) fn tick(&mut self, now: Time, owners_listed: bool) -> Vec<Observation> {
        let grace = self.grace(owners_listed);
        let mut found = Vec::new();
        for object in self.undecided.expired(now.before(grace)) {
            found.extend(self.object(object, now, true));
        }
        for event in self.orphans.expired(now.before(grace)) {
            found.extend(self.adopt(&event, now));
        }
        let dropped = self.parked.expired(now.before(self.bounds.age)).len();
        self.tally.dropped += dropped as u64;
        self.told.news(found)
    }

    fn execution(&mut self, execution: &Execution, now: Time) -> Vec<Observation> {
        let (meta, seat) = (&execution.metadata, execution.seat());
        let mut found = self.correlator.settle(&meta.uid, &seat, now);
        found.push(Observation::Execution(ExecutionFact {
            key: seat.execution.clone(),
            identity: Some(identity(Kind::Execution, &seat)),
            created: meta.creation_timestamp.0,
            aliases: execution.aliases(),
        }));
        let declared = execution.declared();
        let mut names = vec![meta.name.clone(), meta.uid.clone()];
        names.extend(declared.aliases.iter().cloned());
        found.extend(self.correlator.declare(declared));
        found.extend(self.executions.observe(&seat, execution, false));
        for name in names {
            let awaited = Awaited::Execution(meta.namespace.clone(), name);
            found.extend(self.awaited(&awaited, now));
        }
        found.extend(self.unpark(&meta.uid, Some(&seat)));
        found
    }

    fn object(&mut self, object: Object, now: Time, now_or_never: bool) -> Vec<Observation> {
        let (kind, meta) = (object.kind(), object.meta());
        let uid = meta.uid.clone();
        let (seat, mut found) = match self.correlator.place(kind, meta, now, now_or_never) {
            Place::Seated(seat, found) => (Some(seat), found),
            Place::Stranger => (None, Vec::new()),
            Place::Undecided(awaited) => {
                // Those who come too many are decided by what is known of them.
                return match self.undecided.park(awaited, object, now) {
                    Some(longest) => self.object(longest, now, true),
                    None => Vec::new(),
                };
            }
        };
        if let Some(seat) = &seat {
            found.extend(facts(kind, object.meta(), seat));
            found.extend(self.observers.observe(seat, &object, false));
        }
        found.extend(self.lab(&object, now, false));
        found.extend(self.unpark(&uid, seat.as_ref()));
        found.extend(self.awaited(&Awaited::Owner(uid), now));
        found
    }

    fn gone(&mut self, object: &Object, now: Time) -> Vec<Observation> {
        let meta = object.meta();
        let mut found = self.object(object.clone(), now, true);
        if let Some(Some(seat)) = self.correlator.seat(&meta.uid) {
            found.extend(self.observers.observe(&seat, object, true));
        }
        found.extend(self.lab(object, now, true));
        found.extend(self.correlator.leave(meta, now));
        found
    }

    fn event(&mut self, event: Sighting, now: Time) -> Vec<Observation> {
        let Some(kind) = kind_of(&event) else {
            self.tally.unrelated += 1;
            return Vec::new();
        };
        let uid = event.involved.uid.clone();
        match self.correlator.seat(&uid) {
            Some(Some(seat)) => self.told_of(&seat, &event),
            Some(None) => {
                self.tally.unrelated += 1;
                Vec::new()
            }
            None if !kind.stands_alone() => {
                let dropped = self.parked.park(uid, event, now);
                self.tally.dropped += u64::from(dropped.is_some());
                Vec::new()
            }
            None => match self.orphans.park(uid, event, now) {
                Some(longest) => self.adopt(&longest, now),
                None => Vec::new(),
            },
        }
    }

    /// An Event of a Job, a run or an Execution that is gone: its uid is that of the execution all the same.
    fn adopt(&mut self, event: &Sighting, now: Time) -> Vec<Observation> {
        let (Some(kind), involved) = (kind_of(event), &event.involved) else {
            return Vec::new();
        };
        let uid = &involved.uid;
        let mut found = Vec::new();
        let seat = match self.correlator.seat(uid) {
            Some(Some(seat)) => seat,
            Some(None) => {
                self.tally.unrelated += 1;
                return found;
            }
            None => {
                let namespace = if involved.namespace.is_empty() {
                    &event.namespace
                } else {
                    &involved.namespace
                };
                let seat = Seat::own(kind, namespace, &involved.name, uid);
                found.push(self.correlator.sit(uid, &seat, now));
                found.push(Observation::Execution(ExecutionFact {
                    key: seat.execution.clone(),
                    identity: Some(identity(kind, &seat)),
                    created: None,
                    aliases: Vec::new(),
                }));
                seat
            }
        };
        found.extend(self.events.observe(&seat, event, false));
        found.extend(self.unpark(uid, Some(&seat)));
        found.extend(self.awaited(&Awaited::Owner(uid.clone()), now));
        found
    }

    fn awaited(&mut self, awaited: &Awaited, now: Time) -> Vec<Observation> {
        let waiting = self.undecided.take(awaited);
        let mut found = Vec::new();
        for object in waiting {
            found.extend(self.object(object, now, false));
        }
        found
    }

    fn unpark(&mut self, uid: &str, seat: Option<&Seat>) -> Vec<Observation> {
        let uid = Box::from(uid);
        let mut waiting = self.parked.take(&uid);
        waiting.extend(self.orphans.take(&uid));
        let Some(seat) = seat else {
            self.tally.unrelated += waiting.len() as u64;
            return Vec::new();
        };
        let told = waiting.iter().flat_map(|event| self.told_of(seat, event));
        told.collect()
    }

    /// What an Event says of whom it is about, and of a lab.
    fn told_of(&mut self, seat: &Seat, event: &Sighting) -> Vec<Observation> {
        let mut found = self.events.observe(seat, event, false);
        let noted = self.correlator.seat(&nublado::note_of(&event.involved.uid));
        found.extend(noted.flatten().and_then(|noted| Labs::event(&noted, event)));
        found
    }

    /// What a Pod says of the lab that it is.
    fn lab(&mut self, object: &Object, now: Time, gone: bool) -> Vec<Observation> {
        let Object::Pod(pod) = object else {
            return Vec::new();
        };
        if self.labs.user(&pod.metadata).is_none() {
            return Vec::new();
        }
        let note = nublado::note_of(&pod.metadata.uid);
        let noted = self.correlator.seat(&note).flatten();
        let Some((mut found, seat)) = self.labs.observe(pod, noted.as_ref(), gone) else {
            return Vec::new();
        };
        found.extend(self.correlator.settle(&note, &seat, now));
        found
    }
}

/// The kind of object that an Event is about, if it can belong to an execution.
fn kind_of(event: &Sighting) -> Option<Kind> {
    let involved = &event.involved;
    Kind::of(&involved.api_version, &involved.kind).filter(|_| !involved.uid.is_empty())
}

/// What an object tells of its execution: who it is, if it is the execution itself, and its other ids.
fn facts(kind: Kind, meta: &Meta, seat: &Seat) -> Option<Observation> {
    let itself = seat.is_execution() && *seat.element == *meta.uid;
    let aliases = meta.aliases();
    (itself || !aliases.is_empty()).then(|| {
        Observation::Execution(ExecutionFact {
            key: seat.execution.clone(),
            identity: itself.then(|| identity(kind, seat)),
            created: meta.creation_timestamp.0.filter(|_| itself),
            aliases,
        })
    })
}
