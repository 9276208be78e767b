//! What stands before the routes: who is not known is refused, and, by a server on loopback without authentication, a
//! web page of another site that talks to it through the user's browser (DNS rebinding sends a foreign `Host`, a
//! cross-site request a foreign `Origin`). Does I/O where Kubernetes is asked.

use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;

use super::access::{Access, Denied};
use super::admission::Admission;
use super::asking::{Asking, Verb};
use super::gate::Full;
use super::kept;
use crate::model::Code;

/// When to come again after Kubernetes did not say who somebody is.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Writes a refusal in the words of the dialect that a path belongs to.
pub type Renderer = fn(&Uri, Code, &str) -> Response;

/// Who was let in, as an extension of the request.
#[derive(Clone, Debug)]
pub struct Admitted(pub Admission);

/// Lets a request pass that addresses this machine by a loopback name and does not come from another site.
pub async fn loopback_only(render: Renderer, request: Request, next: Next) -> Response {
    match check(request.headers(), request.uri()) {
        Ok(()) => next.run(request).await,
        Err(problem) => render(request.uri(), Code::PermissionDenied, &problem),
    }
}

/// Lets a request pass whose sender is known and may do what is asked, and says to the routes who that is.
pub async fn known_only(
    access: Access,
    render: Renderer,
    asking: Asking,
    request: Request,
    next: Next,
) -> Response {
    let verb = asking.verb;
    match access.by_headers(request.headers(), asking).await {
        Ok(admission) => let_in(&access, render, admission, verb, request, next).await,
        Err(denied) => deny(render, request.uri(), denied),
    }
}

/// Lets a request of somebody known pass, within the limits. A stream is broken off when it is no longer allowed.
pub async fn let_in(
    access: &Access,
    render: Renderer,
    admission: Admission,
    verb: Option<Verb>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Err(denied) = admission.check() {
        return deny(render, request.uri(), denied);
    }
    let gate = access.gate();
    let user = admission.user();
    let uri = request.uri().clone();
    let asked = verb.unwrap_or(Verb::Get);
    if let Err(full) = gate.count(user.as_ref(), asked) {
        return send_away(render, &uri, full);
    }
    let stream = match verb {
        Some(Verb::Watch) => match gate.stream(user) {
            Ok(room) => Some(room),
            Err(full) => return send_away(render, &uri, full),
        },
        _ => None,
    };
    let room = match gate.request(asked).await {
        Ok(room) => room,
        Err(full) => return send_away(render, &uri, full),
    };
    request.extensions_mut().insert(Admitted(admission.clone()));
    let answer = next.run(request).await;
    drop(room);
    let kind = answer.headers().get(CONTENT_TYPE);
    if kind.is_none_or(|kind| !kind.as_bytes().starts_with(b"text/event-stream")) {
        return answer;
    }
    // What anybody may is taken from nobody.
    let is_known = admission.grant().is_some();
    let revoked = is_known.then(|| async move { admission.revoked().await }.boxed());
    answer.map(|body| kept::until(body, stream, revoked))
}

/// Says to somebody why not, in the words of the dialect.
pub fn deny(render: Renderer, uri: &Uri, denied: Denied) -> Response {
    let (code, header) = match denied {
        // RFC 9110, 11.6.1: a 401 names what would be understood.
        Denied::Missing | Denied::Wrong => (
            Code::Unauthenticated,
            Some((
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"dagtrail\""),
            )),
        ),
        Denied::Forbidden | Denied::TooMany => (Code::PermissionDenied, None),
        Denied::Unavailable => (Code::Unavailable, Some((RETRY_AFTER, seconds(ASK_AGAIN)))),
    };
    let mut answer = render(uri, code, &denied.to_string());
    if let Some((name, value)) = header {
        answer.headers_mut().insert(name, value);
    }
    answer
}

/// Says to somebody when to come again: 429 for who asks too much, 503 for who is one too many.
pub(super) fn send_away(render: Renderer, uri: &Uri, full: Full) -> Response {
    let code = if full.of.is_own() {
        Code::ResourceExhausted
    } else {
        Code::Unavailable
    };
    let after = seconds(full.after);
    let sentence = format!(
        "{}: a retry is safe after {} s",
        full.of.sentence(),
        after.to_str().unwrap_or("1")
    );
    let mut answer = render(uri, code, &sentence);
    answer.headers_mut().insert(RETRY_AFTER, after);
    answer
}

/// Whole seconds, at least one.
fn seconds(time: Duration) -> HeaderValue {
    let seconds = time.as_millis().div_ceil(1000).max(1);
    HeaderValue::from(u64::try_from(seconds).unwrap_or(1))
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
