//! What a list tells of a history without showing it. Does I/O through the reader.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::convert;
use super::error::Error;
use crate::model::{EventType, Execution, Phase, Row, Sight};
use crate::query::{Reader, Scope};
use crate::text::Lang;

/// A history in a few numbers, and why it may have gone wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExecutionSummary)]
pub(in crate::api) struct Summary {
    /// As `execution.status`, but an engine's fault is an `Error`.
    phase: &'static str,
    /// When it ended, by its source's clock; `null` as long as it goes on.
    #[schema(format = "date-time")]
    finished_at: Option<String>,
    /// Rows of its history.
    rows: u64,
    /// The sum of their counts.
    occurrences: u64,
    /// The sum of the counts of rows of type `Warning`.
    warnings: u64,
    /// Of those the latest that says why, not only that something failed, if there is one.
    last_warning: Option<Told>,
}

/// An event, in short.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExecutionWarning)]
struct Told {
    /// As in an event: Chinese, `##`, the code.
    reason: String,
    /// As in an event: Chinese, ` ## `, English.
    message: String,
    /// The element's name.
    elem_id: String,
    /// How often.
    count: u64,
    /// When it was last seen.
    #[schema(format = "date-time")]
    last_timestamp: String,
}

#[derive(Default)]
struct Sum {
    rows: u64,
    occurrences: u64,
    warnings: u64,
    last: Option<Arc<Row>>,
}

/// Reads an execution's rows and sums them up.
pub(super) async fn of(reader: &Reader, execution: &Execution) -> Result<Summary, Error> {
    let scope = Scope::Executions(vec![execution.key.clone()]);
    let (sum, _) = reader.fold(scope, Sum::default(), see).await?;
    let status = execution.status;
    let has_ended = status.phase.is_terminal();
    Ok(Summary {
        phase: status.phase.as_str(),
        finished_at: has_ended.then(|| status.at.to_seconds()),
        rows: sum.rows,
        occurrences: sum.occurrences,
        warnings: sum.warnings,
        last_warning: sum.last.as_deref().map(told),
    })
}

fn see(sum: &mut Sum, row: &Arc<Row>) {
    sum.rows += 1;
    sum.occurrences += row.count();
    if row.key.event_type != EventType::Warning {
        return;
    }
    sum.warnings += row.count();
    // That an element has failed is seen anyway; what came before it says why.
    let tells = |row: &Row| (Phase::of_code(&row.key.code).is_none(), row.last(), row.seq);
    if (sum.last.as_deref()).is_none_or(|last| tells(row) > tells(last)) {
        sum.last = Some(row.clone());
    }
}

fn told(row: &Row) -> Told {
    convert::event(&Sight::of(row, &row.params()), Lang::Both, |event| Told {
        reason: event.reason.to_string(),
        message: event.message.to_string(),
        elem_id: event.elem_id.to_owned(),
        count: event.count,
        last_timestamp: event.last_timestamp.as_str().to_owned(),
    })
}
