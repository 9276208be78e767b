//! Each room knows only the rooms below it: the table of ARCHITECTURE.md, enforced.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

/// Room, what it may import, and whether it may wait, read and write by itself (tokio, kube, fjall, std I/O).
const ROOMS: &[(&str, &[&str], bool)] = &[
    ("model", &[], false),
    ("text", &["model"], false),
    ("crd", &[], false),
    ("telemetry", &[], true),
    ("store", &["model"], true),
    ("ingest", &["model", "store"], true),
    ("retention", &["model", "store"], true),
    ("dump", &["model", "store"], true),
    ("moving", &["model", "text", "store"], true),
    ("live", &["model", "store"], true),
    ("query", &["model", "store", "live"], true),
    ("sources", &["model", "crd", "ingest"], true),
    ("controller", &["model", "crd", "query"], true),
    ("server", &["model"], true),
    (
        "api",
        &["model", "text", "moving", "ingest", "query", "server"],
        true,
    ),
    ("ui", &["server"], false),
];

/// The only files that know everyone.
const WIRING: &[&str] = &["app", "cli", "lib.rs", "main.rs", "app.rs"];

/// Crates by which a pure room would come to I/O or to a wire.
const IMPURE: &[&str] = &["tokio", "kube", "fjall", "axum", "hyper", "reqwest"];

/// Only these may serialise: a domain type is never sent to a client, nor a wire type stored.
const WIRELESS: &[&str] = &["model"];

fn files_below(path: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn source(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

/// The rooms that a file names in `crate::<room>`, grouped imports included.
fn rooms_named(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at]
            .ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '$')
        {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let word = |text: &str| {
            text.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect::<String>()
        };
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            for (index, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && c.is_alphanumeric() => {
                        rooms.push(word(&group[index..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            rooms.push(word(rest));
        }
    }
    rooms
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files_of(room: &str) -> Vec<PathBuf> {
    let folder = src().join(room);
    if folder.is_dir() {
        files_below(&folder)
    } else {
        Vec::new()
    }
}

#[test]
fn each_room_imports_only_the_rooms_below_it() {
    let mut broken = Vec::new();
    for (room, allowed, _) in ROOMS {
        for file in files_of(room) {
            // Tests beside the code may build the rooms that they need.
            if file
                .components()
                .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
            {
                continue;
            }
            let code = source(&file);
            let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for named in rooms_named(code) {
                let known = ROOMS.iter().any(|(other, ..)| *other == named)
                    || WIRING.contains(&named.as_str());
                let fine =
                    named == *room || named == "telemetry" || allowed.contains(&named.as_str());
                if known && !fine {
                    broken.push(format!("{} names crate::{named}", file.display()));
                }
            }
        }
    }
    assert!(
        broken.is_empty(),
        "a room knows a room that is not below it:\n{}",
        broken.join("\n")
    );
}

#[test]
fn pure_rooms_do_no_io() {
    let mut broken = Vec::new();
    for (room, _, may) in ROOMS.iter().filter(|(_, _, may)| !may) {
        assert!(!may);
        for file in files_of(room) {
            let code = source(&file);
            let code = code.split("#[cfg(test)]").next().unwrap();
            // crd derives its types with kube's macro, which names kube; nothing there is called.
            let impure = IMPURE
                .iter()
                .filter(|name| !(*room == "crd" && **name == "kube"));
            for name in impure
                .map(|name| format!("{name}::"))
                .chain(["std::fs".into(), "std::net".into()])
            {
                if code.contains(&name) {
                    broken.push(format!("{} names {name}", file.display()));
                }
            }
        }
    }
    assert!(
        broken.is_empty(),
        "a pure room does I/O:\n{}",
        broken.join("\n")
    );
}

#[test]
fn the_domain_is_no_wire_type() {
    for room in WIRELESS {
        for file in files_of(room) {
            assert!(
                !source(&file).contains("serde"),
                "{} serialises",
                file.display()
            );
        }
    }
}

#[test]
fn every_file_stands_in_a_room_of_the_table() {
    for entry in fs::read_dir(src()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = ROOMS.iter().any(|(room, ..)| *room == name) || WIRING.contains(&name.as_str());
        assert!(
            known,
            "src/{name} is in no room: add it to the table, here and in ARCHITECTURE.md"
        );
    }
}

#[test]
fn every_module_says_whether_it_is_pure() {
    let mut silent = Vec::new();
    for file in files_below(&src()) {
        let text = fs::read_to_string(&file).unwrap();
        let docs: Vec<&str> = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        if docs.is_empty() {
            silent.push(format!("{} has no module doc", file.display()));
        } else if file.file_name().is_some_and(|name| name == "mod.rs") {
            let docs = docs.join(" ");
            if !docs.contains("Pure") && !docs.contains("Does I/O") {
                silent.push(format!("{} says neither Pure nor Does I/O", file.display()));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn files_stay_small() {
    let mut sizes: Vec<(usize, PathBuf)> = files_below(&src())
        .into_iter()
        .map(|file| (fs::read_to_string(&file).unwrap().lines().count(), file))
        .collect();
    sizes.sort();
    let (largest, file) = sizes.last().unwrap();
    assert!(
        *largest <= 700,
        "{} has {largest} lines: one idea each",
        file.display()
    );
    let small = sizes.iter().filter(|(lines, _)| *lines < 400).count();
    assert!(
        small * 10 >= sizes.len() * 9,
        "fewer than 90 % of the files are under 400 lines"
    );
}

#[test]
fn the_reader_of_imports_finds_them_in_groups_too() {
    let code = "use crate::{model::{self, Seq}, store::Store};\nuse crate::live;\nlet x = crate::query::Reader;";
    assert_eq!(rooms_named(code), ["model", "store", "live", "query"]);
}
