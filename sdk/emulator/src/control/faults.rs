//! Faults as JSON, held against what the services document.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Answer, Refused, duration, ok, read, shortened};
use crate::engine::Engine;
use crate::faults::{Fault, FaultKind};
use crate::model::{Action, Code, Service, services};

/// What `POST /_cloudnet/faults` takes; one of the last five.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    action: Option<String>,
    region: Option<String>,
    nth: Option<u64>,
    times: Option<u64>,
    applied: Option<bool>,
    code: Option<String>,
    status: Option<u16>,
    reset: Option<bool>,
    delay_s: Option<f64>,
    ends_in: Option<String>,
}

pub(super) fn add(engine: &mut Engine, body: &[u8]) -> Answer {
    let fault = checked(read(body)?)?;
    if !engine.fault(fault) {
        let problem = "there are too many faults already; DELETE them".to_owned();
        return Err(Refused::new(StatusCode::CONFLICT, problem));
    }
    Ok(list(engine))
}

pub(super) fn clear(engine: &mut Engine) -> Response<Bytes> {
    engine.faults().clear();
    list(engine)
}

pub(super) fn list(engine: &mut Engine) -> Response<Bytes> {
    let faults: Vec<Json> = engine.faults().all().map(shown).collect();
    ok(&json!({ "faults": faults }))
}

fn shown(fault: &Fault) -> Json {
    let mut shown = json!({ "nth": fault.nth, "times": fault.times, "applied": fault.applied });
    if let Some(action) = &fault.action {
        shown["action"] = json!(action);
    }
    if let Some(region) = &fault.region {
        shown["region"] = json!(region);
    }
    let (member, value) = match &fault.kind {
        FaultKind::Code(code) => ("code", json!(code)),
        FaultKind::Status(status) => ("status", json!(status)),
        FaultKind::Reset => ("reset", json!(true)),
        FaultKind::Delay(time) => ("delay_s", json!(time.as_secs_f64())),
        FaultKind::EndsIn(state) => ("ends_in", json!(state)),
    };
    shown[member] = value;
    shown
}

fn checked(told: Told) -> Result<Fault, Refused> {
    let about = About::new(told.action.as_deref())?;
    let mut fault = kind(&told, &about)?;
    for (member, value, place) in [("nth", told.nth, &mut fault.nth), ("times", told.times, &mut fault.times)]
    {
        match value {
            Some(0) => return Err(Refused::request(format!("`{member}` is counted from 1"))),
            Some(value) => *place = value,
            None => {}
        }
    }
    fault.applied = told.applied.unwrap_or(fault.applied);
    fault.action = told.action;
    fault.region = told.region;
    Ok(fault)
}

fn kind(told: &Told, about: &About<'_>) -> Result<Fault, Refused> {
    let Told { code, status, reset, delay_s, ends_in, .. } = told;
    match (code, status, reset, delay_s, ends_in) {
        (Some(code), None, None, None, None) => about.check_code(code).map(|()| Fault::code(code)),
        (None, Some(status @ 300..=599), None, None, None) => Ok(Fault::status(*status)),
        (None, Some(_), None, None, None) => {
            Err(Refused::request("`status` is an HTTP status from 300 to 599".to_owned()))
        }
        (None, None, Some(true), None, None) => Ok(Fault::reset()),
        (None, None, None, Some(seconds), None) => duration("delay_s", *seconds).map(Fault::delay),
        (None, None, None, None, Some(state)) => about.check_state(state).map(|()| Fault::ends_in(state)),
        _ => {
            let problem = "it takes one of `code`, `status`, `reset` (true), `delay_s` and `ends_in`";
            Err(Refused::request(problem.to_owned()))
        }
    }
}

/// Which calls a fault is about.
struct About<'a> {
    name: Option<&'a str>,
    /// More than one if services have actions of one name; all if none is named.
    actions: Vec<(&'static Service, &'static Action)>,
}

impl<'a> About<'a> {
    fn new(name: Option<&'a str>) -> Result<Self, Refused> {
        let all = || {
            services().iter().flat_map(|service| service.actions.iter().map(move |action| (service, action)))
        };
        let Some(name) = name else { return Ok(Self { name, actions: all().collect() }) };
        let actions: Vec<_> = all().filter(|(_, action)| action.name == name).collect();
        if actions.is_empty() && !STS.contains(&name) {
            let known = all().map(|(_, action)| action.name.as_str()).chain(STS);
            return Err(Refused::request(unknown("there is no action", name, known.collect())));
        }
        Ok(Self { name: Some(name), actions })
    }

    fn check_code(&self, code: &str) -> Result<(), Refused> {
        let codes = |(service, action): &(&'static Service, &'static Action)| {
            action.errors.iter().chain(&service.errors).map(|code: &Code| code.code.as_str())
        };
        let known: BTreeSet<&str> = self.actions.iter().flat_map(codes).collect();
        // There is no table of what STS refuses with.
        if known.contains(code) || self.actions.is_empty() {
            return Ok(());
        }
        let what = match self.name {
            Some(name) => format!("neither {name} nor its service has the code"),
            None => "no action has the code".to_owned(),
        };
        Err(Refused::request(unknown(&what, code, known)))
    }

    fn check_state(&self, state: &str) -> Result<(), Refused> {
        let failures = |(service, action): &(&'static Service, &'static Action)| {
            let service = *service;
            let effects = action.effects.iter();
            let resources = effects.filter_map(move |effect| service.resource(&effect.resource));
            resources.flat_map(|resource| &resource.states.failed).map(String::as_str)
        };
        let known: BTreeSet<&str> = self.actions.iter().flat_map(failures).collect();
        let name = self.name.unwrap_or("any action");
        if known.contains(state) {
            return Ok(());
        }
        if known.is_empty() {
            return Err(Refused::request(format!(
                "nothing that {name} makes or changes has a state of failure"
            )));
        }
        let what = format!("nothing that {name} makes or changes fails with the state");
        Err(Refused::request(unknown(&what, state, known)))
    }
}

/// Actions that no spec has.
const STS: [&str; 2] = ["AssumeRole", "GetCallerIdentity"];

/// Says what is not known, and what may have been meant.
fn unknown(what: &str, name: &str, known: BTreeSet<&str>) -> String {
    const FEW: usize = 5;
    // Nothing longer is a slip of the pen, and looking for it would take long.
    const LONGEST: usize = 100;
    let mut message = format!("{what} {:?}", shortened(name, LONGEST));
    let lowered = name.to_lowercase();
    let distance = |known: &&&str| strsim::damerau_levenshtein(&lowered, &known.to_lowercase());
    let near = known.iter().filter(|_| name.len() <= LONGEST).min_by_key(distance);
    let near = near.filter(|near| distance(near) <= (name.len() / 3).max(2));
    if let Some(near) = near {
        message.push_str(&format!("; did you mean {near:?}?"));
    } else if known.len() <= FEW {
        let known: Vec<&str> = known.into_iter().collect();
        message.push_str(&format!("; it may be {}", known.join(", ")));
    }
    message
}
