//! Golden histories of Executions, with the status that the controller writes.

use crate::sources::tests::scene::golden;

const EXECUTION: &str = "e19d3faf-3c55-4a3e-9a5a-1f5d1a7f2c12";

#[test]
fn the_histories_of_executions() {
    for name in ["declared", "without_elements"] {
        golden("execution", name, EXECUTION);
    }
}
