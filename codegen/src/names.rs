//! Wire names to Rust names: the one place that knows how.

use heck::{ToSnakeCase, ToUpperCamelCase};

use crate::portable;

/// Words of the services that the general rule would tear apart.
const WORDS: &[(&str, &str)] = &[
    ("VSwitch", "Vswitch"),
    ("VRouter", "Vrouter"),
    ("IPv4", "Ipv4"),
    ("IPv6", "Ipv6"),
    ("IPsec", "Ipsec"),
    ("IDaaS", "Idaas"),
];

/// Words that no identifier can be, not even with `r#`.
const NEVER: &[&str] = &["self", "Self", "super", "crate", "_"];

/// Strict and reserved words of the editions up to 2024, in order.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Names that generated code uses itself, or that every Rust program does.
const TAKEN_TYPES: &str = "\
    Action As Awaited Box Client Clone Copy Debug Default Drop DryRunnable Eq Err Fn FnMut FnOnce From Hash \
    Into IntoIterator Iterator None Ok Operation Option Ord Paged PartialEq PartialOrd Request Result \
    Secret Send Sized Some String Sync ToString TryFrom TryInto Unpin Vec Waiter";

/// Methods that every request has besides its setters.
const TAKEN_SETTERS: &str = "\
    clone default dry_run input into_input items items_from pages pages_from send send_and_wait send_raw \
    send_with_waiter validate wait with_deadline with_extra with_retry with_token with_validation \
    with_wait_deadline with_wait_interval";

/// Methods that every client has besides its actions.
const TAKEN_METHODS: &str = "\
    builder clone endpoint for_region from_config new raw region request service settings to_builder waiter";

/// Modules of the SDK, among which those of the services stand.
const TAKEN_MODULES: &str = "\
    blocking call check client clock crates credentials duration dynamic endpoint error generated guide pages \
    prelude record registry response schema secret serialize sign table test_service testing transport \
    waiter wire";

const LONGEST: usize = 100;

/// Field, parameter, method or module for a wire name: `VSwitchId` is `vswitch_id`.
pub fn snake(wire: &str) -> String {
    joined_words(wire).to_snake_case()
}

/// Type or variant for a wire name or value: `BGP_FinanceCloud` is `BgpFinanceCloud`.
pub fn upper_camel(wire: &str) -> String {
    let name = joined_words(wire).to_upper_camel_case();
    match name.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("V{name}"),
        false => name,
    }
}

/// The method of a client for a waiter: `VpcAvailable` is `wait_for_vpc_available`.
pub fn waiter(name: &str) -> String {
    format!("wait_for_{}", snake(name))
}

/// A setter's name, which must differ from the methods that every request has.
pub fn setter(rust: &str) -> String {
    match is_among(TAKEN_SETTERS, rust) {
        true => format!("{rust}_"),
        false => rust.to_owned(),
    }
}

/// Why a wire name cannot be used, if it cannot.
pub(crate) fn refuse_wire_name(name: &str) -> Option<&'static str> {
    if name.len() > LONGEST {
        return Some("is longer than 100 characters");
    }
    let mut characters = name.chars();
    let begins_well = characters.next().is_some_and(|c| c.is_ascii_alphabetic());
    if !begins_well || !characters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return Some("must be ASCII letters, digits, `_` and `-`, beginning with a letter");
    }
    // Separators at the end are lost on the way to a Rust name.
    let word = name.trim_end_matches(['_', '-']);
    let is_kept = NEVER.iter().any(|never| word.eq_ignore_ascii_case(never));
    is_kept.then_some("is a word that Rust keeps for itself")
}

/// Why a folder or module cannot have this name, if it cannot.
pub(crate) fn refuse_module_name(name: &str) -> Option<&'static str> {
    let module = snake(name);
    let is_long = module.len() + ".rs".len() > LONGEST;
    refuse_wire_name(name)
        .or_else(|| is_keyword(&module).then_some("is a Rust keyword"))
        .or_else(|| portable::is_device(&module).then_some("is a device name on some systems"))
        .or_else(|| is_long.then_some("would make a file name of more than 100 characters"))
}

/// Why a service cannot have this name, if it cannot.
pub(crate) fn refuse_service_name(name: &str) -> Option<&'static str> {
    refuse_module_name(name)
        .or_else(|| is_among(TAKEN_MODULES, &snake(name)).then_some("is a module of the SDK itself"))
        .or_else(|| refuse_type_name(&upper_camel(name)))
}

/// Why an action cannot have this name, if it cannot.
pub fn refuse_action_name(name: &str) -> Option<&'static str> {
    refuse_module_name(name)
        .or_else(|| refuse_type_name(name))
        .or_else(|| is_among(TAKEN_METHODS, &snake(name)).then_some("would hide a method of every client"))
}

/// Why a type cannot have this name, if it cannot.
pub fn refuse_type_name(name: &str) -> Option<&'static str> {
    const OTHER: &str = "must be a Rust type name: letters and digits, beginning with a capital";
    let is_taken = is_among(TAKEN_TYPES, name) || NEVER.contains(&name);
    refuse_capitalized(name, OTHER)
        .or_else(|| is_taken.then_some("is a name that Rust or the SDK uses itself"))
}

/// Why a variant cannot have this name, if it cannot.
pub fn refuse_variant_name(name: &str) -> Option<&'static str> {
    let is_taken = matches!(name, "Unknown" | "Self");
    refuse_capitalized(name, "is no Rust variant name")
        .or_else(|| is_taken.then_some("is a name that every value list uses itself"))
}

fn refuse_capitalized(name: &str, other: &'static str) -> Option<&'static str> {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_plain || !name.starts_with(|c: char| c.is_ascii_uppercase()) {
        return Some(other);
    }
    (name.len() > LONGEST).then_some("is longer than 100 characters")
}

/// Whether an identifier needs `r#`.
pub fn is_keyword(rust: &str) -> bool {
    KEYWORDS.binary_search(&rust).is_ok()
}

fn is_among(words: &str, name: &str) -> bool {
    words.split(' ').any(|word| word == name)
}

fn joined_words(wire: &str) -> String {
    WORDS.iter().fold(wire.to_owned(), |name, (torn, whole)| name.replace(torn, whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found() {
        assert!(KEYWORDS.is_sorted());
        assert!(is_keyword("abstract") && is_keyword("type") && is_keyword("yield"));
        assert!(!is_keyword("vpc_id"));
    }

    #[test]
    fn words_stay_whole() {
        for (wire, expected) in [
            ("VpcId", "vpc_id"),
            ("VSwitchId", "vswitch_id"),
            ("SourceVSwitchId", "source_vswitch_id"),
            ("DescribeVRouters", "describe_vrouters"),
            ("EnableIPv6", "enable_ipv6"),
            ("EnableClientIPPreservation", "enable_client_ip_preservation"),
            ("IDaaSInstanceId", "idaas_instance_id"),
            ("ISP", "isp"),
            ("SourceCIDR", "source_cidr"),
            ("bandwidth", "bandwidth"),
            ("IkePfs", "ike_pfs"),
        ] {
            assert_eq!(snake(wire), expected);
        }
    }

    #[test]
    fn values_become_variants() {
        for (value, expected) in [
            ("BGP_FinanceCloud", "BgpFinanceCloud"),
            ("100Base-T", "V100baseT"),
            ("cn-hangzhou", "CnHangzhou"),
            ("TCP", "Tcp"),
        ] {
            assert_eq!(upper_camel(value), expected);
            assert_eq!(refuse_variant_name(&upper_camel(value)), None);
        }
    }

    #[test]
    fn impossible_names_are_refused() {
        for name in ["", "../x", "a b", "9a", "self", "Self", "crate", "é", &"x".repeat(101)] {
            assert!(refuse_wire_name(name).is_some(), "{name}");
        }
        for name in ["Type", "Con", "Option", "Builder/..", "Region", "Loop", "Client"] {
            assert!(refuse_action_name(name).is_some(), "{name}");
        }
        assert_eq!(refuse_wire_name("Type"), None);
        assert_eq!(refuse_action_name("CreateVpc"), None);
    }
}
