//! The service itself, without any input or output.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use crate::answer::Frame;
use crate::authentication::{self, Authentic, Gate, Known, Parameters, TOLERANCE};
use crate::control;
use crate::faults::{Delivery, Fault, FaultKind, Faults};
use crate::log::{Call, Log};
use crate::message::Message;
use crate::model::{self, Protocol, Service};
use crate::nonces::Nonces;
use crate::options::{Answers, Key, Options, TimeSource};
use crate::parameters::{self, MASK, Misfit, Pairs};
use crate::refusal::Refusal;
use crate::refused::Called;
use crate::signature::hex;
use crate::state::{self, State};
use crate::state_file::Remembered;
use crate::sts::{self, Caller, Sts};
use crate::timestamp;
use crate::tokens::{Tokens, Used};

/// The virtual time that a request takes, so that whoever asks again and again sees it pass.
const PER_REQUEST: Duration = Duration::from_secs(1);

/// All services: it takes a request and gives the answer, and does nothing else. What it remembers is in no
/// `Debug`: there are secrets in it.
pub struct Engine {
    options: Options,
    services: &'static [Service],
    state: State,
    nonces: Nonces,
    tokens: Tokens,
    sts: Sts,
    log: Log,
    faults: Faults,
    /// How many requests there were.
    count: u64,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("options", &self.options)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

/// What a request may do.
pub enum Effect<'a> {
    /// What it asks for.
    Real,
    /// Nothing: it is judged alone.
    None,
    /// What this says: the action is given, and an answer takes the place of the service's.
    Instead(&'a mut dyn FnMut(&str) -> Option<Response<Bytes>>),
}

impl fmt::Debug for Effect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Real => "Real",
            Self::None => "None",
            Self::Instead(_) => "Instead",
        })
    }
}

/// What becomes of a request.
struct Verdict {
    result: Result<Map<String, Json>, Refusal>,
    /// Instead of the result.
    status: Option<u16>,
    /// Instead of both.
    instead: Option<Response<Bytes>>,
    delivery: Option<Delivery>,
}

impl From<Result<Map<String, Json>, Refusal>> for Verdict {
    fn from(result: Result<Map<String, Json>, Refusal>) -> Self {
        Self { result, status: None, instead: None, delivery: None }
    }
}

/// An action, and what is asked of it.
struct Asked {
    called: Called,
    parameters: Map<String, Json>,
    misfits: Vec<Misfit>,
    region: String,
}

impl Engine {
    /// Services that remember nothing yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self::of(model::services(), options)
    }

    fn of(services: &'static [Service], options: Options) -> Self {
        let state = State::new(options.seed, options.transitions, options.outside_strict);
        Self {
            options,
            services,
            state,
            nonces: Nonces::default(),
            tokens: Tokens::default(),
            sts: Sts::default(),
            log: Log::default(),
            faults: Faults::default(),
            count: 0,
        }
    }

    /// Answers a request that came at a time of the machine's. The answer may have a
    /// [`Delivery`] among its extensions.
    pub fn handle(&mut self, request: &Request<Bytes>, now: SystemTime) -> Response<Bytes> {
        let path = request.uri().path();
        if path == "/_cloudnet" || path.starts_with("/_cloudnet/") {
            return control::answer(self, request);
        }
        self.outcome(request, now, Effect::Real).0
    }

    /// The same with what is logged of it, but for the routes below `/_cloudnet`. What
    /// is not authentic, or breaks its table, is refused, whatever the effect.
    pub fn outcome(
        &mut self,
        request: &Request<Bytes>,
        now: SystemTime,
        effect: Effect<'_>,
    ) -> (Response<Bytes>, Call) {
        let message = Message::new(request);
        let now = self.signature_time(now);
        match self.options.clock {
            TimeSource::Virtual => self.state.advance(PER_REQUEST),
            TimeSource::Wall => self.state.reach(now),
        }
        self.count += 1;
        let time = timestamp::rfc3339(self.state.now());
        let mut call = Call { number: self.count, time, request_id: self.request_id(), ..Call::default() };
        let verdict = self.judge(message, now, effect, &mut call);
        let response = answered(message, now, verdict, &mut call);
        self.log.add(call.shortened());
        (response, call)
    }

    /// The latest calls, from the oldest on.
    pub fn calls(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.log.calls()
    }

    /// Tells what goes wrong with calls to come; `false` if too much was told already.
    pub fn fault(&mut self, fault: Fault) -> bool {
        self.faults.add(fault)
    }

    /// Makes another access key known.
    pub fn know(&mut self, key: Key) {
        self.options.keys.push(key);
    }

    /// Lets virtual time pass.
    pub fn advance(&mut self, by: Duration) {
        self.state.advance(by);
    }

    /// Forgets the resources, the calls, the faults, the tokens and the time that has passed; the options
    /// stay, and what was signed once cannot be sent again.
    pub fn reset(&mut self) {
        let options = self.options.clone();
        let (nonces, sts) = (std::mem::take(&mut self.nonces), std::mem::take(&mut self.sts));
        *self = Self { nonces, sts, ..Self::of(self.services, options) };
    }

    /// How it was set up.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn set_signature_offset(&mut self, seconds: i64) {
        self.options.signature_offset = seconds;
    }

    pub(crate) fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// What another one can take over.
    pub(crate) fn remembered(&self) -> Remembered {
        Remembered { state: self.state.clone(), tokens: self.tokens.clone() }
    }

    /// Takes over what another one remembered.
    pub(crate) fn restore(&mut self, remembered: Remembered) {
        self.state = remembered.state.set_up_as(&self.state);
        // The answers to others are about what may no longer be there.
        self.tokens = remembered.tokens;
    }

    fn signature_time(&self, now: SystemTime) -> SystemTime {
        let offset = self.options.signature_offset;
        let distance = Duration::from_secs(offset.unsigned_abs());
        let shifted = if offset < 0 { now.checked_sub(distance) } else { now.checked_add(distance) };
        shifted.unwrap_or(now)
    }

    /// In the form of a UUID.
    fn request_id(&self) -> String {
        let hash = Sha256::digest(format!("{} {} request", self.options.seed, self.count));
        let digits = hex(&hash).to_uppercase();
        [
            &digits[..8],
            &digits[8..12],
            &format!("4{}", &digits[13..16]),
            &format!("A{}", &digits[17..20]),
            &digits[20..32],
        ]
        .join("-")
    }

    fn judge(
        &mut self,
        message: Message<'_>,
        now: SystemTime,
        effect: Effect<'_>,
        call: &mut Call,
    ) -> Verdict {
        let authentic = match self.authenticate(message, now, call) {
            Ok(authentic) => authentic,
            Err(refusal) => {
                call.action = authentication::claimed_action(message).unwrap_or_default();
                return Err(refusal).into();
            }
        };
        if authentic.service == sts::VERSION && Sts::has(&authentic.action) {
            return self.give(authentic, now, effect, call);
        }
        match self.asked(message, authentic, call) {
            Ok(asked) => self.do_asked(asked, effect, call),
            Err(refusal) => Err(refusal).into(),
        }
    }

    /// Who it is from, and that it comes for the first time.
    fn authenticate(
        &mut self,
        message: Message<'_>,
        now: SystemTime,
        call: &mut Call,
    ) -> Result<Authentic, Refusal> {
        let lenient = self.options.lenient;
        let (own, sts) = (&self.options.keys, &self.sts);
        let key = |id: &str| {
            let known = own.iter().find(|key| key.id == id).map(|key| Known { key: key.clone(), ends: None });
            known.or_else(|| sts.known(id))
        };
        let json = self.services.iter().filter(|service| service.protocol == Protocol::AwsJson);
        let scopes: Vec<_> =
            json.map(|service| (service.signing_name.as_str(), service.home_region.as_deref())).collect();
        let gate = Gate { keys: &key, now, lenient, scopes: &scopes };
        let authentic = gate.admit(message)?;
        call.action.clone_from(&authentic.action);
        call.nonce.clone_from(&authentic.nonce);
        call.date.clone_from(&authentic.date);
        let Some(nonce) = authentic.nonce.as_ref().filter(|_| !lenient.nonce) else { return Ok(authentic) };
        let signed = timestamp::parse(&authentic.date).filter(|_| !lenient.date).unwrap_or(now);
        let until = signed.checked_add(TOLERANCE).unwrap_or(signed);
        if self.nonces.use_up(&authentic.key, nonce, until, now) {
            return Ok(authentic);
        }
        Err(Refusal::new(400, "SignatureNonceUsed", "Specified signature nonce was used already."))
    }

    /// A call of the Security Token Service.
    fn give(
        &mut self,
        authentic: Authentic,
        now: SystemTime,
        effect: Effect<'_>,
        call: &mut Call,
    ) -> Verdict {
        let Parameters::Flat(pairs) = authentic.parameters else { return Err(not_found()).into() };
        sts::NAME.clone_into(&mut call.service);
        call.parameters = sts::masked(&pairs);
        let parameters = pairs.into_iter().collect();
        self.struck(&authentic.action, "", None, |engine| {
            if matches!(effect, Effect::None) {
                return Ok(Map::new());
            }
            let caller = Caller { key: &authentic.key, seed: engine.options.seed, now };
            let answer = engine.sts.call(&authentic.action, &parameters, caller)?;
            call.is_applied = true;
            Ok(answer)
        })
    }

    /// What is asked of which action.
    fn asked(&self, message: Message<'_>, authentic: Authentic, call: &mut Call) -> Result<Asked, Refusal> {
        let called = self.find(&authentic)?;
        let Called { service, action } = called;
        call.service.clone_from(&service.name);
        let method = message.method();
        let has_verb = if authentic.has_fixed_verb {
            method == if action.get { "GET" } else { "POST" }
        } else {
            matches!(method, "GET" | "POST")
        };
        if !has_verb {
            return Err(Refusal::new(405, "UnsupportedHTTPMethod", "This is not the verb of the action."));
        }
        if authentic.format.is_some_and(|format| !format.is_empty() && !format.eq_ignore_ascii_case("json")) {
            let text = "There are answers in JSON alone: Format must be JSON, or left out.";
            return Err(Refusal::new(400, "UnsupportedFormat", text));
        }
        let mut named = None;
        let (parameters, misfits) = match authentic.parameters {
            Parameters::Flat(mut pairs) => {
                named = take_common(&mut pairs, action);
                parameters::unflattened(&action.request, pairs)
            }
            Parameters::Json(members) => parameters::of_json(&action.request, members),
        };
        call.parameters = parameters::masked(&action.request, &parameters);
        call.parameters.extend(misfits.iter().map(|misfit| (misfit.path().to_owned(), MASK.to_owned())));
        let own = parameters.get("RegionId").and_then(Json::as_str).map(str::to_owned);
        let of_host = || region_of(message.header("host").unwrap_or_default());
        let region = own.or(named).filter(|region| !region.is_empty());
        let region = region.or(authentic.region).or_else(of_host).or_else(|| service.home_region.clone());
        let region = region.unwrap_or_else(|| "cn-hangzhou".to_owned());
        call.region.clone_from(&region);
        Ok(Asked { called, parameters, misfits, region })
    }

    fn find(&self, authentic: &Authentic) -> Result<Called, Refusal> {
        let protocol = match authentic.parameters {
            Parameters::Flat(_) => Protocol::AcsRpc,
            Parameters::Json(_) => Protocol::AwsJson,
        };
        let of_protocol = || self.services.iter().filter(move |service| service.protocol == protocol);
        let is_named = |service: &&Service| match protocol {
            Protocol::AcsRpc => service.version == authentic.service,
            Protocol::AwsJson => service.target == authentic.service,
        };
        let action_of = |service: &'static Service| {
            service.action(&authentic.action).map(|action| Called { service, action })
        };
        let mut found = of_protocol().filter(is_named).find_map(action_of);
        if self.options.lenient.version {
            found = found.or_else(|| of_protocol().find_map(action_of));
        }
        match found {
            Some(called) => Ok(called),
            None if protocol == Protocol::AwsJson => {
                Err(Refusal::new(400, "UnknownOperationException", "There is no such operation."))
            }
            None if !of_protocol().any(|service| is_named(&service)) => {
                Err(Refusal::new(400, "InvalidVersion", "Specified parameter Version is not valid."))
            }
            None => Err(not_found()),
        }
    }

    fn do_asked(&mut self, asked: Asked, effect: Effect<'_>, call: &mut Call) -> Verdict {
        let called = asked.called;
        let mut instead = None;
        let mut verdict = self.struck(&called.action.name, &asked.region.clone(), Some(called), |engine| {
            let Asked { parameters, region, .. } = engine.checked(asked)?;
            match effect {
                Effect::None => return Ok(Map::new()),
                Effect::Instead(tell) => instead = tell(&called.action.name),
                Effect::Real => {}
            }
            if let Some(told) = &instead {
                call.is_applied = told.status().is_success();
                return Ok(Map::new());
            }
            let is_remembering = engine.options.answers == Answers::State;
            if let Some(dry_run) = dry_run(called, &parameters).filter(|_| is_remembering) {
                engine.state.dry_run(called.service, called.action, &parameters, &region)?;
                let passed = dry_run.passed.as_deref();
                let told = passed.map(|code| called.told(code, "The request would have its effect."));
                return told.map_or(Ok(Map::new()), Err);
            }
            engine.do_once(called, &parameters, &region, call)
        });
        verdict.instead = instead;
        verdict
    }

    /// Does what is asked, unless something was told to go wrong with it.
    fn struck(
        &mut self,
        action: &str,
        region: &str,
        called: Option<Called>,
        act: impl FnOnce(&mut Self) -> Result<Map<String, Json>, Refusal>,
    ) -> Verdict {
        let Some(fault) = self.faults.strike(action, region) else { return act(self).into() };
        if let FaultKind::EndsIn(state) = &fault.kind {
            self.state.fail_next(state);
        }
        let mut verdict = Verdict::from(if fault.applied { act(self) } else { Ok(Map::new()) });
        match fault.kind {
            FaultKind::Code(code) => {
                let text = "This was told to go wrong.";
                let told = || match called {
                    Some(called) => called.told(&code, text),
                    None => Refusal::new(400, &code, text),
                };
                verdict.result = verdict.result.and_then(|_| Err(told()));
            }
            FaultKind::Status(status) => verdict.status = Some(status),
            FaultKind::Reset => verdict.delivery = Some(Delivery::Reset),
            FaultKind::Delay(time) => verdict.delivery = Some(Delivery::Delay(time)),
            FaultKind::EndsIn(_) => {}
        }
        verdict
    }

    /// What is asked, if the action takes it.
    fn checked(&self, mut asked: Asked) -> Result<Asked, Refusal> {
        let called = asked.called;
        let is_lenient = self.options.lenient.unknown_parameters;
        let is_wrong = |misfit: &&Misfit| match misfit {
            Misfit::Unknown(_) => !is_lenient,
            Misfit::Invalid(..) => !self.options.lenient.limits,
        };
        if let Some(misfit) = asked.misfits.iter().find(is_wrong) {
            return Err(called.misfit(misfit));
        }
        let parameters = Json::Object(std::mem::take(&mut asked.parameters));
        let checked =
            cloudnet::dynamic::validate(&service_name(called.service), &called.action.name, &parameters);
        match checked {
            Err(error) if !self.options.lenient.limits || Called::lacks(&error) => {
                return Err(called.broken(&error));
            }
            _ => {}
        }
        if let Json::Object(parameters) = parameters {
            asked.parameters = parameters;
        }
        Ok(asked)
    }

    /// Does what is asked, unless its token was used: then that call's answer is given again.
    fn do_once(
        &mut self,
        called: Called,
        parameters: &Map<String, Json>,
        region: &str,
        call: &mut Call,
    ) -> Result<Map<String, Json>, Refusal> {
        let used = Used::of(called, parameters, region);
        if let Some((used, answered)) = used.and_then(|used| Some((used, self.tokens.answered(&used)?))) {
            if !answered.is_for(&used) {
                return Err(called.mismatch());
            }
            call.is_replay = true;
            call.request_id.clone_from(&answered.request_id);
            return Ok(answered.body.clone());
        }
        let body = match self.options.answers {
            Answers::State => self.state.call(called.service, called.action, parameters, region)?,
            Answers::Examples => state::example(called.action),
        };
        call.is_applied = true;
        if let Some(used) = used {
            self.tokens.add(used, body.clone(), call.request_id.clone());
        }
        Ok(body)
    }
}

fn answered(message: Message<'_>, now: SystemTime, verdict: Verdict, call: &mut Call) -> Response<Bytes> {
    let protocol = authentication::protocol(message);
    let host = message.header("host").unwrap_or_default();
    let request_id = call.request_id.clone();
    let frame = Frame { protocol, request_id: &request_id, host, now };
    let mut response = match (verdict.instead, verdict.status, verdict.result) {
        (Some(told), ..) => told,
        (None, Some(status), _) => frame.bare(status),
        (None, None, Ok(body)) => frame.success(body),
        (None, None, Err(refusal)) => {
            let response = frame.refused(&refusal);
            call.code = Some(refusal.code);
            response
        }
    };
    if let Some(delivery) = verdict.delivery {
        response.extensions_mut().insert(delivery);
    }
    call.status = response.status().as_u16();
    response
}

/// Takes what every action may be sent with, whether it has it or not; the region is given back.
fn take_common(pairs: &mut Pairs, action: &model::Action) -> Option<String> {
    const COMMON: [&str; 5] =
        ["RegionId", "OwnerId", "OwnerAccount", "ResourceOwnerAccount", "ResourceOwnerId"];
    let mut region = None;
    for name in COMMON {
        let at = pairs.iter().position(|(known, _)| known == name);
        let is_own = action.request.iter().any(|field| field.name == name);
        let taken = at.filter(|_| !is_own).map(|at| pairs.swap_remove(at).1);
        region = region.or(taken.filter(|_| name == "RegionId"));
    }
    region
}

/// The dry run that is asked for, if it is one.
fn dry_run(called: Called, parameters: &Map<String, Json>) -> Option<&'static model::DryRun> {
    let dry_run = called.action.dry_run.as_ref()?;
    let is_dry = parameters.get(&dry_run.parameter).and_then(Json::as_str) == Some("true");
    is_dry.then_some(dry_run)
}

/// As the crate calls the service, which has its module for a name here.
fn service_name(service: &Service) -> String {
    service.name.replace('_', "-")
}

/// The region in the name of a host: `vpc.cn-beijing.aliyuncs.com`.
fn region_of(host: &str) -> Option<String> {
    let parts: Vec<&str> = host.split('.').collect();
    match parts[..] {
        [_, region, "aliyuncs", "com"] => Some(region.to_owned()),
        _ => None,
    }
}

fn not_found() -> Refusal {
    Refusal::new(
        404,
        "InvalidAction.NotFound",
        "Specified api is not found, please check your url and method.",
    )
}

#[cfg(test)]
mod tests;
