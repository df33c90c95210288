//! A report as text, JSON, annotations of GitHub, or a section of a changelog.

mod json;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cloudnet_codegen::visible::visible;

use super::Report;
use super::catalogue::{InRust, Step, Wire};
use super::compare::{Effect, Side};

pub use json::json;

/// Values are cut after this many characters.
const LONGEST: usize = 160;

/// For people: the verdict first, then each effect with both its places.
pub fn text(report: &Report) -> String {
    let mut text = format!("verdict: {}\n", verdict(report));
    if report.unread > 0 {
        let (old, unread) = (&report.old.0, report.unread);
        line(
            &mut text,
            &format!(
                "note: {old} has {unread} mistakes by today's dialect; what they are about is not compared"
            ),
        );
    }
    for complaint in &report.complaints {
        line(&mut text, &format!("error: {complaint}"));
    }
    for effect in &report.effects {
        text.push_str(&paragraph(effect));
    }
    text
}

/// Annotations of a pull request: breaking effects as errors, and so on downwards; notes are left out.
pub fn github(report: &Report) -> String {
    let mut text = String::new();
    for complaint in &report.complaints {
        line(&mut text, &format!("::error title=approvals::{}", escaped(complaint, false)));
    }
    for effect in report.effects.iter().filter(|effect| effect.kind.step > Step::None) {
        let level = match effect.kind.step {
            _ if effect.approved.is_some() => "notice",
            step if step > report.allowed => "error",
            Step::Major | Step::Minor => "warning",
            _ => "notice",
        };
        let place = effect.new.place.as_ref().or(effect.old.place.as_ref());
        let place = place.map_or_else(String::new, |place| {
            let path = escaped(&place.path, true);
            format!("file={path},line={},endLine={},col={},", place.line, place.end_line, place.column)
        });
        let title = escaped(&format!("{}: {}", effect.kind.step, effect.kind.key), true);
        let message = escaped(&[sentence(effect), before_and_now(effect)].join("\n"), false);
        line(&mut text, &format!("::{level} {place}title={title}::{message}"));
    }
    let verdict = escaped(&verdict(report), false);
    line(&mut text, &format!("::notice title=verdict::{verdict}"));
    text
}

/// A section of a changelog: by chapter, the breaking changes marked; docs and notes are left out.
pub fn changelog(report: &Report) -> String {
    let mut chapters: BTreeMap<String, Vec<&Effect>> = BTreeMap::new();
    for effect in report.effects.iter().filter(|effect| effect.kind.step >= Step::Minor) {
        let title = [effect.service.as_str(), &effect.chapter.replace('_', " ")].join(" ");
        chapters.entry(title.trim().to_owned()).or_default().push(effect);
    }
    let due = report.due().unwrap_or_else(|| "Unreleased".to_owned());
    let mut text = format!("## {due}\n");
    for (title, effects) in chapters {
        line(&mut text, &format!("\n### {title}\n"));
        for effect in effects {
            let mark = if effect.kind.step == Step::Major { "**Breaking:** " } else { "" };
            let values = before_and_now(effect);
            let values = if values.is_empty() { values } else { format!(" ({values})") };
            line(&mut text, &format!("- {mark}{}{values}", sentence(effect)));
        }
    }
    text
}

fn verdict(report: &Report) -> String {
    let step = report.verdict();
    let (old, new) = (&report.old, &report.new);
    let mut text = step.to_string();
    let due = report.due().filter(|_| step > Step::None);
    if let (Some(before), Some(due)) = (&old.1, due) {
        let state = match (report.has_due_version(), &new.1) {
            (Some(false), Some(now)) => format!("; {} has {now}", new.0),
            (_, Some(now)) => format!("; {} has {now}, which is enough", new.0),
            _ => String::new(),
        };
        write!(text, ", {due} is due after {before}{state}").ok();
    }
    let approved = report.effects.iter().filter(|effect| effect.approved.is_some()).count();
    let count = |step| report.effects.iter().filter(|effect| effect.kind.step == step).count();
    let [major, minor, patch, notes] = [Step::Major, Step::Minor, Step::Patch, Step::None].map(count);
    write!(text, " ({major} major, {minor} minor, {patch} patch, {notes} notes; {approved} approved)").ok();
    text
}

fn paragraph(effect: &Effect) -> String {
    let kind = effect.kind;
    let step = if kind.step == Step::None { "note" } else { kind.step.word() };
    let mut text = format!("\n{step}[{}]: {}\n", kind.key, sentence(effect));
    let sides = [("before", &effect.old), ("now", &effect.new)];
    for (when, side) in sides {
        let Some(place) = &side.place else { continue };
        let value = if side.value.is_empty() { String::new() } else { format!(": {}", cut(&side.value)) };
        line(&mut text, &format!("  {when:>6} --> {place}{value}"));
    }
    if kind.wire != Wire::Nothing || kind.rust != InRust::Stays {
        let rust = match kind.rust {
            InRust::Stays => "no item changes".to_owned(),
            rust => format!("{} {}: `{}`", rust.item(), rust.word(), effect.item),
        };
        line(&mut text, &format!("  wire: {}; Rust: {rust}", kind.wire.word()));
    }
    match &effect.approved {
        Some(reason) => line(&mut text, &format!("  approved as {}: {reason}", effect.fingerprint)),
        None if kind.step > Step::None => line(&mut text, &format!("  fingerprint: {}", effect.fingerprint)),
        None => {}
    }
    text
}

/// What changes, in one sentence.
fn sentence(effect: &Effect) -> String {
    let about = if effect.about.is_empty() { String::new() } else { format!(" [{}]", effect.about) };
    let subject = if effect.subject.is_empty() { &effect.service } else { &effect.subject };
    format!("`{subject}`{about} {}", effect.kind.said)
}

fn before_and_now(effect: &Effect) -> String {
    let said = |side: &Side| if side.value.is_empty() { "nothing".to_owned() } else { cut(&side.value) };
    match (effect.old.value.as_str(), effect.new.value.as_str()) {
        ("", "") => String::new(),
        ("", new) | (new, "") if new == effect.subject => String::new(),
        _ => format!("before: {}, now: {}", said(&effect.old), said(&effect.new)),
    }
}

fn cut(value: &str) -> String {
    let value = visible(value).into_owned();
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value,
    }
}

/// Text as workflow commands have it; in a property two characters more have a meaning.
fn escaped(text: &str, is_property: bool) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    if is_property { text.replace(':', "%3A").replace(',', "%2C") } else { text }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
