//! Short-lived tokens that the server signs itself (RFC 7519, HS256), for clients that renew theirs. Does I/O when the
//! key is read.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result as JwtResult};
use jsonwebtoken::signature::{Error as SignatureError, Signer as Sign, Verifier as Verify};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::model::Clock;

/// How long a token is good for.
const LIFE: Duration = Duration::from_secs(3600);
/// Who has signed it.
const ISSUER: &str = "dagtrail";
/// The shortest key, in bytes: as long as the hash, RFC 7518, 3.2.
const SHORTEST: usize = 32;

/// Why a key is not used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("the key file {path} cannot be read: {problem}")]
    Unreadable {
        /// Where it should be.
        path: String,
        /// Why.
        problem: std::io::Error,
    },
    /// It is too short.
    #[error("the key file {path} has {found} bytes, and a key needs at least {SHORTEST}")]
    Short {
        /// Where it is.
        path: String,
        /// How long it is, without white space around it.
        found: usize,
    },
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: Box<str>,
    /// The name of the token that it was renewed with.
    sub: Box<str>,
    iat: i64,
    exp: i64,
}

/// Signs tokens, and knows them again.
#[derive(Clone)]
pub struct Signer {
    signing: EncodingKey,
    checking: DecodingKey,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

impl Signer {
    /// Reads the key: all bytes of the file, but for white space around them.
    ///
    /// # Errors
    ///
    /// A sentence that names the file and what is wrong.
    pub fn read(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let shown = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|problem| Error::Unreadable {
            path: shown.clone(),
            problem,
        })?;
        let key = bytes.trim_ascii();
        if key.len() < SHORTEST {
            return Err(Error::Short {
                path: shown,
                found: key.len(),
            });
        }
        Ok(Self::new(key, clock))
    }

    fn new(key: &[u8], clock: Arc<dyn Clock>) -> Self {
        // Only the first call of a process does anything.
        let _ = HMAC.install_default();
        Self {
            signing: EncodingKey::from_secret(key),
            checking: DecodingKey::from_secret(key),
            clock,
        }
    }

    /// A token for who goes by this name, good for an hour. `None` only if it could not be written.
    pub(super) fn sign(&self, name: &str) -> Option<String> {
        let now = self.now();
        let claims = Claims {
            iss: ISSUER.into(),
            sub: name.into(),
            iat: now,
            exp: now.saturating_add(LIFE.as_secs().cast_signed()),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing).ok()
    }

    /// Whose token this is, if it was signed with this key and has not expired.
    pub(super) fn name_in(&self, token: &str) -> Option<Box<str>> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[ISSUER]);
        rules.validate_aud = false;
        // The machine's clock would be asked; ours is, below.
        rules.validate_exp = false;
        let claims: Claims = jsonwebtoken::decode(token, &self.checking, &rules)
            .ok()?
            .claims;
        (self.now() < claims.exp).then_some(claims.sub)
    }

    fn now(&self) -> i64 {
        self.clock.now().0.div_euclid(1_000_000_000)
    }
}

/// HMAC with SHA-256, and nothing else.
static HMAC: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key| {
        Ok(Box::new(Hs256::new(*algorithm, key.try_get_as_bytes()?)?))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(algorithm: Algorithm, key: &[u8]) -> JwtResult<Self> {
        if algorithm != Algorithm::HS256 {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        let hmac = Hmac::new_from_slice(key).map_err(|_| ErrorKind::InvalidKeyFormat)?;
        Ok(Self(hmac))
    }
}

impl Sign<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let hmac = self.0.clone().chain_update(message);
        Ok(hmac.finalize().into_bytes().to_vec())
    }
}

impl Verify<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let hmac = self.0.clone().chain_update(message);
        // Compares in constant time.
        hmac.verify_slice(signature)
            .map_err(|_| SignatureError::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::model::Time;

    const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

    struct At(i64);

    impl Clock for At {
        fn now(&self) -> Time {
            Time(self.0 * 1_000_000_000)
        }
    }

    fn signer(key: &[u8], seconds: i64) -> Signer {
        Signer::new(key, Arc::new(At(seconds)))
    }

    #[test]
    fn a_token_is_good_for_an_hour_and_with_its_key_only() {
        let token = signer(KEY, 1000).sign("ci").unwrap();
        for (key, seconds, known) in [
            (KEY, 1000, true),
            (KEY, 4599, true),
            (KEY, 4600, false),
            (&[b'x'; 32], 1000, false),
        ] {
            let found = signer(key, seconds).name_in(&token);
            assert_eq!(found.as_deref(), known.then_some("ci"), "{seconds}");
        }
    }

    #[test]
    fn it_is_what_rfc_7515_makes_of_key_header_and_claims() {
        // openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef -binary | basenc --base64url, over the first two.
        let token = signer(KEY, 0).sign("ci").unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let text = |at: usize| String::from_utf8(URL_SAFE_NO_PAD.decode(parts[at]).unwrap());
        assert_eq!(text(0).unwrap(), r#"{"typ":"JWT","alg":"HS256"}"#);
        assert_eq!(
            text(1).unwrap(),
            r#"{"iss":"dagtrail","sub":"ci","iat":0,"exp":3600}"#
        );
        assert_eq!(parts[2], "LTmALu5CxTNLGZC98kOYE0eh2nNayBIJHgXXo5tPUXE");
    }

    #[test]
    fn what_was_made_up_is_not_known() {
        let signer = signer(KEY, 1000);
        let good = signer.sign("ci").unwrap();
        let (head, signature) = good.rsplit_once('.').unwrap();
        let (_, claims) = head.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
        let other = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"HS512"}"#);
        let forged =
            URL_SAFE_NO_PAD.encode(r#"{"iss":"dagtrail","sub":"root","iat":0,"exp":9999}"#);
        let own = head.split_once('.').unwrap().0;
        for token in [
            format!("{none}.{claims}."),
            format!("{none}.{claims}.{signature}"),
            format!("{other}.{claims}.{signature}"),
            format!("{own}.{forged}.{signature}"),
            format!("{head}."),
            head.to_owned(),
            "a.b.c".into(),
            String::new(),
        ] {
            assert_eq!(signer.name_in(&token), None, "{token}");
        }
    }

    #[test]
    fn a_key_that_cannot_be_used_says_why() {
        let clock: Arc<dyn Clock> = Arc::new(At(0));
        let error = Signer::read(Path::new("/nowhere/key"), clock.clone()).unwrap_err();
        assert!(error.to_string().contains("/nowhere/key"));
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, "short\n").unwrap();
        let error = Signer::read(file.path(), clock.clone()).unwrap_err();
        assert!(error.to_string().contains("has 5 bytes"), "{error}");
        std::fs::write(&file, [KEY, b"\n"].concat()).unwrap();
        let read = Signer::read(file.path(), clock).unwrap();
        assert!(signer(KEY, 0).name_in(&read.sign("ci").unwrap()).is_some());
    }
}
