//! Durations as people say them.

use std::fmt;
use std::time::Duration;

/// Prints `49.8 ms`, `2.5 s`, `2 min 30 s`: three digits, or two units.
pub(crate) struct Readable(pub(crate) Duration);

impl fmt::Display for Readable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_micros();
        match self.0.as_secs() {
            0 if micros == 0 => f.write_str("0 s"),
            0 if micros < 1_000 => write!(f, "{micros} µs"),
            // What would be rounded up to the next unit belongs there.
            0 if micros < 999_500 => write!(f, "{} ms", three_digits(micros, 1_000)),
            0..60 if micros < 59_950_000 => write!(f, "{} s", three_digits(micros, 1_000_000)),
            _ => match self.0.saturating_add(Duration::from_millis(500)).as_secs() {
                seconds @ ..3_600 => two_units(f, seconds, 60, ["min", "s"]),
                seconds @ ..86_400 => two_units(f, seconds / 60, 60, ["h", "min"]),
                seconds => two_units(f, seconds / 3_600, 24, ["d", "h"]),
            },
        }
    }
}

/// A duration of which no more than seconds matter, such as that of a wait.
pub(crate) fn whole_seconds(duration: Duration) -> Readable {
    Readable(Duration::from_secs(duration.as_secs()))
}

/// A number of units, rounded to three digits.
fn three_digits(micros: u128, unit: u128) -> String {
    let decimals = match micros / unit {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let step = unit / 10_u128.pow(decimals);
    let rounded = (micros + step / 2) / step;
    let scale = 10_u128.pow(decimals);
    let (whole, rest) = (rounded / scale, rounded % scale);
    let text = format!("{whole}.{rest:0width$}", width = decimals as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn two_units(f: &mut fmt::Formatter<'_>, small: u64, per_big: u64, [big, little]: [&str; 2]) -> fmt::Result {
    write!(f, "{} {big}", small / per_big)?;
    match small % per_big {
        0 => Ok(()),
        rest => write!(f, " {rest} {little}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_as_people_say_it() {
        for (micros, text) in [
            (0, "0 s"),
            (7, "7 µs"),
            (1_000, "1 ms"),
            (1_250, "1.25 ms"),
            (49_808, "49.8 ms"),
            (250_000, "250 ms"),
            (999_499, "999 ms"),
            (999_600, "1 s"),
            (2_500_000, "2.5 s"),
            (9_999_999, "10 s"),
            (20_000_000, "20 s"),
            (59_940_000, "59.9 s"),
            (59_960_000, "1 min"),
            (60_000_000, "1 min"),
            (150_000_000, "2 min 30 s"),
            (594_900_000, "9 min 55 s"),
            (600_000_000, "10 min"),
            (3_600_000_000, "1 h"),
            (3_900_000_000, "1 h 5 min"),
            (90_000_000_000, "1 d 1 h"),
        ] {
            assert_eq!(Readable(Duration::from_micros(micros)).to_string(), text, "{micros}");
        }
        assert!(Readable(Duration::MAX).to_string().ends_with(" h"));
    }
}
