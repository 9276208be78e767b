//! Which events: conditions on fields in the manner of MongoDB, joined by `$and`, `$or` and `$nor`. Pure.

mod operators;
#[cfg(test)]
mod tests;

use serde_json::value::RawValue;

use self::operators::Test;
use super::names::Names;
use super::object::Element;
use super::seen::{Field, Seen};

/// How deep conditions may be in one another.
const DEPTH: usize = 32;

/// A condition.
#[derive(Debug)]
pub(super) enum Filter {
    /// All hold.
    All(Vec<Filter>),
    /// At least one holds.
    Any(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A field passes a test.
    Field(Field, Test),
}

impl Default for Filter {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Filter {
    /// Reads a filter; what is wrong is noted as a sentence that begins with where it is.
    pub(super) fn read(raw: &RawValue, faults: &mut Vec<String>) -> Self {
        read(raw, "filter", DEPTH, faults)
    }

    /// Whether an event passes.
    pub(super) fn matches(&self, seen: &Seen<'_>, names: &Names) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.matches(seen, names)),
            Self::Any(any) => any.iter().any(|one| one.matches(seen, names)),
            Self::Not(one) => !one.matches(seen, names),
            Self::Field(Field::Collection, Test::In(wanted)) => {
                wanted.holds(&seen.get(Field::Collection))
                    || names.of(&seen.row.execution).any(|name| wanted.has(name))
            }
            Self::Field(field, test) => test.holds(&seen.get(*field)),
        }
    }

    /// The collections that all events are in that can pass; `None` if they may be in any.
    pub(super) fn pins(&self) -> Option<Vec<&str>> {
        match self {
            Self::Field(Field::Collection, Test::In(wanted)) => Some(wanted.texts().collect()),
            Self::All(all) => all.iter().find_map(Self::pins),
            Self::Any(any) => {
                let pins: Option<Vec<_>> = any.iter().map(Self::pins).collect();
                Some(pins?.concat())
            }
            Self::Not(_) | Self::Field(..) => None,
        }
    }

    /// Every collection that is named to be equal to.
    pub(super) fn collections(&self) -> Vec<&str> {
        match self {
            Self::Field(Field::Collection, Test::In(wanted)) => wanted.texts().collect(),
            Self::All(many) | Self::Any(many) => many.iter().flat_map(Self::collections).collect(),
            Self::Not(one) => one.collections(),
            Self::Field(..) => Vec::new(),
        }
    }
}

fn read(raw: &RawValue, place: &str, depth: usize, faults: &mut Vec<String>) -> Filter {
    let Some(pairs) = Element::object(raw) else {
        faults.push(format!("{place} must be an object"));
        return Filter::default();
    };
    if depth == 0 {
        faults.push(format!("{place} is nested too deep, {DEPTH} is the most"));
        return Filter::default();
    }
    let mut all = Vec::with_capacity(pairs.len());
    for (key, raw) in pairs {
        let place = format!("{place}.{}", key.chars().take(64).collect::<String>());
        let many = |faults: &mut _| list(raw, &place, depth - 1, faults);
        all.push(match (&*key, Field::of(&key)) {
            ("$and", _) => Filter::All(many(faults)),
            ("$or", _) => Filter::Any(many(faults)),
            ("$nor", _) => Filter::Not(Box::new(Filter::Any(many(faults)))),
            (_, Some(field)) => operators::read(field, raw, &place, faults),
            _ => {
                faults.push(format!("{place} is neither a field nor $and, $or or $nor"));
                continue;
            }
        });
    }
    Filter::All(all)
}

fn list(raw: &RawValue, place: &str, depth: usize, faults: &mut Vec<String>) -> Vec<Filter> {
    let items: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
    if items.is_empty() {
        faults.push(format!("{place} must be an array of one condition or more"));
    }
    let items = items.into_iter().enumerate();
    items
        .map(|(at, raw)| read(raw, &format!("{place}.{at}"), depth, faults))
        .collect()
}
