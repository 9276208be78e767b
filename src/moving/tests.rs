//! What is written is read again; what is not whole is refused.

use std::io::BufReader;

use super::{Counts, Error, Reader, Shape, Viewer, Writer};
use crate::model::{Extent, Filter, Observation, Origin, Page, Part, Time};
use crate::store::memory::Memory;
use crate::store::samples::{
    BOUNDS, append, at, correlation, execution, fact, item, kept, measured, tell, told,
};
use crate::store::{Bounds, Store};
use crate::text::Lang;

/// A history with something of everything.
fn history() -> Memory {
    let store = Memory::new(Bounds::default());
    tell(
        &store,
        1,
        &[
            told("b", "m", 1, 3, 1, 5),
            told("b", "m", 2, 2, 2, 4),
            told("b", "(combined from similar events): x", 4, 3, 2, 3),
            item("b", "posted", 11, 3),
            item("b", "posted", 12, 4),
            kept("b", crate::model::Dialect::Genomcore, "kept", 13),
        ],
    );
    append(
        &store,
        2,
        vec![
            fact("b", "名字", &["other"]),
            Observation::Sample(measured("b", "element", "cpu", 7, "{\"cores\":1.0}")),
            Observation::Correlation(correlation("uid-1", "b", at(2))),
        ],
    );
    tell(&store, 3, &[told("gone", "m", 5, 1, 1, 1)]);
    store.delete(&execution("gone"), at(4)).unwrap();
    store
}

fn exported(store: &dyn Store) -> (Counts, String) {
    let mut writer = Writer::new(Vec::new(), &Extent::default()).unwrap();
    for part in store.snapshot(&Extent::default()).unwrap().parts {
        writer.part(&part.unwrap()).unwrap();
    }
    let (counts, bytes) = writer.finish().unwrap();
    (counts, String::from_utf8(bytes).unwrap())
}

fn read(text: &str) -> Result<(Vec<Part>, Counts), Error> {
    let counts = Reader::open(text.as_bytes())?.verify()?;
    let mut reader = Reader::open(BufReader::with_capacity(7, text.as_bytes()))?;
    let mut parts = Vec::new();
    while let Some(part) = reader.next_part()? {
        parts.push(part);
    }
    Ok((parts, counts))
}

#[test]
fn the_lines_of_a_history() {
    let store = history();
    let (_, text) = exported(&store);
    let (_, sum) = text.rsplit_once("\"sha256\":\"").unwrap();
    // The sum of what was told once is named after the history, which has a new id each time.
    let posted = store.united("b").unwrap();
    let posted = store.list(
        &[posted[0].key.clone()],
        &Filter::default(),
        &Page::default(),
    );
    let posted = posted
        .unwrap()
        .rows
        .into_iter()
        .find(|row| row.body().message.starts_with("posted"));
    let origin = Origin::of_sum(store.id(), posted.unwrap().id).to_string();
    let text = text
        .replace(&origin, "<sum>")
        .replace(&sum[..64], "<sha256>");
    insta::assert_snapshot!(text);
}

#[test]
fn an_export_that_is_taken_in_is_exported_as_the_same_bytes() {
    let (counts, text) = exported(&history());
    let (parts, read) = read(&text).unwrap();
    assert_eq!(read, counts);
    let to = Memory::new(BOUNDS);
    to.restore(&parts, Time(0)).unwrap();
    assert_eq!(exported(&to).1, text);
}

#[test]
fn a_row_with_much_to_say_comes_in_several_lines_and_is_one_again() {
    let from = Memory::new(Bounds::default());
    let tellings: Vec<_> = (0..3000)
        .map(|origin| told("a", "m", origin, 2, 1, 3))
        .collect();
    tell(&from, 1, &tellings);
    let (counts, text) = exported(&from);
    assert_eq!((counts.rows, counts.origins), (3, 3000));
    let (parts, _) = read(&text).unwrap();
    let to = Memory::new(Bounds::default());
    for part in &parts {
        to.restore(std::slice::from_ref(part), Time(0)).unwrap();
    }
    assert_eq!(exported(&to).1, text);
    let mut viewer = Viewer::new(Vec::new(), Shape::Seed, Lang::Both).unwrap();
    for part in parts {
        viewer.part(part).unwrap();
    }
    let (events, bytes) = viewer.finish().unwrap();
    let events_read: Vec<serde_json::Value> = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((events, events_read.len()), (1, 1));
    assert_eq!(events_read[0]["count"], 6000);
}

#[test]
fn an_execution_with_many_rows_comes_in_several_parts() {
    let from = Memory::new(Bounds::default());
    let messages = (0..2000).map(|number| told("a", &format!("m{number}"), number, 1, 1, 3));
    tell(&from, 1, &messages.collect::<Vec<_>>());
    let (_, text) = exported(&from);
    let (parts, _) = read(&text).unwrap();
    assert!(parts.len() > 3, "{}", parts.len());
    let to = Memory::new(Bounds::default());
    to.restore(&parts, Time(0)).unwrap();
    assert_eq!(exported(&to).1, text);
}

#[test]
fn what_is_not_whole_is_refused_with_a_sentence() {
    let (_, text) = exported(&history());
    let lines: Vec<&str> = text.lines().collect();
    let joined = |lines: &[&str]| format!("{}\n", lines.join("\n"));
    let all_but = |left_out: usize| {
        let mut lines = lines.clone();
        lines.remove(left_out);
        joined(&lines)
    };
    let last = lines.len() - 1;
    let future = text.replacen("\"format\":1", "\"format\":2", 1);
    for (bad, sentence) in [
        (String::new(), "it is empty"),
        ("{}\n".into(), "first line is no header"),
        ("[1,2]\n".into(), "first line is no header"),
        (
            future,
            "it has format 2, and this dagtrail reads formats up to 1",
        ),
        (joined(&lines[..last]), "it was cut off"),
        (text[..text.len() - 1].into(), "it was cut off"),
        (text[..text.len() - 40].into(), "it was cut off"),
        (all_but(3), "its checksum is"),
        (
            text.replacen("posted", "Posted", 1),
            "it is not the row of its key",
        ),
        (
            text.replacen("reporter-1", "reporter-9", 1),
            "its checksum is",
        ),
        (
            text.replacen("\"count\":3", "\"count\":0", 1),
            "contradict each other",
        ),
        (
            text.replacen("\"rows\":", "\"rows\":1", 1),
            "its end tells of 1",
        ),
        (format!("{text}{{}}\n"), "it goes on behind its end"),
        (
            text.replacen("{\"sample\":", "{\"simple\":", 1),
            "unknown variant `simple`",
        ),
        (
            text.replacen("\"folds\":", "\"folded\":", 1),
            "unknown field `folded`",
        ),
        (
            joined(&[lines[0], lines[2]]),
            "line 2: no execution is before it",
        ),
    ] {
        let error = read(&bad).unwrap_err().to_string();
        assert!(error.contains(sentence), "{error}\n\nand not: {sentence}");
    }
}

#[test]
fn no_flipped_bit_goes_unseen() {
    let (_, text) = exported(&history());
    let bytes = text.into_bytes();
    for at in (0..bytes.len() * 8).step_by(37) {
        let mut bad = bytes.clone();
        bad[at / 8] ^= 1 << (at % 8);
        let read = Reader::open(&*bad).and_then(Reader::verify);
        // In the header's version alone nothing is wrong but the sum.
        assert!(
            read.is_err(),
            "bit {at} of {:?}",
            String::from_utf8_lossy(&bad)
        );
    }
}

fn viewed(shape: Shape, lang: Lang) -> String {
    let mut viewer = Viewer::new(Vec::new(), shape, lang).unwrap();
    for part in history().snapshot(&Extent::default()).unwrap().parts {
        viewer.part(part.unwrap()).unwrap();
    }
    String::from_utf8(viewer.finish().unwrap().1).unwrap()
}

#[test]
fn the_events_as_a_seed_array() {
    insta::assert_snapshot!(viewed(Shape::Seed, Lang::Both));
}

#[test]
fn the_events_as_cloudevents() {
    insta::assert_snapshot!(viewed(Shape::CloudEvents, Lang::En));
    let lines = viewed(Shape::CloudEventLines, Lang::En);
    let batch: Vec<serde_json::Value> =
        serde_json::from_str(&viewed(Shape::CloudEvents, Lang::En)).unwrap();
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines, batch);
}

#[test]
fn the_events_as_an_event_list() {
    insta::assert_snapshot!(viewed(Shape::Kubernetes, Lang::Zh));
    let list = viewed(Shape::Kubernetes, Lang::Zh);
    let list: k8s_openapi::List<k8s_openapi::api::core::v1::Event> =
        serde_json::from_str(&list).unwrap();
    assert_eq!(list.items.len(), 4);
}

#[test]
fn nothing_is_a_shape_too() {
    for (shape, expected) in [
        (Shape::Seed, "[]\n"),
        (Shape::CloudEventLines, ""),
        (Shape::CloudEvents, "[]\n"),
    ] {
        let viewer = Viewer::new(Vec::new(), shape, Lang::Both).unwrap();
        let (events, bytes) = viewer.finish().unwrap();
        assert_eq!(
            (events, String::from_utf8(bytes).unwrap().as_str()),
            (0, expected)
        );
    }
}
