//! Golden histories of runs, from objects as Tekton writes them.

use proptest::prelude::*;
use serde_json::Value;

use crate::sources::tests::scene::{Scene, golden};

const RUN: &str = "5b0e6a3c-7c55-4a3e-9a5a-1f5d1a7f2c20";

#[test]
fn the_histories_of_runs() {
    let names = [
        "pipeline",
        "timed_out",
        "cancelled",
        "error",
        "held",
        "custom",
        "deleted",
        "no_times",
    ];
    for name in names {
        golden("tekton", name, RUN);
    }
}

/// The states of the pipeline's objects, in their order.
fn states() -> Vec<Value> {
    serde_json::from_str(include_str!("testdata/pipeline.json")).unwrap()
}

/// What each row says, less the times of those for which Tekton has none.
fn facts(scene: &Scene) -> Vec<(String, u64)> {
    let rows = scene.rows(RUN);
    let mut facts: Vec<_> = rows
        .iter()
        .map(|row| {
            let (elem, code) = (&row.body().elem_id, &row.key.code);
            (format!("{} {elem} {code}", row.key.elem_type), row.count())
        })
        .collect();
    facts.sort();
    facts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever part of a pipeline's life was seen, and how often: each attempt has one start and one end.
    #[test]
    fn whatever_part_of_a_pipelines_life_is_seen_the_rows_are_the_same(
        seen in prop::collection::vec((0..11usize, any::<bool>()), 0..20),
    ) {
        let states = states();
        let last = [1, 2, 7, 9, 10];
        let mut straight = Scene::new();
        last.iter().for_each(|at| straight.there(&states[*at]));
        straight.wait(6);
        let mut scene = Scene::new();
        for (at, restart) in seen {
            if restart {
                scene.wait(6);
                scene.restart();
            }
            // The present one of each object is the last that the API server shows.
            scene.there(&states[at]);
        }
        last.iter().for_each(|at| scene.there(&states[*at]));
        scene.wait(6);
        prop_assert_eq!(facts(&scene), facts(&straight));
        prop_assert_eq!(scene.executions().len(), 1);
    }
}
