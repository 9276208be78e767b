//! `POST` of events: all of a request, or nothing of it. Does I/O through the writer.

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;

use super::convert::Converter;
use super::error::Error;
use super::items;
use super::wire::Created;
use crate::api::asked::Asked;
use crate::model::{Code, Observation, Outcome};

/// The most bytes of a body.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// Takes a chunk in. The answer comes when all of it is on disk. Sent again, it adds nothing.
pub(super) async fn create(
    Asked(state): Asked,
    request: Request,
) -> Result<(StatusCode, Json<Created>), Error> {
    items::check_type(request.headers())?;
    let body = state.bodies.read(request, MAX_BODY).await?;
    let tenant = state.tenant.clone();
    // So much takes a while: not where others wait for their turn. The body is held until all of it is on disk, for
    // the room that it takes.
    let taken = tokio::task::spawn_blocking(move || {
        let mut converter = Converter::new(&tenant);
        items::each(items::text(&body)?, &mut |index, item| {
            converter.take(index, item);
        })?;
        if converter.faults.is_empty() {
            Ok((converter.tellings, body))
        } else {
            Err(Error::Invalid(converter.faults))
        }
    });
    let (tellings, _body) = taken.await.map_err(|error| Error::Failed {
        code: Code::Internal,
        message: error.to_string(),
    })??;
    let mut created = Created {
        ids: (tellings.iter())
            .map(|telling| Some((&*telling.name).into()))
            .collect(),
        ..Created::default()
    };
    let observations = tellings.into_iter().map(Observation::Event).collect();
    let outcomes = state.ingest.submit(observations).await?;
    for (id, outcome) in created.ids.iter_mut().zip(outcomes) {
        match outcome {
            Outcome::Created(..) | Outcome::Merged(..) => created.created += 1,
            Outcome::Duplicate(_) | Outcome::Noted => created.duplicates += 1,
            Outcome::Buried => {
                created.dropped += 1;
                *id = None;
            }
        }
    }
    if created.dropped > 0 && created.dropped == created.ids.len() {
        return Err(Error::Buried);
    }
    Ok((StatusCode::CREATED, Json(created)))
}
