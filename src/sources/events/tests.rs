//! Golden histories of Events, from objects as the API server writes them, and what does not fit.

use serde_json::json;

use crate::ingest::Limits;
use crate::sources::tests::scene::{Scene, event, golden, pod};

const JOB: &str = "5b0e6a3c-7c55-4a3e-9a5a-1f5d1a7f2c10";

#[test]
fn the_histories_of_events() {
    for name in ["recorder", "newer_api", "combined", "odd"] {
        golden("events", name, JOB);
    }
}

#[test]
fn texts_that_are_too_long_are_cut_between_characters() {
    let mut scene = Scene::new();
    scene.there(&pod("p"));
    let mut long = event("Pod", "p", "Long");
    long["message"] = json!("镜".repeat(500_000));
    long["reason"] = json!("像".repeat(600));
    long["action"] = json!("a".repeat(3000));
    scene.there(&long);
    let row = scene.rows("u-p").pop().unwrap();
    let message = &row.body().message;
    assert!(message.len() < Limits::NATIVE.event && message.len() > Limits::NATIVE.event - 20_000);
    assert!(message.chars().all(|c| c == '镜'));
    assert_eq!(row.key.code.len(), 1023);
    assert_eq!(row.key.action.len(), 1024);
}

#[test]
fn an_event_without_any_time_is_refused_in_words() {
    let problem = super::Sighting::parse(r#"{"metadata":{"name":"e"}}"#).unwrap_err();
    assert!(problem.contains("firstTimestamp"), "{problem}");
}
