//! The page that says how far the emulator goes, action by action.

use std::collections::{BTreeMap, BTreeSet};

use crate::doc::Doc;
use crate::model::kept::{Codes, Filter, FilterBy, KeptEffect};
use crate::model::{Action, Model, ProofSpec, Service};

const INTRODUCTION: &str = "\
# How far the emulator goes

What `cloudnet-emulator` does for each action, read off the specs that it runs. *Stored* is what a call leaves behind,
*echoed* how much of that an answer shows, *filtered* by which rows a listing can be narrowed, *refused* with which codes,
where a word without a code has none in the action's own table and gets a general one, *timed* through which states a
resource passes. *Proven by* names the laws of `tests/tests/laws` that have a case about the action: the laws say so themselves
each time that they run. What has none is unproven, and says why.
";

/// The page.
pub(in super::super) fn page(model: &Model, header: &str) -> String {
    let mut text = format!("<!-- {header} -->\n\n{INTRODUCTION}\n{}", counts(model));
    for service in &model.services {
        text.push_str(&format!("\n## {}\n", prose(&service.title)));
        if service.actions.iter().any(|action| action.chapter.is_none()) {
            text.push_str(&table(model, service, None));
        }
        for chapter in &service.chapters {
            text.push_str(&format!("\n### {}\n", prose(&chapter.title)));
            text.push_str(&table(model, service, Some(&chapter.module)));
        }
    }
    text
}

/// The numbers over all services.
fn counts(model: &Model) -> String {
    let actions: Vec<(&Service, &Action)> = model
        .services
        .iter()
        .flat_map(|service| service.actions.iter().map(move |one| (service, one)))
        .collect();
    let count = |is: &dyn Fn(&Action) -> bool| actions.iter().filter(|(_, action)| is(action)).count();
    let filters = || {
        actions.iter().filter_map(|(_, action)| action.behavior.read.as_ref()).flat_map(|read| &read.filters)
    };
    let filters_nothing = filters().filter(|filter| filters_nothing(filter)).count();
    let mut rows = vec![
        ("actions".to_owned(), actions.len()),
        ("writes that do what they say".to_owned(), count(&|one| !one.behavior.effects.is_empty())),
        ("reads of what there is".to_owned(), count(&|one| one.behavior.read.is_some())),
        (
            "answered with the printed example".to_owned(),
            count(&|one| one.behavior.answers_example.is_some()),
        ),
        ("nothing said yet".to_owned(), count(&is_unsaid)),
        ("filters that filter".to_owned(), filters().count() - filters_nothing),
        ("filters that filter nothing".to_owned(), filters_nothing),
    ];
    let mut lacking: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, action) in &actions {
        for word in shown_lacks(action) {
            *lacking.entry(word).or_default() += 1;
        }
    }
    rows.extend(
        lacking.into_iter().map(|(word, count)| (format!("no code for `{word}` in the own table"), count)),
    );
    rows.extend(
        model
            .proofs
            .iter()
            .map(|proof| (format!("held to `laws::{}`", &*proof.law.value), proof.actions.len())),
    );
    let rows = rows.into_iter().map(|(what, count)| format!("| {what} | {count} |\n"));
    format!("| what | how many |\n|---|---:|\n{}", rows.collect::<String>())
}

fn is_unsaid(action: &Action) -> bool {
    let behavior = &action.behavior;
    behavior.effects.is_empty() && behavior.read.is_none() && behavior.answers_example.is_none()
}

fn table(model: &Model, service: &Service, chapter: Option<&str>) -> String {
    let actions = service.actions.iter().filter(|action| action.chapter.as_deref() == chapter);
    let rows = actions.map(|action| {
        let cells = [
            format!("`{}`", *action.facts.name),
            stored(action),
            echoed(service, action),
            filtered(action),
            refused(action),
            timed(action),
            proven(&model.proofs, action),
        ];
        format!("| {} |\n", cells.join(" | "))
    });
    let head = "| action | stored | echoed | filtered | refused | timed | proven by |\n|---|---|---|---|---|---|---|\n";
    format!("\n{head}{}", rows.collect::<String>())
}

fn stored(action: &Action) -> String {
    let effects = action.behavior.effects.iter().map(|effect| {
        let fields = fields(effect);
        let list = if fields.is_empty() { String::new() } else { format!(": {}", spans(fields)) };
        format!("{} `{}`{list}", effect.operation, effect.resource)
    });
    let effects: Vec<String> = effects.collect();
    match &action.behavior.read {
        Some(read) => format!("reads `{}`", read.resource),
        None => effects.join("; "),
    }
}

/// What an effect leaves in fields.
fn fields(effect: &KeptEffect) -> Vec<&str> {
    let stored = effect.stores.iter().map(|(_, field)| field);
    stored.chain(effect.set.iter().map(|(field, _)| field)).map(String::as_str).collect()
}

fn echoed(service: &Service, action: &Action) -> String {
    let mut hidden = BTreeSet::new();
    let mut count = 0;
    for effect in &action.behavior.effects {
        let kept = service.kept.iter().find(|kept| kept.name == effect.resource);
        let is_read = is_read(service, &effect.resource);
        for field in fields(effect) {
            count += 1;
            if !is_read || kept.is_none_or(|kept| !kept.seen.contains(field)) {
                hidden.insert(field);
            }
        }
    }
    match (count, hidden.len()) {
        (0, _) => String::new(),
        (_, 0) => "all".to_owned(),
        (count, hidden) if count == hidden => "none".to_owned(),
        _ => format!("all but {}", spans(hidden)),
    }
}

fn is_read(service: &Service, resource: &str) -> bool {
    let mut reads = service.actions.iter().filter_map(|action| action.behavior.read.as_ref());
    reads.any(|read| read.resource == resource)
}

fn filtered(action: &Action) -> String {
    let filters = action.behavior.read.iter().flat_map(|read| &read.filters);
    let filters = filters.map(|filter| match &filter.by {
        FilterBy::None(reason) => format!("`{}` not: {}", filter.row, prose(reason)),
        FilterBy::Unknown => format!("`{}` not", filter.row),
        FilterBy::Field(_) | FilterBy::Pairs(..) => format!("`{}`", filter.row),
    });
    filters.collect::<Vec<_>>().join(", ")
}

fn filters_nothing(filter: &Filter) -> bool {
    matches!(filter.by, FilterBy::None(_) | FilterBy::Unknown)
}

fn refused(action: &Action) -> String {
    let codes = &action.behavior.codes;
    let Codes { missing, invalid, not_found, dependency, state, needs, .. } = codes;
    let lists = [
        ("missing", missing),
        ("invalid", invalid),
        ("not_found", not_found),
        ("dependency", dependency),
        ("state", state),
        ("needs", needs),
    ];
    let lists = lists.map(|(word, codes)| (word, codes.iter().map(|(_, code)| code.as_str()).collect()));
    let one = |word, code: &'_ Option<String>| (word, code.clone());
    let single = [
        one("quota", &codes.quota),
        one("exists", &codes.exists),
        one("inside", &codes.inside),
        one("apart", &codes.apart),
    ];
    let lists = lists.into_iter().map(|(word, codes): (_, BTreeSet<&str>)| (word, spans(codes)));
    let single = single.into_iter().map(|(word, code)| (word, spans(code.as_deref())));
    let said = lists.chain(single).filter(|(word, codes)| !codes.is_empty() && !is_of_no_use(action, word));
    let said: Vec<String> = said.map(|(word, codes)| format!("{word} {codes}")).collect();
    said.into_iter().chain(shown_lacks(action).map(str::to_owned)).collect::<Vec<_>>().join("; ")
}

/// Codes that nothing is refused with.
fn is_of_no_use(action: &Action, word: &str) -> bool {
    action.behavior.answers_example.is_some() || action.behavior.codes.unneeded.contains(&word)
}

/// What is refused with a code that the table does not have.
fn shown_lacks(action: &Action) -> impl Iterator<Item = &'static str> {
    let lacking = action.behavior.codes.lacking.iter().copied();
    lacking.filter(|_| action.behavior.answers_example.is_none())
}

fn timed(action: &Action) -> String {
    let effects = action.behavior.effects.iter().filter_map(|effect| {
        let path = match (&effect.via, &effect.to, effect.operation) {
            (Some(via), Some(to), _) => format!("`{via}` → `{to}`"),
            (Some(via), None, "delete") => format!("`{via}` → gone"),
            (None, Some(to), _) => format!("`{to}`"),
            _ => return None,
        };
        Some(format!("`{}` {path}", effect.resource))
    });
    effects.collect::<Vec<_>>().join("; ")
}

fn proven(proofs: &[ProofSpec], action: &Action) -> String {
    let laws = laws(proofs, action).into_iter().map(|law| format!("`{law}`")).collect::<Vec<_>>().join(", ");
    match &action.behavior.answers_example {
        Some(because) => format!("unproven, the printed example: {}", prose(because)),
        None if is_unsaid(action) => "unproven: nothing is said of it".to_owned(),
        None if laws.is_empty() => "unproven: no law has a case of it".to_owned(),
        None => laws,
    }
}

/// The laws that had a case about an action.
fn laws<'m>(proofs: &'m [ProofSpec], action: &Action) -> Vec<&'m str> {
    let is_about =
        |proof: &&ProofSpec| proof.actions.iter().any(|name| name.value == action.facts.name.value);
    proofs.iter().filter(is_about).map(|proof| proof.law.as_str()).collect()
}

/// Names and codes as code.
fn spans<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names = names.into_iter().map(|name| cell(&Doc::new().code(name)));
    names.collect::<Vec<_>>().join(", ")
}

/// A sentence of a spec, within a cell.
fn prose(text: &str) -> String {
    cell(&Doc::new().text(&text.replace(['\n', '\r'], " ")))
}

/// A line without a bar that would end the cell, not even in a code span.
fn cell(doc: &Doc) -> String {
    let line = doc.plain().replace('\n', " ");
    let mut cell = String::with_capacity(line.len());
    let mut is_escaped = false;
    for character in line.trim().chars() {
        if character == '|' && !is_escaped {
            cell.push('\\');
        }
        is_escaped = character == '\\' && !is_escaped;
        cell.push(character);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::{prose, spans};

    #[test]
    fn no_text_ends_a_cell() {
        assert_eq!(prose("a | b\nc"), "a \\| b c");
        assert_eq!(prose("a \\| `x|y` b"), "a \\\\\\| `x\\|y` b");
        assert_eq!(spans(["a|b", "c"]), "`a\\|b`, `c`");
    }
}
