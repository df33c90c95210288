//! What has been made: resources, as far as the specs tell how they come, change and go.
//!
//! An action's part is read from its name and its table: `CreateVpc` makes a `Vpc` that its
//! response calls `VpcId`, `DescribeVpcs` lists what lies at `Vpcs.Vpc[]`, `DeleteVpc` with that
//! `VpcId` removes it. Resources of which none was ever made are answered from the examples.

use std::collections::BTreeMap;

use cloudnet_codegen::facts::Effect;
use cloudnet_codegen::model::{Action, Service, Shape, Type, Until};
use serde_json::{Map, Value as Json, json};

use super::catalog;
use super::parameters::Parameters;
use super::refusal::Refusal;

/// The resources of all services.
#[derive(Debug, Default)]
pub(super) struct Store {
    made: u64,
    kinds: BTreeMap<(String, String), Vec<Parameters>>,
}

/// A kind of resource.
struct Kind {
    /// `Vpc`.
    noun: &'static str,
    /// `VpcId`.
    id: &'static str,
    creator: &'static Action,
}

impl Store {
    /// Does what a request asks for. The body, or `None` if only the examples know it.
    pub(super) fn apply(
        &mut self,
        service: &'static Service,
        action: &'static Action,
        parameters: &Parameters,
    ) -> Result<Option<Json>, Refusal> {
        let Some(kind) = kind_of(service, action) else { return Ok(None) };
        let key = (service.module.clone(), kind.noun.to_owned());
        if std::ptr::eq(kind.creator, action) {
            return Ok(Some(self.create(key, &kind, parameters)));
        }
        let Some(resources) = self.kinds.get_mut(&key) else { return Ok(None) };
        if let Some(pages) = &action.spec.pagination {
            return Ok(Some(list(action, &kind, resources, parameters, &pages.items.value)));
        }
        let wanted = parameters.get(kind.id);
        let found = resources.iter().position(|resource| resource.get(kind.id) == wanted);
        let Some(index) = found else {
            let (status, code) = catalog::code_of(action, "NotFound").unwrap_or((404, "NotFound"));
            return Err(Refusal::new(status, code, "There is no such resource."));
        };
        if action.spec.effect == Effect::Read {
            return Ok(Some(Json::Object(shown(&action.response, &kind, &resources[index]))));
        }
        if has_verb(action, &["Delete", "Release"]) {
            resources.remove(index);
        } else {
            resources[index].extend(parameters.clone());
        }
        Ok(Some(json!({})))
    }

    fn create(&mut self, key: (String, String), kind: &Kind, parameters: &Parameters) -> Json {
        self.made += 1;
        let id = format!("{}-{:08}", kind.noun.to_ascii_lowercase(), self.made);
        let mut resource = parameters.clone();
        resource.insert(kind.id.to_owned(), id.clone());
        self.kinds.entry(key).or_default().push(resource);
        json!({ kind.id: id })
    }
}

/// The kind of resource that an action is about.
fn kind_of(service: &'static Service, action: &'static Action) -> Option<Kind> {
    let name = &action.spec.name.value;
    let kinds = service.actions.iter().filter_map(created_by);
    let listed = action.spec.pagination.as_ref().map(|pages| {
        let path = pages.items.value.trim_end_matches("[]");
        path.rsplit('.').next().unwrap_or(path)
    });
    let is_about = |kind: &Kind| match listed {
        Some(noun) => noun == kind.noun,
        None if std::ptr::eq(kind.creator, action) => true,
        None => {
            let verbs = ["Delete", "Release", "Modify", "Describe"];
            let rest = verbs.iter().find_map(|verb| name.strip_prefix(verb));
            let suffix = rest.and_then(|rest| rest.strip_prefix(kind.noun));
            suffix.is_some_and(|suffix| matches!(suffix, "" | "Attribute" | "Attributes"))
                && catalog::field(&action.request, kind.id).is_some()
        }
    };
    kinds.into_iter().find(is_about)
}

fn created_by(action: &'static Action) -> Option<Kind> {
    let name = &action.spec.name.value;
    let noun = name.strip_prefix("Create").or_else(|| name.strip_prefix("Allocate"))?;
    let ids = action.response.fields.iter().map(|field| field.name.as_str());
    let mut ids = ids.filter(|id| {
        let is_about_the_call = matches!(*id, "RequestId" | "OrderId" | "ResourceGroupId");
        id.ends_with("Id") && !is_about_the_call && catalog::field(&action.request, id).is_none()
    });
    let first = ids.next()?;
    let id = std::iter::once(first).chain(ids).find(|id| *id == format!("{noun}Id")).unwrap_or(first);
    Some(Kind { noun, id, creator: action })
}

fn has_verb(action: &Action, verbs: &[&str]) -> bool {
    verbs.iter().any(|verb| action.spec.name.value.starts_with(verb))
}

fn list(
    action: &'static Action,
    kind: &Kind,
    resources: &[Parameters],
    parameters: &Parameters,
    path: &str,
) -> Json {
    let number = |name: &str| parameters.get(name).and_then(|text| text.parse::<usize>().ok());
    let wanted: Option<Vec<&str>> = parameters.get(kind.id).map(|ids| ids.split(',').collect());
    let is_wanted = |resource: &&Parameters| {
        let id = resource.get(kind.id).map(String::as_str).unwrap_or_default();
        wanted.as_ref().is_none_or(|ids| ids.contains(&id))
    };
    let matching: Vec<&Parameters> = resources.iter().filter(is_wanted).collect();
    let size = number("PageSize").unwrap_or(10).max(1);
    let page = number("PageNumber").unwrap_or(1).max(1);
    let shape = item_shape(action, path);
    let item = |resource: &&Parameters| match shape {
        Some(shape) => Json::Object(shown(shape, kind, resource)),
        None => json!({ kind.id: resource.get(kind.id) }),
    };
    let on_page = matching.iter().skip((page - 1).saturating_mul(size)).take(size);
    let items = Json::Array(on_page.map(item).collect());
    let names = path.trim_end_matches("[]").rsplit('.');
    let mut body = names.fold(items, |inner, name| json!({ name: inner }));
    body["TotalCount"] = json!(matching.len());
    body["PageNumber"] = json!(page);
    body["PageSize"] = json!(size);
    body
}

/// The shape of the entries at `Vpcs.Vpc[]`.
fn item_shape<'a>(action: &'a Action, path: &str) -> Option<&'a Shape> {
    let name = path.trim_end_matches("[]").split('.').next()?;
    match &catalog::field(&action.response, name)?.ty {
        Type::List(entry) => match &**entry {
            Type::Struct(inner) => Some(&inner.shape),
            _ => None,
        },
        _ => None,
    }
}

/// A resource in the form of a response.
fn shown(shape: &Shape, kind: &Kind, resource: &Parameters) -> Map<String, Json> {
    let mut members = Map::new();
    let goal = match kind.creator.wait.as_ref().map(|wait| &wait.until) {
        Some(Until::States(states)) => states.first(),
        _ => None,
    };
    let state = goal.map_or("Available", String::as_str);
    for field in &shape.fields {
        let text = resource.get(&field.name).map(String::as_str);
        let text = text.or((field.name == "Status").then_some(state));
        let Some(text) = text else { continue };
        let json = match field.ty {
            Type::Integer | Type::Double | Type::Boolean => serde_json::from_str(text).ok(),
            Type::Text | Type::Secret | Type::Enum(_) => Some(json!(text)),
            Type::Struct(_) | Type::Json(_) | Type::List(_) => None,
        };
        members.extend(json.map(|json| (field.name.clone(), json)));
    }
    members
}
