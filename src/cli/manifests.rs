//! `dagtrail manifests`: what installs this version. Does I/O.

use std::str::FromStr;

use super::out;

pub(super) const EXAMPLES: &str = "Examples:
  dagtrail manifests | kubectl apply -f -
  dagtrail manifests --namespace tracing | kubectl apply -f -
  dagtrail manifests --image registry.example/dagtrail:1.0 | kubectl diff -f -";

/// What the chart renders by default, with its namespace.
const MANIFESTS: &str = include_str!("../../deploy/dagtrail.yaml");
/// The namespace in it, and nothing else has this name.
const NAMESPACE: &str = "dagtrail-system";
/// The image stands on a line of its own.
const IMAGE: &str = " image: ";

/// What is different in this installation.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Namespace to install into; it is made
    #[arg(long, value_name = "NAME", default_value = NAMESPACE)]
    namespace: Namespace,
    /// Image to run [default: that of this version]
    #[arg(long)]
    image: Option<Image>,
}

/// The name of a namespace.
#[derive(Clone, Debug)]
struct Namespace(String);

impl FromStr for Namespace {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let ends = !name.starts_with('-') && !name.ends_with('-');
        if (1..=63).contains(&name.len()) && name.chars().all(inside) && ends {
            return Ok(Self(name.to_owned()));
        }
        Err("a namespace's name has up to 63 of a-z, 0-9 and -, the last not at an end".into())
    }
}

/// The name of an image.
#[derive(Clone, Debug)]
struct Image(String);

impl FromStr for Image {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let inside = |c: char| c.is_ascii_alphanumeric() || "./:@_-".contains(c);
        let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins && name.chars().all(inside) {
            return Ok(Self(name.to_owned()));
        }
        Err(
            "an image's name has letters, digits and ./:@_-, and begins with one of the former"
                .into(),
        )
    }
}

fn manifests(args: &Args) -> String {
    let mut text = MANIFESTS.replace(NAMESPACE, &args.namespace.0);
    if let Some(Image(image)) = &args.image {
        let line = |line: &str| match line.split_once(IMAGE) {
            Some((indent, _)) => format!("{indent}{IMAGE}{image}\n"),
            None => format!("{line}\n"),
        };
        text = text.lines().map(line).collect();
    }
    text
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    Ok(out::write(&manifests(args))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(namespace: &str, image: Option<&str>) -> String {
        manifests(&Args {
            namespace: namespace.parse().unwrap(),
            image: image.map(|image| image.parse().unwrap()),
        })
    }

    #[test]
    fn without_flags_it_is_the_file_in_git() {
        assert_eq!(with(NAMESPACE, None), MANIFESTS);
    }

    #[test]
    fn namespace_and_image_are_replaced_wherever_they_stand_and_nothing_else_is() {
        let text = with("team-a", Some("registry.example:5000/dagtrail@sha256:00"));
        assert!(!text.contains(NAMESPACE));
        let (before, after) = (MANIFESTS.lines(), text.lines());
        assert_eq!(before.clone().count(), after.clone().count());
        let changed: Vec<_> = before
            .zip(after)
            .filter(|(before, after)| before != after)
            .collect();
        let images = changed.iter().filter(|(_, after)| after.contains("image:"));
        assert_eq!(images.count(), 1);
        for (before, after) in changed {
            let expected = match before.split_once(IMAGE) {
                Some((indent, _)) => {
                    format!("{indent}{IMAGE}registry.example:5000/dagtrail@sha256:00")
                }
                None => before.replace(NAMESPACE, "team-a"),
            };
            assert_eq!(after, expected);
        }
    }

    #[test]
    fn a_name_that_would_be_more_than_a_name_is_refused() {
        for wrong in ["", "-a", "a-", "A", "a_b", "a b", "a\nb", &"a".repeat(64)] {
            assert!(wrong.parse::<Namespace>().is_err(), "{wrong:?}");
        }
        for wrong in ["", "-a", "a b", "a\nkind: x", "a'", "a#b"] {
            assert!(wrong.parse::<Image>().is_err(), "{wrong:?}");
        }
    }
}
