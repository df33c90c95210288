//! No secret is ever printed: not in errors, not in `Debug`, not in the logs of any crate.

use std::fmt::Debug;
use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use cloudnet::dynamic::Dynamic;
use cloudnet::transport::HttpTransport;
use cloudnet::{Client, Credentials, Signature, ValidationPolicy, dynamic};
use cloudnet_codegen::model::{Action, Shape, Type};
use cloudnet_tests::sample::{self, Extent};
use cloudnet_tests::server::{Delivery, Fault, Key, Server, catalog, signature};
use serde_json::{Map, Value as Json, json};

const SECRET: &str = "canary+secret/of the=key";
const TOKEN: &str = "canary+token/of the=session";
const PASSWORD: &str = "canary p&ss/word \"quoted\"";
const RETURNED: &str = "canary+returned/by the=service";

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

/// A text in every spelling that a log or an error could have it in.
fn spellings(secret: &str) -> Vec<String> {
    let percent = signature::encode(secret);
    let hex = signature::hex(secret.as_bytes());
    let mut spellings = vec![
        secret.to_owned(),
        secret.replace('"', "\\\""),
        percent.replace("%20", "+"),
        signature::encode(&percent),
        percent.to_lowercase(),
        percent,
        hex.to_uppercase(),
        hex,
    ];
    // Inside a longer text Base64 has three forms; the characters that touch others are left out.
    for shift in 0..3 {
        let shifted = [&vec![0; shift][..], secret.as_bytes()].concat();
        let encoded = STANDARD_NO_PAD.encode(&shifted[..shifted.len() / 3 * 3]);
        spellings.push(encoded[if shift == 0 { 0 } else { 4 }..].to_owned());
    }
    spellings
}

#[test]
fn spellings_are_found() {
    let all = spellings("ab c");
    for text in ["ab c", "ab%20c", "ab+c", "ab%2520c", "61622063", "YWIg"] {
        assert!(all.iter().any(|spelling| spelling == text), "{text}: {all:?}");
    }
}

fn assert_clean(text: &str, secrets: &[&str], about: &str) {
    for secret in secrets {
        for spelling in spellings(secret) {
            assert!(!text.contains(&spelling), "{about}: {spelling:?} is in {text}");
        }
    }
}

fn faults() -> Vec<(&'static str, Fault)> {
    let echo = json!({
        "Code": "InvalidParameter", "RequestId": "r", "__type": "InvalidParameter", "AccessKeySecret": RETURNED,
        "Message": format!("Wrong: {PASSWORD}, {{signature}}, {SECRET}, SecurityToken={TOKEN}&Psk={}", signature::encode(PASSWORD)),
    });
    let page = format!("<html><Password>{RETURNED}</Password>{PASSWORD} {TOKEN} {{signature}}</html>");
    let success =
        json!({ "Password": RETURNED, "AccessKeySecret": RETURNED, "Success": false, "Code": "Psk" });
    vec![
        ("whole", Fault::delivery(Delivery::Whole)),
        ("unread", Fault::unread()),
        ("reset", Fault::delivery(Delivery::Reset)),
        ("stall", Fault::delivery(Delivery::Stall)),
        ("truncated", Fault::delivery(Delivery::LengthTooLong)),
        ("unended", Fault::delivery(Delivery::Unended)),
        ("echo", Fault::answer(400, echo.to_string())),
        ("throttled echo", Fault::answer(429, echo.to_string()).header("retry-after", "1")),
        ("page", Fault::answer(502, page.clone())),
        ("page as success", Fault::answer(200, page)),
        ("success", Fault::answer(200, success.to_string())),
        (
            "array",
            Fault::answer(200, json!([{ "Psk": RETURNED }, { "AccessKeySecret": RETURNED }]).to_string()),
        ),
        ("redirect", Fault::answer(307, "").header("location", "http://evil.example/?a=b")),
        ("clock", Fault::code(400, "InvalidTimeStamp.Expired")),
    ]
}

/// One test, since the log of a process is one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r26_no_secret_is_printed_whatever_happens() -> Result<(), cloudnet::Error> {
    let log = log();
    let server = Server::start();
    server.know(Key { id: "STS.1".into(), secret: SECRET.into(), token: Some(TOKEN.into()) });
    let transport = Arc::new(HttpTransport::new(Duration::from_secs(3))?);
    let mut logged = [("cloudnet", 0), ("reqwest", 0)];
    for (name, fault) in faults() {
        for (service, action, signature) in chosen() {
            let client = client(&server, &service, signature, &transport)?;
            server.forget();
            server.fault_always(Some(fault.clone()));
            let printed = call(&client, action, PASSWORD).await;
            let about = format!("{name}: {}", action.spec.name.value);
            let logs = log.take();
            for (crate_name, times) in &mut logged {
                *times += logs.matches(&format!(" {crate_name}")).count();
            }
            let mut secrets = [SECRET, TOKEN, PASSWORD, RETURNED].map(str::to_owned).to_vec();
            // Nor is the end of one left over.
            secrets.extend(["the=key", "the=session", "ss/word", "the=service"].map(str::to_owned));
            secrets.extend(server.arrivals().iter().filter_map(|arrival| arrival.message.signature()));
            let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
            assert_clean(&printed, &secrets, &about);
            assert_clean(&logs, &secrets, &about);
        }
    }
    assert!(logged.iter().all(|(_, times)| *times > 10), "the log has nothing to search: {logged:?}");
    Ok(())
}

/// Some actions of each kind, and all that take secrets.
fn chosen() -> Vec<(String, &'static Action, Signature)> {
    let by_name = ["DescribeVpcs", "CreateVpc", "DeleteVpc", "AllocateEipAddress", "CreateEndpointGroup"];
    let is_chosen = |service, action: &Action| {
        by_name.contains(&action.spec.name.value.as_str())
            || catalog::is_json(service)
            || takes_secret(&action.request)
    };
    let actions = catalog::actions().filter(|(service, action)| is_chosen(service, action));
    let signatures = [Signature::Acs3HmacSha256, Signature::AcsRpcHmacSha1];
    let both = |(service, action): (&cloudnet_codegen::model::Service, &'static Action)| {
        signatures.map(|signature| (service.spec.name.value.clone(), action, signature))
    };
    actions.flat_map(both).collect()
}

fn takes_secret(shape: &Shape) -> bool {
    fn holds(ty: &Type) -> bool {
        match ty {
            Type::Secret => true,
            Type::Struct(inner) | Type::Json(inner) => takes_secret(&inner.shape),
            Type::List(entry) => holds(entry),
            _ => false,
        }
    }
    shape.fields.iter().any(|field| holds(&field.ty))
}

fn client(
    server: &Server,
    service: &str,
    signature: Signature,
    transport: &Arc<HttpTransport>,
) -> Result<Client<Dynamic>, cloudnet::Error> {
    server
        .aim(dynamic::builder(service)?)
        .credentials(Credentials::new("STS.1", SECRET).with_security_token(TOKEN))
        .transport(transport.clone())
        .idle_timeout(Duration::from_millis(30))
        .validation(ValidationPolicy::Warn)
        .signature(signature)
        .build()
}

/// Calls an action with secrets, and prints everything that can be printed about it.
async fn call(client: &Client<Dynamic>, action: &Action, password: &str) -> String {
    let mut parameters = sample::parameters(&action.request, Extent::Most);
    if let Json::Object(members) = &mut parameters {
        put_secrets(&action.request, members, password);
    }
    let call = match client.call(&action.spec.name.value, &parameters) {
        Ok(call) => call.with_extra("Password", password).with_extra("Psk", password),
        Err(error) => return everything(&error),
    };
    let before = format!("{call:?} {client:?}");
    let outcome = match call.send_raw().await {
        Ok(response) => format!("{response:?}"),
        Err(error) => everything(&error),
    };
    before + &outcome
}

/// All texts of an error; a panic of `unwrap` has its `Debug`.
fn everything<E: std::error::Error>(error: &E) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

fn put_secrets(shape: &Shape, members: &mut Map<String, Json>, password: &str) {
    for field in &shape.fields {
        let Some(value) = members.get_mut(&field.name) else { continue };
        match (&field.ty, value) {
            (Type::Secret, value) => *value = json!(password),
            (Type::Struct(inner) | Type::Json(inner), Json::Object(members)) => {
                put_secrets(&inner.shape, members, password);
            }
            _ => {}
        }
    }
}

#[test]
fn r26_types_that_hold_secrets_print_none() {
    let credentials = Credentials::new("id", SECRET).with_security_token(TOKEN);
    let secret = cloudnet::Secret::from(PASSWORD);
    let printed = |value: &dyn Debug| format!("{value:?} {value:#?}");
    assert_clean(&printed(&credentials), &[SECRET, TOKEN], "Credentials");
    assert_clean(&printed(&secret), &[PASSWORD], "Secret");
    let builder =
        cloudnet::vpc::Client::builder().credentials(credentials).endpoint("https://u:canary-of-url@h");
    assert_clean(&printed(&builder), &[SECRET, TOKEN, "canary-of-url"], "ClientBuilder");
}
