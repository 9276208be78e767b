//! Stable 128-bit names for keys and origins: they are stored, so the function may never change. Pure.

use std::fmt;

/// The first 128 bits of a BLAKE3 hash over length-prefixed parts.
///
/// A cryptographic hash, since clients choose what goes in: nobody can make two events collide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub u128);

impl Digest {
    /// Big-endian bytes, so that byte order is numeric order.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The inverse of [`Digest::to_bytes`].
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Builds a [`Digest`] from parts; each is length-prefixed, so `("ab","c")` and `("a","bc")` differ.
///
/// The parts are put side by side and hashed at once: a hasher on its way is two kilobytes, which cost more to pass on
/// than most parts to hash.
#[derive(Debug)]
pub struct Digester(Vec<u8>);

/// Room that is enough for the parts of nearly every key and text.
const USUAL: usize = 480;

impl Digester {
    /// Starts a digest in a domain of its own: equal parts in two domains differ.
    #[must_use]
    pub fn new(domain: &str) -> Self {
        Self(Vec::with_capacity(USUAL)).text(domain)
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.extend_from_slice(&(text.len() as u64).to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    /// Adds a digest.
    #[must_use]
    pub fn digest(mut self, digest: Digest) -> Self {
        self.0.extend_from_slice(&digest.to_bytes());
        self
    }

    /// Adds pairs, with their number.
    #[must_use]
    pub fn pairs<'a>(self, pairs: impl ExactSizeIterator<Item = (&'a str, &'a str)>) -> Self {
        let start = self.number(pairs.len() as u64);
        pairs.fold(start, |digester, (key, value)| {
            digester.text(key).text(value)
        })
    }

    /// The digest of all that was added.
    #[must_use]
    pub fn finish(self) -> Digest {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&blake3::hash(&self.0).as_bytes()[..16]);
        Digest::from_bytes(bytes)
    }
}
