//! Which call fails, and how.

/// What happens to calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// One call of any kind but a read fails: EIO.
    Error,
    /// One call that takes room fails: ENOSPC.
    Full,
    /// One write writes half of what it was given, and says so.
    Short,
    /// One write writes half of what it was given, and the next one fails: ENOSPC.
    Torn,
    /// One fsync or fdatasync fails: EIO.
    Sync,
    /// One read fails: EIO.
    Read,
    /// From one call on all fail, but reads: EIO.
    Gone,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Error,
        Self::Full,
        Self::Short,
        Self::Torn,
        Self::Sync,
        Self::Read,
        Self::Gone,
    ];

    /// As the library calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Full => "full",
            Self::Short => "short",
            Self::Torn => "torn",
            Self::Sync => "sync",
            Self::Read => "read",
            Self::Gone => "gone",
        }
    }

    /// Whether a call of this name counts.
    pub(super) fn counts(self, op: &str) -> bool {
        match self {
            Self::Error | Self::Gone => op != "read",
            Self::Full => ["create", "write", "resize", "rename", "folder"].contains(&op),
            Self::Short | Self::Torn => op == "write",
            Self::Sync => op == "sync",
            Self::Read => op == "read",
        }
    }
}

/// One fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: Kind,
    /// Which of the calls that count, from 1.
    pub(super) at: u64,
}
