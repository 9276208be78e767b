//! Input that cannot be taken, answered in this dialect's own shape, in both of its formats.

use dagtrail::server::{Access, Tokens};
use serde_json::{Value, json};

use crate::inside::{Server, read};

const PATH: &str = "/v1b3/projects/p/WorkerMessages";
const LOCATED: &str = "/v1b3/projects/p/locations/l/WorkerMessages";

/// The token is `secret`.
const TOKENS: &str = "tokens:
- name: worker
  sha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b
  verbs: [write]
";

struct Bad {
    path: &'static str,
    kind: &'static str,
    body: String,
    status: u16,
    canonical: &'static str,
    /// What the sentence says.
    says: &'static str,
    /// The place of the first violation, if there is one.
    field: Option<&'static str>,
}

fn bad(body: impl Into<String>, says: &'static str) -> Bad {
    Bad {
        path: PATH,
        kind: "application/json",
        body: body.into(),
        status: 400,
        canonical: "INVALID_ARGUMENT",
        says,
        field: None,
    }
}

fn at(field: &'static str, message: &str, says: &'static str) -> Bad {
    Bad {
        field: Some(field),
        ..bad(format!("{{\"workerMessages\": [{{}}, {message}]}}"), says)
    }
}

fn table() -> Vec<Bad> {
    let long = "x".repeat(1025);
    let many = format!("{{\"workerMessages\": [{}{{}}]}}", "{},".repeat(1000));
    let large = format!(
        "{{\"workerShutdownNotice\": {{\"reason\": \"{}\"}}}}",
        "x".repeat(512 * 1024)
    );
    vec![
        bad("{", "Invalid JSON payload received. EOF"),
        bad("not JSON", "Invalid JSON payload received. expected"),
        bad("[]", "Unknown name \"\": Root element must be a message."),
        bad("5", "Root element must be a message."),
        bad(r#"{"a": 1, "a": 2}"#, "key \"a\" comes twice"),
        bad(r#"{"foo": 1}"#, "Unknown name \"foo\": Cannot find field."),
        Bad {
            field: Some("worker_messages"),
            ..bad(
                r#"{"workerMessages": "x"}"#,
                "Invalid value at 'worker_messages'",
            )
        },
        Bad {
            field: Some("location"),
            ..bad(
                r#"{"location": 5}"#,
                "Invalid value at 'location' (TYPE_STRING), 5",
            )
        },
        Bad {
            field: Some("worker_messages"),
            ..bad(many, "1001 messages, and 1000 is the most")
        },
        at(
            "worker_messages[1]",
            "null",
            "Invalid value at 'worker_messages[1]'",
        ),
        at(
            "worker_messages[1]",
            r#"{"foo": 1}"#,
            "Unknown name \"foo\" at 'worker_messages[1]': Cannot find field.",
        ),
        at(
            "worker_messages[1]",
            r#"{"workerMetrics": {}, "workerShutdownNotice": {}}"#,
            "oneof field 'data' is already set. Cannot set 'workerShutdownNotice'",
        ),
        bad(
            r#"{"workerMessages": [{"time": "2026-11-21T00:00:00Z", "time": null}]}"#,
            "key \"time\" comes twice",
        ),
        at(
            "worker_messages[1].time",
            r#"{"time": "2026-11-21T00:00:00"}"#,
            "Field 'time', Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset.",
        ),
        at(
            "worker_messages[1]",
            r#"{"workerMetrics": {}, "worker_metrics": {}}"#,
            "Unknown name \"worker_metrics\" at 'worker_messages[1]': Proto field is not repeating, cannot be given twice.",
        ),
        at(
            "worker_messages[1].time",
            r#"{"time": 5}"#,
            "(type.googleapis.com/google.protobuf.Timestamp), 5",
        ),
        at(
            "worker_messages[1].time",
            r#"{"time": "0001-01-01T00:00:00Z", "workerShutdownNotice": {}}"#,
            "is outside the years 1678 to 2261",
        ),
        at(
            "worker_messages[1].labels[0].value",
            r#"{"labels": {"JOB_ID": 5}}"#,
            "(TYPE_STRING), 5",
        ),
        Bad {
            field: Some("worker_messages[0].labels"),
            ..bad(
                format!("{{\"workerMessages\": [{{\"labels\": {{\"WORKER_ID\": \"{long}\"}}}}]}}"),
                "WORKER_ID of 1025 bytes, and 1024 is the most",
            )
        },
        at(
            "worker_messages[1].worker_health_report.report_interval",
            r#"{"workerHealthReport": {"reportInterval": "10"}}"#,
            "Field 'reportInterval', Illegal duration format; duration must end with 's'",
        ),
        at(
            "worker_messages[1].worker_health_report.vm_is_healthy",
            r#"{"workerHealthReport": {"vmIsHealthy": "true"}}"#,
            "(TYPE_BOOL), \"true\"",
        ),
        at(
            "worker_messages[1].worker_metrics.cpu_time[0].total_ms",
            r#"{"workerMetrics": {"cpuTime": [{"totalMs": "x"}]}}"#,
            "(TYPE_UINT64), \"x\"",
        ),
        at(
            "worker_messages[1].worker_metrics.memory_info[0].current_ooms",
            r#"{"workerMetrics": {"memoryInfo": [{"currentOoms": 1e19}]}}"#,
            "(TYPE_INT64)",
        ),
        at(
            "worker_messages[1].worker_lifecycle_event.event",
            r#"{"workerLifecycleEvent": {"event": "LUNCH"}}"#,
            "WorkerLifecycleEvent.Event), \"LUNCH\"",
        ),
        at(
            "worker_messages[1].worker_thread_scaling_report.current_thread_count",
            r#"{"workerThreadScalingReport": {"currentThreadCount": 2147483648}}"#,
            "(TYPE_INT32), 2147483648",
        ),
        at(
            "worker_messages[1].worker_message_code",
            r#"{"workerMessageCode": {"code": ["A"]}}"#,
            "Unknown name \"code\" at 'worker_messages[1].worker_message_code': Proto field is not repeating, cannot start list.",
        ),
        Bad {
            field: Some("worker_messages[0]"),
            ..bad(
                format!("{{\"workerMessages\": [{large}]}}"),
                "524288 is the most",
            )
        },
        Bad {
            status: 413,
            ..bad(
                " ".repeat(10 * 1024 * 1024 + 1),
                "is larger than 10485760 bytes",
            )
        },
        Bad {
            kind: "text/plain",
            status: 415,
            ..bad("{}", "content-type \"text/plain\" is not read here")
        },
        Bad {
            path: "/v1b3/projects/p/WorkerMessages?alt=proto",
            ..bad("{}", "Invalid value at 'alt', \"proto\"")
        },
        Bad {
            path: "/v1b3/projects/p/WorkerMessages?fields=a(b",
            ..bad(
                "{}",
                "Invalid value at 'fields', a parenthesis is not closed",
            )
        },
        Bad {
            path: "/v1b3/projects/%20/WorkerMessages",
            ..bad("{}", "Invalid value at 'project_id'")
        },
        Bad {
            path: "/v1b3/projects/p/locations/%FF/WorkerMessages",
            ..bad("{}", "Invalid value at 'path'")
        },
        Bad {
            path: "/v1b3/projects/p/workerMessages",
            status: 404,
            canonical: "NOT_FOUND",
            ..bad("{}", "there is nothing at /v1b3/projects/p/workerMessages")
        },
        Bad {
            path: "/v1b3/projects/p/jobs",
            status: 404,
            canonical: "NOT_FOUND",
            ..bad("{}", "only the WorkerMessages methods")
        },
    ]
}

fn format(path: &str, number: &str) -> String {
    let between = if path.contains('?') { '&' } else { '?' };
    format!("{path}{between}%24.xgafv={number}")
}

/// Of an error's body, whatever the format: its sentence.
fn told<'a>(body: &'a Value, status: u16, canonical: &str, is_v1: bool) -> &'a str {
    let error = &body["error"];
    assert_eq!(
        (&error["code"], &error["status"]),
        (&json!(status), &json!(canonical)),
        "{body}"
    );
    let message = error["message"].as_str().unwrap();
    if is_v1 {
        let first = &error["errors"][0];
        assert_eq!(
            (&first["message"], &first["domain"]),
            (&json!(message), &json!("global"))
        );
        assert!(
            first["reason"].is_string() && error.get("details").is_none(),
            "{body}"
        );
    } else {
        assert!(error.get("errors").is_none(), "{body}");
    }
    message
}

#[tokio::test]
async fn every_bad_input_is_answered_in_both_formats_and_stores_nothing() {
    let server = Server::in_memory().await;
    let table = table();
    assert!(table.len() >= 20);
    for bad in table {
        for number in ["1", "2"] {
            let url = format!("{}{}", server.base, format(bad.path, number));
            let request = server.client.post(url).header("content-type", bad.kind);
            let answer = request.body(bad.body.clone()).send().await.unwrap();
            assert_eq!(
                answer.headers()["content-type"],
                "application/json; charset=UTF-8"
            );
            let (status, body) = read(answer).await;
            assert_eq!(status, bad.status, "{body}");
            let message = told(&body, bad.status, bad.canonical, number == "1");
            assert!(
                message.contains(bad.says),
                "{message:?} does not say {:?}",
                bad.says
            );
            if let Some(place) = bad.field.filter(|_| number == "2") {
                let detail = &body["error"]["details"][0];
                assert_eq!(detail["@type"], "type.googleapis.com/google.rpc.BadRequest");
                let first = &detail["fieldViolations"][0];
                let field = first["field"].as_str().unwrap();
                assert_eq!(field, place);
                assert_eq!(
                    first["description"].as_str().unwrap(),
                    message.lines().next().unwrap()
                );
            }
        }
    }
    let all = server.json("/v1/executions").await;
    assert_eq!(all["total_num"], 0, "{all}");
}

#[tokio::test]
async fn another_method_is_refused_and_the_right_one_named() {
    let server = Server::in_memory().await;
    for path in [PATH, LOCATED] {
        let answer = server.get(path).send().await.unwrap();
        assert_eq!(answer.headers()["allow"], "POST");
        let (status, body) = read(answer).await;
        assert_eq!(status, 405);
        let message = told(&body, 405, "UNIMPLEMENTED", false);
        assert_eq!(message, format!("GET is not possible at {path}: POST is"));
    }
}

#[tokio::test]
async fn all_violations_of_a_request_are_told_and_none_of_its_messages_is_stored() {
    let server = Server::in_memory().await;
    let body = r#"{"workerMessages": [{"labels": {"JOB_ID": "j"}, "workerShutdownNotice": {}}, {"foo": 1}, {"bar": 2}]}"#;
    let request = server.client.post(format!("{}{LOCATED}", server.base));
    let request = request
        .header("content-type", "application/json")
        .body(body);
    let (status, body) = read(request.send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert_eq!(
        body["error"]["message"].as_str().unwrap().lines().count(),
        2
    );
    let fields = body["error"]["details"][0]["fieldViolations"]
        .as_array()
        .unwrap();
    let places: Vec<_> = fields
        .iter()
        .map(|one| one["field"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["worker_messages[1]", "worker_messages[2]"]);
    assert_eq!(server.json("/v1/executions").await["total_num"], 0);
}

#[tokio::test]
async fn a_token_may_come_in_the_header_or_in_the_query_and_a_wrong_one_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, TOKENS).unwrap();
    let server = Server::guarded(Access::by_tokens(Tokens::read(file.path()).unwrap())).await;
    let ask = async |query: &str, header: Option<&str>| {
        let mut request = server.client.post(format!("{}{PATH}{query}", server.base));
        if let Some(token) = header {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(request.send().await.unwrap()).await
    };
    for (query, header) in [
        ("", Some("secret")),
        ("?access_token=secret", None),
        ("?oauth_token=secret", None),
    ] {
        assert_eq!(ask(query, header).await, (200, json!({})), "{query}");
    }
    for (query, header) in [
        ("", None),
        ("?access_token=wrong", None),
        ("?access_token=secret", Some("wrong")),
        ("?key=secret", None),
    ] {
        let (status, body) = ask(query, header).await;
        assert_eq!(status, 401);
        told(&body, 401, "UNAUTHENTICATED", false);
    }
    let (_, body) = ask("?f__xgafv=1", None).await;
    told(&body, 401, "UNAUTHENTICATED", true);
}
