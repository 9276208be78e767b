//! Which language a reader gets. Pure.

use std::fmt;

use super::Error;

/// The language of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
    /// Chinese and English in one string, joined by `##`.
    #[default]
    Both,
}

impl Lang {
    /// The value of the query parameter `lang` that asks for this language.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
            Self::Both => "both",
        }
    }

    /// The value of an HTTP `Content-Language` header (RFC 9110, 8.5).
    #[must_use]
    pub const fn content_language(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
            Self::Both => "zh, en",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Settles the language of an answer: the query's `lang` wins, then the header `Accept-Language`,
/// then `default`.
///
/// The header is matched by the lookup of RFC 4647, section 3.4: ranges in order of their weight,
/// each shortened from its end until it is a language we have (`zh-Hant-TW` ends at `zh`). The
/// wildcard `*` and what cannot be parsed select nothing, as that section says. A route that
/// always answers in its own default, as the native events route does, passes `None`.
///
/// # Errors
///
/// [`Error::UnknownLanguage`] if the query names anything but `zh`, `en` or `both`. A header never
/// fails: browsers send it unasked.
pub fn negotiate(
    query: Option<&str>,
    accept_language: Option<&str>,
    default: Lang,
) -> Result<Lang, Error> {
    if let Some(given) = query {
        return [Lang::Zh, Lang::En, Lang::Both]
            .into_iter()
            .find(|lang| lang.as_str() == given)
            .ok_or_else(|| Error::UnknownLanguage {
                given: given.chars().take(32).collect(),
            });
    }
    Ok(accept_language.and_then(lookup).unwrap_or(default))
}

fn lookup(header: &str) -> Option<Lang> {
    let mut best: Option<(u16, Lang)> = None;
    for (weight, lang) in header.split(',').filter_map(range) {
        // Strictly greater: among equal weights the first named wins.
        if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

/// One `language-range [;q=weight]`, its weight in thousandths.
fn range(item: &str) -> Option<(u16, Lang)> {
    let mut parts = item.split(';').map(str::trim);
    // Both languages are held without region or script, so shortening a range until it matches
    // means to look at its primary subtag.
    let primary = parts.next()?.split('-').next()?;
    let lang = [Lang::Zh, Lang::En]
        .into_iter()
        .find(|lang| primary.eq_ignore_ascii_case(lang.as_str()))?;
    let weight = parts
        .find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
        .map_or(Some(1000), thousandths)?;
    Some((weight, lang))
}

/// A weight of RFC 9110, 12.4.2: 0 to 1 with at most three digits.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(header: &str) -> Lang {
        negotiate(None, Some(header), Lang::Both).expect("a header never fails")
    }

    #[test]
    fn the_query_wins_over_the_header_and_the_default() {
        for lang in [Lang::Zh, Lang::En, Lang::Both] {
            assert_eq!(
                negotiate(Some(lang.as_str()), Some("en"), Lang::Zh),
                Ok(lang)
            );
        }
    }

    #[test]
    fn an_unknown_query_value_is_an_error_that_names_lang() {
        for given in ["", "fr", "zh-CN", "ZH", "both ", "en,zh"] {
            let error = negotiate(Some(given), Some("zh"), Lang::Zh).expect_err(given);
            assert_eq!(error.field(), "lang");
            assert!(error.to_string().starts_with("lang is "), "{error}");
        }
        let long = negotiate(Some(&"中".repeat(9000)), None, Lang::Zh).expect_err("unknown");
        assert!(long.to_string().len() < 256);
    }

    #[test]
    fn without_query_and_header_the_default_holds() {
        assert_eq!(negotiate(None, None, Lang::En), Ok(Lang::En));
        assert_eq!(negotiate(None, None, Lang::default()), Ok(Lang::Both));
    }

    #[test]
    fn a_range_is_shortened_until_a_language_matches() {
        assert_eq!(asked("zh-Hant-TW"), Lang::Zh);
        assert_eq!(asked("ZH-cn"), Lang::Zh);
        assert_eq!(asked("en-GB-oed"), Lang::En);
        assert_eq!(
            asked("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5"),
            Lang::En
        );
    }

    #[test]
    fn the_greatest_weight_wins_and_the_first_among_equals() {
        assert_eq!(asked("en;q=0.5, zh;q=0.51"), Lang::Zh);
        assert_eq!(asked("en, zh"), Lang::En);
        assert_eq!(asked("en;q=0.3,zh ; q=0.3"), Lang::En);
        assert_eq!(asked("en;q=0, zh;q=0.001"), Lang::Zh);
    }

    #[test]
    fn what_selects_nothing_leaves_the_default() {
        for header in [
            "",
            "*",
            "fr",
            "en;q=0",
            "en;q=2",
            "en;q=0.1234",
            "en;q=x",
            ";;,,",
            "english",
        ] {
            assert_eq!(asked(header), Lang::Both, "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_fail(header in ".{0,200}") {
            prop_assert!(negotiate(None, Some(&header), Lang::Zh).is_ok());
        }
    }
}
