//! Recordings, dumps and histories that cannot be used, or not whole: one clear sentence each.

use std::fs;
use std::path::Path;

use crate::server::{Server, output};

const HEADER: &str = r#"{"recording":"dagtrail","format":1,"version":"0.1.0","cluster":"c","eventTtlNanoseconds":3600000000000,"kinds":["pods","events"]}"#;
const STARTED: &str = r#"{"at":"2026-01-01T00:00:00Z","what":"started"}"#;
const POD: &str = r#"{"at":"2026-01-01T00:00:01Z","what":{"told":{"kind":"pods","changes":["listing",{"applied":{"metadata":{"name":"web","namespace":"n","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z"},"status":{"phase":"Succeeded"}}},"listed"]}}}"#;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn refused(args: &[&str]) -> String {
    let (fine, printed, said) = output(args);
    assert!(!fine && printed.is_empty(), "{args:?}: {said}");
    // One sentence, no backtrace.
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn a_recording_is_told_to_a_history_and_told_again_it_adds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (file, data) = (folder.path().join("run.ndjson"), folder.path().join("data"));
    fs::write(&file, format!("{HEADER}\n{STARTED}\n{POD}\n")).unwrap();
    let (fine, dump, said) = output(&["replay", text(&file)]);
    assert!(fine, "{said}");
    assert!(
        said.contains("1 starts, 1 deliveries of 1 states from 2026-01-01T00:00:00Z"),
        "{said}"
    );
    assert!(dump.contains(r#""code":"SuccessfulFinish""#), "{dump}");
    for _ in 0..2 {
        let (fine, printed, said) = output(&["replay", text(&file), "--store", text(&data)]);
        assert!(fine && printed.is_empty(), "{said}");
        let (fine, kept, said) = output(&["dump", "--data-dir", text(&data)]);
        assert!(fine, "{said}");
        assert_eq!(kept, dump);
    }
    // Cut off, as by a crash: the rest is good, and it is said.
    let cut = folder.path().join("cut.ndjson");
    fs::write(&cut, format!("{HEADER}\n{STARTED}\n{POD}\n{}", &POD[..99])).unwrap();
    let (fine, again, said) = output(&["replay", text(&cut), "--dump", "-"]);
    assert!(
        fine && said.contains("was cut off and is left out"),
        "{said}"
    );
    assert_eq!(again, dump);
}

#[test]
fn what_is_no_recording_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("run.ndjson");
    let replay = || refused(&["replay", text(&file), "--store", text(&data)]);
    assert!(replay().contains("cannot be read (No such file"));
    fs::write(&file, "apiVersion: v1\n").unwrap();
    assert!(replay().contains("run.ndjson is no recording of dagtrail"));
    fs::write(&file, HEADER.replace(":1,", ":9,")).unwrap();
    assert!(replay().contains("has format 9, and this dagtrail reads 1"));
    assert!(!data.exists());
    fs::write(&file, format!("{HEADER}\n{POD}\n")).unwrap();
    assert!(replay().contains("line 2 of the recording"));
    fs::write(&file, format!("{HEADER}\n{STARTED}\n{{\"at\"\n{POD}\n")).unwrap();
    assert!(replay().contains("line 3 of the recording"));
}

#[test]
fn a_history_that_is_not_there_or_in_use_is_not_dumped() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let said = refused(&["dump", "--data-dir", text(&data)]);
    assert!(said.contains("there is no history in"), "{said}");
    assert!(!data.exists());
    let _server = Server::start(&data);
    let said = refused(&["dump", "--data-dir", text(&data)]);
    assert!(said.contains("in use by another process"), "{said}");
}
