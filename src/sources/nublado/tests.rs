//! Histories of labs.
