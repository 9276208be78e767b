//! Golden histories of Jobs, from objects as the API server writes them.

use crate::sources::tests::scene::golden;

const JOB: &str = "5b0e6a3c-7c55-4a3e-9a5a-1f5d1a7f2c10";

#[test]
fn the_histories_of_jobs() {
    let names = [
        "complete",
        "backoff_limit",
        "deadline",
        "suspended",
        "progress",
        "deleted",
    ];
    for name in names {
        golden("jobs", name, JOB);
    }
}
