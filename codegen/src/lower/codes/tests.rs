use super::Refusing;
use crate::diagnostic::{Diagnostics, FileId, Location, Sources};
use crate::facts::ErrorCode;
use crate::model::kept::{Codes, Reference};
use crate::read::Spanned;
use crate::spec::RefusesSpec;

fn file() -> FileId {
    Sources::default().add("x.yaml", "")
}

fn spanned(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Location::start_of(file()))
}

fn table(codes: &[(&str, &'static str)]) -> Vec<ErrorCode> {
    let code = |(code, class): &(&str, &'static str)| ErrorCode {
        location: Location::start_of(file()),
        status: 400,
        code: spanned(code),
        class,
        passes: None,
        summary: String::new(),
        rows: 1,
        gone: None,
    };
    codes.iter().map(code).collect()
}

const WORDS: [&str; 9] =
    ["missing", "invalid", "not_found", "dependency", "state", "quota", "exists", "inside", "apart"];

struct Case {
    errors: Vec<ErrorCode>,
    observed: Vec<ErrorCode>,
    refuses: RefusesSpec,
    references: Vec<Reference>,
    children: Vec<&'static str>,
    listed: Option<&'static str>,
}

impl Case {
    fn new(errors: &[(&str, &'static str)]) -> Self {
        let reference = |row: &str, resource: &str| Reference {
            row: row.to_owned(),
            resources: vec![resource.to_owned()],
            by: None,
            outside: false,
        };
        Self {
            errors: table(errors),
            observed: Vec::new(),
            refuses: RefusesSpec::default(),
            references: vec![reference("VpcId", "Vpc"), reference("Target", "NatGateway")],
            children: vec!["VSwitch", "RouteTable"],
            listed: None,
        }
    }

    fn codes(&self) -> Codes {
        let rows = ["RegionId", "VpcId", "VpcName", "Target", "Bandwidth", "Tag.Key"];
        let diagnostics = Diagnostics::default();
        let refusing = Refusing {
            errors: &self.errors,
            observed: &self.observed,
            of_service: &[],
            refuses: &self.refuses,
            rows: &rows.map(str::to_owned),
            references: &self.references,
            listed: self.listed,
            children: &self.children,
            needed: WORDS.map(|word| (word, true)),
        };
        let codes = refusing.codes(&diagnostics);
        assert!(diagnostics.is_empty());
        codes
    }
}

fn of<'a>(codes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    codes.iter().find(|(known, _)| known == name).map(|(_, code)| code.as_str())
}

#[test]
fn a_row_gets_the_code_that_has_its_name_or_that_of_its_resource() {
    let codes = Case::new(&[
        ("InvalidRegionId.NotFound", "NotFound"),
        ("InvalidVpcName.NotFound", "NotFound"),
        ("Forbidden.VpcNotFound", "NotFound"),
        ("InvalidNatGatewayId.NotFound", "NotFound"),
        ("InvalidVpcName.Malformed", "InvalidParameter"),
        ("InvalidParameter", "InvalidParameter"),
    ])
    .codes();
    assert_eq!(of(&codes.not_found, "VpcId"), Some("Forbidden.VpcNotFound"));
    assert_eq!(of(&codes.not_found, "Target"), Some("InvalidNatGatewayId.NotFound"));
    assert_eq!(of(&codes.not_found, "RegionId"), Some("InvalidRegionId.NotFound"));
    assert_eq!(of(&codes.not_found, "Bandwidth"), None);
    // The name of the VPC is another row than its ID.
    assert_eq!(of(&codes.invalid, "VpcId"), None);
    assert_eq!(of(&codes.invalid, "VpcName"), Some("InvalidVpcName.Malformed"));
    assert_eq!(of(&codes.invalid, ""), Some("InvalidParameter"));
}

#[test]
fn all_other_rows_get_the_code_that_is_about_none() {
    let codes = Case::new(&[
        ("InvalidRegionId.NotFound", "NotFound"),
        ("InvalidVpcId.NotFound", "NotFound"),
        ("ResourceNotFound", "NotFound"),
        ("InvalidBandwidth.Malformed", "InvalidParameter"),
        ("MissingParameter", "InvalidParameter"),
        ("MissingVpcId", "InvalidParameter"),
    ])
    .codes();
    assert_eq!(of(&codes.not_found, ""), Some("ResourceNotFound"));
    assert_eq!(of(&codes.missing, ""), Some("MissingParameter"));
    assert_eq!(of(&codes.missing, "VpcId"), Some("MissingVpcId"));
    assert_eq!(of(&codes.invalid, "Bandwidth"), Some("InvalidBandwidth.Malformed"));
    // A code about one row says something wrong of another.
    assert_eq!(of(&codes.invalid, ""), None);
    let only = Case::new(&[("InvalidRegionId.NotFound", "NotFound"), ("InvalidVpcId.NotFound", "NotFound")]);
    assert_eq!(of(&only.codes().not_found, ""), Some("InvalidVpcId.NotFound"));
    let region = Case::new(&[("InvalidRegionId.NotFound", "NotFound")]).codes();
    assert_eq!(of(&region.not_found, ""), None);
}

#[test]
fn a_state_gets_a_busy_code_before_a_precondition() {
    let both = [("IncorrectVpcStatus", "Precondition"), ("TaskConflict", "Busy")];
    assert_eq!(of(&Case::new(&both).codes().state, ""), Some("TaskConflict"));
    let mut observed = Case::new(&[("Unfit", "Precondition"), ("IncorrectVpcStatus", "Precondition")]);
    observed.observed = table(&[("TaskConflict", "Busy")]);
    assert_eq!(of(&observed.codes().state, ""), Some("IncorrectVpcStatus"));
    observed.errors.clear();
    assert_eq!(of(&observed.codes().state, ""), Some("TaskConflict"));
}

#[test]
fn children_get_their_own_code_and_else_the_first() {
    let codes = Case::new(&[
        ("DependencyViolation.Any", "Dependency"),
        ("DependencyViolation.VSwitch", "Dependency"),
    ])
    .codes();
    assert_eq!(of(&codes.dependency, "VSwitch"), Some("DependencyViolation.VSwitch"));
    assert_eq!(of(&codes.dependency, "RouteTable"), None);
    assert_eq!(of(&codes.dependency, ""), Some("DependencyViolation.Any"));
}

#[test]
fn what_is_said_comes_first_and_what_lacks_is_told() {
    let mut case = Case::new(&[
        ("InvalidVpcId.NotFound", "NotFound"),
        ("Gone", "NotFound"),
        ("QuotaExceeded.Vpc", "Quota"),
    ]);
    case.refuses.not_found = vec![(spanned("VpcId"), spanned("Gone"))];
    let codes = case.codes();
    assert_eq!(of(&codes.not_found, "VpcId"), Some("Gone"));
    assert_eq!(codes.quota.as_deref(), Some("QuotaExceeded.Vpc"));
    assert_eq!(codes.lacking, ["missing", "invalid", "dependency", "state", "exists", "inside", "apart"]);
}

#[test]
fn a_listing_refuses_only_what_a_code_is_named_after() {
    let mut case = Case::new(&[("InvalidVpcId.NotFound", "NotFound")]);
    case.listed = Some("VSwitch");
    assert!(!case.codes().unneeded.contains(&"not_found"));
    case.listed = Some("Vpc");
    assert!(case.codes().unneeded.contains(&"not_found"), "what is listed is filtered by, not refused");
}
