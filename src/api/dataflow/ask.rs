//! The query parameters that every Google API has. Pure.

use axum::extract::{Query, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::error::Error;
use super::fields::Fields;

/// How an error is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    V1,
    /// With `details`.
    #[default]
    V2,
}

/// What was asked for beside the path. What is not named here is accepted and means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) format: Format,
    pub(super) is_pretty: bool,
    /// Which parts of the answer are wanted, if not all.
    pub(super) fields: Option<Fields>,
}

impl Ask {
    /// # Errors
    ///
    /// If the answer is wanted in a form that there is not, or no part of it that there could be.
    pub(super) fn parse(uri: &Uri) -> Result<Self, Error> {
        let pairs = pairs(uri);
        let mut ask = Self {
            format: format(uri),
            is_pretty: true,
            fields: None,
        };
        for (key, value) in &pairs {
            match (key.as_str(), value.as_str()) {
                ("prettyPrint" | "pp", "false" | "0") => ask.is_pretty = false,
                ("fields", "") => {}
                ("fields", text) => {
                    ask.fields = Some(Fields::parse(text).map_err(Error::Fields)?);
                }
                ("alt" | "$.alt", "json" | "") => {}
                ("alt" | "$.alt", other) => return Err(Error::Alt(other.to_owned())),
                _ => {}
            }
        }
        Ok(ask)
    }
}

/// How errors are to be written, whatever else is wrong with the query.
pub(super) fn format(uri: &Uri) -> Format {
    let is_v1 = |(key, value): &(String, String)| {
        // Clients made by apitools write it as an identifier.
        matches!(key.as_str(), "$.xgafv" | "f__xgafv") && value == "1"
    };
    if pairs(uri).iter().any(is_v1) {
        Format::V1
    } else {
        Format::V2
    }
}

fn pairs(uri: &Uri) -> Vec<(String, String)> {
    // What is no query holds no parameters that mean something.
    Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_or_else(|_| Vec::new(), |Query(pairs)| pairs)
}

/// A token may stand in the query instead of the header.
pub(super) async fn credentials(mut request: Request, next: Next) -> Response {
    if !request.headers().contains_key(AUTHORIZATION) {
        let given = pairs(request.uri()).into_iter();
        let mut tokens =
            given.filter(|(key, _)| matches!(key.as_str(), "access_token" | "oauth_token"));
        let header = tokens.next().map(|(_, token)| format!("Bearer {token}"));
        let header = header.and_then(|header| HeaderValue::try_from(header).ok());
        if let Some(mut header) = header {
            header.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, header);
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_of_the_second_format_unless_the_first_is_asked_for() {
        for (query, wanted) in [
            ("", Format::V2),
            ("?%24.xgafv=1", Format::V1),
            ("?$.xgafv=2&alt=json", Format::V2),
            ("?f__xgafv=1", Format::V1),
            ("?%24.xgafv=x", Format::V2),
        ] {
            let uri: Uri = format!("/v1b3/x{query}").parse().unwrap();
            assert_eq!(format(&uri), wanted, "{query}");
        }
    }

    #[test]
    fn only_json_is_answered_and_every_other_parameter_is_accepted() {
        let ask = |query: &str| Ask::parse(&format!("/x?{query}").parse().unwrap());
        assert!(
            ask("prettyPrint=true&key=a&quotaUser=b&callback=c&fields=*&x=y")
                .unwrap()
                .is_pretty
        );
        assert!(
            !ask("uploadType=a&upload_protocol=b&prettyPrint=false")
                .unwrap()
                .is_pretty
        );
        assert!(matches!(ask("alt=proto"), Err(Error::Alt(alt)) if alt == "proto"));
    }
}
