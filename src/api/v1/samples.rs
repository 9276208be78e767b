//! `GET` of the samples of an execution: measured values of its elements, the latest of each. Does I/O through the
//! reader.

use axum::Json;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};

use super::beside::measured;
use super::error::Error;
use super::executions::no_query;
use super::path::At;
use super::wire::{ErrorBody, MeasuredOf};
use crate::api::asked::Asked;

/// The samples of an execution.
///
/// Values that were measured of its elements, by element and name: of each the latest. They are no rows of the history;
/// its full view shows them too, on the last row of their element. Of an execution the latest 4096 are kept.
#[utoipa::path(
    get, path = "/v1/executions/{id}/samples", tag = "events", operation_id = "getSamples",
    params(("id" = String, Path, description = "The execution's id, or an alias of it.")),
    responses(
        (status = 200, description = "The samples.", body = Vec<MeasuredOf<'_>>),
        (status = 400, description = "It takes no query parameter.", body = ErrorBody),
        (status = 404, description = "No execution has this id or alias.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn samples(
    Asked(state): Asked,
    At(id): At<String>,
    uri: Uri,
) -> Result<Response, Error> {
    no_query(&uri)?;
    let united = state.reader.get(&id).await?;
    let samples = state.reader.samples(united.keys()).await?;
    let shown = samples.iter().filter_map(|sample| {
        Some(MeasuredOf {
            elem_id: &sample.element,
            name: &sample.name,
            measured: measured(sample)?,
        })
    });
    Ok(Json(shown.collect::<Vec<_>>()).into_response())
}
