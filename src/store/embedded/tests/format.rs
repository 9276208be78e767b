//! The bytes on disk: everything comes back, and they do not change unnoticed. Who changes them raises the format.

use std::sync::Arc;

use super::super::log::{Deed, DeedRef, Head, Sweep};
use super::super::raw::Raw;
use super::super::records::SampleRecord;
use super::super::repeat::Known;
use super::super::{blocks, codec, log};
use crate::model::{
    Body, Diagnosis, Dialect, Digest, EventType, ExecutionFact, Identity, InvolvedObject,
    Observation, Origin, OriginShare, Policy, Row, RowId, Seq, Series, Share, Telling, Time, Wire,
};
use crate::store::samples::{at, correlation, execution, fact, measured, told};

fn texts(name: &str) -> crate::model::event::Texts {
    let pair = |at: u8| (format!("{name}{at}").into(), format!("值{at}").into());
    (0..3).map(pair).collect()
}

/// A telling in which nothing is empty.
fn full() -> Telling {
    let mut telling = told("a", "Back-off 重启", 7, 3, -5, 9);
    let key = Arc::make_mut(&mut telling.key);
    key.event_type = EventType::Other("Strange".into());
    key.field_path = "spec.containers{main}".into();
    telling.body = Arc::new(Body {
        reason: "BackOff##回退".into(),
        message: "Back-off 重启".into(),
        params: texts("param"),
        elem_id: "shown".into(),
        namespace: "default".into(),
        involved: InvolvedObject {
            kind: "Pod".into(),
            namespace: "default".into(),
            name: "pod".into(),
        },
        reporter: "kubelet".into(),
        labels: texts("label"),
        payload: Some("{ \"kept\":  true }".into()),
        at_least: true,
        wire: Some(Wire {
            dialect: Dialect::Genomcore,
            item: "{\"owner\": 1.0}".into(),
        }),
    });
    telling
}

fn sum(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_string()[..16].to_owned()
}

fn pinned(bytes: &[u8], known: &str) {
    assert_eq!(sum(bytes), known, "the format has changed");
}

#[test]
fn a_commit_comes_back_as_it_was() {
    let (telling, key) = (full(), execution("b"));
    let aggregate = Telling {
        policy: Policy::ById,
        origin: Origin::Once(Digest(9)),
        ..told("b", "(combined from similar events): x", 9, 1, 1, 1)
    };
    let fact = ExecutionFact {
        identity: Some(Identity {
            engine: "Argo.Workflow".into(),
            group: "argoproj.io".into(),
            kind: "Workflow".into(),
            namespace: "default".into(),
            name: "name".into(),
        }),
        created: Some(Time(-1)),
        ..match fact("c", "", &["x", "y"]) {
            Observation::Execution(fact) => fact,
            _ => unreachable!(),
        }
    };
    let sample = measured("d", "w", "workerMetrics", 7, "{\"值\":1}");
    let correlation = correlation("uid", "a", at(4));
    let sweep = Sweep {
        ids: at(1),
        tombstones: at(2),
        correlations: at(3),
    };
    let deeds = [
        DeedRef::Tell(&telling),
        DeedRef::Tell(&aggregate),
        DeedRef::Learn(&fact),
        DeedRef::Correlate(&correlation),
        DeedRef::Bury(&key),
        DeedRef::Delete(&key),
        DeedRef::Sweep(sweep),
        DeedRef::Measure(&sample),
    ];
    let head = Head {
        number: 3,
        first: Seq(5),
        now: at(6),
        keys: vec![execution("a")],
        changes: vec![
            log::Change::Row(0, Raw(telling.row().0)),
            log::Change::Gone(0, Raw(Digest::from_bytes([1; 16]))),
            log::Change::Deleted(0),
        ],
    };
    let bytes = log::encode(&head, &deeds);
    let (found, deeds) = log::decode(&bytes).unwrap();
    assert_eq!(
        (found.number, found.first, found.last()),
        (3, Seq(5), Seq(7))
    );
    assert_eq!((found.now, &found.changes), (at(6), &head.changes));
    let [
        Deed::Tell(one),
        Deed::Tell(two),
        Deed::Learn(three),
        Deed::Correlate(four),
        Deed::Bury(five),
        Deed::Delete(six),
        Deed::Sweep(seven),
        Deed::Measure(eight),
    ] = &deeds[..]
    else {
        panic!("{deeds:?}");
    };
    assert_eq!(
        (one, two, three, four),
        (&telling, &aggregate, &fact, &correlation)
    );
    assert_eq!((five, six, *seven), (&key, &key, sweep));
    assert_eq!(eight, &sample);
    pinned(&bytes, "61561aa8907af8d5");
}

#[test]
fn a_telling_of_a_row_that_is_there_is_written_without_what_the_row_says() {
    let (mut telling, origin) = (full(), Digest(7));
    let row = Row {
        id: telling.row(),
        execution: telling.execution.clone(),
        key: telling.key.clone(),
        policy: Policy::Fold,
        seq: Seq(4),
        series: Series::counted(OriginShare {
            origin,
            lowest: (3, telling.row()),
            share: Share::of(&telling),
        }),
    };
    telling.policy = Policy::Fold;
    telling.count = 9;
    telling.last = Time(telling.last.0 + 1);
    let head = Head {
        number: 3,
        first: Seq(5),
        now: at(6),
        keys: vec![telling.execution.clone()],
        changes: vec![log::Change::Deleted(0), log::Change::Row(0, Raw(row.id.0))],
    };
    let mut other = telling.clone();
    other.name = "another".into();
    Arc::make_mut(&mut other.body).reporter = "another".into();
    let repeat = |telling| {
        let known = Known::of(&row, &Share::of(telling));
        DeedRef::Repeat(telling, Known { change: 1, ..known })
    };
    let short = log::encode(&head, &[repeat(&telling)]);
    let bytes = log::encode(&head, &[repeat(&telling), repeat(&other)]);
    let (_, deeds) = log::decode(&bytes).unwrap();
    let [Deed::Repeat(one), Deed::Repeat(two)] = &deeds[..] else {
        panic!("{deeds:?}");
    };
    assert_eq!((one.row, &one.execution), (row.id, &row.execution));
    telling.seal();
    other.seal();
    assert_eq!(one.beside(&row), telling);
    assert_eq!(two.beside(&row), other);
    assert!(short.len() < 90, "{} bytes", short.len());
    assert!(bytes.len() - short.len() > 200);
    pinned(&bytes, "959cd4e70197c932");
}

#[test]
fn a_sample_comes_back_as_it_was() {
    let sample = measured("a", "w", "workerMetrics", 7, "{\"值\":1}");
    let bytes = codec::seal(&SampleRecord::of(&sample));
    let record: SampleRecord<'_> = codec::unseal(&bytes, "it").unwrap();
    assert_eq!(record.to_model(&execution("a")), sample);
    pinned(&bytes, "f2229b206242fd67");
    pinned(&sample.slot().to_bytes(), "046cd7e585813f1a");
}

#[test]
fn a_commit_that_removes_comes_back_as_it_was() {
    let key = execution("a");
    let head = Head {
        number: 3,
        first: Seq(5),
        now: at(6),
        keys: vec![key.clone()],
        changes: vec![log::Change::Gone(0, Raw(Digest::from_bytes([1; 16])))],
    };
    let bytes = log::encode(&head, &[DeedRef::Remove(&key, Dialect::Genomcore)]);
    let (_, deeds) = log::decode(&bytes).unwrap();
    let [Deed::Remove(found, Dialect::Genomcore)] = &deeds[..] else {
        panic!("{deeds:?}");
    };
    assert_eq!(found, &key);
    pinned(&bytes, "f6c845356133129a");
}

#[test]
fn rows_come_back_as_they_were() {
    let telling = full();
    let share = Share::of(&telling);
    let origin = |origin: u128| OriginShare {
        origin: Digest(origin),
        lowest: (2, RowId(Digest(origin + 1))),
        share: Share {
            count: 4,
            diagnosis: Diagnosis {
                origins: 1,
                at_least: true,
                unobserved: 2,
                seen: vec![(1, 1), (4, 4)],
            },
            ..share.clone()
        },
    };
    let mut many = Series::settled(&share);
    (1..=3).for_each(|at| many.insert(origin(at)));
    let outside = many.spill(2).unwrap();
    let series = [Series::settled(&share), Series::counted(origin(8)), many];
    let rows = series.into_iter().zip(1..).map(|(series, at)| {
        Arc::new(Row {
            id: RowId(Digest(at)),
            execution: execution("a"),
            key: telling.key.clone(),
            policy: if at == 2 { Policy::ById } else { Policy::Fold },
            seq: Seq(u64::try_from(at).unwrap()),
            series,
        })
    });
    let rows: Vec<_> = rows.collect();
    let packed = blocks::pack(&rows, None);
    let texts = packed.texts.unwrap();
    let (found, mark) = blocks::unpack(&execution("a"), &packed.heads, &texts).unwrap();
    assert_eq!((found, mark), (rows, packed.mark));
    let bytes = blocks::pack_outside(RowId(Digest(3)), &outside);
    assert_eq!(
        blocks::unpack_outside(&bytes).unwrap(),
        (RowId(Digest(3)), outside)
    );
    let heads = codec::unpack(&packed.heads, "it").unwrap();
    let texts = codec::unpack(&texts, "it").unwrap();
    assert_eq!(
        [sum(&heads), sum(&texts), sum(&bytes)],
        ["c241c8bf132b50f3", "e12cb257e411c353", "32f662f0b0458bc8"],
        "the format has changed"
    );
}
