//! Golden histories of Pods, from objects as the API server writes them.

use crate::sources::tests::scene::golden;

const JOB: &str = "5b0e6a3c-7c55-4a3e-9a5a-1f5d1a7f2c10";
const POD: &str = "8d1f7c1e-20e0-4d0c-8c5f-6f8c3f1f9a11";

#[test]
fn the_histories_of_pods_of_a_job() {
    let names = [
        "succeeded",
        "failed",
        "crash_loop",
        "out_of_memory",
        "no_image",
        "evicted",
        "preempted",
    ];
    for name in names {
        golden("pods", name, JOB);
    }
}

#[test]
fn the_history_of_a_bare_pod_that_is_deleted() {
    golden("pods", "deleted", POD);
}
