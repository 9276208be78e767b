//! The chart's README is made from the comments of its values.

use std::fmt::Write;

use serde_json::Value;

use crate::chart::{documents, holds, text};

const INTRODUCTION: &str = "# The chart of dagtrail

```
helm upgrade --install dagtrail charts/dagtrail --namespace dagtrail-system --create-namespace
```

[docs/install.md](../../docs/install.md) says what it makes and which values belong together. Names of values are those
of cert-manager and external-secrets where these have one. This page is made from `values.yaml`; change that and run
`UPDATE=1 cargo test --test install`.

## Values

| value | what it is | default |
|---|---|---|
";

/// A key of `values.yaml`: its path, and the comment above it.
struct Key {
    path: Vec<String>,
    comment: String,
}

/// The keys that have a comment, in the order of the file. A key without one belongs to what is above it.
fn keys(yaml: &str) -> Vec<Key> {
    let (mut keys, mut path, mut comment) = (Vec::new(), Vec::<String>::new(), String::new());
    for line in yaml.lines() {
        let trimmed = line.trim_start();
        if let Some(words) = trimmed.strip_prefix("# ") {
            if !comment.is_empty() {
                comment.push(' ');
            }
            comment.push_str(words);
            continue;
        }
        let comment = std::mem::take(&mut comment);
        let Some((name, _)) = trimmed.split_once(':') else {
            assert!(comment.is_empty(), "nothing follows {comment:?}");
            continue;
        };
        path.truncate((line.len() - trimmed.len()) / 2);
        path.push(name.to_owned());
        if !comment.is_empty() {
            let path = path.clone();
            keys.push(Key { path, comment });
        }
    }
    keys
}

fn at<'a>(values: &'a Value, path: &[String]) -> &'a Value {
    path.iter().fold(values, |value, name| &value[name])
}

fn readme(yaml: &str) -> String {
    let values = &documents("values", yaml)[0];
    let keys = keys(yaml);
    let mut text = INTRODUCTION.to_owned();
    for (number, key) in keys.iter().enumerate() {
        // A group: its keys have rows of their own.
        let next = keys.get(number + 1);
        let is_group = next.is_some_and(|next| {
            next.path.len() > key.path.len() && next.path.starts_with(&key.path)
        });
        let name = key.path.join(".");
        let comment = key.comment.replace('|', "\\|");
        if is_group {
            writeln!(text, "| **`{name}`** | {comment} | |").unwrap();
        } else {
            let default = serde_json::to_string(at(values, &key.path)).unwrap();
            writeln!(text, "| `{name}` | {comment} | `{default}` |").unwrap();
        }
    }
    text
}

#[test]
fn the_readme_is_made_from_the_values() {
    holds(
        "charts/dagtrail/README.md",
        &readme(&text("charts/dagtrail/values.yaml")),
    );
}

/// Every value is explained, or is a part of one that is: a map that its reader knows, such as `resources`.
#[test]
fn every_value_is_explained() {
    let yaml = text("charts/dagtrail/values.yaml");
    let explained: Vec<_> = keys(&yaml).into_iter().map(|key| key.path).collect();
    fn see(path: &[String], value: &Value, explained: &[Vec<String>], missing: &mut Vec<String>) {
        let has_rows = explained
            .iter()
            .any(|one| one.len() > path.len() && one.starts_with(path));
        match value.as_object().filter(|_| has_rows || path.is_empty()) {
            Some(map) => {
                for (name, value) in map {
                    see(
                        &[path, std::slice::from_ref(name)].concat(),
                        value,
                        explained,
                        missing,
                    );
                }
            }
            None if explained.iter().any(|one| one == path) => {}
            None => missing.push(path.join(".")),
        }
    }
    let mut missing = Vec::new();
    see(
        &[],
        &documents("values", &yaml)[0],
        &explained,
        &mut missing,
    );
    assert!(missing.is_empty(), "{missing:?}");
    assert!(explained.len() > 80, "{}", explained.len());
}
