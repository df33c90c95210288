//! Actions that no table describes, against a server that checks signatures, counts effects and knows no more
//! actions than the specs do.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudnet::schema::Pagination;
use cloudnet::{Credentials, Error, ErrorClass, ErrorKind, PagePosition, RawRequest, RetryPolicy, Signature};
use cloudnet::{aws_global_accelerator as aws, blocking, dynamic, vpc};
use cloudnet_tests::failed;
use cloudnet_tests::scripted::{Scripted, Turn};
use cloudnet_tests::server::{Answer, Fault, Server};
use serde_json::{Value, json};

fn client(server: &Server) -> vpc::Client {
    server.aim(vpc::Client::builder()).build().unwrap()
}

fn scripted(service: &Arc<Scripted>) -> vpc::Client {
    let builder = vpc::Client::builder().region("cn-hangzhou").credentials(Credentials::new("id", "secret"));
    builder.retry(RetryPolicy::none()).transport(Arc::clone(service) as _).build().unwrap()
}

fn tag(client: &vpc::Client) -> RawRequest {
    client
        .raw("TagResources")
        .param("ResourceType", "VPC")
        .param("ResourceId", ["vpc-1", "vpc-2"])
        .param("Tag", json!([{ "Key": "stage", "Value": "a/b" }, { "Key": "owner", "Value": "" }]))
}

/// What the vendor's clients send of the same call, each with its own signature.
const TAGS: &str = "RegionId=cn-hangzhou&ResourceId.1=vpc-1&ResourceId.2=vpc-2&ResourceType=VPC\
    &Tag.1.Key=stage&Tag.1.Value=a%2Fb&Tag.2.Key=owner&Tag.2.Value=";

#[tokio::test]
async fn the_wire_is_that_of_the_vendors_clients() -> Result<(), Error> {
    for signature in [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1] {
        let server = Server::start();
        let client = server.aim(vpc::Client::builder()).signature(signature).build()?;
        let error = failed(tag(&client).send().await);
        // The signature was looked at first, and is right.
        assert_eq!((error.code(), error.class()), (Some("InvalidAction.NotFound"), ErrorClass::NotFound));
        assert_eq!((error.action(), error.section(), error.is_gone()), (Some("TagResources"), None, false));
        assert!(error.to_string().starts_with("TagResources failed: InvalidAction.NotFound"), "{error}");
        let message = server.last().message;
        let of_protocol = ["AccessKeyId", "Action", "Format", "Signature", "Timestamp", "Version"];
        let own = |pair: &&str| !of_protocol.iter().any(|name| pair.starts_with(name));
        let own: Vec<&str> = message.query().split('&').filter(own).collect();
        assert_eq!(own.join("&"), TAGS, "{signature:?}");
    }
    Ok(())
}

#[tokio::test]
async fn flat_names_and_json_texts_are_sent_as_they_are_told() {
    let server = Server::start();
    let client = client(&server);
    let flat = client
        .raw("TagResources")
        .params([("ResourceType", "VPC"), ("ResourceId.1", "vpc-1"), ("ResourceId.2", "vpc-2")])
        .params([
            ("Tag.1.Key", "stage"),
            ("Tag.1.Value", "a/b"),
            ("Tag.2.Key", "owner"),
            ("Tag.2.Value", ""),
        ]);
    failed(flat.send().await);
    assert_eq!(server.last().message.query(), TAGS);
    let kinds = client
        .raw("Try")
        .json_param("IkeConfig", json!({ "Psk": "a", "Lifetime": 1 }))
        .param("Zero", 0)
        .param("Yes", true)
        .param("None", Value::Null)
        .param("Last", "first")
        .param("Last", "last")
        .param("RegionId", Value::Null);
    failed(kinds.send().await);
    assert_eq!(
        server.last().message.query(),
        "IkeConfig=%7B%22Lifetime%22%3A1%2C%22Psk%22%3A%22a%22%7D&Last=last&Yes=true&Zero=0"
    );
}

fn create(client: &vpc::Client) -> RawRequest {
    client.raw("CreateVpc").param("VpcName", "raw").param("CidrBlock", "10.0.0.0/8")
}

#[tokio::test]
async fn with_a_token_it_creates_once() -> Result<(), Error> {
    let server = Server::remembering();
    let client = client(&server);
    server.fault(1, Fault::answer(503, "").applied());
    let answer = create(&client).idempotent_by("ClientToken").send_raw().await?;
    assert_eq!((answer.attempts(), server.requests(), server.applied("CreateVpc")), (2, 2, 1));
    let tokens: BTreeSet<String> =
        server.arrivals().iter().map(|arrival| arrival.parameters["ClientToken"].clone()).collect();
    assert_eq!(tokens.iter().map(String::as_str).collect::<Vec<_>>(), [answer.token().unwrap_or_default()]);
    assert_eq!(answer.to_json()?["VpcId"].as_str(), answer.decode::<vpc::CreateVpc>()?.vpc_id.as_deref());
    // The next call has another token, and makes another one.
    create(&client).idempotent_by("ClientToken").send().await?;
    assert_eq!(server.applied("CreateVpc"), 2);
    Ok(())
}

#[tokio::test]
async fn the_token_of_an_error_takes_the_call_up() -> Result<(), Error> {
    let server = Server::remembering();
    let client = client(&server);
    server.fault_always(Some(Fault::answer(503, "").applied()));
    let lost = failed(create(&client).idempotent_by("ClientToken").send().await);
    assert!(lost.may_have_been_applied() && lost.attempts() > 1, "{lost}");
    let token = lost.token().unwrap_or_default();
    assert!(lost.to_string().ends_with(&format!("ask again with token {token}")), "{lost}");
    server.fault_always(None);
    create(&client).idempotent_by("ClientToken").with_token(token).send().await?;
    create(&client).idempotent_by("ClientToken").param("ClientToken", token).send().await?;
    assert_eq!(server.applied("CreateVpc"), 1);
    let homeless = failed(create(&client).with_token(token).send().await);
    assert_eq!(homeless.kind(), ErrorKind::Configuration);
    assert!(homeless.message().contains("idempotent_by"), "{homeless}");
    Ok(())
}

#[tokio::test]
async fn without_a_word_it_is_a_write_that_is_sent_once() -> Result<(), Error> {
    let server = Server::remembering();
    let client = client(&server);
    server.fault(1, Fault::answer(503, "").applied());
    let lost = failed(create(&client).send().await);
    assert!(lost.may_have_been_applied() && lost.token().is_none(), "{lost}");
    assert_eq!((server.requests(), server.applied("CreateVpc")), (1, 1));
    // An empty token protects nothing, and a parameter that only looks like one is none.
    for request in [
        create(&client).param("ClientToken", "").idempotent_by("ClientToken"),
        create(&client).param("ClientToken", "mine"),
        create(&client).read().write(),
    ] {
        server.forget();
        server.fault(1, Fault::answer(503, ""));
        failed(request.send().await);
        assert_eq!(server.requests(), 1);
    }
    // What was not applied is sent again all the same.
    server.forget();
    server.fault(1, Fault::code(400, "Throttling.User"));
    server.fault(2, Fault::code(400, "IncorrectStatus"));
    create(&client).send().await?;
    assert_eq!((server.requests(), server.applied("CreateVpc")), (3, 1));
    Ok(())
}

#[tokio::test]
async fn what_only_reads_is_sent_again() -> Result<(), Error> {
    let server = Server::remembering();
    let client = client(&server);
    server.fault(1, Fault::answer(503, ""));
    let found = client.raw("DescribeVpcs").read().send().await?;
    assert_eq!((&found["TotalCount"], server.requests()), (&json!(0), 2));
    server.fault_always(Some(Fault::answer(503, "")));
    assert!(!failed(client.raw("DescribeVpcs").read().send().await).may_have_been_applied());
    Ok(())
}

#[tokio::test]
async fn aws_parameters_stay_json() -> Result<(), Error> {
    let server = Server::start();
    let client = server.aim(aws::Client::builder()).build()?;
    server.fault(1, Fault::answer(503, "").applied());
    let range = json!([{ "FromPort": 80, "ToPort": 90, "Protocols": ["TCP"] }]);
    let answer = client
        .raw("CreateCustomRoutingEndpointGroup")
        .param("ListenerArn", "arn")
        .param("EndpointGroupRegion", "us-east-1")
        .param("DestinationConfigurations", range.clone())
        .param("Nothing", Value::Null)
        .idempotent_by("IdempotencyToken")
        .send_raw()
        .await?;
    assert_eq!((server.requests(), server.applied("CreateCustomRoutingEndpointGroup")), (2, 1));
    let sent: Value = serde_json::from_slice(&server.last().message.body).unwrap();
    assert_eq!(
        sent,
        json!({
            "ListenerArn": "arn", "EndpointGroupRegion": "us-east-1", "DestinationConfigurations": range,
            "IdempotencyToken": answer.token(),
        })
    );
    let unknown = failed(client.raw("AdvertiseByoipCidr").param("Cidr", "203.0.113.0/24").send().await);
    assert_eq!(unknown.code(), Some("UnknownOperationException"));
    // An action without an output answers nothing.
    let silent = Scripted::new(|_, _| Turn::answer(200, "").header("content-length", "0"));
    let client = server.aim(aws::Client::builder()).transport(silent).build()?;
    assert_eq!(client.raw("AdvertiseByoipCidr").send().await?, json!({}));
    Ok(())
}

#[tokio::test]
async fn pages_by_number_end() -> Result<(), Error> {
    let server = Server::remembering();
    let client = client(&server);
    for _ in 0..5 {
        create(&client).send().await?;
    }
    let list = || client.raw("DescribeVpcs").param("PageSize", 2);
    let vpcs = list().items(Pagination::by_number("Vpcs.Vpc")).collect().await?;
    let ids: BTreeSet<&str> = vpcs.iter().filter_map(|vpc| vpc["VpcId"].as_str()).collect();
    assert_eq!((vpcs.len(), ids.len()), (5, 5));
    let mut pages = list().pages(Pagination::by_number("Vpcs.Vpc[]"));
    let first = pages.next().await.transpose()?.unwrap_or_default();
    assert_eq!((&first["PageNumber"], pages.position()), (&json!(1), &PagePosition::Page(2)));
    let by_number = Pagination::by_number("Vpcs.Vpc");
    let rest = list().items_from(by_number, pages.position().clone()).collect().await?;
    assert_eq!(rest.len(), 3);
    // A parameter names the first page as well.
    assert_eq!(list().param("PageNumber", 3).items(by_number).collect().await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn pages_by_token_end_and_go_round_once() {
    let service = Scripted::new(|turn, _| {
        let body = match turn {
            1 => json!({ "NextToken": "a", "TagResources": { "TagResource": [{ "TagKey": "1" }] } }),
            2 => json!({ "NextToken": "b", "TagResources": { "TagResource": [] } }),
            3 => json!({ "NextToken": "", "TagResources": { "TagResource": [{ "TagKey": "2" }] } }),
            _ => json!({ "NextToken": "a", "TagResources": { "TagResource": [{ "TagKey": turn }] } }),
        };
        Turn::answer(200, body.to_string())
    });
    let client = scripted(&service);
    let list = || {
        let pagination =
            Pagination::token("NextToken", "MaxResults", "NextToken", "TagResources.TagResource");
        client.raw("ListTagResources").param("ResourceType", "VPC").items(pagination)
    };
    let keys: Vec<Value> =
        list().collect().await.unwrap().into_iter().map(|tag| tag["TagKey"].clone()).collect();
    assert_eq!(keys, ["1", "2"]);
    let asked: Vec<_> = service
        .seen()
        .iter()
        .map(|seen| seen.parameter("NextToken").map(|token| token.into_owned()))
        .collect();
    assert_eq!(asked, [None, Some("a".to_owned()), Some("b".to_owned())]);
    let mut listing = list();
    assert!(listing.next().await.unwrap().is_ok() && listing.next().await.unwrap().is_ok());
    let round = listing.next().await.unwrap().unwrap_err();
    assert_eq!((round.kind(), round.action()), (ErrorKind::Response, Some("ListTagResources")));
    assert!(round.to_string().contains("does not end") && listing.next().await.is_none(), "{round}");
    assert!(format!("{listing:?}").contains("ListTagResources"));
}

#[tokio::test]
async fn names_that_would_make_another_call_are_refused() {
    let server = Server::start();
    let client = client(&server);
    let raw = || client.raw("TagResources");
    let protocol = "is set by the protocol itself";
    let action = ("the name of the action", "must be of letters, digits and `_`, and not empty");
    let parameter = ("the name of a parameter", "must not be empty");
    for (request, (path, rule)) in [
        (raw().param("Action", "DeleteVpc"), ("Action", protocol)),
        (raw().param("action", ["DeleteVpc"]), ("action", protocol)),
        (raw().param("Version", "1"), ("Version", protocol)),
        (raw().secret_param("Signature", "x"), ("Signature", protocol)),
        (raw().param("AccessKeyId", Value::Null), ("AccessKeyId", protocol)),
        (raw().param("X-Acs-Action", "x"), ("X-Acs-Action", protocol)),
        (raw().idempotent_by("SignatureNonce"), ("SignatureNonce", protocol)),
        (raw().param("", "x"), parameter),
        (raw().idempotent_by(""), parameter),
        (raw().param("Id", ["a"]).param("Id.1", "b"), ("Id.1", "is given twice")),
        (client.raw(""), action),
        (client.raw("Tag Resources"), action),
        (client.raw("TagResources\r\nx-acs-action: DeleteVpc"), action),
        (client.raw("TagResources&Action=DeleteVpc"), action),
    ] {
        let error = failed(request.send().await);
        let found: Vec<_> = error.violations().iter().map(|one| (&*one.path, &*one.rule)).collect();
        assert_eq!((error.kind(), found), (ErrorKind::Validation, vec![(path, rule)]), "{error}");
        assert!(!error.to_string().contains("section"), "{error}");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn secrets_are_those_that_are_said_to_be() {
    const BODY: &str =
        r#"{"Code":"Odd.Thing","Message":"canary-of-psk and name-of-it and deep canary-inside"}"#;
    let service = Scripted::new(|_, _| Turn::answer(400, BODY));
    let client = scripted(&service);
    let request = client
        .raw("Try")
        .param("Name", "name-of-it")
        .secret_param("Psk", "canary-of-psk")
        .secret_param("Config", json!({ "Deep": ["canary-inside"] }));
    let shown = format!("{request:?}");
    assert!(shown.contains("name-of-it") && shown.contains("Psk: ***"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
    let error = failed(request.send().await);
    assert_eq!(error.message(), "*** and name-of-it and deep ***");
    assert_eq!((error.code(), error.class()), (Some("Odd.Thing"), ErrorClass::Unknown));
    assert!(!format!("{error:?}").contains("canary"));
}

#[tokio::test]
async fn answers_are_judged_and_read_as_others() -> Result<(), Error> {
    let ask = async |body: &'static str| {
        let service = Scripted::new(move |_, _| Turn::answer(200, body));
        scripted(&service).raw("Try").send().await
    };
    assert_eq!(ask("\u{feff}{\"A\":[1,null]}").await?, json!({ "A": [1, null] }));
    assert_eq!(ask(r#"{"TryResponse":{"A":1}}"#).await?, json!({ "A": 1 }));
    assert_eq!(ask(r#"{"TryResponse":{"A":1},"B":2}"#).await?["B"], 2);
    let refused = failed(ask(r#"{"Success":false,"Code":"QuotaExceeded.Thing","Message":"no"}"#).await);
    assert_eq!((refused.class(), refused.action()), (ErrorClass::Quota, Some("Try")));
    assert_eq!(failed(ask(r#"{"A":"#).await).kind(), ErrorKind::Truncated);
    for odd in ["<html>canary</html>", "[\"canary\"]", "\"canary\"", "{\"A\":canary}"] {
        let error = failed(ask(odd).await);
        assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Response, true), "{odd}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn hooks_see_it() {
    let server = Server::remembering();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let builder = server.aim(vpc::Client::builder()).on_attempt(move |attempt| {
        let about = (attempt.service.name, attempt.action.to_owned(), attempt.table.is_some());
        log.lock().unwrap().push((about, attempt.number, attempt.status));
    });
    let client = builder.build().unwrap();
    server.fault(1, Fault::code(400, "Throttling"));
    create(&client).send().await.unwrap();
    client.describe_vpcs().send().await.unwrap();
    let raw = || ("vpc", "CreateVpc".to_owned(), false);
    let typed = ("vpc", "DescribeVpcs".to_owned(), true);
    assert_eq!(*seen.lock().unwrap(), [(raw(), 1, Some(400)), (raw(), 2, Some(200)), (typed, 1, Some(200))]);
}

#[tokio::test(start_paused = true)]
async fn deadlines_and_policies_are_those_of_the_call() {
    let service = Scripted::new(|_, _| Turn::Hang);
    let client = scripted(&service);
    let late = client.raw("Try").with_deadline(Duration::from_secs(2)).send().await.unwrap_err();
    assert_eq!((late.kind(), late.may_have_been_applied()), (ErrorKind::Timeout, true));
    let service = Scripted::new(|_, _| Turn::answer(400, r#"{"Code":"Throttling"}"#));
    let policy = RetryPolicy::default().with_max_attempts(2);
    let call = scripted(&service).raw("Try").with_retry(policy).with_deadline(Duration::from_secs(5)).send();
    assert!(call.await.unwrap_err().attempts() > 1);
}

#[test]
fn every_client_has_it() -> Result<(), Error> {
    let server = Server::remembering();
    let client = blocking::Client::new(client(&server))?;
    assert!(client.run(client.raw("CreateVpc").send())?["VpcId"].is_string());
    let by_name = server.aim(dynamic::builder("vpc")?).build()?;
    let all = client.each(by_name.raw("DescribeVpcs").items(Pagination::by_number("Vpcs.Vpc")));
    assert_eq!(all.count(), 1);
    let unknown = by_name.call("TagResources", &json!({})).unwrap_err();
    assert!(unknown.to_string().contains("`vpc` has no action `TagResources`"), "{unknown}");
    assert!(unknown.to_string().contains("Client::raw"), "{unknown}");
    Ok(())
}

#[tokio::test]
async fn the_answer_of_a_scripted_service_is_whole() -> Result<(), Error> {
    let server = Server::start();
    server.script(|_, _| Some(Answer::ok(&json!({ "TotalCount": 0, "New": { "Inner": [1, 2.5, "x"] } }))));
    let found = client(&server).raw("DescribeVpcs").read().send().await?;
    assert_eq!(found["New"]["Inner"], json!([1, 2.5, "x"]));
    Ok(())
}
