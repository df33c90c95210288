//! How the SDK sees that something has happened: tables of waits, methods of waiters.

use syn::{Expr, ImplItem, Item, Visibility};

use crate::doc::Doc;
use crate::model::{Action, Service};
use crate::names;
use crate::read::Spanned;
use crate::spec::{UntilSpec, WaitSpec, WaiterSpec};
use crate::syntax::expression::{
    Then as _, number, path, record, reference, result, slice, text, texts, tuple,
};
use crate::syntax::item::{self, Function};
use crate::syntax::{public, public_in, types};

/// `Wait { … }`.
pub(super) fn table(wait: &WaitSpec) -> Expr {
    let optional = |name: &Option<Spanned<String>>| text(name.as_ref().map_or("", |name| name.as_str()));
    let states = |states: &[Spanned<String>]| texts(states.iter().map(|state| state.as_str()));
    let until = match wait.until {
        UntilSpec::State => "Until::State",
        UntilSpec::Gone => "Until::Gone",
        UntilSpec::Present => "Until::Present",
    };
    let fields = [
        ("poll", text(&wait.poll)),
        ("with", pairs(&wait.with)),
        ("field", optional(&wait.field)),
        ("rows", pairs(&wait.rows)),
        ("empty", optional(&wait.empty)),
        ("pending", states(&wait.pending)),
        ("success", states(&wait.success)),
        ("failure", states(&wait.failure)),
        ("until", path(until)),
        ("deadline_s", number(wait.deadline_s)),
        ("first_delay_s", number(wait.first_delay_s)),
    ];
    record("Wait", fields)
}

fn pairs(pairs: &[(Spanned<String>, Spanned<String>)]) -> Expr {
    slice(pairs.iter().map(|(name, source)| tuple([text(name), text(source)])))
}

/// Says which action of the SDK is polled, where it is one.
pub(super) fn awaited(action: &Action) -> Option<Item> {
    let wait = action.spec.wait.as_ref().filter(|wait| !wait.outside)?;
    let index = if action.chapter.is_some() { "super::super" } else { "super" };
    let poll = types::named(&format!("{index}::{}", *wait.poll));
    let poll = item::associated_type("Poll", poll);
    Some(item::implementation("Awaited", types::named(&action.spec.name), vec![poll]))
}

/// A method of the client for each waiter that polls one of these actions, and their tables.
pub(super) fn waiters(service: &Service, polls: &[&Action]) -> Vec<Item> {
    let polled = |waiter: &&WaiterSpec| polls.iter().any(|one| *one.spec.name == *waiter.wait.poll);
    let waiters: Vec<&WaiterSpec> = service.spec.waiters.iter().filter(polled).collect();
    if waiters.is_empty() {
        return Vec::new();
    }
    let client = types::generic("crate::Client", types::named(&service.marker));
    let methods = item::inherent(client, waiters.iter().map(|waiter| method(waiter)).collect());
    let mut tables = vec![item::import_all("crate::schema")];
    tables.extend(waiters.iter().map(|waiter| {
        let (name, ty) = (table_name(waiter), types::named("Wait"));
        item::table(Vec::new(), public_in("super"), &name, ty, table(&waiter.wait))
    }));
    vec![methods, item::module(Vec::new(), Visibility::Inherited, "waiters", tables)]
}

fn method(waiter: &WaiterSpec) -> ImplItem {
    let wait = &waiter.wait;
    let mut doc = Doc::new().text(&waiter.summary).paragraph().markup("Polls ").code(&wait.poll);
    doc = doc.markup(&format!(", up to {} s unless told otherwise.", wait.deadline_s));
    if let Some(note) = &wait.note {
        doc = doc.markup(" ").text(note);
    }
    let named: Vec<(String, &str)> = waiter.by.iter().map(|by| (names::snake(by), by.as_str())).collect();
    let given = |(rust, _): &(String, &str)| item::argument(rust, types::into(types::named("String")));
    let passed = |(rust, wire): &(String, &str)| tuple([text(wire), path(rust).method("into", [])]);
    let table = reference(path(&format!("waiters::{}", table_name(waiter))));
    let poll = types::named(&wait.poll);
    let started = path("self").generic_method("waiter", poll, [table, slice(named.iter().map(passed))]);
    let function = Function {
        attrs: doc.attributes(),
        vis: public(),
        name: &names::waiter(&waiter.name),
        arguments: [item::borrowed_self()].into_iter().chain(named.iter().map(given)).collect(),
        returns: types::named("crate::Waiter"),
        body: vec![result(started)],
    };
    function.item()
}

fn table_name(waiter: &WaiterSpec) -> String {
    names::snake(&waiter.name).to_uppercase()
}
