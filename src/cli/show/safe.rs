//! Text of strangers made harmless for a terminal: what would steer it or reorder a line is shown, not done. Pure.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// So many marks may stand on one character; written languages need fewer.
const MARKS: usize = 8;

/// Whether a character acts on the terminal or on the order of others instead of being seen: C0, DEL and C1 controls,
/// separators of lines, bidirectional controls, tags and annotations.
pub(super) const fn acts(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text for one line: what acts is shown as `\n`, `\x1b`, `\u202e`; of marks that pile up the rest is `…`.
pub(in crate::cli) fn line(text: &str) -> Cow<'_, str> {
    written(text, |_| false)
}

/// Text of several lines.
pub(in crate::cli) fn block(text: &str) -> Cow<'_, str> {
    written(text, |c| c == '\n')
}

fn written(text: &str, keeps: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_mark = |c: char| c.width() == Some(0) && !acts(c);
    let mut marks = 0;
    let harmless = text.chars().all(|c| {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        marks <= MARKS && (keeps(c) || !acts(c))
    });
    if harmless {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    marks = 0;
    for c in text.chars() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        match c {
            _ if marks == MARKS + 1 => shown.push('…'),
            _ if marks > MARKS => {}
            _ if keeps(c) || !acts(c) => shown.push(c),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            '\0'..='\u{ff}' => _ = write!(shown, "\\x{:02x}", u32::from(c)),
            _ => _ = write!(shown, "\\u{:04x}", u32::from(c)),
        }
    }
    Cow::Owned(shown)
}

/// JSON that means the same: what acts stands there as an escape. In valid JSON such characters only stand inside
/// strings, or between tokens as white space, which is kept.
pub(super) fn json(text: &str) -> Cow<'_, str> {
    escaped(text, |shown, c| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            _ = write!(shown, "\\u{unit:04x}");
        }
    })
}

/// The same of YAML in which such characters only stand in double quotes.
pub(super) fn yaml(text: &str) -> Cow<'_, str> {
    escaped(text, |shown, c| {
        _ = write!(shown, "\\U{:08X}", u32::from(c));
    })
}

fn escaped(text: &str, escape: impl Fn(&mut String, char)) -> Cow<'_, str> {
    let is_fine = |c: char| !acts(c) || matches!(c, '\n' | '\r' | '\t');
    if text.chars().all(is_fine) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_fine(c) {
            shown.push(c);
        } else {
            escape(&mut shown, c);
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown() {
        for (text, shown) in [
            ("a\u{1b}[2Jb", "a\\x1b[2Jb"),
            ("\u{1b}]52;c;ZXZpbA==\u{7}", "\\x1b]52;c;ZXZpbA==\\x07"),
            ("\u{9b}31m", "\\x9b31m"),
            ("one\ntwo\r\tthree\0", "one\\ntwo\\r\\tthree\\x00"),
            ("safe\u{202e}txt.exe", "safe\\u202etxt.exe"),
            ("\u{2066}x\u{2069}\u{2028}", "\\u2066x\\u2069\\u2028"),
            ("\u{e0041}", "\\ue0041"),
            ("启动 é עברית 👩‍💻", "启动 é עברית 👩‍💻"),
        ] {
            assert_eq!(line(text), shown, "{text:?}");
        }
        assert_eq!(block("one\ntwo\u{1b}"), "one\ntwo\\x1b");
    }

    #[test]
    fn marks_that_pile_up_are_cut() {
        let text = format!("a{}b", "\u{301}".repeat(2000));
        let shown = line(&text);
        assert_eq!(shown, format!("a{}…b", "\u{301}".repeat(8)));
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({"\u{9b}": "a\u{202e}b\u{1b}c\u{e0041}\u{7f}"});
        let given = value.to_string();
        let shown = json(&given);
        assert!(!shown.chars().any(acts), "{shown}");
        let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read, value);
    }

    proptest! {
        #[test]
        fn nothing_that_acts_is_left(text in any::<String>()) {
            prop_assert!(!line(&text).chars().any(acts));
            prop_assert!(!block(&text).chars().any(|c| acts(c) && c != '\n'));
        }
    }
}
