//! The cursor of a page: where the next one begins, signed, so that nobody can make one up or use it for another
//! query. Pure.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::{Digest, Position, RowId, Seq, Time};

const VERSION: u8 = 1;
const MAC: usize = 32;
/// Version, Seq, first time, row id; the name follows.
const FIXED: usize = 1 + 8 + 8 + 16;

/// Behind which row the next page begins, and what the first page saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Every change up to here was in what the first page saw.
    pub(super) seq: Seq,
    /// The last row that was given.
    pub(super) after: Position,
}

impl Cursor {
    /// As text; `bound` says what it is for.
    pub(super) fn seal(&self, secret: &[u8; 32], bound: Digest) -> String {
        let mut bytes = Vec::with_capacity(FIXED + self.after.name.len() + MAC);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.seq.0.to_be_bytes());
        bytes.extend_from_slice(&self.after.first.0.to_be_bytes());
        bytes.extend_from_slice(&self.after.row.0.to_bytes());
        bytes.extend_from_slice(self.after.name.as_bytes());
        let mac = sign(secret, bound, &bytes);
        bytes.extend_from_slice(mac.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The inverse; `None` unless it was sealed with this secret for this purpose.
    pub(super) fn open(text: &str, secret: &[u8; 32], bound: Digest) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (told, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        // Compares in constant time.
        if sign(secret, bound, told) != blake3::Hash::from_bytes(mac.try_into().ok()?) {
            return None;
        }
        let (fixed, name) = told.split_at_checked(FIXED)?;
        if fixed[0] != VERSION {
            return None;
        }
        Some(Self {
            seq: Seq(u64::from_be_bytes(fixed[1..9].try_into().ok()?)),
            after: Position {
                first: Time(i64::from_be_bytes(fixed[9..17].try_into().ok()?)),
                row: RowId(Digest::from_bytes(fixed[17..33].try_into().ok()?)),
                name: std::str::from_utf8(name).ok()?.into(),
            },
        })
    }
}

fn sign(secret: &[u8; 32], bound: Digest, told: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(secret);
    hasher.update(&bound.to_bytes());
    hasher.update(told);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_opens_only_for_what_it_was_sealed_for(
            seq: u64, first: i64, row: u128, name in "\\PC{0,20}", bound: u128, secret: [u8; 32],
            at: prop::sample::Index,
        ) {
            let bound = Digest(bound);
            let cursor = Cursor {
                seq: Seq(seq),
                after: Position { first: Time(first), name: name.into(), row: RowId(Digest(row)) },
            };
            let text = cursor.seal(&secret, bound);
            prop_assert_eq!(Cursor::open(&text, &secret, bound), Some(cursor));
            prop_assert_eq!(Cursor::open(&text, &secret, Digest(bound.0 ^ 1)), None);
            let mut other = secret;
            other[0] ^= 1;
            prop_assert_eq!(Cursor::open(&text, &other, bound), None);
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            prop_assert_eq!(Cursor::open(std::str::from_utf8(&bytes).unwrap(), &secret, bound), None);
        }

        #[test]
        fn no_text_makes_opening_fail_otherwise(text in "\\PC{0,80}|[A-Za-z0-9_-]{0,120}") {
            prop_assert_eq!(Cursor::open(&text, &[7; 32], Digest(0)), None);
        }
    }
}
