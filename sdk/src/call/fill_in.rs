//! What the client knows and the caller left out: region, idempotency token, dry run.

use std::borrow::Cow;

use super::extra::{self, Extra};
use super::runtime::{Options, Runtime};
use super::{about, no_randomness};
use crate::clock;
use crate::error::Error;
use crate::record::{Field, Record, Scalar};
use crate::schema::{Action, DryRun, Protocol};
use crate::table::called::Called;
use crate::table::path;

/// What is sent beside the fields of the input.
pub(super) struct Filled<'o> {
    pub(super) token: Option<String>,
    pub(super) extra: Cow<'o, [Extra]>,
}

/// Fills in the region, the idempotency token and the dry run.
pub(super) fn fill_in<'o>(
    runtime: &Runtime,
    action: &Called,
    input: &mut dyn Record,
    options: &'o Options,
) -> Result<Filled<'o>, Error> {
    let service = action.service();
    if !std::ptr::eq(service, runtime.service) && service.name != runtime.service.name {
        let service = service.name;
        let message = format!("the action is one of {service}, the client one of {}", runtime.service.name);
        return Err(about(action, Error::configuration(message)));
    }
    match action {
        Called::Described(table) => {
            fill_in_fields(runtime, table, input, options);
            let token = token(runtime, action, input, options)?;
            if let (Some(name), Some(token)) = (table.token, &token) {
                with_field(table, input, name, |field| field.set(Scalar::Text(token)));
            }
            Ok(Filled { token, extra: Cow::Borrowed(&options.extra) })
        }
        Called::Raw(_) => {
            let token = token(runtime, action, input, options)?;
            Ok(Filled { extra: Cow::Owned(filled_extra(runtime, action, options, token.as_deref())), token })
        }
    }
}

fn fill_in_fields(runtime: &Runtime, table: &'static Action, input: &mut dyn Record, options: &Options) {
    if !is_extra(options, REGION) {
        with_field(table, input, REGION, |field| {
            if field.value().is_absent() {
                field.set(Scalar::Text(region(runtime)));
            }
        });
    }
    if options.is_dry_run
        && let Some(dry_run) = &table.dry_run
    {
        with_field(table, input, dry_run.parameter, |field| {
            field.set(Scalar::Boolean(true));
        });
    }
}

/// The parameters of a raw action. No table says whether it has a region; actions of RPC services do, and
/// those that do not pass over it.
fn filled_extra(runtime: &Runtime, action: &Called, options: &Options, token: Option<&str>) -> Vec<Extra> {
    let mut filled = options.extra.clone();
    if action.service().protocol == Protocol::AcsRpc && !is_extra(options, REGION) {
        filled.push(Extra { is_secret: false, ..Extra::text(REGION, region(runtime)) });
    }
    if let (Some(name), Some(token)) = (action.token(), token)
        && !filled.iter().any(|extra| extra.name == name && !extra.value.is_null())
    {
        extra::set(&mut filled, Extra { is_secret: false, ..Extra::text(name, token) });
    }
    filled
}

const REGION: &str = "RegionId";

fn region(runtime: &Runtime) -> &str {
    runtime.service.endpoints.home_region.unwrap_or(&runtime.region)
}

fn is_extra(options: &Options, name: &str) -> bool {
    options.extra.iter().any(|extra| extra.name == name)
}

/// Whether what is sent asks for a dry run, whoever wrote that in.
pub(super) fn is_dry_run(action: &Called, input: &dyn Record, extra: &[Extra]) -> bool {
    let Some(DryRun { parameter, .. }) = action.dry_run() else { return false };
    given(action, input, extra, parameter).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// What is sent under a name: an extra parameter, or the field.
pub(crate) fn given(action: &Called, input: &dyn Record, extra: &[Extra], name: &str) -> Option<String> {
    let extra = extra.iter().find(|extra| extra.name == name).and_then(Extra::to_text);
    extra.or_else(|| path::text_at(action.request(), input, name))
}

/// One token per logical call: made here or nowhere. An empty one protects nothing, and counts
/// as none.
fn token(
    runtime: &Runtime,
    action: &Called,
    input: &dyn Record,
    options: &Options,
) -> Result<Option<String>, Error> {
    let Some(name) = action.token() else {
        return match options.token {
            None => Ok(None),
            Some(_) => {
                let message = match action {
                    Called::Described(_) => "the action takes no idempotency token",
                    Called::Raw(_) => "`idempotent_by` does not say which parameter carries the token",
                };
                Err(about(action, Error::configuration(message)))
            }
        };
    };
    let is_token = |token: &String| !token.is_empty();
    if let Some(extra) = options.extra.iter().find(|extra| extra.name == name && !extra.value.is_null()) {
        return Ok(extra.to_text().filter(is_token));
    }
    let given = match &options.token {
        Some(token) => Some(token.clone()),
        None => path::text_at(action.request(), input, name),
    };
    match given.filter(is_token) {
        Some(token) => Ok(Some(token)),
        None => clock::idempotency_token(&*runtime.entropy)
            .map(Some)
            .map_err(|error| about(action, no_randomness(&error))),
    }
}

/// Reads or changes the top-level parameter with a wire name, if the action has it.
pub(crate) fn with_field<T>(
    action: &Action,
    input: &mut dyn Record,
    name: &str,
    change: impl FnOnce(&mut dyn Field) -> T,
) -> Option<T> {
    let position = action.request.fields.iter().position(|field| field.name == name)?;
    let mut change = Some(change);
    let mut result = None;
    input.fields_mut(&mut |fields| {
        if let (Some(field), Some(change)) = (fields.get_mut(position), change.take()) {
            result = Some(change(&mut **field));
        }
    });
    result
}
