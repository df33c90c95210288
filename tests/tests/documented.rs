//! What the documents show must work: examples encode and decode, and nothing printed is missing.

use std::collections::BTreeSet;
use std::time::UNIX_EPOCH;

use cloudnet::dynamic;
use cloudnet::record::{Record, Value};
use cloudnet::schema::{Action, Field, Kind, Shape};
use cloudnet::{Credentials, ValidationPolicy};
use cloudnet_codegen::facts::Example;
use cloudnet_codegen::model as read_model;
use cloudnet_codegen::model::{self, Model};
use cloudnet_tests::scripted::Scripted;
use cloudnet_tests::{assert_golden, specs, workspace};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value as Json};
use xtask::golden::{self, Golden};

fn model() -> Model {
    match read_model(&specs()) {
        Ok((model, _)) => model,
        Err(findings) => panic!("{findings}"),
    }
}

/// Every action of the specs, with its table in the SDK.
fn actions(model: &Model) -> Vec<(&model::Service, &model::Action, &'static Action)> {
    let of_service = |service| move |action| (service, action);
    let all = model.services.iter().flat_map(|service| service.actions.iter().map(of_service(service)));
    all.map(|(service, action): (&model::Service, &model::Action)| {
        let (service_name, name) = (service.spec.name.as_str(), action.spec.name.as_str());
        let table = dynamic::actions(service_name).find(|table| table.name == name);
        (service, action, table.unwrap_or_else(|| panic!("the SDK lacks {service_name} {name}")))
    })
    .collect()
}

#[test]
fn actions_in_are_actions_out() {
    let model = model();
    let described = actions(&model).len();
    let generated: usize = dynamic::services().map(|service| dynamic::actions(service.name).count()).sum();
    assert_eq!(described, generated);
}

#[test]
fn documented_responses_decode_with_nothing_lost() {
    let model = model();
    let (mut seen, mut problems) = (0, Vec::new());
    for (service, action, table) in actions(&model) {
        let printed = |example: &Example| {
            example.response.clone().or_else(|| example.response_xml.as_deref().map(json_of))
        };
        for example in action.spec.examples.iter().filter_map(printed) {
            let body = example.to_string();
            let output = dynamic::decode(&service.spec.name, table.name, body.as_bytes())
                .unwrap_or_else(|error| panic!("{}: {error}", table.name));
            let envelope = format!("{}Response", table.name);
            let mut expected = BTreeSet::new();
            shown(&table.response, example.get(&envelope).unwrap_or(&example), "", &mut expected);
            let mut found = BTreeSet::new();
            held(&table.response, &*output, "", &mut found);
            let lost: Vec<_> = expected.symmetric_difference(&found).collect();
            if !lost.is_empty() {
                problems.push(format!("{}: {lost:?}", table.name));
            }
            seen += 1;
        }
    }
    assert!(seen > 0, "no example was seen");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The JSON form of an answer that is printed as XML alone. Such answers have leaves only.
fn json_of(xml: &str) -> Json {
    let (mut reader, mut members, mut text) = (Reader::from_str(xml), Map::new(), String::new());
    let mut root = None;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) if root.is_none() => {
                root = Some(element.local_name().as_ref().to_owned());
            }
            Event::Start(_) => text.clear(),
            Event::Text(part) => text.push_str(&part),
            Event::End(element) if Some(element.local_name().as_ref()) == root.as_deref() => {
                return Json::Object(members);
            }
            Event::End(element) => {
                let name = element.local_name().as_ref().to_owned();
                members.insert(name, std::mem::take(&mut text).into());
            }
            other => panic!("{other:?} in {xml}"),
        }
    }
}

/// The leaves of an example that the table names, as path and text.
fn shown(shape: &'static Shape, json: &Json, path: &str, leaves: &mut BTreeSet<(String, String)>) {
    let Json::Object(members) = json else { return };
    for field in shape.fields {
        let names = std::iter::once(field.name).chain(field.aliases.iter().copied());
        let Some(value) = names.filter_map(|name| members.get(name)).next_back() else { continue };
        let inner = value.get(field.wrapped).filter(|_| !field.wrapped.is_empty()).unwrap_or(value);
        shown_value(&field.kind, inner, &format!("{path}/{}", field.name), leaves);
    }
}

fn shown_value(kind: &'static Kind, json: &Json, path: &str, leaves: &mut BTreeSet<(String, String)>) {
    match (kind, json) {
        (Kind::List(kind), Json::Array(entries)) => {
            for (index, entry) in entries.iter().enumerate() {
                shown_value(kind, entry, &format!("{path}/{index}"), leaves);
            }
        }
        (Kind::List(_), Json::String(text)) if text.is_empty() => {}
        (Kind::List(kind), single) => shown_value(kind, single, &format!("{path}/0"), leaves),
        (Kind::Object(shape) | Kind::Json(shape), json) => shown(shape, json, path, leaves),
        (_, Json::Null) => {}
        (Kind::Text, Json::String(text)) => _ = leaves.insert((path.to_owned(), text.clone())),
        // Numbers are printed masked here and there: `1231579085xxx`.
        (_, Json::String(text)) if !fits(kind, text) => {}
        (_, Json::String(text)) => _ = leaves.insert((path.to_owned(), text.clone())),
        (_, scalar) => _ = leaves.insert((path.to_owned(), scalar.to_string())),
    }
}

/// Whether a printed text can be a value of a kind.
fn fits(kind: &Kind, text: &str) -> bool {
    match kind {
        Kind::Integer => text.parse::<i64>().is_ok(),
        Kind::Double | Kind::Timestamp => text.parse::<f64>().is_ok(),
        Kind::Boolean => matches!(text, "true" | "false"),
        _ => true,
    }
}

/// The leaves of a decoded output, as path and text.
fn held(shape: &'static Shape, record: &dyn Record, path: &str, leaves: &mut BTreeSet<(String, String)>) {
    record.fields(&mut |values| {
        assert_eq!(values.len(), shape.fields.len(), "{path}");
        for (field, value) in shape.fields.iter().zip(values) {
            held_value(&field.kind, value.value(), &format!("{path}/{}", field.name), leaves);
        }
    });
}

fn held_value(kind: &'static Kind, value: Value<'_>, path: &str, leaves: &mut BTreeSet<(String, String)>) {
    let text = match (kind, value) {
        (_, Value::Absent) => return,
        (Kind::List(kind), Value::List(list)) => {
            for index in 0..list.len() {
                held_value(kind, list.entry(index), &format!("{path}/{index}"), leaves);
            }
            return;
        }
        (Kind::Object(shape) | Kind::Json(shape), Value::Record(record)) => {
            return held(shape, record, path, leaves);
        }
        (_, Value::Text(text) | Value::Secret(text)) => text.to_owned(),
        (_, Value::Integer(number)) => number.to_string(),
        (_, Value::Double(number)) => number.to_string(),
        (_, Value::Boolean(flag)) => flag.to_string(),
        (_, Value::Time(at)) => at.duration_since(UNIX_EPOCH).unwrap().as_secs_f64().to_string(),
        (_, Value::List(_) | Value::Record(_)) => panic!("{path} is not of its kind"),
    };
    leaves.insert((path.to_owned(), text));
}

#[test]
fn documented_requests_encode_to_the_documented_pairs() {
    let model = model();
    let (mut seen, mut problems) = (0, Vec::new());
    for (service, action, table) in actions(&model) {
        for example in action.spec.examples.iter().filter(|example| !example.request.is_empty()) {
            let (parameters, pairs) = documented_pairs(table, &example.request);
            let mut sent = sent(&service.spec.name, table, &parameters);
            sent.retain(|(name, _)| {
                Some(name.as_str()) != table.token || pairs.iter().any(|pair| pair.0 == *name)
            });
            if !pairs.iter().any(|(name, _)| name == "RegionId") {
                sent.retain(|(name, _)| name != "RegionId");
            }
            if sent != pairs {
                problems.push(format!("{}\n   sent {sent:?}\nprinted {pairs:?}", table.name));
            }
            seen += 1;
        }
    }
    assert!(seen > 0, "no example was seen");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The printed pairs as nested JSON for the call, and as the wire should have them.
fn documented_pairs(table: &'static Action, printed: &[(String, String)]) -> (Json, Vec<(String, String)>) {
    let mut parameters = Map::new();
    let mut pairs = Vec::new();
    for (name, text) in printed {
        let top = name.split('.').next().unwrap_or_default();
        let names = |field: &&Field| field.name == top || field.aliases.contains(&top);
        let field = table.request.fields.iter().find(names);
        // A masked or empty number cannot be given to a typed call.
        if field.is_some_and(|field| !fits(&field.kind, text)) {
            continue;
        }
        let wire_name = field.map_or_else(|| name.clone(), |field| name.replacen(top, field.name, 1));
        // One page prints a list as JSON text; the wire has it flattened.
        let json: Option<Json> = field
            .filter(|field| matches!(field.kind, Kind::List(_)))
            .and_then(|_| serde_json::from_str(text).ok());
        match json {
            Some(json) => {
                pairs.extend(cloudnet::wire::flatten(&serde_json::json!({ wire_name.as_str(): json })));
                parameters.insert(wire_name, json);
            }
            None => {
                put(&mut parameters, &wire_name, text);
                pairs.push((wire_name, text.clone()));
            }
        }
    }
    pairs.sort();
    (Json::Object(parameters), pairs)
}

/// Puts a value at a flattened name such as `Tag.1.Key`.
fn put(members: &mut Map<String, Json>, name: &str, text: &str) {
    let mut parts = name.split('.').peekable();
    let first = parts.next().unwrap_or_default();
    let mut place = members.entry(first).or_insert(Json::Null);
    for part in parts {
        place = match part.parse::<usize>() {
            Ok(index) => {
                if !place.is_array() {
                    *place = Json::Array(Vec::new());
                }
                let list = place.as_array_mut().unwrap();
                while list.len() < index {
                    list.push(Json::Null);
                }
                &mut list[index - 1]
            }
            Err(_) => {
                if !place.is_object() {
                    *place = Json::Object(Map::new());
                }
                place.as_object_mut().unwrap().entry(part).or_insert(Json::Null)
            }
        };
    }
    *place = Json::String(text.to_owned());
}

/// What a call puts into query and form, sorted.
fn sent(service: &str, table: &'static Action, parameters: &Json) -> Vec<(String, String)> {
    let transport = Scripted::empty();
    let client = dynamic::builder(service)
        .unwrap()
        .region("cn-hangzhou")
        .credentials(Credentials::new("id", "secret"))
        .validation(ValidationPolicy::Off)
        .transport(transport.clone())
        .build()
        .unwrap();
    let call = client.call(table.name, parameters).unwrap_or_else(|error| panic!("{error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(call.send_raw()).unwrap_or_else(|error| panic!("{error}"));
    let request = transport.take_last().unwrap();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let texts = [query.into_bytes(), request.body().to_vec()];
    let mut pairs: Vec<(String, String)> = texts
        .iter()
        .flat_map(|text| form_urlencoded::parse(text))
        .map(|(n, v)| (n.into(), v.into()))
        .collect();
    pairs.sort();
    pairs
}

/// Rows of each section as printed, which were counted in the text by two readers, and the tables of the pages: a
/// changed number is a changed transcription.
#[test]
fn counts_and_tables_are_those_of_the_specs() {
    let expected = golden::expected(&workspace(), &model()).unwrap_or_else(|error| panic!("{error}"));
    for Golden { path, text } in expected {
        assert_golden(path, &text);
    }
}
