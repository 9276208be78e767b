//! Reads a filter, and says in pydantic's words what is wrong with it. Pure.

use std::time::Duration;

use serde_json::json;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::check;
use super::detail::{Detail, Loc};
use super::filter::{About, Filter, Names, Pattern};
use super::json::{Map, Shape, shape};
use super::search::Search;
use crate::model::{Order, Time};

/// How far back events are looked for, unless it is said: so many days before today.
const DAYS: i64 = 180;
const DAY: i64 = 24 * 3600 * 1_000_000_000;
/// Characters of a text that is searched for.
const QUERY: usize = 200;

/// What is meant when nothing is said.
pub(super) fn default(now: Time) -> Filter {
    let today = Time(now.0.div_euclid(DAY) * DAY);
    let days = Duration::from_nanos((DAYS * DAY).unsigned_abs());
    Filter::all(today.before(days), now)
}

/// Reads a filter at a time.
///
/// # Errors
///
/// Everything that is wrong with it.
pub(super) fn filter(raw: &RawValue, loc: &Loc, now: Time) -> Result<Filter, Vec<Detail>> {
    let known = [
        "occurred",
        "event",
        "resource",
        "related",
        "any_resource",
        "id",
        "text",
        "order",
    ];
    let mut filter = default(now);
    let mut read = Reading::of(raw, loc, &known);
    read.with("occurred", |raw, loc, wrong| {
        let mut part = Reading::of(raw, loc, &["since", "until"]);
        for (name, end) in [("since", &mut filter.since), ("until", &mut filter.until)] {
            part.with(name, |raw, loc, wrong| {
                match check::occurred(raw, loc.clone()) {
                    Ok(time) => *end = time,
                    Err(more) => wrong.extend(more),
                }
            });
        }
        part.done(wrong);
    });
    read.may("event", |raw, loc, wrong| {
        filter.names = names(raw, loc, wrong);
    });
    read.may("resource", |raw, loc, wrong| {
        let known = ["id", "id_prefix", "labels", "distinct"];
        let mut part = Reading::of(raw, loc, &known);
        part.with("distinct", |raw, loc, wrong| {
            filter.distinct = flag(raw, loc, wrong);
        });
        filter.resource = about(&mut part);
        part.done(wrong);
    });
    let known = ["id", "role", "resources_in_roles", "labels"];
    read.may("related", |raw, loc, wrong| {
        filter.related = abouts(raw, loc, wrong, "EventRelatedFilter", &known);
    });
    let known = ["id", "id_prefix", "labels"];
    read.may("any_resource", |raw, loc, wrong| {
        filter.any = abouts(raw, loc, wrong, "EventAnyResourceFilter", &known);
    });
    read.with("id", |raw, loc, wrong| {
        let mut part = Reading::of(raw, loc, &["id"]);
        part.may("id", |raw, loc, wrong| filter.ids = ids(raw, loc, wrong));
        part.done(wrong);
    });
    read.may("text", |raw, loc, wrong| {
        filter.search = search(raw, loc, wrong);
    });
    read.with("order", |raw, loc, wrong| match raw.get().trim() {
        "\"ASC\"" => filter.order = Order::Ascending,
        "\"DESC\"" => filter.order = Order::Descending,
        _ => wrong.push(Detail::not_one_of(loc.clone(), "'ASC' or 'DESC'", raw)),
    });
    let mut wrong = Vec::new();
    read.done(&mut wrong);
    if wrong.is_empty() {
        Ok(filter)
    } else {
        Err(wrong)
    }
}

/// An object that is being read.
struct Reading<'a> {
    raw: &'a RawValue,
    map: Map<'a>,
    loc: Loc,
    wrong: Vec<Detail>,
    extra: Vec<Detail>,
}

impl<'a> Reading<'a> {
    /// An object with members of these names only.
    fn of(raw: &'a RawValue, loc: &Loc, known: &[&str]) -> Self {
        let (mut wrong, mut extra) = (Vec::new(), Vec::new());
        let map = if let Shape::Map(map) = shape(raw) {
            let others = map
                .iter()
                .filter(|(name, _)| !known.contains(&name.as_str()));
            extra.extend(others.map(|(name, raw)| Detail::extra(loc.to(&**name), raw)));
            map
        } else {
            wrong.push(Detail::not_a_model(loc.clone(), raw));
            Map::new()
        };
        Self {
            raw,
            map,
            loc: loc.clone(),
            wrong,
            extra,
        }
    }

    /// Reads a member if it is there.
    fn with(&mut self, name: &str, read: impl FnOnce(&'a RawValue, &Loc, &mut Vec<Detail>)) {
        if let Some(raw) = self.map.get(name) {
            read(raw, &self.loc.to(name), &mut self.wrong);
        }
    }

    /// Reads a member that may be null.
    fn may(&mut self, name: &str, read: impl FnOnce(&'a RawValue, &Loc, &mut Vec<Detail>)) {
        if self
            .map
            .get(name)
            .is_some_and(|raw| !matches!(shape(raw), Shape::Null))
        {
            self.with(name, read);
        }
    }

    /// What is wrong: with the members that are known, then that there are others.
    fn done(mut self, wrong: &mut Vec<Detail>) {
        wrong.append(&mut self.wrong);
        wrong.append(&mut self.extra);
    }
}

fn names(raw: &RawValue, loc: &Loc, wrong: &mut Vec<Detail>) -> Names {
    let mut names = Names::default();
    let mut part = Reading::of(
        raw,
        loc,
        &["prefix", "exclude_prefix", "name", "exclude_name"],
    );
    for (name, list) in [
        ("prefix", &mut names.prefix),
        ("exclude_prefix", &mut names.exclude_prefix),
        ("name", &mut names.name),
        ("exclude_name", &mut names.exclude_name),
    ] {
        part.may(name, |raw, loc, wrong| *list = texts(raw, loc, wrong));
    }
    part.done(wrong);
    names
}

/// One filter or a list of them; an error is told of both that it could have been.
fn abouts(
    raw: &RawValue,
    loc: &Loc,
    wrong: &mut Vec<Detail>,
    model: &str,
    known: &[&str],
) -> Vec<About> {
    let list = format!("list[{model}]");
    let one = |raw: &RawValue, loc: &Loc, wrong: &mut Vec<Detail>| {
        let mut part = Reading::of(raw, loc, known);
        let about = about(&mut part);
        part.done(wrong);
        about
    };
    let mut found = Vec::new();
    let (alone, listed) = (loc.to(model), loc.to(&*list));
    if let Shape::List(items) = shape(raw) {
        let mut of_list = Vec::new();
        for (at, raw) in items.into_iter().enumerate() {
            found.push(one(raw, &listed.to(at), &mut of_list));
        }
        if !of_list.is_empty() {
            wrong.push(Detail::not_a_model(alone, raw));
            wrong.append(&mut of_list);
        }
    } else {
        let mut of_one = Vec::new();
        found.push(one(raw, &alone, &mut of_one));
        if !of_one.is_empty() {
            wrong.append(&mut of_one);
            wrong.push(Detail::not_a_list(listed, raw));
        }
    }
    found
}

fn about(part: &mut Reading<'_>) -> About {
    let mut about = About::default();
    for (name, list) in [
        ("id", &mut about.id),
        ("id_prefix", &mut about.id_prefix),
        ("role", &mut about.role),
    ] {
        part.may(name, |raw, loc, wrong| *list = texts(raw, loc, wrong));
    }
    part.may("resources_in_roles", |raw, loc, wrong| {
        about.in_role = pairs(raw, loc, wrong);
    });
    part.may("labels", |raw, loc, wrong| {
        about.labels = labels(raw, loc, wrong);
    });
    about
}

/// The items of a list, each read by itself.
fn items<T>(
    raw: &RawValue,
    loc: &Loc,
    wrong: &mut Vec<Detail>,
    read: impl Fn(&RawValue, Loc) -> Result<T, Vec<Detail>>,
) -> Vec<T> {
    let Shape::List(items) = shape(raw) else {
        wrong.push(Detail::not_a_list(loc.clone(), raw));
        return Vec::new();
    };
    let mut read_items = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        match read(item, loc.to(at)) {
            Ok(item) => read_items.push(item),
            Err(more) => wrong.extend(more),
        }
    }
    read_items
}

fn texts(raw: &RawValue, loc: &Loc, wrong: &mut Vec<Detail>) -> Vec<String> {
    items(raw, loc, wrong, check::text)
}

fn ids(raw: &RawValue, loc: &Loc, wrong: &mut Vec<Detail>) -> Vec<Uuid> {
    items(raw, loc, wrong, check::uuid)
}

fn pairs(raw: &RawValue, loc: &Loc, wrong: &mut Vec<Detail>) -> Vec<(String, String)> {
    items(raw, loc, wrong, |raw, loc| {
        let Shape::List(pair) = shape(raw) else {
            return Err(vec![Detail::new(
                "tuple_type",
                loc,
                "Input should be a valid tuple",
                raw,
            )]);
        };
        match pair[..] {
            [id, role] => {
                let (id, role) = (check::text(id, loc.to(0))?, check::text(role, loc.to(1))?);
                Ok((id, role))
            }
            [] | [_] => Err((pair.len()..2)
                .map(|at| Detail::missing(loc.to(at), raw))
                .collect()),
            _ => {
                let msg = format!(
                    "Tuple should have at most 2 items after validation, not {}",
                    pair.len()
                );
                let told = Detail::new("too_long", loc, msg, raw);
                let ctx =
                    json!({ "field_type": "Tuple", "max_length": 2, "actual_length": pair.len() });
                Err(vec![told.with(ctx)])
            }
        }
    })
}

fn labels(raw: &RawValue, loc: &Loc, wrong: &mut Vec<Detail>) -> Vec<(String, Vec<Pattern>)> {
    let Shape::Map(map) = shape(raw) else {
        wrong.push(Detail::not_an_object(loc.clone(), raw));
        return Vec::new();
    };
    let mut labels = Vec::with_capacity(map.len());
    for (label, raw) in map {
        let loc = loc.to(&*label);
        let patterns = match shape(raw) {
            Shape::Text(text) => vec![Pattern::new(&text)],
            Shape::List(_) => {
                let mut of_list = Vec::new();
                let texts = texts(raw, &loc.to("list[str]"), &mut of_list);
                if !of_list.is_empty() {
                    wrong.push(Detail::not_a_text(loc.to("str"), raw));
                    wrong.append(&mut of_list);
                }
                texts.iter().map(|text| Pattern::new(text)).collect()
            }
            _ => {
                wrong.push(Detail::not_a_text(loc.to("str"), raw));
                wrong.push(Detail::not_a_list(loc.to("list[str]"), raw));
                Vec::new()
            }
        };
        labels.push((label, patterns));
    }
    labels
}

fn search(raw: &RawValue, loc: &Loc, wrong: &mut Vec<Detail>) -> Search {
    let mut search = Search::default();
    let mut part = Reading::of(raw, loc, &["query"]);
    if part.wrong.is_empty() && !part.map.contains_key("query") {
        part.wrong.push(Detail::missing(loc.to("query"), part.raw));
    }
    part.with("query", |raw, loc, wrong| {
        match check::text(raw, loc.clone()) {
            Ok(query) if query.chars().count() > QUERY => {
                let msg = format!("String should have at most {QUERY} characters");
                let told = Detail::new("string_too_long", loc.clone(), msg, raw);
                wrong.push(told.with(json!({ "max_length": QUERY })));
            }
            Ok(query) => search = Search::parse(&query),
            Err(more) => wrong.extend(more),
        }
    });
    part.done(wrong);
    search
}

fn flag(raw: &RawValue, loc: &Loc, wrong: &mut Vec<Detail>) -> bool {
    match raw.get().trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "\"true\"" | "\"1\"" | "\"yes\"" | "\"on\"" => true,
        "false" | "0" | "\"false\"" | "\"0\"" | "\"no\"" | "\"off\"" => false,
        _ => {
            let msg = "Input should be a valid boolean, unable to interpret input";
            wrong.push(Detail::new("bool_parsing", loc.clone(), msg, raw));
            false
        }
    }
}
