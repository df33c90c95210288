use super::*;
use crate::diagnostic::Sources;
use crate::model::{Limit, Strength};
use crate::read::FromNode as _;

/// The limits of a row of a type, and what is wrong with them.
fn read(ty: TypeName, text: &str) -> (Limits, Vec<String>) {
    let mut sources = Sources::default();
    let file = sources.add("Row.yaml", text);
    let diagnostics = Diagnostics::default();
    let node = yaml::parse(file, text, &diagnostics).unwrap();
    let mut map = Fields::from_node(&node, &diagnostics).unwrap();
    let limits = Limits::read(&mut map, ty, Table::Request);
    limits.check(ty, &[&limits], &diagnostics);
    map.deny_unknown();
    let found = diagnostics.into_sorted().into_iter().map(|found| found.code.to_owned());
    (limits, found.collect())
}

fn only(ty: TypeName, text: &str) -> Check {
    let (limits, found) = read(ty, text);
    assert_eq!((limits.checks.len(), found.as_slice()), (1, &[][..]), "{text}");
    limits.checks[0].value.clone()
}

#[test]
fn a_number_with_a_fraction_has_bounds_with_fractions() {
    let both = only(TypeName::Double, "range: [0.5, 99]");
    assert_eq!(both.table(), "Decimals(0.5, 99.0)");
    assert_eq!(both.said().collect::<Vec<_>>(), ["0.5 to 99"]);
    assert_eq!(["0.5", "7", "99.0"].map(|text| both.admits(text)), [true; 3]);
    assert_eq!(["0.4", "99.1", "much"].map(|text| both.admits(text)), [false; 3]);
    let open = only(TypeName::Double, "range: [null, -0.25]");
    assert_eq!(open.table(), "Decimals(f64::NEG_INFINITY, -0.25)");
    let whole = only(TypeName::Integer, "range: [1, null]");
    assert_eq!(whole.table(), "Range(1, i64::MAX)");
}

#[test]
fn bounds_that_are_no_number_are_refused() {
    for (ty, text) in [
        (TypeName::Integer, "range: [0.5, 1]"),
        (TypeName::Double, "range: [.inf, null]"),
        (TypeName::Double, "range: [\"0.5\", 1]"),
    ] {
        assert_eq!(read(ty, text).1, ["wrong-type"], "{text}");
    }
    assert_eq!(read(TypeName::Double, "range: [1.5, 0.5]").1, ["bad-range"]);
}

/// One of each kind, in the order of [`KINDS`].
const EVERY: &[(&str, &str)] = &[
    ("length: [2, 128]", "Length(2, 128)"),
    ("range: [null, 5]", "Range(i64::MIN, 5)"),
    ("items: [1, null]", "Items(1, u32::MAX)"),
    ("format: ipv4-cidr", "Format(Syntax::Ipv4Cidr)"),
    ("starts_with: letter-or-digit", "StartsWith(Chars::LetterOrDigit)"),
    ("ends_with: slash", "EndsWith(Chars::Slash)"),
    ("chars: printable-ascii-no-space", "Only(Chars::PrintableAsciiNoSpace)"),
    ("not_starting_with: [\"http://\"]", "NotStartingWith(&[\"http://\"])"),
    ("not_containing: [a, b]", "NotContaining(&[\"a\", \"b\"])"),
    ("cidr: { prefix: [8, null] }", "prefix: (8, 128)"),
    ("mask: [24, null]", "MaskBits(24, 32)"),
    ("excluded: [3, 5]", "NoneOf(&[3, 5])"),
    ("values: [A, { value: B }]", "OneOf(&[\"A\", \"B\"])"),
];

#[test]
fn every_kind_is_read_said_and_written() {
    assert_eq!(EVERY.len(), KINDS.len());
    for ((text, expected), kind) in EVERY.iter().zip(KINDS) {
        let limits = read(TypeName::String, text).0;
        let check = &limits.checks[0];
        assert_eq!(check.kind.key, kind.key);
        assert!(check.table().contains(expected), "{text}: {}", check.table());
        assert!(check.said().next().is_some(), "{text}");
        let lifted = read(TypeName::String, &format!("{}: any", kind.key)).0;
        assert_eq!((lifted.lifted.as_slice(), lifted.checks.len()), (&[kind.key][..], 0));
    }
}

#[test]
fn a_limit_of_today_that_says_the_same_is_the_documents() {
    let bounds = |text| only(TypeName::String, text);
    assert!(bounds("length: [null, 64]").is_same(&bounds("length: [0, 64]")));
    assert!(!bounds("length: [1, 64]").is_same(&bounds("length: [0, 64]")));
    assert!(bounds("values: [A]").is_same(&bounds("values: [{ value: A, as: Other }]")));
    let limit = Limit { check: bounds("format: comma-list"), today: false, strength: Strength::Limit };
    assert!(!limit.check.is_checked());
}

#[test]
fn of_two_limits_one_may_pass_all_that_the_other_passes() {
    const WIDE_AND_NARROW: [(&str, &str); 9] = [
        ("length: [2, 128]", "length: [3, 64]"),
        ("range: [null, 5]", "range: [1, 5]"),
        ("not_containing: [a]", "not_containing: [a, b]"),
        ("excluded: [3]", "excluded: [3, 5]"),
        ("values: [A, B]", "values: [A]"),
        (
            "cidr: { within: [10.0.0.0/8], prefix: [8, 28] }",
            "cidr: { within: [10.1.0.0/16], prefix: [16, 24] }",
        ),
        ("cidr: { prefix: [8, 28] }", "cidr: { within: [10.0.0.0/8], prefix: [8, 28] }"),
        ("cidr: { not_within: [10.1.0.0/16] }", "cidr: { not_within: [10.0.0.0/8] }"),
        ("starts_with: letter-or-digit", "starts_with: letter"),
    ];
    for (wide, narrow) in WIDE_AND_NARROW {
        let [one, other] = [wide, narrow].map(|text| read(TypeName::String, text).0.checks[0].value.clone());
        assert!(one.passes_all_of(&other) && one.passes_all_of(&one), "{wide}, {narrow}");
        assert!(!other.passes_all_of(&one), "{narrow}, {wide}");
    }
}
