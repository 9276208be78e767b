//! The two ways out: answers to standard output, remarks to standard error. Does I/O.

use std::io::{self, Write};

use super::client::Error;
use super::show;

/// Standard output does not take what it is given.
#[derive(Debug, thiserror::Error)]
#[error("standard output does not take the answer")]
pub(super) struct Unwritten(#[from] io::Error);

impl Unwritten {
    /// Whether only nobody reads any more, as after `| head`.
    fn is_closed(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

/// Whether an error only says that nobody reads any more.
pub(super) fn is_closed(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<Unwritten>()
        .is_some_and(Unwritten::is_closed)
}

/// Writes text as it is.
pub(super) fn write(text: &str) -> Result<(), Unwritten> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Says something to the person at the terminal; it may have words of strangers in it.
pub(super) fn say(text: &str) {
    // Who has closed standard error does not want to hear it.
    let _ = writeln!(io::stderr(), "{}", show::block(text));
}

/// Says why a command failed, and what may help.
pub(super) fn complain(error: &anyhow::Error) {
    say(&format!("dagtrail: {error:#}"));
    if let Some(hint) = error.downcast_ref().and_then(Error::hint) {
        say(&format!("  {hint}"));
    }
}
