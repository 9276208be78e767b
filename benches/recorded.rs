//! A synthetic recording, and how fast it is replayed. Does I/O.

use std::io::{BufWriter, Write};
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use crate::report::{Aim, Row, figure};
use crate::server::dagtrail;
use crate::{extent, stock};

/// States in a delivery: as many as a watch hands on together when it has fallen behind, or a page of a list holds.
const TOGETHER: u64 = 500;
/// Events of a Pod, and how often each is told with a higher count.
const EVENTS: u64 = 20;
const TIMES: u64 = 5;
/// Pods at a time: as long as one is told of.
const PODS: u64 = 50;

const HEADER: &str = r#"{"recording":"dagtrail","format":1,"version":"0.1.0","cluster":"bench","eventTtlNanoseconds":3600000000000,"kinds":["pods","events"]}"#;

/// A time so many milliseconds after the beginning.
fn at(milliseconds: u64) -> String {
    let second = i64::try_from(milliseconds / 1000).expect("rows are not that many");
    let time = jiff::Timestamp::new(1_700_000_000 + second, 0).expect("a time of this century");
    let text = time.to_string();
    format!(
        "{}.{:03}000000Z",
        text.trim_end_matches('Z'),
        milliseconds % 1000
    )
}

fn line(file: &mut impl Write, now: u64, kind: &str, changes: &[String]) {
    let changes = changes.join(",");
    writeln!(
        file,
        r#"{{"at":"{}","what":{{"told":{{"kind":"{kind}","changes":[{changes}]}}}}}}"#,
        at(now)
    )
    .expect("the disk takes it");
}

fn pod(number: u64) -> String {
    format!(
        r#"{{"applied":{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"align-{number}","namespace":"genomics","uid":"{}","resourceVersion":"{number}","creationTimestamp":"2023-11-14T22:13:20Z"}},"spec":{{"nodeName":"node-a","containers":[{{"name":"main","image":"registry.example.com/align"}}]}},"status":{{"phase":"Pending"}}}}}}"#,
        uid(number)
    )
}

fn uid(number: u64) -> String {
    uuid::Uuid::from_u64_pair(stock::random(number), stock::random(!number)).to_string()
}

/// The n-th time that an Event of a Pod is told.
fn event(pod: u64, which: u64, time: u64, now: u64) -> String {
    let (uid, count) = (uid(pod), time + 1);
    let text = at(now);
    let second = &text[..19];
    format!(
        r#"{{"applied":{{"apiVersion":"v1","kind":"Event","metadata":{{"name":"align-{pod}.{which:016x}","namespace":"genomics","uid":"{}","resourceVersion":"{now}","creationTimestamp":"2023-11-14T22:13:20Z"}},"involvedObject":{{"kind":"Pod","namespace":"genomics","name":"align-{pod}","uid":"{uid}","apiVersion":"v1","resourceVersion":"71","fieldPath":"spec.containers{{main}}"}},"reason":"Unhealthy","message":"Readiness probe failed: HTTP probe failed with statuscode: 503 (check {which} of align-{pod})","source":{{"component":"kubelet","host":"node-a"}},"firstTimestamp":"2023-11-14T22:13:20Z","lastTimestamp":"{second}Z","count":{count},"type":"Warning","eventTime":null,"reportingComponent":"kubelet","reportingInstance":"node-a"}}}}"#,
        uuid::Uuid::from_u64_pair(stock::random(pod << 8 | which), 5),
    )
}

/// Writes a recording of so many states of Events, or a few less.
fn write(to: impl Write, states: u64) -> u64 {
    let mut file = BufWriter::with_capacity(1 << 20, to);
    writeln!(
        file,
        "{HEADER}\n{{\"at\":\"{}\",\"what\":\"started\"}}",
        at(0)
    )
    .expect("the disk takes it");
    line(
        &mut file,
        0,
        "pods",
        &["\"listing\"".into(), "\"listed\"".into()],
    );
    line(
        &mut file,
        0,
        "events",
        &["\"listing\"".into(), "\"listed\"".into()],
    );
    let (mut told, mut now) = (0, 0);
    let mut waiting = Vec::new();
    for lot in 0..states / (PODS * EVENTS * TIMES) {
        let pods = lot * PODS..(lot + 1) * PODS;
        let made: Vec<String> = pods.clone().map(pod).collect();
        line(&mut file, now, "pods", &made);
        for time in 0..TIMES {
            for which in 0..EVENTS {
                for pod in pods.clone() {
                    // Two milliseconds for each: 500 Events a second.
                    now += 2;
                    waiting.push(event(pod, which, time, now));
                    if waiting.len() as u64 == TOGETHER {
                        told += TOGETHER;
                        line(&mut file, now, "events", &waiting);
                        waiting.clear();
                    }
                }
            }
        }
    }
    writeln!(file, "{{\"at\":\"{}\",\"what\":\"ended\"}}", at(now)).expect("the disk takes it");
    file.flush().expect("the disk takes it");
    told
}

/// The row of the replay.
pub(crate) fn row() -> Row {
    let folder = tempfile::tempdir_in(stock::scratch()).expect("a folder can be made");
    let data = folder.path().join("data");
    let data = data.to_str().expect("a path in UTF-8");
    let begin = Instant::now();
    // It goes through a pipe: as a file it would have 8 GB.
    let mut replay = dagtrail(&["replay", "/dev/stdin", "--store", data])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let pipe = replay.stdin.take().expect("it is piped");
    let writing = thread::spawn(|| write(pipe, extent::of(10_000_000, 50_000)));
    let done = replay.wait_with_output().expect("it ends");
    let seconds = begin.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    let told = writing.join().expect("all of it was written");
    Row {
        load: format!("{} recorded states of Events replayed", figure(told as f64)),
        peer: String::new(),
        unit: "events/s",
        ours: told as f64 / seconds,
        peers: None,
        aim: Some(Aim::Reaches(50_000.0)),
        note: format!(
            "deliveries of {TOGETHER}, each synced before the next; four in five states repeat; the start and the end of the \
             process are in it, and whoever writes the recording into its standard input works on the same cores"
        ),
    }
}
