//! `client.py`: for each action what it sends, where and in which style.

use std::collections::BTreeSet;

use super::lines::{Line, Text, between, is_name};
use crate::follow::published::{Method, Place, Style};

/// A method of the client that calls an action.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) action: String,
    pub(super) version: String,
    pub(super) method: Method,
    /// Class of the request, if there is one.
    pub(super) request: Option<String>,
    /// Class of the answer, whose `body` counts.
    pub(super) response: String,
    pub(super) sends: Sends,
    /// Where it begins.
    pub(super) place: (String, usize),
}

/// What of the request is sent.
#[derive(Debug)]
pub(super) enum Sends {
    /// Every field, under the names of `to_map`.
    Whole,
    /// These.
    Fields(Vec<Sent>),
}

impl Default for Sends {
    fn default() -> Self {
        Self::Fields(Vec::new())
    }
}

/// A field that is sent.
#[derive(Debug, PartialEq)]
pub(super) struct Sent {
    /// Attribute of the request.
    pub(super) field: String,
    /// On the wire.
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) style: Style,
}

/// Reads all calls. The asynchronous twins say the same and are passed over.
pub(super) fn read(text: Text<'_>) -> Result<Vec<Call>, String> {
    let mut calls = Vec::new();
    let mut reading: Option<Reading<'_>> = None;
    for line in text.lines() {
        let is_inside =
            line.text.is_empty() || line.text.starts_with("        ") || line.text.starts_with("    )");
        if !is_inside {
            calls.extend(reading.take().map(Reading::finish).transpose()?);
        }
        if let Some(reading) = &mut reading {
            reading.statement(line.code()).ok_or_else(|| line.wrong("a field that is sent, or how"))?;
        } else if line.text.starts_with("    def ") && line.text.contains("with_options(") {
            reading = Some(Reading::new(line));
        }
    }
    calls.extend(reading.map(Reading::finish).transpose()?);
    let known: BTreeSet<&str> = calls.iter().map(|call| call.action.as_str()).collect();
    let is_lost = |line: &Line<'_>| {
        between(line.code(), "action = '", "',").is_some_and(|action| !known.contains(action))
    };
    match text.lines().find(is_lost) {
        Some(line) => Err(line.wrong("an action in a method `…_with_options`")),
        None => Ok(calls),
    }
}

/// A method half read.
#[derive(Debug)]
struct Reading<'a> {
    first: Line<'a>,
    call: Call,
    style: Option<String>,
    /// `request.x` of the condition before.
    guard: Option<&'a str>,
    /// What becomes one text: the attribute of it, of the parts, and how.
    shrunk: Vec<(&'a str, &'a str, Style)>,
    sent: Vec<Sent>,
    /// What is filled, and what of it goes on its way.
    filled: BTreeSet<&'a str>,
    passed: BTreeSet<&'static str>,
}

impl<'a> Reading<'a> {
    fn new(first: Line<'a>) -> Self {
        let place = (first.file.to_owned(), first.number);
        let call = Call { place, ..Call::default() };
        Self {
            first,
            call,
            style: None,
            guard: None,
            shrunk: Vec::new(),
            sent: Vec::new(),
            filled: BTreeSet::new(),
            passed: BTreeSet::new(),
        }
    }

    /// None where the line is not understood.
    fn statement(&mut self, code: &'a str) -> Option<()> {
        if let Some(guard) = self.guard.take() {
            return self.assignment(guard, code);
        }
        if let Some(guard) = between(code, "if not DaraCore.is_null(", "):") {
            self.guard = Some(guard);
            return Some(());
        }
        match code {
            "" | "self," | "runtime: RuntimeOptions," | ")" => Some(()),
            "request.validate()" | "tmp_req.validate()" | "Utils.convert(tmp_req, request)" => Some(()),
            "query = {}" | "body = {}" | "body_flat = {}" => Some(()),
            "query = Utils.query(request.to_map())" => {
                self.call.sends = Sends::Whole;
                self.filled.insert("query");
                Some(())
            }
            "body = DaraCore.merge({}, body, Utils.query(body_flat))" => {
                self.filled.insert("body");
                self.passed.insert("body_flat");
                Some(())
            }
            "req = open_api_util_models.OpenApiRequest(" | "req = open_api_util_models.OpenApiRequest()" => {
                Some(())
            }
            "query = Utils.query(query)" | "query = Utils.query(query)," => {
                self.passed.insert("query");
                Some(())
            }
            "body = Utils.parse_to_map(body)" => {
                self.passed.insert("body");
                Some(())
            }
            "params = open_api_util_models.Params(" | "return DaraCore.from_map(" => Some(()),
            "self.call_api(params, req, runtime)" => Some(()),
            _ => self.named(code).or_else(|| self.parameter(code)),
        }
    }

    /// A line that names a class.
    fn named(&mut self, code: &'a str) -> Option<()> {
        let class = |before, after| between(code, before, after).filter(|name| is_name(name));
        let request = class("request: main_models.", ",").or_else(|| class("tmp_req: main_models.", ","));
        if let Some(name) = request {
            self.call.request = Some(name.to_owned());
        } else if let Some(name) = class(") -> main_models.", ":") {
            self.call.response = name.to_owned();
        } else {
            class("request = main_models.", "ShrinkRequest()").or_else(|| class("main_models.", "(),"))?;
        }
        Some(())
    }

    /// `action = 'CreateVpc',`
    fn parameter(&mut self, code: &'a str) -> Option<()> {
        let (name, value) = code.split_once(" = ")?;
        let value = between(value.strip_suffix(',').unwrap_or(value), "'", "'")?;
        match (name, value) {
            ("action", action) => action.clone_into(&mut self.call.action),
            ("version", version) => version.clone_into(&mut self.call.version),
            ("method", "POST") => self.call.method = Method::Post,
            ("method", "GET") => self.call.method = Method::Get,
            ("style", style) => self.style = Some(style.to_owned()),
            ("pathname", "/") | ("req_body_type", "formData") | ("body_type", "json") => {}
            ("protocol" | "auth_type", _) => {}
            _ => return None,
        }
        Some(())
    }

    /// What is done with a field that is there.
    fn assignment(&mut self, guard: &'a str, code: &'a str) -> Option<()> {
        let (target, value) = code.split_once(" = ")?;
        if let Some(parts) = guard.strip_prefix("tmp_req.") {
            let arguments = between(value, "Utils.array_to_string_with_specified_style(", ")")?;
            let mut arguments = arguments.split(", ");
            let (source, _name, style) = (arguments.next()?, arguments.next()?, arguments.next()?);
            let style = match style {
                "'json'" => Style::Json,
                "'simple'" => Style::Comma,
                _ => return None,
            };
            self.shrunk.push((target.strip_prefix("request.")?, parts, style));
            return (source == guard && arguments.next().is_none()).then_some(());
        }
        let field = guard.strip_prefix("request.").filter(|name| is_name(name) && value == guard)?;
        let (target, name) = target.split_once("['")?;
        self.filled.insert(target);
        let place = match target {
            "query" => Place::Query,
            "body" | "body_flat" => Place::Form,
            _ => return None,
        };
        let shrunk = self.shrunk.iter().find(|(whole, ..)| *whole == field);
        let (field, style) = shrunk.map_or((field, Style::Flat), |(_, parts, style)| (*parts, *style));
        let name = name.strip_suffix("']")?.to_owned();
        let sent = Sent { field: field.to_owned(), name, place, style };
        // Some generated methods set a field twice.
        if !self.sent.contains(&sent) {
            self.sent.push(sent);
        }
        Some(())
    }

    fn finish(mut self) -> Result<Call, String> {
        if self.guard.is_some() || self.call.action.is_empty() || self.call.response.is_empty() {
            return Err(self.first.wrong("a method that sends an action and names the class of its answer"));
        }
        if self.style.as_deref() != Some("RPC") {
            return Err(self.first.wrong("an action of the style `RPC`"));
        }
        if let Some(kept) = self.filled.iter().find(|filled| !self.passed.contains(*filled)) {
            return Err(self.first.wrong(&format!("`{kept}`, which is filled, to be sent")));
        }
        if matches!(self.call.sends, Sends::Whole) && !self.sent.is_empty() {
            return Err(self.first.wrong("a request that is sent as a whole or field by field"));
        }
        let has_two = |one: &Sent| self.sent.iter().filter(|other| other.name == one.name).count() > 1;
        if let Some(twice) = self.sent.iter().find(|one| has_two(one)) {
            return Err(self.first.wrong(&format!("`{}` to be sent once", twice.name)));
        }
        if let Sends::Fields(fields) = &mut self.call.sends {
            *fields = self.sent;
        }
        Ok(self.call)
    }
}
