//! Nodes as Argo's controller packs them when they are many: JSON, compressed in one of three ways, as base64. Pure.

use std::io::Write;

use anyhow::{Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::Value;

/// `status.compressedNodes` of these nodes.
pub(super) fn nodes(nodes: &Value, way: &str) -> Result<String> {
    let json = nodes.to_string();
    let packed = match way {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(json.as_bytes())?;
            encoder.finish()?
        }
        "zstd" => compress_to_vec(json.as_bytes(), CompressionLevel::Fastest),
        "brotli" => brotli(json.as_bytes()),
        other => bail!("no way to pack: {other}"),
    };
    Ok(STANDARD.encode(packed))
}

/// A brotli stream (RFC 7932, 9.1 and 9.2) of one meta-block that is stored as it is, and an empty last one.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    // WBITS 16: 0. ISLAST: 0. MNIBBLES 4: 00. MLEN - 1 in 16 bits. ISUNCOMPRESSED: 1. Least significant bits first.
    let length = u32::try_from(bytes.len() - 1).expect("a script is short");
    assert!(length < 1 << 16, "one meta-block holds 64 KiB");
    let head = (length << 4 | 1 << 20).to_le_bytes();
    [&head[..3], bytes, &[0b11]].concat()
}
