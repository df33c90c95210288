//! Answers that quote a secret. Three lines and a body: the status and an action; what kind of secret it is and how
//! it is written; the secret; and the answer, with `{secret}` where it quotes it.
//!
//! Kinds: `e` an extra parameter, `l` an extra one that the table has as a list, `p` a parameter that the table calls
//! secret, `k` the secret of the key, `t` the token of the session, `r` a secret that the service tells. Spellings, the innermost first: see [`spelt`].

use cloudnet::record::Value;
use cloudnet::schema::{Action, Shape};
use cloudnet::{Credentials, ErrorKind, dynamic};
use serde_json::{Value as Json, json};

use super::{action, answer, client_for, first_line, hash, wait_for};
use crate::spellings::{base64_within, hex, html, json_by_number, json_inner, lower_percent, spellings};

/// How many spellings are laid over each other.
const DEEPEST: usize = 4;

/// What begins and ends each secret, so that no other text has it.
const MARKS: [&str; 2] = ["Zq7~", "~7qZ"];

/// A secret that an answer quotes, anywhere and in any spelling, is in no error and no `Debug`.
///
/// # Panics
///
/// If it is.
pub fn redaction(input: &[u8]) {
    let (head, rest) = first_line(input);
    let (how, rest) = first_line(rest);
    let (core, body) = first_line(rest);
    let (status, name) = head.split_once(' ').unwrap_or((&head, ""));
    let status = status.parse().ok().filter(|status| (200..600).contains(status)).unwrap_or(400);
    let (kind, spelling) = how.split_at_checked(1).unwrap_or(("e", ""));
    let secret = MARKS.join(&core.chars().take(64).collect::<String>());
    if kind == "r" {
        return assert_told_secret_is_hidden(name, status, &secret, body);
    }
    let spelt = spelt(&secret, spelling);
    let body = quoting(body, &spelt);
    let action = if kind == "p" { asking_for_secret(name) } else { action(name) };
    let printed = printed(action, kind, &secret, answer(status, &body));
    assert_clean(&printed, &secret);
    assert!(!printed.contains(&spelt), "{spelt:?} is in {printed}");
}

/// A secret as a service, a gateway or a library may write it.
fn spelt(secret: &str, how: &str) -> String {
    let mut how = how.chars().take(DEEPEST).peekable();
    let innermost = match how.peek() {
        Some('x') => hex(secret),
        Some('X') => hex(secret).to_uppercase(),
        Some('c') => cut(secret),
        Some(shift @ '0'..='2') => base64_within(secret, shift.to_digit(3).unwrap_or_default() as usize),
        _ => secret.to_owned(),
    };
    how.fold(innermost, |text, how| match how {
        'p' => crate::server::encode(&text),
        'l' => lower_percent(&crate::server::encode(&text)),
        'f' => crate::server::encode(&text).replace("%20", "+"),
        'j' => json_inner(&text),
        'u' => json_by_number(&text),
        's' => json_inner(&text).replace('/', "\\/"),
        'h' => html(&text),
        _ => text,
    })
}

/// As a service quotes what is too long for it; whole if too little would be left to hide.
fn cut(secret: &str) -> String {
    let count = secret.chars().count();
    let kept = if count < 16 || secret.contains(['\\', '%', '&']) { count } else { count * 3 / 4 };
    secret.chars().take(kept).collect()
}

/// A body with the quotation in the place of each mark, and at some place if there is no mark.
fn quoting(body: &[u8], quoted: &str) -> Vec<u8> {
    const MARK: &[u8] = b"{secret}";
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.windows(MARK.len()).position(|part| part == MARK) {
        parts.push(&rest[..at]);
        rest = &rest[at + MARK.len()..];
    }
    if parts.is_empty() {
        let (before, after) = rest.split_at(hash(rest) % (rest.len() + 1));
        parts.push(before);
        rest = after;
    }
    parts.push(rest);
    parts.join(quoted.as_bytes())
}

/// All that a program could log of a call.
fn printed(
    action: &'static Action,
    kind: &str,
    secret: &str,
    response: http::Response<bytes::Bytes>,
) -> String {
    let credentials = match kind {
        "k" => Credentials::new("id", secret),
        "t" => Credentials::new("id", "unquoted").with_security_token(secret),
        _ => Credentials::new("id", "unquoted"),
    };
    let asked = with_secret(&action.request, secret).filter(|_| kind == "p");
    let client = client_for(action, credentials, response);
    let call = client.call(action.name, &asked.unwrap_or_else(|| json!({})));
    let call = call.unwrap_or_else(|error| panic!("{error}"));
    let call = match kind {
        "k" | "t" | "p" => call,
        "l" => call.with_extra(list_of(action), json!([{ "Value": secret }]).to_string()),
        _ => call.with_extra("Note", secret),
    };
    match wait_for(call.send_raw()) {
        Ok(response) => format!("{response:?} {:?}", response.request_id()),
        Err(error) if error.kind() == ErrorKind::Request => String::new(),
        Err(error) => format!("{error} {error:?} {:?} {:?}", error.access_denied_detail(), error.recommend()),
    }
}

/// An answer with a secret where its table has one, whole, cut or with something behind it.
fn assert_told_secret_is_hidden(name: &str, status: u16, secret: &str, behind: &[u8]) {
    let (action, path) = secret_of(name);
    let whole = nested(&path, &json!(secret)).to_string();
    let cut = hash(behind) % (whole.len() + 1);
    for body in [[whole.as_bytes(), behind].concat(), whole.as_bytes()[..cut].to_vec()] {
        let shown = match dynamic::decode(action.service.name, action.name, &body) {
            Ok(output) => format!("{:?}", Value::Record(&*output)),
            Err(error) => format!("{error} {error:?}"),
        };
        assert_clean(&shown, secret);
        assert_clean(&printed(action, "e", "unquoted-note", answer(status, &body)), secret);
    }
}

/// An action that tells a secret, and where.
fn secret_of(name: &str) -> (&'static Action, Vec<&'static str>) {
    named(name, |action| Some((action, path_of_secret(&action.response)?)))
}

/// An action that is told a secret.
fn asking_for_secret(name: &str) -> &'static Action {
    named(name, |action| with_secret(&action.request, "").map(|_| action))
}

/// What is made of the action of a name. Any other text is one of those that something is made of.
fn named<T>(name: &str, of: impl Fn(&'static Action) -> Option<T>) -> T {
    let all = dynamic::services().flat_map(|service| dynamic::actions(service.name));
    let mut all: Vec<_> = all.filter_map(|action| Some((action.name, of(action)?))).collect();
    let at = all.iter().position(|(known, _)| *known == name);
    let at = at.unwrap_or_else(|| hash(name) % all.len());
    all.swap_remove(at).1
}

/// Parameters of which one is the secret; `None` if the table calls none so.
fn with_secret(shape: &'static Shape, secret: &str) -> Option<Json> {
    use cloudnet::schema::Kind;
    shape.fields.iter().find_map(|field| {
        let is_list = matches!(field.kind, Kind::List(_));
        let value = if field.secret { json!(secret) } else { with_secret(inner(&field.kind)?, secret)? };
        Some(json!({ field.name: if is_list { json!([value]) } else { value } }))
    })
}

fn list_of(action: &Action) -> &'static str {
    use cloudnet::schema::Kind;
    let list = action.request.fields.iter().find(|field| matches!(field.kind, Kind::List(_)));
    list.map_or("Note", |field| field.name)
}

fn path_of_secret(shape: &'static Shape) -> Option<Vec<&'static str>> {
    shape.fields.iter().find_map(|field| {
        if field.secret {
            return Some(vec![field.name]);
        }
        let below = path_of_secret(inner(&field.kind)?)?;
        let wrapper = Some(field.wrapped).filter(|wrapper| !wrapper.is_empty());
        Some([field.name].into_iter().chain(wrapper).chain(below).collect())
    })
}

fn inner(kind: &'static cloudnet::schema::Kind) -> Option<&'static Shape> {
    use cloudnet::schema::Kind;
    match kind {
        Kind::Object(shape) | Kind::Json(shape) => Some(shape),
        Kind::List(entry) => inner(entry),
        _ => None,
    }
}

fn nested(path: &[&str], value: &Json) -> Json {
    path.iter().rfold(value.clone(), |inner, name| json!({ *name: inner }))
}

fn assert_clean(printed: &str, secret: &str) {
    let halves = halves(secret);
    let mut all = std::iter::once(secret).chain(halves.iter().map(String::as_str)).flat_map(spellings);
    if let Some(found) = all.find(|spelling| printed.contains(spelling.as_str())) {
        panic!("{found:?} is in {printed}");
    }
}

/// Both halves of a long text, which have the marks.
fn halves(secret: &str) -> Vec<String> {
    let characters: Vec<char> = secret.chars().collect();
    let half = characters.len().div_ceil(2);
    let is_long = characters.len() >= 24;
    characters.chunks(half).filter(|_| is_long).map(|half| half.iter().collect()).collect()
}
