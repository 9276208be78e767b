//! How far long work has come: a bar at a terminal, else a line now and then. Does I/O.

use std::io::{self, IsTerminal, Read};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::out;

/// Between two lines where there is no terminal.
const LINES: Duration = Duration::from_secs(10);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Bytes,
    Executions,
}

/// How far some work has come; it goes away when this is dropped.
pub(super) struct Progress {
    doing: &'static str,
    of: Of,
    total: Option<u64>,
    done: u64,
    bar: Option<ProgressBar>,
    said: Instant,
}

impl Progress {
    /// Work that is beginning; without a total nobody knows when it ends.
    pub(super) fn new(doing: &'static str, of: Of, total: Option<u64>) -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = match total {
                Some(total) => ProgressBar::new(total),
                None => ProgressBar::no_length(),
            };
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
            let template = match (of, total) {
                (Of::Bytes, Some(_)) => "{msg} [{bar:30}] {bytes}/{total_bytes}, {eta} left",
                (Of::Executions, Some(_)) => "{msg} [{bar:30}] {pos}/{len} executions, {eta} left",
                (Of::Bytes, None) => "{msg} {spinner} {bytes}",
                (Of::Executions, None) => "{msg} {spinner} {pos} executions",
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_message(doing);
            bar
        });
        Self {
            doing,
            of,
            total,
            done: 0,
            bar,
            said: Instant::now(),
        }
    }

    /// So much more is done.
    pub(super) fn add(&mut self, more: u64) {
        self.done += more;
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        } else if self.said.elapsed() >= LINES {
            self.said = Instant::now();
            out::say(&self.line());
        }
    }

    fn line(&self) -> String {
        let shown = |number: u64| match self.of {
            Of::Bytes => format!("{} MiB", number >> 20),
            Of::Executions => number.to_string(),
        };
        let what = match self.of {
            Of::Bytes => "",
            Of::Executions => " executions",
        };
        let (doing, done) = (self.doing, shown(self.done));
        match self.total {
            Some(total) => format!("dagtrail: {doing}: {done} of {}{what}", shown(total)),
            None => format!("dagtrail: {doing}: {done}{what}"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Bytes that are counted as they are read.
pub(super) struct Counted<R> {
    from: R,
    progress: Progress,
}

impl<R: Read> Counted<R> {
    pub(super) const fn new(from: R, progress: Progress) -> Self {
        Self { from, progress }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(to)?;
        self.progress.add(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_much_of_how_much() {
        let mut progress = Progress::new("checking", Of::Bytes, Some(9 << 20));
        progress.done = 4 << 20;
        assert_eq!(progress.line(), "dagtrail: checking: 4 MiB of 9 MiB");
        let mut progress = Progress::new("exporting", Of::Executions, None);
        progress.done = 7;
        assert_eq!(progress.line(), "dagtrail: exporting: 7 executions");
    }
}
