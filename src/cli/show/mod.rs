//! How answers look: tables, JSON, YAML, CSV, names. Pure, but for the writer that is handed in.

mod events;
mod executions;
mod looks;
mod printer;
mod retention;
mod safe;
mod table;
#[cfg(test)]
mod tests;
mod yaml;

pub(super) use self::events::Found;
pub(super) use self::looks::{Looks, LooksArgs};
pub(super) use self::printer::Printer;
pub(super) use self::safe::{block, line};
