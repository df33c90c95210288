//! One poll of a resource: the answer about it, or all pages of the listing that has it.
//!
//! A row that is on no page is only gone if the pages held still meanwhile: one that goes from an
//! early page moves the rows behind it, and ours may slip past. So the pages of a longer listing
//! are walked until two walks in a row have seen the same.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use super::judge::{self, Seen};
use super::target::Target;
use crate::call::runtime::{Options, Runtime, ValidationPolicy};
use crate::error::Error;
use crate::pages::{Page, Pager};
use crate::record::{self, Record, Scalar};
use crate::response::RawResponse;
use crate::schema::{Action, Check, Wait};
use crate::table::operation::Operation;
use crate::table::path;

/// The action that tells, and its structs.
#[derive(Clone, Copy)]
pub(crate) struct Poll {
    pub(crate) action: &'static Action,
    pub(crate) input: fn() -> Box<dyn Record>,
    pub(crate) output: fn() -> Box<dyn Record>,
}

impl Poll {
    pub(crate) fn of<P: Operation>() -> Self {
        Self {
            action: P::ACTION,
            input: || Box::new(P::default()),
            output: || Box::new(P::Output::default()),
        }
    }
}

/// What a poll found.
#[derive(Clone, Debug)]
pub(super) enum Observation {
    Seen(Seen),
    Absent,
    /// It was on no page, but the pages did not hold still.
    Unsure,
}

pub(super) type PollOutcome = (Observation, Option<RawResponse>);

/// How often a listing is walked in one poll, at the most.
const WALKS: u32 = 5;

/// How long one request is repeated for a busy service: the next poll is the next try.
const BUSY: Duration = Duration::from_secs(3);

/// Polls once. Each request may take so long.
pub(super) async fn observe(
    runtime: Arc<Runtime>,
    poll: Poll,
    wait: &'static Wait,
    target: Arc<Target>,
    limit: Duration,
) -> Result<PollOutcome, Error> {
    let (mut before, mut last) = (None, None);
    for _ in 0..WALKS {
        let mut walk = Walk::default();
        let seen = walk.go(&runtime, poll, wait, &target, limit).await?;
        last = walk.response.take().or(last);
        match seen {
            Some(seen) => return Ok((Observation::Seen(seen), last)),
            None if walk.is_whole() && (walk.pages <= 1 || before.as_ref() == Some(&walk.entries)) => {
                return Ok((Observation::Absent, last));
            }
            None => before = walk.is_whole().then_some(walk.entries),
        }
    }
    Ok((Observation::Unsure, last))
}

/// The pages of a listing, from the first on.
#[derive(Default)]
struct Walk {
    pages: usize,
    /// What stands for each entry that was on a page.
    entries: BTreeSet<u64>,
    /// How many entries there are, as each page said.
    totals: BTreeSet<i64>,
    /// Whether the listing broke off.
    is_broken: bool,
    response: Option<RawResponse>,
}

impl Walk {
    /// Goes on until the row is found, or there is no page left.
    async fn go(
        &mut self,
        runtime: &Arc<Runtime>,
        poll: Poll,
        wait: &'static Wait,
        target: &Target,
        limit: Duration,
    ) -> Result<Option<Seen>, Error> {
        let options = Options {
            extra: target.ask.clone(),
            // What names the resource came from a call that was accepted.
            validation: Some(ValidationPolicy::Off),
            deadline: Some(limit),
            retry: Some(runtime.retry.clone().busy_at_most(BUSY)),
            ..Options::default()
        };
        let mut input = (poll.input)();
        let longest = ask_for_long_pages(poll.action, &mut *input);
        let mut pager = Pager::new(Arc::clone(runtime), poll.action.into(), input, options, None);
        while let Some(page) = pager.fetch().await {
            let page = page?;
            let mut output = (poll.output)();
            let decoded = page.decode_into(poll.action, &mut *output);
            self.response = Some(page);
            decoded?;
            self.count(poll.action, &*output);
            self.totals.extend(pager.total(Page::Record(&*output)));
            if let Some(seen) = judge::find(wait, target, &poll.action.response, &*output) {
                return Ok(Some(seen));
            }
            if pager.turn(Page::Record(&*output)).is_err() {
                // Without a total, a service that turns no pages has shown all that fits on one.
                let is_short = longest.is_some_and(|longest| self.entries.len() < longest);
                self.is_broken = !(is_short && self.totals.is_empty());
                break;
            }
            if pager.leads_back() {
                self.is_broken = true;
                break;
            }
        }
        Ok(None)
    }

    fn count(&mut self, action: &'static Action, page: &dyn Record) {
        self.pages += 1;
        let Some(pagination) = &action.pagination else { return };
        path::values(&action.response, page, pagination.items(), &mut |entry| {
            let mut hasher = DefaultHasher::new();
            record::hash(entry, &mut hasher);
            self.entries.insert(hasher.finish());
        });
    }

    /// Whether the pages had as many different entries as all of them said.
    fn is_whole(&self) -> bool {
        let mut totals = self.totals.iter();
        let said = totals.next().is_none_or(|total| usize::try_from(*total) == Ok(self.entries.len()));
        !self.is_broken && said && totals.next().is_none()
    }
}

/// Asks for pages as long as the service makes them; says how long that is, if it is known.
fn ask_for_long_pages(action: &'static Action, input: &mut dyn Record) -> Option<usize> {
    let size = action.pagination.as_ref()?.size();
    let field = action.request.member(size)?;
    let longest = field.limits.iter().find_map(|limit| match limit.check() {
        Check::Range(_, most) if *most < i64::MAX => Some(*most),
        _ => None,
    })?;
    crate::call::with_field(action, input, size, |field| field.set(Scalar::Integer(longest)));
    usize::try_from(longest).ok()
}
