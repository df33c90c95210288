//! Versions and dates, as far as they are compared here.

use std::time::{SystemTime, UNIX_EPOCH};

use super::catalogue::Step;

/// The version after another by a step; below 1.0 the minor digit is the major one, and the last digit all others.
pub fn after(version: &str, step: Step) -> Option<String> {
    let [major, minor, patch] = digits(version)?;
    let next = match (step, major) {
        (Step::None, _) => [major, minor, patch],
        (Step::Major, 0) | (Step::Minor, 1..) => [major, minor + 1, 0],
        (Step::Major, _) => [major + 1, 0, 0],
        _ => [major, minor, patch + 1],
    };
    Some(next.map(|digit| digit.to_string()).join("."))
}

/// Whether a version is another one or a later one.
pub fn is_at_least(version: &str, least: &str) -> Option<bool> {
    Some(digits(version)? >= digits(least)?)
}

/// Whether what holds until a version or a date is over; `None` if it is neither.
pub(crate) fn is_over(until: &str, version: Option<&str>, today: &str) -> Option<bool> {
    match digits(until) {
        Some(until) => Some(version.and_then(digits).is_some_and(|version| version >= until)),
        None => is_date(until).then_some(today > until),
    }
}

/// The day it is, in UTC: `2026-11-28`.
pub fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    date(seconds / 86_400)
}

/// A day by its number since 1970. Years begin in March here, so that leap days are last.
fn date(days: u64) -> String {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn is_date(text: &str) -> bool {
    let is_like = |(byte, like): (u8, u8)| if like == b'0' { byte.is_ascii_digit() } else { byte == like };
    text.len() == 10 && text.bytes().zip(*b"0000-00-00").all(is_like)
}

fn digits(version: &str) -> Option<[u64; 3]> {
    let release = version.split(['-', '+']).next()?;
    let parts: Vec<u64> = release.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    parts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_one_the_minor_digit_is_the_major_one() {
        let after = |version, step| after(version, step).unwrap();
        assert_eq!(after("0.1.7", Step::Major), "0.2.0");
        assert_eq!(after("0.1.7", Step::Minor), "0.1.8");
        assert_eq!(after("0.1.7", Step::Patch), "0.1.8");
        assert_eq!(after("0.1.7", Step::None), "0.1.7");
        assert_eq!(after("1.2.3", Step::Major), "2.0.0");
        assert_eq!(after("1.2.3", Step::Minor), "1.3.0");
        assert_eq!(after("1.2.3", Step::Patch), "1.2.4");
    }

    #[test]
    fn what_holds_until_a_version_or_a_date_is_over_then() {
        assert_eq!(is_over("0.2.0", Some("0.1.9"), ""), Some(false));
        assert_eq!(is_over("0.2.0", Some("0.2.0"), ""), Some(true));
        assert_eq!(is_over("2026-11-28", None, "2026-11-28"), Some(false));
        assert_eq!(is_over("2026-11-28", None, "2026-11-29"), Some(true));
        assert_eq!(is_over("soon", None, "2026-11-29"), None);
    }

    #[test]
    fn days_have_their_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(20_785), "2026-11-28");
    }
}
