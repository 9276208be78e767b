//! What stands before the routes: who is not known is refused, and, by a server on loopback without authentication, a
//! web page of another site that talks to it through the user's browser (DNS rebinding sends a foreign `Host`, a
//! cross-site request a foreign `Origin`). Pure.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN, WWW_AUTHENTICATE};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::access::Access;
use super::tokens::Grant;
use crate::model::Code;

/// Writes a refusal in the words of the dialect that a path belongs to.
pub type Renderer = fn(&Uri, Code, &str) -> Response;

/// Who was let in, as an extension of the request: with a grant, or without one where nobody is asked.
#[derive(Clone, Debug)]
pub struct Admitted(pub Option<Arc<Grant>>);

/// Lets a request pass that addresses this machine by a loopback name and does not come from another site.
pub async fn loopback_only(render: Renderer, request: Request, next: Next) -> Response {
    match check(request.headers(), request.uri()) {
        Ok(()) => next.run(request).await,
        Err(problem) => render(request.uri(), Code::PermissionDenied, &problem),
    }
}

/// Lets a request pass whose sender is known, and says to the routes who that is.
pub async fn known_only(
    access: Access,
    render: Renderer,
    mut request: Request,
    next: Next,
) -> Response {
    match access.of_headers(request.headers()) {
        Ok(grant) => {
            request.extensions_mut().insert(Admitted(grant));
            next.run(request).await
        }
        Err(denied) => {
            let mut answer = render(request.uri(), Code::Unauthenticated, &denied.to_string());
            // RFC 9110, 11.6.1: a 401 names what would be understood.
            let schemes = HeaderValue::from_static("Bearer realm=\"dagtrail\"");
            answer.headers_mut().insert(WWW_AUTHENTICATE, schemes);
            answer
        }
    }
}

/// # Errors
///
/// A sentence that names the header.
fn check(headers: &HeaderMap, uri: &Uri) -> Result<(), String> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    // HTTP/2 carries the host in the request's authority instead.
    let host = text(HOST)
        .or_else(|| uri.authority().map(Authority::as_str))
        .unwrap_or("");
    if !is_loopback_name(host) {
        return Err(format!(
            "host {host:?} is refused: without authentication only localhost, 127.0.0.1 and [::1] are served"
        ));
    }
    let Some(origin) = text(ORIGIN) else {
        return Ok(());
    };
    let own = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    if own != Some(host) {
        return Err(format!(
            "origin {origin:?} is refused: without authentication only pages of this server may ask"
        ));
    }
    Ok(())
}

/// Whether a `host[:port]` names this machine.
fn is_loopback_name(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port))
            if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            name
        }
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        check(&headers, &Uri::from_static("/v1/executions")).is_ok()
    }

    #[test]
    fn loopback_names_pass_with_any_port() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:9",
            "[::1]",
            "[::1]:8080",
        ] {
            assert!(asked(host, None), "{host}");
        }
    }

    #[test]
    fn a_rebound_name_is_refused() {
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example:8080",
            "localhost.evil.example",
            "127.0.0.2",
            "localhost:",
        ] {
            assert!(!asked(host, None), "{host}");
        }
    }

    #[test]
    fn only_pages_of_this_server_may_ask() {
        assert!(asked("localhost:8080", Some("http://localhost:8080")));
        for origin in [
            "null",
            "http://evil.example",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "localhost:8080",
        ] {
            assert!(!asked("localhost:8080", Some(origin)), "{origin}");
        }
    }
}
