//! Who sent a request, whether just now, and whether for the first time.

use std::time::{Duration, SystemTime};

use super::message::Message;
use super::parameters::{self, Parameters};
use super::refusal::Refusal;
use super::signature;

/// An access key that the server knows.
#[derive(Clone, Debug)]
pub struct Key {
    /// The public half.
    pub id: String,
    /// The secret half.
    pub secret: String,
    /// The token that has to come with it.
    pub token: Option<String>,
}

/// A request that is from whom it says it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Authentic {
    /// Wire name of the action.
    pub(super) action: String,
    /// The service: its version in RPC style, the prefix of the target in AWS style.
    pub(super) service: String,
    /// Parameters of the action alone.
    pub(super) parameters: Parameters,
    /// What must not come twice.
    pub(super) nonce: Option<String>,
    /// The time that was signed, in the form of the protocol.
    pub(super) date: String,
}

/// Accepts what is signed by a known key within 15 minutes of `now`.
pub(super) fn authenticate(message: &Message, keys: &[Key], now: SystemTime) -> Result<Authentic, Refusal> {
    if message.path() != "/" {
        return Err(Refusal::new(404, "InvalidPath", "There is nothing at this path."));
    }
    if message.header("x-amz-target").is_some() {
        return aws(message, keys, now);
    }
    let pairs = parameters::all_pairs(message)
        .ok_or_else(|| Refusal::new(400, "InvalidQuery", "The parameters are not encoded."))?;
    if message.header("x-acs-action").is_some() {
        acs3(message, pairs, keys, now)
    } else {
        rpc(message, pairs, keys, now)
    }
}

fn acs3(
    message: &Message,
    pairs: Vec<(String, String)>,
    keys: &[Key],
    now: SystemTime,
) -> Result<Authentic, Refusal> {
    let header = |name| message.header(name).ok_or_else(|| Refusal::incomplete(name));
    let claim = Claim::read(header("authorization")?, "ACS3-HMAC-SHA256 ", ",")?;
    let key = known(keys, claim.credential, "InvalidAccessKeyId.NotFound")?;
    check_token(key, message.header("x-acs-security-token"))?;
    claim.covers(message, |name| matches!(name, "host" | "content-type") || name.starts_with("x-acs-"))?;
    if header("x-acs-content-sha256")? != signature::sha256(&message.body) {
        return Err(Refusal::mismatch("The body is not the one that was hashed."));
    }
    let query = parameters::pairs(message.query()).unwrap_or_default();
    let expected = signature::acs3(message, &query, &claim.signed, &key.secret);
    claim.matches(&expected)?;
    let date = header("x-acs-date")?.to_owned();
    check_date(&date, now, "InvalidTimeStamp.Expired")?;
    Ok(Authentic {
        action: header("x-acs-action")?.to_owned(),
        service: header("x-acs-version")?.to_owned(),
        parameters: parameters::unique(pairs).ok_or_else(Refusal::twice)?,
        nonce: Some(header("x-acs-signature-nonce")?.to_owned()),
        date,
    })
}

fn rpc(
    message: &Message,
    mut pairs: Vec<(String, String)>,
    keys: &[Key],
    now: SystemTime,
) -> Result<Authentic, Refusal> {
    let at = pairs.iter().position(|(name, _)| name == "Signature");
    let (_, signature) = pairs.remove(at.ok_or_else(|| Refusal::incomplete("Signature"))?);
    let signed = pairs.clone();
    let mut parameters = parameters::unique(pairs).ok_or_else(Refusal::twice)?;
    let mut take = |name: &str| parameters.remove(name).ok_or_else(|| Refusal::incomplete(name));
    let (id, date, nonce) = (take("AccessKeyId")?, take("Timestamp")?, take("SignatureNonce")?);
    let (action, service) = (take("Action")?, take("Version")?);
    let fixed = (take("SignatureMethod")?, take("SignatureVersion")?, take("Format")?);
    if fixed != ("HMAC-SHA1".to_owned(), "1.0".to_owned(), "JSON".to_owned()) {
        return Err(Refusal::incomplete("SignatureMethod"));
    }
    let token = parameters.remove("SecurityToken");
    let key = known(keys, &id, "InvalidAccessKeyId.NotFound")?;
    check_token(key, token.as_deref())?;
    if signature::rpc(&message.method, &signed, &key.secret) != signature {
        // As the service does it: the message quotes everything that was to be signed.
        let quoted: Vec<_> = signed.iter().map(|(name, value)| format!("{name}%3D{value}")).collect();
        let text = format!("The signature is wrong. server string to sign is:{}", quoted.join("%26"));
        return Err(Refusal::mismatch(text));
    }
    check_date(&date, now, "InvalidTimeStamp.Expired")?;
    Ok(Authentic { action, service, parameters, nonce: Some(nonce), date })
}

fn aws(message: &Message, keys: &[Key], now: SystemTime) -> Result<Authentic, Refusal> {
    let header = |name| message.header(name).ok_or_else(|| Refusal::incomplete(name));
    let claim = Claim::read(header("authorization")?, "AWS4-HMAC-SHA256 ", ", ")?;
    let scope: Vec<&str> = claim.credential.split('/').collect();
    let [id, day, region, service, "aws4_request"] = scope[..] else {
        return Err(Refusal::incomplete("Credential"));
    };
    let key = known(keys, id, "UnrecognizedClientException")?;
    check_token(key, message.header("x-amz-security-token"))?;
    claim.covers(message, |name| matches!(name, "host" | "content-type") || name.starts_with("x-amz-"))?;
    let date = header("x-amz-date")?.to_owned();
    if !date.starts_with(day) || service != "globalaccelerator" {
        return Err(Refusal::mismatch("The scope is not the request's."));
    }
    let expected = signature::sigv4(message, &claim.signed, &date, &[day, region, service], &key.secret);
    claim.matches(&expected)?;
    check_date(&date, now, "InvalidSignatureException")?;
    let json = serde_json::from_slice(&message.body)
        .map_err(|_| Refusal::new(400, "SerializationException", "The body is no JSON."))?;
    let (service, action) = header("x-amz-target")?.rsplit_once('.').unwrap_or_default();
    Ok(Authentic {
        action: action.to_owned(),
        service: service.to_owned(),
        parameters: parameters::flatten(&json),
        nonce: None,
        date,
    })
}

/// What an `Authorization` header claims.
struct Claim<'a> {
    credential: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    fn read(header: &'a str, algorithm: &str, separator: &str) -> Result<Self, Refusal> {
        let read = || {
            let mut parts = header.strip_prefix(algorithm)?.split(separator);
            let claim = Self {
                credential: parts.next()?.strip_prefix("Credential=")?,
                signed: parts.next()?.strip_prefix("SignedHeaders=")?.split(';').collect(),
                signature: parts.next()?.strip_prefix("Signature=")?,
            };
            parts.next().is_none().then_some(claim)
        };
        read().ok_or_else(|| Refusal::incomplete("Authorization"))
    }

    /// The names must be sorted, of headers that are there, and all of those that have to be.
    fn covers(&self, message: &Message, must: impl Fn(&str) -> bool) -> Result<(), Refusal> {
        let missing =
            message.headers.iter().find(|(name, _)| must(name) && !self.signed.contains(&name.as_str()));
        let absent = self.signed.iter().find(|name| message.header(name).is_none());
        match (missing, absent) {
            (None, None) if self.signed.is_sorted() && self.signed.contains(&"host") => Ok(()),
            _ => Err(Refusal::mismatch("The signed headers are not those that must be.")),
        }
    }

    fn matches(&self, expected: &str) -> Result<(), Refusal> {
        if self.signature == expected {
            return Ok(());
        }
        Err(Refusal::mismatch("The signature is not the one computed."))
    }
}

fn known<'a>(keys: &'a [Key], id: &str, code: &'static str) -> Result<&'a Key, Refusal> {
    let key = keys.iter().find(|key| key.id == id);
    key.ok_or_else(|| Refusal::new(404, code, "Specified access key is not found."))
}

fn check_token(key: &Key, token: Option<&str>) -> Result<(), Refusal> {
    if key.token.as_deref() == token {
        return Ok(());
    }
    Err(Refusal::new(400, "InvalidSecurityToken.Malformed", "The token is not the key's."))
}

fn check_date(date: &str, now: SystemTime, code: &'static str) -> Result<(), Refusal> {
    const TOLERANCE: Duration = Duration::from_secs(15 * 60);
    let at = read_date(date).ok_or_else(|| Refusal::incomplete("the date"))?;
    let distance = now.duration_since(at).unwrap_or_else(|ahead| ahead.duration());
    if distance <= TOLERANCE {
        return Ok(());
    }
    Err(Refusal::new(400, code, format!("Signature expired: {date} is not now.")))
}

/// `2024-03-05T06:07:08Z` or `20240305T060708Z`.
fn read_date(text: &str) -> Option<SystemTime> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let extended = text.len() == 20 && text.as_bytes().get(4) == Some(&b'-');
    let basic = text.len() == 16 && text.as_bytes().get(8) == Some(&b'T');
    if digits.len() != 14 || !text.ends_with('Z') || !(extended || basic) {
        return None;
    }
    let number = |from: usize, to: usize| digits[from..to].parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let is_leap = |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: u64 = (1970..year).map(|year| 365 + u64::from(is_leap(year))).sum();
    let months: u64 = lengths.iter().take(usize::try_from(month).ok()?.checked_sub(1)?).sum();
    let days = years + months + day.checked_sub(1)?;
    let seconds = number(8, 10)? * 3_600 + number(10, 12)? * 60 + number(12, 14)?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400 + seconds))
}
