//! How an emulator is set up.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

pub use crate::state::Transitions;

/// How an emulator is set up; the default is strict, and quick.
///
/// ```
/// use std::time::Duration;
/// use cloudnet_emulator::{Emulator, Options, Transitions};
///
/// let transitions = Transitions::After(Duration::from_secs(30));
/// let emulator = Emulator::with(Options { transitions, seed: 7, ..Options::default() });
/// # let _ = emulator;
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The access keys that it knows; `testid` with `testsecret` unless set.
    pub keys: Vec<Key>,
    /// How long a resource takes from one state to the next.
    pub transitions: Transitions,
    /// What IDs are made from: the same requests with the same seed have the same answers.
    pub seed: u64,
    /// What it does not insist on.
    pub lenient: Lenient,
    /// Where answers come from.
    pub answers: Answers,
    /// Whether the IDs of what no action makes, such as ECS instances, are refused.
    pub outside_strict: bool,
    /// Where the times in answers come from.
    pub clock: TimeSource,
    /// By how many seconds its time for signatures is ahead of the machine's.
    pub signature_offset: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            keys: vec![Key::new("testid", "testsecret")],
            transitions: Transitions::default(),
            seed: 0,
            lenient: Lenient::default(),
            answers: Answers::default(),
            outside_strict: false,
            clock: TimeSource::default(),
            signature_offset: 0,
        }
    }
}

/// Where answers come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answers {
    /// From what is remembered.
    #[default]
    State,
    /// From the documents: each call is answered with the printed example of its action, whatever it names, and
    /// nothing is remembered but tokens.
    Examples,
}

impl FromStr for Answers {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        match text {
            "state" => Ok(Self::State),
            "examples" => Ok(Self::Examples),
            _ => Err(InvalidOption("answers come from state or examples")),
        }
    }
}

/// An access key. `Debug` shows neither the secret nor the token.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// The public half.
    pub id: String,
    /// The secret half.
    pub secret: String,
    /// The token that has to come with it.
    pub token: Option<String>,
}

impl Key {
    /// A key without a token.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into(), secret: secret.into(), token: None }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

impl FromStr for Key {
    type Err = InvalidOption;

    /// `ID:SECRET`
    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        match text.split_once(':') {
            Some((id, secret)) if !id.is_empty() && !secret.is_empty() => Ok(Self::new(id, secret)),
            _ => Err(InvalidOption("a key is ID:SECRET")),
        }
    }
}

/// What is not insisted on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lenient {
    /// Signatures may be wrong, and keys unknown.
    pub signature: bool,
    /// Nonces may come twice.
    pub nonce: bool,
    /// Requests may be old, or of the future.
    pub date: bool,
    /// Any version of a service is taken.
    pub version: bool,
    /// Parameters that the action does not have are left out.
    pub unknown_parameters: bool,
    /// Values may break their limits and rules; what is required still is.
    pub limits: bool,
}

impl Lenient {
    /// The words that [`allow`](Self::allow) takes.
    pub const WORDS: [&'static str; 6] =
        ["signature", "nonce", "date", "version", "unknown-parameters", "limits"];

    /// Stops insisting on one of the [`WORDS`](Self::WORDS).
    ///
    /// # Errors
    ///
    /// If it is none of these.
    pub fn allow(&mut self, what: &str) -> Result<(), InvalidOption> {
        let flag = match what {
            "signature" => &mut self.signature,
            "nonce" => &mut self.nonce,
            "date" => &mut self.date,
            "version" => &mut self.version,
            "unknown-parameters" => &mut self.unknown_parameters,
            "limits" => &mut self.limits,
            _ => {
                return Err(InvalidOption(
                    "it is signature, nonce, date, version, unknown-parameters or limits",
                ));
            }
        };
        *flag = true;
        Ok(())
    }
}

/// Where the times in answers come from, and what states take their time by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeSource {
    /// A time that begins with 2024, passes by a second with each request, and further when it is told to.
    #[default]
    Virtual,
    /// The machine's.
    Wall,
}

impl FromStr for TimeSource {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        match text {
            "virtual" => Ok(Self::Virtual),
            "wall" => Ok(Self::Wall),
            _ => Err(InvalidOption("a clock is virtual or wall")),
        }
    }
}

impl FromStr for Transitions {
    type Err = InvalidOption;

    /// `instant`, a number of seconds, or `polls:` and a number.
    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        let seconds = || Duration::try_from_secs_f64(text.parse().ok()?).ok();
        let transitions = match text.strip_prefix("polls:") {
            Some(polls) => polls.parse().ok().map(Self::Polls),
            None if text == "instant" => Some(Self::Instant),
            None => seconds().map(Self::After),
        };
        transitions.ok_or(InvalidOption("transitions are instant, SECONDS or polls:N"))
    }
}

/// A text that no option can be read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOption(&'static str);

impl fmt::Display for InvalidOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidOption {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_from_words() {
        assert_eq!("a:b:c".parse(), Ok(Key::new("a", "b:c")));
        assert!("a:".parse::<Key>().is_err() && ":b".parse::<Key>().is_err() && "a".parse::<Key>().is_err());
        assert_eq!("instant".parse(), Ok(Transitions::Instant));
        assert_eq!("1.5".parse(), Ok(Transitions::After(Duration::from_millis(1_500))));
        assert_eq!("polls:3".parse(), Ok(Transitions::Polls(3)));
        for text in ["", "-1", "NaN", "inf", "1e300", "polls:", "polls:-1"] {
            assert!(text.parse::<Transitions>().is_err(), "{text}");
        }
        let mut lenient = Lenient::default();
        assert!(Lenient::WORDS.iter().all(|word| lenient.allow(word).is_ok()));
        assert!(lenient.allow("all").is_err() && lenient.unknown_parameters && lenient.version);
    }

    #[test]
    fn no_key_shows_its_secret() {
        let key = Key { token: Some("t0ken".to_owned()), ..Key::new("id", "s3cret") };
        assert_eq!(format!("{key:?}"), r#"Key { id: "id", .. }"#);
    }
}
