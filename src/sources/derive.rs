//! A transition of an element, as the telling that a source derives from an object's status. Pure.

use std::sync::Arc;

use super::object::Kind;
use super::seat::Seat;
use crate::model::event::{DERIVER, Texts};
use crate::model::{
    Body, EventType, ExecutionKey, Key, MessageKey, Observation, Origin, Phase, Policy, RowId,
    Telling, Time,
};

/// The largest text that is taken over from a status, in bytes; kubelet's termination message is the longest.
const LONGEST_DETAIL: usize = 32 * 1024;
/// Nanoseconds for each of the places of a second, of which there are fewer than 32.
const SHARE: i64 = 30_000_000;

/// One transition. It is told without words: the catalogue makes them from the code and the parameters.
#[derive(Debug)]
pub(super) struct Transition {
    code: &'static str,
    action: Box<str>,
    warning: bool,
    part: Box<str>,
    attempt: u64,
    count: u64,
    first: Time,
    last: Time,
    params: Texts,
    at_least: bool,
}

impl Transition {
    /// A transition that is seen once, at a time that the status tells.
    pub(super) fn new(code: &'static str, action: &str, at: Time) -> Self {
        Self {
            code,
            action: action.into(),
            warning: false,
            part: "".into(),
            attempt: 0,
            count: 1,
            first: at,
            last: at,
            params: Texts::new(),
            at_least: false,
        }
    }

    /// When it was first seen.
    pub(super) const fn at(&self) -> Time {
        self.first
    }

    /// Of type Warning.
    pub(super) fn warning(mut self) -> Self {
        self.warning = true;
        self
    }

    /// Seen so many times so far, last at `last`.
    pub(super) fn times(mut self, count: u64, last: Time) -> Self {
        self.count = count;
        self.last = self.first.max(last);
        self
    }

    /// The status may tell less than there was.
    pub(super) fn at_least(mut self, may: bool) -> Self {
        self.at_least = may;
        self
    }

    /// Of a part of the element, `spec.containers{main}` for instance.
    pub(super) fn of_part(mut self, part: &str, attempt: u64) -> Self {
        self.part = part.into();
        self.attempt = attempt;
        self
    }

    /// A parameter of the message; left out if there is nothing in it.
    pub(super) fn param(mut self, name: &str, value: &str) -> Self {
        let value = fit(value.trim(), LONGEST_DETAIL);
        if !value.is_empty() {
            self.params.insert(name.into(), value.into());
        }
        self
    }

    /// The engine's own reason and message.
    pub(super) fn because(self, reason: &str, message: &str) -> Self {
        let detail = if message.trim().is_empty() {
            reason
        } else {
            message
        };
        self.param("engine_reason", reason).param("detail", detail)
    }

    /// The engine's own reason and message, where a reason alone explains nothing.
    pub(super) fn why(self, reason: &str, message: &str) -> Self {
        self.param("engine_reason", reason).param("detail", message)
    }

    /// The telling, about the object of this uid.
    pub(super) fn tell(self, seat: &Seat, uid: &str) -> Observation {
        let element = if self.part.is_empty() {
            seat.element.clone()
        } else {
            format!("{}/{}", seat.element, self.part).into()
        };
        let elem_id = seat.elem_id.clone();
        let told = self.param("elem", &elem_id).with_action_param();
        let event_type = if told.warning {
            EventType::Warning
        } else {
            EventType::Normal
        };
        let key = Key {
            element: seat.element.clone(),
            elem_type: seat.elem_type.clone(),
            action: told.action,
            event_type,
            code: told.code.into(),
            // Empty, unlike in the row of a Kubernetes Event: so the store knows the element's own transitions.
            involved_uid: "".into(),
            field_path: told.part,
            message: MessageKey::Text("".into()),
        };
        let place = place(told.code, seat) * SHARE + share(&seat.execution, &key);
        let at = Time(told.first.0.saturating_add(place));
        let name = format!("{}.{}", seat.subject.name, at.to_hex());
        let body = Body {
            params: told.params,
            elem_id,
            namespace: seat.subject.namespace.clone(),
            involved: seat.subject.clone(),
            reporter: DERIVER.into(),
            at_least: told.at_least,
            ..Body::default()
        };
        Observation::Event(Telling {
            execution: seat.execution.clone(),
            key: Arc::new(key),
            policy: Policy::Fold,
            origin: Origin::of_transition(uid, &element, told.attempt, told.code),
            count: told.count,
            first: told.first,
            last: told.last,
            name: name.into(),
            body: Arc::new(body),
        })
    }

    fn with_action_param(self) -> Self {
        let action = self.action.clone();
        self.param("action", &action)
    }
}

/// A row's own share of the nanoseconds of its place, so that two elements of one second have two names.
fn share(execution: &ExecutionKey, key: &Key) -> i64 {
    let digest = RowId::of_key(execution, key).0.0;
    i64::try_from(digest % SHARE.cast_unsigned() as u128).unwrap_or_default()
}

/// Whether it tells how an element as a whole fares.
pub(super) fn is_lifecycle(observation: &Observation) -> bool {
    matches!(observation, Observation::Event(telling)
        if telling.key.field_path.is_empty() && Phase::of_code(&telling.key.code).is_some())
}

/// Where a transition stands among those of one second, which is all that a status tells: rows of one time are
/// ordered by name, and a name ends in nanoseconds.
fn place(code: &str, seat: &Seat) -> i64 {
    // What contains others begins before them and ends after them: execution, element, Pod.
    let depth = if seat.is_execution() {
        0
    } else if &*seat.elem_type == Kind::Pod.elem_type() {
        2
    } else {
        1
    };
    match code {
        "Created" => depth * 4,
        "Queued" | "Admitted" | "Suspended" => depth * 4 + 1,
        "ActionStart" => depth * 4 + 2,
        "Resumed" => depth * 4 + 3,
        "SuccessfulFinish" | "FailedFinish" | "ErrorFinish" | "TimedOut" | "Cancelled" => {
            20 - depth
        }
        "PodsCreated" => 12,
        "Retrying" => 13,
        "Evicted" | "Preempted" | "OOMKilled" => 15,
        _ => 14,
    }
}

/// The longest start of a text that fits into so many bytes.
pub(super) fn fit(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(fit("镜像", 4), "镜");
        assert_eq!(fit("ab", 4), "ab");
        assert_eq!(fit("镜", 0), "");
    }
}
