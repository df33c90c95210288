//! Tiny packages in the layout of the vendors' own, written by the tests.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub(crate) const PACKAGE: &str = "alibabacloud_sample20200101";

/// A field: what it is called in Python, its type, its name on the wire, and what is said of it.
#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) attribute: &'static str,
    pub(crate) ty: &'static str,
    pub(crate) name: &'static str,
    pub(crate) comment: &'static str,
    /// Where it is sent: `query`, `body` or `body_flat`; `json` and `simple` make one text of it first.
    pub(crate) sent: &'static str,
}

pub(crate) fn field(attribute: &'static str, ty: &'static str, name: &'static str) -> Field {
    Field { attribute, ty, name, comment: "What it is.", sent: "query" }
}

impl Field {
    pub(crate) fn said(self, comment: &'static str) -> Self {
        Self { comment, ..self }
    }

    pub(crate) fn sent(self, sent: &'static str) -> Self {
        Self { sent, ..self }
    }
}

/// A client with two actions.
#[derive(Clone)]
pub(crate) struct Package {
    pub(crate) version: &'static str,
    pub(crate) method: &'static str,
    pub(crate) actions: Vec<&'static str>,
    pub(crate) request: Vec<Field>,
    pub(crate) response: Vec<Field>,
    /// Fields of an entry of `Things.Thing`.
    pub(crate) thing: Vec<Field>,
}

impl Package {
    /// What the specs of the tests are of.
    pub(crate) fn new() -> Self {
        Self {
            version: "1.0.0",
            method: "POST",
            actions: vec!["CreateThing", "DeleteThing"],
            request: vec![
                field("name", "str", "Name").said("Its name.\n\nThis parameter is required."),
                field("kind", "str", "Kind"),
                field("count", "int", "Count"),
                field("text", "str", "Text").sent("body"),
                field("instance_id", "List[str]", "InstanceId").sent("body_flat"),
                field("mode", "main_models.CreateThingRequestMode", "Mode").sent("json"),
                field("ids", "List[str]", "Ids").sent("simple"),
                field("config", "str", "Config"),
                field("tag", "List[main_models.CreateThingRequestTag]", "Tag"),
            ],
            response: vec![
                field("thing_id", "str", "ThingId"),
                field("request_id", "str", "RequestId"),
                field("things", "main_models.CreateThingResponseBodyThings", "Things"),
            ],
            thing: vec![field("id", "int", "Id")],
        }
    }

    /// Its files by name.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let info = format!("{PACKAGE}-{}.dist-info/METADATA", self.version);
        let name = PACKAGE.replace('_', "-");
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {}\n\nText.\n", self.version);
        let mut files = vec![(info, metadata), (format!("{PACKAGE}/client.py"), self.client())];
        files.extend(
            self.models().into_iter().map(|(file, text)| (format!("{PACKAGE}/models/_{file}.py"), text)),
        );
        files
    }

    fn client(&self) -> String {
        let mut text =
            String::from("class Client(OpenApiClient):\n\n    def __init__(self, config):\n        pass\n\n");
        for action in &self.actions {
            let request = if *action == "CreateThing" { &*self.request } else { &[] };
            text.push_str(&method(action, self.method, request));
        }
        text
    }

    fn models(&self) -> Vec<(&'static str, String)> {
        let entry = field("thing", "List[main_models.CreateThingResponseBodyThingsThing]", "Thing");
        let body = field("body", "main_models.CreateThingResponseBody", "body");
        let mut all = vec![
            ("create_thing_request", class("CreateThingRequest", &self.request)),
            ("create_thing_request_mode", class("CreateThingRequestMode", &[field("type", "str", "Type")])),
            ("create_thing_request_tag", class("CreateThingRequestTag", &[field("key", "str", "Key")])),
            ("create_thing_response", class("CreateThingResponse", &[body])),
            (
                "create_thing_response_body",
                class("CreateThingResponseBody", &self.response)
                    + &class("CreateThingResponseBodyThings", &[entry])
                    + &class("CreateThingResponseBodyThingsThing", &self.thing),
            ),
        ];
        for (file, name) in [("delete", "DeleteThing"), ("other", "OtherThing")] {
            let body = Field {
                ty: if file == "delete" {
                    "main_models.DeleteThingResponseBody"
                } else {
                    "main_models.OtherThingResponseBody"
                },
                ..field("body", "", "body")
            };
            let request_id = [field("request_id", "str", "RequestId")];
            let text = class(&format!("{name}Request"), &[])
                + &class(&format!("{name}Response"), &[body])
                + &class(&format!("{name}ResponseBody"), &request_id);
            all.push((file, text));
        }
        all
    }
}

fn method(action: &str, method: &str, request: &[Field]) -> String {
    let shrinks = request.iter().any(|field| matches!(field.sent, "json" | "simple"));
    let given = if shrinks { "tmp_req" } else { "request" };
    let mut text = format!(
        "    def {action}_with_options(\n        self,\n        {given}: main_models.{action}Request,\n        \
         runtime: RuntimeOptions,\n    ) -> main_models.{action}Response:\n        {given}.validate()\n"
    );
    if shrinks {
        writeln!(text, "        request = main_models.{action}ShrinkRequest()").unwrap();
        text.push_str("        Utils.convert(tmp_req, request)\n");
    }
    for Field { attribute, name, sent, .. } in
        request.iter().filter(|one| matches!(one.sent, "json" | "simple"))
    {
        writeln!(text, "        if not DaraCore.is_null(tmp_req.{attribute}):").unwrap();
        let call = "Utils.array_to_string_with_specified_style";
        writeln!(
            text,
            "            request.{attribute}_shrink = {call}(tmp_req.{attribute}, '{name}', '{sent}')"
        )
        .unwrap();
    }
    text.push_str("        query = {}\n        body = {}\n        body_flat = {}\n");
    for Field { attribute, name, sent, .. } in request {
        let (target, attribute) = match *sent {
            "json" | "simple" => ("query", format!("{attribute}_shrink")),
            target => (target, (*attribute).to_owned()),
        };
        writeln!(text, "        if not DaraCore.is_null(request.{attribute}):").unwrap();
        writeln!(text, "            {target}['{name}'] = request.{attribute}").unwrap();
    }
    text.push_str("        body = DaraCore.merge({}, body, Utils.query(body_flat))\n");
    text.push_str(
        "        req = open_api_util_models.OpenApiRequest(\n            query = Utils.query(query),\n",
    );
    text.push_str("            body = Utils.parse_to_map(body)\n        )\n");
    text.push_str("        params = open_api_util_models.Params(\n");
    let parameters = [
        ("action", action),
        ("version", "2020-01-01"),
        ("protocol", "HTTPS"),
        ("pathname", "/"),
        ("method", method),
        ("auth_type", "AK"),
        ("style", "RPC"),
        ("req_body_type", "formData"),
        ("body_type", "json"),
    ];
    let parameters = parameters.map(|(name, value)| format!("            {name} = '{value}'"));
    writeln!(text, "{}\n        )", parameters.join(",\n")).unwrap();
    writeln!(text, "        return DaraCore.from_map(\n            main_models.{action}Response(),").unwrap();
    text.push_str("            self.call_api(params, req, runtime)\n        )\n\n");
    text
}

fn class(name: &str, fields: &[Field]) -> String {
    let mut text = format!("class {name}(DaraModel):\n    def __init__(\n        self,\n");
    for Field { attribute, ty, .. } in fields {
        writeln!(text, "        {attribute}: {ty} = None,").unwrap();
    }
    text.push_str("    ):\n");
    for Field { attribute, comment, .. } in fields {
        comment.lines().for_each(|line| writeln!(text, "        # {line}").unwrap());
        writeln!(text, "        self.{attribute} = {attribute}").unwrap();
    }
    text.push_str(
        "\n    def validate(self):\n        pass\n\n    def to_map(self):\n        result = dict()\n",
    );
    text.push_str(
        "        _map = super().to_map()\n        if _map is not None:\n            result = _map\n",
    );
    for Field { attribute, ty, name, .. } in fields {
        if ty.starts_with("List[main_models.") {
            writeln!(text, "        result['{name}'] = []\n        if self.{attribute} is not None:")
                .unwrap();
            writeln!(text, "            for k1 in self.{attribute}:").unwrap();
            writeln!(text, "                result['{name}'].append(k1.to_map() if k1 else None)\n").unwrap();
        } else {
            let map = if ty.starts_with("main_models.") { ".to_map()" } else { "" };
            writeln!(text, "        if self.{attribute} is not None:").unwrap();
            writeln!(text, "            result['{name}'] = self.{attribute}{map}\n").unwrap();
        }
    }
    text.push_str(
        "        return result\n\n    def from_map(self, m: dict = None):\n        return self\n\n",
    );
    text
}

/// Writes a wheel.
pub(crate) fn write_wheel(path: &Path, files: &[(String, String)]) {
    let mut zip = ZipWriter::new(File::create(path).unwrap());
    for (name, text) in files {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

/// The description of a service, as botocore has it.
pub(crate) fn service_json() -> serde_json::Value {
    serde_json::json!({
        "version": "2.0",
        "metadata": { "apiVersion": "2020-01-01", "protocol": "json", "targetPrefix": "Flock_V1" },
        "operations": {
            "CreateSheep": {
                "name": "CreateSheep",
                "input": { "shape": "CreateSheepRequest" },
                "output": { "shape": "CreateSheepResponse" },
                "errors": [{ "shape": "FlockFullException" }],
                "documentation": "<p>Makes <b>one</b>.</p>",
            },
        },
        "shapes": {
            "CreateSheepRequest": {
                "type": "structure",
                "required": ["Name"],
                "members": {
                    "Name": { "shape": "Name" },
                    "Color": { "shape": "Color" },
                    "Marks": { "shape": "Marks" },
                },
            },
            "CreateSheepResponse": { "type": "structure", "members": { "SheepId": { "shape": "Name" } } },
            "Name": { "type": "string", "max": 255 },
            "Color": { "type": "string", "enum": ["BLACK", "WHITE"] },
            "Marks": { "type": "list", "member": { "shape": "Name" }, "min": 1, "max": 3 },
            "FlockFullException": { "type": "structure", "members": {}, "exception": true },
        },
    })
}
