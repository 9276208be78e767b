//! Which representation of a history a reader wants. Pure.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// How a history is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Representation {
    /// One array.
    Json,
    /// One object a line.
    Lines,
    /// Server-sent events, which go on.
    Stream,
}

impl Representation {
    const ALL: [Self; 3] = [Self::Json, Self::Lines, Self::Stream];

    /// Its media type.
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Lines => "application/x-ndjson",
            Self::Stream => "text/event-stream",
        }
    }

    /// What `Accept` asks for: the highest weight, then the most specific range, then the first named. Where nothing
    /// fits, JSON, as RFC 9110 (12.5.1) lets a server do: a reader who gets something else at least sees it.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        let mut best = None;
        let accepts = headers.get_all(ACCEPT).iter();
        let ranges = accepts
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        for range in ranges {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let weight = parts
                .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                .map_or(Some(1.0), |text| text.parse::<f32>().ok())
                .unwrap_or_default();
            for candidate in Self::ALL {
                let specific = fits(name, candidate.media_type());
                // Strictly better: what was named first stays.
                if weight > 0.0
                    && specific > 0
                    && best.is_none_or(|(w, s, _)| (weight, specific) > (w, s))
                {
                    best = Some((weight, specific, candidate));
                }
            }
        }
        best.map_or(Self::Json, |(_, _, wanted)| wanted)
    }
}

/// Whether somebody wants a history as a stream.
pub(in crate::api) fn wants_stream(headers: &HeaderMap) -> bool {
    Representation::wanted(headers) == Representation::Stream
}

/// How specifically a range names a type; 0 if it does not.
fn fits(range: &str, media_type: &str) -> u8 {
    if range.eq_ignore_ascii_case(media_type) {
        return 3;
    }
    let family = media_type.split('/').next().unwrap_or_default();
    match range.strip_suffix("/*") {
        Some("*") => 1,
        Some(given) if given.eq_ignore_ascii_case(family) => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &str) -> Representation {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        Representation::wanted(&headers)
    }

    #[test]
    fn the_heaviest_range_wins_then_the_most_specific_then_the_first() {
        for (accept, representation) in [
            ("*/*", Representation::Json),
            ("text/event-stream", Representation::Stream),
            ("text/event-stream, */*", Representation::Stream),
            ("*/*, text/event-stream;q=0.9", Representation::Json),
            (
                "application/x-ndjson, application/json",
                Representation::Lines,
            ),
            (
                "application/json;q=0.5, application/x-ndjson",
                Representation::Lines,
            ),
            ("application/*", Representation::Json),
            (
                "text/html,application/xhtml+xml,*/*;q=0.8",
                Representation::Json,
            ),
            ("TEXT/Event-Stream; charset=utf-8", Representation::Stream),
            (
                "text/event-stream;q=0, application/json",
                Representation::Json,
            ),
            ("image/png", Representation::Json),
            ("", Representation::Json),
            (";;,q=,,/", Representation::Json),
        ] {
            assert_eq!(wanted(accept), representation, "{accept}");
        }
        assert_eq!(
            Representation::wanted(&HeaderMap::new()),
            Representation::Json
        );
    }
}
