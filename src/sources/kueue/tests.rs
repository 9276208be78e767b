//! Golden histories of Jobs that wait for quota, from Workloads as Kueue writes them.

use crate::sources::tests::scene::golden;

const JOB: &str = "5b0e6a3c-7c55-4a3e-9a5a-1f5d1a7f2c30";

#[test]
fn the_histories_of_workloads() {
    for name in ["preempted", "evicted_twice", "counted"] {
        golden("kueue", name, JOB);
    }
}
