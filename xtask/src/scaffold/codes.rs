//! The error codes of an action, each with the class that its words or the specs give it.

use cloudnet_codegen::classes_meant;

use super::known::Known;
use super::subject::{Deed, Subject};
use super::yaml::Yaml;

/// Words of codes that say a class less surely than those that lints go by.
const WORDS: [(&str, &str); 12] = [
    ("TooMany", "throttled"),
    ("Throttl", "throttled"),
    ("Unavailable", "unavailable"),
    ("Internal", "internal"),
    ("InProgress", "busy"),
    ("InUse", "dependency"),
    ("Found", "dependency"),
    ("Exist", "already-exists"),
    ("Invalid", "invalid-parameter"),
    ("Validation", "invalid-parameter"),
    ("Denied", "permission"),
    ("Limit", "quota"),
];

const BUSY: &str = "busy";
const NOT_FOUND: &str = "not-found";

/// `errors` of an action; nothing if there are none.
pub(super) fn errors(codes: Option<&[String]>, subject: &Subject, known: &Known<'_>) -> Option<Yaml> {
    match codes {
        None => Some(Yaml::text("unsourced")),
        Some([]) => None,
        Some(codes) => Some(Yaml::List(codes.iter().map(|code| error(code, subject, known)).collect())),
    }
}

fn error(code: &str, subject: &Subject, known: &Known<'_>) -> Yaml {
    let (of_specs, passes, summary) = known.code(code);
    let meant = classes_meant(code);
    let sure = of_specs.or(if let [only] = meant.as_slice() { Some(*only) } else { None });
    let likely = || {
        let worded = WORDS.iter().find(|(word, _)| code.contains(word)).map(|(_, class)| *class);
        meant.first().copied().or(worded).unwrap_or("precondition")
    };
    let class = sure.unwrap_or_else(likely);
    let mut entries = vec![("code", Yaml::text(code))];
    entries.push(("class", if sure.is_some() { Yaml::text(class) } else { Yaml::guess(class) }));
    if class == BUSY {
        let passes = passes.map_or_else(|| Yaml::hint("what ends without the caller"), Yaml::text);
        entries.push(("passes", passes));
    }
    entries.extend(gone(code, class, subject).map(|gone| ("gone", gone)));
    entries.push(("summary", summary.map_or_else(|| Yaml::hint("what is wrong"), Yaml::text)));
    Yaml::map(entries)
}

/// Whether the code is about something else than what can be away.
fn gone(code: &str, class: &str, subject: &Subject) -> Option<Yaml> {
    let is_named = code.to_ascii_lowercase().starts_with(&subject.noun().to_ascii_lowercase());
    match subject.deed() {
        _ if class != NOT_FOUND => None,
        _ if subject.is_of_others() => Some(Yaml::plain(false)),
        Deed::Read => None,
        _ if is_named => None,
        _ => Some(Yaml::guess("false")),
    }
}
