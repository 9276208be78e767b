//! The two engines against each other: whatever is done, with crashes, failures and checkpoints in between, they
//! say the same.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::super::Embedded;
use super::{forgetful, options};
use crate::model::{
    Dialect, Digest, ExecutionFilter, Filter, Observation, Origin, Page, Policy, Row, Seq, Telling,
    Wire,
};
use crate::store::memory::Memory;
use crate::store::samples::{BOUNDS, at, correlation, execution, fact, measured, told};
use crate::store::{Batch, Error, Keep, Options, Scope, Store};

pub(super) const IDS: [&str; 4] = ["a", "b", "c", "d"];

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<Observation>),
    /// The disk says no, after it has written.
    Fail(Vec<Observation>),
    FailDelete(usize),
    FailSweep,
    /// The disk says no after the deletion is in the log.
    HalfDelete(usize),
    Delete(usize),
    Remove(usize, usize),
    Forget(usize, usize),
    Prune(usize, Keep),
    FailPrune(usize, Keep),
    FailRemove(usize),
    Sweep,
    Checkpoint,
    /// A checkpoint fails after so many batches.
    HalfCheckpoint(usize),
    Crash,
    Close,
    Wait(i64),
}

fn telling() -> impl Strategy<Value = Telling> {
    let numbers = (0..3_usize, 0..3_u8, 1..7_u128, 1..4_u64, 0..6_i64, 0..6_i64);
    (numbers, 0..7_u8, any::<bool>()).prop_map(|(numbers, kind, own)| {
        let (id, message, origin, count, first, long) = numbers;
        let mut telling = told(
            IDS[id],
            &format!("m{message}"),
            origin,
            count,
            first,
            first + long,
        );
        match kind {
            0 | 1 => telling.origin = Origin::Once(Digest(100 + origin)),
            2 => {
                telling.policy = Policy::ById;
                telling.origin = Origin::Once(Digest(200 + origin));
            }
            3 => {
                telling.policy = Policy::ById;
                telling.origin = Origin::Once(Digest(300 + origin));
                let wire = Some(Wire {
                    dialect: Dialect::Genomcore,
                    item: "{}".into(),
                });
                Arc::make_mut(&mut telling.body).wire = wire;
            }
            _ => {}
        }
        if own {
            let key = Arc::make_mut(&mut telling.key);
            key.involved_uid = "".into();
            key.element = "".into();
            key.code = ["ActionStart", "SuccessfulFinish", "BackOff"][message as usize].into();
        }
        telling
    })
}

pub(super) fn observation() -> impl Strategy<Value = Observation> {
    prop_oneof![
        12 => telling().prop_map(Observation::Event),
        2 => (0..4_usize, 0..4_usize, 0..2_u8).prop_map(|(id, alias, name)| {
            fact(IDS[id], &"n".repeat(name.into()), &[IDS[alias]])
        }),
        1 => (0..4_usize, 0..3_usize, 0..90_i64).prop_map(|(uid, id, hours)| {
            Observation::Correlation(correlation(IDS[uid], IDS[id], at(hours * 3600)))
        }),
        3 => (0..4_usize, 0..3_u8, 0..2_u8, 0..9_i64, 0..3_u8).prop_map(|(id, element, name, at, value)| {
            let (element, name) = (format!("e{element}"), format!("n{name}"));
            Observation::Sample(measured(IDS[id], &element, &name, at, &value.to_string()))
        }),
    ]
}

fn keep() -> impl Strategy<Value = Keep> {
    let since = at;
    (0..8_i64, 0..6_usize).prop_map(move |(seconds, rows)| Keep {
        since: since(seconds),
        rows,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let batch = || prop::collection::vec(observation(), 1..8);
    prop_oneof![
        12 => batch().prop_map(Step::Append),
        1 => batch().prop_map(Step::Fail),
        1 => (0..4_usize).prop_map(Step::FailDelete),
        1 => Just(Step::FailSweep),
        1 => (0..4_usize).prop_map(Step::HalfDelete),
        2 => (0..4_usize).prop_map(Step::Delete),
        2 => (0..4_usize, 0..4_usize).prop_map(|(one, two)| Step::Remove(one, two)),
        1 => (0..4_usize).prop_map(Step::FailRemove),
        1 => (0..4_usize, 0..4_usize).prop_map(|(one, two)| Step::Forget(one, two)),
        3 => (0..4_usize, keep()).prop_map(|(id, keep)| Step::Prune(id, keep)),
        1 => (0..4_usize, keep()).prop_map(|(id, keep)| Step::FailPrune(id, keep)),
        2 => Just(Step::Sweep),
        4 => Just(Step::Checkpoint),
        1 => (0..5_usize).prop_map(Step::HalfCheckpoint),
        2 => Just(Step::Crash),
        1 => Just(Step::Close),
        2 => prop_oneof![4 => 0..4_i64, 1 => 3600..100_000_i64].prop_map(Step::Wait),
    ]
}

fn sorted(mut rows: Vec<Arc<Row>>) -> Vec<Arc<Row>> {
    rows.sort_unstable_by_key(|row| row.seq);
    rows
}

fn agree(model: &Memory, engine: &Embedded) -> Result<(), TestCaseError> {
    prop_assert_eq!(*model.passed().borrow(), *engine.passed().borrow());
    let (all, page) = (Filter::default(), Page::default());
    for id in IDS {
        let key = [execution(id)];
        let (left, right) = (
            model.list(&key, &all, &page),
            engine.list(&key, &all, &page),
        );
        let (left, right) = (left.unwrap(), right.unwrap());
        prop_assert_eq!(sorted(left.rows), sorted(right.rows), "rows of {}", id);
        prop_assert_eq!(left.seq, right.seq);
        prop_assert_eq!(model.rows(&key[0]).unwrap(), engine.rows(&key[0]).unwrap());
        prop_assert_eq!(
            model.samples(&key).unwrap(),
            engine.samples(&key).unwrap(),
            "samples of {}",
            id
        );
        let by_key = |store: &dyn Store| {
            let mut found = store.united(id).unwrap();
            found.sort_by(|one, other| one.key.cmp(&other.key));
            found
        };
        prop_assert_eq!(by_key(model), by_key(engine), "united with {}", id);
        prop_assert_eq!(
            model.correlation(id).unwrap(),
            engine.correlation(id).unwrap()
        );
    }
    {
        // A checkpoint that has failed leaves it unknown, until the database is opened again.
        let broken = engine.inner.writer.lock().broken.is_some();
        let fold = engine.inner.fold.read();
        if let (Ok(reader), false) = (fold.reader(), broken) {
            prop_assert_eq!(fold.stored, reader.bytes_of_blocks().unwrap());
        }
    }
    let every = ExecutionFilter::default();
    let (left, right) = (
        model.executions(&every, 0, 9),
        engine.executions(&every, 0, 9),
    );
    prop_assert_eq!(left.unwrap(), right.unwrap());
    let last = model.passed().borrow().0;
    for after in [0, last / 3, last / 2, last.saturating_sub(2), last] {
        for limit in [2, 1000] {
            let ids: Vec<_> = IDS.map(execution).into();
            for scope in [Scope::All, Scope::Executions(ids)] {
                let left = model.changes(&scope, Seq(after), limit).unwrap();
                let right = match engine.changes(&scope, Seq(after), limit) {
                    Err(Error::TooOld { oldest, .. }) => {
                        prop_assert!(scope == Scope::All && Seq(after) < oldest);
                        continue;
                    }
                    right => right.unwrap(),
                };
                prop_assert_eq!(left.rows, right.rows, "changes after {}", after);
                prop_assert_eq!(left.removed, right.removed);
                prop_assert_eq!((left.upto, left.more), (right.upto, right.more));
            }
        }
    }
    Ok(())
}

/// The next commit fails.
fn fail(engine: &Embedded) {
    if let Some(disk) = engine.inner.fold.read().disk.as_ref() {
        disk.fails.store(true, Ordering::SeqCst);
    }
}

fn run(steps: Vec<Step>, options: &Options) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().unwrap();
    let model = Memory::new(BOUNDS);
    let open = || Embedded::open(dir.path(), options.clone()).unwrap();
    let mut engine = Some(open());
    let mut seconds = 10;
    for step in steps {
        let now = at(seconds);
        let this = engine.as_ref().unwrap();
        match step {
            Step::Append(observations) => {
                let batch = Batch { observations, now };
                prop_assert_eq!(model.append(&batch).unwrap(), this.append(&batch).unwrap());
            }
            Step::Fail(observations) => {
                let batch = Batch { observations, now };
                fail(this);
                match this.append(&batch) {
                    Ok(appended) => {
                        // Nothing in it was news, so nothing was written.
                        prop_assert_eq!(model.append(&batch).unwrap(), appended);
                        let disk = this.inner.fold.read().disk.clone().unwrap();
                        disk.fails.store(false, Ordering::SeqCst);
                    }
                    Err(error) => {
                        prop_assert!(error.to_string().contains("a test said so"), "{}", error);
                        agree(&model, this)?;
                        // Were the process to die now, what was written would be found: who told it tells it again.
                        prop_assert_eq!(
                            model.append(&batch).unwrap(),
                            this.append(&batch).unwrap()
                        );
                    }
                }
            }
            Step::FailDelete(id) => {
                let key = execution(IDS[id]);
                fail(this);
                match this.delete(&key, now) {
                    Ok(deleted) => {
                        prop_assert_eq!(model.delete(&key, now).unwrap(), deleted);
                        let disk = this.inner.fold.read().disk.clone().unwrap();
                        disk.fails.store(false, Ordering::SeqCst);
                    }
                    Err(_) => {
                        agree(&model, this)?;
                        prop_assert!(model.delete(&key, now).unwrap());
                        prop_assert!(this.delete(&key, now).unwrap());
                    }
                }
            }
            Step::HalfDelete(id) => {
                let key = execution(IDS[id]);
                this.checkpoint().unwrap();
                let disk = this.inner.fold.read().disk.clone().unwrap();
                disk.slices.store(0, Ordering::SeqCst);
                prop_assert_eq!(
                    model.delete(&key, now).unwrap(),
                    this.delete(&key, now).unwrap()
                );
                disk.slices.store(usize::MAX, Ordering::SeqCst);
                drop(disk);
                this.checkpoint().unwrap();
                agree(&model, this)?;
            }
            Step::FailSweep => {
                fail(this);
                if this.sweep(now).is_err() {
                    agree(&model, this)?;
                    this.sweep(now).unwrap();
                }
                model.sweep(now).unwrap();
            }
            Step::Delete(id) => {
                let key = execution(IDS[id]);
                prop_assert_eq!(
                    model.delete(&key, now).unwrap(),
                    this.delete(&key, now).unwrap()
                );
            }
            Step::Remove(one, two) => {
                let keys = [execution(IDS[one]), execution(IDS[two])];
                prop_assert_eq!(
                    model.remove(&keys, Dialect::Genomcore, now).unwrap(),
                    this.remove(&keys, Dialect::Genomcore, now).unwrap()
                );
            }
            Step::FailRemove(id) => {
                let keys = [execution(IDS[id])];
                fail(this);
                match this.remove(&keys, Dialect::Genomcore, now) {
                    Ok(removed) => {
                        // There was nothing, or the disk had failed before and was opened again.
                        let wanted = model.remove(&keys, Dialect::Genomcore, now).unwrap();
                        prop_assert_eq!(removed, wanted);
                        let disk = this.inner.fold.read().disk.clone().unwrap();
                        disk.fails.store(false, Ordering::SeqCst);
                    }
                    Err(_) => {
                        agree(&model, this)?;
                        let removed = model.remove(&keys, Dialect::Genomcore, now).unwrap();
                        prop_assert_eq!(
                            this.remove(&keys, Dialect::Genomcore, now).unwrap(),
                            removed
                        );
                    }
                }
            }
            Step::Forget(one, two) => {
                let keys = [execution(IDS[one]), execution(IDS[two])];
                prop_assert_eq!(
                    model.forget(&keys, now).unwrap(),
                    this.forget(&keys, now).unwrap()
                );
            }
            Step::Prune(id, keep) => {
                let key = execution(IDS[id]);
                prop_assert_eq!(
                    model.prune(&key, keep, now).unwrap(),
                    this.prune(&key, keep, now).unwrap()
                );
            }
            Step::FailPrune(id, keep) => {
                let key = execution(IDS[id]);
                fail(this);
                match this.prune(&key, keep, now) {
                    Ok(pruned) => {
                        // There was nothing, or the disk had failed before and was opened again.
                        prop_assert_eq!(model.prune(&key, keep, now).unwrap(), pruned);
                        let disk = this.inner.fold.read().disk.clone().unwrap();
                        disk.fails.store(false, Ordering::SeqCst);
                    }
                    Err(_) => {
                        agree(&model, this)?;
                        let pruned = model.prune(&key, keep, now).unwrap();
                        prop_assert_eq!(this.prune(&key, keep, now).unwrap(), pruned);
                    }
                }
            }
            Step::Sweep => {
                model.sweep(now).unwrap();
                this.sweep(now).unwrap();
            }
            Step::Checkpoint => this.checkpoint().unwrap(),
            Step::HalfCheckpoint(slices) => {
                let disk = this.inner.fold.read().disk.clone();
                if let Some(disk) = disk {
                    disk.slices.store(slices, Ordering::SeqCst);
                }
                if this.checkpoint().is_ok() {
                    let disk = this.inner.fold.read().disk.clone().unwrap();
                    disk.slices.store(usize::MAX, Ordering::SeqCst);
                }
            }
            Step::Crash => {
                drop(engine.take());
                engine = Some(open());
                agree(&model, engine.as_ref().unwrap())?;
            }
            Step::Close => {
                this.close().unwrap();
                engine = Some(open());
                agree(&model, engine.as_ref().unwrap())?;
            }
            Step::Wait(more) => seconds += more,
        }
    }
    agree(&model, engine.as_ref().unwrap())
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: std::env::var("PROPTEST_CASES")
            .ok()
            .and_then(|cases| cases.parse().ok())
            .unwrap_or(24),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn both_engines_say_the_same(steps in prop::collection::vec(step(), 1..60)) {
        run(steps, &options())?;
    }

    #[test]
    fn both_engines_say_the_same_when_the_log_is_cut(steps in prop::collection::vec(step(), 1..60)) {
        run(steps, &forgetful())?;
    }
}
