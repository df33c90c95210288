use super::*;

use crate::schema::Action;

use crate::record::record;
use crate::schema::Field;
use crate::secret::Secret;
use crate::test_service::CREATE;
use crate::wire::encode::percent;

fn redactor(secrets: &[&str]) -> Redactor {
    let mut redactor = Redactor::default();
    secrets.iter().for_each(|secret| redactor.learn(secret));
    redactor
}

fn percent(text: &str) -> String {
    let mut encoded = String::new();
    percent::append(&mut encoded, text);
    encoded
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string().trim_matches('"').to_owned()
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('<', "&lt;")
}

/// Every sign as JSON may write it.
fn json_by_number(text: &str) -> String {
    let escaped = |unit: u16| match char::from_u32(unit.into()).filter(char::is_ascii_alphanumeric) {
        Some(letter) => letter.to_string(),
        None => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(escaped).collect()
}

fn html_by_number(text: &str) -> String {
    let escaped = |character: char| match character {
        letter if letter.is_ascii_alphanumeric() => letter.to_string(),
        sign => format!("&#{};", u32::from(sign)),
    };
    text.chars().map(escaped).collect()
}

#[test]
fn a_secret_is_hidden_in_every_spelling_and_in_two_at_once() {
    let spell: [fn(&str) -> String; 11] = [
        str::to_owned,
        percent,
        |text| percent(text).to_lowercase(),
        |text| percent(text).replace("%20", "+"),
        json,
        json_by_number,
        |text| json(text).replace('/', "\\/").replace('&', "\\u0026").replace('+', "\\u002B"),
        html,
        html_by_number,
        |text| html_by_number(text).replace("&#", "&#0"),
        str::to_ascii_uppercase,
    ];
    let secrets = [
        "pa/ss \"word",
        "it's-a+b&c%d\\e",
        "Gr\u{fc}\u{df}e \u{1F511} \u{914d}\u{7f6e}",
        "a\nb\tc\u{1}d\u{8}e",
        "%41\\u0041&amp;+\\n",
        "ab\\cd",
        "abcd",
        "abc",
        "{\"x\":1}",
    ];
    for secret in secrets {
        let redactor = redactor(&[secret]);
        for one in spell {
            for other in spell {
                let text = one(&other(secret));
                let shown = redactor.message(&format!("not <{text}> here"));
                let is_hidden = shown.starts_with("not <***") && shown.ends_with("> here");
                assert!(is_hidden && shown.len() < 20, "{secret:?} as {text:?}: {shown}");
            }
        }
    }
}

#[test]
fn a_secret_is_hidden_when_each_of_its_letters_is_escaped() {
    let shown = |text: &str| redactor(&["hunter-two", "abc1"]).message(text);
    let each = |spell: fn(char) -> String| "hunter-two abc1".chars().map(spell).collect::<String>();
    let two = each(|letter| format!("\\u{:04X}", u32::from(letter)));
    assert_eq!(shown(&two), "***\\u0020***");
    assert_eq!(shown(&each(|letter| format!("%{:02x}", u32::from(letter)))), "***%20***");
    assert_eq!(shown(&each(|letter| format!("&#x{:x};", u32::from(letter)))), "***&#x20;***");
}

#[test]
fn a_secret_is_hidden_in_hexadecimal_and_in_any_place_of_a_base64_text() {
    let redactor = redactor(&["hunter-two"]);
    assert_eq!(redactor.message("x 68756E7465722D74776F y"), "x *** y");
    // {"a":"hunter-two"}, and the same after one and two more bytes.
    for text in ["eyJhIjoiaHVudGVyLXR3byJ9", "IHsiYSI6Imh1bnRlci10d28ifQ", "ICB7ImEiOiJodW50ZXItdHdvIn0"] {
        let shown = redactor.message(text);
        assert!(shown.contains("***") && !shown.contains("udGVy") && !shown.contains("1bnRl"), "{shown}");
    }
}

#[test]
fn short_secrets_and_secrets_that_begin_alike() {
    let shown = |secrets: &[&str], text: &str| redactor(secrets).message(text);
    assert_eq!(shown(&["abcd", "abcdefgh"], "abcd, abcdefgh, abcdefghi"), "***, ***, ***i");
    assert_eq!(shown(&["abcdefgh", "abcd"], "xabcdx abcdefg"), "x***x ***efg");
    assert_eq!(shown(&["abcdefgh"], "abcdefgh"), "***");
    // Words are left whole, and a short secret is hidden where it is a word.
    assert_eq!(shown(&["is", "7"], "this \"is\" 17, not 7"), "this \"***\" 17, not ***");
    assert_eq!(shown(&["", "\\", " "], "a \\ b"), "a \\ b");
}

#[test]
fn what_is_left_of_a_secret_that_was_cut_is_short() {
    let redactor = redactor(&["correct horse battery"]);
    assert_eq!(redactor.message("the key 'correct horse bat…' is"), "the key '***…' is");
    assert_eq!(redactor.message("…ct horse battery' is"), "…***' is");
}

#[test]
fn any_text_is_cleaned_in_bounds() {
    let redactor = redactor(&["%25\\u00", "&#3", "\u{1F511}\u{1F511}\u{1F511}"]);
    let deep = "%4".to_owned() + &"%3".repeat(20_000) + "3";
    let texts = [&deep, "&#x110000;", "\\uD83D", "\\uDD11\\uD83D", "%F0%9F", "&;;&#;&#x;", "\u{1F511}%"];
    for text in texts {
        redactor.message(text);
    }
    let long = "\u{1F511}é%".repeat(100_000);
    assert!(redactor.message(&long).len() <= SEARCHED);
}

#[test]
fn a_long_text_is_shown_as_far_as_it_is_looked_at() {
    let shown = redactor(&["hunter-two"]).message(&format!(
        "{} hunter-two {}",
        "a".repeat(60_000),
        "b".repeat(6_000)
    ));
    assert!(shown.starts_with("aaa") && shown.ends_with("bbb") && shown.contains("a *** b"), "{shown:.9}");
    assert!((65_000..=65_536).contains(&shown.len()), "{}", shown.len());
}

#[test]
fn a_quoted_request_is_cut_off() {
    let redactor = Redactor::default();
    let text = "No match. server string to sign is:POST&%2F&SecurityToken%3Dabc";
    assert_eq!(redactor.message(text), "No match. server ***");
    let text = "The Canonical String for this request should have been 'POST x-amz-…'";
    assert_eq!(redactor.message(text), "The ***");
}

#[test]
fn after_the_name_of_a_secret_free_text_is_not_shown() {
    let mut redactor = Redactor::default();
    redactor.learn_parameters(&Called::from(&SECRETIVE), &Secretive::default(), &[]);
    let table = [
        ("?SecurityToken=abc&Id=x", "?SecurityToken=***"),
        ("{\"Psk\" : \"it's-mine\", \"Id\": \"x\"}", "{\"Psk\" :***"),
        ("%7B%22Psk%22%3A%22abc", "%7B%22Psk%22%3A***"),
        ("{\\\"Password\\\":\\\"abc\\\"}", "{\\\"Password\\\":***"),
        ("\"Tokens\":[\"abc\"]", "\"Tokens\":***"),
        ("<private_key>a b,c=d</private_key>", "<private_key>***"),
        ("x-acs-credentials-provider: abc", "x-acs-credentials-provider:***"),
        ("authorization: abc", "authorization:***"),
        ("auth-key&#61;abc", "auth-key&#61;***"),
        // The table's own.
        ("loa_url: https://x", "loa_url:***"),
        ("Download: https://x", "Download:***"),
        ("the token is gone", "the token is gone"),
        ("InvalidSecurityToken.Expired", "InvalidSecurityToken.Expired"),
    ];
    for (text, shown) in table {
        assert_eq!(redactor.message(text), shown);
    }
}

#[test]
fn extra_parameters_count_as_secrets_unless_a_table_knows_them() {
    let extra = |name: &str, value: &str| {
        let mut redactor = Redactor::default();
        redactor.learn_parameters(
            &Called::from(&SECRETIVE),
            &Secretive::default(),
            &[Extra::text(name, value)],
        );
        redactor.message("canary main true")
    };
    assert_eq!(extra("LoaUrl", "canary"), "*** main true");
    assert_eq!(extra("loaurl", "canary"), "*** main true");
    assert_eq!(extra("New", "[{\"a\":\"canary\"},true]"), "*** main true");
    assert_eq!(extra("Groups.1.AuthKey", "canary"), "*** main true");
    assert_eq!(extra("Groups.1.Name", "canary"), "canary main true");
    assert_eq!(extra("Groups.1.name", "canary"), "*** main true");
    // The JSON of a list is read without its table.
    assert_eq!(extra("Groups", r#"[{"AuthKey":"canary","Name":"main"}]"#), "*** *** true");
    assert_eq!(extra("Names", r#"["canary"]"#), "*** main true");
    assert_eq!(extra("Config", r#"{"psk":"canary","Name":"main"}"#), "*** main true");
    assert_eq!(extra("Config", r#"{"AuthKey":"canary","Name":"main"}"#), "*** main true");
    assert_eq!(extra("Config", r#"{"psk":"canary","#), "canary main true");
}

#[test]
fn the_queries_of_urls_are_no_part_of_a_transports_message() {
    let shown = |text: &str| Redactor::default().transport_message(text);
    assert_eq!(
        shown("cannot send (https://h/?a=b&c=d) to h, why?"),
        "cannot send (https://h/?***) to h, why?"
    );
    assert_eq!(shown("GET /?Psk=a HTTP/1.1 failed?"), "GET /?*** HTTP/1.1 failed?");
}

#[derive(Default)]
struct Secretive {
    loa_url: Option<Secret>,
}
record!(Secretive { loa_url });

static GROUP: Shape = Shape { fields: &[Field::text("AuthKey").secret(), Field::text("Name")], rules: &[] };

static FIELDS: Shape = Shape {
    fields: &[
        Field::text("LoaUrl").secret().aliases(&["Download"]),
        Field::integer("Count"),
        Field::of("Groups", Kind::List(&Kind::Object(&GROUP))).wrapped("Group"),
        Field::of("Config", Kind::Json(&GROUP)),
        Field::of("Keys", Kind::List(&Kind::Text)).secret(),
        Field::of("Names", Kind::List(&Kind::Text)),
    ],
    rules: &[],
};

static SECRETIVE: Action = Action { name: "DescribeGroups", request: FIELDS, response: FIELDS, ..CREATE };

#[test]
fn an_excerpt_shows_what_the_table_has_and_calls_no_secret() {
    let shown = |body: &str| redactor(&["hunter-two"]).excerpt(&Called::from(&SECRETIVE), body.as_bytes());
    let table = [
        // As far as it can be read.
        (r#"{"Count":7,"LoaUrl":"a'b","Names":["x"],oops"#, r#"{"Count":7,"LoaUrl":***,"Names":["x"]…"#),
        (r#"{"LoaUrl":"ab"cd","Count":7}"#, r#"{"LoaUrl":***…"#),
        (r#"{"LoaUrl":"ab"#, r#"{"LoaUrl":***…"#),
        (r#"{"Names":["x","ab"#, r#"{"Names":["x",…"#),
        (r#"{"Keys":["abc",["d"]],"Count":1} x"#, r#"{"Keys":***,"Count":1}…"#),
        (r#"{"Download":{"a":[1]},"Count":1,}"#, r#"{"Download":***,"Count":1…"#),
        // Through wrappers, lists and envelopes.
        (
            r#"{"DescribeGroupsResponse":{"Groups":{"Group":[{"AuthKey":"a","Name":"n"},"#,
            r#"{"DescribeGroupsResponse":{"Groups":{"Group":[{"AuthKey":***,"Name":"n"},…"#,
        ),
        (r#"{"Config":{"AuthKey":1,"Name":"n"},}"#, r#"{"Config":{"AuthKey":***,"Name":"n"}…"#),
        (r#"{"Config":"{\"AuthKey\":\"a\"}",}"#, r#"{"Config":***…"#),
        // What the table does not have, or has elsewhere or of another kind.
        (r#"{"New":"a","Name":"b","Count":1,"AuthKey":"a"} x"#, r#"{"Count":1…}…"#),
        (
            r#"{"Count":{"a":"b"},"Names":{"a":"b"},"Groups":"a"} x"#,
            r#"{"Count":{…},"Names":{…},"Groups":***}…"#,
        ),
        (r#"["a",{"LoaUrl":"a"}]"#, "[***,***]"),
        // Known secrets, wherever they are.
        (
            r#"{"Names":["hunter\u002dtwo"],"Message":"not hunter-two"} x"#,
            r#"{"Names":["***"],"Message":"not ***"}…"#,
        ),
        ("<html><title>502 hunter-two</title><body>secret</body>", "502 ***"),
    ];
    for (body, expected) in table {
        assert_eq!(shown(body).as_deref(), Some(expected), "{body}");
    }
    for body in ["", "secret", "'secret'", "<p>secret</p>", "\"secret\"", "7"] {
        assert_eq!(shown(body), None, "{body}");
    }
}

#[test]
fn an_excerpt_is_short_and_on_one_line() {
    let body = format!(r#"{{"Names":["a\r\nb",{}"#, r#""é","#.repeat(5000));
    let excerpt = Redactor::default().excerpt(&Called::from(&SECRETIVE), body.as_bytes()).unwrap_or_default();
    assert!(excerpt.len() <= 1024 && excerpt.len() > 1000, "{}", excerpt.len());
    assert!(!excerpt.contains(char::is_control), "{excerpt}");
    let deep = format!(r#"{{"Names":{}"#, "[".repeat(100_000));
    assert!(Redactor::default().excerpt(&Called::from(&SECRETIVE), deep.as_bytes()).is_some());
}
