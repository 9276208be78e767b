//! How a person wants to see answers: format, language, time zone, colours. Pure, but for the environment.

use std::env;
use std::io;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::text::Lang;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// Columns for people
    Table,
    /// More columns
    Wide,
    /// A JSON array; of tail one object a line
    Json,
    /// A YAML list; of tail one document a row
    Yaml,
    /// One JSON object a line
    Ndjson,
    /// Comma-separated values with a header
    Csv,
    /// Only the names, one a line: for executions what other commands take
    Name,
}

/// The flags for it.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "How it looks")]
pub(in crate::cli) struct LooksArgs {
    /// How answers are written
    #[arg(
        short = 'o',
        long = "output",
        value_name = "FORMAT",
        default_value = "table"
    )]
    format: Format,
    /// Leave the header out
    #[arg(long)]
    no_headers: bool,
    /// Language of the words [default: that of the environment]
    #[arg(long, env = "DAGTRAIL_LANG")]
    lang: Option<LangArg>,
    /// Time zone of tables: local, UTC or a name such as Asia/Shanghai
    #[arg(long, value_name = "ZONE", default_value = "local", value_parser = zone)]
    tz: TimeZone,
    /// Colours; NO_COLOR and CLICOLOR_FORCE are minded
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: When,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LangArg {
    /// Chinese
    Zh,
    /// English
    En,
    /// Chinese and English
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

fn zone(text: &str) -> Result<TimeZone, String> {
    match text {
        // A machine that does not say where it is, is in UTC.
        "local" => Ok(TimeZone::try_system().unwrap_or(TimeZone::UTC)),
        "UTC" | "utc" => Ok(TimeZone::UTC),
        name => TimeZone::get(name).map_err(|_| format!("there is no time zone {name:?}")),
    }
}

/// How answers look.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Looks {
    pub(in crate::cli) format: Format,
    pub(in crate::cli) lang: Lang,
    pub(super) headers: bool,
    pub(super) zone: TimeZone,
    pub(super) coloured: bool,
    /// Each item as soon as it is there, instead of one answer.
    pub(super) streams: bool,
}

impl LooksArgs {
    /// What the flags say, and of what they leave open the environment.
    pub(in crate::cli) fn looks(&self) -> Looks {
        let lang = match self.lang {
            Some(LangArg::Zh) => Lang::Zh,
            Some(LangArg::En) => Lang::En,
            Some(LangArg::Both) => Lang::Both,
            None => surroundings(|name| env::var(name).ok()),
        };
        let coloured = match self.color {
            When::Always => true,
            When::Never => false,
            When::Auto => {
                anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
            }
        };
        Looks {
            format: self.format,
            lang,
            headers: !self.no_headers,
            zone: self.tz.clone(),
            coloured,
            streams: false,
        }
    }
}

/// The language of a POSIX environment: the first variable that is set decides.
fn surroundings(get: impl Fn(&str) -> Option<String>) -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(get);
    let first = set.into_iter().find(|value| !value.is_empty());
    match first {
        Some(value) if value.to_ascii_lowercase().starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}

impl Looks {
    /// The same, for items that come one after the other.
    pub(in crate::cli) fn streaming(self) -> Self {
        Self {
            streams: true,
            ..self
        }
    }

    /// Whether a person reads it who has not asked for more.
    pub(in crate::cli) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// Whether more columns than usual are wanted.
    pub(in crate::cli) fn is_wide(&self) -> bool {
        self.format == Format::Wide
    }

    /// A time of the server in the zone that is wanted; what cannot be read is shown as it is.
    pub(super) fn time(&self, text: &str) -> String {
        match text.parse::<Timestamp>() {
            Ok(time) => {
                let time = time.to_zoned(self.zone.clone());
                time.strftime("%Y-%m-%d %H:%M:%S").to_string()
            }
            Err(_) => text.to_owned(),
        }
    }

    /// A word of ours in the language that is wanted.
    pub(in crate::cli) const fn word(&self, en: &'static str, zh: &'static str) -> &'static str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En | Lang::Both => en,
        }
    }
}

/// What a cell's colour says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tint {
    #[default]
    Plain,
    Good,
    Bad,
    Notice,
    Active,
}

impl Tint {
    pub(super) const fn style(self) -> Style {
        let style = Style::new();
        match self {
            Self::Plain => style,
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Notice => AnsiColor::Yellow.on_default(),
            Self::Active => AnsiColor::Cyan.on_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides_the_language() {
        let of = |pairs: &[(&str, &str)]| {
            surroundings(|name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[]), Lang::En);
        assert_eq!(of(&[("LANG", "zh_CN.UTF-8")]), Lang::Zh);
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "zh_TW")]), Lang::Zh);
        assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "zh_CN")]), Lang::En);
        assert_eq!(of(&[("LC_MESSAGES", "zh"), ("LANG", "de_DE")]), Lang::Zh);
    }

    #[test]
    fn zones_have_names() {
        assert!(zone("Asia/Shanghai").is_ok() && zone("UTC").is_ok() && zone("local").is_ok());
        assert!(zone("Mars/Olympus").unwrap_err().contains("Mars/Olympus"));
    }
}
