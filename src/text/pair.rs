//! The `zh##en` form: made, recognised and taken apart. Pure.
//!
//! A reason is joined by `##` without spaces, a message by ` ## `: the contract of the GCS events
//! call. Readers split at the first mark, so a half must not contain one: when both languages are
//! rendered, a `##` inside a half becomes `#` U+200B `#`, and so does a `#` that would touch the
//! mark of a reason. One language alone is never changed.

use std::borrow::Cow;

const REASON_MARK: &str = "##";
const MESSAGE_MARK: &str = " ## ";
const ZERO_WIDTH_SPACE: char = '\u{200B}';

/// The two halves of a reason or a message that carries both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<'a> {
    /// The Chinese half.
    pub zh: &'a str,
    /// The English half; of a reason it is the code.
    pub en: &'a str,
}

/// Splits a reason at its first `##`.
///
/// It is a pair only if both halves say something and the right one is an identifier: an ASCII
/// letter, then letters, digits, `_`, `.` and `-`. Kubernetes asks for UpperCamelCase without
/// enforcing it, and dotted and dashed reasons exist in the field.
#[must_use]
pub fn split_reason(reason: &str) -> Option<Pair<'_>> {
    // Most have none, and this asks many bytes at a time.
    if !reason.as_bytes().contains(&b'#') {
        return None;
    }
    let (zh, en) = reason.split_once(REASON_MARK)?;
    (!zh.trim().is_empty() && is_identifier(en)).then_some(Pair { zh, en })
}

/// Splits a message at its first ` ## `, if both halves say something.
///
/// Ask this only of a message whose reason was a pair: in other texts the mark means something
/// else, a heading for example.
#[must_use]
pub fn split_message(message: &str) -> Option<Pair<'_>> {
    let (zh, en) = message.split_once(MESSAGE_MARK)?;
    (!zh.trim().is_empty() && !en.trim().is_empty()).then_some(Pair { zh, en })
}

/// Joins the halves of a reason: `启动##ActionStart`.
#[must_use]
pub fn join_reason(zh: &str, en: &str) -> String {
    let mut left = guard(zh);
    if left.ends_with('#') {
        left.to_mut().push(ZERO_WIDTH_SPACE);
    }
    [&left, REASON_MARK, &guard(en)].concat()
}

/// Joins the halves of a message, with one space on each side of the mark.
#[must_use]
pub fn join_message(zh: &str, en: &str) -> String {
    [&guard(zh), MESSAGE_MARK, &guard(en)].concat()
}

/// The reason code in a reason: the right half of a pair, else the whole.
#[must_use]
pub fn code_of(reason: &str) -> &str {
    split_reason(reason).map_or(reason, |pair| pair.en)
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// Parts every two adjacent `#`, so that no mark is left inside a half.
fn guard(half: &str) -> Cow<'_, str> {
    if !half.as_bytes().contains(&b'#') || !half.contains(REASON_MARK) {
        return Cow::Borrowed(half);
    }
    let mut guarded = String::with_capacity(half.len() + 6);
    for c in half.chars() {
        if c == '#' && guarded.ends_with('#') {
            guarded.push(ZERO_WIDTH_SPACE);
        }
        guarded.push(c);
    }
    Cow::Owned(guarded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UNTOUCHED: &str = "[^#]{0,12}[^#\\s][^#]{0,12}";
    const MARKED: &str = "([a-z中文 ]|#|##| ## ){0,8}[a-z中文]([a-z中文 ]|#|##| ## ){0,8}";
    const IDENTIFIER: &str = "[A-Za-z][A-Za-z0-9_.-]{0,20}";

    #[test]
    fn a_reason_splits_at_its_first_mark_if_the_right_half_is_an_identifier() {
        let pair = split_reason("执行成功##SuccessfulFinish").expect("a pair");
        assert_eq!((pair.zh, pair.en), ("执行成功", "SuccessfulFinish"));
        for pair in ["a##b", "中文##my.reason-2_x", "Ready##Ready", "a#b##C"] {
            assert!(split_reason(pair).is_some(), "{pair}");
        }
        for plain in [
            "", "##", "##A", "A##", " ##A", "A##B C", "A## B", "A##9", "A##中", "A##B##C", "A###B",
            "A#B",
        ] {
            assert_eq!(split_reason(plain), None, "{plain}");
            assert_eq!(code_of(plain), plain);
        }
        assert_eq!(code_of("启动##ActionStart"), "ActionStart");
    }

    #[test]
    fn a_message_splits_at_its_first_spaced_mark() {
        let pair = split_message("a##b ## c ## d").expect("a pair");
        assert_eq!((pair.zh, pair.en), ("a##b", "c ## d"));
        for plain in ["", "a##b", " ## b", "a ## ", "a ##b", "## heading"] {
            assert_eq!(split_message(plain), None, "{plain}");
        }
    }

    #[test]
    fn a_mark_inside_a_half_is_parted_by_a_zero_width_space() {
        assert_eq!(
            join_message("a##b", "###"),
            "a#\u{200B}#b ## #\u{200B}#\u{200B}#"
        );
        assert_eq!(join_reason("C#", "X"), "C#\u{200B}##X");
    }

    proptest! {
        #[test]
        fn halves_without_a_mark_come_back_as_they_were(zh in UNTOUCHED, en in UNTOUCHED, code in IDENTIFIER) {
            let (reason, message) = (join_reason(&zh, &code), join_message(&zh, &en));
            prop_assert_eq!(split_reason(&reason), Some(Pair { zh: &zh, en: &code }));
            prop_assert_eq!(split_message(&message), Some(Pair { zh: &zh, en: &en }));
        }

        #[test]
        fn halves_with_marks_come_back_guarded_and_legible(zh in MARKED, en in MARKED, code in IDENTIFIER) {
            let bare = |half: &str| half.replace(ZERO_WIDTH_SPACE, "");
            let reason = join_reason(&zh, &code);
            let pair = split_reason(&reason).expect("a pair");
            prop_assert_eq!(bare(pair.zh), &zh[..]);
            prop_assert_eq!(pair.en, &code);
            let message = join_message(&zh, &en);
            let pair = split_message(&message).expect("a pair");
            prop_assert_eq!(bare(pair.zh), &zh[..]);
            prop_assert_eq!(bare(pair.en), &en[..]);
            // Joined again, nothing more is added: guarding is idempotent.
            prop_assert_eq!(join_message(pair.zh, pair.en), message.clone());
        }

        #[test]
        fn no_text_makes_splitting_fail(text in "\\PC*") {
            let _ = (split_reason(&text), split_message(&text));
            prop_assert!(text.ends_with(code_of(&text)));
        }
    }
}
