//! The load that all groups share: tellings of which four in five repeat a row that is there. Pure.

use std::sync::Arc;

use dagtrail::model::{
    Body, EventType, ExecutionKey, InvolvedObject, Key, MessageKey, Observation, Origin, Policy,
    Telling, Time,
};

/// Rows of one execution.
pub(crate) const ROWS_AN_EXECUTION: u64 = 100;

/// Makes tellings of which four in five repeat a row that is there.
#[derive(Default)]
pub(crate) struct Load {
    next: u64,
}

impl Load {
    /// The next one.
    pub(crate) fn telling(&mut self) -> Observation {
        self.next += 1;
        let number = self.next;
        // Every fifth is a new row; the others count on a row of the last few executions.
        let row = if number.is_multiple_of(5) {
            number / 5
        } else {
            (number / 5)
                .saturating_sub(number.wrapping_mul(2_654_435_761) % (10 * ROWS_AN_EXECUTION))
        };
        let execution =
            ExecutionKey::new("bench", &format!("execution-{}", row / ROWS_AN_EXECUTION));
        let pod = format!("pod-{row}");
        let message = format!(
            "Back-off restarting failed container main in pod {pod}_bench (an explanation follows)"
        );
        let time =
            Time(1_700_000_000_000_000_000 + i64::try_from(number).unwrap_or_default() * 1_000_000);
        let key = Key {
            element: pod.as_str().into(),
            elem_type: "K8s.Pod".into(),
            action: "".into(),
            event_type: EventType::Warning,
            code: "BackOff".into(),
            involved_uid: pod.as_str().into(),
            field_path: "spec.containers{main}".into(),
            message: MessageKey::of(&message),
        };
        let body = Body {
            reason: "BackOff".into(),
            message: message.into(),
            elem_id: pod.as_str().into(),
            namespace: "bench".into(),
            involved: InvolvedObject {
                kind: "Pod".into(),
                namespace: "bench".into(),
                name: pod.as_str().into(),
            },
            reporter: "kubelet".into(),
            ..Body::default()
        };
        let mut telling = Telling {
            execution,
            key: Arc::new(key),
            policy: Policy::Fold,
            origin: Origin::of_event("bench", "bench", &pod, Time(0)),
            count: number,
            first: time,
            last: time,
            name: format!("{pod}.17").into(),
            body: Arc::new(body),
            digests: None,
        };
        // Who submits does so, on a thread of its own.
        telling.seal();
        Observation::Event(telling)
    }
}
