//! Where the next page begins: what was asked, and behind which event, signed by the store's secret. Pure.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::model::{Seq, Time};

const MAC: usize = 32;
/// What the signature is for.
const PURPOSE: &[u8] = b"prefect page 1";

/// Where an event stands in the order of all: by when it occurred, then by when it was told.
pub(super) type Place = (Time, Seq);

/// All that the next page needs to know.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Token {
    /// The filter as it was sent.
    pub(super) filter: Box<RawValue>,
    /// Its ends, which it may have left open; nanoseconds.
    pub(super) window: (i64, i64),
    pub(super) limit: usize,
    /// How many events passed at the first page.
    pub(super) total: u64,
    /// The last event that was given.
    pub(super) after: (i64, u64),
}

impl Token {
    /// Where the next page begins.
    pub(super) const fn place(&self) -> Place {
        (Time(self.after.0), Seq(self.after.1))
    }

    /// As text that may stand in a URL.
    pub(super) fn seal(&self, secret: &[u8; 32]) -> String {
        let mut bytes = serde_json::to_vec(self).expect("texts and numbers are JSON");
        let mac = sign(secret, &bytes);
        bytes.extend_from_slice(mac.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The inverse; `None` unless it was sealed with this secret.
    pub(super) fn open(text: &str, secret: &[u8; 32]) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (told, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        // Compares in constant time.
        if sign(secret, told) != blake3::Hash::from_bytes(mac.try_into().ok()?) {
            return None;
        }
        serde_json::from_slice(told).ok()
    }
}

fn sign(secret: &[u8; 32], told: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(secret);
    hasher.update(PURPOSE);
    hasher.update(told);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_with_its_secret_and_as_it_is() {
        let filter = RawValue::from_string(r#"{"event":{"name":["a"]}}"#.into()).unwrap();
        let token = Token {
            filter,
            window: (-1, 5),
            limit: 2,
            total: 7,
            after: (3, 4),
        };
        let text = token.seal(&[1; 32]);
        let opened = Token::open(&text, &[1; 32]).unwrap();
        assert_eq!((opened.place(), opened.total), ((Time(3), Seq(4)), 7));
        assert!(Token::open(&text, &[2; 32]).is_none());
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let text = String::from_utf8(bytes).unwrap();
            assert!(Token::open(&text, &[1; 32]).is_none(), "changed at {at}");
        }
        for text in ["", "e30", "????", "bnVsbA"] {
            assert!(Token::open(text, &[1; 32]).is_none(), "{text}");
        }
    }
}
