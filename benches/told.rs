//! Events told over HTTP, as a client posts them: one a line, answered when on disk. Does I/O.

use std::fmt::Write;

use crate::hammer::Link;
use crate::stock;

/// Events in a request.
const LINES: u64 = 1_000;

/// A request's body: events of one execution, each a row of its own, numbered from `first`.
fn lines(first: u64, number: u64) -> String {
    let mut body = String::new();
    for row in first..first + number {
        let telling = stock::telling(row);
        let second = row % 60;
        writeln!(
            body,
            r#"{{"metadata":{{"name":"{}"}},"involvedObject":{{"name":"{}"}},"reason":"{}","message":{:?},"firstTimestamp":"2024-05-01T00:00:{second:02}Z","lastTimestamp":"2024-05-01T00:00:{second:02}Z","count":1,"type":"Normal","elemType":"K8s.Pod","elemId":"{}","actionName":""}}"#,
            telling.name, telling.key.element, telling.key.code, telling.body.message, telling.key.element
        )
        .expect("memory takes it");
    }
    body
}

/// Posts so many new rows, `lot` after `lot` other ones; answers how many were told.
pub(crate) fn new_rows(url: &str, lot: u64, number: u64) -> u64 {
    let mut link = Link::open(url);
    let first = 1_000_000_000 + lot * 10_000_000;
    let mut told = 0;
    while told < number {
        let lines_now = LINES.min(number - told);
        post(&mut link, first + told, lines_now);
        told += lines_now;
    }
    told
}

/// Posts some new rows as a request.
pub(crate) fn post(link: &mut Link, first: u64, number: u64) {
    let path = format!("/v1/executions/told-{}/events", first / LINES);
    let (status, answer) = link.post(
        &path,
        "application/x-ndjson",
        lines(first, number).as_bytes(),
    );
    assert!(
        status == 200,
        "{path}: {status} {}",
        String::from_utf8_lossy(answer)
    );
}
