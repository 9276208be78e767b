//! Golden histories of Workflows, and what may be seen of one.
