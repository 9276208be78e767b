//! How much is run. Does I/O: it reads the environment.

use std::time::Duration;

/// After so long no fresh seed begins, so that a thorough run is over after five minutes.
const ENOUGH: Duration = Duration::from_secs(5 * 60 - 40);

/// Which seeds are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// This one alone.
    One(u64),
    /// So many, from 1 on.
    Many(u64),
    /// [`Extent::FIXED`], then fresh ones as long as one begins within this time.
    Thorough(Duration),
}

impl Extent {
    /// The fixed set: these are run in every thorough run.
    pub(crate) const FIXED: u64 = 50;
    /// Of a run that nobody asked to be thorough.
    pub(crate) const FEW: u64 = 12;

    /// By `SEED`, `SEEDS`, and whether all is to be run: `THOROUGH=1`, or `CI=true`.
    pub(crate) fn asked() -> Self {
        match (number("SEED"), number("SEEDS")) {
            (Some(seed), _) => Self::One(seed),
            (None, Some(seeds)) => Self::Many(seeds),
            (None, None) if is("THOROUGH", "1") || is("CI", "true") => Self::Thorough(ENOUGH),
            (None, None) => Self::Many(Self::FEW),
        }
    }

    /// Whether so many seeds, from 1 on, have to have thrown everything there is.
    pub(crate) fn is_all(self) -> bool {
        match self {
            Self::One(_) => false,
            Self::Many(seeds) => seeds >= Self::FEW,
            Self::Thorough(_) => true,
        }
    }

    /// Whether what takes its time is to take it.
    pub(crate) fn is_long(self) -> bool {
        match self {
            Self::One(_) => false,
            Self::Many(seeds) => seeds >= Self::FIXED,
            Self::Thorough(_) => true,
        }
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn is(name: &str, value: &str) -> bool {
    std::env::var(name).is_ok_and(|found| found == value)
}
