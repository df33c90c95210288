use super::{Fields, FromNode as _, Pair, Spanned};
use crate::diagnostic::{Diagnostics, Sources};
use crate::yaml::{Node, parse};

fn tree(text: &str) -> Node {
    let diagnostics = Diagnostics::default();
    let file = Sources::default().add("x.yaml", text);
    let node = parse(file, text, &diagnostics);
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.into_sorted());
    node.expect("tests are YAML")
}

/// What the reader finds wrong, as `line:column code: message | help`.
fn mistakes(text: &str, read: impl FnOnce(&mut Fields<'_>)) -> Vec<String> {
    let node = tree(text);
    let diagnostics = Diagnostics::default();
    let mut fields = Fields::from_node(&node, &diagnostics).expect("tests are mappings");
    read(&mut fields);
    fields.deny_unknown();
    let line = |d: crate::diagnostic::Diagnostic| {
        let place = d.primary;
        format!("{}:{} {}: {} | {}", place.line, place.column, d.code, d.message, d.help)
    };
    diagnostics.into_sorted().into_iter().map(line).collect()
}

#[test]
fn reads_what_is_there() {
    let text = "t: x\ns: 1.0\nf: true\nn: 7\np: [1, null]\nw: b\nl: []\nts: [x, y]\nm: { k: v }\n";
    let found = mistakes(text, |map| {
        assert_eq!(map.required("t"), Some("x".to_owned()));
        assert_eq!(map.scalar("s").expect("given").value, "1.0");
        assert_eq!(map.get("f"), Some(true));
        assert_eq!(map.get("n"), Some(7));
        assert_eq!(map.get::<Pair>("p"), Some((Some(1), None)));
        assert_eq!(map.one_of("w", &[("a", 1), ("b", 2)]), Some(2));
        assert_eq!(map.get("l").map(<[Node]>::len), Some(0));
        assert_eq!(map.all("ts"), Some(vec!["x".to_owned(), "y".to_owned()]));
        let mut inner: Fields<'_> = map.get("m").expect("given");
        assert_eq!(inner.get::<Spanned<String>>("k").expect("given").location.column, 9);
        inner.deny_unknown();
        assert!(map.get::<String>("absent").is_none() && !map.has("other"));
    });
    assert_eq!(found, [] as [String; 0]);
}

#[test]
fn reports_every_mistake_and_goes_on() {
    let text =
        "summry: x\nsection: 6.1\nflag: yes\nn: \"1\"\np: [2, 1]\nq: [1]\nr: [a, b]\nw: raed\nl: []\ne:\n";
    let found = mistakes(text, |map| {
        assert!(map.required::<String>("action").is_none());
        assert!(map.get::<String>("summary").is_none());
        assert!(map.get::<String>("section").is_none());
        assert!(map.get::<bool>("flag").is_none());
        assert!(map.get::<i64>("n").is_none());
        assert!(["p", "q", "r"].into_iter().all(|key| map.get::<Pair>(key).is_none()));
        assert!(map.one_of("w", &[("read", 1), ("write", 2)]).is_none());
        assert!(map.filled_list("l").is_none());
        assert!(map.get::<String>("e").is_none());
    });
    assert_eq!(
        found,
        [
            "1:1 unknown-key: unknown key `summry` | Did you mean `summary`?",
            "1:1 missing-key: `action` is missing | Add `action: …` here.",
            "2:10 wrong-type: expected text, found the number 6.1 | Put it in quotes: \"6.1\".",
            "3:7 wrong-type: expected `true` or `false`, found the text `yes` | Write it without quotes.",
            "4:4 wrong-type: expected a whole number, found the text `1` | Write it without quotes.",
            "5:4 bad-range: the first number is the larger one | Put the smaller number first.",
            "6:4 not-a-pair: expected two numbers, found 1 | Write `[2, 128]`, or `null` for an open end: `[1, null]`.",
            "7:5 wrong-type: expected a whole number, found the text `a` | Write it without quotes.",
            "7:8 wrong-type: expected a whole number, found the text `b` | Write it without quotes.",
            "8:4 unknown-word: unknown word `raed` | Did you mean `read`?",
            "9:4 empty-list: `l` is an empty list | Leave the key out.",
            "10:2 wrong-type: expected text, found nothing | Write the text after the key.",
        ]
    );
}
