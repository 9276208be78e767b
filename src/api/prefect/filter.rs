//! Which events are asked for: one meaning for what is stored and what comes. Pure.
//!
//! Names, ids and prefixes are exact. All members of a filter have to hold; of a list inside a member one has to, of an
//! `exclude_` list none may.

use uuid::Uuid;
use wildmatch::WildMatch;

use super::search::Search;
use super::wire::{Event, Resource};
use crate::model::{Order, Time};

/// A filter; what is empty does not filter.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    /// Both ends are in.
    pub(super) since: Time,
    pub(super) until: Time,
    pub(super) names: Names,
    pub(super) resource: About,
    /// One event for each resource: the first in order.
    pub(super) distinct: bool,
    /// Each has to hold for some related resource.
    pub(super) related: Vec<About>,
    /// Each has to hold for some resource.
    pub(super) any: Vec<About>,
    pub(super) ids: Vec<Uuid>,
    pub(super) search: Search,
    pub(super) order: Order,
}

/// What an event is called.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) prefix: Vec<String>,
    pub(super) exclude_prefix: Vec<String>,
    pub(super) name: Vec<String>,
    pub(super) exclude_name: Vec<String>,
}

/// What one resource has to be.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) id: Vec<String>,
    pub(super) id_prefix: Vec<String>,
    pub(super) role: Vec<String>,
    /// Of these pairs of id and role one has to be its own.
    pub(super) in_role: Vec<(String, String)>,
    /// By label what its value has to be; a resource without the label never passes.
    pub(super) labels: Vec<(String, Vec<Pattern>)>,
}

/// What a value may look like: `*` stands for any characters, `?` for one; after `!`, for what does not look so.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    is_negated: bool,
    like: WildMatch,
}

impl Pattern {
    /// As it is written in a filter.
    pub(super) fn new(text: &str) -> Self {
        let negated = text.strip_prefix('!');
        Self {
            is_negated: negated.is_some(),
            like: WildMatch::new(negated.unwrap_or(text)),
        }
    }

    fn matches(&self, value: &str) -> bool {
        self.like.matches(value) != self.is_negated
    }
}

impl Names {
    fn match_name(&self, name: &str) -> bool {
        let begins =
            |prefixes: &[String]| prefixes.iter().any(|prefix| name.starts_with(&**prefix));
        let is = |names: &[String]| names.iter().any(|other| other == name);
        (self.prefix.is_empty() || begins(&self.prefix))
            && !begins(&self.exclude_prefix)
            && (self.name.is_empty() || is(&self.name))
            && !is(&self.exclude_name)
    }
}

impl About {
    /// Whether it asks for nothing.
    pub(super) const fn is_empty(&self) -> bool {
        self.id.is_empty()
            && self.id_prefix.is_empty()
            && self.role.is_empty()
            && self.in_role.is_empty()
            && self.labels.is_empty()
    }

    fn matches(&self, resource: &Resource) -> bool {
        let (id, role) = (resource.id(), resource.role());
        let label = |(label, patterns): &(String, Vec<Pattern>)| {
            let value = resource.get(label);
            value.is_some_and(|value| patterns.iter().any(|pattern| pattern.matches(value)))
        };
        (self.id.is_empty() || self.id.iter().any(|other| other == id))
            && (self.id_prefix.is_empty()
                || self
                    .id_prefix
                    .iter()
                    .any(|prefix| id.starts_with(&**prefix)))
            && (self.role.is_empty() || self.role.iter().any(|other| other == role))
            && (self.in_role.is_empty() || self.in_role.iter().any(|(i, r)| i == id && r == role))
            && self.labels.iter().all(label)
    }
}

impl Filter {
    /// Everything from a time to a time, the latest first.
    pub(super) fn all(since: Time, until: Time) -> Self {
        Self {
            since,
            until,
            names: Names::default(),
            resource: About::default(),
            distinct: false,
            related: Vec::new(),
            any: Vec::new(),
            ids: Vec::new(),
            search: Search::default(),
            order: Order::Descending,
        }
    }

    /// Whether something of this time may pass.
    pub(super) fn covers(&self, occurred: Time) -> bool {
        self.since <= occurred && occurred <= self.until
    }

    /// Whether an event passes by what is known of it at a glance.
    pub(super) fn passes(&self, occurred: Time, id: Uuid, name: &str) -> bool {
        self.covers(occurred)
            && (self.ids.is_empty() || self.ids.contains(&id))
            && self.names.match_name(name)
    }

    /// Whether an event passes.
    pub(super) fn matches(&self, event: &Event) -> bool {
        let related = |about: &About| event.related.iter().any(|resource| about.matches(resource));
        let any = |about: &About| event.resources().any(|resource| about.matches(resource));
        self.passes(event.occurred, event.id, &event.event)
            && self.resource.matches(&event.resource)
            && self
                .related
                .iter()
                .all(|about| about.is_empty() || related(about))
            && self.any.iter().all(|about| about.is_empty() || any(about))
            && self.search.finds(event)
    }

    /// Ids of which each event that passes has one among its resources; empty if there is nothing to go by.
    pub(super) fn pins(&self) -> &[String] {
        let abouts = std::iter::once(&self.resource)
            .chain(&self.any)
            .chain(&self.related);
        let mut pinned = abouts.map(|about| &*about.id).filter(|ids| !ids.is_empty());
        pinned.next().unwrap_or_default()
    }
}
