//! How much is measured: all that is claimed, or little, to see that it works (`--quick`). Pure.

/// Whether little is asked for.
pub(crate) fn is_quick() -> bool {
    std::env::args().any(|argument| argument == "--quick")
}

/// So much, or so little.
pub(crate) fn of<T>(all: T, little: T) -> T {
    if is_quick() { little } else { all }
}
