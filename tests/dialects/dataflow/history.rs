//! What becomes of messages: rows that fold, samples beside them, and nothing twice.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::real_clients::{json, python, serve};
use crate::inside::{Server, read};

const JOB: &str = "2015-04-22";

async fn send(server: &Server, messages: Value) -> Value {
    let url = format!("{}/v1b3/projects/my-proj/WorkerMessages", server.base);
    let body = json!({"workerMessages": messages}).to_string();
    let request = server
        .client
        .post(url)
        .header("content-type", "application/json")
        .body(body);
    let (status, body) = read(request.send().await.unwrap()).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn message(job: &str, second: u32, content: &Value) -> Value {
    let mut message = json!({
        "time": format!("2026-11-21T00:{:02}:{:02}Z", second / 60, second % 60),
        "labels": {"JOB_ID": job, "WORKER_ID": "vm-1"},
    });
    let pairs = content.as_object().unwrap().clone();
    message.as_object_mut().unwrap().extend(pairs);
    message
}

#[tokio::test]
async fn a_worker_that_reports_every_ten_seconds_is_one_row_and_one_more_when_it_falls_ill() {
    let server = Server::start().await;
    let healthy = json!({"workerHealthReport": {"vmIsHealthy": true}});
    // They come out of order.
    for second in (0..360).rev().step_by(10) {
        send(&server, json!([message("j", second, &healthy)])).await;
    }
    let ill = json!({"workerHealthReport": {"msg": "slow", "vmBrokenCode": "DISK"}});
    let worse = json!({"workerHealthReport": {"msg": "slower", "vmBrokenCode": "DISK"}});
    send(
        &server,
        json!([message("j", 400, &ill), message("j", 410, &worse)]),
    )
    .await;
    let rows = server.json("/v1/executions/j/events?view=full").await;
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let seen = |row: &Value| {
        (
            row["count"].as_u64().unwrap(),
            row["lastTimestamp"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(seen(&rows[0]), (36, "2026-11-21T00:05:59Z".to_owned()));
    assert_eq!(rows[0]["firstTimestamp"], "2026-11-21T00:00:09Z");
    assert_eq!(seen(&rows[1]), (2, "2026-11-21T00:06:50Z".to_owned()));
    assert_eq!(
        rows[1]["message"],
        "工作机(vm-1)不健康(DISK): slower ## Worker(vm-1) is unhealthy (DISK): slower"
    );
    assert_eq!(rows[1]["payload"], message("j", 410, &worse));
    assert_eq!(
        rows[1]["labels"],
        json!({"JOB_ID": "j", "WORKER_ID": "vm-1"})
    );
}

#[tokio::test]
async fn metrics_are_samples_of_their_element_and_no_rows() {
    let server = Server::start().await;
    let metrics = |ms: u64| json!({"workerMetrics": {"cpuTime": [{"totalMs": ms}]}});
    let threads = json!({"worker_thread_scaling_report": {"currentThreadCount": 7}});
    send(
        &server,
        json!([
            message("j", 9, &metrics(9)),
            message("j", 3, &metrics(3)),
            message("j", 1, &threads)
        ]),
    )
    .await;
    assert_eq!(server.json("/v1/executions/j/events").await, json!([]));
    let cpu = |ms: &str| json!({"cpuTime": [{"totalMs": ms}]});
    let sample = |name: &str, at: &str, value: Value| json!({"elemId": "vm-1", "name": name, "at": at, "value": value});
    let threads = sample(
        "workerThreadScalingReport",
        "2026-11-21T00:00:01Z",
        json!({"currentThreadCount": 7}),
    );
    assert_eq!(
        server.json("/v1/executions/j/samples").await,
        json!([
            sample("workerMetrics", "2026-11-21T00:00:09Z", cpu("9")),
            threads
        ])
    );
    // In the full view they stand on the last row of the element.
    for second in [20, 21] {
        let code = json!({"workerMessageCode": {"code": "C", "parameters": {"n": second}}});
        send(&server, json!([message("j", second, &code)])).await;
    }
    let full = server
        .json("/v1/executions/j/events?view=full&order=desc")
        .await;
    assert_eq!(full[1]["samples"], json!({}));
    assert_eq!(
        full[0]["samples"]["workerMetrics"],
        json!({"at": "2026-11-21T00:00:09Z", "value": cpu("9")})
    );
    // A new sample is a new answer, though no row has changed.
    let path = "/v1/executions/j/events?view=full";
    let tag = async || server.get(path).send().await.unwrap().headers()["etag"].clone();
    let before = tag().await;
    assert_eq!(tag().await, before);
    send(&server, json!([message("j", 30, &metrics(30))])).await;
    assert_ne!(tag().await, before);
    let known = server
        .get("/v1/executions/j/events")
        .header("if-none-match", "*");
    assert_eq!(known.send().await.unwrap().status(), 304);
}

#[tokio::test]
async fn a_job_is_an_execution_that_an_alias_unites_with_another() {
    let server = Server::start().await;
    let started = json!({"workerLifecycleEvent": {"event": "OS_START"}});
    send(&server, json!([message("job-7", 5, &started)])).await;
    let event = json!({"reason": "ActionStart", "elemId": "load", "actionName": "run",
        "firstTimestamp": "2026-11-21T00:00:01Z"});
    server.tell("flow-7", &event).await;
    let alias = format!("{}/v1/executions/flow-7/aliases/job-7", server.base);
    assert!(
        server
            .client
            .put(alias)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    for id in ["flow-7", "job-7"] {
        let rows = server
            .json(&format!("/v1/executions/{id}/events?lang=en"))
            .await;
        let reasons: Vec<_> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["reason"].as_str().unwrap())
            .collect();
        assert_eq!(reasons, ["ActionStart", "OS_START"], "{id}");
    }
}

#[tokio::test]
async fn a_message_without_labels_is_about_its_project_and_without_a_time_of_now() {
    let server = Server::start().await;
    let timeless = json!([{"workerMessageCode": {"code": "HARNESS_STARTED"}}]);
    send(&server, timeless.clone()).await;
    let rows = server.json("/v1/executions/my-proj/events").await;
    assert_eq!(rows[0]["firstTimestamp"], "2030-01-01T00:00:00Z");
    assert_eq!(
        (&rows[0]["elemId"], &rows[0]["elemType"]),
        (&json!(""), &json!("Dataflow.job"))
    );
    assert!(rows[0]["message"].as_str().unwrap().contains("(my-proj)"));
    // Nothing says that this is the same one.
    server.clock.advance(std::time::Duration::from_secs(1));
    send(&server, timeless).await;
    assert_eq!(
        server.json("/v1/executions/my-proj/events").await[0]["count"],
        2
    );
}

#[tokio::test]
async fn what_a_client_sends_again_after_a_crash_of_the_server_is_not_counted_again() {
    let data = TempDir::new().unwrap();
    let server = serve(data.path());
    python(&server);
    let events = async |url: String| {
        let rows = json(&url).await;
        let rows = rows.as_array().unwrap().clone();
        // A message without a time is told anew.
        rows.into_iter()
            .filter(|row| {
                !row["reason"]
                    .as_str()
                    .unwrap()
                    .ends_with("WorkerMessageCode")
            })
            .collect::<Vec<_>>()
    };
    let (jobs, before) = (["python-job", JOB], server.url.clone());
    let mut told = Vec::new();
    for job in jobs {
        told.push(events(format!("{before}/v1/executions/{job}/events")).await);
        assert!(told.iter().all(|rows| !rows.is_empty()));
    }
    let samples = json(&format!("{before}/v1/executions/{JOB}/samples")).await;
    assert_eq!(samples.as_array().unwrap().len(), 5);
    server.kill();
    let server = serve(data.path());
    let again = format!("{}/v1/executions/{JOB}/samples", server.url);
    assert_eq!(json(&again).await, samples);
    python(&server);
    for (job, told) in jobs.into_iter().zip(told) {
        assert_eq!(events(server.events(job)).await, told, "{job}");
    }
    assert_eq!(json(&again).await, samples);
    assert!(server.terminate());
}
