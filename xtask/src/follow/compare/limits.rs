//! Limits that a package has in a form for machines, and those of a spec.

use std::iter;

use cloudnet_codegen::limit::{Content, Limits as OurLimits};
use cloudnet_codegen::path::Table;
use cloudnet_codegen::spec::RowSpec;

use crate::follow::published::{Bounds, Limits};

/// Limits on how a text is written.
const WRITTEN: [&str; 5] = ["format", "chars", "starts_with", "ends_with", "values"];

/// A limit that differs.
#[derive(Debug, PartialEq)]
pub(super) struct Differing {
    pub(super) kind: &'static str,
    pub(super) here: String,
    pub(super) there: String,
}

/// All that the rows of a spec say, as the document's, as today's or as advice.
pub(super) fn stated(row: &RowSpec) -> impl Iterator<Item = &OurLimits> {
    let today = row.today.iter().flat_map(|today| [&today.limits, &today.advice]);
    iter::once(&row.limits).chain([&row.advice]).chain(today)
}

/// What is published and not stated. What is only stated here may be the document's alone.
pub(super) fn differing(table: Option<Table>, rows: &[&RowSpec], there: &Limits) -> Vec<Differing> {
    let all: Vec<&OurLimits> = rows.iter().flat_map(|row| stated(row)).collect();
    let values = values(&all, there);
    // Answers are not checked: specs have values of them and no other limits.
    if table == Some(Table::Response) {
        return values.into_iter().collect();
    }
    let mut found = bounds(&all, there);
    found.extend(values);
    let is_written = all.iter().any(|limits| WRITTEN.iter().any(|key| limits.get(key).is_some()));
    if let Some(pattern) = there.pattern.as_ref().filter(|_| !is_written) {
        found.push(Differing { kind: "pattern", here: String::new(), there: pattern.clone() });
    }
    found
}

fn bounds(all: &[&OurLimits], there: &Limits) -> Vec<Differing> {
    let mut found = Vec::new();
    let counted = |bounds: Bounds| (Some(bounds.0.unwrap_or(0)), bounds.1);
    let bounds =
        [("length", there.length.map(counted)), ("range", there.range), ("items", there.items.map(counted))];
    for (key, bounds) in bounds {
        let Some(bounds) = bounds else { continue };
        let ours = all.iter().filter_map(|limits| limits.get(key)).filter_map(|one| pair(&one.content));
        let ours: Vec<Bounds> =
            ours.map(|bounds| if key == "range" { bounds } else { counted(bounds) }).collect();
        if !ours.contains(&bounds) {
            let here: Vec<String> = ours.into_iter().map(|ours| said(key, ours)).collect();
            found.push(Differing { kind: "bounds", here: here.join("; "), there: said(key, bounds) });
        }
    }
    found
}

fn values(all: &[&OurLimits], there: &Limits) -> Option<Differing> {
    let ours: Vec<&str> =
        all.iter().filter_map(|limits| limits.values()).flatten().map(|one| one.value.as_str()).collect();
    let only = |some: &[&str], others: &[&str]| {
        let only: Vec<&str> = some.iter().copied().filter(|one| !others.contains(one)).collect();
        only.join(", ")
    };
    let theirs: Vec<&str> = there.values.iter().map(String::as_str).collect();
    let (here, more) = (only(&ours, &theirs), only(&theirs, &ours));
    let is_same = here.is_empty() && more.is_empty();
    (!is_same && !theirs.is_empty()).then_some(Differing { kind: "values", here, there: more })
}

fn pair(content: &Content) -> Option<Bounds> {
    match content {
        Content::Bounds(pair) => Some(*pair),
        // Packages have whole numbers alone as ends.
        Content::Decimals((least, most)) => Some((least.map(|end| end as i64), most.map(|end| end as i64))),
        _ => None,
    }
}

fn said(key: &str, (least, most): Bounds) -> String {
    let end = |end: Option<i64>| end.map_or_else(|| "open".to_owned(), |end| end.to_string());
    format!("{key} {} to {}", end(least), end(most))
}
