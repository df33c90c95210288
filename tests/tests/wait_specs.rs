//! Mistakes in waits, waiters and pages of the specs are found, each where it stands.

use std::fs;

use cloudnet_codegen::generate;
use cloudnet_tests::{Folder, specs};

/// The codes and lines of what is wrong once `from` is `to` in a file.
fn findings(name: &str, file: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let folder = Folder::new(&format!("waits-{name}"));
    folder.copy_of(&specs(), &str::to_owned);
    let text = fs::read_to_string(folder.path().join(file)).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    folder.put(file, text.replacen(from, to, 1));
    let found = generate(folder.path()).err().map(|found| found.diagnostics).unwrap_or_default();
    found.into_iter().map(|one| (one.code.to_owned(), one.message.clone())).collect()
}

#[test]
fn a_mistake_in_a_wait_is_named() {
    const SERVICE: &str = "alibaba/vpc/_service.yaml";
    const CREATE: &str = "alibaba/vpc/vpc/CreateVpc.yaml";
    const REVOKE: &str = "alibaba/vpc/vswitch/DeleteVSwitch.yaml";
    const LIST: &str = "alibaba/vpc/vpc/DescribeVpcs.yaml";
    let table = [
        (
            "poll",
            SERVICE,
            "poll: DescribeVpcAttribute",
            "poll: DescribeNothing",
            "dangling-name",
            "DescribeNothing",
        ),
        ("by", SERVICE, "by: [VpcId]", "by: [VpcIdentity]", "dangling-name", "VpcIdentity"),
        ("empty", SERVICE, "empty: VpcId", "empty: Nothing", "dangling-name", "Nothing"),
        (
            "twice",
            SERVICE,
            "name: VpcGone",
            "name: VpcAvailable",
            "duplicate-waiter",
            "wait_for_vpc_available",
        ),
        ("name", SERVICE, "name: VpcGone", "name: ../x", "bad-name", "../x"),
        ("end", SERVICE, "success: [Available]", "success: []", "wait-without-end", "no state"),
        (
            "outside",
            SERVICE,
            "poll: DescribeVpcAttribute",
            "outside: true\n    poll: X",
            "unknown-key",
            "outside",
        ),
        (
            "source",
            SERVICE,
            "{ VSwitchId: argument.VSwitchId }",
            "{ VSwitchId: argument.Other }",
            "dangling-name",
            "argument.Other",
        ),
        (
            "where",
            REVOKE,
            "{ VSwitchId: request.VSwitchId }\n  empty",
            "{ Nope: request.VSwitchId }\n  empty",
            "dangling-name",
            "Nope",
        ),
        ("response", CREATE, "response.VpcId", "response.Nope", "dangling-name", "response.Nope"),
        ("seconds", CREATE, "deadline_s: 600", "deadline_s: 600000", "bad-number", "600000"),
        ("items", LIST, "items: \"Vpcs.Vpc[]\"", "items: \"TotalCount\"", "bad-items", "TotalCount"),
    ];
    for (name, file, from, to, code, word) in table {
        let found = findings(name, file, from, to);
        let is_named = found.iter().any(|(known, message)| known == code && message.contains(word));
        assert!(is_named, "{name}: {found:?}");
    }
}
