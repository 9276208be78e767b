//! What is asked of one field. Pure.

use std::cmp::Ordering;
use std::collections::HashSet;

use regex::{Regex, RegexBuilder};
use serde_json::value::RawValue;

use super::Filter;
use crate::api::genomcore::datum::{Datum, Real, Scalar};
use crate::api::genomcore::iso;
use crate::api::genomcore::object::Element;
use crate::api::genomcore::seen::Field;
use crate::model::Time;

/// The most memory that a compiled expression may take, in bytes.
const EXPRESSION: usize = 1 << 20;

/// A test.
#[derive(Debug)]
pub(in crate::api::genomcore) enum Test {
    /// Equal to one of these.
    In(Wanted),
    /// Before or behind this, or at it.
    Order(fn(Ordering) -> bool, Bound),
    /// Whether it is there.
    Exists(bool),
    /// A text somewhere in which this is found.
    Expression(Regex),
}

/// What to be equal to. Times are equal in milliseconds, `1` and `"1"` are equal.
#[derive(Debug, Default)]
pub(in crate::api::genomcore) struct Wanted {
    texts: HashSet<Box<str>>,
    times: HashSet<i64>,
    missing: bool,
}

impl Wanted {
    pub(super) fn holds(&self, found: &Datum<'_>) -> bool {
        match found {
            Datum::Missing => self.missing,
            Datum::Scalar(scalar) => self.has(&scalar.loose()),
            Datum::Time(time) => self.times.contains(&iso::milliseconds(*time)),
        }
    }

    pub(super) fn has(&self, text: &str) -> bool {
        self.texts.contains(text)
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }
}

/// What to be before or behind.
#[derive(Debug)]
pub(in crate::api::genomcore) enum Bound {
    Text(Box<str>),
    Number(Real),
    Time(i64),
}

impl Test {
    pub(super) fn holds(&self, found: &Datum<'_>) -> bool {
        match self {
            Self::In(wanted) => wanted.holds(found),
            Self::Exists(wanted) => *wanted == (*found != Datum::Missing),
            Self::Expression(expression) => match found {
                Datum::Scalar(scalar) => expression.is_match(&scalar.loose()),
                Datum::Missing | Datum::Time(_) => false,
            },
            Self::Order(accepts, bound) => compare(found, bound).is_some_and(accepts),
        }
    }
}

/// `None` of what cannot be compared, which passes no test of order.
fn compare(found: &Datum<'_>, bound: &Bound) -> Option<Ordering> {
    match (found, bound) {
        (Datum::Time(time), Bound::Time(bound)) => Some(iso::milliseconds(*time).cmp(bound)),
        (Datum::Scalar(scalar), Bound::Text(bound)) => Some((*scalar.loose()).cmp(bound)),
        (Datum::Scalar(scalar), Bound::Number(bound)) => {
            // Only what JSON takes for a number is one: not `inf`, and not with a space beside it.
            let loose = scalar.loose();
            let number: &RawValue = serde_json::from_str(&loose).ok()?;
            match Scalar::of(number)? {
                Scalar::Number(digits) if *digits == *loose => Some(Real::of(&digits).cmp(bound)),
                Scalar::Number(_) | Scalar::Text(_) => None,
            }
        }
        _ => None,
    }
}

/// The condition that a value or an object of operators is.
pub(super) fn read(field: Field, raw: &RawValue, place: &str, faults: &mut Vec<String>) -> Filter {
    let Some(pairs) = Element::object(raw) else {
        return one_of(field, &[raw], place, faults);
    };
    if pairs.is_empty() {
        faults.push(format!("{place} must have an operator or be a value"));
    }
    let options = pairs.iter().find(|(key, _)| &**key == "$options");
    let options = options.map(|(_, raw)| *raw);
    let mut all = Vec::with_capacity(pairs.len());
    for (key, raw) in &pairs {
        let place = format!("{place}.{}", key.chars().take(64).collect::<String>());
        let order = |accepts: fn(Ordering) -> bool, faults: &mut _| {
            let bound = bound(field, raw, &place, faults);
            bound.map(|bound| Filter::Field(field, Test::Order(accepts, bound)))
        };
        let condition = match &**key {
            "$eq" => Some(one_of(field, &[raw], &place, faults)),
            "$ne" => Some(not(one_of(field, &[raw], &place, faults))),
            "$in" => many(field, raw, &place, faults),
            "$nin" => many(field, raw, &place, faults).map(not),
            "$gt" => order(Ordering::is_gt, faults),
            "$gte" => order(Ordering::is_ge, faults),
            "$lt" => order(Ordering::is_lt, faults),
            "$lte" => order(Ordering::is_le, faults),
            "$exists" => exists(field, raw, &place, faults),
            "$regex" => expression(field, raw, options, &place, faults),
            "$options" if pairs.iter().any(|(key, _)| &**key == "$regex") => continue,
            "$options" => {
                faults.push(format!("{place} needs a $regex beside it"));
                None
            }
            "$not" if Element::object(raw).is_some() => {
                // One operator within another, and no deeper: what it holds is read as such.
                Some(not(within(field, raw, &place, faults)))
            }
            "$not" => {
                faults.push(format!("{place} must be an object of operators"));
                None
            }
            _ => {
                faults.push(format!("{place} is no operator"));
                None
            }
        };
        all.extend(condition);
    }
    Filter::All(all)
}

fn within(field: Field, raw: &RawValue, place: &str, faults: &mut Vec<String>) -> Filter {
    let pairs = Element::object(raw).unwrap_or_default();
    if pairs.iter().any(|(key, _)| &**key == "$not") {
        faults.push(format!("{place}.$not is not possible within $not"));
        return Filter::default();
    }
    read(field, raw, place, faults)
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

fn many(field: Field, raw: &RawValue, place: &str, faults: &mut Vec<String>) -> Option<Filter> {
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        faults.push(format!("{place} must be an array"));
        return None;
    };
    Some(one_of(field, &items, place, faults))
}

fn one_of(field: Field, items: &[&RawValue], place: &str, faults: &mut Vec<String>) -> Filter {
    let mut wanted = Wanted::default();
    for raw in items {
        if raw.get() == "null" {
            wanted.missing = true;
        } else if field.is_time() {
            wanted
                .times
                .extend(time(raw, place, faults).map(iso::milliseconds));
        } else if let Some(scalar) = scalar(raw, place, faults) {
            wanted.texts.insert(scalar.loose().into());
        }
    }
    Filter::Field(field, Test::In(wanted))
}

fn scalar<'a>(raw: &'a RawValue, place: &str, faults: &mut Vec<String>) -> Option<Scalar<'a>> {
    let scalar = Scalar::of(raw);
    if scalar.is_none() {
        faults.push(format!("{place} must be a string or a number"));
    }
    scalar
}

/// A date string, or milliseconds since 1970 as JavaScript counts.
fn time(raw: &RawValue, place: &str, faults: &mut Vec<String>) -> Option<Time> {
    let time = match Scalar::of(raw) {
        Some(Scalar::Text(text)) => iso::read(&text).map(|read| read.from),
        Some(Scalar::Number(digits)) => {
            let milliseconds = digits.parse::<i64>().ok();
            milliseconds.and_then(|number| number.checked_mul(1_000_000).map(Time))
        }
        None => None,
    };
    if time.is_none() {
        faults.push(format!("{place} must be a valid ISO 8601 date string"));
    }
    time
}

fn bound(field: Field, raw: &RawValue, place: &str, faults: &mut Vec<String>) -> Option<Bound> {
    if field.is_time() {
        return Some(Bound::Time(iso::milliseconds(time(raw, place, faults)?)));
    }
    Some(match scalar(raw, place, faults)? {
        Scalar::Text(text) => Bound::Text((*text).into()),
        Scalar::Number(digits) => Bound::Number(Real::of(&digits)),
    })
}

fn exists(field: Field, raw: &RawValue, place: &str, faults: &mut Vec<String>) -> Option<Filter> {
    let wanted = serde_json::from_str(raw.get()).ok();
    if wanted.is_none() {
        faults.push(format!("{place} must be a boolean"));
    }
    Some(Filter::Field(field, Test::Exists(wanted?)))
}

fn expression(
    field: Field,
    raw: &RawValue,
    options: Option<&RawValue>,
    place: &str,
    faults: &mut Vec<String>,
) -> Option<Filter> {
    if field.is_time() {
        faults.push(format!("{place} is not possible of a date"));
        return None;
    }
    let text = |raw: &RawValue| serde_json::from_str::<String>(raw.get()).ok();
    let Some(pattern) = text(raw) else {
        faults.push(format!("{place} must be a string"));
        return None;
    };
    let options = options.map_or(Some(String::new()), text);
    let Some(options) = options.filter(|all| all.chars().all(|one| "imsx".contains(one))) else {
        faults.push(format!("{place} can have the $options i, m, s and x only"));
        return None;
    };
    let has = |option| options.contains(option);
    let built = RegexBuilder::new(&pattern)
        .case_insensitive(has('i'))
        .multi_line(has('m'))
        .dot_matches_new_line(has('s'))
        .ignore_whitespace(has('x'))
        .size_limit(EXPRESSION)
        .build();
    match built {
        Ok(built) => Some(Filter::Field(field, Test::Expression(built))),
        Err(error) => {
            let told = error.to_string();
            let last = told.lines().last().unwrap_or_default();
            faults.push(format!(
                "{place} is no expression that is read here: {last}"
            ));
            None
        }
    }
}
