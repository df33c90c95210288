//! A row that names nothing is refused with the not-found code of the action's own table.

use cloudnet_tests::sample;
use ipnet::IpNet;
use serde_json::{Value as Json, json};

use crate::book::{self, Deed, Reference, field_at};
use crate::ledger::Ledger;
use crate::world::{World, dig, set, text, unknown};

/// How an unknown ID was taken.
enum End {
    Own,
    General,
    Nothing,
}

#[test]
fn what_names_nothing_is_not_found() {
    let mut ledger = Ledger::of("not_found");
    for deed in book::deeds().filter(|deed| deed.action.spec.answers.is_none()) {
        for reference in deed.references() {
            if reference.outside || is_optional(deed, &reference.row) {
                ledger.count("may name what no action makes");
                continue;
            }
            let end = refuses(deed, &reference);
            match &end {
                Ok(End::General) => ledger.count("refused with the general code, for the table has none"),
                Ok(End::Nothing) => ledger.count("listings that find nothing"),
                _ => {}
            }
            ledger.note(deed.name(), &reference.row, end.map(|_| ()));
        }
    }
    ledger.close(165);
}

fn is_optional(deed: Deed, row: &str) -> bool {
    deed.effects().any(|does| {
        let is_named = || does.by().iter().any(|(_, of)| of == row);
        does.effect.optional && (is_named() || does.effect.many.iter().any(|many| many.value == row))
    })
}

fn refuses(deed: Deed, reference: &Reference) -> Result<End, String> {
    let world = World::new();
    let row = reference.row.as_str();
    let mut parameters = world.parameters(deed, &[(row, Json::Null)])?;
    set(&mut parameters, deed, row, nobody(deed, reference));
    let mut codes = deed.codes_of("NotFound");
    // What is said of the region is said of nothing else.
    codes.retain(|code| !code.contains("Region") || said(deed, row) == Some(code));
    let said = said(deed, row);
    match world.call(deed, &parameters) {
        Err(error) => match error.code() {
            Some(code) if said.is_some_and(|said| said != code) => {
                Err(format!("refused with {code}, which is not what the spec says"))
            }
            Some(code) if codes.contains(&code) || said == Some(code) => Ok(End::Own),
            Some(code) if codes.is_empty() && code.contains("NotFound") => Ok(End::General),
            code => {
                Err(format!("refused with {code:?}, not one of {codes:?}: {error} {}", json!(parameters)))
            }
        },
        Ok(answer) if !deed.is_write() && codes_named(deed, &codes, reference).is_none() => {
            match is_empty(deed, &Json::Object(answer)) {
                true => Ok(End::Nothing),
                false => Err("was taken, and something is listed".to_owned()),
            }
        }
        Ok(_) => Err(format!("was taken, with {codes:?} in the table: {}", json!(parameters))),
    }
}

/// Whether a listing has no rows.
fn is_empty(deed: Deed, answer: &Json) -> bool {
    let readers =
        book::kinds().flat_map(book::Kind::readers).filter(|reader| reader.deed.name() == deed.name());
    let mut rows = readers.filter_map(|reader| Some(reader.rows?.replace("[]", "")));
    rows.any(|rows| dig(answer, &rows).is_empty())
}

/// What the spec says that a row is refused with.
fn said(deed: Deed, row: &str) -> Option<&'static str> {
    let said = deed.action.spec.refuses.not_found.iter();
    let mut said = said.filter(|(name, _)| book::without_index(&name.value) == row);
    said.next().map(|(_, code)| code.value.as_str())
}

/// A code that is about the row by its name.
fn codes_named(deed: Deed, codes: &[&'static str], reference: &Reference) -> Option<&'static str> {
    let row = reference.row.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let listed = deed.action.spec.pagination.is_some();
    let is_named = |code: &&&str| code.to_ascii_lowercase().contains(&row);
    codes.iter().find(is_named).copied().filter(|_| !listed)
}

/// A value that nothing has.
pub(crate) fn nobody(deed: Deed, reference: &Reference) -> Json {
    let field = field_at(&deed.action.request, &reference.row);
    let sampled = field.map(|field| sample::nth(field, 3_333)).unwrap_or_default();
    let is_address = text(&sampled)
        .is_some_and(|text| text.parse::<IpNet>().is_ok() || text.parse::<std::net::IpAddr>().is_ok());
    if is_address { sampled } else { unknown(reference.kinds.first().copied()) }
}
