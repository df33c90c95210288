//! What the server knows of the services: what the specs say.

use std::sync::OnceLock;

use cloudnet_codegen::facts::Protocol;
use cloudnet_codegen::model::{Action, Field, Model, Service, Shape, Type};

use super::parameters::Parameters;

/// Everything the specs describe, read once.
///
/// # Panics
///
/// If the specs are wrong.
pub fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| match cloudnet_codegen::model(&crate::specs()) {
        Ok((model, _)) => model,
        Err(findings) => panic!("{findings}"),
    })
}

/// Every action with its service.
pub fn actions() -> impl Iterator<Item = (&'static Service, &'static Action)> {
    model().services.iter().flat_map(|service| service.actions.iter().map(move |action| (service, action)))
}

/// The action that a request names.
pub(super) fn find(service: &str, name: &str) -> Option<(&'static Service, &'static Action)> {
    actions().find(|(known, action)| action.spec.name.value == name && wire_name(known) == service)
}

/// Whether the service speaks JSON rather than pairs.
#[must_use]
pub fn is_json(service: &Service) -> bool {
    service.spec.protocol != Protocol::AcsRpc
}

fn wire_name(service: &Service) -> &str {
    match &service.spec.protocol {
        Protocol::AcsRpc => &service.spec.version,
        Protocol::AwsJson { target, .. } => target,
    }
}

/// The code of an action's own table for a class, with its status.
pub(super) fn code_of(action: &'static Action, class: &str) -> Option<(u16, &'static str)> {
    let row = action.spec.errors.iter().find(|row| row.class == class)?;
    Some((if row.status == 0 { 400 } else { row.status }, row.code.value.as_str()))
}

/// The first required parameter that is not there.
pub(super) fn missing(shape: &Shape, prefix: &str, parameters: &Parameters) -> Option<String> {
    shape.fields.iter().find_map(|field| {
        let name = format!("{prefix}{}", field.name);
        if !is_given(&name, parameters) {
            return field.required.then_some(name);
        }
        missing_below(&field.ty, &name, parameters)
    })
}

fn missing_below(ty: &Type, name: &str, parameters: &Parameters) -> Option<String> {
    match ty {
        Type::Struct(inner) => missing(&inner.shape, &format!("{name}."), parameters),
        Type::List(entry) => (1..)
            .map(|index| format!("{name}.{index}"))
            .take_while(|entry| is_given(entry, parameters))
            .find_map(|name| missing_below(entry, &name, parameters)),
        _ => None,
    }
}

fn is_given(name: &str, parameters: &Parameters) -> bool {
    let below = format!("{name}.");
    parameters.contains_key(name)
        || parameters.range(below.clone()..).next().is_some_and(|(found, _)| found.starts_with(&below))
}

/// The field of a shape with a wire name.
#[must_use]
pub fn field<'a>(shape: &'a Shape, name: &str) -> Option<&'a Field> {
    shape.fields.iter().find(|field| field.name == name)
}
