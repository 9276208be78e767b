//! When a history that was read is still the same. Pure.

use std::sync::Arc;

use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, HeaderValue};

use super::accept::Representation;
use super::ask::Ask;
use crate::model::{Digester, Sample};
use crate::query::United;
use crate::text;

/// The tag of what a query gives as long as no row of these executions changes, nor a sample that is shown. Weak: it stands for the content, not
/// for the bytes.
pub(super) fn etag(
    store: &str,
    united: &United,
    ask: &Ask,
    samples: &[Arc<Sample>],
    representation: Representation,
) -> HeaderValue {
    let limit = ask.limit.map_or(0, |limit| limit as u64);
    let mut digester = Digester::new("etag")
        .text(store)
        .text(&text::epoch().to_string())
        .text(&ask.selection().to_string())
        .number(limit)
        .text(ask.cursor.as_deref().unwrap_or_default())
        .text(ask.lang.as_str())
        .text(ask.view.as_str())
        .text(representation.media_type());
    for execution in &united.executions {
        digester = digester
            .text(&execution.key.tenant)
            .text(&execution.key.id)
            .number(execution.seq.0)
            .number(execution.pruned.0);
    }
    for sample in samples {
        digester = digester
            .text(&sample.element)
            .text(&sample.name)
            .number(sample.at.0.cast_unsigned())
            .text(&sample.value);
    }
    let tag = format!("W/\"{}\"", digester.finish());
    HeaderValue::try_from(tag).expect("hexadecimal digits and quotes are a header value")
}

/// Whether a reader says that it has this already.
pub(super) fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let wanted = opaque(tag.to_str().unwrap_or_default());
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || opaque(known) == wanted)
}

/// Weak comparison (RFC 9110, 8.8.3.2): only what is in the quotes counts.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}
