//! `status.compressedNodes`: base64 of JSON that is compressed in one of three ways, which its first bytes tell. Pure.
//!
//! What comes out is bounded: an object of a megabyte can be made to hold a thousand of them.

use std::io::{Cursor, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use brotli_decompressor::Decompressor;
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

use super::wire::Nodes;

/// The most that is unpacked, in bytes; the nodes of 50,000 Pods have less.
const LARGEST: u64 = 64 * 1024 * 1024;
/// The largest window of zstd that is given memory, in bytes; its usual levels need at most this.
const WINDOW: u64 = 8 * 1024 * 1024;
/// Of brotli's reader.
const BUFFER: usize = 16 * 1024;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Why nodes cannot be unpacked. Trying again gives the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    /// Not base64.
    #[error("compressedNodes is no base64")]
    Base64,
    /// Not what its first bytes say.
    #[error("compressedNodes cannot be decompressed")]
    Compression,
    /// Too much.
    #[error("compressedNodes holds more than {LARGEST} bytes")]
    TooLarge,
    /// Not nodes.
    #[error("compressedNodes holds no nodes")]
    Json,
}

/// Unpacks nodes.
///
/// # Errors
///
/// See [`Error`].
pub(super) fn nodes(text: &str) -> Result<Nodes, Error> {
    let packed = STANDARD.decode(text.trim()).map_err(|_| Error::Base64)?;
    let json = unpack(&packed, LARGEST)?;
    serde_json::from_slice(&json).map_err(|_| Error::Json)
}

fn unpack(packed: &[u8], largest: u64) -> Result<Vec<u8>, Error> {
    if packed.starts_with(GZIP) {
        return all(MultiGzDecoder::new(packed), largest);
    }
    let source = Cursor::new(packed);
    if packed.starts_with(ZSTD) {
        let decoder = StreamingDecoder::new_with_max_window_size(source, WINDOW);
        return all(decoder.map_err(|_| Error::Compression)?, largest);
    }
    // Brotli has no first bytes of its own.
    all(Decompressor::new(source, BUFFER), largest)
}

fn all(from: impl Read, largest: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let read = from.take(largest + 1).read_to_end(&mut bytes);
    let read = read.map_err(|_| Error::Compression)?;
    if read as u64 > largest {
        return Err(Error::TooLarge);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    const JSON: &str = r#"{"a": {"displayName": "A", "phase": "Running"}}"#;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn each_of_the_three_ways_is_found_by_its_first_bytes() {
        let zstd = compress_to_vec(JSON.as_bytes(), CompressionLevel::Fastest);
        let encode = |bytes: Vec<u8>| STANDARD.encode(bytes);
        // From the reference encoder: ours only decode.
        let brotli = "GyoA+B2HcSyyBS+KNC9FWPYqKKx0+mAiBw6B5Ql9bxx6UUYpvwxyA7HC+8EB".to_owned();
        for packed in [encode(gzip(JSON.as_bytes())), encode(zstd), brotli] {
            let nodes = nodes(&packed).unwrap();
            assert_eq!(nodes["a"].shown(), "A");
        }
    }

    #[test]
    fn what_grows_too_large_is_refused() {
        let zeros = gzip(&[0; 4096]);
        assert_eq!(unpack(&zeros, 4095), Err(Error::TooLarge));
        assert_eq!(unpack(&zeros, 4096).map(|all| all.len()), Ok(4096));
    }

    #[test]
    fn garbage_is_an_error_that_says_what_is_wrong() {
        assert_eq!(nodes("%"), Err(Error::Base64));
        assert_eq!(nodes(&STANDARD.encode(GZIP)), Err(Error::Compression));
        assert_eq!(nodes(&STANDARD.encode(ZSTD)), Err(Error::Compression));
        assert_eq!(nodes(&STANDARD.encode("garbage")), Err(Error::Compression));
        assert_eq!(nodes(&STANDARD.encode(gzip(b"[1]"))), Err(Error::Json));
    }
}
