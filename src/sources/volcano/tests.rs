//! Golden histories of Jobs and JobFlows, from objects as Volcano writes them.

use proptest::prelude::*;
use serde_json::Value;

use crate::sources::tests::scene::{Scene, golden};

const RUN: &str = "5b0e6a3c-7c55-4a3e-9a5a-1f5d1a7f2c30";

#[test]
fn the_histories_of_volcano() {
    let names = [
        "complete",
        "restarted",
        "aborted_and_resumed",
        "without_conditions",
        "one_after_another",
        "deleted",
        "flow",
    ];
    for name in names {
        golden("volcano", name, RUN);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever part of a Job's life was seen, and how often: it has one start, one end and one number of restarts.
    #[test]
    fn whatever_part_of_a_jobs_life_is_seen_the_rows_are_the_same(
        seen in prop::collection::vec((0..3usize, any::<bool>()), 0..12),
    ) {
        let states: Vec<Value> =
            serde_json::from_str(include_str!("testdata/restarted.json")).unwrap();
        let mut straight = Scene::new();
        straight.there(&states[2]);
        let mut scene = Scene::new();
        for (at, restart) in seen {
            if restart {
                scene.restart();
            }
            scene.there(&states[at]);
        }
        scene.there(&states[2]);
        let facts = |scene: &Scene| -> Vec<_> {
            let rows = scene.rows(RUN);
            let told = |row: &crate::model::Row| (row.key.code.to_string(), row.count(), row.first());
            let mut facts: Vec<_> = rows.iter().map(told).collect();
            facts.sort();
            facts
        };
        prop_assert_eq!(facts(&scene), facts(&straight));
    }
}
