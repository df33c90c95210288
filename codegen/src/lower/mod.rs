//! From specs to the model: every name, type and limit is settled here, and every mistake found.

mod codes;
mod equal;
mod kept;
mod limits;
mod lookup;
mod pages;
mod references;
mod resources;
mod row;
mod rules;
mod service;
mod shape;
mod tree;
mod waits;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::model::{Action, Chapter, Model, Resource, Service, Waiter};
use crate::names;
use crate::origin::Origin;
use crate::path::Table;
use crate::source_tree::folders;
use crate::spec::{ActionSpec, ProofSpec, ResourceSpec, RowSpec, ServiceSpec};

use kept::Keeping;
use lookup::Neighbours;
use shape::{Lowering, Module};

/// Lowers every service; what is wrong with any of them is in the diagnostics.
pub(crate) fn lower(
    mut services: Vec<ServiceSpec>,
    actions: Vec<ActionSpec>,
    resources: Vec<ResourceSpec>,
    proofs: Vec<ProofSpec>,
    diagnostics: &Diagnostics,
) -> Model {
    check_proofs(&proofs, &actions, diagnostics);
    service::check_all(&services, diagnostics);
    share_out(resources, &mut services, diagnostics);
    let mut by_service: Vec<Vec<Arc<ActionSpec>>> = services.iter().map(|_| Vec::new()).collect();
    let indexes = services.iter().enumerate().map(|(index, service)| (service.folder.as_str(), index));
    let indexes: HashMap<&str, usize> = indexes.collect();
    for action in actions {
        let index = folders(&action.file).find_map(|folder| indexes.get(folder).copied());
        match index {
            Some(index) => by_service[index].push(Arc::new(action)),
            None => {
                let message = format!("no `_service.yaml` stands above {}", action.file);
                let help = "Put the action into the folder of its service.";
                diagnostics.error("no-service", action.location, message, help);
            }
        }
    }
    let services = services.into_iter().zip(by_service);
    Model {
        services: services.map(|(service, actions)| lower_service(service, &actions, diagnostics)).collect(),
        proofs,
    }
}

/// What is proven is proven of actions that there are.
fn check_proofs(proofs: &[ProofSpec], actions: &[ActionSpec], diagnostics: &Diagnostics) {
    let known: Vec<&str> = actions.iter().map(|action| action.name.as_str()).collect();
    for action in proofs.iter().flat_map(|proof| &proof.actions) {
        let help = "Let the laws write the file again.";
        lookup::check_known(action, "actions", known.iter().copied(), help, diagnostics);
    }
}

/// Gives each service its resources.
fn share_out(resources: Vec<ResourceSpec>, services: &mut [ServiceSpec], diagnostics: &Diagnostics) {
    for resource in resources {
        let is_above =
            |folder: &str| folder == resource.folder || folders(&resource.folder).any(|one| one == folder);
        match services.iter_mut().find(|service| is_above(&service.folder)) {
            Some(service) => service.resources.push(resource),
            None => {
                let message = format!("no `_service.yaml` stands above {}", resource.folder);
                let help = "Put the resources into a folder of their service.";
                diagnostics.error("no-service", resource.name.location, message, help);
            }
        }
    }
}

fn lower_service(spec: ServiceSpec, actions: &[Arc<ActionSpec>], diagnostics: &Diagnostics) -> Service {
    service::check(&spec, actions, diagnostics);
    references::codes_once(&spec.errors, diagnostics);
    let neighbours: Neighbours<'_> =
        actions.iter().map(|action| (action.name.value.as_str(), &**action)).collect();
    resources::check(&spec, &neighbours, diagnostics);
    let waiters = waits::waiters(&spec, &neighbours, diagnostics);
    let keeping = Keeping::new(&spec, &neighbours, diagnostics);
    let lowered =
        actions.iter().map(|action| lower_action(&spec, action, &neighbours, &keeping, diagnostics));
    let mut actions: Vec<Action> = lowered.collect();
    equal::find(&mut actions);
    let module = names::snake(&spec.name);
    Service {
        feature: feature(&module),
        chapters: chapters(&spec, &module, &actions),
        module,
        types: shape::shared_types(&spec.types),
        resources: looked_at(&spec, &actions, &waiters),
        kept: keeping.resources(),
        waiters,
        actions,
        origin: Origin { file: format!("spec/{}/_service.yaml", spec.folder), lines: Vec::new() },
        name: spec.name.value.clone(),
        title: spec.title.clone(),
        summary: spec.summary.clone(),
        product: spec.product.clone(),
        version: spec.version.clone(),
        document: spec.document.clone(),
        protocol: spec.protocol.clone(),
        endpoints: spec.endpoints.clone(),
        errors: spec.errors.clone(),
        spec,
    }
}

/// The resources that waits are about.
fn looked_at(spec: &ServiceSpec, actions: &[Action], waiters: &[Waiter]) -> Vec<Resource> {
    let waits = actions.iter().filter_map(|action| action.wait.as_ref());
    let names: BTreeSet<&str> =
        waits.chain(waiters.iter().map(|waiter| &waiter.wait)).map(|wait| wait.resource.as_str()).collect();
    let used = spec.resources.iter().filter(|resource| names.contains(resource.name.as_str()));
    used.filter_map(|resource| resources::lower(spec, resource)).collect()
}

fn chapters(spec: &ServiceSpec, service: &str, actions: &[Action]) -> Vec<Chapter> {
    let modules: BTreeSet<&String> = actions.iter().filter_map(|action| action.chapter.as_ref()).collect();
    let described = |module: &String| spec.chapters.iter().find(|one| names::snake(&one.folder) == *module);
    let chapter = |module: &String| Chapter {
        feature: format!("{}-{}", feature(service), feature(module)),
        title: described(module).map_or_else(String::new, |chapter| chapter.title.clone()),
        summary: described(module).map_or_else(String::new, |chapter| chapter.summary.clone()),
        section: described(module).map_or_else(String::new, |chapter| chapter.section.clone()),
        module: module.clone(),
    };
    modules.into_iter().map(chapter).collect()
}

fn feature(module: &str) -> String {
    module.replace('_', "-")
}

fn lower_action(
    service: &ServiceSpec,
    action: &Arc<ActionSpec>,
    neighbours: &Neighbours<'_>,
    keeping: &Keeping<'_>,
    diagnostics: &Diagnostics,
) -> Action {
    for (table, rows) in [(Table::Request, &action.request), (Table::Response, &action.response)] {
        for one in rows {
            limits::check(one, diagnostics);
            row::check(table, one, diagnostics);
        }
    }
    let output = format!("{}Output", action.name.value);
    let taken = [(action.name.value.clone(), action.name.location), (output, action.name.location)];
    let shared = service.types.iter().map(|shared| (shared.name.value.clone(), shared.name.location));
    let mut module = Module {
        shared: &service.types,
        structs: Vec::new(),
        enums: Vec::new(),
        taken: taken.into_iter().chain(shared).collect(),
    };
    let table = |table: Table, rows: &'_ [RowSpec], module: &mut Module<'_>| {
        let root = tree::build(table, rows, action.location, diagnostics);
        Lowering { table, rows, module, diagnostics }.shape(&root, "", "")
    };
    let mut request = table(Table::Request, &action.request, &mut module);
    let response = table(Table::Response, &action.response, &mut module);
    rules::place(&mut request, &action.request, &action.rules, diagnostics);
    references::check(service, action, &response, neighbours, diagnostics);
    shape::check_tables(&request, &response, action.name.location, diagnostics);
    Action {
        origin: origin(action),
        facts: Arc::clone(&action.facts),
        module: names::snake(&action.name),
        chapter: service.chapter_of(&action.file).map(names::snake),
        items: pages::items(action, &response, diagnostics),
        wait: waits::wait(service, action, &response, neighbours, diagnostics),
        outside: waits::outside(action),
        behavior: keeping.behavior(action),
        request,
        response,
        structs: module.structs,
        enums: module.enums,
        spec: Arc::clone(action),
    }
}

fn origin(spec: &ActionSpec) -> Origin {
    let rows = spec.request.iter().chain(&spec.response);
    let rows = rows.map(|row| (row.path.to_string(), row.path.location.line));
    let codes = spec.errors.iter().chain(&spec.observed).map(|error| &error.code);
    let texts = codes.chain([&spec.summary]).map(|text| (text.value.clone(), text.location.line));
    Origin { file: format!("spec/{}", spec.file), lines: rows.chain(texts).collect() }
}
