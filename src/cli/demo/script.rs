//! What the three executions of the demo do, and when. Pure.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::model::event::Texts;
use crate::model::{
    Body, Digester, EventType, ExecutionFact, ExecutionKey, Identity, InvolvedObject, Key,
    MessageKey, Observation, Origin, Policy, Telling, Time,
};

/// The tenant of the demo's executions.
const TENANT: &str = "demo";

/// One execution.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) name: &'static str,
    /// For people: what will be seen.
    pub(super) what: &'static str,
    pub(super) id: String,
    pub(super) goes_on: bool,
    pub(super) fails: bool,
    pub(super) lines: Vec<Line>,
    start: Time,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// After the start.
    pub(super) at: Duration,
    /// Empty: the execution itself.
    element: &'static str,
    action: &'static str,
    code: &'static str,
    /// As a source would give it; empty where the catalogue makes it.
    message: &'static str,
    /// How often it has happened so far.
    count: u64,
    warning: bool,
}

const fn line(
    millis: u64,
    element: &'static str,
    action: &'static str,
    code: &'static str,
) -> Line {
    let at = Duration::from_millis(millis);
    Line {
        at,
        element,
        action,
        code,
        message: "",
        count: 1,
        warning: false,
    }
}

const fn warning(mut line: Line, message: &'static str, count: u64) -> Line {
    line.warning = true;
    line.message = message;
    line.count = count;
    line
}

/// The three executions; equal seeds and starts give equal ones.
pub(super) fn script(seed: u64, start: Time) -> Vec<Scene> {
    let mut seed = Digester::new("demo")
        .number(seed)
        .number(start.0.cast_unsigned())
        .finish()
        .0;
    let mut jitter = move || {
        seed = seed.wrapping_mul(0xda94_2042_e4dd_58b5).wrapping_add(1);
        u64::try_from((seed >> 64) % 150).unwrap_or_default()
    };
    let scene = |name, what, goes_on, lines: Vec<Line>| {
        let id =
            Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{name} {start}").as_bytes()).to_string();
        Scene {
            name,
            what,
            id,
            goes_on,
            fails: lines
                .last()
                .is_some_and(|line: &Line| line.code == "FailedFinish"),
            lines,
            start,
        }
    };
    vec![
        scene("report", "succeeds", false, succeeds(&mut jitter)),
        scene(
            "training",
            "fails after repeats that fold",
            false,
            fails(&mut jitter),
        ),
        scene("ingestion", "goes on living", true, lives()),
    ]
}

fn succeeds(jitter: &mut impl FnMut() -> u64) -> Vec<Line> {
    let mut lines = vec![
        line(0, "", "create", "Created"),
        line(5, "", "run", "ActionStart"),
    ];
    let mut at = 10;
    for element in ["extract", "transform", "load"] {
        lines.push(line(at, element, "create", "ActionStart"));
        lines.push(line(at + 20, element, "create", "SuccessfulFinish"));
        lines.push(line(at + 30, element, "run", "ActionStart"));
        at += 500 + jitter();
        lines.push(line(at, element, "run", "SuccessfulFinish"));
    }
    lines.push(line(at + 10, "", "run", "SuccessfulFinish"));
    lines
}

fn fails(jitter: &mut impl FnMut() -> u64) -> Vec<Line> {
    const BACK_OFF: &str = "Back-off restarting failed container main in pod train-0";
    let mut lines = vec![
        line(0, "", "create", "Created"),
        line(5, "", "run", "ActionStart"),
    ];
    lines.push(line(10, "fetch", "run", "ActionStart"));
    lines.push(line(400, "fetch", "run", "SuccessfulFinish"));
    lines.push(line(410, "train", "run", "ActionStart"));
    let mut at = 500;
    for count in 1..=12 {
        at += 300 + jitter();
        lines.push(warning(line(at, "train", "", "BackOff"), BACK_OFF, count));
    }
    lines.push(warning(
        line(at + 200, "train", "run", "FailedFinish"),
        "",
        1,
    ));
    lines.push(warning(line(at + 210, "", "run", "FailedFinish"), "", 1));
    lines
}

fn lives() -> Vec<Line> {
    vec![
        line(0, "", "create", "Created"),
        line(5, "", "run", "ActionStart"),
        line(10, "reader", "run", "ActionStart"),
        line(20, "writer", "run", "ActionStart"),
    ]
}

impl Scene {
    /// After so much time everything has happened; `None`: it goes on.
    pub(super) fn ends(&self) -> Option<Duration> {
        let last = self.lines.iter().map(|line| line.at).max();
        last.filter(|_| !self.goes_on)
    }

    fn key(&self) -> ExecutionKey {
        ExecutionKey::new(TENANT, &self.id)
    }

    /// What is told when a line's time has come: with the first, the execution too.
    pub(super) fn tell(&self, line: &Line, now: Time) -> Vec<Observation> {
        let identity = Identity {
            engine: "Demo.DAG".into(),
            group: "demo.dagtrail.dev".into(),
            kind: "DAG".into(),
            namespace: TENANT.into(),
            name: self.name.into(),
        };
        let fact = ExecutionFact {
            key: self.key(),
            identity: Some(identity),
            created: Some(self.start),
            aliases: Vec::new(),
        };
        vec![
            Observation::Execution(fact),
            Observation::Event(self.telling(line, now, Texts::new())),
        ]
    }

    /// A sign of life.
    pub(super) fn beat(&self, beats: u64, now: Time) -> Vec<Observation> {
        let mut progress = line(30, "writer", "run", "Progress");
        progress.count = beats;
        let params = [
            ("done", (beats * 100).to_string()),
            ("total", "1000000".to_owned()),
        ];
        let params = params
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .collect();
        vec![Observation::Event(self.telling(&progress, now, params))]
    }

    fn telling(&self, line: &Line, now: Time, mut params: Texts) -> Telling {
        let shown = if line.element.is_empty() {
            self.name
        } else {
            line.element
        };
        params.insert("elem".into(), shown.into());
        params.insert("action".into(), line.action.into());
        let key = Key {
            element: line.element.into(),
            elem_type: if line.element.is_empty() {
                "Demo.DAG".into()
            } else {
                "Demo.step".into()
            },
            action: line.action.into(),
            event_type: if line.warning {
                EventType::Warning
            } else {
                EventType::Normal
            },
            code: line.code.into(),
            involved_uid: "".into(),
            field_path: "".into(),
            message: MessageKey::of(line.message),
        };
        let body = Body {
            message: line.message.into(),
            params,
            elem_id: shown.into(),
            namespace: TENANT.into(),
            involved: InvolvedObject {
                kind: "DAG".into(),
                namespace: TENANT.into(),
                name: self.name.into(),
            },
            reporter: "dagtrail-demo".into(),
            ..Body::default()
        };
        Telling {
            execution: self.key(),
            key: Arc::new(key),
            policy: Policy::Fold,
            origin: Origin::of_transition(
                &self.id,
                line.element,
                0,
                &format!("{} {}", line.action, line.code),
            ),
            count: line.count,
            first: now,
            last: now,
            name: "".into(),
            body: Arc::new(body),
            digests: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fails_and_one_goes_on() {
        let scenes = script(7, Time(1));
        let names = |is: fn(&Scene) -> bool| -> Vec<_> {
            let those = scenes.iter().filter(|scene| is(scene));
            those.map(|scene| scene.name).collect()
        };
        assert_eq!(names(|scene| scene.fails), ["training"]);
        assert_eq!(names(|scene| scene.ends().is_none()), ["ingestion"]);
    }

    #[test]
    fn equal_seeds_play_equal_executions_and_others_differ() {
        let times = |seed| -> Vec<Duration> {
            script(seed, Time(1))
                .iter()
                .flat_map(|scene| scene.lines.iter().map(|line| line.at))
                .collect()
        };
        assert_eq!(times(7), times(7));
        assert_ne!(times(7), times(8));
    }
}
