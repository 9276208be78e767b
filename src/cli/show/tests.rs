//! What is printed, in both languages and every format.

use jiff::tz::TimeZone;
use serde_json::json;

use super::events::Found;
use super::looks::{Format, Looks};
use super::printer::{Item, Printer};
use crate::cli::client::{Execution, Row};
use crate::text::Lang;

fn looks(format: Format, lang: Lang) -> Looks {
    Looks {
        format,
        lang,
        headers: true,
        zone: TimeZone::get("Asia/Shanghai").unwrap(),
        coloured: false,
        streams: false,
    }
}

fn row(reason: &str, message: &str, element: &str, count: u64) -> Row {
    let json = json!({
        "metadata": {"name": format!("report.{count:x}"), "namespace": "demo"},
        "involvedObject": {"name": "report", "namespace": "demo"},
        "reason": reason, "message": message,
        "firstTimestamp": "2026-11-21T03:22:12Z", "lastTimestamp": "2026-11-21T03:22:14Z", "count": count,
        "type": if count > 1 { "Warning" } else { "Normal" },
        "elemType": "Demo.step", "elemId": element, "actionName": "run",
        "reporter": "kubelet", "countLowerBound": count > 1,
    });
    Row::parse(&json.to_string()).unwrap()
}

fn rows(lang: Lang) -> Vec<Row> {
    match lang {
        Lang::En => vec![
            row(
                "ActionStart",
                "Element(load) start to Action(run).",
                "load",
                1,
            ),
            row(
                "BackOff",
                "Back-off restarting failed container",
                "装载",
                12,
            ),
            row("Evil", "\u{1b}]52;c;eA==\u{7}\nnext\u{202e}", "e\u{301}", 1),
        ],
        _ => vec![
            row("启动", "元素(load)开始执行(run)流程.", "load", 1),
            row("回退", "容器启动失败, 正在回退", "装载", 12),
        ],
    }
}

fn execution(id: &str, kind: &str, name: &str, status: &str) -> Execution {
    let json = json!({
        "execution": {"guid": id, "name": name, "project_id": "demo", "status": status, "jobs_type": "Demo.DAG",
            "create_at": "2026-11-21T03:22:12Z", "update_at": "2026-11-21T19:22:14Z"},
        "object": {"kind": kind, "spec": {"aliases": ["run-7"]}},
    });
    Execution::parse(&json.to_string()).unwrap()
}

fn executions() -> Vec<Execution> {
    vec![
        execution("8c1d", "DAG", "report", "Succeeded"),
        execution("a/b", "", "", "Failed"),
    ]
}

fn printed<I: Item>(looks: Looks, items: &[I]) -> String {
    let mut out = Vec::new();
    Printer::new(looks, &mut out).print(items).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn events_are_a_table_in_both_languages() {
    let table = |format, lang| printed(looks(format, lang), &rows(lang));
    insta::assert_snapshot!("events_en", table(Format::Table, Lang::En));
    insta::assert_snapshot!("events_zh", table(Format::Table, Lang::Zh));
    insta::assert_snapshot!("events_wide_en", table(Format::Wide, Lang::En));
    insta::assert_snapshot!("events_wide_zh", table(Format::Wide, Lang::Zh));
}

#[test]
fn executions_are_a_table_in_both_languages() {
    let table = |format, lang| printed(looks(format, lang), &executions());
    insta::assert_snapshot!("executions_en", table(Format::Table, Lang::En));
    insta::assert_snapshot!("executions_zh", table(Format::Table, Lang::Zh));
    insta::assert_snapshot!("executions_wide_en", table(Format::Wide, Lang::En));
    insta::assert_snapshot!("executions_csv", table(Format::Csv, Lang::En));
    insta::assert_snapshot!("executions_name", table(Format::Name, Lang::En));
}

#[test]
fn events_of_many_executions_say_whose_they_are() {
    let executions = executions();
    let found: Vec<Found<'_>> = executions
        .iter()
        .zip(rows(Lang::Zh))
        .map(|(execution, row)| Found { execution, row })
        .collect();
    insta::assert_snapshot!("found_zh", printed(looks(Format::Table, Lang::Zh), &found));
    insta::assert_snapshot!("found_csv", printed(looks(Format::Csv, Lang::Zh), &found));
    let lines = printed(looks(Format::Ndjson, Lang::Zh), &found);
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["execution"]["id"], "8c1d");
    assert_eq!(first["event"]["reason"], "启动");
}

#[test]
fn every_format_is_printed_and_nothing_of_it_steers_a_terminal() {
    for format in [
        Format::Table,
        Format::Wide,
        Format::Json,
        Format::Yaml,
        Format::Ndjson,
        Format::Csv,
        Format::Name,
    ] {
        let text = printed(looks(format, Lang::En), &rows(Lang::En));
        let acts = |c: char| super::safe::acts(c) && c != '\n';
        assert!(!text.chars().any(acts), "{format:?}: {text:?}");
    }
    let json = printed(looks(Format::Json, Lang::En), &rows(Lang::En));
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read[2]["message"], "\u{1b}]52;c;eA==\u{7}\nnext\u{202e}");
    let yaml = printed(looks(Format::Yaml, Lang::En), &rows(Lang::En));
    let read: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
    assert_eq!(read[2]["message"], "\u{1b}]52;c;eA==\u{7}\nnext\u{202e}");
    insta::assert_snapshot!("events_yaml", yaml);
}

#[test]
fn nothing_is_an_empty_answer() {
    let of = |format| printed::<Row>(looks(format, Lang::En), &[]);
    assert_eq!(of(Format::Table), "");
    assert_eq!(of(Format::Json), "[]\n");
    assert_eq!(of(Format::Yaml), "[]\n");
    assert_eq!(of(Format::Ndjson), "");
    assert_eq!(of(Format::Name), "");
    assert!(of(Format::Csv).starts_with("metadata.name,"));
}

#[test]
fn a_stream_keeps_its_columns_and_has_one_object_a_line_or_document() {
    let streamed = |format| {
        let mut out = Vec::new();
        let mut printer = Printer::new(looks(format, Lang::En).streaming(), &mut out);
        for row in rows(Lang::En) {
            printer.print(std::slice::from_ref(&row)).unwrap();
        }
        drop(printer);
        String::from_utf8(out).unwrap()
    };
    insta::assert_snapshot!("stream_table", streamed(Format::Table));
    assert_eq!(streamed(Format::Json), streamed(Format::Ndjson));
    assert_eq!(streamed(Format::Json).lines().count(), 3);
    assert_eq!(streamed(Format::Yaml).matches("---\n").count(), 3);
    assert_eq!(streamed(Format::Csv).lines().count(), 4);
}
