//! The run that is kept, and the page that tells of it. Does I/O.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::compared::{Compared, Error};
use super::truth;
use crate::model::Said;

fn testdata(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/faults/peers/testdata").join(name)
}

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/peers.md")
}

/// Keeps a run, and writes the page.
pub(super) fn keep(recording: &Path, log: &[Said], compared: &Compared) -> Result<()> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&std::fs::read(recording)?)?;
    std::fs::write(testdata("run.ndjson.gz"), packed.finish()?)?;
    std::fs::write(testdata("written.ndjson"), truth::write(log))?;
    std::fs::write(page(), compared.page())?;
    Ok(())
}

#[test]
fn the_page_tells_of_the_run_that_is_kept_and_our_error_is_none() -> Result<()> {
    let packed = std::fs::read(testdata("run.ndjson.gz")).context("the recording")?;
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("run.ndjson");
    let mut text = String::new();
    GzDecoder::new(&*packed).read_to_string(&mut text)?;
    std::fs::write(&recording, &text)?;
    let log = truth::read(&std::fs::read_to_string(testdata("written.ndjson"))?)?;
    let compared = Compared::of(&recording, &log)?;
    let written = compared.written;
    let exact = Error {
        kept: written,
        ..Error::default()
    };
    assert_eq!(compared.ours, exact);
    ensure!(
        compared.page() == std::fs::read_to_string(page())?,
        "docs/peers.md is not that of the kept run: `make peers` plays another run and writes both\n{}",
        compared.page()
    );
    Ok(())
}
