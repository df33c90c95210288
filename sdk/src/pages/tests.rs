//! Listings by tokens; those by numbers are proved from outside, with actions of the services.

use super::*;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::RetryPolicy;
use crate::client::Request;
use crate::credentials::Credentials;
use crate::error::ErrorKind;
use crate::test_service::{ListThings, Things};
use crate::transport::{Limits, Sending, Transport};

/// Answers the page that each token names.
#[derive(Debug)]
struct Book {
    page: fn(&str) -> String,
    asked: Mutex<Vec<String>>,
}

impl Transport for Book {
    fn send<'a>(&'a self, request: http::Request<Bytes>, _: Limits) -> Sending<'a> {
        let query = request.uri().query().unwrap_or_default();
        let token = query.split('&').find_map(|pair| pair.strip_prefix("NextToken=")).unwrap_or_default();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(token.to_owned());
        let response = http::Response::new(Bytes::from((self.page)(token)));
        Box::pin(std::future::ready(Ok(response)))
    }
}

fn list(page: fn(&str) -> String) -> Result<(Arc<Book>, Request<ListThings>), Error> {
    let book = Arc::new(Book { page, asked: Mutex::default() });
    let client = Things::builder()
        .region("cn-beijing")
        .credentials(Credentials::new("id", "secret"))
        .retry(RetryPolicy::none())
        .transport(Arc::clone(&book) as _)
        .build()?;
    Ok((book, client.request(ListThings::default())))
}

fn page(things: &[&str], next: &str) -> String {
    serde_json::json!({ "Things": { "Thing": things }, "NextToken": next }).to_string()
}

#[tokio::test]
async fn tokens_lead_from_page_to_page() -> Result<(), Error> {
    let (book, request) = list(|token| match token {
        "" => page(&["a"], "2"),
        "2" => page(&[], "3"),
        "3" => page(&["b", "c"], "4"),
        _ => page(&["d"], ""),
    })?;
    assert_eq!(request.clone().items().collect().await?, ["a", "b", "c", "d"]);
    let mut pages = request.clone().pages();
    assert_eq!(pages.position(), &PagePosition::Start);
    pages.next().await.transpose()?;
    pages.next().await.transpose()?;
    assert_eq!(pages.position(), &PagePosition::Token("3".to_owned()));
    let rest = request.items_from(pages.position().clone()).collect().await?;
    assert_eq!(rest, ["b", "c", "d"]);
    let asked = book.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(asked, ["", "2", "3", "4", "", "2", "3", "4"]);
    Ok(())
}

#[tokio::test]
async fn a_repeated_token_ends_the_listing() -> Result<(), Error> {
    let (book, request) = list(|token| match token {
        "" => page(&["a"], "2"),
        "2" => page(&["b"], "3"),
        _ => page(&["c"], "2"),
    })?;
    let mut items = request.items();
    let mut seen = Vec::new();
    let error = loop {
        match items.next().await {
            Some(Ok(item)) => seen.push(item),
            Some(Err(error)) => break error,
            None => panic!("ended without an error"),
        }
    };
    assert_eq!((seen.len(), error.kind()), (3, ErrorKind::Response));
    assert!(items.next().await.is_none());
    assert_eq!(book.asked.lock().unwrap_or_else(PoisonError::into_inner).len(), 3);
    Ok(())
}

#[tokio::test]
async fn twenty_thousand_pages_end() -> Result<(), Error> {
    let (_, request) = list(|token| {
        let number: u32 = token.parse().unwrap_or(0);
        let next = number + 1;
        page(&[&number.to_string()], &if next < 20_000 { next.to_string() } else { String::new() })
    })?;
    assert_eq!(request.items().collect().await?.len(), 20_000);
    Ok(())
}

#[tokio::test]
async fn an_equal_page_under_a_new_token_is_chance_once() -> Result<(), Error> {
    let (book, request) = list(|token| {
        let number: u32 = token.parse().unwrap_or(1);
        page(&["a"], &(number + 1).to_string())
    })?;
    assert_eq!(request.items().collect().await.err().map(|error| error.kind()), Some(ErrorKind::Response));
    assert_eq!(book.asked.lock().unwrap_or_else(PoisonError::into_inner).len(), 3);
    Ok(())
}
