//! Files that are part of the program, served to browsers: each is packed once, known by its content, and tied to this
//! origin. Pure.

use std::io::Write;

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// Scripts, styles, pictures and answers come from this server only, nothing is inline, nobody frames the page, and no
/// text ever becomes markup or code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// What every asset is sent with.
const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    // Kept, and asked for each time: after an upgrade no page is made of two versions.
    (CACHE_CONTROL, "no-cache"),
    (VARY, "Accept-Encoding"),
];

/// A file and where it is served.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Routes, as axum writes them.
    pub paths: &'static [&'static str],
    /// Its `Content-Type`.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

/// An asset, ready to be sent.
#[derive(Clone)]
struct Packed {
    media_type: &'static str,
    plain: &'static [u8],
    gzip: Bytes,
    tag: HeaderValue,
}

/// Routes that serve these, to anybody: they hold nothing that is not in the program.
pub fn routes(assets: &[Asset]) -> Router {
    let mut router = Router::new();
    for asset in assets {
        let packed = Packed::of(asset);
        for path in asset.paths {
            let packed = packed.clone();
            let answer = move |headers: HeaderMap| {
                let answer = packed.answer(&headers);
                async move { answer }
            };
            router = router.route(path, get(answer));
        }
    }
    router
}

/// A file as it travels: gzip.
#[must_use]
pub fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("memory can be written to")
}

impl Packed {
    fn of(asset: &Asset) -> Self {
        let sum: [u8; 32] = Sha256::digest(asset.bytes).into();
        let digits: String = sum[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        // Weak: it stands for the content, packed or not.
        let tag = HeaderValue::try_from(format!("W/\"{digits}\""));
        Self {
            media_type: asset.media_type,
            plain: asset.bytes,
            gzip: packed(asset.bytes).into(),
            tag: tag.expect("hexadecimal digits and quotes are a header value"),
        }
    }

    fn answer(&self, asked: &HeaderMap) -> Response<Body> {
        let is_known = named(asked, IF_NONE_MATCH).any(|tag| tag == "*" || tag == self.tag);
        let takes_gzip = named(asked, ACCEPT_ENCODING).any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let is_gzip = parts.next() == Some("gzip");
            is_gzip && !parts.any(|part| part.trim_start_matches("q=").parse() == Ok(0.0))
        });
        let mut answer = Response::new(Body::empty());
        let headers = answer.headers_mut();
        for (name, value) in HEADERS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(ETAG, self.tag.clone());
        if is_known {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            return answer;
        }
        let media_type = HeaderValue::from_static(self.media_type);
        headers.insert(CONTENT_TYPE, media_type);
        *answer.body_mut() = if takes_gzip {
            let gzip = HeaderValue::from_static("gzip");
            answer.headers_mut().insert(CONTENT_ENCODING, gzip);
            Body::from(self.gzip.clone())
        } else {
            Body::from(self.plain)
        };
        answer
    }
}

/// The members of a header that is a list.
fn named(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(str::trim))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::body::to_bytes;
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    const ASSET: Asset = Asset {
        paths: &["/a", "/a/{*rest}"],
        media_type: "text/plain",
        bytes: b"a text that is a text",
    };

    async fn asked(path: &str, headers: &[(HeaderName, &str)]) -> (Response<Body>, Vec<u8>) {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let answer = routes(&[ASSET]).oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        (Response::from_parts(parts, Body::empty()), body)
    }

    #[tokio::test]
    async fn it_is_packed_for_who_takes_it_packed() {
        for (coding, is_packed) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("gzip;q=0", false),
            ("br", false),
        ] {
            let (answer, body) = asked("/a/b/c", &[(ACCEPT_ENCODING, coding)]).await;
            let is_said = answer.headers().contains_key(CONTENT_ENCODING);
            assert_eq!(is_said, is_packed, "{coding}");
            let mut text = Vec::new();
            if is_packed {
                let mut decoder = flate2::read::GzDecoder::new(&*body);
                decoder.read_to_end(&mut text).unwrap();
            } else {
                text = body;
            }
            assert_eq!(text, ASSET.bytes, "{coding}");
        }
    }

    #[tokio::test]
    async fn who_has_it_is_not_sent_it_again() {
        let (answer, _) = asked("/a", &[]).await;
        let tag = answer.headers()[ETAG].to_str().unwrap().to_owned();
        let (again, body) = asked("/a", &[(IF_NONE_MATCH, &format!("\"x\", {tag}"))]).await;
        assert_eq!((again.status(), body.len()), (StatusCode::NOT_MODIFIED, 0));
        let (other, _) = asked("/a", &[(IF_NONE_MATCH, "W/\"x\"")]).await;
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn it_is_tied_to_this_origin() {
        let (answer, _) = asked("/a", &[]).await;
        let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe") && !policy.contains("http"));
        assert_eq!(answer.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(answer.headers()[REFERRER_POLICY], "no-referrer");
    }
}
