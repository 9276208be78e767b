//! Who asks, and what that allows. Does I/O where Kubernetes is asked.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use tokio::sync::watch;

use super::admission::Admission;
use super::asking::Asking;
use super::gate::Gate;
use super::jwt::Signer;
use super::review::Reviewer;
use super::tokens::{Grant, Tokens};

/// How often it is looked at whether an open stream is still allowed.
const AGAIN: Duration = Duration::from_secs(15);

/// Whom the server knows; cheap to clone.
#[derive(Clone, Debug)]
pub struct Access {
    tokens: Option<watch::Receiver<Arc<Tokens>>>,
    signer: Option<Arc<Signer>>,
    reviewer: Option<Reviewer>,
    proxies: Arc<[IpNet]>,
    gate: Gate,
    pub(super) again: Duration,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            tokens: None,
            signer: None,
            reviewer: None,
            proxies: Arc::default(),
            gate: Gate::default(),
            again: AGAIN,
        }
    }
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
    /// They are known, and do not allow it anywhere.
    #[error("these credentials do not allow it in any namespace that is meant")]
    Forbidden,
    /// What they allow would have to be asked for too many namespaces.
    #[error(
        "the history has more namespaces than are looked at one by one: name one, or be given the right for all of them"
    )]
    TooMany,
    /// Kubernetes does not say.
    #[error(
        "the Kubernetes API server cannot be asked now who this is and what is allowed: a retry is safe"
    )]
    Unavailable,
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
        Self::open().and_tokens(watch::channel(Arc::new(tokens)).1)
    }

    /// Holders of tokens are let in, of those that there are at the time.
    #[must_use]
    pub fn and_tokens(self, tokens: watch::Receiver<Arc<Tokens>>) -> Self {
        Self {
            tokens: Some(tokens),
            ..self
        }
    }

    /// Whom Kubernetes knows is let in.
    #[must_use]
    pub fn and_reviewed(self, reviewer: Reviewer) -> Self {
        Self {
            reviewer: Some(reviewer),
            ..self
        }
    }

    /// The same, and who holds one of the tokens may have short-lived ones signed for it, which allow as much.
    ///
    /// # Errors
    ///
    /// A name that two tokens have: what is signed carries the name alone.
    pub fn signing(self, signer: Signer) -> Result<Self, Arc<str>> {
        if let Some(name) = self.tokens().and_then(|tokens| tokens.name_of_two()) {
            return Err(name);
        }
        Ok(Self {
            signer: Some(Arc::new(signer)),
            ..self
        })
    }

    /// The same, with limits on how much is asked.
    #[must_use]
    pub fn limited(self, gate: Gate) -> Self {
        Self { gate, ..self }
    }

    /// The same, but open streams are looked at again so often.
    #[must_use]
    pub fn looking_again(self, again: Duration) -> Self {
        Self { again, ..self }
    }

    /// A short-lived token for who knows one of the tokens; `None` if this server signs none.
    ///
    /// # Errors
    ///
    /// If it is not known. What was signed before is no such token: nobody stays for longer by it.
    pub fn renewed(&self, secret: &str) -> Result<Option<String>, Denied> {
        let (Some(tokens), Some(signer)) = (self.tokens(), &self.signer) else {
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
        self.tokens.is_none() && self.reviewer.is_none()
    }

    /// How much may be asked.
    #[must_use]
    pub const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Lets somebody in who sends these headers: `Authorization` with a bearer token, or basic with `user:password`, or
    /// `X-Auth-Token`, as the Gene Container Service's clients send it.
    ///
    /// # Errors
    ///
    /// If there are no credentials, none that is known, or it cannot be found out.
    pub async fn by_headers(
        &self,
        headers: &HeaderMap,
        asking: Asking,
    ) -> Result<Admission, Denied> {
        match secret(headers) {
            Some(secret) => self.by_secret(&secret, asking).await,
            None if self.is_open() => Ok(Admission::of_anybody()),
            None => Err(Denied::Missing),
        }
    }

    /// Lets somebody in who knows this secret, or holds what was signed for one who does, or a token of Kubernetes.
    ///
    /// # Errors
    ///
    /// If it is not known, or that cannot be found out.
    pub async fn by_secret(&self, secret: &str, asking: Asking) -> Result<Admission, Denied> {
        if self.is_open() {
            return Ok(Admission::of_anybody());
        }
        let grant = self.grant(secret, &asking).await?;
        Ok(Admission::new(self.clone(), secret, asking, grant))
    }

    /// What a secret allows of what is asked.
    pub(super) async fn grant(&self, secret: &str, asking: &Asking) -> Result<Arc<Grant>, Denied> {
        if let Some(grant) = self.known(secret) {
            return Ok(grant);
        }
        // An empty one is nobody's, and need not be asked for.
        let Some(reviewer) = self.reviewer.as_ref().filter(|_| !secret.is_empty()) else {
            return Err(Denied::Wrong);
        };
        // On the heap: whoever waits for this would be as large as all questions to the API server.
        Box::pin(async move {
            let user = reviewer.user(secret).await?.ok_or(Denied::Wrong)?;
            let granted = reviewer.grant(&user, asking.verb, &asking.places).await;
            granted.map(Arc::new)
        })
        .await
    }

    /// What one of the tokens of the file allows, or what was signed for it.
    fn known(&self, secret: &str) -> Option<Arc<Grant>> {
        let tokens = self.tokens()?;
        tokens
            .grant(secret)
            .or_else(|| tokens.named(&self.signer.as_ref()?.name_in(secret)?))
    }

    fn tokens(&self) -> Option<Arc<Tokens>> {
        self.tokens.as_ref().map(|tokens| tokens.borrow().clone())
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
