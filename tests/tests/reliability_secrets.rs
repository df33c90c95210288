//! No secret is ever printed: not in errors, not in `Debug`, not in the logs of any crate.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use cloudnet::transport::{HttpTransport, TransportErrorKind};
use cloudnet::{Credentials, Signature, ValidationPolicy, dynamic};
use cloudnet_codegen::model::{Action, Shape, Type};
use cloudnet_tests::noise::Noise;
use cloudnet_tests::sample::{self, Extent};
use cloudnet_tests::scripted::{Scripted, Turn};
use cloudnet_tests::server::{Delivery, Fault, Key, Server, catalog, encode};
use cloudnet_tests::spellings::{html, json_by_number, spellings};
use serde_json::{Value as Json, json};

const SECRET: &str = "canary+secret/of the=key";
const TOKEN: &str = "canary+token/of the=session";

/// Everything that was logged, at the finest level, of all crates and threads.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_writer(move || writer.clone());
        subscriber.init();
        log
    })
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn take(&self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut *self.0.lock().unwrap())).into_owned()
    }
}

/// A text that is easily misspelt: letters, and between them what encodings escape.
fn canary(noise: &mut Noise, length: usize) -> String {
    const SIGNS: &[&str] =
        &["\"", "\\", "&", "%", "+", " ", "'", "/", "=", "<", "{", "\u{e9}", "\u{7f51}", "\u{1f511}"];
    const LETTERS: &[&str] = &["k", "q", "v", "w", "x", "z", "K", "Q", "V", "W", "X", "Z", "3", "7"];
    (0..length).map(|at| noise.one_of(if at % 2 == 0 { LETTERS } else { SIGNS })).collect()
}

#[test]
fn spellings_are_found() {
    let all = spellings("ab\"c/");
    for text in [
        "ab\"c/",
        "ab\\\"c/",
        "ab\\\"c\\/",
        "ab%22c%2F",
        "ab%22c%2f",
        "ab%2522c%252F",
        "ab%5C%22c%2F",
        "ab&quot;c/",
        "ab\\u0022c\\u002f",
        "616222632F",
        "YWIi",
    ] {
        assert!(all.iter().any(|spelling| spelling == text), "{text}: {all:?}");
    }
}

fn assert_clean(text: &str, secrets: &[&str], about: &str) {
    let spellings: Vec<String> = secrets.iter().flat_map(|secret| spellings(secret)).collect();
    assert_none(text, spellings.iter(), about);
}

fn assert_none<'s>(text: &str, mut parts: impl Iterator<Item = &'s String>, about: &str) {
    if let Some(part) = parts.find(|part| text.contains(part.as_str())) {
        panic!("{about}: {part:?} is in {text}");
    }
}

/// What can go wrong with a call that sent some secrets and is to be answered with another.
fn faults(action: &Action, sent: &[String], returned: &str) -> Vec<(String, Fault)> {
    let mut faults = vec![
        ("whole".to_owned(), Fault::delivery(Delivery::Whole)),
        ("unread".to_owned(), Fault::unread()),
        ("reset".to_owned(), Fault::delivery(Delivery::Reset)),
        ("stall".to_owned(), Fault::delivery(Delivery::Stall)),
        ("clock".to_owned(), Fault::code(400, "InvalidTimeStamp.Expired")),
    ];
    let location = format!("http://evil.example/?Psk={}", encode(SECRET));
    faults.push(("redirect".to_owned(), Fault::answer(307, "{target}").header("location", location)));
    let unreadable = unreadable(action, returned);
    for (index, body) in quoting_pages().into_iter().chain(unreadable).enumerate() {
        let status = if index % 2 == 0 { 200 } else { 502 };
        faults.push((format!("page {index} as {status}"), Fault::answer(status, body)));
    }
    let known = sent.iter().map(String::as_str).chain([SECRET, TOKEN]);
    let quoted: Vec<String> = known.flat_map(spellings).collect();
    let echoed = echo(&quoted.join(" | ")).to_string();
    faults.push(("echo as 400".to_owned(), Fault::answer(400, echoed.clone())));
    faults.push(("echo as 429".to_owned(), Fault::answer(429, echoed)));
    let escaped = quoted.iter().map(|text| html(text)).collect::<Vec<_>>().join(" | ");
    let title = format!("<html><title>{escaped} {{signature}}</title>{escaped}</html>");
    faults.push(("title".to_owned(), Fault::answer(502, title)));
    let message = echo(&format!("{} {} {{signature}}", sent.join(" "), "{target}"));
    for delivery in [Delivery::LengthTooLong, Delivery::LengthTooShort, Delivery::Unended, Delivery::Cut] {
        let fault = Fault::answer(400, message.to_string()).delivered(delivery);
        faults.push(("cut echo".to_owned(), fault));
    }
    // A success whose ID is none.
    let success =
        json!({ "RequestId": format!("{TOKEN} {}", quoted.join(" ")), "Success": false, "Code": TOKEN });
    faults.push(("success".to_owned(), Fault::answer(200, success.to_string())));
    let success = json!({ "RequestId": format!("{TOKEN} {}", quoted.join(" ")) });
    faults.push(("success".to_owned(), Fault::answer(200, success.to_string())));
    faults.push(("header".to_owned(), Fault::answer(200, "<html>").header("x-acs-request-id", SECRET)));
    faults.push(("header".to_owned(), Fault::answer(404, "").header("x-acs-request-id", TOKEN)));
    faults
}

/// An error whose members all quote something.
fn echo(quoted: &str) -> Json {
    json!({
        "Code": format!("Invalid {quoted}"), "__type": format!("Invalid {quoted}"), "RequestId": quoted,
        "Message": format!("Wrong: {quoted}, {{signature}}"), "HostId": quoted, "message": quoted,
        "Recommend": format!("https://help.example/?q={}", quoted.replace(' ', "%20")),
        "AccessDeniedDetail": {
            "AuthAction": quoted, "AuthPrincipalDisplayName": quoted, "EncodedDiagnosticMessage": quoted,
        },
    })
}

/// Pages of gateways that quote the request.
fn quoting_pages() -> Vec<String> {
    [
        "<html>{target}<pre>{body}</pre></html>",
        "POST {target}\n\n{body}",
        "{\"url\":\"{target}\",\"form\":\"{body}\"} oops",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Answers with a secret of the service, from which nothing can be read.
fn unreadable(action: &Action, returned: &str) -> Vec<String> {
    let rows = action.spec.response.iter().filter(|row| row.sensitive);
    let mut bodies = Vec::new();
    for path in rows.map(|row| &**row.path).chain(["Password", "New.Thing[].Unknown"]) {
        let whole = nested(path, &json!(returned)).to_string();
        let quoted = json!(returned).to_string();
        let end = whole.find(&quoted).unwrap() + quoted.len();
        bodies.push(format!("{} oops", &whole[..end]));
        bodies.push(whole[..end - 1].to_owned());
        bodies.push(format!("{whole},"));
        bodies.push(whole.replace(&quoted, &format!("\"{}\"", json_by_number(returned))) + "}");
        bodies.push(whole.replace(&quoted, &format!("\"{returned}\"")) + "}");
        bodies.push(whole.replace(&quoted, &format!("'{returned}'")));
        bodies.push(nested(path, &json!([returned, [returned]])).to_string() + "]");
        bodies.push(nested(path, &json!({ "a": returned })).to_string() + "]");
        bodies.push(json!([nested(path, &json!(returned))]).to_string());
        bodies.push(json!({ format!("{}Response", *action.spec.name): returned }).to_string());
        bodies.push(format!("<html><b>{}</b></html>", html(&whole)));
    }
    bodies.extend([returned.to_owned(), json!(returned).to_string()]);
    bodies
}

/// A value at the path of a response row.
fn nested(path: &str, value: &Json) -> Json {
    path.rsplit('.').fold(value.clone(), |inner, name| match name.strip_suffix("[]") {
        Some(name) => json!({ name: [inner] }),
        None => json!({ name: inner }),
    })
}

/// One test, since the log of a process is one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r26_no_secret_is_printed_whatever_happens() -> Result<(), cloudnet::Error> {
    let log = log();
    let server = Server::start();
    server.know(Key { id: "STS.1".into(), secret: SECRET.into(), token: Some(TOKEN.into()) });
    let transport = Arc::new(HttpTransport::new(Duration::from_secs(3))?);
    let mut logged = [("cloudnet", 0), ("reqwest", 0)];
    let mut noise = Noise::new(26);
    for (service, action, signature) in chosen() {
        let told = Arc::new(Mutex::new(String::new()));
        let client = client(&server, &service, signature, &transport, &told)?;
        let (parameters, sent) = with_secrets(action, &mut noise);
        let returned = canary(&mut noise, 24);
        let mut secrets = [SECRET, TOKEN, &returned].map(str::to_owned).to_vec();
        secrets.extend(sent.iter().cloned());
        // Nor is a half of one left over.
        secrets.extend(secrets.clone().iter().flat_map(|secret| halves(secret)));
        let secrets: BTreeSet<String> = secrets.iter().flat_map(|secret| spellings(secret)).collect();
        for (name, fault) in faults(action, &sent, &returned) {
            server.forget();
            server.fault_always(Some(fault));
            let mut printed = call(&client, action, &parameters, &sent).await;
            printed.push_str(&std::mem::take(&mut *told.lock().unwrap()));
            let about = format!("{name}: {}", action.spec.name.value);
            let logs = log.take();
            for (crate_name, times) in &mut logged {
                *times += logs.matches(&format!(" {crate_name}")).count();
            }
            let signatures = server.arrivals().into_iter().filter_map(|arrival| arrival.message.signature());
            let signatures: Vec<String> = signatures.collect();
            assert_none(&printed, secrets.iter().chain(&signatures), &about);
            assert_none(&logs, secrets.iter().chain(&signatures), &about);
        }
    }
    assert!(logged.iter().all(|(_, times)| *times > 10), "the log has nothing to search: {logged:?}");
    Ok(())
}

/// Both halves of a long text.
fn halves(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let is_long = characters.len() >= 20;
    let halves = characters.chunks(characters.len().div_ceil(2).max(1)).map(|half| half.iter().collect());
    halves.filter(|_| is_long).collect()
}

/// Some actions of each kind, and all with secrets.
fn chosen() -> Vec<(String, &'static Action, Signature)> {
    let by_name = ["CreateVpc", "DeleteVpc", "CreateEndpointGroup"];
    let is_chosen = |service, action: &Action| {
        by_name.contains(&action.spec.name.value.as_str())
            || catalog::is_json(service)
            || action.spec.request.iter().chain(&action.spec.response).any(|row| row.sensitive)
    };
    let actions = catalog::actions().filter(|(service, action)| is_chosen(service, action));
    let signatures = [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1];
    let actions: Vec<_> = actions.collect();
    assert!(actions.len() > 12, "{} actions are left", actions.len());
    // Each signature has its turn; half of the calls show as much as all.
    let turns = actions.into_iter().zip(signatures.into_iter().cycle());
    turns.map(|((service, action), signature)| (service.spec.name.value.clone(), action, signature)).collect()
}

/// Parameters in which each secret is another canary, and the canaries.
fn with_secrets(action: &Action, noise: &mut Noise) -> (Json, Vec<String>) {
    let mut parameters = sample::parameters(&action.request, Extent::Most);
    let mut sent = Vec::new();
    put_secrets(&action.request, &mut parameters, &mut || {
        // Long and short ones by turns.
        let length = if sent.len() % 2 == 0 { 24 } else { 6 };
        sent.push(canary(noise, length));
        sent.last().cloned().unwrap_or_default()
    });
    let rows = action.spec.request.iter().filter(|row| row.sensitive).count();
    assert!(sent.len() >= rows, "{}: {} of {rows} rows", action.spec.name.value, sent.len());
    // One that no table knows.
    sent.push(canary(noise, 24));
    (parameters, sent)
}

/// Puts a canary wherever a shape has a secret.
fn put_secrets(shape: &Shape, parameters: &mut Json, next: &mut dyn FnMut() -> String) {
    for field in shape.fields.iter().filter(|field| holds_secret(&field.ty)) {
        put_secret(&field.ty, &mut parameters[field.name.as_str()], next);
    }
}

fn put_secret(ty: &Type, value: &mut Json, next: &mut dyn FnMut() -> String) {
    match ty {
        Type::Secret => *value = json!(next()),
        Type::Struct(inner) | Type::Json(inner) => put_secrets(&inner.shape, value, next),
        Type::List(entry) => {
            if !value.is_array() {
                *value = json!([null, null]);
            }
            value.as_array_mut().unwrap().iter_mut().for_each(|value| put_secret(entry, value, next));
        }
        _ => {}
    }
}

fn holds_secret(ty: &Type) -> bool {
    match ty {
        Type::Secret => true,
        Type::Struct(inner) | Type::Json(inner) => {
            inner.shape.fields.iter().any(|field| holds_secret(&field.ty))
        }
        Type::List(entry) => holds_secret(entry),
        _ => false,
    }
}

fn client(
    server: &Server,
    service: &str,
    signature: Signature,
    transport: &Arc<HttpTransport>,
    told: &Arc<Mutex<String>>,
) -> Result<dynamic::Client, cloudnet::Error> {
    server
        .aim(dynamic::builder(service)?)
        .credentials(Credentials::new("STS.1", SECRET).with_security_token(TOKEN))
        .transport(transport.clone())
        .idle_timeout(Duration::from_millis(30))
        .validation(ValidationPolicy::Warn)
        .signature(signature)
        .on_attempt({
            let told = told.clone();
            move |report| told.lock().unwrap().push_str(&format!("{report:?} {:?}", report.request_id))
        })
        .build()
}

/// Calls an action with secrets, and prints everything that can be printed about it.
async fn call(client: &dynamic::Client, action: &Action, parameters: &Json, sent: &[String]) -> String {
    let extra = sent.last().cloned().unwrap_or_default();
    let call = match client.call(&action.spec.name.value, parameters) {
        Ok(call) => call.with_extra("Pasword", extra),
        Err(error) => panic!("{error}"),
    };
    let before = format!("{call:?} {client:?}");
    let outcome = match call.send_raw().await {
        Ok(response) => format!("{response:?} {:?}", response.request_id()),
        Err(error) => everything(&error),
    };
    before + &outcome
}

/// All texts of an error; a panic of `unwrap` has its `Debug`.
fn everything(error: &cloudnet::Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?}", error.access_denied_detail());
    let texts =
        [error.code(), error.request_id(), error.recommend(), error.body_excerpt(), error.last_state()];
    texts.into_iter().flatten().chain([error.message()]).for_each(|part| text.push_str(part));
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

/// A transport whose errors tell all they know.
fn quoting() -> Arc<Scripted> {
    Scripted::new(|_, request| {
        let (uri, headers, body) =
            (request.uri(), request.headers(), String::from_utf8_lossy(request.body()));
        Turn::fail(TransportErrorKind::Request, format!("cannot send {uri} ({headers:?}): {body:?}"))
    })
}

#[tokio::test]
async fn r26_what_a_transport_says_is_cleaned() -> Result<(), cloudnet::Error> {
    let server = Server::start();
    let mut noise = Noise::new(316);
    for (service, action, signature) in chosen() {
        let (parameters, mut secrets) = with_secrets(action, &mut noise);
        let client = server
            .aim(dynamic::builder(&service)?)
            .credentials(Credentials::new("STS.1", SECRET).with_security_token(TOKEN))
            .transport(quoting())
            .validation(ValidationPolicy::Warn)
            .signature(signature)
            .build()?;
        let printed = call(&client, action, &parameters, &secrets).await;
        secrets.extend([SECRET, TOKEN].map(str::to_owned));
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        assert_clean(&printed, &secrets, &action.spec.name.value);
        assert!(printed.contains("cannot send") && !printed.contains("Signature"), "{printed}");
    }
    Ok(())
}

#[test]
fn r26_what_is_wrong_with_a_parameter_is_said_without_it() {
    let secret = canary(&mut Noise::new(24), 24);
    let text = json!({ "Psk": secret });
    let client = cloudnet::dynamic::builder("vpc")
        .unwrap()
        .region("cn-hangzhou")
        .credentials(Credentials::new("id", SECRET));
    let client = client.build().unwrap();
    for (parameters, says) in [
        (json!({ "IkeConfig": { "psk": secret } }), "IkeConfig.psk"),
        (json!({ "IkeConfig": text.to_string().replace("Psk", "psk") }), "IkeConfig.psk"),
        (json!({ "IkeConfig": format!("{}, oops", text.to_string().trim_end_matches('}')) }), "IkeConfig"),
        (json!({ "IkeConfig": secret }), "IkeConfig"),
        (json!({ "IkeConfig": json!(secret).to_string() }), "IkeConfig"),
        (json!({ "IkeConfig": { "Psk": [secret] } }), "IkeConfig.Psk"),
        (json!({ "IkeConfig": { "Psk": { "a": secret } } }), "IkeConfig.Psk"),
        (
            json!({ "TunnelOptionsSpecification": [{ "TunnelIkeConfig": secret }] }),
            "TunnelOptionsSpecification.1.TunnelIkeConfig",
        ),
        (json!({ "TunnelOptionsSpecification": secret }), "TunnelOptionsSpecification"),
        (json!({ "Password": secret }), "Password"),
        (json!(secret), "parameters"),
    ] {
        let error = client.call("CreateVpnConnection", &parameters).unwrap_err();
        assert_eq!(error.kind(), cloudnet::ErrorKind::Validation, "{error}");
        assert!(error.violations().iter().any(|violation| violation.path == says), "{says}: {error}");
        assert_clean(&everything(&error), &[&secret], says);
    }
}

#[test]
fn r26_types_that_hold_secrets_print_none() {
    let credentials = Credentials::new("id", SECRET).with_security_token(TOKEN);
    let password = canary(&mut Noise::new(1), 24);
    let secret = cloudnet::Secret::from(password.as_str());
    let printed = |value: &dyn Debug| format!("{value:?} {value:#?}");
    assert_clean(&printed(&credentials), &[SECRET, TOKEN], "Credentials");
    assert_clean(&printed(&secret), &[&password], "Secret");
    let builder =
        cloudnet::vpc::Client::builder().credentials(credentials).endpoint("https://u:canary-of-url@h");
    assert_clean(&printed(&builder), &[SECRET, TOKEN, "canary-of-url"], "ClientBuilder");
}
