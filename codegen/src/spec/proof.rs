//! `_proofs.yaml`: what the emulator's laws were tried on.

use crate::diagnostic::Diagnostics;
use crate::mapping::{Mapping as _, mapping};
use crate::read::{Fields, FromNode as _, Spanned, all};
use crate::yaml::Node;

mapping! {
    /// A law, and the actions that a case of it is about.
    struct ProofSpec {
        law: Spanned<String>,
        actions: Vec<Spanned<String>>,
    }
}

/// Reads the proofs.
pub(crate) fn read(node: &Node, diagnostics: &Diagnostics) -> Vec<ProofSpec> {
    let Some(mut map) = Fields::from_node(node, diagnostics) else { return Vec::new() };
    map.required_node("proofs");
    let proofs = all(map.filled_list("proofs").unwrap_or_default(), diagnostics).into_iter();
    let proofs = proofs.map(ProofSpec::whole).collect();
    map.deny_unknown();
    proofs
}
