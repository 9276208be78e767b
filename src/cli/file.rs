//! The file that a history is carried in: packed with Zstandard if its name says so. Does I/O.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use super::progress::{Counted, Of, Progress};

/// What the packer is given at once: always as much, so that equal bytes are packed to equal bytes.
const BLOCK: usize = 128 << 10;
/// The packer's own default: most of what is to be had, at the speed of a disk.
const LEVEL: i32 = 3;
/// How every frame of Zstandard begins, RFC 8878, 3.1.1.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

type Bytes = Box<dyn Write + Send>;

enum Packer {
    Plain(Bytes),
    Zstd(Encoder<'static, Bytes>),
}

/// A file on its way: it gets its name when it is whole and on disk.
pub(super) struct Target {
    packer: Packer,
    block: Vec<u8>,
    file: Option<Unnamed>,
}

/// A file that goes away unless it gets its name.
struct Unnamed {
    file: File,
    path: PathBuf,
    name: Option<PathBuf>,
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        if self.name.is_some() {
            // Nothing is lost if it stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Target {
    /// A file of this name, or standard output for `-`.
    pub(super) fn create(name: &str) -> anyhow::Result<Self> {
        if name == "-" {
            let packer = Packer::Plain(Box::new(io::stdout()));
            return Ok(Self::of(packer, None));
        }
        let name = PathBuf::from(name);
        let mut path = OsString::from(&name);
        path.push(".part");
        let path = PathBuf::from(path);
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true).mode(0o600);
        let file = options.open(&path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        let bytes: Bytes = Box::new(file.try_clone()?);
        let is_packed = name.extension().is_some_and(|extension| extension == "zst");
        let unnamed = Unnamed {
            file,
            path,
            name: Some(name),
        };
        let packer = if is_packed {
            let mut encoder = Encoder::new(bytes, LEVEL)?;
            encoder.include_checksum(true)?;
            Packer::Zstd(encoder)
        } else {
            Packer::Plain(bytes)
        };
        Ok(Self::of(packer, Some(unnamed)))
    }

    const fn of(packer: Packer, file: Option<Unnamed>) -> Self {
        Self {
            packer,
            block: Vec::new(),
            file,
        }
    }

    fn put(&mut self) -> io::Result<()> {
        let block = std::mem::take(&mut self.block);
        match &mut self.packer {
            Packer::Plain(bytes) => bytes.write_all(&block),
            Packer::Zstd(encoder) => encoder.write_all(&block),
        }
    }

    /// It is whole: it gets its name.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.put()?;
        let mut bytes = match self.packer {
            Packer::Plain(bytes) => bytes,
            Packer::Zstd(encoder) => encoder.finish()?,
        };
        bytes.flush()?;
        if let Some(mut unnamed) = self.file {
            unnamed.file.sync_all()?;
            if let Some(name) = &unnamed.name {
                fs::rename(&unnamed.path, name)?;
                let folder = name
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty());
                File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
            }
            unnamed.name = None;
        }
        Ok(())
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = BLOCK - self.block.len();
        let taken = bytes.len().min(room);
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == BLOCK {
            self.put()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        // What is packed is packed in whole blocks.
        Ok(())
    }
}

/// Reads a file, packed or not, and shows how far that has come.
pub(super) fn open(path: &Path, doing: &'static str) -> anyhow::Result<Box<dyn BufRead + Send>> {
    let cannot = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(cannot)?;
    let total = file.metadata().with_context(cannot)?.len();
    let counted = Counted::new(file, Progress::new(doing, Of::Bytes, Some(total)));
    let mut bytes = BufReader::with_capacity(BLOCK, counted);
    // A short first read is no packed file.
    let is_packed = bytes.fill_buf().with_context(cannot)?.starts_with(&MAGIC);
    Ok(if is_packed {
        Box::new(BufReader::with_capacity(
            BLOCK,
            Decoder::with_buffer(bytes)?,
        ))
    } else {
        Box::new(bytes)
    })
}

/// Bytes that are kept as they are read.
pub(super) struct Tee<R, W> {
    pub(super) from: R,
    pub(super) to: W,
}

impl<R: Read, W: Write> Read for Tee<R, W> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(bytes)?;
        self.to.write_all(&bytes[..read])?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &Path, pieces: usize) -> Vec<u8> {
        let mut target = Target::create(name.to_str().unwrap()).unwrap();
        let text = "a line of many\n".repeat(40_000);
        for piece in text.as_bytes().chunks(pieces) {
            target.write_all(piece).unwrap();
        }
        assert!(!name.exists(), "it is not whole yet");
        target.finish().unwrap();
        let mut read = String::new();
        open(name, "reading")
            .unwrap()
            .read_to_string(&mut read)
            .unwrap();
        assert_eq!(read, text);
        fs::read(name).unwrap()
    }

    #[test]
    fn equal_bytes_are_packed_to_equal_bytes_however_they_come() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("a.ndjson.zst");
        let packed = written(&name, 7);
        assert!(packed.len() < 10_000 && packed.starts_with(&MAGIC));
        assert_eq!(written(&folder.path().join("b.zst"), 70_001), packed);
        assert_eq!(
            written(&folder.path().join("c.ndjson"), 1000).len(),
            600_000
        );
    }

    #[test]
    fn what_is_not_finished_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("a.ndjson");
        fs::write(&name, "before").unwrap();
        let mut target = Target::create(name.to_str().unwrap()).unwrap();
        target.write_all(b"half").unwrap();
        drop(target);
        assert_eq!(fs::read_to_string(&name).unwrap(), "before");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
