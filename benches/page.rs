//! docs/benchmarks.md and its charts. Does I/O.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::report::{Measured, Row, Verdict, figure};
use crate::{chart, machine, stock};

const HEAD: &str = "# Benchmarks

Written by `make bench`, which gets the peers, builds with optimisation and measures everything here in one run. A peer, or
the limit of the machine, is measured in the same run beside dagtrail, on the same cores: what counts is the ratio, not
the figure. Where a peer could not be had, the row says so. Every event that is acknowledged was synced to disk before;
there is no setting that changes that. In the charts the line over the blue bar is the aim.

`cargo bench -- GROUP ...` measures some groups and only prints; `cargo bench -- --quick` runs little of everything.
";

/// What is measured, and how.
fn method(group: &str) -> &'static str {
    match group {
        "append" => {
            "The embedded engine takes batches in; each is on disk when the call returns. Beside it a plain file is \
             written and synced once a batch, with as many bytes as the same events need in a journal. Four in five \
             events repeat a row that is there."
        }
        "ingest" => {
            "Requests of 1,000 events, one JSON object a line, answered when all are on disk; the real process, over \
             loopback. Beside it the append of the same run."
        }
        "history" => {
            "GET of whole histories over kept connections out of a store of 1,000,000 rows. Beside it nginx serves the \
             same bytes as static files to the same load generator."
        }
        "streams" => {
            "Subscribers that follow executions by server-sent events, while events are told; from just before \
             an event is posted until each of its subscribers has it."
        }
        "apiserver" => {
            "The same question, which Events one object has: to a real kube-apiserver with etcd as LIST with a field \
             selector for the object's uid, and to dagtrail, which watches that cluster, as GET of the history. Four at a \
             time ask each. Then the cost of a GET with ever more rows stored: each answer is rendered \
             anew (`--history-cache-mib 0`)."
        }
        "watch" => {
            "Events of 40 objects are created on a real control plane at a steady rate. A plain watch notes when each line \
             comes; from then on the history of its object is asked for, with If-None-Match and a millisecond after each \
             answer, until a GET shows the Event. Then a synthetic recording is replayed by the real process into an empty \
             folder."
        }
        "prefect" => {
            "The same bytes are sent to dagtrail and to `prefect server start` with its default SQLite: events by POST, \
             200 a request, and as frames on the events socket. An event counts when it can be read: the clock stops when the \
             server's own count of events reaches what was sent. Then the real Python client emits events to both."
        }
        "memory" => {
            "The real process has a store of so many rows open, answers random histories to four connections and takes \
             new rows in from a fifth, all as fast as it goes. Most resident memory at any time, from its start on."
        }
        "start" => {
            "The real process is killed (SIGKILL) after it has taken in rows that no checkpoint has covered, and started \
             again on its folder: from the start of the process to the first 200 of /readyz."
        }
        "disk" => {
            "A store is filled with rows as kubelets tell them (20 Pods an execution, five Events each; ids and names as \
             random as real ones), closed, and opened by a process that comes to rest. All bytes that the folder takes \
             on disk then, by the bytes of the rows' fields: texts as they are, each once, eight bytes each for count, first, last and Seq, sixteen each for the row's id and its \
             origin."
        }
        _ => "",
    }
}

/// Writes the page and the charts.
pub(crate) fn write(all: &[Measured], took: Duration) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut page = String::from(HEAD);
    put(&mut page, "\n| | |\n|---|---|\n");
    for (what, value) in machine::told(&stock::scratch()) {
        put(&mut page, &format!("| {what} | {value} |\n"));
    }
    let minutes = format!("{} min {} s", took.as_secs() / 60, took.as_secs() % 60);
    put(&mut page, &format!("| run | {minutes} |\n\n"));
    put(&mut page, &summary(all));
    for measured in all {
        put(&mut page, &section(measured));
        let file = docs.join(format!("images/bench-{}.svg", measured.group));
        fs::write(&file, chart::svg(measured)).expect("the chart can be written");
    }
    fs::write(docs.join("benchmarks.md"), page).expect("the page can be written");
    stock::clear();
    println!("== docs/benchmarks.md is written");
}

fn put(page: &mut String, text: &str) {
    page.write_str(text).expect("memory takes it");
}

fn summary(all: &[Measured]) -> String {
    let count = |verdict| {
        let rows = all.iter().flat_map(|measured| &measured.rows);
        rows.filter(|row| row.verdict() == verdict).count()
    };
    format!(
        "Of the aims, {} were reached, {} not reached, {} not measured.\n",
        count(Verdict::Reached),
        count(Verdict::NotReached),
        count(Verdict::NotMeasured)
    )
}

fn section(measured: &Measured) -> String {
    let group = measured.group;
    let mut text = format!(
        "\n## {group}\n\n{}\n\n![{group}](images/bench-{group}.svg)\n\n\
         | load | dagtrail | compared with | ratio | aim | verdict | note |\n|---|---|---|---|---|---|---|\n",
        method(group)
    );
    for row in &measured.rows {
        put(&mut text, &line(row));
    }
    put(
        &mut text,
        &format!("\nMeasured in {} s.\n", measured.seconds),
    );
    text
}

fn line(row: &Row) -> String {
    let compared = match row.peers {
        Some(peers) => format!("{} {} ({})", figure(peers), row.unit, row.peer),
        None => row.peer.clone(),
    };
    let (ours, verdict) = if row.ours.is_finite() {
        (format!("{} {}", figure(row.ours), row.unit), row.verdict())
    } else {
        (String::new(), Verdict::NotMeasured)
    };
    let verdict = match verdict {
        Verdict::Reached => "**reached**",
        Verdict::NotReached => "**not reached**",
        other => other.told(),
    };
    let cells = [
        row.load.clone(),
        ours,
        compared,
        row.ratio().map_or(String::new(), figure),
        row.aim_told(),
        verdict.into(),
        row.note.clone(),
    ];
    let cells = cells.map(|cell| cell.replace('|', "\\|").replace('\n', " "));
    format!("| {} |\n", cells.join(" | "))
}
