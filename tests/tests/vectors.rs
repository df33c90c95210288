//! Runs every record of `tests/vectors`, and of the files that `CLOUDNET_VECTORS` names.
//!
//! A record says what the official clients produce from given inputs. Everything it expects is
//! compared; what it says beyond the known structure is a failure, so that no fact goes unread.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use cloudnet::credentials::{CliProfile, ProfileFile, ProviderConfig};
use cloudnet::dynamic;
use cloudnet::schema::Protocol;
use cloudnet::sign::sigv4::Scope;
use cloudnet::sign::{Signed, ToSign, acs_rpc, acs3, canonical_query, sha256_hex, sigv4};
use cloudnet::{ClientBuilder, Credentials, Network, ProvideCredentials, ValidationPolicy, wire};
use cloudnet_tests::scripted::Scripted;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use serde_json::{Map, Value, json};

const FILES_FROM_OUTSIDE: &str = "CLOUDNET_VECTORS";

#[test]
fn vectors_of_the_official_clients_hold() {
    let mut report = Report::default();
    for path in files() {
        match read(&path) {
            Ok(records) => records.into_iter().for_each(|record| report.add(&path, record)),
            Err(problem) => report.failures.push(format!("{}: {problem}", path.display())),
        }
    }
    report.print();
    let failures = &report.failures;
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert!(report.schemes.values().any(|tally| tally.ran > 0), "no record ran");
}

#[test]
fn vectors_that_do_not_hold_are_noticed() {
    let record = |inputs, expected| json!({ "name": "n", "scheme": "percent-encode", "inputs": inputs, "expected": expected });
    let fine = record(json!({ "text": "*" }), json!({ "encoded": "%2A" }));
    assert!(matches!(run(fine.clone()), Ok(Outcome::Ran)));
    let mut with_more = fine;
    with_more["more"] = json!(1);
    let broken = [
        record(json!({ "text": "*" }), json!({ "encoded": "*" })),
        record(json!({ "text": "*" }), json!({ "encoded": "%2A", "decoded": "*" })),
        record(json!({ "text": "*", "form": true }), json!({ "encoded": "%2A" })),
        record(json!({ "text": 1 }), json!({ "encoded": "1" })),
        record(json!({}), json!({ "encoded": "" })),
        record(json!({ "text": "*" }), json!({})),
        with_more,
        json!("text"),
    ];
    for record in broken {
        assert!(run(record.clone()).is_err(), "{record}");
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let outside = std::env::var_os(FILES_FROM_OUTSIDE).unwrap_or_default();
    files.extend(std::env::split_paths(&outside).filter(|path| !path.as_os_str().is_empty()));
    files
}

fn read(path: &Path) -> Result<Vec<Value>, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

/// What became of the records.
#[derive(Default)]
struct Report {
    schemes: BTreeMap<String, Tally>,
    failures: Vec<String>,
}

#[derive(Default)]
struct Tally {
    ran: usize,
    skipped: usize,
}

enum Outcome {
    Ran,
    /// Out of scope: an action or a scheme that the product does not have.
    Skipped,
}

impl Report {
    fn add(&mut self, path: &Path, record: Value) {
        let text = |key: &str| record[key].as_str().unwrap_or("?").to_owned();
        let (name, scheme) = (text("name"), text("scheme"));
        let outcome = run(record);
        let tally = self.schemes.entry(scheme.clone()).or_default();
        match outcome {
            Ok(Outcome::Skipped) => tally.skipped += 1,
            Ok(Outcome::Ran) => tally.ran += 1,
            Err(problem) => {
                tally.ran += 1;
                self.failures.push(format!("{}: {scheme}: {name}: {problem}", path.display()));
            }
        }
    }

    fn print(&self) {
        for (scheme, Tally { ran, skipped }) in &self.schemes {
            println!("{scheme}: {ran} ran, {skipped} skipped as out of scope");
        }
    }
}

fn run(record: Value) -> Result<Outcome, String> {
    let mut record = Members::new("the record", record)?;
    record.text("name")?;
    let scheme = record.text("scheme")?;
    let inputs = Members::new("inputs", record.take("inputs")?)?;
    let expected = Members::new("expected", record.take("expected")?)?;
    record.finish()?;
    if expected.members.is_empty() {
        return Err("nothing is expected".to_owned());
    }
    let scheme = match scheme.as_str() {
        "percent-encode" => percent_encode,
        "acs-rpc-hmac-sha1" => acs_rpc_hmac_sha1,
        "acs3-hmac-sha256" => acs3_hmac_sha256,
        "aws-sigv4" => aws_sigv4,
        "rpc-flatten" => rpc_flatten,
        "rpc-error" => rpc_error,
        "aws-json-error" => aws_json_error,
        "request-shape" => request_shape,
        "endpoint" => endpoint,
        "credentials-ini" => credentials_ini,
        "cli-config-json" => cli_config_json,
        _ => return Ok(Outcome::Skipped),
    };
    scheme(inputs, expected)
}

fn request_shape(mut inputs: Members, expected: Members) -> Result<Outcome, String> {
    let (product, action) = (inputs.text("product")?, inputs.text("action")?);
    let (version, parameters) = (inputs.text("version")?, inputs.take("params")?);
    inputs.finish()?;
    let Some(service) = dynamic::services().find(|service| service.product == product) else {
        return Ok(Outcome::Skipped);
    };
    let Some(table) = dynamic::actions(service.name).find(|known| known.name == action) else {
        return Ok(Outcome::Skipped);
    };
    if service.version != version {
        return Err(format!("the version is {}, not {version}", service.version));
    }
    let (head, body) = sent(service.name, &action, &parameters)?.into_parts();
    // The official clients fill in no token; ours is made for the call.
    let is_own = |name: &str| Some(name) == table.token && parameters.get(name).is_none();
    let pairs = |bytes: &[u8]| {
        let mut pairs: Vec<_> = form_urlencoded::parse(bytes).collect();
        pairs.retain(|(name, _)| !is_own(name));
        pairs.sort();
        json!(pairs)
    };
    expected.compare(json!({
        "method": head.method.as_str(),
        "path": head.uri.path(),
        "query": pairs(head.uri.query().unwrap_or_default().as_bytes()),
        "form": pairs(&body),
    }))
}

/// What a call by name puts on the wire.
fn sent(service: &str, action: &str, parameters: &Value) -> Result<Request<Bytes>, String> {
    let transport = Scripted::empty();
    let client = builder(service, "cn-hangzhou")?
        .validation(ValidationPolicy::Off)
        .transport(transport.clone())
        .build()
        .map_err(|error| error.to_string())?;
    let call = client.call(action, parameters).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let response = runtime.map_err(|error| error.to_string())?.block_on(call.send_raw());
    response.map_err(|error| error.to_string())?;
    transport.take_last().ok_or_else(|| "nothing was sent".to_owned())
}

fn endpoint(mut inputs: Members, expected: Members) -> Result<Outcome, String> {
    let (product, regions) = (inputs.text("product")?, inputs.take("regions")?);
    let network = inputs.take("network")?;
    let explicit = inputs.members.remove("endpoint");
    inputs.finish()?;
    let Some(service) = dynamic::services().find(|service| service.product == product) else {
        return Ok(Outcome::Skipped);
    };
    let mut hosts = Map::new();
    for region in regions.as_array().ok_or("`regions` is no list")? {
        let region = region.as_str().ok_or("a region is no text")?;
        let mut builder = builder(service.name, region)?;
        match network.as_str() {
            Some("vpc") => builder = builder.network(Network::Vpc),
            Some(other) => return Err(format!("unknown network `{other}`")),
            None => {}
        }
        if let Some(explicit) = &explicit {
            builder = builder.endpoint(explicit.as_str().ok_or("`endpoint` is no text")?);
        }
        let client = builder.build().map_err(|error| error.to_string())?;
        let host = client.endpoint().trim_start_matches("https://").to_owned();
        hosts.insert(region.to_owned(), host.into());
    }
    expected.compare(json!({ "hosts": hosts }))
}

fn credentials_ini(mut inputs: Members, expected: Members) -> Result<Outcome, String> {
    let text = inputs.text("text")?;
    let profile = inputs.optional_text("profile")?;
    inputs.finish()?;
    let machine = ProviderConfig::empty().with_files(move |_| Ok(text.clone().into_bytes()));
    let file = ProfileFile::new().file("credentials.ini");
    let file = profile.into_iter().fold(file, ProfileFile::profile);
    expected.compare(provided(&file.build(&machine)))
}

fn cli_config_json(mut inputs: Members, expected: Members) -> Result<Outcome, String> {
    let config = inputs.take("config")?.to_string();
    let profile = inputs.optional_text("profile")?;
    inputs.finish()?;
    let machine = ProviderConfig::empty().with_files(move |_| Ok(config.clone().into_bytes()));
    let file = CliProfile::new().file("config.json");
    let file = profile.into_iter().fold(file, CliProfile::profile);
    expected.compare(provided(&file.build(&machine)))
}

/// What a source gives, or that it fails.
fn provided(source: &dyn ProvideCredentials) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    match runtime.block_on(source.provide()) {
        Ok(credentials) => json!({
            "access_key_id": credentials.access_key_id(),
            "access_key_secret": credentials.access_key_secret(),
            "security_token": credentials.security_token(),
            "provider_name": credentials.provider_name(),
        }),
        Err(_) => json!({ "error": true }),
    }
}

fn builder(service: &str, region: &str) -> Result<ClientBuilder<dynamic::Client>, String> {
    let builder = dynamic::builder(service).map_err(|error| error.to_string())?;
    Ok(builder.region(region).credentials(Credentials::new("id", "secret")))
}

fn percent_encode(mut inputs: Members, expected: Members) -> Result<Outcome, String> {
    let text = inputs.text("text")?;
    inputs.finish()?;
    expected.compare(json!({ "encoded": wire::percent_encode(&text) }))
}

fn acs_rpc_hmac_sha1(mut inputs: Members, expected: Members) -> Result<Outcome, String> {
    let method = inputs.text("method")?;
    let parameters = inputs.pairs("params")?;
    let secret = inputs.text("access_key_secret")?;
    inputs.finish()?;
    let signed = acs_rpc::sign(&method, borrowed(&parameters), &secret);
    expected.compare(json!({
        "canonicalized_query": signed.canonicalized_query,
        "string_to_sign": signed.string_to_sign,
        "signature": signed.signature,
    }))
}

fn acs3_hmac_sha256(mut inputs: Members, expected: Members) -> Result<Outcome, String> {
    let mut request = SignatureInputs::take(&mut inputs)?;
    let id = inputs.text("access_key_id")?;
    let secret = inputs.text("access_key_secret")?;
    inputs.finish()?;
    request.headers.push(("x-acs-content-sha256".to_owned(), request.body_sha256.clone()));
    let signed = request.with(|to_sign| acs3::sign(to_sign, &id, &secret));
    let mut produced = signature(&signed);
    produced["content_sha256"] = json!(request.body_sha256);
    expected.compare(produced)
}

fn aws_sigv4(mut inputs: Members, expected: Members) -> Result<Outcome, String> {
    let request = SignatureInputs::take(&mut inputs)?;
    let header = |name: &str| {
        let found = request.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    };
    let host = inputs.text("host")?;
    let token = inputs.optional_text("session_token")?;
    if header("host") != Some(&host) || header("x-amz-security-token") != token.as_deref() {
        return Err("host or session_token differ from the headers to sign".to_owned());
    }
    let timestamp = header("x-amz-date").ok_or("no x-amz-date to sign")?;
    let (region, service) = (inputs.text("region")?, inputs.text("service")?);
    let (id, secret) = (inputs.text("access_key_id")?, inputs.text("secret_access_key")?);
    inputs.finish()?;
    let scope = Scope { timestamp, region: &region, service: &service };
    let signed = request.with(|to_sign| sigv4::sign(to_sign, &scope, &id, &secret));
    let mut produced = signature(&signed);
    produced["payload_sha256"] = json!(request.body_sha256);
    expected.compare(produced)
}

fn rpc_flatten(mut inputs: Members, expected: Members) -> Result<Outcome, String> {
    let params = inputs.take("params")?;
    inputs.finish()?;
    let mut pairs = wire::flatten(&params);
    pairs.sort();
    expected.compare(json!({ "pairs": pairs }))
}

fn rpc_error(mut inputs: Members, mut expected: Members) -> Result<Outcome, String> {
    let answer = Answer::take(&mut inputs)?;
    inputs.finish()?;
    let error = wire::read_error(Protocol::AcsRpc, &answer.headers, &answer.body);
    // How the vendor's client names the class of the error, or that it loses the answer.
    let official_class = expected.text("official_class")?;
    let retry_after = wire::retry_after(&answer.headers);
    let class = match answer.status {
        _ if error.code.is_empty() => "unparsed",
        _ if retry_after.is_some() => "throttling",
        400..500 => "client",
        _ => "server",
    };
    if official_class != class && official_class != "unparsed" {
        return Err(format!("official_class: {official_class} expected, {class} found"));
    }
    expected.compare(json!({
        "status": answer.status,
        "code": error.code,
        "message": error.message,
        "request_id": error.request_id,
        "host_id": error.host_id,
        "recommend": error.recommend,
        "access_denied_detail": error.access_denied_detail.as_ref().map(access_denied_detail),
        "retry_after_ms": retry_after.map(|wait| wait.as_millis()),
    }))
}

fn access_denied_detail(detail: &wire::AccessDeniedDetail) -> Value {
    let members = [
        ("AuthAction", &detail.auth_action),
        ("AuthPrincipalType", &detail.auth_principal_type),
        ("AuthPrincipalOwnerId", &detail.auth_principal_owner_id),
        ("AuthPrincipalDisplayName", &detail.auth_principal_display_name),
        ("NoPermissionType", &detail.no_permission_type),
        ("PolicyType", &detail.policy_type),
        ("EncodedDiagnosticMessage", &detail.encoded_diagnostic_message),
    ];
    let present = members.into_iter().filter(|(_, value)| value.is_some());
    present.map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

fn aws_json_error(mut inputs: Members, mut expected: Members) -> Result<Outcome, String> {
    let answer = Answer::take(&mut inputs)?;
    inputs.finish()?;
    let protocol = Protocol::aws_json("", "");
    let error = wire::read_error(protocol, &answer.headers, &answer.body);
    // What another client makes of it, where that differs from what is right.
    expected.optional_text("botocore_code")?;
    expected.compare(json!({
        "status": answer.status,
        "code": error.code,
        "message": error.message,
        "request_id": error.request_id,
    }))
}

/// What both signatures in headers are made from.
struct SignatureInputs {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body_sha256: String,
}

impl SignatureInputs {
    fn take(inputs: &mut Members) -> Result<Self, String> {
        Ok(Self {
            method: inputs.text("method")?,
            path: inputs.text("path")?,
            query: canonical_query(borrowed(&inputs.pairs("query")?)),
            headers: inputs.texts("headers_to_sign")?,
            body_sha256: sha256_hex(inputs.text("body")?.as_bytes()),
        })
    }

    fn with(&self, sign: impl FnOnce(&ToSign<'_>) -> Signed) -> Signed {
        sign(&ToSign {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &borrowed(&self.headers),
            body_sha256: &self.body_sha256,
        })
    }
}

fn signature(signed: &Signed) -> Value {
    json!({
        "canonical_request": signed.canonical_request,
        "string_to_sign": signed.string_to_sign,
        "signed_headers": signed.signed_headers,
        "signature": signed.signature,
        "authorization": signed.authorization,
    })
}

/// An answer of a service.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn take(inputs: &mut Members) -> Result<Self, String> {
        let status = inputs.take("status")?;
        let mut headers = HeaderMap::new();
        for (name, value) in inputs.texts("headers")? {
            let name: HeaderName = name.parse().map_err(|_| format!("bad header name {name}"))?;
            let value = HeaderValue::from_str(&value).map_err(|error| error.to_string())?;
            headers.insert(name, value);
        }
        Ok(Self {
            status: status.as_u64().and_then(|status| status.try_into().ok()).ok_or("bad status")?,
            headers,
            body: inputs.text("body")?.into_bytes(),
        })
    }
}

/// The members of an object of a record, taken one by one so that none stays unread.
struct Members {
    of: &'static str,
    members: Map<String, Value>,
}

impl Members {
    fn new(of: &'static str, value: Value) -> Result<Self, String> {
        match value {
            Value::Object(members) => Ok(Self { of, members }),
            _ => Err(format!("{of} is no object")),
        }
    }

    fn take(&mut self, name: &str) -> Result<Value, String> {
        self.members.remove(name).ok_or_else(|| format!("{} has no {name}", self.of))
    }

    fn text(&mut self, name: &str) -> Result<String, String> {
        text(self.take(name)?).ok_or_else(|| format!("{name} is no text"))
    }

    fn optional_text(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.members.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => text(value).map(Some).ok_or_else(|| format!("{name} is no text")),
        }
    }

    /// A list of pairs of texts.
    fn pairs(&mut self, name: &str) -> Result<Vec<(String, String)>, String> {
        serde_json::from_value(self.take(name)?).map_err(|error| format!("{name}: {error}"))
    }

    /// An object of texts.
    fn texts(&mut self, name: &str) -> Result<Vec<(String, String)>, String> {
        let texts: Result<BTreeMap<_, _>, _> = serde_json::from_value(self.take(name)?);
        texts.map(|texts| texts.into_iter().collect()).map_err(|error| format!("{name}: {error}"))
    }

    fn finish(self) -> Result<(), String> {
        let unread: Vec<_> = self.members.keys().map(String::as_str).collect();
        match unread.is_empty() {
            true => Ok(()),
            false => Err(format!("{} has unknown members: {}", self.of, unread.join(", "))),
        }
    }

    /// Every member must have been produced, and be equal.
    fn compare(self, produced: Value) -> Result<Outcome, String> {
        let differing = self.members.iter().filter_map(|(name, expected)| match produced.get(name) {
            Some(found) if found == expected => None,
            Some(found) => Some(format!("{name}: expected {expected}, found {found}")),
            None => Some(format!("{name} is expected, but nothing produces it")),
        });
        let differing: Vec<_> = differing.collect();
        match differing.is_empty() {
            true => Ok(Outcome::Ran),
            false => Err(differing.join("; ")),
        }
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
