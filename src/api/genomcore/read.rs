//! `POST` of a query: every row that the asker may see, in this dialect's shape. Does I/O through the reader.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use axum::response::IntoResponse;

use super::ask::Ask;
use super::error::Error;
use super::items;
use super::names::Names;
use super::page::{Before, Place};
use super::seen::Seen;
use crate::api::asked::Asked;
use crate::model::{Code, Order, Row};
use crate::query::{Reader, Scope, Top};

/// The most bytes of a query.
const MAX_BODY: usize = 1024 * 1024;

/// A page of events, and how many there are in all.
pub(super) async fn query(
    Asked(state): Asked,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    items::check_type(request.headers())?;
    let uri = request.uri().clone();
    let body = state.bodies.read(request, MAX_BODY).await?;
    let ask = Arc::new(Ask::read(&uri, &body)?);
    drop(body);
    let (names, scope) = Names::look_up(&ask.filter, &state.reader).await?;
    let names = Arc::new(names);
    let after = match ask.before_page() {
        0 => Some(None),
        many => begin(&state.reader, &ask, &names, scope.clone(), many)
            .await?
            .map(Some),
    };
    let (rows, total) = page(&state.reader, ask.clone(), names, scope, after).await?;
    let json = HeaderValue::from_static("application/json");
    let header: [(HeaderName, HeaderValue); 1] = [(CONTENT_TYPE, json)];
    Ok((header, write(&rows, &ask, total)?))
}

/// The place that a page begins behind; `None` if there are not so many events.
async fn begin(
    reader: &Reader,
    ask: &Arc<Ask>,
    names: &Arc<Names>,
    scope: Scope,
    many: usize,
) -> Result<Option<Place>, Error> {
    let (ask, names) = (ask.clone(), names.clone());
    let (before, _) = reader
        .fold(scope, Before::new(many), move |before, row| {
            let seen = Seen::of(row);
            if ask.matches(&seen, &names) {
                before.offer(ask.place(&seen));
            }
        })
        .await?;
    before.last().map_err(|()| {
        Error::invalid(
            "page is too far for an order by such long texts: ask for less by filter, beforeDate and afterDate",
        )
    })
}

/// The rows behind a place, and how many there are on all pages; without `after` only that.
async fn page(
    reader: &Reader,
    ask: Arc<Ask>,
    names: Arc<Names>,
    scope: Scope,
    after: Option<Option<Place>>,
) -> Result<(Vec<Arc<Row>>, u64), Error> {
    let top = after.map(|after| Top::new(Order::Ascending, after, ask.size));
    let see = move |(top, total): &mut (Option<Top<Place>>, u64), row: &Arc<Row>| {
        let seen = Seen::of(row);
        if ask.matches(&seen, &names) {
            *total += 1;
            if let Some(top) = top {
                top.offer(ask.place(&seen), row);
            }
        }
    };
    let ((top, total), _) = reader.fold(scope, (top, 0), see).await?;
    let rows = top.map(|top| top.into_rows().0).unwrap_or_default();
    Ok((rows.into_iter().map(|(_, row)| row).collect(), total))
}

/// All rows, straight into one buffer.
fn write(rows: &[Arc<Row>], ask: &Ask, total: u64) -> Result<Vec<u8>, Error> {
    const ROW: usize = 384;
    let mut body = Vec::with_capacity(ROW * rows.len() + 64);
    body.extend_from_slice(b"{\"items\":[");
    for (at, row) in rows.iter().enumerate() {
        if at > 0 {
            body.push(b',');
        }
        let written = Seen::of(row).shown(|item| serde_json::to_writer(&mut body, item));
        written.map_err(|error| Error::Failed {
            code: Code::Internal,
            message: error.to_string(),
        })?;
    }
    let (page, size) = (ask.page, ask.size);
    let rest = format!("],\"page\":{page},\"pageSize\":{size},\"total\":{total}}}");
    body.extend_from_slice(rest.as_bytes());
    Ok(body)
}
