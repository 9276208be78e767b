//! Who asks, and what that allows. Pure.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;

use super::jwt::Signer;
use super::tokens::{Grant, Tokens};

/// Whom the server knows; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Access {
    tokens: Option<Arc<Tokens>>,
    signer: Option<Arc<Signer>>,
    proxies: Arc<[IpNet]>,
}

/// The address that a connection comes from, as an extension of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No credentials came along.
    #[error("credentials are missing: send a bearer token")]
    Missing,
    /// They are not known.
    #[error("the credentials are not known")]
    Wrong,
}

impl Access {
    /// Nobody is asked who they are.
    #[must_use]
    pub fn open() -> Self {
        Self::default()
    }

    /// Only holders of these tokens are let in.
    #[must_use]
    pub fn by_tokens(tokens: Tokens) -> Self {
        Self {
            tokens: Some(Arc::new(tokens)),
            ..Self::default()
        }
    }

    /// The same, and who holds one of the tokens may have short-lived ones signed for it, which allow as much.
    ///
    /// # Errors
    ///
    /// A name that two tokens have: what is signed carries the name alone.
    pub fn signing(self, signer: Signer) -> Result<Self, Arc<str>> {
        if let Some(name) = self.tokens().and_then(Tokens::name_of_two) {
            return Err(name);
        }
        Ok(Self {
            signer: Some(Arc::new(signer)),
            ..self
        })
    }

    /// A short-lived token for who knows one of the tokens; `None` if this server signs none.
    ///
    /// # Errors
    ///
    /// If it is not known. What was signed before is no such token: nobody stays for longer by it.
    pub fn renewed(&self, secret: &str) -> Result<Option<String>, Denied> {
        let (Some(tokens), Some(signer)) = (&self.tokens, &self.signer) else {
            return Ok(None);
        };
        let grant = tokens.grant(secret).ok_or(Denied::Wrong)?;
        Ok(signer.sign(&grant.name))
    }

    /// The same, but what these proxies say of who asks is believed.
    #[must_use]
    pub fn behind(self, proxies: Vec<IpNet>) -> Self {
        Self {
            proxies: proxies.into(),
            ..self
        }
    }

    /// Whether a connection from there is a proxy's that is believed.
    #[must_use]
    pub fn trusts(&self, peer: Peer) -> bool {
        let address = peer.0.to_canonical();
        self.proxies.iter().any(|net| net.contains(&address))
    }

    /// Whether nobody is asked who they are.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.tokens.is_none()
    }

    /// What somebody may do who sends these headers: `Authorization` with a bearer token, or basic with `user:password`,
    /// or `X-Auth-Token`, as the Gene Container Service's clients send it. `None`: everything, nobody is asked.
    ///
    /// # Errors
    ///
    /// If there are no credentials, or none that is known.
    pub fn of_headers(&self, headers: &HeaderMap) -> Result<Option<Arc<Grant>>, Denied> {
        match secret(headers) {
            Some(secret) => self.of_secret(&secret),
            None if self.is_open() => Ok(None),
            None => Err(Denied::Missing),
        }
    }

    /// What somebody may do who knows this secret, or holds what was signed for one who does. `None`: everything, nobody is asked.
    ///
    /// # Errors
    ///
    /// If it is not known.
    pub fn of_secret(&self, secret: &str) -> Result<Option<Arc<Grant>>, Denied> {
        match &self.tokens {
            None => Ok(None),
            Some(tokens) => tokens
                .grant(secret)
                .or_else(|| tokens.named(&self.signer.as_ref()?.name_in(secret)?))
                .map(Some)
                .ok_or(Denied::Wrong),
        }
    }

    /// The tokens, if there are any.
    #[must_use]
    pub fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_deref()
    }
}

/// The secret that headers carry.
fn secret(headers: &HeaderMap) -> Option<String> {
    let text = |value: &axum::http::HeaderValue| value.to_str().ok().map(str::to_owned);
    let Some(given) = headers.get(AUTHORIZATION).and_then(text) else {
        return headers.get("x-auth-token").and_then(text);
    };
    let (scheme, rest) = given.split_once(' ').unwrap_or((&given, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        Some(rest.trim().to_owned())
    } else if scheme.eq_ignore_ascii_case("basic") {
        let decoded = STANDARD.decode(rest.trim()).ok();
        // What cannot be decoded is no secret that anybody knows.
        Some(decoded.map_or_else(String::new, |bytes| {
            String::from_utf8(bytes).unwrap_or_default()
        }))
    } else {
        Some(String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &'static str, value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        secret(&headers)
    }

    #[test]
    fn a_proxy_is_believed_by_its_address_also_when_that_is_mapped_into_ipv6() {
        let nets = ["10.0.0.0/8", "::1/128"].map(|net| net.parse().unwrap());
        let access = Access::open().behind(nets.to_vec());
        for (address, trusted) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("::1", true),
            ("11.1.2.3", false),
            ("127.0.0.1", false),
        ] {
            let peer = Peer(address.parse().unwrap());
            assert_eq!(access.trusts(peer), trusted, "{address}");
            assert!(!Access::open().trusts(peer), "nobody is believed unasked");
        }
    }

    #[test]
    fn a_secret_comes_as_bearer_as_basic_or_in_the_header_of_the_gene_container_service() {
        for (name, value, secret) in [
            ("authorization", "Bearer abc", Some("abc")),
            ("authorization", "bearer  abc", Some("abc")),
            (
                "authorization",
                "Basic YWRtaW46cGFzcw==",
                Some("admin:pass"),
            ),
            ("authorization", "Basic %", Some("")),
            ("authorization", "Digest x", Some("")),
            ("authorization", "abc", Some("")),
            ("x-auth-token", "abc", Some("abc")),
            ("x-other", "abc", None),
        ] {
            assert_eq!(found(name, value).as_deref(), secret, "{name}: {value}");
        }
    }
}
