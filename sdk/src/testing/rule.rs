//! Rules: what the next calls of an action are answered with.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use super::{Documented, entry};

/// How a request goes wrong on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The connection breaks before the service sees the request.
    ResetBefore,
    /// The connection breaks after the service has done what was asked.
    ResetAfter,
    /// The service does what was asked, and never answers.
    Silence,
}

impl Fault {
    pub(super) fn is_after(self) -> bool {
        self != Self::ResetBefore
    }
}

/// A rule being told: each method adds the answer to one more call.
///
/// ```
/// use cloudnet::testing::Documented;
/// use std::time::Duration;
///
/// let service = Documented::new();
/// // Two failures, then a slow success, then what the document shows.
/// service.on("DescribeVpcs").fail("Throttling").times(2).json(&serde_json::json!({})).delay(Duration::from_secs(3));
/// ```
#[derive(Debug)]
pub struct Rule<'s> {
    service: &'s Documented,
    action: String,
}

impl<'s> Rule<'s> {
    pub(super) fn new(service: &'s Documented, action: &str) -> Self {
        Self { service, action: action.to_owned() }
    }

    /// A success with this JSON.
    pub fn json(self, body: &serde_json::Value) -> Self {
        self.answer(StatusCode::OK, body.to_string())
    }

    /// A status and a body.
    pub fn answer(self, status: StatusCode, body: impl Into<Bytes>) -> Self {
        self.add(Reply::Response(status, body.into()))
    }

    /// An error code, under the status that the tables of the action give it and 400 otherwise.
    pub fn fail(self, code: &str) -> Self {
        let rows = entry(&self.action).map_or(&[][..], |entry| entry.action.errors);
        let documented = rows.iter().find(|row| row.matches(code)).map(|row| row.status);
        let status = documented.filter(|status| *status > 0);
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        let body = serde_json::json!({
            "Code": code,
            "__type": code,
            "Message": "Answered by a test.",
            "RequestId": "00000000-0000-0000-0000-000000000000",
        });
        self.answer(status.unwrap_or(StatusCode::BAD_REQUEST), body.to_string())
    }

    /// A fault.
    pub fn fault(self, fault: Fault) -> Self {
        self.add(Reply::Fault(fault))
    }

    /// [`Fault::ResetBefore`].
    pub fn reset_before(self) -> Self {
        self.fault(Fault::ResetBefore)
    }

    /// [`Fault::ResetAfter`].
    pub fn reset_after(self) -> Self {
        self.fault(Fault::ResetAfter)
    }

    /// [`Fault::Silence`].
    pub fn silence(self) -> Self {
        self.fault(Fault::Silence)
    }

    /// Lets the last answer come so much later.
    pub fn delay(self, delay: Duration) -> Self {
        self.change_last(|answer| answer.delay = delay)
    }

    /// Gives the last answer to so many calls instead of one.
    pub fn times(self, calls: u32) -> Self {
        self.change_last(|answer| answer.times = Some(calls))
    }

    /// Gives the last answer to all further calls.
    pub fn always(self) -> Self {
        self.change_last(|answer| answer.times = None)
    }

    fn add(self, reply: Reply) -> Self {
        let mut state = self.service.state();
        state.answers.entry(self.action.clone()).or_default().push_back(Answer::of(reply));
        drop(state);
        self
    }

    fn change_last(self, change: impl FnOnce(&mut Answer)) -> Self {
        let mut state = self.service.state();
        if let Some(answer) = state.answers.get_mut(&self.action).and_then(VecDeque::back_mut) {
            change(answer);
        }
        drop(state);
        self
    }
}

#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) reply: Reply,
    pub(super) delay: Duration,
    /// How many calls it is for; `None` for all.
    times: Option<u32>,
}

#[derive(Clone, Debug)]
pub(super) enum Reply {
    Response(StatusCode, Bytes),
    Fault(Fault),
}

impl Answer {
    pub(super) fn of(reply: Reply) -> Self {
        Self { reply, delay: Duration::ZERO, times: Some(1) }
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        match self.reply {
            Reply::Fault(fault) => Some(fault),
            Reply::Response(..) => None,
        }
    }
}

/// Uses up an answer.
pub(super) fn take(answers: &mut VecDeque<Answer>) -> Option<Answer> {
    loop {
        let first = answers.front_mut()?;
        match &mut first.times {
            None => return Some(first.clone()),
            Some(0 | 1) => {
                let used = answers.pop_front()?;
                if used.times != Some(0) {
                    return Some(used);
                }
            }
            Some(left) => {
                *left -= 1;
                return Some(first.clone());
            }
        }
    }
}
