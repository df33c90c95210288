//! Differences that are to stay, as the specs say with a reason.

use cloudnet_codegen::model::Service;
use cloudnet_codegen::path::Table;
use cloudnet_codegen::read::Spanned;
use cloudnet_codegen::spec::{Acknowledged, AcknowledgedSpec};

use super::compare::Difference;

/// An acknowledgement of what is not found any more.
#[derive(Clone, Debug)]
pub struct Stale {
    /// The kind of difference.
    pub kind: &'static str,
    /// What it was about, and where that stands.
    pub about: Spanned<String>,
}

/// Marks what is acknowledged, by the action or by the service, and finds acknowledgements of nothing.
pub(super) fn apply(service: &Service, differences: &mut [Difference]) -> Vec<Stale> {
    let of_actions = service.actions.iter().flat_map(|action| {
        let name = action.spec.name.as_str();
        action.spec.acknowledged.iter().map(move |one| (Some(name), one))
    });
    let mut stale = Vec::new();
    for (action, one) in service.spec.acknowledged.iter().map(|one| (None, one)).chain(of_actions) {
        let Acknowledged::Difference(kind) = one.finding else { continue };
        for about in &one.about {
            let covered = differences.iter_mut().filter(|found| covers(one, kind, action, about, found));
            let count = covered.map(|found| found.acknowledged = Some(one.reason.clone())).count();
            if count == 0 {
                stale.push(Stale { kind, about: about.clone() });
            }
        }
    }
    stale
}

fn covers(one: &AcknowledgedSpec, kind: &str, action: Option<&str>, about: &str, found: &Difference) -> bool {
    let is_of_table = one.table.is_none_or(|table| found.table == Some(named(table)));
    let is_of_action = action.is_none_or(|action| action == found.action);
    kind == found.kind && about == found.about && is_of_table && is_of_action
}

fn named(table: &str) -> Table {
    if table == "request" { Table::Request } else { Table::Response }
}
