//! `GET` of how long an execution is kept: which rule will prune it, and when. Does I/O through the reader.

use axum::Json;
use axum::http::Uri;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Error;
use super::executions::no_query;
use super::path::At;
use super::wire::ErrorBody;
use crate::api::State;
use crate::api::asked::Asked;
use crate::model::{Execution, Filter, Page, Rule, Time, Verdict};

/// How long an execution is kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Retention)]
#[serde(rename_all = "camelCase")]
pub(in crate::api) struct Retained {
    /// The execution's id.
    execution: String,
    /// Its namespace.
    namespace: String,
    /// Its phase.
    phase: &'static str,
    /// The rule that it falls under: `default`, or `policy <place>` with its name.
    rule: String,
    /// How long it is kept after it was last told of, in words such as `30d`; none: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<String>,
    /// When it was last told of, by the server's clock.
    last_told: String,
    /// When it goes unless something more is told of it; none: never by its age.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    /// What is told of this time or earlier is dropped: it was pruned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pruned_before: Option<String>,
    /// Its rows.
    rows: usize,
    /// More rows than that are pruned at once, the longest unseen first; none: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_rows: Option<usize>,
    /// Bytes of packed rows that the store keeps, of all executions together.
    kept_bytes: u64,
    /// More bytes than that are pruned at once, the oldest execution that is finished first; none: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u64>,
    /// The same in a sentence.
    because: String,
}

/// Which rule will prune an execution, and when.
///
/// One answer for each execution that the id names: itself, and others that it is united with.
#[utoipa::path(
    get, path = "/v1/executions/{id}/retention", tag = "executions", operation_id = "getRetention",
    params(("id" = String, Path, description = "The execution's id, or an alias of it.")),
    responses(
        (status = 200, description = "How long each is kept.", body = Vec<Retained>),
        (status = 400, description = "It takes no query parameter.", body = ErrorBody),
        (status = 404, description = "No execution has this id or alias.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn retention(
    Asked(state): Asked,
    At(id): At<String>,
    uri: Uri,
) -> Result<Json<Vec<Retained>>, Error> {
    no_query(&uri)?;
    let united = state.reader.get(&id).await?;
    let mut all = Vec::with_capacity(united.executions.len());
    for execution in &united.executions {
        all.push(retained(&state, execution).await?);
    }
    Ok(Json(all))
}

async fn retained(state: &State, execution: &Execution) -> Result<Retained, Error> {
    let keys = vec![execution.key.clone()];
    let (filter, page) = (Filter::default(), Page::default());
    let rows = state.reader.list(keys, filter, page).await?.rows;
    let labelled = |rule: &Rule| Ok::<_, std::convert::Infallible>(rule.is_labelled(&rows));
    let verdict = match state.rules.of(execution, labelled) {
        Ok(verdict) => verdict,
        Err(never) => match never {},
    };
    let kept = state.reader.size().await?.kept;
    let due = verdict.due(execution);
    let max_bytes = state.rules.bytes;
    let pruned_before = execution.pruned_before;
    Ok(Retained {
        execution: execution.key.id.to_string(),
        namespace: execution.key.tenant.to_string(),
        phase: execution.status.phase.as_str(),
        rule: rule(&verdict),
        age: verdict.age.map(|age| friendly(age.as_secs())),
        last_told: execution.last_told.to_exact(),
        due: due.map(Time::to_exact),
        pruned_before: (pruned_before > Time::MIN).then(|| pruned_before.to_exact()),
        rows: rows.len(),
        max_rows: verdict.rows,
        kept_bytes: kept,
        max_bytes,
        because: because(&verdict, execution, rows.len(), kept, max_bytes),
    })
}

fn rule(verdict: &Verdict<'_>) -> String {
    match verdict.policy {
        None => "default".into(),
        Some((place, rule)) if rule.name.is_empty() => format!("policy {place}"),
        Some((place, rule)) => format!("policy {place} ({})", rule.name),
    }
}

/// A time as it can be given to the server: in its largest units.
fn friendly(mut seconds: u64) -> String {
    let mut text = String::new();
    for (unit, size) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] {
        if seconds >= size {
            text += &format!("{}{unit}", seconds / size);
            seconds %= size;
        }
    }
    text
}

fn because(
    verdict: &Verdict<'_>,
    execution: &Execution,
    rows: usize,
    kept: u64,
    max_bytes: Option<u64>,
) -> String {
    let by_age = match (verdict.due(execution), verdict.age) {
        (Some(due), Some(age)) => format!(
            "it goes at {}, {} after it was last told of, unless more is told of it",
            due.to_seconds(),
            friendly(age.as_secs())
        ),
        _ => "it never goes by its age".into(),
    };
    let by_rows = match verdict.rows {
        Some(most) => format!("it has {rows} of at most {most} rows"),
        None => format!("its rows, {rows} now, are not limited in number"),
    };
    let by_bytes = match max_bytes {
        Some(most) if execution.status.phase.is_terminal() => format!(
            "the store keeps {kept} of at most {most} bytes, and beyond that it goes when those that ended before are gone"
        ),
        Some(most) => format!(
            "the store keeps {kept} of at most {most} bytes, and beyond that all that are finished go before it"
        ),
        None => "the store's bytes are not limited".into(),
    };
    format!("by {}: {by_age}; {by_rows}; {by_bytes}", rule(verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_words_in_which_it_is_given() {
        for (seconds, text) in [
            (30 * 86_400, "30d"),
            (90 * 60, "1h30m"),
            (86_401, "1d1s"),
            (59, "59s"),
        ] {
            assert_eq!(friendly(seconds), text);
        }
    }
}
