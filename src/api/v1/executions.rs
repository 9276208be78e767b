//! The executions themselves: listed, looked at, given another name, deleted. Does I/O through reader and writer.

use axum::Json;
use axum::http::{StatusCode, Uri};

use super::ask::{SECOND_END, pairs, time, unknown};
use super::error::Error;
use super::gcs::{self, ExecutionList, ExecutionView};
use super::path::At;
use super::view::View;
use super::wire::ErrorBody;
use super::{params, resolve, summary};
use crate::api::asked::Asked;
use crate::model::{ExecutionFact, ExecutionFilter, Observation, Outcome};

/// The most executions of one answer, and how many are given unless asked.
pub(super) const MAX_LIMIT: usize = 1000;
/// The same of the full view, for which the rows of each are read.
const MAX_FULL: usize = 200;
/// The longest alias, in bytes.
const MAX_ALIAS: usize = 1024;

/// Executions, the newest first.
///
/// The first 1000 unless `limit` and `offset` say otherwise, which come together; `total_num` says how many there are.
/// With `view=full` each has a `summary` of its history, and 200 are the most.
#[utoipa::path(
    get, path = "/v1/executions", tag = "executions", operation_id = "listExecutions",
    params(params::Executions),
    responses(
        (status = 200, description = "The executions that pass.", body = ExecutionList),
        (status = 400, description = "A query parameter is wrong; it is named.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn list(
    Asked(state): Asked,
    uri: Uri,
) -> Result<Json<ExecutionList>, Error> {
    let mut filter = ExecutionFilter::default();
    let (mut limit, mut offset, mut none) = (None, None, false);
    let mut view = View::Plain;
    for (key, value) in pairs(&uri)? {
        match key.as_str() {
            "limit" => limit = Some(number(&key, &value)?),
            "offset" => offset = Some(number(&key, &value)?),
            "project_id" | "name" | "workflow_name" | "status" | "batch_name"
                if value.is_empty() => {}
            "project_id" => filter.tenant = Some(value.into()),
            "name" => filter.name_contains = Some(value.into()),
            "workflow_name" | "batch_name" => none = true,
            "since" => filter.since = Some(time(&key, &value, 0)?),
            "until" => filter.until = Some(time(&key, &value, SECOND_END)?),
            "view" => view = View::parse(&value)?,
            "status" => {
                filter.phase = gcs::phase(&value).map_err(|words| {
                    Error::query(
                        "status",
                        format!("is {value:?}, and must be one of {words}"),
                    )
                })?;
                none |= filter.phase.is_none();
            }
            _ => {
                let known = "project_id, name, workflow_name, batch_name, status, since, until, view, offset and limit";
                return Err(unknown(&key, known));
            }
        }
    }
    let most = match view {
        View::Plain => MAX_LIMIT,
        View::Full => MAX_FULL,
    };
    let (limit, offset) = match (limit, offset) {
        (Some(limit), Some(offset)) => (limit, offset),
        (None, None) => (most, 0),
        (Some(_), None) => return Err(Error::LimitOffset("limit comes with offset".into())),
        (None, Some(_)) => return Err(Error::LimitOffset("offset comes with limit".into())),
    };
    if limit > most {
        let problem = format!("limit is {limit}, and {most} is the most");
        return Err(Error::LimitOffset(problem));
    }
    let (found, total_num) = if none {
        (Vec::new(), 0)
    } else {
        state.reader.executions(filter, offset, limit).await?
    };
    let mut executions = Vec::with_capacity(found.len());
    for execution in &found {
        let mut shown = gcs::listed(execution);
        if view == View::Full {
            shown.summary = Some(summary::of(&state.reader, execution).await?);
        }
        executions.push(shown);
    }
    Ok(Json(ExecutionList {
        executions,
        total_num,
    }))
}

fn number(key: &str, value: &str) -> Result<usize, Error> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        let problem = format!("{key} is {value:?}, and must be digits");
        return Err(Error::LimitOffset(problem));
    }
    // More than can be counted is behind all that there is.
    Ok(value.parse().unwrap_or(usize::MAX))
}

/// One execution, by its id or an alias.
#[utoipa::path(
    get, path = "/v1/executions/{id}", tag = "executions", operation_id = "getExecution",
    params(("id" = String, Path, description = "The execution's id, or an alias of it.")),
    responses(
        (status = 200, description = "The execution.", body = ExecutionView),
        (status = 400, description = "It takes no query parameter.", body = ErrorBody),
        (status = 404, description = "No execution has this id or alias.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get(
    Asked(state): Asked,
    At(id): At<String>,
    uri: Uri,
) -> Result<Json<ExecutionView>, Error> {
    no_query(&uri)?;
    let united = state.reader.get(&id).await?;
    gcs::united(&united, &id)
        .map(Json)
        .ok_or(Error::UnknownExecution(id))
}

/// The newest execution of a name.
#[utoipa::path(
    get, path = "/v1/executions/{namespace}/{kind}/{name}", tag = "executions", operation_id = "getNamedExecution",
    params(
        ("namespace" = String, Path, description = "Its namespace.", example = "demo"),
        ("kind" = String, Path, description = "Its kind, `job` or `job.batch` for instance.", example = "dag"),
        ("name" = String, Path, description = "Its name.", example = "training"),
    ),
    responses(
        (status = 200, description = "The execution.", body = ExecutionView),
        (status = 400, description = "It takes no query parameter.", body = ErrorBody),
        (status = 404, description = "No execution has this name.", body = ErrorBody),
        (status = 409, description = "The kind fits two groups; both are named.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_named(
    asked: Asked,
    At((namespace, kind, name)): At<(String, String, String)>,
    uri: Uri,
) -> Result<Json<ExecutionView>, Error> {
    let id = resolve::newest(&asked.0.reader, &namespace, &kind, &name).await?;
    get(asked, At(id), uri).await
}

/// Says that an execution is known by another id too.
///
/// Reads by either are one history from then on; nothing is rewritten.
#[utoipa::path(
    put, path = "/v1/executions/{id}/aliases/{alias}", tag = "executions", operation_id = "putAlias",
    params(
        ("id" = String, Path, description = "The execution's id, or an alias of it."),
        ("alias" = String, Path, description = "The other id: 1 to 1024 bytes.", min_length = 1, max_length = 1024, pattern = r"\S"),
    ),
    responses(
        (status = 204, description = "It is known by it, now or before."),
        (status = 400, description = "The alias is empty or too long, or there is a query parameter.", body = ErrorBody),
        (status = 404, description = "No execution has this id or alias.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn put_alias(
    Asked(state): Asked,
    At((id, alias)): At<(String, String)>,
    uri: Uri,
) -> Result<StatusCode, Error> {
    no_query(&uri)?;
    if alias.trim().is_empty() || alias.len() > MAX_ALIAS {
        return Err(Error::Path(format!(
            "alias must have 1 to {MAX_ALIAS} bytes"
        )));
    }
    let united = state.reader.get(&id).await?;
    let Some(execution) = resolve::primary(&united, &id) else {
        return Err(Error::UnknownExecution(id));
    };
    let fact = ExecutionFact {
        key: execution.key.clone(),
        identity: None,
        created: None,
        aliases: vec![alias.into()],
    };
    let outcomes = state
        .ingest
        .submit(vec![Observation::Execution(fact)])
        .await?;
    if outcomes.contains(&Outcome::Buried) {
        // Deleted between the look and the telling.
        return Err(Error::UnknownExecution(id));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes an execution with its history, and with all executions that it is united with.
///
/// What is told afterwards of the time before is not stored again.
#[utoipa::path(
    delete, path = "/v1/executions/{id}", tag = "executions", operation_id = "deleteExecution",
    params(("id" = String, Path, description = "The execution's id, or an alias of it.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 400, description = "It takes no query parameter.", body = ErrorBody),
        (status = 404, description = "No execution has this id or alias.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn delete(
    Asked(state): Asked,
    At(id): At<String>,
    uri: Uri,
) -> Result<StatusCode, Error> {
    no_query(&uri)?;
    let united = state.reader.get(&id).await?;
    // An alias may name what another tenant has: that is not deleted from here.
    let tenant = resolve::primary(&united, &id).map(|found| found.key.tenant.clone());
    let mut deleted = false;
    for key in united.keys() {
        if Some(&key.tenant) != tenant.as_ref() {
            continue;
        }
        deleted |= state.ingest.delete(key).await?;
    }
    if deleted {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::UnknownExecution(id))
    }
}

/// Refuses every query parameter, on a route that has none.
pub(super) fn no_query(uri: &Uri) -> Result<(), Error> {
    match pairs(uri)?.first() {
        Some((key, _)) => Err(unknown(key, "none")),
        None => Ok(()),
    }
}
