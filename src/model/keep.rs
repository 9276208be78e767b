//! How long histories are kept: the rules, and what they say of an execution. Pure.

use std::sync::Arc;
use std::time::Duration;

use wildmatch::WildMatch;

use super::event::Row;
use super::execution::{Execution, Phase};
use super::time::Time;

/// What is kept, for how long and how much of it.
///
/// Without a word from who runs it nothing goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// How long an execution is kept after it was last told of; `None`: for ever.
    pub age: Option<Duration>,
    /// Bytes of packed rows that are kept together; `None`: as many as come.
    pub bytes: Option<u64>,
    /// Rows of an execution that are kept; `None`: all.
    pub rows: Option<usize>,
    /// Of an execution, the first of these that it fits wins over `age` and `rows`.
    pub policies: Vec<Rule>,
}

/// A rule for some executions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// What people call it; may be empty.
    pub name: Box<str>,
    /// Namespaces; `*` stands for any text. Empty: every one.
    pub namespaces: Vec<WildMatch>,
    /// Kinds in lower case, `job` or `job.batch`, as namespaces.
    pub kinds: Vec<WildMatch>,
    /// Phases; [`Phase::Failed`] takes in [`Phase::Error`]. Empty: every one.
    pub phases: Vec<Phase>,
    /// Labels, each of which some row must have; `*` in values as in namespaces.
    pub labels: Vec<(Box<str>, WildMatch)>,
    /// Instead of [`Rules::age`], if it says anything.
    pub age: Option<Option<Duration>>,
    /// Instead of [`Rules::rows`], if it says anything.
    pub rows: Option<Option<usize>>,
}

impl Rule {
    /// Whether an execution fits, but for its labels.
    #[must_use]
    pub fn fits(&self, execution: &Execution) -> bool {
        let any = |wanted: &[WildMatch], found: &[&str]| {
            wanted.is_empty()
                || wanted
                    .iter()
                    .any(|wanted| found.iter().any(|found| wanted.matches(found)))
        };
        let kind = execution.identity.kind.to_lowercase();
        let full = format!("{kind}.{}", execution.identity.group);
        let phase = execution.status.phase;
        any(&self.namespaces, &[&execution.key.tenant])
            && any(&self.kinds, &[&kind, &full])
            && (self.phases.is_empty()
                || self.phases.contains(&phase)
                || (phase == Phase::Error && self.phases.contains(&Phase::Failed)))
    }

    /// Whether the rows of an execution have the labels.
    #[must_use]
    pub fn is_labelled(&self, rows: &[Arc<Row>]) -> bool {
        self.labels.iter().all(|(key, wanted)| {
            rows.iter().any(|row| {
                let found = row.body().labels.get(key);
                found.is_some_and(|value| wanted.matches(value))
            })
        })
    }
}

/// What the rules say of an execution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict<'a> {
    /// The policy that it fits, and its place from 1; `None`: none.
    pub policy: Option<(usize, &'a Rule)>,
    /// How long it is kept after it was last told of.
    pub age: Option<Duration>,
    /// How many of its rows are kept.
    pub rows: Option<usize>,
}

impl Verdict<'_> {
    /// When the whole execution goes unless something more is told of it; `None`: never by its age.
    #[must_use]
    pub fn due(&self, execution: &Execution) -> Option<Time> {
        self.age.map(|age| execution.last_told.after(age))
    }

    /// Rows that were last seen before this go, at a time. Only where the execution has been here for so long: what was
    /// told late is kept for the whole time after it was told.
    #[must_use]
    pub fn since(&self, execution: &Execution, now: Time) -> Time {
        match self.age {
            Some(age) if execution.told.after(age) <= now => now.before(age),
            _ => Time::MIN,
        }
    }
}

impl Rules {
    /// What they say of an execution. `labelled` is asked of policies that speak of labels.
    ///
    /// # Errors
    ///
    /// Those of `labelled`.
    pub fn of<E>(
        &self,
        execution: &Execution,
        mut labelled: impl FnMut(&Rule) -> Result<bool, E>,
    ) -> Result<Verdict<'_>, E> {
        for (policy, place) in self.policies.iter().zip(1..) {
            if policy.fits(execution) && (policy.labels.is_empty() || labelled(policy)?) {
                return Ok(Verdict {
                    policy: Some((place, policy)),
                    age: policy.age.unwrap_or(self.age),
                    rows: policy.rows.unwrap_or(self.rows),
                });
            }
        }
        Ok(Verdict {
            policy: None,
            age: self.age,
            rows: self.rows,
        })
    }

    /// The shortest time of all: nothing goes by its age before.
    #[must_use]
    pub fn shortest(&self) -> Option<Duration> {
        let own = self.policies.iter().filter_map(|policy| policy.age);
        own.chain([self.age]).flatten().min()
    }

    /// The smallest number of rows of all: an execution with no more loses none by their number.
    #[must_use]
    pub fn fewest(&self) -> Option<usize> {
        let own = self.policies.iter().filter_map(|policy| policy.rows);
        own.chain([self.rows]).flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::model::{ExecutionKey, Identity, Status};

    const DAY: u64 = 24 * 3600;

    fn at(days: u64) -> Time {
        Time(0).after(days_of(days))
    }

    fn days_of(days: u64) -> Duration {
        Duration::from_secs(days * DAY)
    }

    fn execution(namespace: &str, kind: &str, group: &str, phase: Phase) -> Execution {
        Execution {
            identity: Identity {
                kind: kind.into(),
                group: group.into(),
                ..Identity::default()
            },
            status: Status { at: at(0), phase },
            ..Execution::new(ExecutionKey::new(namespace, "id"), at(1))
        }
    }

    fn policy(namespaces: &[&str], kinds: &[&str], phases: &[Phase], days: u64) -> Rule {
        let all = |texts: &[&str]| texts.iter().map(|text| WildMatch::new(text)).collect();
        Rule {
            namespaces: all(namespaces),
            kinds: all(kinds),
            phases: phases.into(),
            age: Some(Some(days_of(days))),
            ..Rule::default()
        }
    }

    fn of<'a>(rules: &'a Rules, execution: &Execution, labelled: bool) -> Verdict<'a> {
        let answer = rules.of(execution, |_| Ok::<_, Infallible>(labelled));
        answer.unwrap()
    }

    #[test]
    fn the_first_policy_that_fits_counts() {
        let labelled = Rule {
            labels: vec![("team".into(), WildMatch::new("*"))],
            age: Some(None),
            rows: Some(Some(7)),
            ..Rule::default()
        };
        let rules = Rules {
            policies: vec![
                policy(&["team-*"], &["job.batch"], &[Phase::Failed], 90),
                policy(&["team-*"], &[], &[], 7),
                labelled,
            ],
            age: Some(days_of(30)),
            ..Rules::default()
        };
        let age = |execution: &Execution, labelled| {
            let verdict = of(&rules, execution, labelled);
            (verdict.policy.map(|(place, _)| place), verdict.age)
        };
        let failed = execution("team-a", "Job", "batch", Phase::Error);
        assert_eq!(age(&failed, false), (Some(1), Some(days_of(90))));
        let done = execution("team-a", "Job", "batch", Phase::Succeeded);
        assert_eq!(age(&done, true), (Some(2), Some(days_of(7))));
        let other = execution("b", "Job", "batch", Phase::Failed);
        assert_eq!(age(&other, false), (None, Some(days_of(30))));
        assert_eq!(age(&other, true), (Some(3), None));
        assert_eq!(of(&rules, &other, true).rows, Some(7));
        assert_eq!(of(&rules, &other, true).due(&other), None);
        assert_eq!(of(&rules, &done, false).due(&done), Some(at(8)));
        assert_eq!(rules.shortest(), Some(days_of(7)));
        assert_eq!(rules.fewest(), Some(7));
    }

    #[test]
    fn rows_are_old_only_where_their_execution_is() {
        let rules = Rules {
            age: Some(days_of(30)),
            ..Rules::default()
        };
        let young = execution("a", "Job", "batch", Phase::Running);
        let verdict = of(&rules, &young, false);
        assert_eq!(verdict.since(&young, at(30)), Time::MIN);
        assert_eq!(verdict.since(&young, at(31)), at(1));
        assert_eq!(verdict.since(&young, at(50)), at(20));
    }
}
