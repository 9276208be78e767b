//! What can go wrong with words. Pure.

/// A reader asked for something this room does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The query's `lang` is none of zh, en and both.
    #[error("lang is {given:?}: it must be zh, en or both; retrying unchanged will fail again")]
    UnknownLanguage {
        /// The value as asked for, cut to 32 characters.
        given: String,
    },
}

impl Error {
    /// The query parameter at fault.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::UnknownLanguage { .. } => "lang",
        }
    }
}
