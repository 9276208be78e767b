//! How a value becomes bytes: format byte, checksum, postcard; blocks are LZ4-compressed besides. Pure.

use serde::{Deserialize, Serialize};

use crate::store::Error;

const PLAIN: u8 = 1;
const PACKED: u8 = 2;
const PREFIX: usize = 5;

fn damaged(what: &str, why: impl std::fmt::Display) -> Error {
    Error::Damaged(format!("{what}: {why}"))
}

fn framed(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PREFIX + payload.len());
    bytes.push(kind);
    bytes.extend(crc32fast::hash(payload).to_le_bytes());
    bytes.extend(payload);
    bytes
}

fn unframed<'a>(kind: u8, bytes: &'a [u8], what: &str) -> Result<&'a [u8], Error> {
    let (prefix, payload) = bytes
        .split_at_checked(PREFIX)
        .ok_or_else(|| damaged(what, "it is too short"))?;
    if prefix[0] != kind {
        return Err(damaged(what, format_args!("unknown format {}", prefix[0])));
    }
    if crc32fast::hash(payload).to_le_bytes() != prefix[1..] {
        return Err(damaged(what, "its checksum does not match"));
    }
    Ok(payload)
}

/// A value's plain bytes, put behind others.
pub(super) fn put<T: Serialize>(value: &T, behind: Vec<u8>) -> Vec<u8> {
    postcard::to_extend(value, behind).expect("records hold nothing that postcard refuses")
}

/// A value's bytes.
pub(super) fn seal<T: Serialize>(value: &T) -> Vec<u8> {
    seal_with(value, &[])
}

/// The bytes of a tuple whose last parts were [`put`] already.
pub(super) fn seal_with<T: Serialize>(value: &T, last: &[u8]) -> Vec<u8> {
    let mut start = Vec::with_capacity(PREFIX + 256 + last.len());
    start.extend([PLAIN, 0, 0, 0, 0]);
    let mut bytes = put(value, start);
    bytes.extend_from_slice(last);
    let sum = crc32fast::hash(&bytes[PREFIX..]).to_le_bytes();
    bytes[1..PREFIX].copy_from_slice(&sum);
    bytes
}

/// The value of bytes; `what` names it in the error.
pub(super) fn unseal<'a, T: Deserialize<'a>>(bytes: &'a [u8], what: &str) -> Result<T, Error> {
    let payload = unframed(PLAIN, bytes, what)?;
    postcard::from_bytes(payload).map_err(|error| damaged(what, error))
}

/// The first part of a value that was sealed as a tuple; the whole value's checksum is checked.
pub(super) fn unseal_first<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    what: &str,
) -> Result<T, Error> {
    let payload = unframed(PLAIN, bytes, what)?;
    let (value, _) = postcard::take_from_bytes(payload).map_err(|error| damaged(what, error))?;
    Ok(value)
}

/// A block's bytes.
pub(super) fn pack<T: Serialize>(value: &T) -> Vec<u8> {
    let plain = put(value, Vec::new());
    framed(PACKED, &lz4_flex::compress_prepend_size(&plain))
}

/// The plain bytes of a block, for [`parse`].
pub(super) fn unpack(bytes: &[u8], what: &str) -> Result<Vec<u8>, Error> {
    let payload = unframed(PACKED, bytes, what)?;
    lz4_flex::decompress_size_prepended(payload).map_err(|error| damaged(what, error))
}

/// The value of a block's plain bytes.
pub(super) fn parse<'a, T: Deserialize<'a>>(plain: &'a [u8], what: &str) -> Result<T, Error> {
    postcard::from_bytes(plain).map_err(|error| damaged(what, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_is_found() {
        let mut bytes = seal(&(1_u32, "text"));
        assert_eq!(unseal::<(u32, &str)>(&bytes, "it").unwrap(), (1, "text"));
        bytes[7] ^= 4;
        let error = unseal::<(u32, &str)>(&bytes, "it").unwrap_err();
        assert!(matches!(error, Error::Damaged(_)));
    }

    #[test]
    fn a_block_comes_back() {
        let plain = vec!["one".to_owned(); 100];
        let bytes = pack(&plain);
        assert!(bytes.len() < 60);
        let back = unpack(&bytes, "it").unwrap();
        assert_eq!(parse::<Vec<&str>>(&back, "it").unwrap(), plain);
    }
}
