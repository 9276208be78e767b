//! How rules are written: on the command line and in a YAML file. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::{Span, SpanRelativeTo};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use wildmatch::WildMatch;

use crate::model::{Phase, Rule, Rules};

/// A file of rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no YAML of that shape; the sentence names the key.
    #[error("{0}")]
    Shape(String),
    /// Something in a policy.
    #[error("policies[{index}].{problem}")]
    Policy {
        /// Which, from 0.
        index: usize,
        /// The key and what is wrong.
        problem: String,
    },
}

/// How this is written when there is no limit.
const OFF: &str = "off";

/// A time such as `30d` or `12h`; `off`: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Age(pub Option<Duration>);

/// A number of bytes such as `8Gi`; `off`: as many as come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bytes(pub Option<u64>);

/// A number of rows; `off`: all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Most(pub Option<usize>);

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == OFF {
            return Ok(Self(None));
        }
        let wrong = |why: &dyn fmt::Display| {
            format!("{text:?} is no time such as 30d or 12h, and not {OFF:?} ({why})")
        };
        let span: Span = text.parse().map_err(|error: jiff::Error| wrong(&error))?;
        let time = span.to_duration(SpanRelativeTo::days_are_24_hours());
        let time = time.map_err(|error| wrong(&error))?;
        let time = Duration::try_from(time).ok().filter(|time| !time.is_zero());
        time.map(|time| Self(Some(time)))
            .ok_or_else(|| wrong(&"it must be longer than nothing"))
    }
}

/// The units of Kubernetes' quantities.
const UNITS: &[(&str, u64)] = &[
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("", 1),
];

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == OFF {
            return Ok(Self(None));
        }
        let found = UNITS.iter().find_map(|(unit, size)| {
            let digits = text.strip_suffix(unit)?;
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits
                .parse::<u64>()
                .ok()
                .filter(|_| plain)?
                .checked_mul(*size)
        });
        found
            .filter(|bytes| *bytes > 0)
            .map(|bytes| Self(Some(bytes)))
            .ok_or_else(|| {
                format!("{text:?} is no number of bytes such as 8Gi or 500M, and not {OFF:?}")
            })
    }
}

impl FromStr for Most {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == OFF {
            return Ok(Self(None));
        }
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let rows = text.parse().ok().filter(|rows| plain && *rows > 0);
        rows.map(|rows| Self(Some(rows)))
            .ok_or_else(|| format!("{text:?} is no number of rows from 1, and not {OFF:?}"))
    }
}

/// YAML knows numbers, and `off` as a truth value.
#[derive(Deserialize)]
#[serde(untagged)]
enum Plain {
    Truth(bool),
    Number(u64),
    /// As Helm writes large numbers: `1e+06`.
    Large(f64),
    Text(String),
}

fn plain<'de, D: Deserializer<'de>, T: FromStr<Err = String>>(from: D) -> Result<T, D::Error> {
    let text = match Plain::deserialize(from)? {
        Plain::Truth(false) => OFF.to_owned(),
        Plain::Truth(true) => "on".to_owned(),
        Plain::Number(number) => number.to_string(),
        Plain::Large(number) => number.to_string(),
        Plain::Text(text) => text,
    };
    text.parse().map_err(de::Error::custom)
}

macro_rules! as_plain {
    ($($name:ident)*) => {
        $(impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                plain(from)
            }
        })*
    };
}

as_plain! { Age Bytes Most }

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct RulesFile {
    age: Option<Age>,
    max_bytes: Option<Bytes>,
    max_rows: Option<Most>,
    policies: Vec<PolicyFile>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct PolicyFile {
    name: String,
    namespaces: Vec<String>,
    kinds: Vec<String>,
    phases: Vec<String>,
    labels: BTreeMap<String, String>,
    age: Option<Age>,
    max_rows: Option<Most>,
}

/// Reads rules; what the file leaves open is as usual.
///
/// # Errors
///
/// A sentence that names the key.
pub fn parse(text: &str) -> Result<Rules, Error> {
    let usual = Rules::default();
    // An empty file says nothing.
    let is_empty = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_empty) {
        return Ok(usual);
    }
    let file: RulesFile =
        serde_saphyr::from_str(text).map_err(|error| Error::Shape(error.to_string()))?;
    let policies = file.policies.into_iter().zip(0..);
    let policies = policies.map(|(policy, index)| {
        policy
            .read()
            .map_err(|problem| Error::Policy { index, problem })
    });
    Ok(Rules {
        age: file.age.map_or(usual.age, |age| age.0),
        bytes: file.max_bytes.map_or(usual.bytes, |bytes| bytes.0),
        rows: file.max_rows.map_or(usual.rows, |most| most.0),
        policies: policies.collect::<Result<_, _>>()?,
    })
}

impl PolicyFile {
    fn read(self) -> Result<Rule, String> {
        if self.age.is_none() && self.max_rows.is_none() {
            return Err("age or maxRows: a policy must say one of them".into());
        }
        let phases = self.phases.iter().map(|text| phase(text));
        let kinds = self.kinds.iter().map(|kind| kind.to_lowercase());
        let labels = self.labels.into_iter();
        Ok(Rule {
            name: self.name.into(),
            namespaces: self
                .namespaces
                .iter()
                .map(|it| WildMatch::new(it))
                .collect(),
            kinds: kinds.map(|kind| WildMatch::new(&kind)).collect(),
            phases: phases.collect::<Result<_, _>>()?,
            labels: labels
                .map(|(key, value)| (key.into(), WildMatch::new(&value)))
                .collect(),
            age: self.age.map(|age| age.0),
            rows: self.max_rows.map(|most| most.0),
        })
    }
}

fn phase(text: &str) -> Result<Phase, String> {
    let all = [
        Phase::Pending,
        Phase::Running,
        Phase::Succeeded,
        Phase::Cancelled,
        Phase::Failed,
        Phase::Error,
    ];
    let found = all.iter().find(|phase| phase.as_str() == text);
    found.copied().ok_or_else(|| {
        let words = all.map(Phase::as_str).join(", ");
        format!("phases: {text:?} is none of {words}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_bytes_and_rows_are_read_as_people_write_them() {
        let day = 24 * 3600;
        for (text, seconds) in [
            ("30d", 30 * day),
            ("12h", day / 2),
            ("1w 1d", 8 * day),
            ("90s", 90),
        ] {
            let age: Age = text.parse().unwrap();
            assert_eq!(age.0, Some(Duration::from_secs(seconds)), "{text}");
        }
        for (text, bytes) in [
            ("8Gi", 8 << 30),
            ("500M", 500_000_000),
            ("7", 7),
            ("64Mi", 64 << 20),
        ] {
            assert_eq!(text.parse(), Ok(Bytes(Some(bytes))), "{text}");
        }
        assert_eq!("17".parse(), Ok(Most(Some(17))));
        assert_eq!("off".parse(), Ok(Age(None)));
        assert_eq!("off".parse(), Ok(Bytes(None)));
        assert_eq!("off".parse(), Ok(Most(None)));
        for wrong in ["", "0s", "-3d", "30", "3 months", "soon", "OFF"] {
            assert!(wrong.parse::<Age>().is_err(), "{wrong}");
        }
        for wrong in ["", "0", "Gi", "1.5Gi", "-1", "8GiB", "99999999999Ti", "+3"] {
            assert!(wrong.parse::<Bytes>().is_err(), "{wrong}");
        }
        for wrong in ["", "0", "-1", "1.5", "many", "+3"] {
            assert!(wrong.parse::<Most>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_file_says_all_that_the_rules_know() {
        let rules = parse(
            "age: 7d\nmaxBytes: 1Gi\nmaxRows: 500\npolicies:\n- name: failures\n  namespaces: [team-*]\n  \
             kinds: [Job.batch]\n  phases: [Failed]\n  labels: {dagtrail.dev/cronjob: nightly}\n  age: off\n  maxRows: 9\n",
        )
        .unwrap();
        assert_eq!(rules.age, Some(Duration::from_secs(7 * 24 * 3600)));
        assert_eq!((rules.bytes, rules.rows), (Some(1 << 30), Some(500)));
        let policy = &rules.policies[0];
        assert_eq!((&*policy.name, policy.age), ("failures", Some(None)));
        assert!(policy.namespaces[0].matches("team-a"));
        assert!(policy.kinds[0].matches("job.batch"));
        assert_eq!(policy.phases, [Phase::Failed]);
        assert_eq!(&*policy.labels[0].0, "dagtrail.dev/cronjob");
        assert_eq!(policy.rows, Some(Some(9)));
        assert_eq!(parse("# nothing\n").unwrap(), Rules::default());
        assert_eq!(parse("maxBytes: off\n").unwrap().bytes, None);
        let large = parse("maxRows: 2e+06\npolicies: [{maxRows: 3e+06}]\n").unwrap();
        assert_eq!(large.rows, Some(2_000_000));
        assert_eq!(large.policies[0].rows, Some(Some(3_000_000)));
        assert!(parse("maxRows: 1.5\n").is_err());
    }

    #[test]
    fn what_is_wrong_in_a_file_is_named() {
        for (text, name) in [
            ("ages: 7d\n", "ages"),
            ("policies:\n- keep: 7d\n", "keep"),
            (
                "policies:\n- namespaces: [a]\n",
                "policies[0].age or maxRows",
            ),
            (
                "policies:\n- age: 1d\n- age: 1d\n  phases: [Done]\n",
                "policies[1].phases",
            ),
            ("age: soon\n", "soon"),
            ("maxRows: 0\n", "number of rows"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(name), "{text:?}: {error}");
        }
    }
}
