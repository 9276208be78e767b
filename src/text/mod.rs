//! The words of an event, in Chinese and English.
//!
//! dagtrail stores facts: a reason code, its parameters, and the raw text as its source gave it.
//! This room turns them into words on every read, so that a better translation improves old events
//! too. [`render`] is the one way from facts to words, [`negotiate`] settles which language a
//! reader gets, and the `zh##en` form is made and taken apart in [`join_reason`], [`split_reason`]
//! and their twins for messages.
//!
//! The catalogue is Fluent: `catalogue/<domain>/{zh,en}.ftl`, embedded, parsed once.
//! Operators add words of their own, [`Own`], which may change while the process runs.
//! `docs/languages.md` tells operators how it behaves, `docs/glossary.md` fixes the terms.
//!
//! Pure.

mod catalogue;
mod error;
mod lang;
mod pair;
mod render;

pub use catalogue::{Addition, Fault, Own, adopt, codes, epoch, version};
pub use error::Error;
pub use lang::{Lang, negotiate};
pub use pair::{Pair, code_of, join_message, join_reason, split_message, split_reason};
pub use render::{Facts, TEMPLATE, Words, render};
