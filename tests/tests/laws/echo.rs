//! What a write takes, every reader of the resource gives back.

use cloudnet_codegen::model::Type;
use cloudnet_codegen::spec::Operation;
use cloudnet_tests::sample;
use serde_json::{Value as Json, json};

use crate::book::{self, Does, Kind, Reader, field_at};
use crate::ledger::Ledger;
use crate::values::field as field_of;
use crate::world::{Members, World, at, dig, refused, same, text};

#[test]
fn what_a_write_takes_a_reader_shows() {
    let mut ledger = Ledger::of("echo");
    for does in book::effects().filter(|does| does.effect.operation != Operation::Delete) {
        let Some(kind) = does.kind() else { continue };
        let readers = kind.readers();
        for (row, field) in does.stores().into_iter().filter(|(row, _)| is_value(does, row)) {
            let shown: Vec<&Reader> =
                readers.iter().filter(|reader| reader.fields().contains(&field)).collect();
            if shown.is_empty() {
                ledger.count("of them that no reader shows, seen in the state");
            }
            if does.effect.operation == Operation::Create && row == field && !shown.is_empty() {
                ledger.count("of them by creates, by name");
            }
            let name =
                format!("{}{row}", if does.index > 0 { format!("{}.", kind.name()) } else { String::new() });
            ledger.note(does.deed.name(), &name, echoes(does, kind, &row, &field, &shown));
        }
    }
    ledger.close(400);
}

/// Whether a row is a value by itself.
fn is_value(does: Does, row: &str) -> bool {
    let plain = |ty: &Type| !matches!(ty, Type::Struct(_) | Type::Json(_));
    field_at(&does.deed.action.request, row).is_some_and(|field| match &field.ty {
        Type::List(entry) => plain(entry),
        ty => plain(ty),
    })
}

/// Two values that differ are both shown.
fn echoes(does: Does, kind: Kind, row: &str, field: &str, readers: &[&Reader]) -> Result<(), String> {
    let world = World::new();
    let references = does.deed.references();
    let reference = references.iter().find(|reference| reference.row == row);
    for turn in 0..2 {
        world.forget();
        let is_number = readers.iter().any(|reader| reader.is_number(field));
        let parameters = match is_number
            && reference.is_none()
            && field_at(&does.deed.action.request, row).is_some_and(sample::is_free)
        {
            true => legal(&world, does, row, turn, false)
                .and_then(|legal| numbered(&world, does, row, turn, legal))?,
            false => legal(&world, does, row, turn, reference.is_some())?,
        };
        let wanted = at(&parameters, row).cloned().unwrap_or_default();
        let thing = match does.effect.operation {
            Operation::Create => world.make(kind, does.deed, &parameters)?,
            _ => {
                let target = world.ensure(kind)?;
                world
                    .call(does.deed, &parameters)
                    .map_err(|error| refused(does.deed, &parameters, &error))?;
                world.thing(kind, target.number).ok_or("it is gone")?
            }
        };
        if readers.is_empty() && !field_of(&thing.fields, field).is_some_and(|stored| same(&stored, &wanted))
        {
            return Err(format!("{:?} is stored for {wanted}", field_of(&thing.fields, field)));
        }
        for reader in readers {
            let seen = world.seen(reader, &thing)?;
            let shown = dig(&seen, field);
            let shown = Json::Array(shown.into_iter().cloned().collect());
            if !same(&shown, &wanted) {
                return Err(format!("{} shows {shown} for {wanted}", reader.deed.name()));
            }
        }
    }
    Ok(())
}

/// Parameters with a value of a turn, which the table allows.
pub(crate) fn legal(
    world: &World,
    does: Does,
    row: &str,
    turn: u32,
    is_reference: bool,
) -> Result<Members, String> {
    let field = field_at(&does.deed.action.request, row).ok_or("no such row")?;
    let service = does.deed.service.spec.name.value.as_str();
    let mut why = String::new();
    for step in 0..4 {
        let value = match sample::is_free(field) {
            true => Json::Null,
            false if is_reference => Json::Null,
            false => sample::nth(field, turn + 2 * step),
        };
        let parameters = world.parameters_for(does.deed, Some(does), &[(row, value)])?;
        match cloudnet::dynamic::validate(service, does.deed.name(), &json!(parameters)) {
            Ok(()) => return Ok(parameters),
            Err(error) => why = format!("{error} {}", json!(parameters)),
        }
    }
    Err(format!("no legal value: {why}"))
}

/// The same with a number in the row, unless one is there.
fn numbered(world: &World, does: Does, row: &str, turn: u32, legal: Members) -> Result<Members, String> {
    let is_number = at(&legal, row).and_then(text).is_some_and(|text| text.parse::<f64>().is_ok());
    if is_number {
        Ok(legal)
    } else {
        world.parameters_for(does.deed, Some(does), &[(row, json!((7_001 + turn).to_string()))])
    }
}
