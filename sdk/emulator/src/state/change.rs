//! States take time.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Place, State, Thing, Things};
use crate::model::{self, Resource};

/// When a change of state is done.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transitions {
    /// At once.
    #[default]
    Instant,
    /// After so much virtual time.
    After(Duration),
    /// After it was looked at so many times.
    /// Reads alone count: a call that is refused as busy, and retried, moves nothing.
    Polls(u32),
}

/// A change of state on its way.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// The state reached; none if it is gone then.
    pub(super) to: Option<String>,
    pub(super) when: When,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    /// Since the beginning.
    At(Duration),
    /// So many looks from now.
    Looks(u32),
}

impl State {
    /// Ends the changes whose time has come.
    pub(super) fn settle(&mut self) {
        if !matches!(self.transitions, Transitions::After(_)) {
            return;
        }
        let passed = self.passed;
        let is_due =
            |thing: &Thing| matches!(&thing.change, Some(Change { when: When::At(at), .. }) if *at <= passed);
        for service in model::services() {
            for resource in &service.resources {
                let changing = self.things(service, &resource.name).into_iter().flat_map(Things::changing);
                let due = changing.filter(|(_, thing)| is_due(thing));
                let due: Vec<Place> = due.map(|(number, _)| Place::of(service, resource, number)).collect();
                due.iter().for_each(|place| self.end_change(place));
            }
        }
    }

    /// Counts a look at a thing, before it is shown; `false` if it is gone by now.
    pub(super) fn look(&mut self, place: &Place) -> bool {
        let Some(thing) = self.thing(place) else { return false };
        if thing.change.is_none() {
            return true;
        }
        let mut thing = thing.clone();
        match &mut thing.change {
            Some(Change { when: When::Looks(0), .. }) => {
                self.end_change(place);
                return self.thing(place).is_some();
            }
            Some(Change { when: When::Looks(left), .. }) => *left -= 1,
            _ => return true,
        }
        self.place(place, Some(thing));
        true
    }

    fn end_change(&mut self, place: &Place) {
        let Some(mut thing) = self.thing(place).cloned() else { return };
        match thing.change.take() {
            Some(Change { to: Some(state), .. }) => {
                thing.set_state(place.resource, &state);
                self.place(place, Some(thing));
            }
            Some(Change { to: None, .. }) => self.remove(place),
            None => {}
        }
    }

    /// Sends a thing on its way to a state, or away.
    pub(super) fn begin(
        &mut self,
        resource: &Resource,
        thing: &mut Thing,
        via: Option<&str>,
        to: Option<&str>,
    ) {
        let failed = self.ends_in.take();
        let before = thing.state(resource).map(str::to_owned);
        // What fails never looks as if it had succeeded: it stays as it was meanwhile.
        let via = match via {
            Some(via) if failed.is_some() && to == Some(via) => before.as_deref(),
            via => via,
        };
        let to = failed.as_deref().or(to);
        let when = match self.transitions {
            Transitions::Instant => None,
            Transitions::After(time) => Some(When::At(self.passed.saturating_add(time))),
            Transitions::Polls(looks) => Some(When::Looks(looks)),
        };
        match (when, via) {
            (Some(when), Some(via)) => {
                thing.set_state(resource, via);
                thing.change = Some(Change { to: to.map(str::to_owned), when });
            }
            _ => {
                thing.change = None;
                if let Some(to) = to {
                    thing.set_state(resource, to);
                }
            }
        }
    }

    /// Whether things pass through states at all.
    pub(super) fn takes_time(&self) -> bool {
        self.transitions != Transitions::Instant
    }
}

impl Thing {
    pub(super) fn state(&self, resource: &Resource) -> Option<&str> {
        self.fields.get(resource.state.as_deref()?)?.as_str()
    }

    pub(super) fn set_state(&mut self, resource: &Resource, state: &str) {
        if let Some(field) = &resource.state {
            self.fields.insert(field.clone(), Json::String(state.to_owned()));
        }
    }
}
