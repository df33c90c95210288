//! Requests of any action, with values that may be of use: made of what the actions take, by chance.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use cloudnet_emulator::{Engine, Lenient, Options};
use http::{Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value as Json, json};

/// An engine that takes a call for what it says it is.
pub(crate) fn engine(options: Options) -> Engine {
    let mut lenient = Lenient::default();
    Lenient::WORDS.iter().for_each(|word| lenient.allow(word).unwrap());
    Engine::new(Options { lenient, ..options })
}

pub(crate) fn noon() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_709_618_828)
}

pub(crate) fn ask(engine: &mut Engine, request: &Request<Bytes>) -> Response<Bytes> {
    engine.handle(request, noon())
}

pub(crate) fn control(
    engine: &mut Engine,
    method: &str,
    path: &str,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(format!("/_cloudnet/{path}"));
    ask(engine, &request.header("content-type", "application/json").body(body.into()).unwrap())
}

pub(crate) fn json_of(response: &Response<Bytes>) -> Json {
    serde_json::from_slice(response.body()).expect("JSON")
}

/// The same numbers for the same seed: SplitMix64.
#[derive(Clone)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap() % most.max(1)
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// What makes requests, and learns from answers.
pub(crate) struct Maker {
    pub(crate) chance: Chance,
    /// By the name of a field, what was answered in it.
    seen: BTreeMap<String, Vec<String>>,
    /// Rows that were asked for.
    needed: BTreeSet<String>,
    asked: Option<Asked>,
    /// The row of what was asked that was found wrong.
    wrong: Option<String>,
}

fn services() -> &'static [Json] {
    static SERVICES: OnceLock<Vec<Json>> = OnceLock::new();
    SERVICES.get_or_init(|| {
        let texts = [
            include_str!("../../src/generated/aws_global_accelerator.json"),
            include_str!("../../src/generated/ga.json"),
            include_str!("../../src/generated/privatelink.json"),
            include_str!("../../src/generated/vpc.json"),
        ];
        texts.map(|text| serde_json::from_str(text).unwrap()).to_vec()
    })
}

/// A call of an action.
struct Asked {
    service: &'static Json,
    action: &'static Json,
    members: Json,
}

impl Asked {
    fn with(&mut self, row: String, value: Json) -> Request<Bytes> {
        self.members[row] = value;
        self.request()
    }

    fn request(&self) -> Request<Bytes> {
        let Self { service, action, members } = self;
        if service["protocol"] == "acs-rpc" {
            let mut pairs = vec![
                ("Action".to_owned(), text(&action["name"])),
                ("Version".to_owned(), text(&service["version"])),
            ];
            flatten("", members, &mut pairs);
            query(&pairs)
        } else {
            aws(&format!("{}.{}", text(&service["target"]), text(&action["name"])), members.to_string())
        }
    }
}

impl Maker {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            chance: Chance(seed),
            seen: BTreeMap::new(),
            needed: BTreeSet::new(),
            asked: None,
            wrong: None,
        }
    }

    /// A call of any action; or the last one again, with what was wrong in it done otherwise.
    pub(crate) fn request(&mut self) -> Request<Bytes> {
        let mended = self.wrong.take().filter(|_| !self.chance.one_in(8));
        if let (Some(row), Some(asked)) = (mended, &self.asked) {
            let fields = asked.action["request"].as_array().unwrap();
            let field = fields.iter().find(|field| field["name"] == row.as_str()).unwrap().clone();
            let value = match self.chance.one_in(5) {
                true => Json::Null,
                false => self.value(&field, &text(&field["type"]), 0),
            };
            return self.asked.as_mut().unwrap().with(row, value);
        }
        // The last is by far the largest.
        let service = &services()[self.chance.below(8).min(3)];
        let actions = service["actions"].as_array().unwrap();
        // What makes something comes more often.
        let is_create = |action: &&Json| action["effects"][0]["op"] == "create";
        let creates: Vec<&Json> = actions.iter().filter(is_create).collect();
        let action =
            if self.chance.one_in(3) { *self.chance.pick(&creates) } else { self.chance.pick(actions) };
        let members = self.members(&action["request"], 0);
        let asked = Asked { action, members, service };
        let request = asked.request();
        self.asked = Some(asked);
        request
    }

    /// Values for some of the rows of a request, and most of those that are needed.
    fn members(&mut self, fields: &Json, depth: usize) -> Json {
        let mut members = serde_json::Map::new();
        for field in fields.as_array().into_iter().flatten() {
            let name = text(&field["name"]);
            let likely = ["Id", "CidrBlock", "IpAddress"].iter().any(|end| name.ends_with(end));
            let likely = likely && !self.chance.one_in(4)
                || (depth > 0 || self.needed.contains(&name)) && !self.chance.one_in(12);
            if depth < 6 && (likely || self.chance.one_in(3)) {
                let kind = text(&field["type"]);
                members.insert(name, self.value(field, &kind, depth));
            }
        }
        Json::Object(members)
    }

    fn value(&mut self, field: &Json, kind: &str, depth: usize) -> Json {
        let name = text(&field["name"]);
        match kind {
            "list" => {
                let item = field["item"].as_str().unwrap_or("string").to_owned();
                (0..=self.chance.below(2)).map(|_| self.value(field, &item, depth + 1)).collect()
            }
            "struct" | "json" => self.members(&field["fields"], depth + 1),
            "boolean" => json!(self.chance.one_in(2)),
            "integer" | "double" if self.seen.contains_key(&name) => json!(self.scalar(&name)),
            "integer" | "double" | "timestamp" => json!(self.chance.pick(&[1, 2, 5, 80, 100, 443, 3_600])),
            _ => json!(self.scalar(&name)),
        }
    }

    fn scalar(&mut self, name: &str) -> String {
        if name == "ClientToken" {
            return format!("t-{}", self.chance.below(300));
        }
        if name == "RegionId" {
            return (*self.chance.pick(&["cn-hangzhou", "cn-hangzhou", "us-west-2"])).to_owned();
        }
        if let Some(seen) = self.seen.get(name).filter(|seen| !seen.is_empty()) {
            return self.chance.pick(seen).clone();
        }
        let known = match name {
            name if name.contains("Mask") => ["255.255.255.252"].as_slice(),
            name if name.contains("Ipv6") => &["2001:db8::/56"],
            name if name.ends_with("Port") => &["80", "443"],
            name if name.contains("CIDR")
                || name.contains("Cidr")
                || name.contains("Subnet")
                || name.contains("Dest") =>
            {
                &["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.168.0.0/16"]
            }
            name if name.contains("Ip") => &["8.8.8.8", "10.1.2.3", "198.51.100.7"],
            name if name.ends_with("Id") => &["i-abc", "lsn-abc", "cen-abc"],
            _ => &["prod", "test", "prod-1.a_b", "a b+ü", "Available", "PostPaid", "TCP", "tcp"],
        };
        (*self.chance.pick(known)).to_owned()
    }

    /// Takes note of what an answer has in its fields, and of the row that it complains about.
    pub(crate) fn learn(&mut self, answer: &Json) {
        let message = answer["Message"].as_str().or(answer["message"].as_str()).unwrap_or_default();
        let mut words = message.split(|letter: char| !letter.is_ascii_alphanumeric());
        let fields = self.asked.as_ref().and_then(|asked| asked.action["request"].as_array());
        let is_row = |word: &&str| fields.into_iter().flatten().any(|field| field["name"] == *word);
        let can_be = ["is required", "must be", "may only"].iter().any(|said| message.contains(said));
        self.wrong = words.find(is_row).filter(|_| can_be).map(str::to_owned);
        if let Some((row, rule)) = message.split_once(": ") {
            let row = row.split('.').rev().find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
            if rule.starts_with("is required") {
                self.needed.insert(row.to_owned());
            }
            let rule = rule.split(", not ").next().unwrap_or_default();
            let choices = rule.strip_prefix("must be one of ").map(|choices| choices.split(", "));
            let block =
                rule.starts_with("must be a CIDR block").then(|| "10.0.0.0/8, 10.9.0.0/24".split(", "));
            let range = rule.strip_prefix("must be a whole number from ").map(|range| range.split(" to "));
            let known = choices.or(block).map(Iterator::collect::<Vec<_>>).or(range.map(Iterator::collect));
            let known = known.into_iter().map(|known| known.into_iter().map(str::to_owned).collect());
            self.seen.extend(known.map(|known| (row.to_owned(), known)));
        }
        if message.is_empty() {
            self.note(answer);
        }
    }

    fn note(&mut self, answer: &Json) {
        match answer {
            Json::Object(members) => {
                for (name, value) in members {
                    match value {
                        Json::String(text) if !text.is_empty() => {
                            let seen = self.seen.entry(name.clone()).or_default();
                            if !seen.contains(text) && seen.len() < 50 {
                                seen.push(text.clone());
                            }
                        }
                        inner => self.note(inner),
                    }
                }
            }
            Json::Array(entries) => entries.iter().for_each(|entry| self.note(entry)),
            _ => {}
        }
    }
}

/// A call in the older style that is signed by nobody.
pub(crate) fn query(pairs: &[(String, String)]) -> Request<Bytes> {
    let signed = [
        ("AccessKeyId", "testid"),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", "n"),
        ("Timestamp", "2024-03-05T06:07:08Z"),
        ("Signature", "s"),
    ];
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let own = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let pairs = signed.into_iter().chain(own);
    let body: Vec<String> =
        pairs.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    let request = Request::post("/").header("host", "vpc.aliyuncs.com");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(body.join("&").into()).unwrap()
}

/// A call of AWS that is signed by nobody.
pub(crate) fn aws(target: &str, body: String) -> Request<Bytes> {
    let signed = "SignedHeaders=host;x-amz-date;x-amz-target";
    let scope = "testid/20240305/us-west-2/globalaccelerator/aws4_request";
    let signature = "0".repeat(64);
    Request::post("/")
        .header("host", "globalaccelerator.us-west-2.amazonaws.com")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-date", "20240305T060708Z")
        .header("x-amz-target", target)
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, {signed}, Signature={signature}"),
        )
        .body(body.into())
        .unwrap()
}

/// `Tag.1.Key` and the like.
fn flatten(path: &str, value: &Json, pairs: &mut Vec<(String, String)>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Json::Object(members) => members.iter().for_each(|(name, value)| flatten(&below(name), value, pairs)),
        Json::Array(entries) => {
            (1..)
                .zip(entries)
                .for_each(|(at, value): (usize, _)| flatten(&below(&at.to_string()), value, pairs));
        }
        Json::Null => {}
        scalar => pairs.push((path.to_owned(), text(scalar))),
    }
}

fn text(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}
