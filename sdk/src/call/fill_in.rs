//! What the client knows and the caller left out: region, idempotency token, dry run.

use std::borrow::Cow;

use super::runtime::{Options, Runtime};
use super::{about, no_randomness};
use crate::clock;
use crate::error::Error;
use crate::record::{Field, Record, Scalar};
use crate::schema::{Action, DryRun};
use crate::table::path;

/// Fills in the region, the idempotency token and the dry run. Returns the token.
pub(super) fn fill_in(
    runtime: &Runtime,
    action: &'static Action,
    input: &mut dyn Record,
    options: &Options,
) -> Result<Option<String>, Error> {
    if !std::ptr::eq(action.service, runtime.service) && action.service.name != runtime.service.name {
        let service = action.service.name;
        let message = format!("the action is one of {service}, the client one of {}", runtime.service.name);
        return Err(about(action, Error::configuration(message)));
    }
    let is_extra = |name: &str| options.extra.iter().any(|(extra, _)| extra == name);
    if !is_extra("RegionId") {
        let region = runtime.service.endpoints.home_region.unwrap_or(&runtime.region);
        with_field(action, input, "RegionId", |field| {
            if field.value().is_absent() {
                field.set(Scalar::Text(region));
            }
        });
    }
    if options.is_dry_run
        && let Some(dry_run) = &action.dry_run
    {
        with_field(action, input, dry_run.parameter, |field| {
            field.set(Scalar::Boolean(true));
        });
    }
    fill_in_token(runtime, action, input, options)
}

/// Whether what is sent asks for a dry run, whoever wrote that in.
pub(super) fn is_dry_run(action: &'static Action, input: &dyn Record, extra: &[(String, String)]) -> bool {
    let Some(DryRun { parameter, .. }) = &action.dry_run else { return false };
    given(action, input, extra, parameter).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// What is sent under a name: an extra parameter, or the field.
pub(super) fn given(
    action: &'static Action,
    input: &dyn Record,
    extra: &[(String, String)],
    name: &str,
) -> Option<String> {
    let extra = extra.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    extra.or_else(|| path::text_at(&action.request, input, name))
}

/// One token per logical call: made here or nowhere. An empty one protects nothing, and counts
/// as none.
fn fill_in_token(
    runtime: &Runtime,
    action: &'static Action,
    input: &mut dyn Record,
    options: &Options,
) -> Result<Option<String>, Error> {
    let Some(name) = action.token else {
        return match options.token {
            None => Ok(None),
            Some(_) => {
                let message = "the action takes no idempotency token";
                Err(about(action, Error::configuration(message)))
            }
        };
    };
    if let Some((_, token)) = options.extra.iter().find(|(extra, _)| extra == name) {
        return Ok(Some(token.clone()).filter(|token| !token.is_empty()));
    }
    let is_token = |token: &String| !token.is_empty();
    if options.token.is_none() {
        let in_field = with_field(action, input, name, |field| field.value().text().map(Cow::into_owned));
        if let Some(token) = in_field.flatten().filter(is_token) {
            return Ok(Some(token));
        }
    }
    let token = match options.token.clone().filter(is_token) {
        Some(token) => token,
        None => clock::idempotency_token(&*runtime.entropy)
            .map_err(|error| about(action, no_randomness(&error)))?,
    };
    with_field(action, input, name, |field| field.set(Scalar::Text(&token)));
    Ok(Some(token))
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
