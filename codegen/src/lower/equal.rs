//! Structs that one action returns and another one takes.

use crate::model::{Action, Field, Struct, Type, TypeOf};

/// Finds for each struct of a request the equal ones that other actions of its chapter return.
pub(super) fn find(actions: &mut [Action]) {
    for index in 0..actions.len() {
        let (mine, own) = (&actions[index], index);
        let others =
            actions.iter().enumerate().filter(|(at, other)| *at != own && other.chapter == mine.chapter);
        let returned = |other: &'_ Action, one: &Struct| {
            let equal =
                other.structs.iter().filter(|other| !other.is_input && same(&other.fields, &one.fields));
            equal
                .map(|found| TypeOf { module: other.module.clone(), name: found.name.clone() })
                .collect::<Vec<_>>()
        };
        let others: Vec<&Action> = others.map(|(_, other)| other).collect();
        let equals = mine.structs.iter().map(|one| match one.is_input {
            true => others.iter().flat_map(|other| returned(other, one)).collect(),
            false => Vec::new(),
        });
        let equals: Vec<Vec<TypeOf>> = equals.collect();
        for (one, equals) in actions[index].structs.iter_mut().zip(equals) {
            one.equals = equals;
        }
    }
}

/// Whether all that one list of fields can hold fits into the other, in whatever order they are.
fn same(from: &[Field], to: &[Field]) -> bool {
    let fits = |to: &Field| from.iter().any(|from| from.rust == to.rust && fits(&from.ty, &to.ty));
    from.len() == to.len() && to.iter().all(fits)
}

fn fits(from: &Type, to: &Type) -> bool {
    match (from, to) {
        // An open enum takes any text.
        (Type::Text | Type::Enum(_), Type::Text | Type::Enum(_)) => true,
        (Type::List(from), Type::List(to)) => fits(from, to),
        (Type::Struct(from) | Type::Json(from), Type::Struct(to) | Type::Json(to)) => {
            same(&from.shape.fields, &to.shape.fields)
        }
        _ => from == to,
    }
}
