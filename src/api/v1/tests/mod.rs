//! The wire shapes, held to golden files.
