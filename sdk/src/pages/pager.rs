//! The untyped driver: which page comes next, and whether there is one.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::PagePosition;
use crate::call::{self, Options, Runtime};
use crate::error::{Error, ErrorKind};
use crate::path;
use crate::record::{self, Record, Scalar};
use crate::response::RawResponse;
use crate::schema::{Action, Pagination};

/// A listing on its way.
pub(crate) struct Pager {
    runtime: Arc<Runtime>,
    action: &'static Action,
    input: Box<dyn Record>,
    options: Options,
    position: PagePosition,
    /// Entries on the pages before the position; `None` if that cannot be told.
    counted: Option<i64>,
    /// What the last page with entries held.
    last: Option<u64>,
    /// Tokens that were named so far.
    tokens: HashSet<u64>,
    /// Whether no page was handed out yet.
    is_first: bool,
    /// The next page would be one that was there before.
    is_going_round: bool,
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
            tokens,
            is_first: true,
            is_going_round: false,
        }
    }

    pub(crate) fn position(&self) -> &PagePosition {
        &self.position
    }

    /// Fetches the page at the position, which stays where it is.
    pub(crate) async fn fetch(&mut self) -> Option<Result<RawResponse, Error>> {
        if self.position == PagePosition::End {
            return None;
        }
        if self.is_going_round {
            return Some(Err(self.repeats_itself()));
        }
        self.name_the_page();
        Some(call::send(&self.runtime, self.action, &mut *self.input, &self.options).await)
    }

    /// Moves the position behind a page. `false` if the page is only the end.
    pub(crate) fn turn(&mut self, page: &dyn Record) -> Result<bool, Error> {
        let Some(pagination) = &self.action.pagination else {
            self.position = PagePosition::End;
            return Ok(true);
        };
        let (Pagination::Number { items, .. } | Pagination::Token { items, .. }) = pagination;
        let (count, content) = self.content(page, items);
        if count > 0 && self.last == Some(content) {
            return Err(self.repeats_itself());
        }
        if count > 0 {
            self.last = Some(content);
        }
        let is_first = std::mem::replace(&mut self.is_first, false);
        match pagination {
            Pagination::Number { total, .. } => {
                self.count_on(page, total, count);
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

    fn count_on(&mut self, page: &dyn Record, total: &str, count: usize) {
        let total = path::text_at(&self.action.response, page, total);
        let total = total.and_then(|total| total.parse::<i64>().ok()).filter(|total| *total > 0);
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
        call::about(
            self.action,
            Error::new(ErrorKind::Response, format!("the listing does not end: {place}")),
        )
    }
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
