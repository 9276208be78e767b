//! Searching in what an event says. Pure.
//!
//! Words are divided by spaces, `"…"` keeps spaces in. One of the plain words has to be found, every word after `+`, none
//! after `-` or `!`. Found is what stands anywhere in the event's name, the values of its labels or its payload, in
//! whichever case.

use std::borrow::Cow;

use super::wire::Event;

/// What is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Search {
    some: Vec<String>,
    all: Vec<String>,
    none: Vec<String>,
}

impl Search {
    /// Reads a query; everything means something.
    pub(super) fn parse(query: &str) -> Self {
        let mut search = Self::default();
        let mut rest = query.chars().peekable();
        while let Some(first) = rest.peek().copied() {
            if first.is_whitespace() {
                rest.next();
                continue;
            }
            let sign = matches!(first, '-' | '!' | '+')
                .then(|| rest.next())
                .flatten();
            let word = match rest.peek() {
                Some('"') => quoted(&mut rest),
                _ => plain(&mut rest),
            };
            if word.trim().is_empty() {
                continue;
            }
            let words = match sign {
                Some('+') => &mut search.all,
                Some(_) => &mut search.none,
                None => &mut search.some,
            };
            words.push(word.to_lowercase());
        }
        search
    }

    /// Whether an event says it.
    pub(super) fn finds(&self, event: &Event) -> bool {
        if *self == Self::default() {
            return true;
        }
        let text = text_of(event);
        let has = |word: &String| text.contains(&**word);
        (self.some.is_empty() || self.some.iter().any(has))
            && self.all.iter().all(has)
            && !self.none.iter().any(has)
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Up to the closing quote, or the end; `\"` and `\\` stand for themselves.
fn quoted(rest: &mut Chars<'_>) -> String {
    rest.next();
    let mut word = String::new();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('"', _) => break,
            ('\\', Some(next @ ('"' | '\\'))) => {
                word.push(*next);
                rest.next();
            }
            _ => word.push(c),
        }
    }
    word
}

fn plain(rest: &mut Chars<'_>) -> String {
    let mut word = String::new();
    while let Some(c) = rest.next_if(|c| !c.is_whitespace() && *c != '"') {
        word.push(c);
    }
    word
}

fn text_of(event: &Event) -> String {
    let mut text = event.event.to_lowercase();
    for value in event.resources().flat_map(|resource| resource.0.values()) {
        text.push(' ');
        text.push_str(&value.to_lowercase());
    }
    text.push(' ');
    text.push_str(&unescaped(event.payload.get()).to_lowercase());
    text
}

/// JSON with its characters as they are read: how a sender has escaped them is no matter.
fn unescaped(json: &str) -> Cow<'_, str> {
    if !json.contains("\\u") {
        return Cow::Borrowed(json);
    }
    let value = serde_json::from_str::<serde_json::Value>(json);
    value.map_or(Cow::Borrowed(json), |value| Cow::Owned(value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(query: &str) -> [Vec<String>; 3] {
        let search = Search::parse(query);
        [search.some, search.all, search.none]
    }

    fn words(some: &[&str], all: &[&str], none: &[&str]) -> [Vec<String>; 3] {
        [some, all, none].map(|words| words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn a_query_is_read_as_prefect_reads_it() {
        for (query, some, all, none) in [
            ("  ", &[][..], &[][..], &[][..]),
            ("Error time", &["error", "time"], &[], &[]),
            (
                "error -debug !info +must",
                &["error"],
                &["must"],
                &["debug", "info"],
            ),
            (
                r#""conn timeout" -"a \"b\" \\ \c""#,
                &["conn timeout"],
                &[],
                &[r#"a "b" \ \c"#],
            ),
            (r#"a"b c"#, &["a", "b c"], &[], &[]),
            ("- a", &["a"], &[], &[]),
            (r#""" "  " a-b"#, &["a-b"], &[], &[]),
        ] {
            assert_eq!(parsed(query), words(some, all, none), "{query}");
        }
    }
}
