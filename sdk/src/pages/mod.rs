//! Results that come in pages, one page or one entry at a time.

mod page;
mod pager;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::error::Error;
use crate::response::RawResponse;
use crate::table::called::Called;
use crate::table::operation::Paged;

pub(crate) use page::Page;
pub(crate) use pager::Pager;

/// Where a listing stands: what the next page is asked for with.
///
/// Keep it to go on later, in another process too, with
/// [`Request::pages_from`](crate::Request::pages_from).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PagePosition {
    /// The beginning, for a listing whose pages have tokens.
    Start,
    /// The page with this number, from 1.
    Page(i64),
    /// The page that an earlier one named.
    Token(String),
    /// Nothing is left.
    End,
}

/// What comes in pages: the listing of every action that has pages, and that of a
/// [raw call](crate::RawListing).
pub trait Listing: 'static {
    /// One page.
    type Page: Send + 'static;
    /// One entry of a page.
    type Item: Send + 'static;
}

impl<O: Paged> Listing for O {
    type Page = O::Output;
    type Item = <O as Paged>::Item;
}

/// How the pages of a listing are read.
pub(crate) struct Reader<L: Listing> {
    /// An answer.
    pub(crate) page: fn(&RawResponse) -> Result<L::Page, Error>,
    /// What the driver sees of a page.
    pub(crate) view: fn(&L::Page) -> Page<'_>,
    /// The entries of a page.
    pub(crate) items: fn(&Called, L::Page) -> Vec<L::Item>,
}

impl<L: Listing> Clone for Reader<L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L: Listing> Copy for Reader<L> {}

impl<O: Paged> Reader<O> {
    pub(crate) fn typed() -> Self {
        Self {
            page: RawResponse::decode::<O>,
            view: |page| Page::Record(page),
            items: |_, page| O::items(page),
        }
    }
}

/// The pages of a listing, fetched when they are asked for.
///
/// A listing by page numbers ends at the total that the service states, or at an empty page;
/// one by tokens when a page names no next one. Short and empty pages on the way do not end it.
/// A service that repeats itself does: a page that equals the one before it, without a total that
/// has grown by as much, or a token that was named before, is an error, and the listing is over.
///
/// An error leaves the position where it is. After one that may pass (of the classes
/// [`Busy`](crate::ErrorClass::Busy), [`Throttled`](crate::ErrorClass::Throttled),
/// [`Unavailable`](crate::ErrorClass::Unavailable) and [`Internal`](crate::ErrorClass::Internal)), asking again
/// fetches the same page. Any other, such as a missing permission, is followed by `None`, so that
/// every loop over a listing ends; [`pages_from`](crate::Request::pages_from) goes on from the position
/// when the reason is gone. Dropping the future of [`next`](Self::next) loses no page.
///
/// Entries that appear or vanish while a listing by numbers runs shift the pages behind them:
/// an entry can then come twice or not at all, which no client can see.
///
/// ```no_run
/// # async fn run(vpc: cloudnet::vpc::Client) -> Result<(), cloudnet::Error> {
/// let mut pages = vpc.describe_vpcs().page_size(50).pages();
/// while let Some(page) = pages.next().await {
///     println!("{} of {:?}", page?.vpcs.len(), pages.position());
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "pages are fetched when they are asked for"]
pub struct Pages<L: Listing> {
    stage: Stage<L>,
    reader: Reader<L>,
    action: Called,
    position: PagePosition,
}

enum Stage<L: Listing> {
    Idle(Box<Pager>),
    Fetching(Fetching<L>),
    /// Only while the stage changes.
    Between,
}

type Fetching<L> = Pin<Box<dyn Future<Output = (Box<Pager>, Fetched<L>)> + Send>>;
type Fetched<L> = Option<Result<<L as Listing>::Page, Error>>;

impl<L: Listing> Pages<L> {
    pub(crate) fn new(pager: Pager, reader: Reader<L>) -> Self {
        let (action, position) = (pager.action().clone(), pager.position().clone());
        Self { position, action, reader, stage: Stage::Idle(Box::new(pager)) }
    }

    /// The next page; `None` when there is none left.
    ///
    /// # Errors
    ///
    /// What sending the request fails with; if that may pass, asking again fetches the same page.
    /// [`ErrorKind::Response`](crate::ErrorKind::Response) if the service repeats itself.
    pub async fn next(&mut self) -> Option<Result<L::Page, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// Where the next page begins.
    #[must_use]
    pub fn position(&self) -> &PagePosition {
        &self.position
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Fetched<L>> {
        loop {
            match std::mem::replace(&mut self.stage, Stage::Between) {
                Stage::Idle(pager) => self.stage = Stage::Fetching(Box::pin(fetch(pager, self.reader))),
                Stage::Fetching(mut fetching) => {
                    let Poll::Ready((pager, page)) = fetching.as_mut().poll(context) else {
                        self.stage = Stage::Fetching(fetching);
                        return Poll::Pending;
                    };
                    self.position = pager.position().clone();
                    self.stage = Stage::Idle(pager);
                    return Poll::Ready(page);
                }
                Stage::Between => return Poll::Ready(None),
            }
        }
    }
}

async fn fetch<L: Listing>(mut pager: Box<Pager>, reader: Reader<L>) -> (Box<Pager>, Fetched<L>) {
    let page = next_page(&mut pager, reader).await.transpose();
    if let Some(Err(error)) = &page {
        pager.note(error);
    }
    (pager, page)
}

async fn next_page<L: Listing>(pager: &mut Pager, reader: Reader<L>) -> Result<Option<L::Page>, Error> {
    let Some(answer) = pager.fetch().await else { return Ok(None) };
    let page = (reader.page)(&answer?)?;
    let is_page = pager.turn((reader.view)(&page))?;
    Ok(is_page.then_some(page))
}

impl<L: Listing> Stream for Pages<L> {
    type Item = Result<L::Page, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

// Nothing is pinned in place: the future in it is boxed.
impl<L: Listing> Unpin for Pages<L> {}

impl<L: Listing> fmt::Debug for Pages<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let action = self.action.name();
        f.debug_struct("Pages").field("action", &action).field("position", &self.position).finish()
    }
}

/// The entries of a listing, page after page.
///
/// ```no_run
/// # async fn run(vpc: cloudnet::vpc::Client) -> Result<(), cloudnet::Error> {
/// let mut vpcs = vpc.describe_vpcs().items();
/// while let Some(one) = vpcs.next().await {
///     println!("{:?}", one?.vpc_id);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "entries are fetched when they are asked for"]
pub struct Items<L: Listing> {
    pages: Pages<L>,
    /// Where the page of `buffer` began.
    position: PagePosition,
    buffer: std::vec::IntoIter<L::Item>,
}

impl<L: Listing> Items<L> {
    pub(crate) fn new(pages: Pages<L>) -> Self {
        Self { position: pages.position().clone(), pages, buffer: Vec::new().into_iter() }
    }

    /// The next entry; `None` when there is none left.
    ///
    /// # Errors
    ///
    /// As [`Pages::next`].
    pub async fn next(&mut self) -> Option<Result<L::Item, Error>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// All entries that are left.
    ///
    /// # Errors
    ///
    /// As [`Pages::next`]; what was read before the error is dropped.
    pub async fn collect(mut self) -> Result<Vec<L::Item>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await {
            all.push(item?);
        }
        Ok(all)
    }

    /// Where the page begins that the next entry is on. Going on from there repeats the entries
    /// of that page that were handed out already.
    #[must_use]
    pub fn position(&self) -> &PagePosition {
        if self.buffer.len() > 0 { &self.position } else { self.pages.position() }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<L::Item, Error>>> {
        loop {
            if let Some(item) = self.buffer.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            let position = self.pages.position().clone();
            match std::task::ready!(self.pages.poll(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(page)) => {
                    self.position = position;
                    self.buffer = (self.pages.reader.items)(&self.pages.action, page).into_iter();
                }
            }
        }
    }
}

impl<L: Listing> Stream for Items<L> {
    type Item = Result<L::Item, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

impl<L: Listing> Unpin for Items<L> {}

impl<L: Listing> fmt::Debug for Items<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).field("left", &self.buffer.len()).finish()
    }
}
