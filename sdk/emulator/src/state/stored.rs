//! A state as it lies in a document, before it is believed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::{LATEST, Place, State, Thing, Transitions};
use crate::model::{self, Resource, Service};

/// Everything that is remembered, as it was written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored {
    fresh: u64,
    passed: Duration,
    #[serde(default)]
    ends_in: Option<String>,
    kinds: BTreeMap<String, BTreeMap<String, BTreeMap<u64, Thing>>>,
}

/// More than can ever be made; what is reckoned with numbers stays within theirs.
const MOST_FRESH: u64 = 1 << 48;

impl TryFrom<Stored> for State {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let Stored { fresh, passed, ends_in, kinds } = stored;
        if fresh > MOST_FRESH {
            return Err(format!("`fresh` is beyond {MOST_FRESH}"));
        }
        if passed > LATEST {
            return Err(format!("`passed` is beyond {} s", LATEST.as_secs()));
        }
        let state = Self::new(0, Transitions::default(), false);
        let mut state = Self { fresh, passed, ends_in, ..state };
        for (service, kinds) in kinds {
            let of = service_named(&service)?;
            for (kind, things) in kinds {
                let resource =
                    of.resource(&kind).ok_or_else(|| format!("{service} has no kind `{}`", cut(&kind)))?;
                // An empty kind stays one, so that what is written is what was read.
                state.kind(of, resource);
                for (number, thing) in things {
                    let place = Place::of(of, resource, number);
                    state
                        .check_thing(&place, &thing)
                        .map_err(|why| format!("{service} {kind} {number} {why}"))?;
                    state.place(&place, Some(thing));
                }
            }
        }
        state.check_brought()?;
        Ok(state)
    }
}

impl State {
    fn check_thing(&self, place: &Place, thing: &Thing) -> Result<(), String> {
        if place.number == 0 || place.number > self.fresh {
            return Err(format!("has a number beyond `fresh`, which is {}", self.fresh));
        }
        if thing.created > self.passed {
            return Err("was `created` after what has `passed`".to_owned());
        }
        Ok(())
    }

    /// What was brought comes after what brought it, which is there and of a kind that brings such things.
    fn check_brought(&self) -> Result<(), String> {
        for service in model::services() {
            for resource in &service.resources {
                for (number, thing) in self.all(service, &resource.name) {
                    let Some(other) = thing.brought_by else { continue };
                    if other >= number || !self.brings(service, resource, other) {
                        let what = format!("{} {} {number}", service.name, resource.name);
                        return Err(format!("{what} was not brought by {other}"));
                    }
                }
            }
        }
        Ok(())
    }

    fn brings(&self, service: &'static Service, resource: &Resource, number: u64) -> bool {
        let bring =
            |kind: &&'static Resource| kind.brings.iter().any(|brought| brought.resource == resource.name);
        let mut kinds = service.resources.iter().filter(bring);
        kinds.any(|kind| self.thing(&Place::of(service, kind, number)).is_some())
    }
}

fn service_named(name: &str) -> Result<&'static Service, String> {
    let found = model::services().iter().find(|service| service.name == name);
    found.ok_or_else(|| format!("there is no service `{}`", cut(name)))
}

/// What somebody wrote, in a message about it.
fn cut(name: &str) -> String {
    name.chars().take(100).collect()
}
