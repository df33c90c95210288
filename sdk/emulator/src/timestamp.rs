//! Moments as the wire writes them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: u64 = 86_400;

/// `2024-03-05T06:07:08Z`. What lies before 1970 or after 9999 is written as the nearest within.
pub(crate) fn rfc3339(at: SystemTime) -> String {
    const LAST: u64 = 253_402_300_799;
    let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().min(LAST);
    let (year, month, day) = date(seconds / SECONDS_PER_DAY);
    let second = seconds % SECONDS_PER_DAY;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Reads `2024-03-05T06:07:08Z` or `20240305T060708Z`; nothing before 1970.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let bytes = text.as_bytes();
    let is_extended = bytes.len() == 20 && [4, 7].map(|at| bytes[at]) == *b"--" && bytes[10] == b'T';
    let is_extended = is_extended && [13, 16].map(|at| bytes[at]) == *b"::";
    let is_basic = bytes.len() == 16 && bytes[8] == b'T';
    let digits: Vec<u8> = bytes.iter().copied().filter(u8::is_ascii_digit).collect();
    if !(is_extended || is_basic) || digits.len() != 14 || !text.ends_with('Z') {
        return None;
    }
    let number = |from: usize, to: usize| {
        digits[from..to].iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    };
    let (year, month, day) = (number(0, 4), number(4, 6), number(6, 8));
    let (hour, minute, second) = (number(8, 10), number(10, 12), number(12, 14));
    let is_time = hour < 24 && minute < 60 && second < 60;
    let is_date = year >= 1970 && (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if !(is_time && is_date) {
        return None;
    }
    let years: u64 = (1970..year).map(|year| 365 + u64::from(is_leap(year))).sum();
    let months: u64 = (1..month).map(|month| days_of(year, month)).sum();
    let days = years + months + day - 1;
    let seconds = days * SECONDS_PER_DAY + hour * 3_600 + minute * 60 + second;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Year, month and day of a day since 1970.
fn date(mut days: u64) -> (u64, u64, u64) {
    // 400 years have always the same number of days.
    let (mut year, mut month) = (1970 + days / 146_097 * 400, 1);
    days %= 146_097;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    while days >= days_of(year, month) {
        days -= days_of(year, month);
        month += 1;
    }
    (year, month, days + 1)
}

fn days_of(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for seconds in [0, 951_782_400, 1_709_618_828, 4_107_542_399, 253_402_300_799] {
            let at = UNIX_EPOCH + Duration::from_secs(seconds);
            let text = rfc3339(at);
            assert_eq!(parse(&text), Some(at), "{text}");
            assert_eq!(parse(&text.replace(['-', ':'], "")), Some(at), "{text}");
        }
        assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(1_709_618_828)), "2024-03-05T06:07:08Z");
        assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(u64::MAX >> 2)), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn what_is_no_moment_is_not_read() {
        let texts =
            ["", "2024-02-30T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01 00:00:00Z", "20240101T000000"];
        assert!(texts.iter().all(|text| parse(text).is_none()));
        assert_eq!(parse("1969-12-31T23:59:59Z"), None);
        assert_eq!(parse("2024-01-0\u{e9}T00:00:0Z"), None);
    }
}
