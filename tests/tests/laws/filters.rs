//! Every filter of a listing filters.

use std::time::Duration;

use cloudnet_codegen::model::Field;
use cloudnet_codegen::spec::{Operation, ValueSpec};
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
            if !kind.is_listed_by(reader) {
                ledger.count("listings of what is shown with another");
                continue;
            }
            ledger.count("listings");
            let is_own = kind.spec.list.as_ref().is_some_and(|list| list.action.value == reader.deed.name());
            if is_own && reader.deed.row("RegionId").is_some() {
                ledger.note(reader.deed.name(), "RegionId", is_of_a_region(kind, reader));
            }
            for row in reader
                .deed
                .action
                .spec
                .request
                .iter()
                .map(row_path)
                .filter(|row| !reader.deed.is_of_the_call(row))
            {
                each_filter(&mut ledger, kind, reader, &row);
            }
        }
    }
    ledger.close(110);
}

fn each_filter(ledger: &mut Ledger, kind: Kind, reader: &Reader, row: &str) {
    let name = format!(
        "{row}{}",
        if reader.deed.name().contains(kind.name()) { String::new() } else { format!("@{}", kind.name()) }
    );
    match book::filter(reader.deed, row, &reader.fields()) {
        Some(Filtered::Field(of)) => {
            let end = filters(ledger, kind, reader, &of, &|value| vec![(row.to_owned(), value.clone())]);
            ledger.note(reader.deed.name(), &name, end);
        }
        Some(Filtered::Pairs(pairs)) => {
            for (key, of) in pairs {
                let asked = |value: &Json| {
                    vec![(format!("{row}.Key"), json!(key)), (format!("{row}.Value"), json!([value]))]
                };
                let end = filters(ledger, kind, reader, &of, &asked);
                ledger.note(reader.deed.name(), &format!("{name}={key}"), end);
            }
        }
        Some(Filtered::Nothing) => ledger.count("said to filter nothing"),
        None => {}
    }
}

/// What is in one region is not listed in another.
fn is_of_a_region(kind: Kind, reader: &Reader) -> Result<(), String> {
    let world = World::new();
    let thing = world.ensure(kind)?;
    let (base, _) = world.listing(reader, &thing)?;
    let found = |region: &str| listed(&world, reader, &base, &[("RegionId".to_owned(), json!(region))]);
    if !found("cn-hangzhou")?.iter().any(|row| is_row(reader, row, &thing)) {
        return Err("it is not listed in its own region".to_owned());
    }
    match found("cn-beijing") {
        Ok(rows) if rows.is_empty() => Ok(()),
        Ok(_) => Err("it is listed in another region".to_owned()),
        // What it lies in is not there either.
        Err(why) if why.contains("NotFound") => Ok(()),
        Err(why) => Err(why),
    }
}

type Asked<'a> = &'a dyn Fn(&Json) -> Vec<(String, Json)>;

/// Two that differ in the field: each is found by its own value alone, and none by another one.
fn filters(
    ledger: &mut Ledger,
    kind: Kind,
    reader: &Reader,
    of: &str,
    asked: Asked<'_>,
) -> Result<(), String> {
    let row = asked(&Json::Null).first().map(|(row, _)| row.clone()).unwrap_or_default();
    let closed = field_at(&reader.deed.action.request, &row).filter(|field| !sample::is_free(field));
    let Pair { world, base, one, two, values } = pair(kind, reader, of, closed, asked)?;
    let (value_one, value_two) = &values;
    if same(value_one, value_two) {
        ledger.count("of them with one value that all have");
    }
    for (own, value, other, others) in
        [(&one, value_one, &two, value_two), (&two, value_two, &one, value_one)]
    {
        let rows = listed(&world, reader, &base, &asked(value))?;
        if !rows.iter().any(|row| is_row(reader, row, own)) {
            return Err(format!("asked for {value}, it does not come"));
        }
        if !same(value, others) && rows.iter().any(|row| is_row(reader, row, other)) {
            return Err(format!("asked for {value}, another one comes too"));
        }
    }
    let Some(value) = nobodys(reader, &row, &base, &[value_one, value_two], asked) else {
        return if same(value_one, value_two) {
            Err("nothing tells that it filters".to_owned())
        } else {
            Ok(())
        };
    };
    match listed(&world, reader, &base, &asked(&value)) {
        Ok(rows) if rows.is_empty() => Ok(()),
        Ok(_) => Err(format!("asked for {value}, something comes")),
        // Where the table has a code for it.
        Err(why) if why.contains("NotFound") => Ok(()),
        Err(why) => Err(why),
    }
}

/// A value that neither has, if the table allows one.
fn nobodys(reader: &Reader, row: &str, base: &Members, known: &[&Json], asked: Asked<'_>) -> Option<Json> {
    let reference = reader.deed.references().into_iter().find(|reference| reference.row == row);
    if let Some(reference) = reference {
        return Some(crate::not_found::nobody(reader.deed, &reference));
    }
    let field = field_at(&reader.deed.action.request, row).filter(|_| !row.ends_with(".Key"));
    let values = (900..920).map(|number| {
        field.map_or_else(|| json!(format!("nobodys{number}")), |field| sample::nth(field, number))
    });
    let mut values = values.filter(|value| {
        let is_known = known.iter().any(|known| same(known, value));
        !is_known && is_legal(reader, &asking(reader, base, &asked(value)))
    });
    values.next()
}

/// Two of a kind, what they have in a field, and what is asked of the listing besides.
struct Pair {
    world: World,
    base: Members,
    one: Thing,
    two: Thing,
    values: (Json, Json),
}

/// Two that differ, if there is a way; else two that are alike.
fn pair(
    kind: Kind,
    reader: &Reader,
    of: &str,
    closed: Option<&Field>,
    asked: Asked<'_>,
) -> Result<Pair, String> {
    let (mut why, mut alike) = (String::new(), None);
    for way in [Way::Made, Way::Changed, Way::Coming, Way::Apart] {
        let (world, base, one, two) = match pair_by(kind, reader, of, way, closed) {
            Ok(made) => made,
            Err(error) => {
                why = error;
                continue;
            }
        };
        let Ok(value_one) = value(&world, reader, &one, of) else { continue };
        let others = world
            .things(kind)
            .into_iter()
            .filter(|thing| ![one.number, two.number].contains(&thing.number))
            .collect::<Vec<_>>();
        for other in std::iter::once(two).chain(others) {
            let Ok(value_two) = value(&world, reader, &other, of) else { continue };
            let is_in_reach = listed(&world, reader, &base, &asked(&value_two))
                .is_ok_and(|rows| rows.iter().any(|row| is_row(reader, row, &other)));
            let differs = !same(&value_one, &value_two) && is_in_reach;
            let values = (value_one.clone(), value_two);
            if differs {
                return Ok(Pair { world, base, one, two: other, values });
            }
            alike = alike.or(Some((way, values)));
        }
    }
    let Some((way, values)) = alike else { return Err(format!("none has {of}: {why}")) };
    let (world, base, one, two) = pair_by(kind, reader, of, way, closed)?;
    Ok(Pair { world, base, one, two, values })
}

/// How two come to differ.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// They are made so.
    Made,
    /// One of them is changed.
    Changed,
    /// One of them is not there yet.
    Coming,
    /// They lie in different ones, though a listing has only what lies in one.
    Apart,
}

fn pair_by(
    kind: Kind,
    reader: &Reader,
    of: &str,
    way: Way,
    closed: Option<&Field>,
) -> Result<(World, Members, Thing, Thing), String> {
    let transitions = match way {
        Way::Coming => Transitions::After(Duration::from_secs(60)),
        _ => Transitions::Instant,
    };
    let world = World::with(transitions);
    let maker = kind.makers().first().copied();
    let row = maker.and_then(|maker| {
        let stored = maker.stores();
        let stored = stored.iter().find_map(|stored| row_of(stored, of, closed));
        stored.or_else(|| made_along(kind, maker, of))
    });
    let one = fresh(&world, kind, maker, row.as_deref(), 0, closed, false)?;
    beside(&world, kind, of)?;
    let is_state = kind.state_field() == Some(of);
    let one = if way == Way::Changed && !is_state { changed(&world, &one, of, 0, "")? } else { one };
    let (base, kept) = world.listing(reader, &one)?;
    world.forget_all_but(if way == Way::Apart { &[] } else { &kept });
    // What names another resource has another value by another one.
    let named = maker.into_iter().flat_map(|maker| maker.deed.references());
    let named = named.filter(|reference| Some(reference.row.as_str()) == row.as_deref());
    let named = named.flat_map(|reference| reference.kinds);
    named.filter(|kind| !kept.contains(kind)).for_each(|kind| world.forget_kind(kind));
    let two = fresh(&world, kind, maker, row.as_deref(), 1, closed, way == Way::Coming)?;
    beside(&world, kind, of)?;
    let two = if way == Way::Changed { changed(&world, &two, of, 1, "").unwrap_or(two) } else { two };
    Ok((world, base, one, two))
}

/// The row by which one is made together with what a field is read off.
fn made_along(kind: Kind, maker: Does, of: &str) -> Option<String> {
    let (_, shown) = kind.spec.shown.iter().find(|(path, _)| path.value == of)?;
    let ValueSpec::Each(each) = &shown.value else { return None };
    let mut effects = maker.deed.effects();
    let along = effects.find(|does| {
        does.effect.operation == Operation::Create && does.effect.resource.value == each.resource.value
    });
    along?.effect.many.last().map(|row| book::without_index(&row.value))
}

/// The row that a field is stored of, by itself or in what is stored whole. What the listing has a closed list for is
/// no free text there either.
fn row_of((row, field): &(String, String), of: &str, closed: Option<&Field>) -> Option<String> {
    let within = of.strip_prefix(field.as_str())?;
    let is_within = within.starts_with('.') && closed.is_none();
    (within.is_empty() || is_within).then(|| format!("{row}{within}"))
}

/// Makes what a field is read off, if it is read off others.
fn beside(world: &World, kind: Kind, of: &str) -> Result<(), String> {
    for (path, value) in &kind.spec.shown {
        let ValueSpec::Each(each) = &value.value else { continue };
        let Some(other) =
            Kind::of(kind.service, &each.resource.value).filter(|_| of.starts_with(&path.value))
        else {
            continue;
        };
        if !other.makers().is_empty() {
            world.fresh(other, &[])?;
        }
    }
    Ok(())
}

fn fresh(
    world: &World,
    kind: Kind,
    maker: Option<Does>,
    row: Option<&str>,
    turn: u32,
    closed: Option<&Field>,
    hangs: bool,
) -> Result<Thing, String> {
    let Some(maker) = maker else { return world.ensure(kind) };
    let is_reference =
        row.is_some_and(|row| maker.deed.references().iter().any(|reference| reference.row == row));
    let parameters = match (row, closed) {
        (Some(row), Some(closed)) if !is_reference => {
            world.parameters_for(maker.deed, Some(maker), &[(row, sample::nth(closed, turn))])?
        }
        (Some(row), _) => crate::echo::legal(world, maker, row, turn, is_reference)?,
        (None, _) => world.parameters_for(maker.deed, Some(maker), &[])?,
    };
    world.settles.set(world.settles.get() && !hangs);
    world.make(kind, maker.deed, &parameters)
}

/// The thing after an action that leaves another value in the field.
pub(crate) fn changed(world: &World, thing: &Thing, of: &str, turn: u32, but: &str) -> Result<Thing, String> {
    let kind = thing.kind;
    let is_state = kind.state_field() == Some(of);
    let mut why = "no action changes it".to_owned();
    for does in book::effects().filter(|does| {
        does.kind() == Some(kind) && does.effect.operation == Operation::Change && does.deed.name() != but
    }) {
        let row = does.stores().into_iter().find(|(_, field)| field == of).map(|(row, _)| row);
        let sets = does.effect.set.iter().any(|(field, _)| field.value == of);
        if row.is_none() && !sets && !is_state {
            continue;
        }
        world.keep(thing);
        let parameters = match &row {
            Some(row) => crate::echo::legal(world, does, row, turn, false),
            None => world.parameters_for(does.deed, Some(does), &[]),
        };
        let done = parameters.and_then(|parameters| {
            world.call(does.deed, &parameters).map_err(|error| refused(does.deed, &parameters, &error))
        });
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
    let shown =
        world.seen(reader, thing).ok().and_then(|row| dig(&row, of).first().map(|found| (*found).clone()));
    let stored = field(&thing.fields, of)
        .and_then(|value| dig(&json!({ "it": value }), "it").first().map(|found| (*found).clone()));
    let found = shown.or(stored).ok_or_else(|| format!("it has no {of}"))?;
    if found.is_object() {
        return Ok(found);
    }
    text(&found).filter(|text| !text.is_empty()).map(Json::String).ok_or_else(|| format!("{of} is no scalar"))
}

fn listed(
    world: &World,
    reader: &Reader,
    base: &Members,
    asked: &[(String, Json)],
) -> Result<Vec<Json>, String> {
    let parameters = asking(reader, base, asked);
    let answer =
        world.call(reader.deed, &parameters).map_err(|error| refused(reader.deed, &parameters, &error))?;
    let rows = reader.rows.as_deref().unwrap_or_default().replace("[]", "");
    Ok(dig(&Json::Object(answer), &rows).into_iter().cloned().collect())
}

/// The parameters of a listing that is asked for something.
fn asking(reader: &Reader, base: &Members, asked: &[(String, Json)]) -> Members {
    let is_required = |row: &str| reader.deed.field(row).is_some_and(|field| field.required);
    let needed = base.iter().filter(|(row, _)| is_required(row) || row.as_str() == "RegionId");
    let least: Members = needed.map(|(row, value)| (row.clone(), value.clone())).collect();
    let with = |mut parameters: Members| {
        asked.iter().for_each(|(row, value)| set(&mut parameters, reader.deed, row, value.clone()));
        parameters
    };
    // Where it is asked for what the others lie in, the filter may stand in that place.
    Some(with(least)).filter(|least| is_legal(reader, least)).unwrap_or_else(|| with(base.clone()))
}

fn is_legal(reader: &Reader, parameters: &Members) -> bool {
    let service = reader.deed.service.spec.name.value.as_str();
    cloudnet::dynamic::validate(service, reader.deed.name(), &json!(parameters)).is_ok()
}

fn is_row(reader: &Reader, row: &Json, thing: &Thing) -> bool {
    reader.tells.iter().all(|(name, key)| {
        let wanted = field(&thing.fields, key);
        wanted.is_none_or(|wanted| dig(row, name).iter().any(|found| same(found, &wanted)))
    })
}
