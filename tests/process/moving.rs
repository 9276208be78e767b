//! Histories on the move: out of a server that is written to, into another folder, and out again.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::server::{Server, dagtrail, output};

const WRITERS: u64 = 3;
const RUNS: [&str; 4] = ["run-0", "run-1", "run-2", "run-3"];

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn fine(args: &[&str]) -> String {
    let (fine, _, said) = output(args);
    assert!(fine, "{args:?}: {said}");
    said
}

fn refused(args: &[&str]) -> String {
    let (fine, printed, said) = output(args);
    assert!(!fine && printed.is_empty(), "{args:?}: {said}");
    // One sentence, no backtrace.
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

/// Ten items; some fold, each is told once.
fn items(writer: u64, round: u64) -> Value {
    let item = |index: u64| {
        json!({
            "id": format!("{writer}-{round}-{index}"),
            "reason": "BackOff",
            "message": format!("back-off {}", index % 3),
            "elemId": format!("step-{}", round % 5),
            "elemType": "K8s.Pod",
            "type": "Warning",
            "count": 1 + index % 2,
            "payload": {"writer": writer, "名": "字"},
            "firstTimestamp": format!("2026-01-01T00:{:02}:{:02}.5Z", round % 60, index),
        })
    };
    (0..10).map(item).collect()
}

/// What the items of a round add to the counts.
const ADDED: u64 = 15;

async fn get(url: String) -> Value {
    let answer = reqwest::get(&url).await.unwrap();
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// All that is read by HTTP of all runs.
async fn histories(server: &Server) -> Vec<Value> {
    let mut found = vec![get(format!("{}/v1/executions", server.url)).await];
    for run in RUNS {
        found.push(get(format!("{}?view=full", server.events(run))).await);
        found.push(get(format!("{}?order=desc&lang=zh&limit=7", server.events(run))).await);
    }
    found
}

fn sum(histories: &[Value]) -> u64 {
    let rows = histories[1..].iter().step_by(2);
    let rows = rows.flat_map(|rows| rows.as_array().unwrap());
    rows.map(|row| row["count"].as_u64().unwrap()).sum()
}

async fn post(url: String, body: &Value) -> Value {
    let client = reqwest::Client::new();
    let answer = client.post(url).json(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn out_of_a_server_that_is_written_to_in_and_out_again_the_bytes_are_equal() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| text(&folder.path().join(name)).to_owned();
    let server = Server::start(&folder.path().join("data"));
    let (over, acknowledged) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (over, acknowledged) = (over.clone(), acknowledged.clone());
        let url = server.events(RUNS[writer as usize]);
        writers.spawn(async move {
            for round in 0.. {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                post(url.clone(), &items(writer, round)).await;
                acknowledged.fetch_add(ADDED, Ordering::SeqCst);
            }
        });
    }
    post(server.events(RUNS[3]), &items(9, 0)).await;
    while acknowledged.load(Ordering::SeqCst) < 30 * ADDED {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // While it is written to.
    let (live, url) = (path("live.ndjson.zst"), server.url.clone());
    let before = acknowledged.load(Ordering::SeqCst);
    let to = live.clone();
    let said = blocking(move || fine(&["export", "--all", "--server", &url, "-o", &to])).await;
    let after = acknowledged.load(Ordering::SeqCst) + (WRITERS + 1) * ADDED;
    assert!(
        said.contains("has exported to") && said.contains("4 executions"),
        "{said}"
    );
    let (second, again) = (path("second"), path("second.ndjson.zst"));
    fine(&["import", &live, "--data-dir", &second]);
    fine(&["export", "--data-dir", &second, "-o", &again]);
    assert_eq!(fs::read(&again).unwrap(), fs::read(&live).unwrap());
    let said = fine(&["import", &live, "--data-dir", &second]);
    assert!(
        said.contains("\n  0 rows are new or have changed"),
        "{said}"
    );
    fine(&["export", "--data-dir", &second, "-o", &again]);
    assert_eq!(fs::read(&again).unwrap(), fs::read(&live).unwrap());
    {
        let served = Server::start(Path::new(&second));
        let exported = sum(&histories(&served).await);
        assert!(
            before <= exported && exported <= after,
            "{before} {exported} {after}"
        );
    }
    over.store(true, Ordering::SeqCst);
    while writers.join_next().await.is_some() {}
    // All of it, into what has a part of it, and into another server.
    let whole = path("whole.ndjson");
    fine(&["export", "--server", &server.url, "-o", &whole]);
    let expected = histories(&server).await;
    assert_eq!(sum(&expected), acknowledged.load(Ordering::SeqCst) + ADDED);
    fine(&["import", &whole, "--data-dir", &second]);
    let other = Server::start(&folder.path().join("other"));
    fine(&["import", &live, "--server", &other.url]);
    let said = fine(&["import", &whole, "--server", &other.url]);
    assert!(said.contains("dagtrail has imported"), "{said}");
    for served in [&Server::start(Path::new(&second)), &other] {
        assert_eq!(histories(served).await, expected);
        // Who tells it again is told that it is known.
        let told = post(served.events(RUNS[1]), &items(1, 7)).await;
        let results = told["results"].as_array().unwrap();
        assert!(
            results.iter().all(|result| result["status"] == "duplicate"),
            "{told}"
        );
        assert_eq!(histories(served).await, expected);
        fine(&["export", "--server", &served.url, "-o", &again]);
        fine(&["export", "--server", &server.url, "-o", &live]);
        assert_eq!(fs::read(&again).unwrap(), fs::read(&live).unwrap());
    }
}

/// A history of two runs, one of them known by another name.
async fn small(server: &Server) {
    post(server.events("run-0"), &items(0, 0)).await;
    post(server.events("run-1"), &items(1, 1)).await;
    let alias = format!("{}/v1/executions/run-1/aliases/nightly", server.url);
    let put = reqwest::Client::new().put(alias).send().await.unwrap();
    assert!(put.status().is_success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_whole_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| text(&folder.path().join(name)).to_owned();
    let server = Server::start(&folder.path().join("data"));
    small(&server).await;
    let (packed, plain) = (path("a.ndjson.zst"), path("a.ndjson"));
    fine(&["export", "--server", &server.url, "-o", &packed]);
    fine(&["export", "--server", &server.url, "-o", &plain]);
    let said = fine(&["import", &packed, "--verify"]);
    assert!(said.contains("is whole: 2 executions, 6 rows"), "{said}");
    let (packed, plain) = (
        fs::read(packed).unwrap(),
        fs::read_to_string(plain).unwrap(),
    );
    let mut flipped = packed.clone();
    flipped[packed.len() / 2] ^= 16;
    let lines: Vec<&str> = plain.lines().collect();
    let last = lines.last().unwrap();
    let (bad, data) = (path("bad"), path("new"));
    for (bytes, sentence) in [
        (packed[..packed.len() - 9].to_vec(), "it was cut off"),
        (flipped, "it cannot be read after line"),
        (plain[..plain.len() / 2].into(), "it was cut off"),
        (
            plain.replacen("back-off 1", "back-off 7", 1).into(),
            "it is not the row of its key",
        ),
        (
            plain.replacen("\"told\":\"20", "\"told\":\"19", 1).into(),
            "its checksum is",
        ),
        (
            plain
                .replace(last, &last.replace("\"rows\":6", "\"rows\":7"))
                .into(),
            "its end tells of 7 rows, and there are 6",
        ),
        (
            plain.replacen("\"format\":1", "\"format\":2", 1).into(),
            "it has format 2, and this dagtrail reads formats up to 1",
        ),
        (b"apiVersion: v1\n".to_vec(), "it is no export of dagtrail"),
        (Vec::new(), "it is empty"),
    ] {
        fs::write(&bad, bytes).unwrap();
        for args in [
            &["import", &bad, "--data-dir", &data][..],
            &["import", &bad, "--verify"],
            &["import", &bad, "--server", &server.url],
        ] {
            let said = refused(args);
            assert!(
                said.contains(sentence) && said.contains("nothing was written"),
                "{said}"
            );
        }
        assert!(!Path::new(&data).exists(), "{sentence}");
    }
    assert!(refused(&["import", &path("none"), "--verify"]).contains("cannot read"));
    // Nor does the server take it from others.
    let client = reqwest::Client::new();
    let import = format!("{}/v1/import", server.url);
    let answer = client
        .post(import)
        .body(plain[..plain.len() - 3].to_owned())
        .send();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), 400);
    let said = answer.text().await.unwrap();
    assert!(
        said.contains("it was cut off") && said.contains("nothing was written"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_of_a_history_is_exported_and_in_other_shapes() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| text(&folder.path().join(name)).to_owned();
    let data = path("data");
    let server = Server::start(Path::new(&data));
    small(&server).await;
    let events = get(server.events("run-1")).await;
    let url = server.url.clone();
    let one = |format: &str, name: &str, of: &[&str]| {
        let to = path(name);
        let args = [
            "export",
            "--execution",
            "nightly",
            "--format",
            format,
            "-o",
            &to,
        ];
        fine(&[&args[..], of].concat());
        fs::read_to_string(to).unwrap()
    };
    let of_server = ["--server", &url];
    let seed = one("seed", "seed.json", &of_server);
    assert_eq!(serde_json::from_str::<Value>(&seed).unwrap(), events);
    let lines = one("cloudevents", "events.ndjson", &of_server);
    let list = one("kubernetes", "list.json", &of_server);
    let native = one("ndjson", "one.ndjson", &of_server);
    assert_eq!(lines.lines().count(), 3);
    assert_eq!(
        serde_json::from_str::<Value>(&list).unwrap()["kind"],
        "EventList"
    );
    let said = refused(&[
        "export",
        "--server",
        &url,
        "--execution",
        "none",
        "-o",
        &path("x"),
    ]);
    assert!(said.contains("\"none\" is not known"), "{said}");
    let said = refused(&["export", "--data-dir", &data, "-o", &path("x")]);
    assert!(
        said.contains("in use by another process") && said.contains("--server"),
        "{said}"
    );
    for since in ["1h", "2000-01-01T00:00:00Z"] {
        fine(&[
            "export",
            "--server",
            &url,
            "--since",
            since,
            "-o",
            &path("since.ndjson"),
        ]);
        let since = fs::read_to_string(path("since.ndjson")).unwrap();
        assert!(since.contains("run-0") && since.contains("run-1"));
    }
    assert!(!Path::new(&path("x")).exists() && !Path::new(&path("x.part")).exists());
    assert!(server.terminate());
    // Of the folder, the same.
    let of_folder = ["--data-dir", &data];
    for (format, name, expected) in [
        ("seed", "seed.json", seed),
        ("cloudevents", "events.ndjson", lines),
        ("kubernetes", "list.json", list),
        ("ndjson", "one.ndjson", native),
    ] {
        assert_eq!(one(format, name, &of_folder), expected, "{format}");
    }
    let late = [
        "export",
        "--data-dir",
        &data,
        "--since",
        "2200-01-01T00:00:00Z",
        "-o",
        "-",
    ];
    let (fine, nothing, said) = output(&late);
    assert!(fine && said.contains("has exported 0 executions"), "{said}");
    assert_eq!(nothing.lines().count(), 2);
    let said = refused(&["export", "--data-dir", &path("none"), "-o", "-"]);
    assert!(said.contains("there is no history in"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_exports_and_imports_only_its_namespaces() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| text(&folder.path().join(name)).to_owned();
    // echo -n secret | sha256sum, echo -n other | sha256sum
    let tokens = "tokens:\n\
        - {name: root, sha256: 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b}\n\
        - {name: team, sha256: d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa, namespaces: [team]}\n";
    fs::write(path("tokens"), tokens).unwrap();
    fs::write(path("root"), "secret").unwrap();
    fs::write(path("team"), "other").unwrap();
    let tokens = path("tokens");
    let args = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--in-memory",
    ];
    let server = Server::spawn(dagtrail(&[&args[..], &["--token-file", &tokens]].concat()));
    for (token, run) in [("root", "of-root"), ("team", "of-team")] {
        let token = path(token);
        let args = [
            "emit",
            run,
            "--reason",
            "ActionStart",
            "--server",
            &server.url,
        ];
        let (fine, _, said) = output(&[&args[..], &["--token-file", &token]].concat());
        assert!(fine, "{said}");
    }
    let with = |token: &str, args: &[&str]| {
        let token = path(token);
        output(&[args, &["--server", &server.url, "--token-file", &token]].concat())
    };
    let (all, own) = (path("all.ndjson"), path("own.ndjson"));
    assert!(with("root", &["export", "-o", &all]).0 && with("team", &["export", "-o", &own]).0);
    let (all_lines, own_lines) = (
        fs::read_to_string(&all).unwrap(),
        fs::read_to_string(&own).unwrap(),
    );
    assert!(all_lines.contains("of-root") && all_lines.contains("of-team"));
    assert!(own_lines.contains("of-team") && !own_lines.contains("of-root"));
    assert!(own_lines.starts_with(r#"{"export":"dagtrail","format":1"#));
    assert!(
        own_lines
            .lines()
            .next()
            .unwrap()
            .contains(r#""of":{"readable":["team"]}"#)
    );
    assert!(with("team", &["import", &own]).0);
    let (fine, _, said) = with("team", &["import", &all]);
    assert!(
        !fine && said.contains("importing events of namespace"),
        "{said}"
    );
    let (fine, _, said) = output(&["export", "-o", &own, "--server", &server.url]);
    assert!(!fine && said.contains("credentials are missing"), "{said}");
}

#[test]
fn a_data_directory_says_what_it_was_written_in() {
    let folder = tempfile::tempdir().unwrap();
    let data = text(&folder.path().join("data")).to_owned();
    let said = refused(&["migrate", "--plan", "--data-dir", &data]);
    assert!(said.contains("there is no history in"), "{said}");
    let server = Server::start(Path::new(&data));
    assert!(server.terminate());
    for (args, last) in [
        (
            &["migrate", "--plan", "--data-dir", &data][..],
            "to do           nothing",
        ),
        (
            &["migrate", "--dry-run", "--data-dir", &data],
            "to do           nothing",
        ),
        (&["migrate", "--data-dir", &data], "done            nothing"),
    ] {
        let (fine, printed, said) = output(args);
        assert!(fine, "{said}");
        assert!(
            printed.contains("its format      1, for readers from 1 and writers from 1"),
            "{printed}"
        );
        assert!(printed.contains(last), "{printed}");
    }
}
