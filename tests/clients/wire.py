"""Each action with every parameter that the vendors' clients know of it, sent by these clients and by `cloudnet`:
both must put the same on the wire. What is in a request is told by the clients' own types and by the specs."""

import inspect
import json
import os
import re
import subprocess
import sys
import threading
import typing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from clients import KEY, REGION, SECRET, Acs3, SigV4
from botocore import xform_name
from darabonba.model import DaraModel
from darabonba.runtime import RuntimeOptions

PACKAGES = {
    "vpc": "alibabacloud_vpc20160428",
    "ga": "alibabacloud_ga20191120",
    "privatelink": "alibabacloud_privatelink20200415",
}
# What the vendor's clients can send for its own consoles.
HIDDEN = {"OwnerId", "OwnerAccount", "ResourceOwnerId", "ResourceOwnerAccount"}
# In headers or in parameters, by the protocol and not by the action.
COMMON = {"Format", "Timestamp"}
TEXT = "a&b =/é"


class Recorder:
    """A service that takes everything and keeps what came."""

    def __init__(self):
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                recorder.request = Sent(self)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.request = None
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self):
        request, self.request = self.request, None
        return request


class Sent:
    """What a request says, whoever sent it."""

    def __init__(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        self.action = handler.headers.get("x-acs-action") or handler.headers.get("x-amz-target")
        self.version = handler.headers.get("x-acs-version")
        if handler.headers.get("x-amz-target"):
            self.said = json.loads(body)
            return
        parts = {"query": urlsplit(handler.path).query, "form": body}
        self.said = {
            (place, name): plain(value)
            for place, text in parts.items()
            for name, value in parse_qsl(text, keep_blank_values=True)
            if name not in COMMON
        }


def plain(value):
    """Texts of JSON are equal if they say the same, and truth values however a language writes them."""
    if value in ("True", "False"):
        return value.lower()
    if value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            pass
    return value


class Rows:
    """The request rows of an action, by path."""

    def __init__(self, action):
        rows = action["request"] + action["request_undocumented"]
        self.types = {row["name"]: row["type"] for row in rows}
        self.published = [row["name"] for row in rows if row["provenance"] == "published"]

    def has(self, path):
        return any(known == path or known.startswith(path + ".") for known in self.types)

    def below(self, path):
        """Rows of the keys of a JSON text."""
        begin = path + "."
        return {known.removeprefix(begin): ty for known, ty in self.types.items() if known.startswith(begin)}


def fields(model):
    """Name on the wire and type of each field."""
    source = inspect.getsource(model.to_map)
    wires = dict(re.findall(r"if self\.(\w+) is not None:\s+result\['([^']+)'\]", source))
    wires |= {field: wire for wire, field in re.findall(r"result\['([^']+)'\] = \[\]\s+if self\.(\w+)", source)}
    hints = typing.get_type_hints(model.__init__)
    return {wires[field]: ty for field, ty in hints.items() if field in wires}


class Filled:
    """Every parameter, as the vendor's client takes it and as ours does."""

    def __init__(self, model, rows):
        self.rows, self.lacking = rows, []
        self.theirs, self.ours = self.struct(model, "", "N")

    def struct(self, model, above, index):
        theirs, ours = {}, {}
        for name, ty in fields(model).items():
            path = f"{above}{name}"
            if path in HIDDEN:
                continue
            if not self.rows.has(path):
                self.lacking.append(path)
                continue
            theirs[name], ours[name] = self.value(ty, path, index)
        return theirs, ours

    def value(self, ty, path, index):
        if typing.get_origin(ty) is list:
            entry = typing.get_args(ty)[0]
            pairs = [self.value(entry, f"{path}.{index}", chr(ord(index) - 1)) for _ in range(2)]
            return [one for one, _ in pairs], [one for _, one in pairs]
        if inspect.isclass(ty) and issubclass(ty, DaraModel):
            return self.struct(ty, path + ".", index)
        wanted = self.rows.types.get(path, "string")
        keys = self.rows.below(path) if wanted in ("json", "object") else {}
        if keys:
            value = {name: self.scalar(None, key, name) for name, key in keys.items() if "." not in name}
            return json.dumps(value), value
        return self.scalar(ty, wanted, path), self.scalar(None, wanted, path, ty)

    @staticmethod
    def scalar(ty, wanted, path, theirs=None):
        if path == "RegionId":
            return REGION
        kind = ty or {"integer": int, "long": int, "double": float, "boolean": bool}.get(wanted, str)
        other = theirs or {"integer": int, "long": int, "double": float, "boolean": bool}.get(wanted, str)
        value = {int: 7, float: 1.5, bool: True}.get(other if kind is str else kind, TEXT)
        if kind is str and value is not TEXT:
            return str(value).lower()
        if wanted == "json" and kind is str:
            return '{"a":1}'
        return value


def ours(program, service, action, parameters, address):
    command = [program, service, action, "-", "--endpoint", f"http://{address}", "--region", REGION]
    command += ["--validate", "off", "--allow-plain-http"]
    environment = {**os.environ, "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET}
    environment |= {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    told = subprocess.run(command, input=json.dumps(parameters), env=environment, capture_output=True, text=True)
    return told.stderr.strip() if told.returncode else None


def theirs_acs(client, action, parameters):
    request = getattr(client.models, f"{action}Request")()
    request.from_map(parameters)
    getattr(client.client, client.methods[f"{action}withoptions".lower()])(request, RuntimeOptions())


def of_alibaba(service, action, recorder, program, clients):
    client = clients.setdefault(service, Acs3(PACKAGES[service], recorder.address))
    model = getattr(client.models, f"{action['name']}Request", None)
    if model is None:
        return "withdrawn", None
    filled = Filled(model, Rows(action))
    if filled.lacking:
        return "lacks", ", ".join(filled.lacking)
    theirs_acs(client, action["name"], filled.theirs)
    wanted = recorder.take()
    refused = ours(program, service, action["name"], filled.ours, recorder.address)
    return judged(wanted, recorder.take(), refused)


def of_aws(service, action, recorder, program, clients):
    client = clients.setdefault(service, SigV4(None, recorder.address)).client
    shape = client.meta.service_model.operation_model(action["name"]).input_shape
    parameters = from_shape(shape)
    getattr(client, xform_name(action["name"]))(**parameters)
    wanted = recorder.take()
    refused = ours(program, service, action["name"], parameters, recorder.address)
    return judged(wanted, recorder.take(), refused)


def from_shape(shape):
    kind = shape.type_name
    if kind == "structure":
        return {name: from_shape(member) for name, member in shape.members.items()}
    if kind == "list":
        return [from_shape(shape.member)] * max(2, shape.metadata.get("min", 0))
    if kind == "string":
        return shape.enum[0] if shape.enum else TEXT.ljust(shape.metadata.get("min", 0), "x")
    return {"integer": 7, "long": 7, "boolean": True, "float": 1.5, "double": 1.5}[kind]


def judged(wanted, sent, refused):
    if refused or sent is None:
        return "DIFFERS", refused or "nothing was sent"
    if (wanted.action, wanted.version) != (sent.action, sent.version):
        return "DIFFERS", f"{sent.action} {sent.version} instead of {wanted.action} {wanted.version}"
    if wanted.said != sent.said:
        return "DIFFERS", difference(wanted.said, sent.said)
    return "same", len(wanted.said)


def difference(wanted, sent):
    names = sorted(set(wanted) | set(sent), key=str)
    told = [f"{name}: {sent.get(name)!r} for {wanted.get(name)!r}" for name in names if wanted.get(name) != sent.get(name)]
    return "; ".join(told)


def main(program):
    command = ["cargo", "xtask", "inventory", "--format", "json"]
    inventory = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    recorder, clients, counted = Recorder(), {}, {}
    for service in inventory["services"]:
        compare = of_alibaba if service["name"] in PACKAGES else of_aws
        for action in service["actions"]:
            verdict, about = compare(service["name"], action, recorder, program, clients)
            counted.setdefault(verdict, []).append(action)
            if verdict != "same":
                print(f"{service['name']} {action['name']}: {verdict} {about or ''}".rstrip())
    same = counted.get("same", [])
    published = sum(len(Rows(action).published) for action in same)
    told = ", ".join(f"{len(actions)} {verdict}" for verdict, actions in sorted(counted.items()))
    print(f"{told}; {published} published parameters travel alike")
    return 1 if set(counted) - {"same", "withdrawn"} else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
