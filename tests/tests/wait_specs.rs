//! Mistakes in the resources, waits and pages of the specs themselves are found, each where it stands.

use std::fs;

use cloudnet_codegen::generate;
use cloudnet_tests::{Folder, specs};

/// What is wrong once `from` is `to` in a file: the code, the file and line, and the text of each.
fn findings(name: &str, file: &str, from: &str, to: &str) -> Vec<(String, String, String)> {
    let folder = Folder::new(&format!("waits-{name}"));
    folder.copy_of(&specs(), &str::to_owned);
    let text = fs::read_to_string(folder.path().join(file)).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    folder.put(file, text.replacen(from, to, 1));
    let found = generate(folder.path()).err().unwrap_or_default();
    let place = |one: &cloudnet_codegen::diagnostic::Diagnostic| {
        format!("{}:{}", found.sources.path(one.primary.file), one.primary.line)
    };
    let all = found.diagnostics.iter();
    all.map(|one| (one.code.to_owned(), place(one), format!("{} {}", one.message, one.help))).collect()
}

/// The line of a file on which a text stands first, changed or not.
fn line(file: &str, from: &str) -> usize {
    let text = fs::read_to_string(specs().join(file)).unwrap();
    let before = text.split_once(from).unwrap_or_else(|| panic!("{file} has no {from}")).0;
    before.matches('\n').count() + 1
}

const VPC: &str = "alibaba/vpc/vpc/_resources.yaml";
const EIP: &str = "alibaba/vpc/eip/_resources.yaml";
const LOA: &str = "alibaba/vpc/physical_connection/_resources.yaml";
const CREATE: &str = "alibaba/vpc/vpc/CreateVpc.yaml";
const BIND: &str = "alibaba/vpc/eip/AssociateEipAddress.yaml";
const LIST: &str = "alibaba/vpc/vpc/DescribeVpcs.yaml";
const GROUP: &str = "alibaba/ga/CreateEndpointGroup.yaml";

/// Name, file, what stands there, what is put there instead, and the code and a part of the text.
type Mistake = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const MISTAKES: &[Mistake] = &[
    (
        "action",
        VPC,
        "action: DescribeVpcAttribute",
        "action: DescribeVpcAtribute",
        "dangling-name",
        "mean `DescribeVpcAttribute`",
    ),
    (
        "chapter",
        VPC,
        "action: DescribeVpcs",
        "action: DescribeEipAddresses",
        "dangling-name",
        "eip/DescribeEipAddresses.yaml",
    ),
    ("exists", VPC, "exists: VpcId", "exists: VpcID", "dangling-name", "mean `VpcId`"),
    ("ask", EIP, "ask: { AllocationId", "ask: { AlocationId", "dangling-name", "mean `AllocationId`"),
    ("where", EIP, "where: { AllocationId", "where: { AllocationsId", "dangling-name", "mean `AllocationId`"),
    ("rows", EIP, "EipAddresses.EipAddress[]", "EipAddresses.Eip[]", "dangling-name", "`rows` names"),
    (
        "unused",
        LOA,
        "action: DescribePhysicalConnectionLOA\n      ask: { InstanceId: InstanceId }\n      where: { PhysicalConnectionLOAType.InstanceId: InstanceId }\n",
        "action: DescribePhysicalConnectionLOA\n",
        "unused-key",
        "does not look at `InstanceId`",
    ),
    ("state", EIP, "until: [InUse]", "until: [Inuse]", "dangling-name", "mean `InUse`"),
    ("twice", VPC, "name: VpcGone", "name: VpcAvailable", "duplicate-waiter", "wait_for_vpc_available"),
    ("name", VPC, "name: VpcGone", "name: ../x", "bad-name", "../x"),
    ("end", VPC, "until: [Available]", "until: []", "wait-without-end", "no state"),
    ("resource", CREATE, "resource: Vpc", "resource: Vpcs", "dangling-name", "mean `Vpc`"),
    (
        "by",
        CREATE,
        "resource: Vpc",
        "by: { VpcId: argument.VpcId }\n  resource: Vpc",
        "dangling-name",
        "mean `response.VpcId`",
    ),
    (
        "shows",
        BIND,
        "{ InstanceId: request.InstanceId }",
        "{ InstanceId: request.Instance }",
        "dangling-name",
        "mean `request.InstanceId`",
    ),
    ("seconds", CREATE, "deadline_s: 600", "deadline_s: 600000", "bad-number", "600000"),
    (
        "outside",
        GROUP,
        "outside: DescribeEndpointGroup",
        "outside: CreateEndpointGroup",
        "not-outside",
        "is an action",
    ),
    ("items", LIST, "items: \"Vpcs.Vpc[]\"", "items: \"TotalCount\"", "bad-items", "TotalCount"),
];

#[test]
fn a_mistake_in_a_wait_is_named() {
    for &(name, file, from, to, code, word) in MISTAKES {
        let found = findings(name, file, from, to);
        let place = format!("spec/{file}:{}", line(file, from));
        let is_named =
            found.iter().any(|(known, at, text)| known == code && *at == place && text.contains(word));
        assert!(is_named, "{name} at {place}: {found:#?}");
    }
}

/// Without the acknowledgement each state that no document lists is a finding.
#[test]
fn states_of_resources_are_documented_or_acknowledged() {
    let folder = Folder::new("waits-states");
    folder.copy_of(&specs(), &str::to_owned);
    let text = fs::read_to_string(folder.path().join(EIP)).unwrap();
    folder.put(EIP, text.replacen("leaving: [Releasing]", "leaving: [Releasing, Freed]", 1));
    let warnings = generate(folder.path()).unwrap().warnings;
    let found = warnings.diagnostics.iter().map(|one| (one.code, one.message.contains("`Freed`")));
    assert_eq!(found.collect::<Vec<_>>(), [("undocumented-state", true)]);
}
