//! Rules kept to a store whose clock is set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use wildmatch::WildMatch;

use super::Keeper;
use crate::model::{Clock, Phase, Rule, Rules, Telling, Time};
use crate::store::memory::Memory;
use crate::store::samples::{S, at, counts, execution, rows, tell, told};
use crate::store::{Bounds, Store};
use crate::telemetry::{Labelled, Metrics};

const DAY: i64 = 24 * 3600;

#[derive(Default)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}

struct Scene {
    store: Arc<Memory>,
    clock: Arc<SetClock>,
    metrics: Metrics,
    keeper: Keeper,
}

impl Scene {
    fn new(rules: Rules) -> Self {
        let store = Arc::new(Memory::new(Bounds::default()));
        let (clock, metrics) = (Arc::<SetClock>::default(), Metrics::new());
        let keeper = Keeper::new(
            store.clone(),
            clock.clone(),
            Arc::new(rules),
            metrics.clone(),
        );
        Self {
            store,
            clock,
            metrics,
            keeper,
        }
    }

    /// The clock stands at this second when the process looks, so long after its start.
    fn look(&self, seconds: i64, running: i64) {
        self.clock.0.store(seconds * S, Ordering::SeqCst);
        let running = Duration::from_secs(running.unsigned_abs());
        self.keeper.pass_at(running);
    }

    fn pruned(&self, of: &'static str) -> (u64, u64) {
        let executions = self
            .metrics
            .pruned_executions
            .get_or_create(&Labelled { of });
        let executions = executions.get();
        let rows = self
            .metrics
            .pruned_rows
            .get_or_create(&Labelled { of })
            .get();
        (executions, rows)
    }
}

fn days(days: i64) -> Option<Duration> {
    Some(Duration::from_secs((days * DAY).unsigned_abs()))
}

fn finished(id: &str, origin: u128, time: i64) -> Telling {
    let mut telling = told(id, "it is over", origin, 1, time, time);
    let key = Arc::make_mut(&mut telling.key);
    key.code = "SuccessfulFinish".into();
    key.element = "".into();
    key.involved_uid = "".into();
    telling
}

#[test]
fn an_execution_goes_when_nobody_has_told_of_it_for_so_long() {
    let scene = Scene::new(Rules {
        age: days(10),
        ..Rules::default()
    });
    tell(&*scene.store, 0, &[told("old", "one", 1, 1, 0, 0)]);
    tell(&*scene.store, 3 * DAY, &[told("young", "one", 2, 1, 0, 0)]);
    for day in (0..10).step_by(2) {
        scene.look(day * DAY, day * DAY);
    }
    assert_eq!(counts(&*scene.store, "old"), [1]);
    scene.look(10 * DAY, 10 * DAY);
    assert!(rows(&*scene.store, "old").is_empty());
    assert_eq!(
        counts(&*scene.store, "young"),
        [1],
        "told late, kept as long"
    );
    scene.look(12 * DAY, 12 * DAY);
    assert_eq!(counts(&*scene.store, "young"), [1]);
    scene.look(13 * DAY, 13 * DAY);
    assert!(rows(&*scene.store, "young").is_empty());
    assert_eq!(scene.pruned("age"), (2, 0));
}

#[test]
fn old_rows_of_an_execution_that_goes_on_are_pruned_and_its_end_stays() {
    let scene = Scene::new(Rules {
        age: days(10),
        ..Rules::default()
    });
    tell(
        &*scene.store,
        0,
        &[finished("a", 9, 0), told("a", "one", 1, 1, 0, 0)],
    );
    for day in 0..=14 {
        let row = told(
            "a",
            &format!("day {day}"),
            100 + day as u128,
            1,
            day * DAY,
            day * DAY,
        );
        tell(&*scene.store, day * DAY, &[row]);
        scene.look(day * DAY, day * DAY);
    }
    let left: Vec<String> = rows(&*scene.store, "a")
        .iter()
        .map(|row| row.body().message.to_string())
        .collect();
    assert_eq!(left.len(), 12, "{left:?}");
    assert_eq!(left[0], "it is over");
    assert_eq!(left[1], "day 4");
}

#[test]
fn a_policy_wins_over_what_holds_for_all() {
    let failures = Rule {
        phases: vec![Phase::Succeeded],
        namespaces: vec![WildMatch::new("ten*")],
        age: Some(days(2)),
        ..Rule::default()
    };
    let scene = Scene::new(Rules {
        age: days(30),
        policies: vec![failures],
        ..Rules::default()
    });
    tell(
        &*scene.store,
        0,
        &[finished("done", 1, 0), told("goes on", "one", 2, 1, 0, 0)],
    );
    for day in 0..3 {
        scene.look(day * DAY, day * DAY);
    }
    assert!(rows(&*scene.store, "done").is_empty());
    assert_eq!(counts(&*scene.store, "goes on"), [1]);
}

#[test]
fn a_clock_that_jumps_a_day_prunes_nothing_early_and_says_so() {
    let scene = Scene::new(Rules {
        age: days(1),
        ..Rules::default()
    });
    tell(&*scene.store, 0, &[told("a", "one", 1, 1, 0, 0)]);
    scene.look(60, 60);
    scene.look(DAY + 120, 120);
    assert_eq!(counts(&*scene.store, "a"), [1]);
    assert_eq!(
        scene.metrics.clock_jumps.get(),
        2,
        "ages, and what is swept"
    );
    scene.look(180, 180);
    assert_eq!(scene.metrics.clock_jumps.get(), 4, "it was set right");
    scene.look(DAY - 60, DAY - 60);
    assert_eq!(counts(&*scene.store, "a"), [1]);
    scene.look(DAY + 60, DAY + 60);
    assert!(rows(&*scene.store, "a").is_empty());
}

#[test]
fn a_day_is_a_jump_however_long_things_are_kept() {
    let scene = Scene::new(Rules {
        age: days(30),
        ..Rules::default()
    });
    tell(&*scene.store, 0, &[told("a", "one", 1, 1, 0, 0)]);
    for day in 0..30 {
        scene.look(day * DAY / 2, day * DAY / 2);
    }
    let time = 15 * DAY;
    tell(&*scene.store, time, &[told("b", "one", 2, 1, time, time)]);
    for step in 30..=59 {
        scene.look(step * DAY / 2, step * DAY / 2);
    }
    assert_eq!(scene.metrics.clock_jumps.get(), 0);
    let running = 59 * DAY / 2;
    scene.look(running + DAY, running + 60);
    assert_eq!(counts(&*scene.store, "a"), [1], "half a day too early");
    assert_eq!(scene.metrics.clock_jumps.get(), 2);
}

#[test]
fn an_execution_never_has_more_rows_than_its_rule_says() {
    let scene = Scene::new(Rules {
        rows: Some(16),
        ..Rules::default()
    });
    tell(&*scene.store, 0, &[finished("a", 1, 0)]);
    for number in 2..=100_u128 {
        let time = number as i64;
        tell(
            &*scene.store,
            time,
            &[told("a", &format!("row {number}"), number, 1, time, time)],
        );
        scene.keeper.touched(&[execution("a"), execution("nobody")]);
        let found = rows(&*scene.store, "a");
        assert!(found.len() <= 16, "{}", found.len());
        assert_eq!(&*found[0].body().message, "it is over");
        let last = found.last().unwrap();
        assert_eq!(last.last(), at(time));
    }
    // Followers begin anew at each: so it is some at a time.
    let (_, pruned) = scene.pruned("rows");
    assert!((84..=92).contains(&pruned), "{pruned}");
    let begun = scene.store.united("a").unwrap()[0].seq.0 - 100;
    assert!(begun <= 40, "{begun} times");
}

#[test]
fn beyond_its_bytes_a_store_gives_up_the_oldest_finished_execution_first() {
    let scene = Scene::new(Rules {
        bytes: Some(20 * 700),
        ..Rules::default()
    });
    for number in 0..30_i64 {
        let id = format!("e{number}");
        let origin = number.unsigned_abs().into();
        let row = if number < 5 {
            told(&id, "goes on", origin, 1, number, number)
        } else {
            finished(&id, origin, number)
        };
        tell(&*scene.store, number, &[row]);
    }
    scene.look(60, 60);
    scene.keeper.tick();
    let there = |number: i64| !rows(&*scene.store, &format!("e{number}")).is_empty();
    assert!((0..5).all(there), "those that go on stay");
    assert!(!(5..10).any(there), "the oldest are gone");
    assert!(there(29));
    assert!(scene.store.size().unwrap().kept <= 20 * 700);
    assert!(scene.pruned("bytes").0 >= 8);
}

#[test]
fn where_nothing_is_finished_parts_go_and_then_the_oldest() {
    let scene = Scene::new(Rules {
        bytes: Some(1),
        ..Rules::default()
    });
    for number in 0..8_i64 {
        let origin = number.unsigned_abs().into();
        let row = told("one", &format!("row {number}"), origin, 1, number, number);
        tell(&*scene.store, number, &[row]);
    }
    tell(&*scene.store, 9, &[told("two", "row", 99, 1, 9, 9)]);
    scene.keeper.tick();
    assert_eq!(rows(&*scene.store, "one").len(), 4);
    assert_eq!(rows(&*scene.store, "two").len(), 1);
    for _ in 0..3 {
        scene.keeper.tick();
    }
    assert_eq!(
        rows(&*scene.store, "one").len(),
        4,
        "not before it is known what it was worth"
    );
}

#[test]
fn without_a_rule_nothing_goes_however_old_and_however_much() {
    let scene = Scene::new(Rules::default());
    for number in 0..40_i64 {
        let origin = number.unsigned_abs().into();
        let row = told("a", &format!("row {number}"), origin, 1, number, number);
        tell(&*scene.store, number, &[row]);
        scene.keeper.touched(&[execution("a")]);
    }
    for day in [0, 1, 2, 30, 3000] {
        scene.look(day * DAY, day * DAY);
    }
    scene.keeper.tick();
    assert_eq!(rows(&*scene.store, "a").len(), 40);
}

#[test]
fn rows_of_before_there_was_a_rule_are_counted_too() {
    let scene = Scene::new(Rules {
        rows: Some(16),
        ..Rules::default()
    });
    for number in 0..40_i64 {
        let origin = number.unsigned_abs().into();
        let id = if number < 30 { "much" } else { "little" };
        let row = told(id, &format!("row {number}"), origin, 1, number, number);
        tell(&*scene.store, number, &[row]);
    }
    scene.look(60, 60);
    assert_eq!(rows(&*scene.store, "much").len(), 14);
    assert_eq!(rows(&*scene.store, "little").len(), 10);
    assert_eq!(scene.pruned("rows"), (0, 16));
}

#[test]
fn a_policy_of_labels_is_for_executions_that_have_each_on_some_row() {
    let wanted = [("team", "gen*"), ("stage", "*")];
    let wanted = wanted.map(|(key, value)| (key.into(), WildMatch::new(value)));
    let scene = Scene::new(Rules {
        policies: vec![Rule {
            labels: wanted.into(),
            age: Some(days(2)),
            ..Rule::default()
        }],
        ..Rules::default()
    });
    let labelled = |id, origin, labels: &[(&str, &str)]| {
        let mut telling = told(id, &format!("row {origin}"), origin, 1, 0, 0);
        let body = Arc::make_mut(&mut telling.body);
        let labels = labels
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()));
        body.labels = labels.collect();
        telling
    };
    let tellings = [
        labelled("both", 1, &[("team", "genomics")]),
        labelled("both", 2, &[("stage", "two")]),
        labelled("one", 3, &[("team", "genomics")]),
        labelled("another", 4, &[("team", "physics"), ("stage", "two")]),
    ];
    tell(&*scene.store, 0, &tellings);
    for day in 0..3 {
        scene.look(day * DAY, day * DAY);
    }
    assert!(rows(&*scene.store, "both").is_empty());
    assert_eq!(counts(&*scene.store, "one"), [1]);
    assert_eq!(counts(&*scene.store, "another"), [1]);
}
