//! The two ways in which the wire writes a moment as text, always in UTC and to the second, the one in which JSON
//! has it as a number, and how those who give credentials write one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Number;

const SECONDS_PER_DAY: i64 = 86_400;
/// Of a second.
const MICROSECONDS: i64 = 1_000_000;
/// The years with four digits end here; a moment beyond is written as the nearest within.
const FIRST_SECOND: i64 = -62_167_219_200;
const LAST_SECOND: i64 = 253_402_300_799;

/// `YYYY-MM-DDThh:mm:ssZ`.
pub(crate) fn extended(at: SystemTime) -> String {
    Moment::from(at).format("-", ":")
}

/// `YYYYMMDDThhmmssZ`.
pub(crate) fn basic(at: SystemTime) -> String {
    Moment::from(at).format("", "")
}

/// `YYYY-MM-DDThh:mm:ss.ffffffZ`, without zeros at the end of the fraction.
pub(crate) fn in_full(at: SystemTime) -> String {
    let text = extended(at);
    match microseconds(at).rem_euclid(MICROSECONDS) {
        0 => text,
        fraction => {
            let fraction = format!("{fraction:06}");
            format!("{}.{}Z", text.trim_end_matches('Z'), fraction.trim_end_matches('0'))
        }
    }
}

/// Seconds since 1970 as JSON has them: whole ones without a point, others to the microsecond.
#[expect(clippy::cast_precision_loss, reason = "for 300 years a double holds each microsecond")]
pub(crate) fn seconds(at: SystemTime) -> Number {
    let microseconds = microseconds(at);
    let fraction = || Number::from_f64(microseconds as f64 / MICROSECONDS as f64);
    let seconds = microseconds.div_euclid(MICROSECONDS);
    if microseconds % MICROSECONDS == 0 {
        seconds.into()
    } else {
        fraction().unwrap_or_else(|| seconds.into())
    }
}

/// Reads seconds since 1970, to the microsecond, which is about what such a number holds; `None` for what lies in no
/// year with four digits, such as milliseconds.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "what is cast is in range")]
pub(crate) fn of_seconds(seconds: f64) -> Option<SystemTime> {
    let is_in_range = (FIRST_SECOND as f64..=LAST_SECOND as f64).contains(&seconds);
    let microseconds = is_in_range.then(|| (seconds * MICROSECONDS as f64).round() as i64)?;
    let distance = Duration::from_micros(microseconds.unsigned_abs());
    if microseconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
}

/// Reads `YYYY-MM-DDThh:mm:ssZ`; `None` for any other text and for a date that does not exist.
pub(crate) fn parse_extended(text: &str) -> Option<SystemTime> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if separators.iter().any(|&(index, separator)| bytes[index] != separator) {
        return None;
    }
    let moment = Moment {
        year: digits(&bytes[0..4])?,
        month: digits(&bytes[5..7])?,
        day: digits(&bytes[8..10])?,
        second: digits(&bytes[11..13])? * 3600
            + digits(&bytes[14..16]).filter(|minute| *minute < 60)? * 60
            + digits(&bytes[17..19]).filter(|second| *second < 60)?,
    };
    moment.to_system_time()
}

/// Reads what RFC 3339 allows of `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`, with at most nine
/// digits in the fraction; `None` for any other text and for a moment that does not exist.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let (local, rest) = text.split_at_checked(19)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?),
        None => ("0", rest),
    };
    let moment = parse_extended(&format!("{local}Z"))?.checked_add(nanoseconds(fraction)?)?;
    match zone.split_at_checked(1)? {
        ("Z", "") => Some(moment),
        ("+", ahead) => moment.checked_sub(hours_and_minutes(ahead)?),
        ("-", behind) => moment.checked_add(hours_and_minutes(behind)?),
        _ => None,
    }
}

/// The digits after the point.
fn nanoseconds(fraction: &str) -> Option<Duration> {
    const DIGITS: usize = 9;
    let is_readable = (1..=DIGITS).contains(&fraction.len());
    let whole = is_readable.then(|| digits(format!("{fraction:0<DIGITS$}").as_bytes()))??;
    Some(Duration::from_nanos(u64::try_from(whole).ok()?))
}

fn hours_and_minutes(text: &str) -> Option<Duration> {
    let bytes: &[u8; 5] = text.as_bytes().try_into().ok()?;
    let hours = digits(&bytes[0..2]).filter(|hours| bytes[2] == b':' && *hours < 24)?;
    let minutes = digits(&bytes[3..5]).filter(|minutes| *minutes < 60)?;
    Some(Duration::from_secs(u64::try_from(hours * 3600 + minutes * 60).ok()?))
}

/// A day of the Gregorian calendar and a second within it.
#[derive(PartialEq, Eq)]
struct Moment {
    year: i64,
    month: i64,
    day: i64,
    second: i64,
}

impl From<SystemTime> for Moment {
    fn from(at: SystemTime) -> Self {
        Self::from_unix_seconds(unix_seconds(at).clamp(FIRST_SECOND, LAST_SECOND))
    }
}

impl Moment {
    /// Counts in years that begin in March, so that the leap day is the last of its year.
    fn from_unix_seconds(seconds: i64) -> Self {
        let day_from_march_0000 = seconds.div_euclid(SECONDS_PER_DAY) + 719_468;
        let era = day_from_march_0000.div_euclid(146_097);
        let day_of_era = day_from_march_0000.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
            second: seconds.rem_euclid(SECONDS_PER_DAY),
        }
    }

    fn to_unix_seconds(&self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (self.month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = year.div_euclid(400) * 146_097 + day_of_era - 719_468;
        days * SECONDS_PER_DAY + self.second
    }

    /// A day or hour that does not exist lands on another one, which is how it is noticed.
    fn to_system_time(&self) -> Option<SystemTime> {
        let seconds = self.to_unix_seconds();
        if Self::from_unix_seconds(seconds) != *self {
            return None;
        }
        let distance = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
    }

    fn format(&self, in_date: &str, in_time: &str) -> String {
        let Self { year, month, day, second } = *self;
        let parts = [
            (year / 100, ""),
            (year % 100, in_date),
            (month, in_date),
            (day, "T"),
            (second / 3600, in_time),
            (second / 60 % 60, in_time),
            (second % 60, "Z"),
        ];
        let mut text = String::with_capacity(20);
        for (number, separator) in parts {
            text.push(digit(number / 10));
            text.push(digit(number % 10));
            text.push_str(separator);
        }
        text
    }
}

/// `number` is below ten.
fn digit(number: i64) -> char {
    u32::try_from(number).ok().and_then(|number| char::from_digit(number, 10)).unwrap_or('0')
}

/// Whole seconds since 1970, rounded down.
fn unix_seconds(at: SystemTime) -> i64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            let before = before.duration();
            let rounded_up = before.as_secs().saturating_add(u64::from(before.subsec_nanos() > 0));
            i64::try_from(rounded_up).map_or(i64::MIN, |seconds| -seconds)
        }
    }
}

/// Microseconds since 1970, rounded down, in a year with four digits.
fn microseconds(at: SystemTime) -> i64 {
    let seconds = unix_seconds(at);
    let within = seconds.clamp(FIRST_SECOND, LAST_SECOND);
    let fraction = match at.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::from(after.subsec_micros()),
        Err(before) => {
            let nanoseconds = i64::from(before.duration().subsec_nanos());
            (1_000 * MICROSECONDS - nanoseconds) / 1_000 % MICROSECONDS
        }
    };
    within * MICROSECONDS + if seconds == within { fraction } else { 0 }
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes
        .iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn writes_both_forms() {
        let moment = at(1_709_618_828);
        assert_eq!(extended(moment), "2024-03-05T06:07:08Z");
        assert_eq!(basic(moment), "20240305T060708Z");
        assert_eq!(extended(UNIX_EPOCH), "1970-01-01T00:00:00Z");
        assert_eq!(extended(UNIX_EPOCH - Duration::from_millis(1)), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn agrees_with_another_implementation_on_every_day_of_four_centuries() {
        for day in 0..146_097 {
            let moment = at(day * 86_400 + day % 86_400);
            let http_date = httpdate::fmt_http_date(moment);
            let written = extended(moment);
            assert_eq!(written[0..4], http_date[12..16], "{written} {http_date}");
            assert_eq!(written[8..10], http_date[5..7], "{written} {http_date}");
            assert_eq!(written[11..19], http_date[17..25], "{written} {http_date}");
            assert_eq!(parse_extended(&written), Some(moment), "{written}");
        }
    }

    #[test]
    fn refuses_what_is_no_moment() {
        for text in [
            "",
            "2024-03-05T06:07:08",
            "2024-03-05 06:07:08Z",
            "2024-03-05T06:07:08+",
            "2024-02-30T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2024-00-01T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:60:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01T00:00:0éZ",
            "+024-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_extended(text), None, "{text}");
        }
        assert_eq!(parse_extended("2024-02-29T00:00:00Z"), Some(at(1_709_164_800)));
    }

    #[test]
    fn fractions_and_offsets_are_read() {
        let whole = at(1_767_225_600);
        for (text, expected) in [
            ("2026-01-01T00:00:00Z", whole),
            ("2026-01-01T00:00:00.123Z", whole + Duration::from_millis(123)),
            ("2026-01-01T00:00:00.000000001Z", whole + Duration::from_nanos(1)),
            ("2026-01-01T00:00:00.999999999Z", whole + Duration::from_nanos(999_999_999)),
            ("2026-01-01T08:00:00+08:00", whole),
            ("2025-12-31T16:30:00.5-07:30", whole + Duration::from_millis(500)),
            ("2026-01-01T23:59:00+23:59", whole),
            ("2026-01-01T00:00:00-00:00", whole),
            ("1970-01-01T00:00:00.25+00:01", UNIX_EPOCH - Duration::from_millis(59_750)),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_nearly_a_moment() {
        for text in [
            "",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.1",
            "2026-01-01T00:00:00.1234567890Z",
            "2026-01-01T00:00:00.-1Z",
            "2026-01-01T00:00:00,5Z",
            "2026-01-01T00:00:00z",
            "2026-01-01T00:00:00ZZ",
            "2026-01-01T00:00:00 Z",
            "2026-01-01T00:00:00+0800",
            "2026-01-01T00:00:00+08",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+08:60",
            "2026-01-01T00:00:00+-8:00",
            "2026-01-01T00:00:00+08:00Z",
            "2026-01-01T00:00:00\u{2212}08:00",
            "2026-02-29T00:00:00.1Z",
            "2026-01-01T24:00:00+08:00",
            "2026-01-01T00:00:0\u{e9}.1Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_are_read_and_written() {
        for (written, micros) in [
            ("0", 0),
            ("1600000000", 1_600_000_000_000_000),
            ("1600000000.5", 1_600_000_000_500_000),
            ("1600000000.123", 1_600_000_000_123_000),
            ("1600000000.123456", 1_600_000_000_123_456),
            ("0.000001", 1),
            ("-0.25", -250_000),
            ("-1", -1_000_000),
            ("-62167219200", -62_167_219_200_000_000),
            ("253402300799", 253_402_300_799_000_000),
        ] {
            let distance = Duration::from_micros(i64::unsigned_abs(micros));
            let moment = if micros < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance };
            let number: f64 = written.parse().expect("it is a number");
            assert_eq!(of_seconds(number), Some(moment), "{written}");
            let again: f64 = seconds(moment).to_string().parse().expect("it is a number");
            assert_eq!(again.to_bits(), number.to_bits(), "{written} {again}");
            assert_eq!(seconds(moment).is_i64(), number.fract() == 0.0, "{written}");
        }
    }

    #[test]
    fn what_is_in_no_year_with_four_digits_is_no_moment() {
        for number in [1.6e12, -6.3e10, 253_402_300_800.0, 1e300, f64::MAX, f64::INFINITY, f64::NAN, f64::MIN]
        {
            assert_eq!(of_seconds(number), None, "{number}");
        }
    }

    #[test]
    fn fractions_are_printed_as_far_as_they_go() {
        for (nanoseconds, expected) in [
            (0, "2020-09-13T12:26:40Z"),
            (500_000_000, "2020-09-13T12:26:40.5Z"),
            (1_000, "2020-09-13T12:26:40.000001Z"),
            (999, "2020-09-13T12:26:40Z"),
        ] {
            assert_eq!(in_full(at(1_600_000_000) + Duration::from_nanos(nanoseconds)), expected);
        }
        assert_eq!(in_full(UNIX_EPOCH - Duration::from_millis(250)), "1969-12-31T23:59:59.75Z");
        assert_eq!(seconds(UNIX_EPOCH - Duration::from_nanos(1)).to_string(), "-1e-6");
    }

    #[test]
    fn a_year_has_four_digits() {
        let far = UNIX_EPOCH.checked_add(Duration::from_secs(i64::MAX as u64 - 1));
        assert!(far.is_none_or(|moment| extended(moment) == "9999-12-31T23:59:59Z"));
        assert!(far.is_none_or(|moment| seconds(moment) == LAST_SECOND.into()));
        let past = UNIX_EPOCH.checked_sub(Duration::from_secs(i64::MAX as u64 - 1));
        assert!(past.is_none_or(|moment| extended(moment) == "0000-01-01T00:00:00Z"));
    }
}
