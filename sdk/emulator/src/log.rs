//! What was asked of late.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// A request, and what became of it. Nothing in it is a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Call {
    /// Counted from 1.
    pub number: u64,
    /// Virtual time at which it came: RFC 3339.
    pub time: String,
    /// Name of the service, as its client's module; empty if it is not known.
    pub service: String,
    /// Wire name of the action; empty if it is not known.
    pub action: String,
    /// The region that it was about.
    pub region: String,
    /// Parameters of the action by wire name, such as `Tag.1.Key`; those that are sensitive, or that
    /// the action does not have, are masked.
    pub parameters: BTreeMap<String, String>,
    /// What made it unlike all others.
    pub nonce: Option<String>,
    /// The time that was signed, in the form of the protocol.
    pub date: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Code of the error that it was refused with.
    pub code: Option<String>,
    /// ID that the answer gave it.
    pub request_id: String,
    /// Whether it had its effect.
    pub is_applied: bool,
    /// Whether its token had been used, so that it was answered as the first time.
    pub is_replay: bool,
}

/// What is longer is cut: the log takes only so much room, whatever it is that comes.
const LONGEST: usize = 512;
/// Parameters beyond so many bytes are left out.
const MOST_BYTES: usize = 16 << 10;

impl Call {
    /// As it is logged.
    pub(crate) fn shortened(&self) -> Self {
        let cut = |text: &str| match text.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.to_owned(),
        };
        let mut bytes = 0;
        let parameters = self.parameters.iter().map(|(name, value)| (cut(name), cut(value)));
        let parameters = parameters.take_while(|(name, value)| {
            bytes += name.len() + value.len();
            bytes <= MOST_BYTES
        });
        Self {
            action: cut(&self.action),
            region: cut(&self.region),
            parameters: parameters.collect(),
            nonce: self.nonce.as_deref().map(cut),
            date: cut(&self.date),
            service: self.service.clone(),
            time: self.time.clone(),
            code: self.code.clone(),
            request_id: self.request_id.clone(),
            number: self.number,
            status: self.status,
            is_applied: self.is_applied,
            is_replay: self.is_replay,
        }
    }

    /// What became of it, in a word: `ok`, `replayed`, `failed`, or the code that it was refused with.
    #[must_use]
    pub fn verdict(&self) -> &str {
        match &self.code {
            Some(code) => code,
            None if self.is_replay => "replayed",
            None if self.status >= 300 => "failed",
            None => "ok",
        }
    }
}

/// The latest calls.
#[derive(Debug, Default)]
pub(crate) struct Log {
    calls: VecDeque<Call>,
}

/// How many calls are remembered.
const MOST: usize = 1_000;

impl Log {
    pub(crate) fn add(&mut self, call: Call) {
        if self.calls.len() == MOST {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    /// From the oldest on.
    pub(crate) fn calls(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.calls.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_cut() {
        let long = "ü".repeat(100_000);
        let parameters = (0..1_000).map(|number| (format!("{number}{long}"), long.clone())).collect();
        let call = Call {
            action: long.clone(),
            date: long.clone(),
            nonce: Some(long),
            parameters,
            ..Call::default()
        };
        let logged = serde_json::to_string(&call.shortened()).unwrap_or_default();
        assert!((10_000..25_000).contains(&logged.len()), "{}", logged.len());
    }

    #[test]
    fn the_oldest_calls_are_forgotten() {
        let mut log = Log::default();
        (1..=2_500).for_each(|number| log.add(Call { number, ..Call::default() }));
        let numbers: Vec<u64> = log.calls().map(|call| call.number).collect();
        assert_eq!((numbers.len(), numbers[0], numbers[999]), (1_000, 1_501, 2_500));
    }
}
