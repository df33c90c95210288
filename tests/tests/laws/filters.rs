//! Every filter of a listing filters.

use std::time::Duration;

use cloudnet_codegen::spec::Operation;
use cloudnet_emulator::Transitions;
use cloudnet_tests::sample;
use serde_json::{Value as Json, json};

use crate::book::{self, Does, Filtered, Kind, Reader, field_at, row_path};
use crate::ledger::Ledger;
use crate::world::{Members, Thing, World, dig, field, refused, same, set, text};

#[test]
fn every_filter_of_a_listing_filters() {
    let mut ledger = Ledger::of("filters");
    for kind in book::kinds() {
        for reader in kind.readers().iter().filter(|reader| reader.rows.is_some()) {
            ledger.count("listings");
            for row in reader.deed.action.spec.request.iter().map(row_path) {
                each_filter(&mut ledger, kind, reader, &row);
            }
        }
    }
    ledger.close(100);
}

fn each_filter(ledger: &mut Ledger, kind: Kind, reader: &Reader, row: &str) {
    let name = format!("{row}{}", if reader.deed.name().contains(kind.name()) { String::new() } else { format!("@{}", kind.name()) });
    match book::filter(reader.deed, row, &reader.fields()) {
        Some(Filtered::Field(of)) => ledger.note(reader.deed.name(), &name, filters(kind, reader, &of, &|value| vec![(row.to_owned(), value.clone())])),
        Some(Filtered::Pairs(pairs)) => {
            for (key, of) in pairs {
                let asked = |value: &Json| {
                    vec![(format!("{row}.Key"), json!(key)), (format!("{row}.Value"), json!([value]))]
                };
                ledger.note(reader.deed.name(), &format!("{name}={key}"), filters(kind, reader, &of, &asked));
            }
        }
        Some(Filtered::Nothing(_)) => ledger.count("said to filter nothing"),
        None => {}
    }
}

type Asked<'a> = &'a dyn Fn(&Json) -> Vec<(String, Json)>;

/// Two that differ in the field: each is found by its own value alone, and none by another one.
fn filters(kind: Kind, reader: &Reader, of: &str, asked: Asked<'_>) -> Result<(), String> {
    let (world, base, one, two) = pair(kind, reader, of)?;
    let (value_one, value_two) = (value(&world, reader, &one, of)?, value(&world, reader, &two, of)?);
    for (own, value, other) in [(&one, &value_one, &two), (&two, &value_two, &one)] {
        let rows = listed(&world, reader, &base, &asked(value))?;
        if !rows.iter().any(|row| is_row(reader, row, own)) {
            return Err(format!("asked for {value}, it does not come"));
        }
        if rows.iter().any(|row| is_row(reader, row, other)) {
            return Err(format!("asked for {value}, another one comes too"));
        }
    }
    let nobodys = asked(&nobodys(kind, reader, of, &[&value_one, &value_two], asked));
    match listed(&world, reader, &base, &nobodys) {
        Ok(rows) if rows.is_empty() => Ok(()),
        Ok(_) => Err(format!("asked for {nobodys:?}, something comes")),
        // Where the table has a code for it.
        Err(why) if why.contains("NotFound") => Ok(()),
        Err(why) => Err(why),
    }
}

/// A value that neither has.
fn nobodys(kind: Kind, reader: &Reader, of: &str, known: &[&Json], asked: Asked<'_>) -> Json {
    let row = asked(&Json::Null).first().map(|(row, _)| row.clone()).unwrap_or_default();
    let shape = &reader.deed.action.request;
    let reference = reader.deed.references().into_iter().find(|reference| reference.row == row);
    if let Some(reference) = reference {
        return crate::not_found::nobody(reader.deed, &reference);
    }
    let field = field_at(shape, &row).filter(|_| !row.ends_with(".Key"));
    let _ = (kind, of);
    let values = (900..920).filter_map(|number| field.map(|field| sample::nth(field, number)));
    let mut values = values.filter(|value| !known.iter().any(|known| same(known, value)));
    values.next().unwrap_or_else(|| json!("nobodys"))
}

/// Two of a kind that differ in a field, both in reach of the listing, and what is asked of it besides.
fn pair(kind: Kind, reader: &Reader, of: &str) -> Result<(World, Members, Thing, Thing), String> {
    let mut why = String::new();
    for way in [Way::Made, Way::Changed, Way::OnTheWay] {
        let made = pair_by(kind, reader, of, way);
        match made {
            Ok((world, base, one, two)) => {
                let differ = value(&world, reader, &one, of)
                    .and_then(|one| Ok((one, value(&world, reader, &two, of)?)));
                match differ {
                    Ok((one_value, two_value)) if !same(&one_value, &two_value) => return Ok((world, base, one, two)),
                    Ok((value, _)) => why = format!("both have {value}"),
                    Err(error) => why = error,
                }
            }
            Err(error) if why.is_empty() => why = error,
            Err(_) => {}
        }
    }
    Err(format!("no two that differ in {of}: {why}"))
}

/// How two come to differ.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// They are made so.
    Made,
    /// One of them is changed.
    Changed,
    /// One of them is not there yet.
    OnTheWay,
}

fn pair_by(kind: Kind, reader: &Reader, of: &str, way: Way) -> Result<(World, Members, Thing, Thing), String> {
    let transitions = match way {
        Way::OnTheWay => Transitions::After(Duration::from_secs(60)),
        _ => Transitions::Instant,
    };
    let world = World::with(transitions);
    let maker = kind.makers().first().copied();
    let row = maker.and_then(|maker| maker.stores().into_iter().find(|(_, field)| field == of)).map(|(row, _)| row);
    let one = fresh(&world, kind, maker, row.as_deref(), 0, false)?;
    let mut base = world.parameters(reader.deed, &[])?;
    let kept: Vec<Thing> = reader
        .deed
        .references()
        .iter()
        .filter(|reference| base.contains_key(&reference.row) && reference.row != of)
        .flat_map(|reference| reference.kinds.first().copied())
        .filter(|other| *other != kind)
        .filter_map(|kind| world.ensure(kind).ok())
        .collect();
    world.forget();
    kept.iter().for_each(|thing| world.keep(thing));
    let two = fresh(&world, kind, maker, row.as_deref(), 1, way == Way::OnTheWay)?;
    // What the listing is asked for besides must not tell them apart.
    for row in reader.ask.iter().map(|(row, _)| row).filter(|row| !is_required(reader, row)) {
        base.remove(row);
    }
    let two = if way == Way::Changed { changed(&world, &two, of)? } else { two };
    Ok((world, base, one, two))
}

fn is_required(reader: &Reader, row: &str) -> bool {
    reader.deed.field(row).is_some_and(|field| field.required)
}

fn fresh(world: &World, kind: Kind, maker: Option<Does>, row: Option<&str>, turn: u32, hangs: bool) -> Result<Thing, String> {
    let Some(maker) = maker else { return world.ensure(kind) };
    let is_reference = row.is_some_and(|row| maker.deed.references().iter().any(|reference| reference.row == row));
    let parameters = match row {
        Some(row) => crate::echo::legal(world, maker, row, turn, is_reference)?,
        None => world.parameters_for(maker.deed, Some(maker), &[])?,
    };
    world.settles.set(world.settles.get() && !hangs);
    world.make(kind, maker.deed, &parameters)
}

/// The thing after an action that leaves another value in the field.
fn changed(world: &World, thing: &Thing, of: &str) -> Result<Thing, String> {
    let kind = thing.kind;
    let is_state = kind.state_field() == Some(of);
    let mut why = "no action changes it".to_owned();
    for does in book::effects().filter(|does| does.kind() == Some(kind) && does.effect.operation == Operation::Change) {
        let row = does.stores().into_iter().find(|(_, field)| field == of).map(|(row, _)| row);
        let sets = does.effect.set.iter().any(|(field, _)| field.value == of);
        if row.is_none() && !sets && !is_state {
            continue;
        }
        world.keep(thing);
        let parameters = match &row {
            Some(row) => crate::echo::legal(world, does, row, 1, false),
            None => world.parameters_for(does.deed, Some(does), &[]),
        };
        let done = parameters.and_then(|parameters| world.call(does.deed, &parameters).map_err(|error| refused(does.deed, &parameters, &error)));
        let now = world.thing(kind, thing.number).ok_or("it is gone")?;
        match done {
            Ok(_) if field(&now.fields, of) != field(&thing.fields, of) => return Ok(now),
            Ok(_) => {}
            Err(error) => why = error,
        }
    }
    Err(why)
}

/// The value of a field, as it is shown, else as it is stored.
fn value(world: &World, reader: &Reader, thing: &Thing, of: &str) -> Result<Json, String> {
    let shown = world.seen(reader, thing).ok().and_then(|row| dig(&row, of).first().map(|found| (*found).clone()));
    let stored = field(&thing.fields, of).and_then(|value| dig(&json!({ "it": value }), "it").first().map(|found| (*found).clone()));
    let found = shown.or(stored).ok_or_else(|| format!("it has no {of}"))?;
    text(&found).map(Json::String).ok_or_else(|| format!("{of} is no scalar"))
}

fn listed(world: &World, reader: &Reader, base: &Members, asked: &[(String, Json)]) -> Result<Vec<Json>, String> {
    let mut parameters = base.clone();
    for (row, value) in asked {
        set(&mut parameters, reader.deed, row, value.clone());
    }
    let answer = world.call(reader.deed, &parameters).map_err(|error| refused(reader.deed, &parameters, &error))?;
    let rows = reader.rows.as_deref().unwrap_or_default().replace("[]", "");
    Ok(dig(&Json::Object(answer), &rows).into_iter().cloned().collect())
}

fn is_row(reader: &Reader, row: &Json, thing: &Thing) -> bool {
    reader.tells.iter().all(|(name, key)| {
        let wanted = field(&thing.fields, key);
        wanted.is_none_or(|wanted| dig(row, name).iter().any(|found| same(found, &wanted)))
    })
}
