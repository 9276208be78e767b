//! `dagtrail config check`: whether a file of settings would be taken. Does I/O.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::bail;
use serde::de::IgnoredAny;

use super::{out, serve};

/// What to do with a file of settings.
#[derive(Debug, clap::Subcommand)]
pub(super) enum What {
    /// Say whether `serve --config FILE` would take this file, and what is wrong with it if not
    Check(Check),
}

/// `config check`.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// YAML, as for `serve --config`
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(what: What) -> anyhow::Result<()> {
    let What::Check(Check { file }) = what;
    serve::check(&file)?;
    Ok(out::write(&format!("{} is well\n", file.display()))?)
}

/// Above this it is no longer the same word with a slip in it.
const ALIKE: f64 = 0.8;

/// Refuses a key that is no setting, and names the nearest that is. `flags` are called as in the program.
///
/// # Errors
///
/// The key; or what is not YAML in it.
pub(super) fn check_names<'a>(
    text: &str,
    flags: impl Iterator<Item = &'a str>,
) -> anyhow::Result<()> {
    let given: BTreeMap<String, IgnoredAny> = serde_saphyr::from_str(text)?;
    let known: Vec<_> = flags.map(camel_case).collect();
    let Some(key) = given.keys().find(|key| !known.contains(key)) else {
        return Ok(());
    };
    let alike = known
        .iter()
        .map(|name| (strsim::jaro_winkler(key, name), name))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .filter(|(how, _)| *how >= ALIKE);
    match alike {
        Some((_, name)) => bail!("there is no setting {key}: did you mean {name}?"),
        None => bail!("there is no setting {key}; there are {}", known.join(", ")),
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_told_or_else_all_of_them() {
        let why = |text: &str| {
            let checked = check_names(text, ["data_dir", "listen"].into_iter());
            checked.err().map(|error| error.to_string())
        };
        assert_eq!(why("dataDir: here\nlisten: there\n"), None);
        assert_eq!(
            why("datadir: here\n").unwrap(),
            "there is no setting datadir: did you mean dataDir?"
        );
        assert_eq!(
            why("replicas: 3\n").unwrap(),
            "there is no setting replicas; there are dataDir, listen"
        );
    }
}
