//! Between lines and the model. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::line::{
    BodyLine, CorrelationLine, ExecutionLine, InvolvedLine, KeyLine, Of, OriginLine, RowLine,
    SampleLine, Text, TombstoneLine, WireLine,
};
use crate::model::event::Texts;
use crate::model::{
    Body, Correlation, Diagnosis, Dialect, Digest, EventType, Execution, ExecutionKey, Extent,
    Grave, Identity, InvolvedObject, Key, MessageKey, OriginShare, Phase, Policy, RowId, Sample,
    SavedRow, Share, Status, Tenants, Time, Wire,
};

/// A sentence about a line.
type Problem = String;

fn told(at: Time) -> Option<String> {
    (at > Time::MIN).then(|| at.to_exact())
}

fn time(field: &str, text: &str) -> Result<Time, Problem> {
    Time::parse(text).map_err(|problem| format!("{field}: {problem}"))
}

fn time_if(field: &str, text: Option<&String>) -> Result<Option<Time>, Problem> {
    text.map(|text| time(field, text)).transpose()
}

pub(super) fn digest(field: &str, text: &str) -> Result<Digest, Problem> {
    let number = u128::from_str_radix(text, 16).ok();
    let number = number.filter(|_| text.len() == 32 && !text.starts_with('+'));
    let number = number.ok_or_else(|| format!("{field}: {text:?} is not 32 hexadecimal digits"))?;
    Ok(Digest(number))
}

pub(super) fn of(extent: &Extent) -> Of {
    Of {
        readable: match &extent.within {
            Tenants::All => None,
            Tenants::Only(tenants) => Some(tenants.iter().map(|one| (**one).into()).collect()),
        },
        namespace: extent.tenant.as_deref().map(Into::into),
        executions: extent.executions.as_ref().map(|keys| {
            let pairs = keys
                .iter()
                .map(|key| ((*key.tenant).into(), (*key.id).into()));
            pairs.collect()
        }),
        since: extent.since.map(Time::to_exact),
    }
}

pub(super) fn execution(of: &Execution) -> ExecutionLine<'_> {
    let identity = &of.identity;
    ExecutionLine {
        tenant: Cow::Borrowed(&of.key.tenant),
        id: Cow::Borrowed(&of.key.id),
        engine: Cow::Borrowed(&identity.engine),
        group: Cow::Borrowed(&identity.group),
        kind: Cow::Borrowed(&identity.kind),
        namespace: Cow::Borrowed(&identity.namespace),
        name: Cow::Borrowed(&identity.name),
        created: of.created.map(Time::to_exact),
        told: of.told.to_exact(),
        last_told: of.last_told.to_exact(),
        phase: Cow::Borrowed(of.status.phase.as_str()),
        since: told(of.status.at),
        aliases: of
            .aliases
            .iter()
            .map(|alias| Cow::Borrowed(&**alias))
            .collect(),
        pruned_before: told(of.pruned_before),
    }
}

pub(super) fn to_execution(line: &ExecutionLine<'_>) -> Result<Execution, Problem> {
    let key = ExecutionKey::new(&line.tenant, &line.id);
    let phase = Phase::ALL
        .into_iter()
        .find(|phase| phase.as_str() == line.phase);
    let mut execution = Execution::new(key, time("told", &line.told)?);
    execution.last_told = time("lastTold", &line.last_told)?;
    execution.created = time_if("created", line.created.as_ref())?;
    execution.identity = Identity {
        engine: boxed(&line.engine),
        group: boxed(&line.group),
        kind: boxed(&line.kind),
        namespace: boxed(&line.namespace),
        name: boxed(&line.name),
    };
    execution.status = Status {
        at: time_if("since", line.since.as_ref())?.unwrap_or(Time::MIN),
        phase: phase.ok_or_else(|| format!("phase: there is no {:?}", line.phase))?,
    };
    execution.aliases = line.aliases.iter().map(boxed).collect();
    let pruned_before = time_if("prunedBefore", line.pruned_before.as_ref())?;
    execution.pruned_before = pruned_before.unwrap_or(Time::MIN);
    Ok(execution)
}

fn boxed(text: &Text<'_>) -> Box<str> {
    Box::from(&**text)
}

fn pairs(of: &Texts) -> BTreeMap<Text<'_>, Text<'_>> {
    let pairs = of.iter();
    pairs
        .map(|(key, text)| (Cow::Borrowed(&**key), Cow::Borrowed(&**text)))
        .collect()
}

fn to_texts(of: &BTreeMap<Text<'_>, Text<'_>>) -> Texts {
    of.iter()
        .map(|(key, text)| (boxed(key), boxed(text)))
        .collect()
}

fn body(of: &Body) -> BodyLine<'_> {
    let involved = &of.involved;
    BodyLine {
        reason: Cow::Borrowed(&of.reason),
        message: Cow::Borrowed(&of.message),
        params: pairs(&of.params),
        elem_id: Cow::Borrowed(&of.elem_id),
        namespace: Cow::Borrowed(&of.namespace),
        involved: InvolvedLine {
            kind: Cow::Borrowed(&involved.kind),
            namespace: Cow::Borrowed(&involved.namespace),
            name: Cow::Borrowed(&involved.name),
        },
        reporter: Cow::Borrowed(&of.reporter),
        labels: pairs(&of.labels),
        payload: of.payload.as_deref().map(Cow::Borrowed),
        at_least: of.at_least,
        wire: of.wire.as_ref().map(|wire| WireLine {
            dialect: Cow::Borrowed(wire.dialect.as_str()),
            item: Cow::Borrowed(&wire.item),
        }),
    }
}

fn to_body(line: &BodyLine<'_>) -> Result<Body, Problem> {
    let wire = line.wire.as_ref().map(|wire| {
        let mut dialects = Dialect::ALL.into_iter();
        let dialect = dialects.find(|dialect| dialect.as_str() == wire.dialect);
        Ok::<_, Problem>(Wire {
            dialect: dialect
                .ok_or_else(|| format!("wire: there is no dialect {:?}", wire.dialect))?,
            item: boxed(&wire.item),
        })
    });
    Ok(Body {
        reason: boxed(&line.reason),
        message: boxed(&line.message),
        params: to_texts(&line.params),
        elem_id: boxed(&line.elem_id),
        namespace: boxed(&line.namespace),
        involved: InvolvedObject {
            kind: boxed(&line.involved.kind),
            namespace: boxed(&line.involved.namespace),
            name: boxed(&line.involved.name),
        },
        reporter: boxed(&line.reporter),
        labels: to_texts(&line.labels),
        payload: line.payload.as_ref().map(boxed),
        at_least: line.at_least,
        wire: wire.transpose()?,
    })
}

/// A row with some of its origins.
pub(super) fn row<'a>(row: &'a SavedRow, origins: &'a [OriginShare]) -> RowLine<'a> {
    let bodies: BTreeMap<Digest, &Body> = origins
        .iter()
        .map(|known| (known.share.body_digest, &*known.share.body))
        .collect();
    let places: BTreeMap<Digest, usize> = bodies.keys().copied().zip(0..).collect();
    let key = &row.key;
    RowLine {
        id: row.id.to_string(),
        folds: row.policy == Policy::Fold,
        key: KeyLine {
            element: Cow::Borrowed(&key.element),
            elem_type: Cow::Borrowed(&key.elem_type),
            action: Cow::Borrowed(&key.action),
            event_type: Cow::Borrowed(key.event_type.as_str()),
            code: Cow::Borrowed(&key.code),
            involved_uid: Cow::Borrowed(&key.involved_uid),
            field_path: Cow::Borrowed(&key.field_path),
            message: match &key.message {
                MessageKey::Text(text) => Some(Cow::Borrowed(text)),
                MessageKey::Aggregate => None,
            },
        },
        bodies: bodies.into_values().map(body).collect(),
        origins: origins
            .iter()
            .map(|known| origin(known, places[&known.share.body_digest]))
            .collect(),
    }
}

fn origin(of: &OriginShare, body: usize) -> OriginLine<'_> {
    let share = &of.share;
    OriginLine {
        origin: of.origin.to_string(),
        lowest: of.lowest.0,
        count: share.count,
        first: share.first.to_exact(),
        last: share.last.to_exact(),
        name: Cow::Borrowed(&share.name),
        body,
        body_count: share.body_count,
        origins: share.diagnosis.origins,
        at_least: share.diagnosis.at_least,
        unobserved: share.diagnosis.unobserved,
        seen: share.diagnosis.seen.clone(),
    }
}

pub(super) fn to_row(execution: &ExecutionKey, line: &RowLine<'_>) -> Result<SavedRow, Problem> {
    let id = RowId(digest("id", &line.id)?);
    let key = &line.key;
    let key = Key {
        element: boxed(&key.element),
        elem_type: boxed(&key.elem_type),
        action: boxed(&key.action),
        event_type: EventType::from_text(&key.event_type),
        code: boxed(&key.code),
        involved_uid: boxed(&key.involved_uid),
        field_path: boxed(&key.field_path),
        message: key
            .message
            .as_ref()
            .map_or(MessageKey::Aggregate, |text| MessageKey::Text(boxed(text))),
    };
    let bodies = line.bodies.iter().map(|line| to_body(line).map(Arc::new));
    let bodies = bodies.collect::<Result<Vec<_>, _>>()?;
    let digests: Vec<Digest> = bodies.iter().map(|body| body.digest()).collect();
    let mut origins = Vec::with_capacity(line.origins.len());
    for line in &line.origins {
        let (Some(body), Some(body_digest)) = (bodies.get(line.body), digests.get(line.body))
        else {
            return Err(format!("body: there is no body {}", line.body));
        };
        let (first, last) = (time("first", &line.first)?, time("last", &line.last)?);
        if line.count == 0 || line.lowest > line.count || first > last {
            return Err(format!(
                "origin {}: its numbers contradict each other",
                line.origin
            ));
        }
        origins.push(OriginShare {
            origin: digest("origin", &line.origin)?,
            lowest: (line.lowest, id),
            share: Share {
                count: line.count,
                first,
                last,
                name: (&*line.name).into(),
                body_count: line.body_count,
                body_digest: *body_digest,
                body: body.clone(),
                diagnosis: Diagnosis {
                    origins: line.origins,
                    at_least: line.at_least,
                    unobserved: line.unobserved,
                    seen: line.seen.clone(),
                },
            },
        });
    }
    if origins.is_empty() {
        return Err(format!("row {id}: nobody has told it"));
    }
    let named = |origin: &OriginShare| RowId::of_id(execution, origin.origin);
    let (policy, is_own) = if line.folds {
        (Policy::Fold, RowId::of_key(execution, &key) == id)
    } else {
        (
            Policy::ById,
            origins.iter().all(|origin| named(origin) == id),
        )
    };
    if !is_own {
        return Err(format!("row {id}: it is not the row of its key"));
    }
    Ok(SavedRow {
        id,
        key: Arc::new(key),
        policy,
        settled: None,
        origins,
    })
}

pub(super) fn sample(of: &Sample) -> SampleLine<'_> {
    SampleLine {
        element: Cow::Borrowed(&of.element),
        name: Cow::Borrowed(&of.name),
        at: of.at.to_exact(),
        value: Cow::Borrowed(&of.value),
    }
}

pub(super) fn to_sample(
    execution: &ExecutionKey,
    line: &SampleLine<'_>,
) -> Result<Sample, Problem> {
    Ok(Sample {
        execution: execution.clone(),
        element: boxed(&line.element),
        name: boxed(&line.name),
        at: time("at", &line.at)?,
        value: boxed(&line.value),
    })
}

pub(super) fn tombstone(of: &Grave) -> TombstoneLine<'_> {
    TombstoneLine {
        tenant: Cow::Borrowed(&of.key.tenant),
        id: Cow::Borrowed(&of.key.id),
        at: of.at.to_exact(),
        last_told: of.last_told.to_exact(),
        risen: of.risen,
    }
}

pub(super) fn to_grave(line: &TombstoneLine<'_>) -> Result<Grave, Problem> {
    Ok(Grave {
        key: ExecutionKey::new(&line.tenant, &line.id),
        at: time("at", &line.at)?,
        last_told: time("lastTold", &line.last_told)?,
        risen: line.risen,
    })
}

pub(super) fn correlation(of: &Correlation) -> CorrelationLine<'_> {
    CorrelationLine {
        uid: Cow::Borrowed(&of.uid),
        tenant: Cow::Borrowed(&of.execution.tenant),
        execution: Cow::Borrowed(&of.execution.id),
        element: Cow::Borrowed(&of.element),
        elem_id: Cow::Borrowed(&of.elem_id),
        elem_type: Cow::Borrowed(&of.elem_type),
        seen: of.seen.to_exact(),
    }
}

pub(super) fn to_correlation(line: &CorrelationLine<'_>) -> Result<Correlation, Problem> {
    Ok(Correlation {
        uid: boxed(&line.uid),
        execution: ExecutionKey::new(&line.tenant, &line.execution),
        element: boxed(&line.element),
        elem_id: boxed(&line.elem_id),
        elem_type: boxed(&line.elem_type),
        seen: time("seen", &line.seen)?,
    })
}

/// An id and the time that it was told at.
pub(super) fn to_id(pair: &(String, String)) -> Result<(Digest, Time), Problem> {
    Ok((digest("ids", &pair.0)?, time("ids", &pair.1)?))
}
