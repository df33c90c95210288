//! What goes wrong because it was told to.

use std::time::Duration;

/// Something that goes wrong with some calls.
///
/// ```
/// use cloudnet_emulator::{Emulator, Fault};
///
/// let emulator = Emulator::start();
/// // The second VPC is made, but nobody hears of it.
/// emulator.fault(Fault::reset().on("CreateVpc").nth(2).applied());
/// // Then nobody may do anything, twice.
/// emulator.fault(Fault::code("Forbidden.RAM").times(2));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fault {
    /// The action that it is about; all if none is named.
    pub action: Option<String>,
    /// The region that it is about; all if none is named. Calls of STS are to none.
    pub region: Option<String>,
    /// Which of the next calls is the first one that it strikes, counted from 1.
    pub nth: u64,
    /// How many calls it strikes.
    pub times: u64,
    /// What happens.
    pub kind: FaultKind,
    /// Whether the call has its effect all the same.
    pub applied: bool,
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FaultKind {
    /// The call is refused with a code.
    Code(String),
    /// The answer has a status, and nothing that is worth reading.
    Status(u16),
    /// The connection breaks before the answer.
    Reset,
    /// The answer takes so long.
    Delay(Duration),
    /// The change that the call begins ends in a state of failure.
    EndsIn(String),
}

impl Fault {
    /// The next call is refused with a code.
    pub fn code(code: impl Into<String>) -> Self {
        Self::of(FaultKind::Code(code.into()))
    }

    /// The next call is answered with a status alone.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::of(FaultKind::Status(status))
    }

    /// The connection of the next call breaks.
    #[must_use]
    pub fn reset() -> Self {
        Self::of(FaultKind::Reset)
    }

    /// The answer of the next call, which has its effect, takes so long.
    #[must_use]
    pub fn delay(time: Duration) -> Self {
        Self::of(FaultKind::Delay(time)).applied()
    }

    /// The change that the next call begins ends in this state.
    pub fn ends_in(state: impl Into<String>) -> Self {
        Self::of(FaultKind::EndsIn(state.into())).applied()
    }

    fn of(kind: FaultKind) -> Self {
        Self { action: None, region: None, nth: 1, times: 1, kind, applied: false }
    }

    /// Strikes the calls of one action alone.
    #[must_use]
    pub fn on(mut self, action: impl Into<String>) -> Self {
        self.action = Some(action.into());
        self
    }

    /// Strikes the calls to one region alone.
    ///
    /// ```
    /// # use cloudnet::vpc;
    /// # use cloudnet_emulator::{Emulator, Fault};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), cloudnet::Error> {
    /// let emulator = Emulator::start();
    /// emulator.fault(Fault::code("Forbidden").on("DescribeVpcs").region("cn-beijing"));
    /// let hangzhou: vpc::Client = emulator.client()?;
    /// assert!(hangzhou.describe_vpcs().send().await.is_ok());
    /// assert!(hangzhou.for_region("cn-beijing")?.describe_vpcs().send().await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Strikes the call of this number first, from the next one on, which is 1.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = nth;
        self
    }

    /// Strikes so many calls.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Lets the call have its effect all the same.
    #[must_use]
    pub fn applied(mut self) -> Self {
        self.applied = true;
        self
    }
}

/// How an answer is to be delivered: an extension of responses, for whoever carries them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// Not at all: the connection breaks.
    Reset,
    /// After so long.
    Delay(Duration),
}

/// The faults to come.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// With each, how many calls it could have struck.
    faults: Vec<(Fault, u64)>,
}

/// More faults than anybody tells by hand; each call is held against all.
const MOST: usize = 10_000;

impl Faults {
    /// Whether there was room for it.
    pub(crate) fn add(&mut self, fault: Fault) -> bool {
        let has_room = self.faults.len() < MOST;
        if has_room && fault.times > 0 {
            self.faults.push((fault, 0));
        }
        has_room
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Fault> {
        self.faults.iter().map(|(fault, _)| fault)
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    /// What goes wrong with a call; it counts for every fault that is about its action and region. Of several
    /// that strike, it is the one told first.
    pub(crate) fn strike(&mut self, action: &str, region: &str) -> Option<Fault> {
        let mut struck = None;
        for (fault, seen) in &mut self.faults {
            let is_other =
                |about: &Option<String>, called: &str| about.as_ref().is_some_and(|about| about != called);
            if is_other(&fault.action, action) || is_other(&fault.region, region) {
                continue;
            }
            *seen += 1;
            if *seen >= fault.nth && struck.is_none() {
                struck = Some(fault.clone());
            }
        }
        self.faults.retain(|(fault, seen)| *seen < fault.nth.max(1).saturating_add(fault.times - 1));
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_strike_the_calls_that_they_are_told_for() {
        let mut faults = Faults::default();
        faults.add(Fault::status(503).on("A").nth(2).times(2));
        faults.add(Fault::reset().nth(u64::MAX).times(u64::MAX));
        faults.add(Fault::reset().times(0));
        let mut strikes = |action| faults.strike(action, "r").is_some();
        assert_eq!(
            ["A", "B", "A", "B", "A", "A"].map(&mut strikes),
            [false, false, true, false, true, false]
        );
        assert_eq!(faults.all().count(), 1);
        faults.add(Fault::reset().region("q"));
        assert!(faults.strike("A", "r").is_none() && faults.strike("A", "q").is_some());
        faults.add(Fault::reset().nth(0));
        assert!(faults.strike("C", "r").is_some() && faults.strike("C", "r").is_none());
    }
}
