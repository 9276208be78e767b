//! Jobs and JobFlows of Volcano. Pure.

use super::seat::Seat;

/// The seat of a task of the Job that sits on `job`.
pub(super) fn task(job: &Seat, task: &str) -> Seat {
    // Jobs of one flow often have tasks of one name.
    let shown = if job.is_execution() {
        task.to_owned()
    } else {
        format!("{}/{task}", job.elem_id)
    };
    job.part(task, &shown, "Volcano.Task")
}
