//! One more than there may be is refused with the quota code.

use crate::book::{self, Does, Kind};
use crate::ledger::Ledger;
use crate::world::World;

#[test]
fn one_too_many_is_refused() {
    let mut ledger = Ledger::of("quota");
    for kind in book::kinds() {
        let Some(quota) = &kind.spec.quota else { continue };
        let Some(maker) = kind.makers().first().copied() else { continue };
        let most = usize::try_from(quota.most).unwrap_or(usize::MAX);
        if most > 300 {
            ledger.count("too many to make them all");
            continue;
        }
        ledger.note(maker.deed.name(), kind.name(), refuses(maker, kind, most));
    }
    ledger.close(5);
}

fn refuses(maker: Does, kind: Kind, most: usize) -> Result<(), String> {
    let world = World::new();
    for number in 0..=most {
        if number > 0 && kind.spec.quota.as_ref().is_some_and(|quota| quota.per.value == "region") {
            world.forget();
        }
        let parameters = world.parameters_for(maker.deed, Some(maker), &[])?;
        match (number < most, world.make(kind, maker.deed, &parameters)) {
            (true, Err(why)) => return Err(format!("number {}: {why}", number + 1)),
            (false, Ok(_)) => return Err(format!("there are {} of {most}", most + 1)),
            (true, Ok(_)) => {}
            (false, Err(why)) => {
                let codes = maker.deed.codes_of("Quota");
                let is_quota = codes.iter().any(|code| why.contains(&format!("Some({code:?})")));
                let is_general = codes.is_empty() && why.contains("QuotaExceeded");
                return if is_quota || is_general { Ok(()) } else { Err(why) };
            }
        }
    }
    Ok(())
}
