//! A transition of an element, as the telling that a source derives from an object's status. Pure.

use std::sync::Arc;

use super::seat::Seat;
use crate::model::event::{DERIVER, Texts};
use crate::model::{
    Body, Digester, EventType, Key, MessageKey, Observation, Origin, Phase, Policy, Telling, Time,
};

/// What elements of an execution consist of.
const PARTS: [&str; 3] = ["K8s.Pod", "Tekton.Step", "Volcano.Task"];
/// After all places.
const AFTER_ENDS: i64 = 40;
/// The nanoseconds that each place of [`place`] has: one for each number of each group, one before and one after.
const PLACE: i64 = (GROUPS * NUMBERED + 2).cast_signed();
/// Elements whose names begin in the same way are in one of so many groups.
const GROUPS: u64 = 1000;
/// Within a group they are told apart by the number in their name.
const NUMBERED: u64 = 1000;
/// The largest text that is taken over from a status, in bytes; kubelet's termination message is the longest.
const LONGEST_DETAIL: usize = 32 * 1024;
/// Nanoseconds that rows of one place and one element share: so many times all places are less than a second.
const SHARE: i64 = 24;

/// One transition. It is told without words: the catalogue makes them from the code and the parameters.
#[derive(Clone, Debug)]
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
    labels: Texts,
    at_least: bool,
    follows_end: bool,
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
            labels: Texts::new(),
            at_least: false,
            follows_end: false,
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

    /// Of one attempt of several.
    pub(super) fn of_attempt(mut self, attempt: u64) -> Self {
        self.attempt = attempt;
        self
    }

    /// Caused by an end, and so told after one of the same second.
    pub(super) fn following_end(mut self) -> Self {
        self.follows_end = true;
        self
    }

    /// A label of the row; left out if there is nothing in it.
    pub(super) fn label(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.labels.insert(name.into(), value.into());
        }
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
        let place = if told.follows_end {
            AFTER_ENDS * PLACE
        } else {
            place(told.code, seat)
        };
        let within = (place + shift(told.code, seat)) * SHARE + share(&key, &elem_id);
        let at = Time(told.first.0.saturating_add(within));
        let name = format!("{}.{}", seat.subject.name, at.to_hex());
        let body = Body {
            params: told.params,
            labels: told.labels,
            elem_id,
            namespace: seat.subject.namespace.clone(),
            involved: seat.subject.clone(),
            reporter: DERIVER.into(),
            at_least: told.at_least,
            wire: None,
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
            digests: None,
        })
    }

    fn with_action_param(self) -> Self {
        let action = self.action.clone();
        self.param("action", &action)
    }
}

/// A row's own share of the nanoseconds of its place, so that two rows of one element have two names.
fn share(key: &Key, elem_id: &str) -> i64 {
    let row = Digester::new("share").text(elem_id).text(&key.code);
    let row = row.text(&key.action).text(&key.field_path).finish().0;
    i64::try_from(row % SHARE.cast_unsigned() as u128).unwrap_or_default()
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
    } else if PARTS.contains(&&*seat.elem_type) {
        2
    } else {
        1
    };
    let place = match code {
        "Created" => depth * 8,
        "Queued" => depth * 8 + 1,
        "Suspended" => depth * 8 + 2,
        "Admitted" => depth * 8 + 3,
        "ActionStart" => depth * 8 + 4,
        "Resumed" => depth * 8 + 5,
        _ if is_end(code) => 34 - depth,
        "Evicted" | "Preempted" | "OOMKilled" => 29,
        "Requeued" => 30,
        "PodsCreated" => 26,
        "Retrying" => 27,
        _ => 28,
    };
    place * PLACE
}

fn is_end(code: &str) -> bool {
    Phase::of_code(code).is_some_and(Phase::is_terminal)
}

/// Sets the rows of several elements of one second apart, each at the same place in every run: nanoseconds within
/// a place. The element that is called as the execution contains all others; those that are numbered keep together.
fn shift(code: &str, seat: &Seat) -> i64 {
    if seat.elem_id == seat.subject.name {
        return if is_end(code) { PLACE - 1 } else { 0 };
    }
    let digit = |c: char| c.is_ascii_digit();
    let (name, rest) = seat
        .elem_id
        .split_at(seat.elem_id.find(digit).unwrap_or(seat.elem_id.len()));
    let digits: String = rest.chars().take_while(|c| digit(*c)).collect();
    let number = digits.parse::<u64>().unwrap_or_default() % NUMBERED;
    let group = Digester::new("place").text(&seat.elem_type).text(name);
    let [.., high, low] = group.finish().to_bytes();
    let group = u64::from(u16::from_be_bytes([high, low])) % GROUPS;
    1 + (group * NUMBERED + number).cast_signed()
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
