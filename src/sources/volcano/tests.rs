//! Golden histories of Jobs and JobFlows, from objects as Volcano writes them.

use crate::sources::tests::scene::golden;

const RUN: &str = "5b0e6a3c-7c55-4a3e-9a5a-1f5d1a7f2c30";

#[test]
fn the_histories_of_volcano() {
    let names = [
        "complete",
        "restarted",
        "aborted_and_resumed",
        "without_conditions",
        "deleted",
        "flow",
    ];
    for name in names {
        golden("volcano", name, RUN);
    }
}
