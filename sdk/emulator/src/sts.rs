//! The Security Token Service, as far as credentials for a role need it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use crate::authentication::Known;
use crate::options::Key;
use crate::parameters::{MASK, Pairs};
use crate::refusal::Refusal;
use crate::signature::hex;
use crate::timestamp;

pub(crate) const VERSION: &str = "2015-04-01";

/// The call that is not signed.
const WITH_OIDC: &str = "AssumeRoleWithOIDC";

/// As the log calls it.
pub(crate) const NAME: &str = "sts";

/// The account that all keys are of.
const ACCOUNT: &str = "1234567890123456";

/// Keys that were given for a role, until they end.
#[derive(Debug, Default)]
pub(crate) struct Sts {
    given: BTreeMap<String, Role>,
    /// How many were given.
    count: u64,
}

#[derive(Debug)]
struct Role {
    key: Key,
    arn: String,
    ends: SystemTime,
}

/// Then the ones that end first are forgotten early.
const MOST: usize = 10_000;

/// Who calls, and when.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) key: &'a str,
    pub(crate) seed: u64,
    pub(crate) now: SystemTime,
}

impl Sts {
    /// A key that was given, with its end.
    pub(crate) fn known(&self, id: &str) -> Option<Known> {
        self.given.get(id).map(|role| Known { key: role.key.clone(), ends: Some(role.ends) })
    }

    pub(crate) fn has(action: &str) -> bool {
        matches!(action, "AssumeRole" | WITH_OIDC | "GetCallerIdentity")
    }

    pub(crate) fn call(
        &mut self,
        action: &str,
        parameters: &BTreeMap<String, String>,
        caller: Caller<'_>,
    ) -> Result<Map<String, Json>, Refusal> {
        let answer = match action {
            "AssumeRole" => self.assume_role(parameters, caller)?,
            WITH_OIDC => {
                required(parameters, "OIDCProviderArn")?;
                required(parameters, "OIDCToken")?;
                self.assume_role(parameters, caller)?
            }
            _ => self.identity(caller),
        };
        Ok(answer.as_object().cloned().unwrap_or_default())
    }

    fn assume_role(
        &mut self,
        parameters: &BTreeMap<String, String>,
        caller: Caller<'_>,
    ) -> Result<Json, Refusal> {
        let given = |name: &str| parameters.get(name).filter(|value| !value.is_empty());
        let invalid = |name: &str| {
            let text = format!("The parameter {name} is not valid.");
            Refusal::new(400, format!("InvalidParameter.{name}"), text)
        };
        let (arn, session) = (required(parameters, "RoleArn")?, required(parameters, "RoleSessionName")?);
        let (account, role) = role_of(arn).ok_or_else(|| invalid("RoleArn"))?;
        if !is_session_name(session) {
            return Err(invalid("RoleSessionName"));
        }
        let seconds = match given("DurationSeconds").map(|text| text.parse::<u64>()) {
            None => 3_600,
            Some(Ok(seconds @ 900..=43_200)) => seconds,
            Some(_) => return Err(invalid("DurationSeconds")),
        };
        let policy = given("Policy").map(|text| serde_json::from_str::<Json>(text));
        if policy.is_some_and(|policy| !policy.is_ok_and(|policy| policy.is_object())) {
            return Err(invalid("Policy"));
        }
        let arn = format!("acs:ram::{account}:assumed-role/{role}/{session}");
        let ends = caller.now + Duration::from_secs(seconds);
        let key = self.give(caller, arn.clone(), ends);
        Ok(json!({
            "AssumedRoleUser": { "Arn": arn, "AssumedRoleId": format!("{}:{session}", number_of(role)) },
            "Credentials": { "AccessKeyId": key.id, "AccessKeySecret": key.secret, "SecurityToken": key.token,
                "Expiration": timestamp::rfc3339(ends) },
        }))
    }

    fn give(&mut self, caller: Caller<'_>, arn: String, ends: SystemTime) -> Key {
        self.given.retain(|_, role| role.ends + Duration::from_secs(3_600) > caller.now);
        if self.given.len() >= MOST {
            let first = self.given.iter().min_by_key(|(_, role)| role.ends).map(|(id, _)| id.clone());
            first.map(|id| self.given.remove(&id));
        }
        self.count += 1;
        let text = |what: &str| hex(&Sha256::digest(format!("{} {} {what}", caller.seed, self.count)));
        let id = format!("STS.{}", &text("id")[..24]);
        let key = Key { id: id.clone(), secret: text("secret")[..44].to_owned(), token: Some(text("token")) };
        self.given.insert(id, Role { key: key.clone(), arn, ends });
        key
    }

    fn identity(&self, caller: Caller<'_>) -> Json {
        match self.given.get(caller.key) {
            Some(role) => json!({ "AccountId": ACCOUNT, "Arn": role.arn, "IdentityType": "AssumedRoleUser",
                "PrincipalId": number_of(&role.arn) }),
            None => json!({ "AccountId": ACCOUNT, "Arn": format!("acs:ram::{ACCOUNT}:root"),
                "IdentityType": "Account", "PrincipalId": ACCOUNT, "UserId": ACCOUNT }),
        }
    }
}

/// Whether nobody has to sign a request: the token of the provider says who it is, and is believed here.
pub(crate) fn is_proof_enough(pairs: &Pairs) -> bool {
    let has = |name: &str, value: &str| pairs.iter().any(|(known, given)| known == name && given == value);
    has("Action", WITH_OIDC) && has("Version", VERSION) && pairs.iter().all(|(name, _)| name != "Signature")
}

fn required<'p>(parameters: &'p BTreeMap<String, String>, name: &str) -> Result<&'p String, Refusal> {
    let missing =
        || Refusal::new(400, format!("Missing{name}"), format!("{name} is mandatory for this action."));
    parameters.get(name).filter(|value| !value.is_empty()).ok_or_else(missing)
}

/// What the log shows of a call.
pub(crate) fn masked(pairs: &Pairs) -> BTreeMap<String, String> {
    let is_open = |name: &str| matches!(name, "RoleArn" | "RoleSessionName" | "DurationSeconds");
    let shown = |name: &str, value: &str| if is_open(name) { value } else { MASK }.to_owned();
    pairs.iter().map(|(name, value)| (name.clone(), shown(name, value))).collect()
}

/// The account and the name of a role: `acs:ram::1234:role/name`.
fn role_of(arn: &str) -> Option<(&str, &str)> {
    let (account, role) = arn.strip_prefix("acs:ram::")?.split_once(":role/")?;
    let is_account = !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
    (is_account && !role.is_empty()).then_some((account, role))
}

fn is_session_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".@-_".contains(&byte);
    (2..=64).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// A number that is always the same for a name.
fn number_of(name: &str) -> String {
    let hash = Sha256::digest(name);
    let number = hash.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("3{:017}", number % 100_000_000_000_000_000)
}
