//! Listings through the public client, against a service that counts, shifts and repeats.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cloudnet::{Credentials, Error, ErrorKind, Items, PagePosition, RetryPolicy, blocking, vpc};
use cloudnet_tests::scripted::{Scripted, Turn, parameter};
use http::Request;
use serde_json::{Value, json};

/// The pages that were asked for.
type Asked = Arc<Mutex<Vec<usize>>>;

/// A client whose calls are answered by their turn and the page that they ask for.
fn service(script: impl Fn(usize, usize) -> (u16, Value) + Send + Sync + 'static) -> (Asked, vpc::Client) {
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    let service = Scripted::new(move |turn, request| {
        let page = page_of(request);
        log.lock().unwrap().push(page);
        let (status, body) = script(turn, page);
        Turn::answer(status, body.to_string())
    });
    (asked, client(service))
}

fn client(service: Arc<Scripted>) -> vpc::Client {
    vpc::Client::builder()
        .region("cn-hangzhou")
        .credentials(Credentials::new("id", "secret"))
        .retry(RetryPolicy::none())
        .transport(service)
        .build()
        .unwrap()
}

fn page_of(request: &Request<Bytes>) -> usize {
    let query = request.uri().query().unwrap_or_default();
    let texts = [query.as_bytes(), request.body()];
    let mut pairs = texts.iter().flat_map(|text| form_urlencoded::parse(text));
    pairs.find(|(name, _)| name == "PageNumber").map_or(0, |(_, page)| page.parse().unwrap())
}

/// The VPCs from one number to before another, of so many.
fn page(vpcs: std::ops::Range<usize>, total: usize) -> (u16, Value) {
    let vpcs: Vec<Value> = vpcs.map(|number| json!({ "VpcId": format!("vpc-{number}") })).collect();
    (200, json!({ "TotalCount": total, "Vpcs": { "Vpc": vpcs } }))
}

fn numbers(found: Vec<vpc::describe_vpcs::Vpc>) -> Vec<usize> {
    let ids = found.into_iter().map(|one| one.vpc_id.unwrap());
    ids.map(|id| id.strip_prefix("vpc-").unwrap().parse().unwrap()).collect()
}

async fn all(client: &vpc::Client) -> Result<Vec<usize>, Error> {
    Ok(numbers(client.describe_vpcs().items().collect().await?))
}

fn asked(service: &Asked) -> Vec<usize> {
    service.lock().unwrap().clone()
}

#[tokio::test]
async fn a_listing_ends_at_its_total() {
    let (service, client) = service(|_, number| page((number - 1) * 10..(number * 10).min(25), 25));
    assert_eq!(all(&client).await.unwrap(), (0..25).collect::<Vec<_>>());
    assert_eq!(asked(&service), [1, 2, 3]);
}

#[tokio::test]
async fn a_short_page_does_not_end_it_and_an_empty_one_does() {
    // The total counts entries that the caller may not see.
    let (service, client) = service(|_, number| match number {
        1 => page(0..10, 40),
        2 => page(10..13, 40),
        3 => page(13..23, 40),
        _ => page(0..0, 40),
    });
    assert_eq!(all(&client).await.unwrap(), (0..23).collect::<Vec<_>>());
    assert_eq!(asked(&service), [1, 2, 3, 4]);
}

#[tokio::test]
async fn r32_entries_that_shift_do_not_confuse_it() {
    // Between the pages an entry is added in front: one comes twice.
    let (_, client) = service(|_, number| match number {
        1 => page(0..10, 15),
        _ => page(9..15, 16),
    });
    let found = all(&client).await.unwrap();
    assert_eq!(found, (0..10).chain(9..15).collect::<Vec<_>>());
    // And the total shrinks to nothing before the second page.
    let (service, client) = service(|_, number| if number == 1 { page(0..10, 15) } else { page(0..0, 0) });
    assert_eq!(all(&client).await.unwrap().len(), 10);
    assert_eq!(asked(&service), [1, 2]);
}

#[tokio::test]
async fn nothing_found_is_one_empty_page() {
    let (service, client) = service(|_, _| page(0..0, 0));
    let mut pages = client.describe_vpcs().pages();
    assert_eq!(pages.next().await.unwrap().unwrap().vpcs, []);
    assert!(pages.next().await.is_none() && pages.next().await.is_none());
    assert_eq!(asked(&service), [1]);
}

#[tokio::test]
async fn r32_a_service_that_ignores_the_number_is_found_out() {
    let (service, client) = service(|_, _| page(0..10, 1_000));
    let mut pages = client.describe_vpcs().pages();
    assert_eq!(pages.next().await.unwrap().unwrap().vpcs.len(), 10);
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.action()), (ErrorKind::Response, Some("DescribeVpcs")));
    assert!(pages.next().await.is_none());
    assert_eq!(asked(&service), [1, 2]);
}

#[tokio::test]
async fn r32_a_hundred_thousand_pages_lose_and_repeat_nothing() {
    const PAGES: usize = 100_000;
    let (service, client) = service(|_, number| page(number - 1..number, PAGES));
    let mut items = client.describe_vpcs().items();
    for number in 0..PAGES {
        let vpc = items.next().await.unwrap().unwrap();
        assert_eq!(vpc.vpc_id, Some(format!("vpc-{number}")));
    }
    assert!(items.next().await.is_none());
    assert_eq!(asked(&service).len(), PAGES);
}

#[tokio::test]
async fn r32_an_error_that_passes_does_not_lose_the_place() {
    let (service, client) = service(|turn, number| match turn {
        2 => (503, json!({ "Code": "ServiceUnavailable" })),
        3 => (500, json!("not an object")),
        4 => (400, json!({ "Code": "Throttling" })),
        _ => page((number - 1) * 10..number * 10, 30),
    });
    let mut items = client.describe_vpcs().items();
    let (mut found, mut failed) = (Vec::new(), 0);
    while let Some(one) = items.next().await {
        match one {
            Ok(one) => found.push(one),
            Err(_) => failed += 1,
        }
    }
    assert_eq!((numbers(found), failed), ((0..30).collect(), 3));
    assert_eq!(asked(&service), [1, 2, 2, 2, 2, 3]);
}

/// Consumes a listing like `filter_map(Result::ok)`: errors are passed over.
async fn through(mut items: Items<vpc::describe_vpcs::DescribeVpcs>) -> (usize, Vec<Error>, PagePosition) {
    let (mut found, mut errors) = (0, Vec::new());
    while let Some(one) = items.next().await {
        match one {
            Ok(_) => found += 1,
            Err(error) => errors.push(error),
        }
        assert!(errors.len() < 9, "it does not end");
    }
    assert!(items.next().await.is_none(), "what has ended stays so");
    (found, errors, items.position().clone())
}

#[tokio::test]
async fn r32_an_error_that_will_not_pass_ends_the_listing() {
    for (status, body) in [
        (403, json!({ "Code": "Forbidden.RAM" })),
        (404, json!({ "Code": "InvalidRegionId.NotFound" })),
        (400, json!({ "Code": "InvalidParameter" })),
        (400, json!({ "Code": "SignatureDoesNotMatch" })),
        (400, json!({ "Code": "SomethingNew" })),
        (200, json!("not an object")),
        (302, json!({})),
    ] {
        let (service, client) = service(move |turn, number| match turn {
            2 => (status, body.clone()),
            _ => page((number - 1) * 10..number * 10, 30),
        });
        let (found, errors, position) = through(client.describe_vpcs().page_size(10).items()).await;
        assert_eq!((found, errors.len(), &position), (10, 1, &PagePosition::Page(2)), "{errors:?}");
        assert_eq!(asked(&service), [1, 2]);
        let rest = client.describe_vpcs().page_size(10).items_from(position).collect().await.unwrap();
        assert_eq!(numbers(rest), (10..30).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn r32_an_error_without_a_request_ends_the_listing() {
    let (service, client) = service(|_, _| page(0..1, 1));
    let invalid = client.describe_vpcs().page_size(1_000);
    let late = client.describe_vpcs().with_deadline(std::time::Duration::ZERO);
    for (request, kind) in [(invalid, ErrorKind::Validation), (late, ErrorKind::Timeout)] {
        let (found, errors, position) = through(request.items()).await;
        assert_eq!((found, errors.len(), errors[0].kind()), (0, 1, kind));
        assert_eq!(position, PagePosition::Page(1));
    }
    assert_eq!(asked(&service).len(), 0);
    // A walk on a thread that must not be blocked.
    let client = blocking::Client::new(client).unwrap();
    let mut walk = client.each(client.describe_vpcs().items());
    assert_eq!(walk.next().unwrap().unwrap_err().kind(), ErrorKind::Configuration);
    assert!(walk.next().is_none());
}

#[tokio::test]
async fn r32_a_page_of_new_entries_is_no_repetition() {
    // Two are made in front of the listing, each behind the answer to the page before.
    let (service, client) = service(|turn, number| {
        let made = (turn - 1).min(2);
        page(number - 1 + 2 - made..number + 2 - made, 3 + made)
    });
    assert_eq!(all(&client).await.unwrap(), [2, 2, 2, 3, 4]);
    assert_eq!(asked(&service), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn r32_a_repetition_without_a_reason_ends_whatever_the_total_says() {
    let no_total = |vpcs: std::ops::Range<usize>| {
        let (status, mut body) = page(vpcs, 0);
        body.as_object_mut().unwrap().remove("TotalCount");
        (status, body)
    };
    let (service, client) = service(move |_, _| no_total(0..10));
    assert_eq!(all(&client).await.unwrap_err().kind(), ErrorKind::Response);
    assert_eq!(asked(&service), [1, 2, 3]);
    // One more on each page explains no ten.
    let (service, client) = self::service(|turn, _| page(0..10, 100 + turn));
    assert_eq!(all(&client).await.unwrap_err().kind(), ErrorKind::Response);
    assert_eq!(asked(&service), [1, 2, 3]);
    // Once is taken for chance.
    let (service, client) = self::service(move |turn, _| match turn {
        1 | 2 => no_total(0..1),
        3 => no_total(1..2),
        4 | 5 => no_total(2..3),
        _ => no_total(0..0),
    });
    assert_eq!(all(&client).await.unwrap(), [0, 0, 1, 2, 2]);
    assert_eq!(asked(&service).len(), 6);
}

#[tokio::test]
async fn a_total_of_nothing_beside_entries_says_nothing() {
    let (service, client) = service(|_, number| match number {
        1..=3 => page((number - 1) * 10..number * 10, 0),
        _ => page(0..0, 0),
    });
    assert_eq!(all(&client).await.unwrap(), (0..30).collect::<Vec<_>>());
    assert_eq!(asked(&service), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_position_in_the_middle_of_a_page_is_that_page() {
    let (_, client) = service(|_, number| page((number - 1) * 3..number * 3, 9));
    let mut items = client.describe_vpcs().page_size(3).items();
    for _ in 0..4 {
        items.next().await.unwrap().unwrap();
    }
    assert_eq!(items.position(), &PagePosition::Page(2));
    let rest = client.describe_vpcs().page_size(3).items_from(items.position().clone());
    assert_eq!(numbers(rest.collect().await.unwrap()), (3..9).collect::<Vec<_>>());
    for _ in 0..2 {
        items.next().await.unwrap().unwrap();
    }
    assert_eq!(items.position(), &PagePosition::Page(3));
}

#[tokio::test]
async fn r32_a_listing_goes_on_where_another_stopped() {
    let (service, client) = service(|_, number| page((number - 1) * 10..number * 10, 30));
    let mut pages = client.describe_vpcs().page_size(10).pages();
    pages.next().await.unwrap().unwrap();
    let position = pages.position().clone();
    assert_eq!(position, PagePosition::Page(2));
    let rest = client.describe_vpcs().page_size(10).items_from(position).collect().await.unwrap();
    assert_eq!(numbers(rest), (10..30).collect::<Vec<_>>());
    // The request can name the page itself.
    let rest = client.describe_vpcs().page_size(10).page_number(3).items().collect().await.unwrap();
    assert_eq!(numbers(rest), (20..30).collect::<Vec<_>>());
    assert_eq!(asked(&service), [1, 2, 3, 3]);
    let ended = client.describe_vpcs().pages_from(PagePosition::End).next().await;
    assert!(ended.is_none());
}

#[tokio::test]
async fn dropping_a_wait_for_a_page_loses_nothing() {
    use std::future::Future;
    use std::task::{Context, Waker};

    let (service, client) = service(|_, number| page((number - 1) * 10..number * 10, 30));
    let mut items = client.describe_vpcs().items();
    let mut found = Vec::new();
    loop {
        let mut next = Box::pin(items.next());
        // Dropped before its first poll, and after it if it is not ready then.
        drop(next);
        next = Box::pin(items.next());
        match next.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            std::task::Poll::Ready(Some(one)) => found.push(one.unwrap()),
            std::task::Poll::Ready(None) => break,
            std::task::Poll::Pending => {}
        }
    }
    assert_eq!(numbers(found), (0..30).collect::<Vec<_>>());
    assert_eq!(asked(&service), [1, 2, 3]);
}

/// A listing whose pages are named by tokens.
fn book(page: fn(&str) -> String) -> (Arc<Scripted>, cloudnet::Request<vpc::DescribeRouteEntryList>) {
    let service = Scripted::new(move |_, request| Turn::answer(200, page(&token_of(request))));
    let request = client(Arc::clone(&service)).describe_route_entry_list().route_table_id("vtb-1");
    (service, request)
}

fn token_of(request: &Request<Bytes>) -> String {
    parameter(request, "NextToken").unwrap_or_default().into_owned()
}

fn tokens(service: &Scripted) -> Vec<String> {
    service.seen().iter().map(|seen| token_of(&seen.request)).collect()
}

fn leaf(names: &[&str], next: &str) -> String {
    let entries: Vec<Value> = names.iter().map(|name| json!({ "RouteEntryName": name })).collect();
    json!({ "RouteEntrys": { "RouteEntry": entries }, "NextToken": next }).to_string()
}

fn names(found: Vec<vpc::describe_route_entry_list::RouteEntry>) -> Vec<String> {
    found.into_iter().map(|entry| entry.route_entry_name.unwrap()).collect()
}

#[tokio::test]
async fn tokens_lead_from_page_to_page() -> Result<(), Error> {
    let (service, request) = book(|token| match token {
        "" => leaf(&["a"], "2"),
        "2" => leaf(&[], "3"),
        "3" => leaf(&["b", "c"], "4"),
        _ => leaf(&["d"], ""),
    });
    assert_eq!(names(request.clone().items().collect().await?), ["a", "b", "c", "d"]);
    let mut pages = request.clone().pages();
    assert_eq!(pages.position(), &PagePosition::Start);
    pages.next().await.transpose()?;
    pages.next().await.transpose()?;
    assert_eq!(pages.position(), &PagePosition::Token("3".to_owned()));
    let rest = request.items_from(pages.position().clone()).collect().await?;
    assert_eq!(names(rest), ["b", "c", "d"]);
    assert_eq!(tokens(&service), ["", "2", "3", "4", "", "2", "3", "4"]);
    Ok(())
}

#[tokio::test]
async fn a_repeated_token_ends_the_listing() {
    let (service, request) = book(|token| match token {
        "" => leaf(&["a"], "2"),
        "2" => leaf(&["b"], "3"),
        _ => leaf(&["c"], "2"),
    });
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
    assert_eq!(service.calls(), 3);
}

#[tokio::test]
async fn twenty_thousand_tokens_end() -> Result<(), Error> {
    let (_, request) = book(|token| {
        let number: u32 = token.parse().unwrap_or(0);
        let next = number + 1;
        leaf(&[&number.to_string()], &if next < 20_000 { next.to_string() } else { String::new() })
    });
    assert_eq!(request.items().collect().await?.len(), 20_000);
    Ok(())
}

#[tokio::test]
async fn an_equal_page_under_a_new_token_is_chance_once() {
    let (service, request) = book(|token| {
        let number: u32 = token.parse().unwrap_or(1);
        leaf(&["a"], &(number + 1).to_string())
    });
    let ended = request.items().collect().await.err();
    assert_eq!(ended.map(|error| error.kind()), Some(ErrorKind::Response));
    assert_eq!(service.calls(), 3);
}
