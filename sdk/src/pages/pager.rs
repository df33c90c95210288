//! The untyped driver: which page comes next, and whether there is one.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use serde_json::Value as Json;

use super::PagePosition;
use super::page::Page;
use crate::call::runtime::{Options, Runtime};
use crate::call::{self, Extra, extra};
use crate::error::{Error, ErrorKind};
use crate::record::{Record, Scalar};
use crate::response::RawResponse;
use crate::schema::{ErrorClass, Pagination};
use crate::table::called::Called;

/// A listing on its way.
pub(crate) struct Pager {
    runtime: Arc<Runtime>,
    action: Called,
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
        action: Called,
        input: Box<dyn Record>,
        options: Options,
        position: Option<PagePosition>,
    ) -> Self {
        let position = position.unwrap_or_else(|| beginning(&action, &*input, &options));
        let counted = counted_before(&action, &*input, &options, &position);
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

    pub(crate) fn action(&self) -> &Called {
        &self.action
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
        Some(call::send(&self.runtime, self.action.clone(), &mut *self.input, &self.options).await)
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
    pub(crate) fn turn(&mut self, page: Page<'_>) -> Result<bool, Error> {
        let action = self.action.clone();
        let Some(pagination) = action.pagination() else {
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
                self.follow(page.text_at(action.response(), next));
                Ok(true)
            }
        }
    }

    fn name_the_page(&mut self) {
        let name = match self.action.pagination() {
            Some(Pagination::Number { page: name, .. } | Pagination::Token { token: name, .. }) => name,
            None => return,
        };
        let (scalar, value) = match &self.position {
            PagePosition::Page(number) => (Scalar::Integer(*number), Json::from(*number)),
            PagePosition::Token(token) => (Scalar::Text(token), Json::from(token.as_str())),
            PagePosition::Start | PagePosition::End => return,
        };
        match self.action.table() {
            Some(table) => {
                call::with_field(table, &mut *self.input, name, |field| field.set(scalar));
            }
            None => {
                let named = Extra { name: name.to_owned(), value, is_secret: false };
                extra::set(&mut self.options.extra, named);
            }
        }
    }

    /// How many entries there are in all, if the page says so. Some services say 0 beside entries.
    pub(crate) fn total(&self, page: Page<'_>) -> Option<i64> {
        let Some(Pagination::Number { total, .. }) = self.action.pagination() else { return None };
        let total = page.text_at(self.action.response(), total)?;
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
    fn content(&self, page: Page<'_>, items: &str) -> (usize, u64) {
        let mut count = 0;
        let mut hasher = DefaultHasher::new();
        page.entries(self.action.response(), items, &mut hasher, &mut || count += 1);
        (count, hasher.finish())
    }

    fn repeats_itself(&mut self) -> Error {
        let place = match &self.position {
            PagePosition::Page(number) => format!("page {number} is the one before it again"),
            _ => "a page leads back to an earlier one".to_owned(),
        };
        self.position = PagePosition::End;
        let error = Error::new(ErrorKind::Response, format!("the listing does not end: {place}"));
        call::about(&self.action, error).in_region(&self.runtime.region)
    }
}

/// Whether asking again can help. What was not even tried fails again without a pause.
fn may_pass(error: &Error) -> bool {
    use ErrorClass::{Busy, Internal, Throttled, Unavailable};
    error.attempts() > 0 && matches!(error.class(), Busy | Internal | Throttled | Unavailable)
}

/// Where a request begins of its own accord.
fn beginning(action: &Called, input: &dyn Record, options: &Options) -> PagePosition {
    let given = |name| given(action, input, options, name);
    match action.pagination() {
        Some(Pagination::Number { page, .. }) => {
            PagePosition::Page(given(page).and_then(|number| number.parse().ok()).unwrap_or(1))
        }
        Some(Pagination::Token { token, .. }) => {
            given(token).map_or(PagePosition::Start, PagePosition::Token)
        }
        None => PagePosition::Start,
    }
}

fn counted_before(
    action: &Called,
    input: &dyn Record,
    options: &Options,
    position: &PagePosition,
) -> Option<i64> {
    let (PagePosition::Page(number), Some(Pagination::Number { size, .. })) = (position, action.pagination())
    else {
        return None;
    };
    match number {
        1 => Some(0),
        _ => given(action, input, options, size)?.parse::<i64>().ok()?.checked_mul(number - 1),
    }
}

/// What a request says under a name. Of a described action the table is what counts here: an extra parameter
/// in the place of its page stays where it is.
fn given(action: &Called, input: &dyn Record, options: &Options, name: &str) -> Option<String> {
    let extra = if action.is_raw() { &*options.extra } else { &[] };
    call::given(action, input, extra, name).filter(|value| !value.is_empty())
}

fn hash_of(token: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.hash(&mut hasher);
    hasher.finish()
}
