//! The program from outside: what it prints, what it keeps, and what a socket may send it.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

/// The program, until it is dropped.
struct Program {
    child: Child,
    address: SocketAddr,
    _output: BufReader<ChildStdout>,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = command();
        command.args(["--port", "0"]).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").expect("the address");
        Self { address: address.parse().unwrap(), child, _output: output }
    }

    /// Sends bytes, and reads until the other side closes.
    fn send(&self, bytes: &[u8]) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        // It may answer, and close, before all is sent.
        let _closed = stream.write_all(bytes);
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        if answer.is_empty() {
            read?;
        }
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let host = self.address;
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}");
        let host = if headers.contains("host:") { String::new() } else { format!("host: {host}\r\n") };
        self.send(format!("{head}\r\n{host}{headers}\r\n{body}").as_bytes()).unwrap()
    }

    /// A route with JSON, and what it answers.
    fn json(&self, method: &str, path: &str, body: &str) -> (u16, Json) {
        let path = format!("/_cloudnet/{path}");
        let answer = self.ask(method, &path, "content-type: application/json\r\n", body);
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(!head.contains("access-control"), "{head}");
        (head[9..12].parse().unwrap(), serde_json::from_str(body).expect(body))
    }

    fn signal(&self, name: &str) {
        let killed = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudnet-emulator"));
    command.stdin(Stdio::null());
    command
}

/// Runs it to its end, which has to be an error.
fn fail(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = command().args(arguments).output().unwrap();
    let message = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "{message}");
    message
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or(answer)
}

#[test]
fn options_that_make_no_sense_are_named() {
    for (arguments, message) in [
        (["--port", "70000"], "70000"),
        (["--bind", "nowhere"], "--bind <ADDRESS>"),
        (["--key", "id"], "a key is ID:SECRET"),
        (["--transitions", "soon"], "transitions are instant, SECONDS or polls:N"),
        (["--seed", "x"], "--seed <N>"),
        (["--lenient", "nonces"], "a similar value exists: 'nonce'"),
        (["--outside", "lax"], "[possible values: strict]"),
        (["--clock", "wal"], "a similar value exists: 'wall'"),
        (["--bind", "192.0.2.1"], "cannot listen on 192.0.2.1:4510"),
    ] {
        let said = fail(&arguments);
        assert!(said.starts_with("error: ") && said.contains(message), "{said}");
    }
}

#[test]
fn a_state_file_that_cannot_be_read_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let file = path.to_str().unwrap();
    for (text, problem) in [
        ("{\"format\":", "is not a JSON object: EOF"),
        (r#"{"format":2,"state":{}}"#, "has format 2; this program reads and writes format 1"),
        (r#"{"format":1,"state":{"more":1}}"#, "cannot be understood: unknown field `more`"),
    ] {
        fs::write(&path, text).unwrap();
        let said = fail(&["--port", "0", "--state", file]);
        assert!(
            said.starts_with(&format!("error: the state file {file} ")) && said.contains(problem),
            "{said}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    let nowhere = directory.path().join("no/state.json");
    let said = fail(&["--port", "0", "--state", nowhere.to_str().unwrap()]);
    assert!(said.contains("no/state.json cannot be written"), "{said}");
}

#[test]
fn the_state_is_in_the_file_at_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let file = path.to_str().unwrap();
    for signal in ["TERM", "INT"] {
        let mut program = Program::start(&["--state", file]);
        assert_eq!(program.json("POST", "clock", r#"{"advance_s":3600}"#).0, 200);
        program.signal(signal);
        assert!(program.child.wait().unwrap().success());
    }
    assert!(is_private(&path));
    // Both hours.
    let program = Program::start(&["--state", file]);
    assert_eq!(program.json("GET", "clock", "").1["now"], "2024-01-01T02:00:00Z");
    let state = program.json("GET", "state", "").1;
    assert_eq!(state, serde_json::from_str::<Json>(&fs::read_to_string(&path).unwrap()).unwrap());
}

#[test]
fn killed_between_two_writes_it_leaves_a_whole_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let arguments = ["--quiet", "--state", path.to_str().unwrap()];
    fs::write(&path, thousands().to_string()).unwrap();
    let mut saved = String::new();
    for round in 0..20 {
        let mut program = Program::start(&arguments);
        let now = program.json("GET", "clock", "").1["now"].as_str().unwrap().to_owned();
        // What was said to be saved is there.
        assert!(now >= saved, "{now} {saved}");
        let address = program.address;
        let writer = thread::spawn(move || write_until_it_ends(address));
        thread::sleep(Duration::from_millis(20 + 30 * round));
        program.child.kill().unwrap();
        program.child.wait().unwrap();
        saved = writer.join().unwrap().unwrap_or(now);
        let document: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).expect("a whole file");
        assert_eq!(document["format"], 1);
        // The old one or the new one, and all of it.
        let passed = Duration::from_secs(document["state"]["passed"]["secs"].as_u64().unwrap());
        assert!([0, 1].map(|more| after(&saved, more)).contains(&passed), "{passed:?} {saved}");
        assert_eq!(document["state"]["kinds"]["vpc"]["Eip"].as_object().unwrap().len(), 3_000);
    }
    assert!(saved.as_str() > "2024-01-01T00:00:05Z", "{saved}");
    // Two more at most: what it is held by, and what the last one had begun to write.
    assert!(fs::read_dir(directory.path()).unwrap().count() <= 3);
}

/// The time that has passed so many seconds after one of the first hour.
fn after(time: &str, more: u64) -> Duration {
    let parts = time.trim_start_matches("2024-01-01T00:").trim_end_matches('Z').split_once(':').unwrap();
    Duration::from_secs(60 * parts.0.parse::<u64>().unwrap() + parts.1.parse::<u64>().unwrap() + more)
}

/// A state that takes its time to be written.
fn thousands() -> Json {
    let thing = |number: u64| {
        let fields =
            json!({ "AllocationId": format!("eip-{number}"), "Status": "Available", "Bandwidth": "5" });
        let thing =
            json!({ "region": "cn-hangzhou", "created": { "secs": 0, "nanos": 0 }, "fields": fields });
        (number.to_string(), thing)
    };
    let things: serde_json::Map<_, _> = (1..=3_000).map(thing).collect();
    let kinds = json!({ "vpc": { "Eip": things } });
    let state = json!({ "fresh": 3_000, "passed": { "secs": 0, "nanos": 0 }, "kinds": kinds });
    json!({ "format": 1, "state": state })
}

#[test]
fn a_state_file_is_of_one_program() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let file = path.to_str().unwrap();
    let mut first = Program::start(&["--state", file]);
    let said = fail(&["--port", "0", "--state", file]);
    assert!(
        said.starts_with(&format!("error: the state file {file} is in use by another program")),
        "{said}"
    );
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    let _next = Program::start(&["--state", file]);
}

#[test]
fn a_token_is_known_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let arguments: Vec<&str> = LENIENT.into_iter().chain(["--state", path.to_str().unwrap()]).collect();
    let create = |program: &Program, name: &str| {
        let parameters = format!("&RegionId=cn-hangzhou&VpcName={name}&ClientToken=t0ken");
        let answer = program.send(&call("CreateVpc", &parameters)).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    let mut program = Program::start(&arguments);
    let made = create(&program, "prod");
    assert!(made.contains("vpc-"), "{made}");
    program.signal("TERM");
    assert!(program.child.wait().unwrap().success());
    assert!(!fs::read_to_string(&path).unwrap().contains("t0ken"));
    let program = Program::start(&arguments);
    assert_eq!(create(&program, "prod"), made);
    assert!(create(&program, "other").contains("Idempotent"));
    let state = program.json("GET", "state", "").1;
    assert_eq!(state["state"]["kinds"]["vpc"]["Vpc"].as_object().unwrap().len(), 1);
    assert_eq!(program.json("GET", "calls", "").1["calls"][0]["is_replay"], true);
}

/// Lets time pass and saves, over and over; the last time that was saved for sure.
fn write_until_it_ends(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let mut saved = None;
    loop {
        let Some(clock) = exchange(&mut stream, address, "clock", r#"{"advance_s":1}"#) else { return saved };
        let Some(done) = exchange(&mut stream, address, "state/save", "{}") else { return saved };
        assert_eq!(done, json!({ "saved": true }));
        saved = clock["now"].as_str().map(str::to_owned);
    }
}

/// One of many on a connection; the bodies are a line each.
fn exchange(stream: &mut TcpStream, address: SocketAddr, path: &str, body: &str) -> Option<Json> {
    let length = body.len();
    let head =
        format!("POST /_cloudnet/{path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json");
    stream.write_all(format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}").as_bytes()).ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        (reader.read_line(&mut line).ok()? > 0).then_some(())?;
    }
    line.clear();
    reader.read_line(&mut line).ok()?;
    serde_json::from_str(&line).ok()
}

#[test]
fn without_a_file_nothing_is_saved() {
    let program = Program::start(&[]);
    let (status, answer) = program.json("POST", "state/save", "");
    assert_eq!(status, 409);
    assert!(answer["error"].as_str().unwrap().contains("`--state FILE`"));
}

#[test]
fn a_state_is_put_back() {
    let (one, other) = (Program::start(&[]), Program::start(&["--seed", "7"]));
    one.json("POST", "clock", r#"{"advance_s":90}"#);
    let state = one.json("GET", "state", "").1;
    assert_ne!(other.json("GET", "state", "").1, state);
    assert_eq!(other.json("PUT", "state", &state.to_string()).0, 200);
    assert_eq!(other.json("GET", "state", "").1, state);
    let (status, answer) = other.json("PUT", "state", r#"{"format":9,"state":{}}"#);
    assert_eq!((status, answer["error"].as_str().unwrap().contains("has format 9")), (400, true));
    // Space before it makes it longer than any other body may be.
    let padding = " ".repeat(2 << 20);
    assert_eq!(other.json("PUT", "state", &format!("{padding}{state}")).0, 200);
}

#[test]
fn only_this_machine_steers_it() {
    let program = Program::start(&[]);
    let port = program.address.port();
    let ask = |headers: &str| {
        let answer = program.ask("GET", "/_cloudnet/calls", headers, "");
        assert!(!answer.to_lowercase().contains("access-control"), "{answer}");
        status(&answer).to_owned()
    };
    for host in ["127.0.0.1", "localhost", "LocalHost", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"] {
        assert_eq!(ask(&format!("host: {host}:{port}\r\n")), "200", "{host}");
        let origin = format!("host: {host}:{port}\r\norigin: http://{host}:{port}\r\n");
        assert_eq!(ask(&origin), "200", "{host}");
    }
    let foreign = [
        format!("rebound.example:{port}"),
        format!("localhost.rebound.example:{port}"),
        format!("127.0.0.1.rebound.example:{port}"),
        format!("a@127.0.0.1:{port}"),
        format!("192.0.2.1:{port}"),
        format!("[::2]:{port}"),
        "127.0.0.1".to_owned(),
        "127.0.0.1:1".to_owned(),
        "localhost".to_owned(),
        String::new(),
        format!("127.0.0.1:{port}, x"),
    ];
    for host in foreign {
        assert_eq!(ask(&format!("host: {host}\r\n")), "403", "{host}");
    }
    let local = format!("host: 127.0.0.1:{port}\r\n");
    assert_eq!(ask(&format!("{local}{local}")), "403");
    for origin in ["null", "https://evil.example", "http://127.0.0.1", "http://localhost:1", "", "http://"] {
        assert_eq!(ask(&format!("{local}origin: {origin}\r\n")), "403", "{origin}");
    }
    // Both are this machine, but two origins.
    assert_eq!(ask(&format!("{local}origin: http://localhost:{port}\r\n")), "403");
    assert_eq!(ask(&format!("{local}origin: https://127.0.0.1:{port}\r\n")), "403");
    let absolute = program.ask("GET", &format!("http://rebound.example:{port}/_cloudnet/calls"), &local, "");
    assert_eq!(status(&absolute), "403");
    let nameless = program.send(b"GET /_cloudnet/calls HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!(status(&nameless), "403");
}

#[test]
fn routes_are_strict() {
    let program = Program::start(&[]);
    let ask = |method: &str, path: &str, headers: &str, body: &str| {
        let answer = program.ask(method, &format!("/_cloudnet{path}"), headers, body);
        status(&answer).to_owned()
    };
    let json = "content-type: application/json; charset=utf-8\r\n";
    assert_eq!(ask("POST", "/reset", json, ""), "200");
    assert_eq!(ask("POST", "/reset", json, "{}"), "200");
    assert_eq!(ask("POST", "/reset", json, r#"{"all":true}"#), "400");
    assert_eq!(ask("POST", "/reset", json, "[]"), "400");
    for form in ["", "content-type: text/plain\r\n", "content-type: application/x-www-form-urlencoded\r\n"] {
        assert_eq!(ask("POST", "/reset", form, ""), "415", "{form}");
    }
    assert_eq!(ask("GET", "/reset", "", ""), "405");
    assert_eq!(ask("OPTIONS", "/reset", "", ""), "405");
    assert_eq!(ask("DELETE", "/", "", ""), "405");
    assert_eq!(ask("GET", "/nothing", "", ""), "404");
    assert_eq!(ask("GET", "/../_cloudnet/calls", "", ""), "404");
    assert_eq!(ask("GET", "/calls?after=1", "", ""), "400");
    assert_eq!(ask("HEAD", "/calls", "", ""), "200");
    let allowed = program.ask("PATCH", "/_cloudnet/faults", "", "");
    assert!(allowed.contains("allow: GET, POST, DELETE\r\n"), "{allowed}");
}

#[test]
fn the_clock_is_strict() {
    let program = Program::start(&[]);
    for told in [
        "",
        "{}",
        "[1]",
        r#"{"advance_s":-1}"#,
        r#"{"advance_s":1e300}"#,
        r#"{"advance_s":"1"}"#,
        r#"{"advance_s":1,"advance_s":2}"#,
        r#"{"advance":1}"#,
        r#"{"signature_offset_s":9223372036854775807}"#,
        r#"{"advance_s":1} x"#,
    ] {
        assert_eq!(program.json("POST", "clock", told).0, 400, "{told}");
    }
    let told = r#"{"advance_s":0.5,"signature_offset_s":-60}"#;
    assert_eq!(program.json("POST", "clock", told).1["signature_offset_s"], -60);
    let wall = Program::start(&["--clock", "wall"]);
    assert_eq!(wall.json("POST", "clock", r#"{"advance_s":1}"#).0, 409);
}

#[test]
fn faults_are_held_against_the_tables() {
    let program = Program::start(&[]);
    let fault = |body: Json| {
        let (status, answer) = program.json("POST", "faults", &body.to_string());
        (status, answer["error"].as_str().unwrap_or_default().to_owned())
    };
    for good in [
        json!({ "action": "CreateVpc", "region": "q", "nth": 2, "times": 3, "code": "QuotaExceeded.Vpc" }),
        json!({ "status": 503 }),
        json!({ "action": "DescribeVpcs", "reset": true, "applied": true }),
        json!({ "delay_s": 0.25 }),
        json!({ "action": "GetCallerIdentity", "status": 500 }),
    ] {
        assert_eq!(fault(good.clone()), (200, String::new()), "{good}");
    }
    for (bad, problem) in [
        (json!({ "action": "CreateVcp", "status": 500 }), "did you mean \"CreateVpc\"?"),
        (json!({ "action": "createvpc", "status": 500 }), "did you mean \"CreateVpc\"?"),
        (json!({ "action": "x".repeat(900_000), "status": 500 }), "there is no action \"xxx"),
        (
            json!({ "action": "CreateVpc", "code": "QuotaExceeded.Vcp" }),
            "did you mean \"QuotaExceeded.Vpc\"?",
        ),
        (json!({ "code": "Nothing.OfThisKind.AtAll" }), "no action has the code"),
        (json!({ "action": "CreateVpc" }), "it takes one of"),
        (json!({ "status": 500, "reset": true }), "it takes one of"),
        (json!({ "reset": false }), "it takes one of"),
        (json!({ "status": 200 }), "from 300 to 599"),
        (json!({ "delay_s": -1 }), "`delay_s` is a number of seconds"),
        (json!({ "status": 500, "nth": 0 }), "`nth` is counted from 1"),
        (json!({ "status": 500, "times": 0 }), "`times` is counted from 1"),
        (json!({ "status": 500, "nht": 2 }), "unknown field `nht`"),
        (json!({ "action": "CreateVpc", "ends_in": "Broken" }), "fail"),
    ] {
        let (status, error) = fault(bad);
        assert!(status == 400 && error.contains(problem), "{problem}: {status} {error}");
    }
    let faults = program.json("GET", "faults", "").1;
    assert_eq!(faults["faults"].as_array().unwrap().len(), 5);
    assert_eq!(
        faults["faults"][0],
        json!({
            "action": "CreateVpc",
            "region": "q",
            "nth": 2,
            "times": 3,
            "code": "QuotaExceeded.Vpc",
            "applied": false
        })
    );
    assert_eq!(program.json("DELETE", "faults", "").1, json!({ "faults": [] }));
}

#[test]
fn the_page_is_safe_to_look_at() {
    let program = Program::start(&[]);
    let page = program.ask("GET", "/_cloudnet/", "", "");
    for header in [
        "content-security-policy: default-src 'none'; style-src 'sha256-",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "content-type: text/html; charset=utf-8",
    ] {
        assert!(page.contains(header), "{page}");
    }
    assert!(!page.contains("<script") && !page.contains("http-equiv"), "{page}");
    assert!(program.ask("GET", "/_cloudnet?refresh=5", "", "").contains("content=\"5\""));
    assert_eq!(status(&program.ask("GET", "/_cloudnet/?refresh=0", "", "")), "400");
}

/// Options that take a call for what it says it is.
const LENIENT: [&str; 6] = ["--lenient", "signature", "--lenient", "nonce", "--lenient", "date"];

/// A call that is signed by nobody.
fn call(action: &str, parameters: &str) -> Vec<u8> {
    let signed =
        "AccessKeyId=testid&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&SignatureNonce=n&Signature=s1gn";
    let query =
        format!("Action={action}&Version=2016-04-28&Timestamp=2024-01-01T00:00:00Z&{signed}{parameters}");
    format!("GET /?{query} HTTP/1.1\r\nhost: vpc.aliyuncs.com\r\nconnection: close\r\n\r\n").into_bytes()
}

#[test]
fn faults_of_delivery_happen_on_the_socket() {
    let program = Program::start(&LENIENT);
    let describe = call("DescribeVpcs", "&RegionId=cn-hangzhou");
    assert_eq!(status(&program.send(&describe).unwrap()), "200");
    assert_eq!(program.json("POST", "faults", r#"{"reset":true}"#).0, 200);
    let error = program.send(&describe).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(program.json("POST", "faults", r#"{"delay_s":1.5}"#).0, 200);
    let start = Instant::now();
    thread::scope(|scope| {
        let delayed = scope.spawn(|| program.send(&describe).unwrap());
        // The others go on meanwhile.
        thread::sleep(Duration::from_millis(300));
        assert_eq!(status(&program.send(&describe).unwrap()), "200");
        assert!(start.elapsed() < Duration::from_millis(1_500));
        assert_eq!(status(&delayed.join().unwrap()), "200");
    });
    assert!(start.elapsed() >= Duration::from_millis(1_500));
}

#[test]
fn what_was_made_is_on_the_page_as_text() {
    let program = Program::start(&LENIENT);
    let name = "&RegionId=cn-hangzhou&CidrBlock=10.0.0.0/8&VpcName=prod&Description=a%3Cimg%20src=x%3E";
    let made = program.send(&call("CreateVpc", name)).unwrap();
    assert_eq!(status(&made), "200", "{made}");
    let refused = program.send(&call("%3Cscript%3E", "&%3Cb%3E=%22%3E%3Ci%3E")).unwrap();
    assert_eq!(status(&refused).chars().next(), Some('4'), "{refused}");
    let page = program.ask("GET", "/_cloudnet/", "", "");
    for text in ["vpc-", "prod", "Available", "<bdi>cn-hangzhou</bdi>", "a&lt;img src=x&gt;"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    for markup in ["<img", "<script", "<b>\"", "<i>", "s1gn"] {
        assert!(!page.contains(markup), "{markup}: {page}");
    }
    let calls = program.json("GET", "calls", "").1;
    assert_eq!((&calls["total"], calls["calls"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(calls["calls"][0]["action"], "CreateVpc");
    assert!(!calls.to_string().contains("s1gn"), "{calls}");
}

#[test]
fn each_request_is_a_line() {
    for (more, lines) in [(None, "CreateVpc (vpc, cn-hangzhou): 200 ok\n"), (Some("--quiet"), "")] {
        let arguments: Vec<&str> = LENIENT.into_iter().chain(more).collect();
        let mut program = Program::start(&arguments);
        let mut errors = program.child.stderr.take().unwrap();
        program.send(&call("CreateVpc", "&RegionId=cn-hangzhou&CidrBlock=10.0.0.0/8")).unwrap();
        program.signal("TERM");
        let mut said = String::new();
        errors.read_to_string(&mut said).unwrap();
        assert_eq!(said, lines);
    }
}

#[test]
fn hostile_bytes_end_in_an_answer() {
    let program = Program::start(&["--quiet"]);
    let send = |bytes: &[u8]| status(&program.send(bytes).unwrap()).to_owned();
    assert_eq!(send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS\r\n\r\n"), "400");
    assert_eq!(send(b"GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n"), "400");
    assert_eq!(send(b"GET / HTTP/9.9\r\n\r\n"), "400");
    let endless = [b"GET / HTTP/1.1\r\nx: ".as_slice(), &vec![b'a'; 4 << 20]].concat();
    assert_eq!(send(&endless), "431");
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(5_000));
    assert_eq!(send(many.as_bytes()), "431");
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(4 << 20));
    assert!(["414", "431"].contains(&send(long.as_bytes()).as_str()));
    for length in ["1048577", "9223372036854775807"] {
        assert_eq!(send(format!("POST / HTTP/1.1\r\ncontent-length: {length}\r\n\r\n").as_bytes()), "413");
    }
    for length in ["-1", "99999999999999999999999999", "1, 2", "x"] {
        assert_eq!(send(format!("POST / HTTP/1.1\r\ncontent-length: {length}\r\n\r\n").as_bytes()), "400");
    }
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    let chunked = format!("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(40));
    assert_eq!(send(chunked.as_bytes()), "413");
    assert_eq!(send(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"), "400");
    let deep = "[".repeat(1 << 20);
    assert_eq!(program.json("PUT", "state", &deep).0, 400);
    // And it goes on as before.
    assert_eq!(program.json("GET", "calls", "").0, 200);
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    fs::metadata(path).unwrap().permissions().mode() & 0o777 == 0o600
}

#[cfg(not(unix))]
fn is_private(path: &Path) -> bool {
    path.exists()
}
