//! Pages are pages: all rows are on them, each once, and the total is right.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::book::{self, Kind, Reader};
use crate::ledger::Ledger;
use crate::world::{Members, Thing, World, dig, field, refused, same};

/// So many resources, where the quota lets them be.
const MANY: usize = 25;

#[test]
fn pages_have_each_row_once() {
    let mut ledger = Ledger::of("pages");
    for kind in book::kinds().filter(|kind| !kind.makers().is_empty()) {
        for reader in kind.readers() {
            let Some(pages) = &reader.deed.action.spec.pagination else { continue };
            if reader.rows.as_deref() != Some(&*pages.items.value) || !kind.is_listed_by(&reader) {
                ledger.count("whose rows lie in other rows");
                continue;
            }
            ledger.note(reader.deed.name(), kind.name(), are_pages(kind, &reader));
        }
    }
    ledger.close(24);
}

fn are_pages(kind: Kind, reader: &Reader) -> Result<(), String> {
    let world = World::new();
    let first = world.fresh(kind, &[])?;
    let (base, kept) = world.listing(reader, &first)?;
    let mut made = vec![first];
    while made.len() < MANY {
        world.forget_all_but(&kept);
        match world.fresh(kind, &[]) {
            Ok(thing) => made.push(thing),
            // So many are enough for a second page.
            Err(why) if made.len() > 3 && why.contains("(quota)") => break,
            Err(why) => return Err(why),
        }
    }
    walk(&world, reader, &base, &made)
}

fn walk(world: &World, reader: &Reader, base: &Members, made: &[Thing]) -> Result<(), String> {
    let pages = reader.deed.action.spec.pagination.as_ref().ok_or("no pages")?;
    let rows = pages.items.value.replace("[]", "");
    let size = 10.min(made.len() / 2);
    let mut seen: Vec<Json> = Vec::new();
    let mut position: Option<Json> = (!pages.by_token).then(|| json!(1));
    let mut total = None;
    for number in 1_usize..=MANY {
        let mut parameters = base.clone();
        if let Some(row) = &pages.size {
            let text =
                reader.deed.field(row).is_some_and(|field| field.ty == cloudnet_codegen::model::Type::Text);
            parameters.insert(row.value.clone(), if text { json!(size.to_string()) } else { json!(size) });
        }
        if let Some(position) = &position {
            parameters.insert(pages.position.value.clone(), position.clone());
        }
        let answer = world
            .call(reader.deed, &parameters)
            .map_err(|error| refused(reader.deed, &parameters, &error))?;
        let answer = Json::Object(answer);
        let page: Vec<Json> = dig(&answer, &rows).into_iter().cloned().collect();
        let end = dig(&answer, &pages.end.value.replace("[]", "")).first().map(|end| (*end).clone());
        let is_full = page.len() == size;
        if page.len() > size && pages.size.is_some() {
            return Err(format!("{} rows on a page of {size}", page.len()));
        }
        seen.extend(page);
        if pages.by_token {
            match end {
                Some(next) if next != json!("") => position = Some(next),
                _ => break,
            }
        } else {
            let found = end.and_then(|end| end.as_u64().or_else(|| end.as_str()?.parse().ok()));
            if total.is_some() && total != found {
                return Err(format!("the total was {total:?} and is {found:?}"));
            }
            total = found;
            if !is_full {
                break;
            }
            position = Some(json!(number + 1));
        }
    }
    is_all(reader, &seen, total, made)
}

/// Whether the rows are those that were made, each once, and as many as is said.
fn is_all(reader: &Reader, seen: &[Json], total: Option<u64>, made: &[Thing]) -> Result<(), String> {
    let different: BTreeSet<String> = seen.iter().map(|row| ids(reader, row)).collect();
    if different.len() != seen.len() {
        return Err(format!("{} rows, and {} of them different", seen.len(), different.len()));
    }
    if total.is_some_and(|total| total != seen.len() as u64) {
        return Err(format!("the total is {total:?} of {}", seen.len()));
    }
    let is_row = |row: &Json, thing: &Thing| {
        reader.tells.iter().all(|(name, key)| {
            let key = field(&thing.fields, key);
            key.is_none_or(|key| dig(row, name).iter().any(|found| same(found, &key)))
        })
    };
    match made.iter().all(|thing| seen.iter().any(|row| is_row(row, thing))) {
        true => Ok(()),
        false => Err(format!("{} rows of {} made", seen.len(), made.len())),
    }
}

fn ids(reader: &Reader, row: &Json) -> String {
    match reader.tells.is_empty() {
        true => row.to_string(),
        false => reader.tells.iter().map(|(name, _)| format!("{:?} ", dig(row, name))).collect(),
    }
}
