//! The description of the HTTP surface is what stands in docs/openapi.json: a change of it is seen in review.

use std::path::Path;

#[test]
fn the_description_of_all_routes_is_the_one_that_was_reviewed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let now = dagtrail::api::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        reviewed == now,
        "docs/openapi.json is not what the code says: run UPDATE_GOLDEN=1 cargo test --test openapi document and review it"
    );
}

#[test]
fn every_operation_has_an_id_a_summary_and_a_described_answer() {
    let api = serde_json::to_value(dagtrail::api::openapi()).unwrap();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(operation["operationId"].is_string(), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path}");
            let answers = operation["responses"].as_object().unwrap();
            for (status, answer) in answers {
                let told = answer["description"].as_str().unwrap_or_default();
                assert!(!told.is_empty(), "{method} {path} {status}");
            }
        }
    }
}
