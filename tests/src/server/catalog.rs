//! What the server knows of the services: what the specs say.

use std::sync::OnceLock;

use cloudnet_codegen::facts::Protocol;
use cloudnet_codegen::model::{Action, Field, Model, Service, Shape};

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

/// Whether the service speaks JSON rather than pairs.
#[must_use]
pub fn is_json(service: &Service) -> bool {
    service.spec.protocol != Protocol::AcsRpc
}

/// The field of a shape with a wire name.
#[must_use]
pub fn field<'a>(shape: &'a Shape, name: &str) -> Option<&'a Field> {
    shape.fields.iter().find(|field| field.name == name)
}
