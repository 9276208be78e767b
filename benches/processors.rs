//! Who had the processors, and who waited for one: what the kernel counts. Does I/O.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// Of a thread, or of all threads of a process.
#[derive(Clone, Copy, Default)]
pub(crate) struct Scheduled {
    /// It had a processor.
    pub(crate) ran: Duration,
    /// It could have run, and waited for one.
    pub(crate) waited: Duration,
}

impl Scheduled {
    /// Since a thread's begin, by its `schedstat`.
    fn read(file: &Path) -> Self {
        let told = fs::read_to_string(file).unwrap_or_default();
        let mut counts = told.split_ascii_whitespace().map(str::parse);
        let mut next = || Duration::from_nanos(counts.next().and_then(Result::ok).unwrap_or(0));
        Self {
            ran: next(),
            waited: next(),
        }
    }

    /// This thread, since its begin.
    pub(crate) fn of_this_thread() -> Self {
        Self::read(Path::new("/proc/thread-self/schedstat"))
    }

    /// The threads that a process has now, each since its begin.
    pub(crate) fn of_process(id: u32) -> Self {
        let threads = fs::read_dir(format!("/proc/{id}/task"))
            .into_iter()
            .flatten();
        let each = threads.flatten();
        each.map(|thread| Self::read(&thread.path().join("schedstat")))
            .fold(Self::default(), |all, one| Self {
                ran: all.ran + one.ran,
                waited: all.waited + one.waited,
            })
    }

    /// Since then.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            ran: self.ran.saturating_sub(before.ran),
            waited: self.waited.saturating_sub(before.waited),
        }
    }
}

/// How long all processors together were idle, since the machine's begin.
pub(crate) fn idle() -> Duration {
    let told = fs::read_to_string("/proc/stat").unwrap_or_default();
    let counts = told
        .lines()
        .next()
        .unwrap_or_default()
        .split_ascii_whitespace();
    // idle and iowait, in hundredths of a second
    let ticks: u64 = counts.skip(4).take(2).flat_map(str::parse::<u64>).sum();
    Duration::from_millis(ticks * 10)
}
