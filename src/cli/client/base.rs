//! The address of a server, and the addresses of its routes. Pure.

use std::fmt;

use hyper::Uri;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::Error;

/// Where a server is: scheme, authority, and the path that it is mounted at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Base {
    text: String,
    /// In messages.
    shown: String,
}

impl Base {
    /// Reads an address such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    ///
    /// If it is no address of a server.
    pub(in crate::cli) fn parse(given: &str) -> Result<Self, Error> {
        let wrong = |problem| Error::Address {
            given: given.to_owned(),
            problem,
        };
        let uri: Uri = given.parse().map_err(|_| wrong("it is no URL"))?;
        let is_web = given.starts_with("http://") || given.starts_with("https://");
        let Some(authority) = uri.authority().filter(|_| is_web) else {
            return Err(wrong("it begins neither with http:// nor with https://"));
        };
        if authority.as_str().contains('@') {
            return Err(wrong("credentials do not belong there, use --token-file"));
        }
        if uri.query().is_some() {
            return Err(wrong("it has a query"));
        }
        let text = given.trim_end_matches('/').to_owned();
        let shown = text.clone();
        Ok(Self { text, shown })
    }

    /// Whether it is spoken with by TLS.
    pub(super) fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// A server at the end of a tunnel. It is asked as localhost: that is a name that every server answers to.
    pub(in crate::cli) fn tunnel(shown: String) -> Self {
        let text = "http://localhost".to_owned();
        Self { text, shown }
    }

    /// The address of a route: segments of a path, and a query.
    pub(super) fn route(&self, path: &[&str], query: &[(&str, String)]) -> String {
        let mut text = self.text.clone();
        for segment in path {
            text.push('/');
            text.extend(utf8_percent_encode(segment, NON_ALPHANUMERIC));
        }
        for (at, (key, value)) in query.iter().enumerate() {
            text.push(if at == 0 { '?' } else { '&' });
            text.push_str(key);
            text.push('=');
            text.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        text
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_keeps_every_character_of_an_id() {
        let base = Base::parse("https://example.com/trail/").unwrap();
        let route = base.route(
            &["v1", "executions", "a/b?c d"],
            &[("lang", "zh&en".into())],
        );
        assert_eq!(
            route,
            "https://example.com/trail/v1/executions/a%2Fb%3Fc%20d?lang=zh%26en"
        );
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused() {
        for given in [
            "",
            "localhost:8080",
            "ftp://localhost",
            "http://",
            "http://me:secret@localhost",
            "http://localhost?x=1",
            "http://local host",
        ] {
            let error = Base::parse(given).unwrap_err();
            assert!(
                error.to_string().starts_with("--server"),
                "{given}: {error}"
            );
        }
    }
}
