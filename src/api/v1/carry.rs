//! A history that is carried out, as lines, and in. Does I/O through reader and writer.

use std::io;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, http::StatusCode};
use futures::Stream;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::answers::place;
use super::ask::{pairs, time, unknown};
use super::error::Error;
use super::executions::no_query;
use super::params;
use super::wire::ErrorBody;
use crate::api::asked::Asked;
use crate::model::{Extent, Part};
use crate::moving::{self, Reader, Writer};
use crate::query::Snapshot;

/// The most bytes of what is imported in one request.
const MAX_IMPORT: usize = 32 << 20;
/// About how many bytes are sent at once.
const CHUNK: usize = 64 << 10;

static EXECUTIONS: HeaderName = HeaderName::from_static("dagtrail-executions");

/// What became of an import.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Imported {
    /// Rows that are new, or have changed.
    changed: u64,
    /// Rows that said nothing new.
    known: u64,
    /// Origins whose execution was deleted or pruned here, at or after the time that they tell of.
    buried: u64,
}

/// All that is known, or some of it, as lines: to be kept, or imported elsewhere.
///
/// What it shows is what was known at one moment, whose position `Dagtrail-Seq` tells; writing goes on meanwhile. The first line is a
/// header, the last has counts and the SHA-256 of all lines before: what ends without it was cut off. Of each execution the
/// whole history comes. docs/moving.md describes the lines.
#[utoipa::path(
    get, path = "/v1/export", tag = "operations", operation_id = "export",
    params(params::Export),
    responses(
        (status = 200, description = "The lines.", body = String, content_type = "application/x-ndjson"),
        (status = 400, description = "A query parameter is wrong; it is named.", body = ErrorBody),
        (status = 404, description = "No execution has this id or alias.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn export(Asked(state): Asked, uri: Uri) -> Result<Response, Error> {
    let mut extent = Extent::default();
    for (key, value) in pairs(&uri)? {
        match key.as_str() {
            "namespace" => extent.tenant = Some(value.into()),
            "since" => extent.since = Some(time(&key, &value, 0)?),
            "execution" => {
                let keys = state.reader.get(&value).await?.keys();
                extent.executions = Some(keys.into_iter().collect());
            }
            _ => return Err(unknown(&key, "execution, namespace and since")),
        }
    }
    let (extent, snapshot) = state.reader.snapshot(extent).await?;
    let (seq, executions) = (snapshot.seq, snapshot.executions);
    let lines = Body::from_stream(lines(extent, snapshot, state.stopping.clone()));
    let mut answer = (StatusCode::OK, lines).into_response();
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-ndjson"),
    );
    headers.insert(&EXECUTIONS, HeaderValue::from(executions));
    place(headers, seq, state.reader.store_id());
    Ok(answer)
}

/// What is still to be sent.
struct Rest {
    extent: Extent,
    snapshot: Snapshot,
    /// `None` before the first line and behind the last.
    writer: Option<Writer<Vec<u8>>>,
    is_over: bool,
}

impl Rest {
    /// The next bytes; none behind the end. Waits for the disk.
    fn chunk(&mut self) -> Result<Vec<u8>, moving::Error> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => Writer::new(Vec::new(), &self.extent)?,
        };
        while writer.written().len() < CHUNK {
            let Some(part) = self.snapshot.parts.next() else {
                self.is_over = true;
                return Ok(writer.finish()?.1);
            };
            writer.part(&part?)?;
        }
        let chunk = std::mem::take(writer.written());
        self.writer = Some(writer);
        Ok(chunk)
    }
}

/// The disk is read as fast as the lines are taken. What fails on the way breaks the answer off: without its end nobody
/// takes it for whole.
fn lines(
    extent: Extent,
    snapshot: Snapshot,
    stopping: CancellationToken,
) -> impl Stream<Item = io::Result<Vec<u8>>> {
    let mut rest = Rest {
        extent,
        snapshot,
        writer: None,
        is_over: false,
    };
    async_stream::try_stream! {
        loop {
            if stopping.is_cancelled() {
                Err::<(), _>(io::Error::other("the server is stopping"))?;
            }
            let next = move || (rest.chunk(), rest);
            let (chunk, left) = tokio::task::spawn_blocking(next).await.map_err(io::Error::other)?;
            let chunk = chunk.map_err(|error| {
                tracing::error!("an export has broken off: {error}");
                io::Error::other(error)
            })?;
            if chunk.is_empty() {
                return;
            }
            yield chunk;
            rest = left;
        }
    }
}

/// Takes in what was exported, here or elsewhere.
///
/// The lines of a whole export, up to 32 MiB, also with gzip; `dagtrail import` takes a larger one apart. Nothing is written of lines that are not whole.
/// Of each origin the higher count stands, as always, so that it is harmless to import something again, or something that is
/// known in part; what was deleted or pruned here stays away.
#[utoipa::path(
    post, path = "/v1/import", tag = "operations", operation_id = "import",
    request_body(content = String, content_type = "application/x-ndjson"),
    responses(
        (status = 200, description = "It is on disk.", body = Imported),
        (status = 400, description = "It is not whole, or no export that can be read here; nothing was written.", body = ErrorBody),
        (status = 403, description = "It has something of a namespace that these credentials may not tell of; nothing was written.", body = ErrorBody),
        (status = 408, description = "The body did not arrive within 30 s.", body = ErrorBody),
        (status = 413, description = "More bytes than the limit.", body = ErrorBody),
        (status = 415, description = "Packed otherwise than with gzip.", body = ErrorBody),
        (status = 503, description = "The store cannot write now; a retry is safe.", body = ErrorBody),
    )
)]
pub(in crate::api) async fn import(
    Asked(state): Asked,
    uri: Uri,
    request: Request,
) -> Result<Json<Imported>, Error> {
    no_query(&uri)?;
    let body = state.bodies.read(request, MAX_IMPORT).await?;
    let read = tokio::task::spawn_blocking(move || parts(&body)).await;
    let parts = read
        .map_err(|error| Error::Internal(error.to_string()))?
        .map_err(|error| Error::Body(format!("{error}; nothing was written")))?;
    let done = state.ingest.restore(parts).await?;
    Ok(Json(Imported {
        changed: done.changed,
        known: done.known,
        buried: done.buried,
    }))
}

/// All parts, of what is whole.
fn parts(lines: &[u8]) -> Result<Vec<Part>, moving::Error> {
    let mut reader = Reader::open(lines)?;
    let mut parts = Vec::new();
    while let Some(part) = reader.next_part()? {
        parts.push(part);
    }
    Ok(parts)
}
