//! The query parameter `fields`: which parts of an answer are wanted, as all Google APIs read it. Pure.
//!
//! ```text
//! a,b/c       the field a, and of b its c; a point is a slash
//! a(b,c/d)    of a its b, and of its c the d
//! *           every field of what stands there
//! ```
//!
//! A list is passed through: what is said of it is said of each of its items.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::Value;

/// Deeper than any answer.
const DEEPEST: usize = 16;

/// What is wanted of an object, by the names of its fields; of one without further words, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(BTreeMap<String, Self>);

impl Fields {
    /// # Errors
    ///
    /// A sentence about the text.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text;
        let fields = list(&mut rest, 0)?;
        match rest.chars().next() {
            None => Ok(fields),
            Some(other) => Err(format!("{other:?} is not expected in {text:?}")),
        }
    }

    /// Both are wanted; all of something is more than a part of it.
    fn join(&mut self, other: Self) {
        if self.0.is_empty() || other.0.is_empty() {
            self.0.clear();
            return;
        }
        for (name, of) in other.0 {
            match self.0.entry(name) {
                Entry::Vacant(free) => {
                    free.insert(of);
                }
                Entry::Occupied(mut known) => known.get_mut().join(of),
            }
        }
    }

    /// Takes away what is not wanted.
    pub(super) fn keep(&self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.keep(item)),
            Value::Object(object) if !self.0.is_empty() => {
                object.retain(|name, value| {
                    let wanted = self.0.get(name).or_else(|| self.0.get("*"));
                    if let Some(wanted) = wanted {
                        wanted.keep(value);
                    }
                    wanted.is_some()
                });
            }
            _ => {}
        }
    }
}

fn list(rest: &mut &str, depth: usize) -> Result<Fields, String> {
    let mut fields = Fields::default();
    loop {
        let (name, of) = path(rest, depth)?;
        match fields.0.entry(name) {
            Entry::Vacant(free) => {
                free.insert(of);
            }
            Entry::Occupied(mut known) => known.get_mut().join(of),
        }
        match rest.strip_prefix(',') {
            Some(more) => *rest = more,
            None => return Ok(fields),
        }
    }
}

fn path(rest: &mut &str, depth: usize) -> Result<(String, Fields), String> {
    if depth > DEEPEST {
        return Err(format!("it is more than {DEEPEST} deep"));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '*');
    let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    if name.is_empty() {
        return Err("a field's name is missing".into());
    }
    *rest = after;
    let of = if let Some(inner) = after.strip_prefix(['/', '.']) {
        *rest = inner;
        Fields(BTreeMap::from([path(rest, depth + 1)?]))
    } else if let Some(inner) = after.strip_prefix('(') {
        *rest = inner;
        let of = list(rest, depth + 1)?;
        *rest = rest
            .strip_prefix(')')
            .ok_or("a parenthesis is not closed")?;
        of
    } else {
        Fields::default()
    };
    Ok((name.to_owned(), of))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wanted_is_kept_and_nothing_else() {
        let whole = json!({"a": [{"b": 1, "c": {"d": 2, "e": 3}}, {}], "f": 4});
        for (fields, kept) in [
            ("*", whole.clone()),
            ("a", json!({"a": whole["a"]})),
            ("a/b", json!({"a": [{"b": 1}, {}]})),
            ("a.c/d,f", json!({"a": [{"c": {"d": 2}}, {}], "f": 4})),
            ("a(b,c(e))", json!({"a": [{"b": 1, "c": {"e": 3}}, {}]})),
            ("a/*/d", json!({"a": [{"b": 1, "c": {"d": 2}}, {}]})),
            ("a/b,a", json!({"a": whole["a"]})),
            ("a/b,a/c/d", json!({"a": [{"b": 1, "c": {"d": 2}}, {}]})),
            ("a/c/d,a(c/e)", json!({"a": [{"c": {"d": 2, "e": 3}}, {}]})),
            ("x", json!({})),
        ] {
            let mut value = whole.clone();
            Fields::parse(fields).unwrap().keep(&mut value);
            assert_eq!(value, kept, "{fields}");
        }
    }

    #[test]
    fn what_is_no_selection_is_refused() {
        let deep = "a/".repeat(20) + "a";
        for wrong in ["", ",", "a,", "a/", "a(b", "a)", "a b", "a(b)c", "ä", &deep] {
            assert!(Fields::parse(wrong).is_err(), "{wrong}");
        }
    }
}
