//! `google.protobuf.Timestamp` and `Duration` in JSON: read strictly, written in their canonical form. Pure.

use chrono::{DateTime, NaiveDate};

/// 0001-01-01T00:00:00Z, in seconds.
const EARLIEST: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const LATEST: i64 = 253_402_300_799;
/// About ten thousand years.
const LONGEST: i64 = 315_576_000_000;

/// Reads an RFC 3339 time with `Z` or an offset and up to nine digits of a second; gives it in UTC.
pub(super) fn timestamp(text: &str) -> Result<String, String> {
    let zoned =
        "Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset.";
    let (local, offset) = zone(text).ok_or(zoned)?;
    let invalid = || format!("Invalid time format: {text}");
    let (seconds, nanoseconds) = civil(local).ok_or_else(invalid)?;
    let seconds = seconds - offset;
    if !(EARLIEST..=LATEST).contains(&seconds) {
        return Err(format!("Timestamp value exceeds limits: {text}"));
    }
    let time = DateTime::from_timestamp(seconds, 0).ok_or_else(invalid)?;
    let whole = time.format("%Y-%m-%dT%H:%M:%S");
    Ok(format!("{whole}{}Z", fraction(nanoseconds)))
}

/// What stands before the zone, and the zone's seconds.
fn zone(text: &str) -> Option<(&str, i64)> {
    if let Some(local) = text.strip_suffix('Z') {
        return Some((local, 0));
    }
    let at = text.len().checked_sub(6)?;
    let (local, zone) = text.split_at_checked(at)?;
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let offset = number(hours, 2)? * 3600 + number(minutes, 2).filter(|m| *m < 60)? * 60;
    match zone.get(..1)? {
        _ if offset >= 24 * 3600 => None,
        "+" => Some((local, offset)),
        "-" => Some((local, -offset)),
        _ => None,
    }
}

/// `YYYY-MM-DDTHH:MM:SS[.fraction]` as seconds and nanoseconds.
fn civil(text: &str) -> Option<(i64, u32)> {
    let (whole, nanoseconds) = match text.split_once('.') {
        Some((whole, digits)) => (whole, nanoseconds(digits)?),
        None => (text, 0),
    };
    let (date, time) = whole.split_once('T')?;
    let [year, month, day] = three(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = three(time, ':', [2, 2, 2])?;
    let date = NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)?;
    let moment = date.and_hms_opt(hour, minute, second)?;
    Some((moment.and_utc().timestamp(), nanoseconds))
}

fn three(text: &str, between: char, widths: [usize; 3]) -> Option<[u32; 3]> {
    let mut parts = text.split(between);
    let mut found = [0; 3];
    for (place, width) in found.iter_mut().zip(widths) {
        *place = number(parts.next()?, width)?.try_into().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// Exactly so many digits.
fn number(text: &str, width: usize) -> Option<i64> {
    let digits = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// One to nine digits after the point.
fn nanoseconds(digits: &str) -> Option<u32> {
    let width = digits.len();
    let value = number(digits, width).filter(|_| (1..=9).contains(&width))?;
    let scale = 10_u32.pow(9 - u32::try_from(width).ok()?);
    Some(u32::try_from(value).ok()? * scale)
}

/// As 0, 3, 6 or 9 digits.
fn fraction(nanoseconds: u32) -> String {
    match nanoseconds {
        0 => String::new(),
        n if n % 1_000_000 == 0 => format!(".{:03}", n / 1_000_000),
        n if n % 1000 == 0 => format!(".{:06}", n / 1000),
        n => format!(".{n:09}"),
    }
}

/// Reads `[-]seconds[.fraction]s`; gives it in its canonical form.
pub(super) fn duration(text: &str) -> Result<String, String> {
    let number = text
        .strip_suffix('s')
        .ok_or("Illegal duration format; duration must end with 's'")?;
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", number),
    };
    let (whole, nanoseconds) = match number.split_once('.') {
        Some((whole, digits)) => {
            let read = nanoseconds(digits);
            (
                whole,
                read.ok_or("Invalid duration format, failed to parse nano seconds")?,
            )
        }
        None => (number, 0),
    };
    let digits = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = whole.parse::<i64>().ok().filter(|_| digits);
    let seconds = seconds.ok_or("Invalid duration format, failed to parse seconds")?;
    if seconds > LONGEST || (seconds == LONGEST && nanoseconds > 0) {
        return Err("Duration value exceeds limits".into());
    }
    let sign = if seconds == 0 && nanoseconds == 0 {
        ""
    } else {
        sign
    };
    Ok(format!("{sign}{seconds}{}s", fraction(nanoseconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_become_utc_with_as_many_digits_as_they_need() {
        for (given, canonical) in [
            ("2026-11-21T01:00:00.5+01:00", "2026-11-21T00:00:00.500Z"),
            ("2026-11-20T23:30:00-00:30", "2026-11-21T00:00:00Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            (
                "9999-12-31T23:59:59.999999999Z",
                "9999-12-31T23:59:59.999999999Z",
            ),
        ] {
            assert_eq!(timestamp(given).as_deref(), Ok(canonical));
        }
        for wrong in [
            "2026-11-21",
            "2026-11-21t00:00:00Z",
            "2026-11-21T00:00:00z",
            "2026-11-21 00:00:00Z",
            "2026-11-21T00:00:00",
            "2026-11-21T00:00:00.Z",
            "2026-11-21T00:00:00.1234567891Z",
            "2026-02-30T00:00:00Z",
            "2026-11-21T00:00:60Z",
            "2026-11-21T24:00:00Z",
            "10000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "2026-11-21T00:00:00+1:00",
            "2026-11-21T00:00:00é:00",
            "Z",
            "",
        ] {
            assert!(timestamp(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_are_seconds_with_their_unit() {
        for (given, canonical) in [
            ("10s", "10s"),
            ("1.5s", "1.500s"),
            ("-0.000001s", "-0.000001s"),
            ("-0s", "0s"),
            ("315576000000s", "315576000000s"),
        ] {
            assert_eq!(duration(given).as_deref(), Ok(canonical));
        }
        for wrong in [
            "10",
            "10m",
            "s",
            "",
            "1.s",
            ".5s",
            "+1s",
            " 1s",
            "315576000001s",
            "--1s",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
