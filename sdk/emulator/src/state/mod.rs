//! What the services remember.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::model::{Action, Service};
use crate::refusal::Refusal;

/// When a change of state is done.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transitions {
    /// At once.
    #[default]
    Instant,
    /// After so much virtual time.
    After(Duration),
    /// After it was looked at so many times.
    Polls(u32),
}

/// All resources, and the time they live in.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct State {
    seed: u64,
    passed: Duration,
    transitions: Transitions,
    outside_strict: bool,
}

impl State {
    pub(crate) fn new(seed: u64, transitions: Transitions, outside_strict: bool) -> Self {
        Self { seed, passed: Duration::ZERO, transitions, outside_strict }
    }

    /// Does what a call asks for, and says what to answer.
    pub(crate) fn call(
        &mut self,
        service: &'static Service,
        action: &'static Action,
        parameters: &Map<String, Json>,
        region: &str,
    ) -> Result<Map<String, Json>, Refusal> {
        let _ = (service, action, parameters, region);
        Ok(Map::new())
    }

    /// Lets virtual time pass.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.passed = self.passed.saturating_add(by);
    }

    /// The virtual time.
    pub(crate) fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_704_067_200) + self.passed
    }

    /// Sets the virtual time, which never runs backwards.
    pub(crate) fn reach(&mut self, now: SystemTime) {
        let passed = now.duration_since(UNIX_EPOCH + Duration::from_secs(1_704_067_200)).unwrap_or_default();
        self.passed = self.passed.max(passed);
    }

    /// Lets the next transition end in a state of failure.
    pub(crate) fn fail_next(&mut self, _state: &str) {}
}
