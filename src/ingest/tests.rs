//! What waits is bounded, what is answered is written, and the writer ends when nobody is left to tell it anything.

use std::pin::pin;
use std::thread;

use futures::FutureExt;
use futures::future::join_all;

use super::*;
use crate::model::{SystemClock, Telling};
use crate::store::memory::Memory;
use crate::store::samples::{counts, told};

fn parts() -> (Arc<Memory>, Handle, Writer) {
    let store = Arc::new(Memory::default());
    let (handle, writer) = new(store.clone(), Arc::new(SystemClock), Metrics::new());
    (store, handle, writer)
}

/// An event of almost a mebibyte.
fn large(origin: u128) -> Observation {
    let message = "x".repeat(1_000_000);
    Observation::Event(told("a", &message, origin, 1, 1, 1))
}

#[tokio::test]
async fn who_has_more_to_say_than_the_queue_holds_waits_until_there_is_room() {
    let (store, handle, writer) = parts();
    let metrics = handle.metrics.clone();
    let mut waiting: Vec<_> = (0..100)
        .map(|origin| Box::pin(handle.submit(vec![large(origin)])))
        .collect();
    // Nobody writes yet: each is polled, and those that found room have queued.
    for submission in &mut waiting {
        assert!(submission.now_or_never().is_none());
        // tokio lets a task do only so much before it gives way.
        tokio::task::yield_now().await;
    }
    let queued = metrics.queued_kib.get();
    assert!(queued <= i64::from(QUEUE_KIB), "{queued} KiB wait");
    assert!(queued > i64::from(QUEUE_KIB) - 2048, "{queued} KiB wait");

    let writing = thread::spawn(move || writer.run());
    for outcomes in join_all(waiting).await {
        assert_eq!(outcomes.unwrap().len(), 1);
    }
    assert_eq!(metrics.queued_kib.get(), 0);
    drop(handle);
    writing.join().unwrap();
    assert_eq!(counts(&*store, "a"), [100]);
}

#[tokio::test]
async fn what_was_queued_is_written_though_nobody_waits_for_it_any_more() {
    let (store, handle, writer) = parts();
    {
        let submission = pin!(handle.submit(vec![large(1)]));
        assert!(submission.now_or_never().is_none());
    }
    drop(handle);
    thread::spawn(move || writer.run()).join().unwrap();
    assert_eq!(counts(&*store, "a"), [1]);
}

#[tokio::test]
async fn what_waits_together_is_one_commit_and_everybody_gets_his_own_outcomes() {
    let (_store, handle, writer) = parts();
    let metrics = handle.metrics.clone();
    let event = |origin| Observation::Event(told("a", "m", origin, 1, 1, 1));
    let mut waiting = vec![
        Box::pin(handle.submit(vec![event(1), event(1)])),
        Box::pin(handle.submit(vec![event(2)])),
    ];
    for submission in &mut waiting {
        assert!(submission.now_or_never().is_none());
    }
    let writing = thread::spawn(move || writer.run());
    let outcomes = join_all(waiting).await;
    let kinds = |outcomes: &Result<Vec<Outcome>, Error>| -> Vec<bool> {
        let outcomes = outcomes.as_ref().unwrap().iter();
        outcomes
            .map(|outcome| matches!(outcome, Outcome::Duplicate(_)))
            .collect()
    };
    assert_eq!(kinds(&outcomes[0]), [false, true]);
    assert_eq!(kinds(&outcomes[1]), [false]);
    assert_eq!(metrics.commits.get(), 1);
    drop(handle);
    writing.join().unwrap();
}

#[tokio::test]
async fn what_breaks_a_rule_is_named_and_nothing_beside_it_is_written() {
    let (store, handle, writer) = parts();
    let writing = thread::spawn(move || writer.run());
    let good = told("a", "m", 1, 1, 1, 1);
    let bad: [(&str, Telling); 3] = [
        (
            "count",
            Telling {
                count: 0,
                ..good.clone()
            },
        ),
        (
            "count",
            Telling {
                count: MAX_COUNT + 1,
                ..good.clone()
            },
        ),
        ("lastTimestamp", told("a", "m", 1, 1, 2, 1)),
    ];
    for (field, bad) in bad {
        let both = vec![Observation::Event(good.clone()), Observation::Event(bad)];
        let Err(Error::Invalid { index, invalid }) = handle.submit(both).await else {
            panic!("it was taken");
        };
        assert_eq!((index, invalid.field), (1, field));
    }
    assert!(counts(&*store, "a").is_empty());
    drop(handle);
    writing.join().unwrap();
}

#[tokio::test]
async fn who_comes_after_the_writer_has_ended_is_told_to_come_again() {
    let (_store, handle, writer) = parts();
    drop(writer);
    let late = handle.submit(vec![large(1)]).await;
    assert_eq!(late.unwrap_err().code(), Code::Unavailable);
}
