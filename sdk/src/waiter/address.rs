//! How a poll is addressed: values of the call, of the caller or of the table.

use std::fmt;

use crate::call;
use crate::error::{Error, ErrorKind};
use crate::path;
use crate::record::{Record, Scalar};
use crate::schema::{Action, Wait};

/// Where values come from.
pub(super) enum Sources<'a> {
    /// What a call was sent with and what it returned.
    Call {
        action: &'static Action,
        input: &'a dyn Record,
        extra: &'a [(String, String)],
        output: &'a dyn Record,
    },
    /// What the caller of a waiter gave.
    Arguments(&'a [(&'static str, String)]),
}

/// Parameters of the poll, and what a row must have to be looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Addressed {
    parameters: Vec<(&'static str, Vec<String>)>,
    pub(super) rows: Vec<(&'static str, String)>,
}

/// Finds the values of a wait. What is polled without the ID of the resource would be another
/// one, or all there are: so what names it must be there.
pub(super) fn resolve(wait: &'static Wait, sources: &Sources<'_>) -> Result<Addressed, Error> {
    let mut addressed = Addressed::default();
    for (parameter, source) in wait.with {
        let values = values(source, sources);
        if values.is_empty() && !source.starts_with("request.") {
            return Err(missing(source, sources));
        }
        if !values.is_empty() {
            addressed.parameters.push((parameter, values));
        }
    }
    for (field, source) in wait.rows {
        match values(source, sources).into_iter().next() {
            Some(value) => addressed.rows.push((field, value)),
            None => return Err(missing(source, sources)),
        }
    }
    let names_it = addressed.parameters.iter().any(|(name, _)| *name != REGION) || !addressed.rows.is_empty();
    if names_it { Ok(addressed) } else { Err(missing("the resource", sources)) }
}

const REGION: &str = "RegionId";

fn values(source: &str, sources: &Sources<'_>) -> Vec<String> {
    let Some((kind, name)) = source.split_once('.') else { return Vec::new() };
    let found = match (kind, sources) {
        ("literal", _) => vec![name.to_owned()],
        ("request", Sources::Call { action, input, extra, .. }) => {
            match extra.iter().find(|(extra, _)| extra == name) {
                Some((_, value)) => vec![value.clone()],
                None => texts(&action.request, *input, name),
            }
        }
        ("response", Sources::Call { action, output, .. }) => texts(&action.response, *output, name),
        ("argument", Sources::Arguments(arguments)) => {
            let named = arguments.iter().filter(|(known, _)| *known == name);
            named.map(|(_, value)| value.clone()).collect()
        }
        _ => Vec::new(),
    };
    found.into_iter().filter(|value| !value.is_empty()).collect()
}

fn texts(shape: &'static crate::schema::Shape, record: &dyn Record, path: &str) -> Vec<String> {
    let mut texts = Vec::new();
    path::values(shape, record, path, &mut |value| texts.extend(path::text(value)));
    texts
}

fn missing(source: &str, sources: &Sources<'_>) -> Error {
    match sources {
        Sources::Call { action, .. } => {
            let message = format!("cannot be waited for: `{source}` is absent");
            let mut error = call::about(action, Error::new(ErrorKind::Response, message));
            error.details.may_have_been_applied = true;
            error
        }
        Sources::Arguments(_) => {
            let name = source.trim_start_matches("argument.");
            Error::configuration(format!("cannot wait for a resource without `{name}`"))
        }
    }
}

impl Addressed {
    /// Puts the parameters into the poll.
    pub(super) fn fill(&self, poll: &Action, input: &mut dyn Record) {
        for (name, values) in &self.parameters {
            call::with_field(poll, input, name, |field| {
                values.iter().for_each(|value| {
                    field.set(Scalar::Text(value));
                });
            });
        }
    }

    /// What names the resource.
    pub(super) fn named(&self) -> Vec<(&'static str, String)> {
        let parameters = self.parameters.iter().filter(|(name, _)| *name != REGION);
        parameters.map(|(name, values)| (*name, values.join(","))).collect()
    }
}

/// `VpcId vpc-1`.
impl fmt::Display for Addressed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.named().iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{name} {value}")?;
        }
        Ok(())
    }
}
