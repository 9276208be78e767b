//! From what a path says to the executions that it means. Does I/O through the reader.

use super::error::Error;
use crate::model::{Execution, ExecutionFilter};
use crate::query::{Reader, United};

/// How many executions of one name are looked at to see whether a bare kind is clear.
const NAMESAKES: usize = 1000;
/// How the core group, which has no name, is called in a path.
const CORE: &str = "core";

/// Of several that are one, the one that an id names itself, in whichever tenant; for an alias, any of them. Of those
/// the one that was told of first: what is posted again must not find another who has come since.
pub(super) fn primary<'a>(united: &'a United, id: &str) -> Option<&'a Execution> {
    let executions = united.executions.iter();
    executions.min_by_key(|execution| (&*execution.key.id != id, execution.told, &execution.key))
}

/// The id of the newest execution of a name. The kind may carry its group: `job.batch`.
pub(super) async fn newest(
    reader: &Reader,
    namespace: &str,
    kind: &str,
    name: &str,
) -> Result<String, Error> {
    let (bare, group) = match kind.split_once('.') {
        Some((bare, CORE)) => (bare, Some("")),
        Some((bare, group)) => (bare, Some(group)),
        None => (kind, None),
    };
    let filter = ExecutionFilter {
        tenant: Some(namespace.into()),
        name: Some(name.into()),
        kind: Some(bare.to_lowercase().into()),
        group: group.map(Into::into),
        ..ExecutionFilter::default()
    };
    let (found, _) = reader.executions(filter, 0, NAMESAKES).await?;
    let Some(newest) = found.first() else {
        return Err(Error::UnknownExecution(format!(
            "{namespace}/{kind}/{name}"
        )));
    };
    let mut groups: Vec<&str> = found
        .iter()
        .map(|execution| &*execution.identity.group)
        .collect();
    groups.sort_unstable();
    groups.dedup();
    if groups.len() > 1 {
        let full = |group: &&str| {
            let group = if group.is_empty() { CORE } else { group };
            format!("{}.{group}", bare.to_lowercase())
        };
        let choices: Vec<_> = groups.iter().map(full).collect();
        return Err(Error::AmbiguousKind {
            kind: bare.to_owned(),
            choices: choices.join(" and "),
        });
    }
    Ok(newest.key.id.to_string())
}
