//! Who sent a request, and whether just now.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value as Json};

use crate::message::Message;
use crate::model::Protocol;
use crate::options::{Key, Lenient};
use crate::parameters::{self, Pairs};
use crate::refusal::Refusal;
use crate::signature;
use crate::sts;
use crate::timestamp;

/// How far the time of a request may lie from the service's.
pub(crate) const TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// A request that is from whom it says it is.
#[derive(Clone, Debug)]
pub(crate) struct Authentic {
    /// Wire name of the action.
    pub(crate) action: String,
    /// The service: its version in RPC style, the prefix of the target in AWS style.
    pub(crate) service: String,
    /// Parameters of the action alone.
    pub(crate) parameters: Parameters,
    /// ID of the access key.
    pub(crate) key: String,
    /// What must not come twice.
    pub(crate) nonce: Option<String>,
    /// The time that was signed, in the form of the protocol.
    pub(crate) date: String,
    /// The region that it was signed for.
    pub(crate) region: Option<String>,
    /// Whether the verb has to be the action's own.
    pub(crate) has_fixed_verb: bool,
    /// In which form the answer is wanted, unless it is JSON.
    pub(crate) format: Option<String>,
}

/// As they came.
#[derive(Clone, Debug)]
pub(crate) enum Parameters {
    Flat(Pairs),
    Json(Map<String, Json>),
}

/// The protocol that a request is in, whether it is authentic or not.
pub(crate) fn protocol(message: Message<'_>) -> Protocol {
    match Style::of(message) {
        Style::Aws => Protocol::AwsJson,
        Style::Acs3 | Style::Rpc => Protocol::AcsRpc,
    }
}

/// The action that a request is about if it is what it says, which nobody has proven.
pub(crate) fn claimed_action(message: Message<'_>) -> Option<String> {
    let target = || message.header("x-amz-target")?.rsplit('.').next();
    let header = message.header("x-acs-action").or_else(target).map(str::to_owned);
    let in_pairs = || {
        let (query, form) = queries(message).ok()?;
        query.into_iter().chain(form).find(|(name, _)| name == "Action").map(|(_, action)| action)
    };
    let is_name = |name: &String| name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    header.or_else(in_pairs).filter(is_name)
}

/// How a request is signed. `x-acs-action` says nothing of it: some clients send that header beside a
/// signature in the query.
#[derive(Clone, Copy)]
enum Style {
    Acs3,
    Rpc,
    Aws,
}

impl Style {
    fn of(message: Message<'_>) -> Self {
        match message.header("authorization") {
            Some(text) if text.starts_with("ACS3-") => Self::Acs3,
            Some(text) if text.starts_with("AWS4-") => Self::Aws,
            None if message.header("x-amz-target").is_some() => Self::Aws,
            _ => Self::Rpc,
        }
    }
}

/// Who may ask, when, and how strictly that is taken.
#[derive(Clone, Copy)]
pub(crate) struct Gate<'a> {
    pub(crate) keys: &'a dyn Fn(&str) -> Option<Known>,
    /// The time that dates are held against.
    pub(crate) now: SystemTime,
    pub(crate) lenient: Lenient,
    /// The services that speak JSON: the name that they are signed with, and their region.
    pub(crate) scopes: &'a [(&'a str, Option<&'a str>)],
}

/// An access key that is known.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) key: Key,
    /// When it is over with it.
    pub(crate) ends: Option<SystemTime>,
}

impl Gate<'_> {
    /// Lets through what is signed by a known key about now.
    pub(crate) fn admit(self, message: Message<'_>) -> Result<Authentic, Refusal> {
        if message.path() != "/" {
            return Err(Refusal::new(404, "InvalidPath", "There is nothing at this path."));
        }
        match Style::of(message) {
            Style::Acs3 => self.acs3(message),
            Style::Rpc => self.rpc(message),
            Style::Aws => self.aws(message),
        }
    }

    fn acs3(self, message: Message<'_>) -> Result<Authentic, Refusal> {
        let header = |name: &str| message.header(name).ok_or_else(|| incomplete(name));
        let (query, form) = queries(message)?;
        if !self.lenient.signature {
            let claim = Claim::read(header("authorization")?, "ACS3-HMAC-SHA256 ")?;
            let key = self.known(claim.credential, [404, 400], ACS)?;
            check_token(&key, message.header("x-acs-security-token"), ACS)?;
            claim.covers(message, "x-acs-")?;
            if header("x-acs-content-sha256")? != signature::sha256(message.body()) {
                return Err(mismatch("The body is not the one that was hashed."));
            }
            claim.matches(&signature::acs3(message, &query, &claim.signed, &key.secret))?;
        }
        let date = self.dated(message.header("x-acs-date"), "x-acs-date", "InvalidTimeStamp.Expired")?;
        let claim = message.header("authorization").and_then(|text| text.split(['=', ',']).nth(1));
        let mut pairs = query;
        pairs.extend(form);
        let format = taken(&mut pairs, "Format");
        taken(&mut pairs, "SignatureType");
        Ok(Authentic {
            action: header("x-acs-action")?.to_owned(),
            service: header("x-acs-version")?.to_owned(),
            parameters: Parameters::Flat(unique(pairs)?),
            key: claim.unwrap_or_default().to_owned(),
            nonce: self.nonce(message.header("x-acs-signature-nonce"), "x-acs-signature-nonce")?,
            date,
            region: None,
            has_fixed_verb: true,
            format,
        })
    }

    fn rpc(self, message: Message<'_>) -> Result<Authentic, Refusal> {
        let (mut pairs, form) = queries(message)?;
        pairs.extend(form);
        let mut pairs = unique(pairs)?;
        if sts::is_proof_enough(&pairs) {
            return self.proven(pairs);
        }
        let signature = taken(&mut pairs, "Signature");
        let signed = pairs.clone();
        let [id, method, version, kind, token] =
            ["AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureType", "SecurityToken"]
                .map(|name| taken(&mut pairs, name));
        if !self.lenient.signature {
            let signature = signature.ok_or_else(|| incomplete("Signature"))?;
            let is_plain = kind.unwrap_or_default().is_empty() && version.as_deref() == Some("1.0");
            if !is_plain || method.as_deref() != Some("HMAC-SHA1") {
                return Err(incomplete("The kind of the signature, HMAC-SHA1 1.0,"));
            }
            let id = id.as_deref().ok_or_else(|| incomplete("AccessKeyId"))?;
            let key = self.known(id, [404, 400], ACS)?;
            check_token(&key, token.as_deref(), ACS)?;
            if signature::rpc(message.method(), &signed, &key.secret) != signature {
                return Err(mismatch(&quoting(message.method(), &signed)));
            }
        }
        let [date, nonce, action, service, format] =
            ["Timestamp", "SignatureNonce", "Action", "Version", "Format"]
                .map(|name| taken(&mut pairs, name));
        let header = |name: &str| message.header(name).map(str::to_owned).filter(|_| self.lenient.signature);
        Ok(Authentic {
            action: action.or_else(|| header("x-acs-action")).ok_or_else(|| missing("Action"))?,
            service: service.or_else(|| header("x-acs-version")).ok_or_else(|| missing("Version"))?,
            parameters: Parameters::Flat(pairs),
            key: id.unwrap_or_default(),
            nonce: self.nonce(nonce.as_deref(), "SignatureNonce")?,
            date: self.dated(date.as_deref(), "Timestamp", "InvalidTimeStamp.Expired")?,
            region: None,
            has_fixed_verb: false,
            format,
        })
    }

    /// A request that carries a proof of its own in the place of a signature.
    fn proven(self, mut pairs: Pairs) -> Result<Authentic, Refusal> {
        let [date, action, service, format] =
            ["Timestamp", "Action", "Version", "Format"].map(|name| taken(&mut pairs, name));
        Ok(Authentic {
            action: action.unwrap_or_default(),
            service: service.unwrap_or_default(),
            parameters: Parameters::Flat(pairs),
            key: String::new(),
            nonce: None,
            date: self.dated(date.as_deref(), "Timestamp", "InvalidTimeStamp.Expired")?,
            region: None,
            has_fixed_verb: false,
            format,
        })
    }

    fn aws(self, message: Message<'_>) -> Result<Authentic, Refusal> {
        let lacks = |name: &str| {
            let text = format!("Request is missing Authentication Token: {name}.");
            Refusal::new(403, "MissingAuthenticationTokenException", text)
        };
        let header = |name: &str| message.header(name).ok_or_else(|| lacks(name));
        let mut region = None;
        let mut id = "";
        if !self.lenient.signature {
            let claim = Claim::read(header("authorization")?, "AWS4-HMAC-SHA256 ").map_err(in_aws)?;
            let scope = Scope::read(claim.credential)?;
            let key = self.known(scope.id, [403, 403], AWS)?;
            check_token(&key, message.header("x-amz-security-token"), AWS)?;
            claim.covers(message, "x-amz-").map_err(in_aws)?;
            let date = header("x-amz-date")?;
            scope.check(date, self.scopes)?;
            let query = parameters::pairs(message.query().as_bytes()).ok_or_else(not_encoded)?;
            let parts = [scope.day, scope.region, scope.service];
            let expected = signature::sigv4(message, &query, &claim.signed, date, parts, &key.secret);
            claim.matches(&expected).map_err(in_aws)?;
            (region, id) = (Some(scope.region.to_owned()), scope.id);
        }
        let date = message.header("x-amz-date");
        let date = self.dated(date, "X-Amz-Date", "InvalidSignatureException").map_err(in_aws)?;
        let (service, action) = header("x-amz-target")?.rsplit_once('.').unwrap_or_default();
        if message.method() != "POST" {
            return Err(Refusal::new(405, "UnknownOperationException", "Actions are called by POST."));
        }
        let Ok(Json::Object(members)) = serde_json::from_slice(message.body()) else {
            return Err(Refusal::new(400, "SerializationException", "The body is not one JSON object."));
        };
        Ok(Authentic {
            action: action.to_owned(),
            service: service.to_owned(),
            parameters: Parameters::Json(members),
            key: id.to_owned(),
            nonce: None,
            date,
            region,
            has_fixed_verb: false,
            format: None,
        })
    }

    fn known(self, id: &str, [unknown, ended]: [u16; 2], codes: KeyCodes) -> Result<Key, Refusal> {
        let Some(known) = (self.keys)(id) else {
            return Err(Refusal::new(unknown, codes.unknown, "Specified access key is not found."));
        };
        if known.ends.is_some_and(|ends| ends <= self.now) {
            return Err(Refusal::new(ended, codes.expired, "The security token has expired."));
        }
        Ok(known.key)
    }

    /// The date as it came, if it is about now.
    fn dated(self, date: Option<&str>, name: &str, code: &str) -> Result<String, Refusal> {
        let is_lenient = self.lenient.date || self.lenient.signature && date.is_none();
        if is_lenient {
            return Ok(date.unwrap_or_default().to_owned());
        }
        let date = date.ok_or_else(|| incomplete(name))?;
        let at = timestamp::parse(date).ok_or_else(|| incomplete(name))?;
        if at.checked_add(TOLERANCE).is_some_and(|end| end < self.now) {
            let text = format!("Signature expired: {date} is more than 15 minutes ago.");
            return Err(Refusal::new(400, code, text));
        }
        if at.checked_sub(TOLERANCE).is_some_and(|beginning| beginning > self.now) {
            let text = format!("Signature not yet current: {date} is more than 15 minutes ahead.");
            return Err(Refusal::new(400, code, text));
        }
        Ok(date.to_owned())
    }

    fn nonce(self, nonce: Option<&str>, name: &str) -> Result<Option<String>, Refusal> {
        let is_lenient = self.lenient.nonce || self.lenient.signature;
        match nonce.filter(|nonce| !nonce.is_empty()) {
            Some(nonce) => Ok(Some(nonce.to_owned())),
            None if is_lenient => Ok(None),
            None => Err(incomplete(name)),
        }
    }
}

/// Codes of what can be wrong with a key.
#[derive(Clone, Copy)]
struct KeyCodes {
    unknown: &'static str,
    expired: &'static str,
    token: &'static str,
}

const ACS: KeyCodes = KeyCodes {
    unknown: "InvalidAccessKeyId.NotFound",
    expired: "InvalidSecurityToken.Expired",
    token: "InvalidSecurityToken.Malformed",
};

const AWS: KeyCodes = KeyCodes {
    unknown: "UnrecognizedClientException",
    expired: "ExpiredTokenException",
    token: "UnrecognizedClientException",
};

/// What an `Authorization` header claims.
struct Claim<'m> {
    credential: &'m str,
    signed: Vec<&'m str>,
    signature: &'m str,
}

impl<'m> Claim<'m> {
    fn read(header: &'m str, algorithm: &str) -> Result<Self, Refusal> {
        let read = || {
            let mut parts = header.strip_prefix(algorithm)?.split(',').map(|part| part.trim_matches(' '));
            let claim = Self {
                credential: parts.next()?.strip_prefix("Credential=")?,
                signed: parts.next()?.strip_prefix("SignedHeaders=")?.split(';').collect(),
                signature: parts.next()?.strip_prefix("Signature=")?,
            };
            parts.next().is_none().then_some(claim)
        };
        read().ok_or_else(|| incomplete("Authorization"))
    }

    /// The names must be sorted, of headers that are there, and all of those that have to be.
    fn covers(&self, message: Message<'_>, prefix: &str) -> Result<(), Refusal> {
        let must = |name: &str| matches!(name, "host" | "content-type") || name.starts_with(prefix);
        let is_complete = message.header_names().all(|name| !must(name) || self.signed.contains(&name));
        let is_there = self.signed.iter().all(|name| message.header(name).is_some());
        let is_sorted = self.signed.is_sorted_by(|one, other| one < other);
        if is_complete && is_there && is_sorted && self.signed.contains(&"host") {
            return Ok(());
        }
        Err(mismatch("The signed headers are not those that must be."))
    }

    fn matches(&self, expected: &str) -> Result<(), Refusal> {
        if self.signature == expected {
            return Ok(());
        }
        Err(mismatch("The signature is not the one computed."))
    }
}

/// What an AWS key was used for.
struct Scope<'m> {
    id: &'m str,
    day: &'m str,
    region: &'m str,
    service: &'m str,
}

impl<'m> Scope<'m> {
    fn read(credential: &'m str) -> Result<Self, Refusal> {
        let parts: Vec<&str> = credential.split('/').collect();
        let [id, day, region, service, "aws4_request"] = parts[..] else {
            return Err(in_aws(incomplete("Credential")));
        };
        Ok(Self { id, day, region, service })
    }

    fn check(&self, date: &str, scopes: &[(&str, Option<&str>)]) -> Result<(), Refusal> {
        let fits = |(name, region): &(&str, Option<&str>)| {
            *name == self.service && region.is_none_or(|region| region == self.region)
        };
        let is_of_the_day = self.day.len() == 8 && date.starts_with(self.day);
        if is_of_the_day && scopes.iter().any(fits) {
            return Ok(());
        }
        let known: Vec<String> = scopes
            .iter()
            .map(|(name, region)| format!("{}/{name}", region.unwrap_or("any region")))
            .collect();
        let text =
            format!("Credential should be scoped to the day of the request and {}.", known.join(" or "));
        Err(Refusal::new(403, "InvalidSignatureException", text))
    }
}

/// The pairs of the query, and those of the form.
fn queries(message: Message<'_>) -> Result<(Pairs, Pairs), Refusal> {
    let query = parameters::pairs(message.query().as_bytes()).ok_or_else(not_encoded)?;
    if message.body().is_empty() {
        return Ok((query, Pairs::new()));
    }
    if !message.is_form() {
        let text = "A body is a form: application/x-www-form-urlencoded.";
        return Err(Refusal::new(415, "UnsupportedContentType", text));
    }
    Ok((query, parameters::pairs(message.body()).ok_or_else(not_encoded)?))
}

fn unique(pairs: Pairs) -> Result<Pairs, Refusal> {
    match parameters::repeated(&pairs) {
        Some(name) => Err(Refusal::new(400, "InvalidQuery", format!("The parameter {name} is there twice."))),
        None => Ok(pairs),
    }
}

fn taken(pairs: &mut Pairs, name: &str) -> Option<String> {
    let at = pairs.iter().position(|(known, _)| known == name)?;
    Some(pairs.swap_remove(at).1)
}

fn check_token(key: &Key, token: Option<&str>, codes: KeyCodes) -> Result<(), Refusal> {
    if key.token.as_deref() == token {
        return Ok(());
    }
    Err(Refusal::new(400, codes.token, "The security token is not the one of the key."))
}

/// A part of the signature is not there.
fn incomplete(part: &str) -> Refusal {
    Refusal::new(400, "IncompleteSignature", format!("{part} is missing or malformed."))
}

/// The signature is not over what arrived.
fn mismatch(message: &str) -> Refusal {
    Refusal::new(400, "SignatureDoesNotMatch", message)
}

/// As the service does it: the message quotes what was to be signed, which clients compare with their own.
fn quoting(method: &str, signed: &Pairs) -> String {
    let string_to_sign = signature::rpc_string_to_sign(method, signed);
    format!("The signature is not the one computed. server string to sign is:{string_to_sign}")
}

fn missing(name: &str) -> Refusal {
    Refusal::new(400, format!("Missing{name}"), format!("{name} is mandatory for this action."))
}

fn not_encoded() -> Refusal {
    Refusal::new(400, "InvalidQuery", "The parameters are not pairs in percent-encoding.")
}

/// The same, as AWS says it.
fn in_aws(refusal: Refusal) -> Refusal {
    let code = match refusal.code.as_str() {
        "IncompleteSignature" => "IncompleteSignatureException",
        _ => "InvalidSignatureException",
    };
    Refusal::new(403, code, refusal.message)
}
