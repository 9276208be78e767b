//! Fills in what can be known from the rest. Pure.

use crate::model::{Observation, RowId, Time};

const SECOND: i64 = 1_000_000_000;
/// What a name that is made takes of its subject, in bytes: with the time behind it no dialect finds it too long.
const MOST: usize = 1000;

/// An event without a name gets one.
pub(super) fn observation(observation: &mut Observation) {
    let Observation::Event(telling) = observation else {
        return;
    };
    if telling.name.is_empty() {
        let involved = &telling.body.involved.name;
        let execution = &telling.execution.id;
        telling.name = name_for(involved, execution, telling.first, telling.row()).into();
    }
}

/// The name of an event that was given none: `<involved object, else execution>.<hexadecimal nanoseconds of its
/// first time>`, as client-go names Events.
///
/// A time in whole seconds, as Kubernetes' statuses tell, would give every event of that second one name. There the
/// nanoseconds come from the row, so that each row has its own name, and every watcher finds the same.
#[must_use]
pub fn name_for(involved: &str, execution: &str, first: Time, row: RowId) -> String {
    let subject = if involved.is_empty() {
        execution
    } else {
        involved
    };
    let subject = &subject[..subject.floor_char_boundary(MOST)];
    let nanoseconds = if first.0.rem_euclid(SECOND) == 0 {
        i64::try_from(row.0.0 % SECOND.cast_unsigned() as u128).unwrap_or_default()
    } else {
        0
    };
    format!(
        "{subject}.{}",
        Time(first.0.saturating_add(nanoseconds)).to_hex()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    #[test]
    fn a_name_decodes_to_the_second_of_its_first_time_and_tells_rows_apart() {
        let first = Time::parse("2018-08-20T06:41:44Z").unwrap();
        let names = [1, 2].map(|row| name_for("", "run", first, RowId(Digest(row * 7_777_777))));
        assert_ne!(names[0], names[1]);
        for name in names {
            let nanos = i64::from_str_radix(name.strip_prefix("run.").unwrap(), 16).unwrap();
            assert_eq!(Time(nanos).to_seconds(), first.to_seconds());
        }
    }

    #[test]
    fn a_long_subject_does_not_make_a_name_too_long() {
        let name = name_for(&"名".repeat(400), "id", Time::default(), RowId::default());
        assert_eq!(name, format!("{}.0", "名".repeat(333)));
    }

    #[test]
    fn a_time_with_nanoseconds_is_the_name() {
        let first = Time::parse("2018-08-20T06:41:44.978344441Z").unwrap();
        let name = name_for("gcs-exec-3", "id", first, RowId::default());
        assert_eq!(name, "gcs-exec-3.154c848add38e9f9");
    }
}
