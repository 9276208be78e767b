//! How many events there are, by time, by name or by resource. Does I/O through the reader.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

use super::buckets::{Buckets, Unit};
use super::detail::{Detail, Loc, null};
use super::error::Error;
use super::filter::Filter;
use super::index::Index;
use super::json::{Shape, shape};
use super::wire::{Event, NAME};
use super::{asked, criteria, scan, when};
use crate::api::asked::Asked;
use crate::model::{Row, Time};

/// The shortest stretch, in its unit.
const SHORTEST: f64 = 0.01;
/// The label that names a resource where the usual one does not.
const OLD_NAME: &str = "prefect.name";

/// How many events have a value.
#[derive(Debug, Serialize)]
pub(super) struct Count {
    value: String,
    label: String,
    count: u64,
    start_time: String,
    end_time: String,
}

#[derive(Clone, Copy)]
enum By {
    Time,
    Event,
    Resource,
}

/// Counts the events that a filter asks for.
pub(super) async fn count(
    Asked(state): Asked,
    Extension(index): Extension<Index>,
    Path(path): Path<HashMap<String, String>>,
    request: Request,
) -> Result<Json<Vec<Count>>, Error> {
    let now = state.clock.now();
    let countable = path
        .get("countable")
        .map(String::as_str)
        .unwrap_or_default();
    let body = asked::body(&state, request).await?;
    let fields = asked::fields(&body)?;
    let loc = Loc::body();
    let mut wrong = Vec::new();
    let by = match countable {
        "day" | "time" => By::Time,
        "event" => By::Event,
        "resource" => By::Resource,
        other => {
            let input = to_raw_value(other).unwrap_or_else(|_| null());
            let loc = Loc::default().to("path").to("countable");
            wrong.push(Detail::not_one_of(
                loc,
                "'day', 'time', 'event' or 'resource'",
                &input,
            ));
            By::Time
        }
    };
    let filter = match fields.get("filter") {
        None => Err(vec![Detail::missing(loc.to("filter"), &null())]),
        Some(raw) => criteria::filter(raw, &loc.to("filter"), now),
    };
    let unit = fields.get("time_unit").map_or(Some(Unit::Day), |raw| {
        let unit = Unit::parse(raw.get());
        if unit.is_none() {
            wrong.push(Detail::not_one_of(loc.to("time_unit"), Unit::ALL, raw));
        }
        unit
    });
    let interval = fields
        .get("time_interval")
        .map_or(Ok(1.0), |raw| interval(raw, loc.to("time_interval")));
    let interval = interval.map_err(|detail| wrong.push(*detail));
    let filter = filter.map_err(|more| wrong.extend(more));
    let (Ok(filter), Some(unit), Ok(interval), true) = (filter, unit, interval, wrong.is_empty())
    else {
        return Err(Error::invalid(wrong, &body));
    };
    let (unit, interval) = if countable == "day" {
        (Unit::Day, 1.0)
    } else {
        (unit, interval)
    };
    let buckets = Buckets::new(filter.since, filter.until, unit, interval, now)
        .map_err(|problem| Error::Told(StatusCode::UNPROCESSABLE_ENTITY, problem))?;
    let groups = groups(&state.reader, &index, Arc::new(filter), by, buckets).await?;
    Ok(Json(match by {
        By::Time => in_time(&groups, &buckets),
        By::Event | By::Resource => largest_first(groups),
    }))
}

/// Events with one value.
struct Group {
    count: u64,
    first: Time,
    last: Time,
    label: Box<str>,
}

type Groups = HashMap<Box<str>, Group>;

async fn groups(
    reader: &crate::query::Reader,
    index: &Index,
    filter: Arc<Filter>,
    by: By,
    buckets: Buckets,
) -> Result<Groups, Error> {
    let scope = index.scope(reader, filter.pins()).await?;
    let see = move |groups: &mut Groups, row: &Arc<Row>| {
        if let Some(event) = scan::passing(&filter, row) {
            add(groups, by, buckets, &event);
        }
    };
    Ok(reader.fold(scope, Groups::new(), see).await?.0)
}

fn add(groups: &mut Groups, by: By, buckets: Buckets, event: &Event) {
    let (value, label): (Box<str>, &str) = match by {
        By::Time => (buckets.at(event.occurred).to_string().into(), ""),
        By::Event => (event.event.clone(), &event.event),
        By::Resource => {
            let resource = &event.resource;
            let label = resource.get(NAME).or_else(|| resource.get(OLD_NAME));
            (resource.id().into(), label.unwrap_or(resource.id()))
        }
    };
    let at = event.occurred;
    let group = groups.entry(value).or_insert_with(|| Group {
        count: 0,
        first: at,
        last: at,
        label: label.into(),
    });
    group.count += 1;
    group.first = group.first.min(at);
    if at >= group.last {
        group.last = at;
        group.label = label.into();
    }
}

fn in_time(groups: &Groups, buckets: &Buckets) -> Vec<Count> {
    let spans = buckets.spans().enumerate();
    let counts = spans.map(|(at, (start, end))| Count {
        value: at.to_string(),
        label: when::written(start).replace('Z', "+00:00"),
        count: groups
            .get(&*(buckets.first() + i64::try_from(at).unwrap_or(i64::MAX)).to_string())
            .map_or(0, |group| group.count),
        start_time: when::written(start),
        end_time: when::written(end),
    });
    counts.collect()
}

fn largest_first(groups: Groups) -> Vec<Count> {
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(a, x), (b, y)| (y.count, &x.label, a).cmp(&(x.count, &y.label, b)));
    let counts = groups.into_iter().map(|(value, group)| Count {
        value: value.into(),
        label: group.label.into(),
        count: group.count,
        start_time: when::written(group.first),
        end_time: when::written(group.last),
    });
    counts.collect()
}

fn interval(raw: &RawValue, loc: Loc) -> Result<f64, Box<Detail>> {
    let number = match shape(raw) {
        Shape::Number(text) => text.parse::<f64>().ok(),
        Shape::Text(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number.filter(|number| number.is_finite()) {
        None if matches!(shape(raw), Shape::Text(_)) => {
            let msg = "Input should be a valid number, unable to parse string as a number";
            Err(Box::new(Detail::new("float_parsing", loc, msg, raw)))
        }
        None => Err(Box::new(Detail::new(
            "float_type",
            loc,
            "Input should be a valid number",
            raw,
        ))),
        Some(number) if number < SHORTEST => {
            let msg = format!("Input should be greater than or equal to {SHORTEST}");
            let told = Detail::new("greater_than_equal", loc, msg, raw);
            Err(Box::new(told.with(json!({ "ge": SHORTEST }))))
        }
        Some(number) => Ok(number),
    }
}
