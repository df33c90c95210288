//! Bodies of answers: the first line names an action, the rest is the body.

use std::collections::BTreeMap;

use cloudnet::record::{Record, Value};
use cloudnet::schema::Action;
use cloudnet::{Credentials, Error, ErrorKind, aws_global_accelerator, dynamic, ga, privatelink, vpc};
use serde_json::{Map, Value as Json, json};

use super::{action, answer, answered_with, first_line, wait_for};

/// Any bytes are an output or an error of the right kind, typed and by name alike; a member that no table knows, or
/// that does not fit, costs itself alone.
///
/// # Panics
///
/// If they are not.
pub fn decode(input: &[u8]) {
    let (name, body) = first_line(input);
    let action = action(&name);
    let members = serde_json::from_slice::<Map<String, Json>>(unmarked(body)).ok();
    match by_name(action, body) {
        Ok(output) => {
            let printed = format!("{:?}", Value::Record(&*output));
            assert!(!printed.is_empty());
            assert_same_beside_unknown_members(action, body, &printed);
            assert_same_typed(action, body, Some(&printed));
            if let Some(members) = members {
                assert_members_are_apart(action, &members);
                assert_last_counts(action, &members);
            }
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Response, "{error:?}");
            assert_eq!(error.action(), Some(action.name), "{error:?}");
            let envelope = format!("{}Response", action.name);
            let is_readable = members.is_some_and(|members| !members.contains_key(&envelope));
            assert!(!is_readable, "an object is not read: {error}");
            assert_same_typed(action, body, None);
        }
    }
}

/// Without a byte order mark.
fn unmarked(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

fn by_name(action: &Action, body: &[u8]) -> Result<Box<dyn Record>, Error> {
    dynamic::decode(action.service.name, action.name, body)
}

fn assert_same_beside_unknown_members(action: &Action, body: &[u8], printed: &str) {
    let object = unmarked(body).trim_ascii();
    let inner = object.strip_prefix(b"{").unwrap_or_default();
    let is_empty = inner.trim_ascii_start().starts_with(b"}");
    let comma = if is_empty { &b""[..] } else { b"," };
    for unknown in [object, b"1e300", b"[[null], {\"RequestId\": 1}]"] {
        let extended = [b"{\"no table has this\":", unknown, comma, inner].concat();
        let output = by_name(action, &extended).unwrap_or_else(|error| panic!("an unknown member: {error}"));
        assert_eq!(format!("{:?}", Value::Record(&*output)), printed, "an unknown member has an effect");
    }
}

/// Each member gives the same alone and beside the others.
fn assert_members_are_apart(action: &Action, members: &Map<String, Json>) {
    let read = |json: &Json| {
        let output = by_name(action, json.to_string().as_bytes());
        fields(&*output.unwrap_or_else(|error| panic!("{json}: {error}")))
    };
    let mut alone = BTreeMap::new();
    for (name, value) in members {
        // What is in an envelope is read as if it stood beside it.
        let fits = name.strip_suffix("Response") != Some(action.name);
        for (field, value) in read(&json!({ name: value })) {
            let was_there = alone.insert(field, value).is_some();
            if was_there || !fits {
                return; // Two spellings of one field: the last one counts.
            }
        }
    }
    let together = read(&Json::Object(members.clone()));
    // A second spelling of a field empties it, although it holds nothing itself.
    let is_spelt_twice = spellings(action, members);
    if !is_spelt_twice {
        assert_eq!(together, alone, "members of {} have an effect on each other", action.name);
    }
}

fn spellings(action: &Action, members: &Map<String, Json>) -> bool {
    let is_member = |name: &&str| members.contains_key(*name);
    let names = |field: &cloudnet::schema::Field| field.aliases.iter().copied().chain([field.name]).collect();
    let mut all = action.response.fields.iter().map(|field| -> Vec<&str> { names(field) });
    all.any(|names| names.iter().filter(|name| is_member(name)).count() > 1)
}

/// Of members that come again, at any depth, only the last one counts.
fn assert_last_counts(action: &Action, members: &Map<String, Json>) {
    let envelope = format!("{}Response", action.name);
    let again = members.iter().map(|(name, value)| {
        if *name == envelope { format!("{}:{value}", json!(name)) } else { again(name, value) }
    });
    let again = format!("{{{}}}", again.collect::<Vec<_>>().join(","));
    let [first, second] = [Json::Object(members.clone()).to_string(), again].map(|body| {
        let output = by_name(action, body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
        format!("{:?}", Value::Record(&*output))
    });
    assert_eq!(first, second, "a member of {} that came before has an effect", action.name);
}

/// A member after another value of its, and after itself.
fn again(name: &str, value: &Json) -> String {
    let name = json!(name);
    format!("{name}:\"7\",{name}:{value},{name}:{}", all_again(value))
}

fn all_again(value: &Json) -> String {
    match value {
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| again(name, value));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Json::Array(entries) => format!("[{}]", entries.iter().map(all_again).collect::<Vec<_>>().join(",")),
        _ => value.to_string(),
    }
}

/// What an output has, as it is printed.
fn fields(record: &dyn Record) -> BTreeMap<&'static str, String> {
    let names = record.names().1;
    let mut found = BTreeMap::new();
    record.fields(&mut |fields| {
        let present = names.iter().zip(fields).filter(|(_, field)| !field.value().is_absent());
        found = present.map(|(name, field)| (*name, format!("{:?}", field.value()))).collect();
    });
    found
}

/// Some actions through their own types, by the whole way of a call. `None` where the body cannot be read.
fn assert_same_typed(action: &Action, body: &[u8], printed: Option<&str>) {
    macro_rules! sent {
        ($($name:literal => $service:ident . $method:ident,)+) => {
            match action.name {
                $($name => {
                    let credentials = Credentials::new("id", "secret");
                    let client = answered_with($service::Client::builder(), credentials, answer(200, body));
                    wait_for(client.$method().send()).map(|output| format!("{output:?}"))
                })+
                _ => return,
            }
        };
    }
    let output = sent! {
        "CreateVpc" => vpc.create_vpc,
        "DescribeVpcs" => vpc.describe_vpcs,
        "DescribeVpnConnections" => vpc.describe_vpn_connections,
        "CreateEndpointGroup" => ga.create_endpoint_group,
        "CreateVpcEndpointService" => privatelink.create_vpc_endpoint_service,
        "CreateCustomRoutingEndpointGroup" => aws_global_accelerator.create_custom_routing_endpoint_group,
    };
    match (output, printed) {
        (Ok(output), printed) => assert_eq!(Some(output.as_str()), printed, "{}", action.name),
        // A success may say that it failed.
        (Err(error), Some(_)) => assert_eq!(error.kind(), ErrorKind::Service, "{error}"),
        (Err(error), None) => {
            assert!(matches!(error.kind(), ErrorKind::Response | ErrorKind::Truncated), "{error}");
        }
    }
}
