//! Every shape on the wire, held to its golden file. `UPDATE_GOLDEN=1` writes the files anew, for review. Does I/O: reads
//! the files.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::value::RawValue;

use super::beside::Beside;
use super::error::Error;
use super::{convert, gcs, view, wire};
use crate::api::body::BodyError;
use crate::model::fold::{self, ORIGINS_IN_ROW};
use crate::model::{
    Code, Execution, ExecutionFact, ExecutionKey, Identity, Phase, Position, Sample, Sight, Status,
    Time, Trail,
};
use crate::query::United;
use crate::text::Lang;

fn golden(name: &str, found: &impl Serialize) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/api/v1/golden")
        .join(name);
    let found = serde_json::to_string_pretty(found).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert_eq!(found, kept, "{name}");
}

fn read(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src/api/v1/golden")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn items_become_rows_and_rows_the_items_again_in_the_documented_order_of_keys() {
    let text = read("events.json");
    let items: Vec<&RawValue> = serde_json::from_str(&text).unwrap();
    let execution = ExecutionKey::new("default", "e19d3faf-9f04-9685-e5c0-fbe8d40b96cd");
    let mut trail = Trail::default();
    for item in items {
        let telling = convert::telling(item.get(), &execution).unwrap();
        let Ok(_) = fold::apply(&mut trail, &telling, ORIGINS_IN_ROW);
    }
    let mut rows: Vec<_> = trail.rows().cloned().collect();
    rows.sort_unstable_by(|a, b| Position::compare(a, b));
    let events: Vec<String> = rows
        .iter()
        .map(|row| {
            let params = row.params();
            convert::event(&Sight::of(row, &params), Lang::Both, |event| {
                serde_json::to_string(event).unwrap()
            })
        })
        .collect();
    let kept: Vec<Box<RawValue>> = serde_json::from_str(&text).unwrap();
    for (event, kept) in events.iter().zip(&kept) {
        // Only the spaces between tokens may differ.
        let bare: String = kept
            .get()
            .lines()
            .map(|line| line.trim().replacen("\": ", "\":", 1))
            .collect();
        assert_eq!(*event, bare);
    }
    assert_eq!(events.len(), kept.len());
}

#[test]
fn what_a_client_attaches_is_kept_byte_for_byte() {
    let item = r#"{"reason":"R","lastTimestamp":"2026-01-01T00:00:00Z","labels":{"b":"2","a":"1"},
        "payload": {"z": 1.0e2,  "a":[ ] , "u":"\u4e2d"} }"#;
    let telling = convert::telling(item, &ExecutionKey::new("t", "x")).unwrap();
    let kept = telling.body.payload.as_deref().unwrap();
    assert_eq!(kept, r#"{"z": 1.0e2,  "a":[ ] , "u":"\u4e2d"}"#);
    assert_eq!(telling.body.labels.len(), 2);
}

#[test]
fn the_full_view_adds_its_keys_behind_the_eleven() {
    let items = [
        r#"{"reason":"执行##Run","message":"一 ## one","firstTimestamp":"2026-01-01T00:00:00Z",
            "lastTimestamp":"2026-01-01T00:00:09Z","count":3,"elemId":"a","elemType":"Demo.step",
            "actionName":"run","labels":{"b":"2","a":"1"},"payload":{"z": 1.0e2,
            "a":[ ]}}"#,
        r#"{"reason":"Gap","lastTimestamp":"2026-01-01T00:01:00Z","metadata":{"name":"gap","namespace":"d"}}"#,
        r#"{"reason":"R","message":"(combined from similar events): x","count":16,
            "lastTimestamp":"2026-01-01T00:02:00Z","elemId":"a"}"#,
    ];
    let mut trail = Trail::default();
    for item in items {
        let telling = convert::telling(item, &ExecutionKey::new("default", "x")).unwrap();
        let Ok(_) = fold::apply(&mut trail, &telling, ORIGINS_IN_ROW);
    }
    let mut rows: Vec<_> = trail.rows().cloned().collect();
    rows.sort_unstable_by(|a, b| Position::compare(a, b));
    let sample = |name: &str, element: &str| {
        Arc::new(Sample {
            execution: ExecutionKey::new("default", "x"),
            element: element.into(),
            name: name.into(),
            at: Time::parse("2026-01-01T00:00:03.5Z").unwrap(),
            value: r#"{"n": 1.0}"#.into(),
        })
    };
    let samples = [
        sample("cpu", "a"),
        sample("mem", "a"),
        sample("cpu", "rowless"),
    ];
    let beside = Beside::of(&rows, &samples);
    let shown: Vec<Box<RawValue>> = rows
        .iter()
        .map(|row| {
            view::shown(row, Lang::Both, Some(&beside), |shown| {
                serde_json::value::to_raw_value(shown).unwrap()
            })
        })
        .collect();
    assert!(shown.iter().all(|row| !row.get().contains('\n')));
    let values: Vec<serde_json::Value> = shown
        .iter()
        .map(|row| serde_json::from_str(row.get()).unwrap())
        .collect();
    assert!(
        shown[0]
            .get()
            .contains(r#""payload":{"z": 1.0e2,             "a":[ ]}"#)
    );
    golden("full.json", &values);
}

#[test]
fn an_id_speaks_for_one_execution_of_one_tenant_only() {
    let item = r#"{"reason":"R","lastTimestamp":"2026-01-01T00:00:00Z","id":"a/b"}"#;
    let origin = |tenant, id| {
        convert::telling(item, &ExecutionKey::new(tenant, id))
            .unwrap()
            .origin
    };
    assert_eq!(origin("t", "x"), origin("t", "x"));
    assert_ne!(origin("t", "x"), origin("t", "y"));
    assert_ne!(origin("t", "x"), origin("s", "x"));
    assert_ne!(origin("t/1:x", "y"), origin("t", "x/1:y"));
}

fn execution(tenant: &str, id: &str, phase: Phase) -> Execution {
    let told = Time::parse("2026-01-01T00:00:00Z").unwrap();
    let mut execution = Execution::new(ExecutionKey::new(tenant, id), told);
    execution.learn(&ExecutionFact {
        key: execution.key.clone(),
        identity: Some(Identity {
            engine: "K8s.Job".into(),
            group: "batch".into(),
            kind: "Job".into(),
            namespace: tenant.into(),
            name: "nightly".into(),
        }),
        created: Time::parse("2025-12-31T23:59:58.7Z").ok(),
        aliases: vec!["guid-1".into()],
    });
    execution.status = Status { at: told, phase };
    execution
}

#[test]
fn an_execution_has_every_documented_key() {
    let job = execution("team-a", "uid-1", Phase::Error);
    let other = Execution::new(
        ExecutionKey::new("default", "guid-1"),
        Time::parse("2026-01-01T00:00:01Z").unwrap(),
    );
    let listed = gcs::ExecutionList {
        executions: vec![gcs::listed(&job), gcs::listed(&other)],
        total_num: 7,
    };
    golden("executions.json", &listed);
    let united = United::from(vec![other, job]);
    let view = gcs::united(&united, "uid-1").unwrap();
    golden("execution.json", &view);
}

#[test]
fn a_post_is_answered_item_by_item() {
    let posted = wire::Posted {
        results: vec![
            wire::ItemResult {
                index: 0,
                status: wire::ItemStatus::Created,
                name: Some("x.1".into()),
                seq: Some(12),
                field: None,
                message: None,
            },
            wire::ItemResult {
                index: 1,
                status: wire::ItemStatus::Invalid,
                name: None,
                seq: None,
                field: Some("count".into()),
                message: Some("is 0, and must be from 1 to 2147483647".into()),
            },
        ],
        created: 1,
        invalid: 1,
        ..wire::Posted::default()
    };
    golden("posted.json", &posted);
}

#[tokio::test]
async fn every_error_has_a_code_of_its_own_and_the_status_that_the_code_says() {
    let text = || "x".to_owned();
    let failed = |code| Error::Failed {
        code,
        message: text(),
    };
    let nothing = Error::NothingStored {
        index: 1,
        field: "count".into(),
        problem: "is 0".into(),
        results: Vec::new(),
    };
    let all = vec![
        Error::query("lang", "is \"fr\", and must be zh, en or both"),
        Error::LimitOffset("limit comes with offset".into()),
        Error::Cursor,
        Error::Path(text()),
        Error::Body("is empty".into()),
        nothing,
        Error::MediaType(text()),
        Error::Unread(BodyError::TooLarge(8)),
        Error::TooManyItems { found: 3, most: 2 },
        Error::UnknownExecution(text()),
        Error::AmbiguousKind {
            kind: "job".into(),
            choices: "job.batch and job.batch.volcano.sh".into(),
        },
        Error::Deleted {
            id: text(),
            results: Vec::new(),
        },
        Error::NoRoute("/x".into()),
        Error::NoMethod {
            method: "PUT".into(),
            path: "/x".into(),
        },
        Error::NotRun {
            method: "PUT".into(),
            path: "/v1/executions/x".into(),
        },
        Error::NotReady(text()),
        Error::Internal(text()),
        failed(Code::PermissionDenied),
        failed(Code::ResourceExhausted),
        failed(Code::Unavailable),
        failed(Code::Internal),
    ];
    let mut shown = Vec::new();
    let mut codes = BTreeSet::new();
    for error in all {
        let answer = error.into_response();
        let status = answer.status().as_u16().to_string();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let told: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let code = told["error_code"].as_str().unwrap();
        assert_eq!(code.strip_prefix("GCS.").unwrap()[..3], status);
        codes.insert(code.to_owned());
        shown.push(serde_json::from_slice::<Box<RawValue>>(&body).unwrap());
    }
    assert_eq!(codes.len(), shown.len());
    golden("errors.json", &shown);
}

#[test]
fn the_documented_words_for_a_status_are_understood() {
    for phase in Phase::ALL {
        let found = gcs::phase(gcs::word(phase)).unwrap().unwrap();
        assert!(found == phase || (phase, found) == (Phase::Error, Phase::Failed));
    }
    assert_eq!(gcs::phase("Retrying"), Ok(None));
    assert!(gcs::phase("running").is_err());
}
