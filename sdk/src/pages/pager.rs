//! The untyped driver: which page comes next, and whether there is one.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::PagePosition;
use crate::call;
use crate::call::runtime::{Options, Runtime};
use crate::error::{Error, ErrorKind};
use crate::record::{self, Record, Scalar};
use crate::response::RawResponse;
use crate::schema::{Action, ErrorClass, Pagination};
use crate::table::path;

/// A listing on its way.
pub(crate) struct Pager {
    runtime: Arc<Runtime>,
    action: &'static Action,
    input: Box<dyn Record>,
    options: Options,
    position: PagePosition,
    /// Entries on the pages before the position; `None` if that cannot be told.
    counted: Option<i64>,
    /// The last page with entries.
    last: Option<Seen>,
    /// How often it came again without a reason.
    repeats: u32,
    /// Tokens that were named so far.
    tokens: HashSet<u64>,
    /// Whether no page was handed out yet.
    is_first: bool,
    /// The next page would be one that was there before.
    is_going_round: bool,
    /// An error that will not pass was told.
    is_over: bool,
}

/// What a page held.
#[derive(Clone, Copy)]
struct Seen {
    content: u64,
    total: Option<i64>,
}

impl Pager {
    pub(crate) fn new(
        runtime: Arc<Runtime>,
        action: &'static Action,
        input: Box<dyn Record>,
        options: Options,
        position: Option<PagePosition>,
    ) -> Self {
        let position = position.unwrap_or_else(|| beginning(action, &*input));
        let counted = counted_before(action, &*input, &position);
        let mut tokens = HashSet::new();
        if let PagePosition::Token(token) = &position {
            tokens.insert(hash_of(token));
        }
        Self {
            runtime,
            action,
            input,
            options,
            position,
            counted,
            last: None,
            repeats: 0,
            tokens,
            is_first: true,
            is_going_round: false,
            is_over: false,
        }
    }

    pub(crate) fn position(&self) -> &PagePosition {
        &self.position
    }

    /// Fetches the page at the position, which stays where it is.
    pub(crate) async fn fetch(&mut self) -> Option<Result<RawResponse, Error>> {
        if self.is_over || self.position == PagePosition::End {
            return None;
        }
        if self.is_going_round {
            return Some(Err(self.repeats_itself()));
        }
        self.name_the_page();
        Some(call::send(&self.runtime, self.action, &mut *self.input, &self.options).await)
    }

    /// Whether the next page would be one that was there before.
    pub(crate) fn leads_back(&self) -> bool {
        self.is_going_round
    }

    /// Takes note of an error that is told. One that asking again would only meet again ends the
    /// listing, so that a loop over it ends; the position stays.
    pub(crate) fn note(&mut self, error: &Error) {
        self.is_over |= !may_pass(error);
    }

    /// Moves the position behind a page. `false` if the page is only the end.
    pub(crate) fn turn(&mut self, page: &dyn Record) -> Result<bool, Error> {
        let Some(pagination) = &self.action.pagination else {
            self.position = PagePosition::End;
            return Ok(true);
        };
        let (count, content) = self.content(page, pagination.items());
        let total = self.total(page);
        if count > 0 && self.is_repetition(Seen { content, total }, count) {
            return Err(self.repeats_itself());
        }
        let is_first = std::mem::replace(&mut self.is_first, false);
        match pagination {
            Pagination::Number { .. } => {
                self.count_on(total, count);
                Ok(count > 0 || is_first)
            }
            Pagination::Token { next, .. } => {
                self.follow(path::text_at(&self.action.response, page, next));
                Ok(true)
            }
        }
    }

    fn name_the_page(&mut self) {
        let parameter = match &self.action.pagination {
            Some(Pagination::Number { page: name, .. } | Pagination::Token { token: name, .. }) => name,
            None => return,
        };
        let position = &self.position;
        call::with_field(self.action, &mut *self.input, parameter, |field| match position {
            PagePosition::Page(number) => field.set(Scalar::Integer(*number)),
            PagePosition::Token(token) => field.set(Scalar::Text(token)),
            PagePosition::Start | PagePosition::End => true,
        });
    }

    /// How many entries there are in all, if the page says so. Some services say 0 beside entries.
    pub(crate) fn total(&self, page: &dyn Record) -> Option<i64> {
        let Some(Pagination::Number { total, .. }) = &self.action.pagination else { return None };
        let total = path::text_at(&self.action.response, page, total)?;
        total.parse().ok().filter(|total| *total > 0)
    }

    /// Whether a page is the one before it again, and a service that does not turn pages the
    /// reason. A whole page of new entries in front of the listing shifts the last page to the
    /// place of the next, and the total grows by as many. Where the total cannot tell, once is
    /// taken for chance.
    fn is_repetition(&mut self, page: Seen, count: usize) -> bool {
        let Some(last) = self.last.replace(page).filter(|last| last.content == page.content) else {
            self.repeats = 0;
            return false;
        };
        let grown = page.total.zip(last.total).map(|(total, before)| total.saturating_sub(before));
        match grown {
            Some(grown) if grown >= i64::try_from(count).unwrap_or(i64::MAX) => false,
            Some(..=0) => true,
            _ => {
                self.repeats += 1;
                self.repeats > 1
            }
        }
    }

    fn count_on(&mut self, total: Option<i64>, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.counted = self.counted.map(|counted| counted.saturating_add(count));
        let is_all = self.counted.zip(total).is_some_and(|(counted, total)| counted >= total);
        self.position = match &self.position {
            PagePosition::Page(number) if count > 0 && !is_all => {
                number.checked_add(1).map_or(PagePosition::End, PagePosition::Page)
            }
            _ => PagePosition::End,
        };
    }

    fn follow(&mut self, next: Option<String>) {
        let Some(token) = next else {
            self.position = PagePosition::End;
            return;
        };
        self.is_going_round = !self.tokens.insert(hash_of(&token));
        self.position = PagePosition::Token(token);
    }

    /// How many entries a page has, and a number that stands for them.
    fn content(&self, page: &dyn Record, items: &str) -> (usize, u64) {
        let mut count = 0;
        let mut hasher = DefaultHasher::new();
        path::values(&self.action.response, page, items, &mut |value| {
            count += 1;
            record::hash(value, &mut hasher);
        });
        (count, hasher.finish())
    }

    fn repeats_itself(&mut self) -> Error {
        let place = match &self.position {
            PagePosition::Page(number) => format!("page {number} is the one before it again"),
            _ => "a page leads back to an earlier one".to_owned(),
        };
        self.position = PagePosition::End;
        let error = Error::new(ErrorKind::Response, format!("the listing does not end: {place}"));
        call::about(self.action, error).in_region(&self.runtime.region)
    }
}

/// Whether asking again can help. What was not even tried fails again without a pause.
fn may_pass(error: &Error) -> bool {
    use ErrorClass::{Busy, Internal, Throttled, Unavailable};
    error.attempts() > 0 && matches!(error.class(), Busy | Internal | Throttled | Unavailable)
}

/// Where a request begins of its own accord.
fn beginning(action: &'static Action, input: &dyn Record) -> PagePosition {
    let given = |name| path::text_at(&action.request, input, name);
    match &action.pagination {
        Some(Pagination::Number { page, .. }) => {
            PagePosition::Page(given(page).and_then(|number| number.parse().ok()).unwrap_or(1))
        }
        Some(Pagination::Token { token, .. }) => {
            given(token).map_or(PagePosition::Start, PagePosition::Token)
        }
        None => PagePosition::Start,
    }
}

fn counted_before(action: &'static Action, input: &dyn Record, position: &PagePosition) -> Option<i64> {
    let (PagePosition::Page(number), Some(Pagination::Number { size, .. })) = (position, &action.pagination)
    else {
        return None;
    };
    match number {
        1 => Some(0),
        _ => path::text_at(&action.request, input, size)?.parse::<i64>().ok()?.checked_mul(number - 1),
    }
}

fn hash_of(token: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    hasher.finish()
}
