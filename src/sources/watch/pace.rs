//! How the API server is treated. Pure.

use std::time::Duration;

/// Sizes, times and rates of lists and watches.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Objects on a page.
    pub page: u32,
    /// How long an answer may take, of a list's page or until a watch is open.
    pub answer: Duration,
    /// When the server is to close a watch.
    pub watch: Duration,
    /// How much longer a watch may be idle before it is taken for dead.
    pub idle_margin: Duration,
    /// A watch that is closed sooner than this, without a message, has a version that the server no longer knows.
    pub silent: Duration,
    /// The first wait after a failure; each further one is twice as long.
    pub first_wait: Duration,
    /// The longest.
    pub longest_wait: Duration,
    /// The longest after a watch that was closed at once without a word: all that is new waits for the next list.
    pub silence: Duration,
    /// How long a kind that is not installed is left alone.
    pub absent: Duration,
    /// Watches that may be opened at once.
    pub opens: u32,
    /// After those, one in this time.
    pub open_every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            page: 500,
            answer: Duration::from_secs(60),
            watch: Duration::from_secs(290),
            idle_margin: Duration::from_secs(5),
            silent: Duration::from_secs(2),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            silence: Duration::from_secs(8),
            absent: Duration::from_secs(30),
            opens: 5,
            open_every: Duration::from_secs(2),
        }
    }
}
