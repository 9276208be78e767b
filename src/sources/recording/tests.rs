//! The file: what is written, what is read, and what cannot be.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::value::RawValue;
use tempfile::TempDir;

use super::line;
use super::*;
use crate::model::Time;
use crate::sources::watch::Change;
use crate::sources::watched::Watched;

const HEADER: &str = r#"{"recording":"dagtrail","format":1,"version":"0.1.0","cluster":"c","eventTtlNanoseconds":3600000000000,"kinds":["pods","events"]}"#;
const STARTED: &str = r#"{"at":"2026-01-01T00:00:00.000000001Z","what":"started"}"#;

fn now() -> Time {
    Time::parse("2026-01-01T00:00:00.000000001Z").unwrap()
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.into()).unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ndjson");
    fs::write(&path, text).unwrap();
    (folder, path)
}

/// How many lines can be read, or why not all of them.
fn read(path: &Path) -> Result<(u64, bool), Error> {
    let mut recording = Recording::open(path)?;
    let mut lines = 0;
    while recording.next()?.is_some() {
        lines += 1;
    }
    Ok((lines, recording.torn()))
}

fn sentence(text: &str) -> String {
    let (_folder, path) = file(text);
    read(&path).unwrap_err().to_string()
}

#[test]
fn a_delivery_is_one_line_and_keeps_its_objects_as_they_came() {
    let changes = vec![
        Change::Listing,
        Change::Applied(raw("{ \"a\":1.50,\r\n \"b\":\"x\\ny\"}")),
        Change::Deleted(raw("{}")),
        Change::Listed,
        Change::Watched,
    ];
    let what = What::Told {
        kind: Watched::Pods,
        changes: &changes,
    };
    let line = text(line::write(now(), what));
    assert_eq!(
        line,
        "{\"at\":\"2026-01-01T00:00:00.000000001Z\",\"what\":{\"told\":{\"kind\":\"pods\",\"changes\":[\"listing\",\
         {\"applied\":{ \"a\":1.50,   \"b\":\"x\\ny\"}},{\"deleted\":{}},\"listed\",\"watched\"]}}}\n"
    );
    let (at, what) = line::read(&line).unwrap();
    assert_eq!((text(line::write(at, what)), at), (line, now()));
}

#[test]
fn every_other_line_is_read_as_it_was_written() {
    let interrupted = What::Interrupted {
        kind: Watched::Events,
        reason: "gone".into(),
    };
    for (what, wanted) in [
        (What::<()>::Started, r#""started""#),
        (
            interrupted,
            r#"{"interrupted":{"kind":"events","reason":"gone"}}"#,
        ),
        (What::Ticked, r#""ticked""#),
        (What::Ended, r#""ended""#),
    ] {
        let line = text(line::write(now(), what));
        assert!(line.ends_with(&format!("\"what\":{wanted}}}\n")), "{line}");
        let (at, what) = line::read(&line).unwrap();
        assert_eq!(text(line::write(at, what)), line);
    }
    let header = line::header(HEADER).unwrap();
    assert_eq!(text(line::write_header(&header)), format!("{HEADER}\n"));
    assert_eq!(header.event_ttl(), Duration::from_secs(3600));
}

#[test]
fn a_last_line_that_was_cut_off_is_left_out_and_told() {
    let whole = format!("{HEADER}\n{STARTED}\n");
    let (_folder, path) = file(&whole);
    assert_eq!(read(&path).unwrap(), (1, false));
    for cut in [STARTED, &STARTED[..20]] {
        let (_folder, path) = file(&format!("{whole}{cut}"));
        assert_eq!(read(&path).unwrap(), (1, true), "{cut}");
    }
}

#[test]
fn a_file_that_is_no_recording_is_told_in_a_sentence() {
    for (text, wanted) in [
        ("", "it is empty"),
        ("\n", "it is empty"),
        ("hello\n", "its first line is no header"),
        (HEADER, "its first line is not whole"),
        ("{\"kind\":\"List\"}\n", "its first line is no header"),
        (
            "{\"recording\":\"of music\",\"format\":1}\n",
            "its first line says \"of music\"",
        ),
    ] {
        let said = sentence(text);
        assert!(
            said.contains("run.ndjson is no recording of dagtrail: "),
            "{said}"
        );
        assert!(said.contains(wanted), "{said}");
    }
    let said = sentence(&HEADER.replace("\"format\":1", "\"format\":2"));
    assert!(
        said.contains("has format 2, and this dagtrail reads 1"),
        "{said}"
    );
    let said = sentence(&HEADER.replace("pods", "podlings"));
    assert!(
        said.contains("does not watch the kind \"podlings\""),
        "{said}"
    );
}

#[test]
fn a_line_in_the_middle_that_cannot_be_read_is_named() {
    for wrong in [
        "x".to_owned(),
        STARTED.replace("started", "paused"),
        STARTED.replace("2026", "year"),
        String::new(),
    ] {
        let said = sentence(&format!("{HEADER}\n{STARTED}\n{wrong}\n{STARTED}\n"));
        assert!(said.starts_with("line 3 of the recording "), "{said}");
        assert!(said.contains("the file is damaged"), "{said}");
    }
}

#[tokio::test]
async fn a_tape_goes_on_behind_the_last_whole_line() {
    let (_folder, path) = file("");
    let header = || Header::new("c", Duration::from_secs(60));
    let tape = Tape::begin(&path).unwrap();
    let said = Tape::begin(&path).unwrap_err().to_string();
    assert!(said.contains("being written by another process"), "{said}");
    tape.started(header(), now()).await.unwrap();
    tape.close(now()).await.unwrap();
    drop(tape);
    let whole = fs::read_to_string(&path).unwrap();
    assert_eq!(whole.lines().count(), 3);

    fs::write(&path, format!("{whole}{}", &STARTED[..9])).unwrap();
    let said = Tape::begin(&path).unwrap_err().to_string();
    assert!(said.contains("something in it already"), "{said}");
    let mut recording = Recording::open(&path).unwrap();
    while recording.next().unwrap().is_some() {}
    let tape = Tape::go_on(&path, &recording).unwrap();
    tape.started(header(), now()).await.unwrap();
    tape.close(now()).await.unwrap();
    drop(tape);
    let after = fs::read_to_string(&path).unwrap();
    assert!(after.starts_with(&whole));
    assert_eq!(read(&path).unwrap(), (4, false));

    let mut recording = Recording::open(&path).unwrap();
    while recording.next().unwrap().is_some() {}
    let tape = Tape::go_on(&path, &recording).unwrap();
    let other = Header::new("another", Duration::from_secs(60));
    assert!(tape.started(other, now()).await.is_err());
    tape.failed().await;
    let said = tape.close(now()).await.unwrap_err().to_string();
    assert!(said.contains("is of cluster c, not of another"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), after);
}

#[tokio::test]
async fn nothing_is_taken_in_behind_the_end() {
    let (_folder, path) = file("");
    let tape = Tape::begin(&path).unwrap();
    tape.started(Header::new("c", Duration::ZERO), now())
        .await
        .unwrap();
    let turn = tape.turn().await;
    let mut closing = std::pin::pin!(tape.close(now()));
    let waits = futures::poll!(&mut closing).is_pending();
    assert!(waits, "it waits for who takes in something");
    drop(turn);
    closing.await.unwrap();
    let late = tokio::time::timeout(Duration::from_millis(50), tape.turn()).await;
    assert!(late.is_err(), "there is no turn any more");
}
