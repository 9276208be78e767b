//! The client against the real binary: the documented examples, chunks and retries, tokens.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::clients;
use crate::server::{Server, dagtrail};

const KEY: &str = "a key of more than thirty-two bytes, for tests";

/// SHA-256 of `A_VALID_TOKEN` and `A_VALID_REFRESH_TOKEN`.
const TOKENS: &str = "tokens:
- {name: token, sha256: d897cac06c22d54c69789fbc4b9452089f95ab13753e318578da0952051594c8}
- {name: refresh, sha256: bee4d1a33b1bc0499485e3ee00d58f5c96d2b965637192bfa5393fed43f87b76}
";

fn start(data: &TempDir) -> Server {
    let file = |name: &str, text: &str| {
        let path = data.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let store = data.path().join("store");
    Server::spawn(dagtrail(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--kube",
        "off",
        "--data-dir",
        store.to_str().unwrap(),
        "--token-file",
        &file("tokens", TOKENS),
        "--genomcore-key-file",
        &file("key", KEY),
    ]))
}

/// The lines that a program says against a server of its own.
fn said(program: &str) -> Vec<Value> {
    let data = tempfile::tempdir().unwrap();
    let server = start(&data);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/dialects/genomcore");
    let output = clients::python("genomcore", "")
        .arg(folder.join(program))
        .env("GENOMCORE_API", format!("{}/genomcore/api/v1", server.url))
        .env("GENOMCORE_KEY", KEY)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    eprint!("{errors}");
    assert!(output.status.success(), "{program} failed");
    let lines = String::from_utf8(output.stdout).unwrap();
    println!("{lines}");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[track_caller]
fn step<'a>(said: &'a [Value], name: &str) -> &'a Value {
    let found = said.iter().find(|line| line["step"] == name);
    found.unwrap_or_else(|| panic!("it did not come to {name}"))
}

#[test]
fn the_documented_examples_do_what_they_say() {
    let said = said("documented.py");
    let created = step(&said, "create")["read"].as_array().unwrap();
    assert_eq!(created.len(), 1, "one answer for the one chunk");
    assert_eq!(created[0]["created"], 2, "equal events are two");
    let found = step(&said, "created");
    let mut items = found["read"]["items"].as_array().unwrap().clone();
    for (item, id) in items.iter_mut().zip(0..) {
        let fields = item.as_object_mut().unwrap();
        let own = fields.remove("id").unwrap();
        assert!(created[0]["ids"].as_array().unwrap().contains(&own));
        assert_eq!(fields["start"], "2021-01-01T00:00:00.000Z");
        fields["start"] = found["sent"][id]["start"].clone();
    }
    assert_eq!(json!(items), found["sent"]);

    let fill = step(&said, "fill");
    assert_eq!(fill["read"][0]["created"], fill["sent"]);
    let query = &step(&said, "query")["read"];
    // Eight days, both ends among them, at 240 a day: the third page of 500, the latest first.
    assert_eq!(
        (&query["page"], &query["pageSize"]),
        (&json!(2), &json!(500))
    );
    assert_eq!(query["total"], 8 * 240);
    let items = query["items"].as_array().unwrap();
    assert_eq!(items.len(), 500);
    for (item, place) in items.iter().zip(1000..) {
        assert_eq!(
            (&item["owner"], &item["collection"]),
            (&json!("1"), &json!("TestCollection"))
        );
        let (day, minute) = (8 - place / 240, (239 - place % 240) * 6);
        assert_eq!(item["externalId"], format!("04-{day:02}-{minute:04}"));
    }

    assert_eq!(step(&said, "delete")["read"], json!({"deleted": 7}));
    assert_eq!(step(&said, "deleted")["read"], json!({"deleted": 0}));
    let kept = step(&said, "kept");
    assert_eq!(kept["read"]["total"], 1);
    assert_eq!(
        kept["read"]["items"][0]["collection"],
        kept["sent"]["collection"]
    );
}

#[test]
fn a_chunk_whose_answer_is_lost_is_sent_again_and_adds_nothing() {
    let said = said("chunks.py");
    let sizes = |line: &Value, key: &str| -> Vec<u64> {
        let answers = line["read"].as_array().unwrap().iter();
        answers
            .map(|answer| answer[key].as_u64().unwrap())
            .collect()
    };
    assert_eq!(sizes(step(&said, "chunks"), "created"), [10, 10, 5]);
    let retries = step(&said, "retries");
    assert_eq!(retries["lost"], 2);
    assert_eq!(
        sizes(retries, "created"),
        [0, 10],
        "the third try of the first chunk is answered"
    );
    assert_eq!(sizes(retries, "duplicates"), [10, 0]);
    let total = step(&said, "total");
    assert_eq!(total["read"], total["sent"]);
    assert_ne!(step(&said, "no retry")["read"], "an answer");
    let bad = step(&said, "a bad chunk");
    let message = json!(["1.end must be equal or greater than start"]);
    assert_eq!(
        (&bad["status"], &bad["read"]["message"]),
        (&json!(400), &message)
    );
    assert_eq!(
        step(&said, "what was before it")["read"],
        3,
        "a chunk is all or nothing"
    );
    let refused = said.iter().filter(|line| line["step"] == "batch").count();
    assert_eq!(refused, 2);
}

#[test]
fn a_token_that_is_about_to_expire_is_renewed_and_nobody_else_is_let_in() {
    let said = said("tokens.py");
    let renewed = |renewals: u64| json!({"renewals": renewals, "same": true});
    let refused = json!({"status": 401, "body": {"statusCode": 401, "message": "Unauthorized"}});
    for (name, wanted) in [
        ("not yet", renewed(0)),
        ("soon", renewed(1)),
        ("expired", renewed(1)),
        ("no JWT", renewed(0)),
        ("not known", refused.clone()),
        ("nobody's", refused.clone()),
        ("a wrong refresh token", refused.clone()),
        ("a token is no refresh token", refused),
        ("good for", json!(60)),
    ] {
        assert_eq!(step(&said, name)["read"], wanted, "{name}");
    }
}

#[test]
fn a_key_without_tokens_or_for_two_of_one_name_is_refused_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    let key = data.path().join("key");
    std::fs::write(&key, KEY).unwrap();
    let tokens = data.path().join("tokens");
    std::fs::write(&tokens, TOKENS.replace("refresh", "token")).unwrap();
    let key = ["--genomcore-key-file", key.to_str().unwrap()];
    let tokens = ["--token-file", tokens.to_str().unwrap()];
    for (more, told) in [(&[][..], "needs --token-file"), (&tokens, "\"token\"")] {
        let line = [&["serve", "--in-memory", "--kube", "off"], &key[..], more].concat();
        let output = dagtrail(&line).output().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(told), "{said}");
    }
}
