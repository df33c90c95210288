"""The vendors' published clients, all called in the same way: an action and its parameters by the names
that they have on the wire. Only endpoint, protocol and key are set; requests are the typed ones of the
clients, so that what is sent is what they send."""

import importlib
import json

import botocore.config
import botocore.session
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from botocore import xform_name
from botocore.exceptions import ClientError
from darabonba.runtime import RuntimeOptions

KEY, SECRET = "testid", "testsecret"
REGION = "cn-hangzhou"


class Refused(Exception):
    """The service said no, by a code and an HTTP status."""

    def __init__(self, code, status, message):
        super().__init__(f"{status} {code}: {message}")
        self.code, self.status = code, status


class Acs3:
    """A client of the newer family, such as `alibabacloud_vpc20160428`; it signs by ACS3."""

    def __init__(self, package, address, secret=SECRET):
        self.models = importlib.import_module(f"{package}.models")
        config = Config(
            access_key_id=KEY, access_key_secret=secret, region_id=REGION, endpoint=address, protocol="http"
        )
        self.client = importlib.import_module(f"{package}.client").Client(config)
        self.methods = {name.replace("_", ""): name for name in dir(self.client)}

    def call(self, action, parameters):
        method = getattr(self.client, self.methods[f"{action}withoptions".lower()])
        try:
            answer = method(self.request(action, parameters), RuntimeOptions())
        except AlibabaCloudException as refusal:
            raise Refused(refusal.code, refusal.status_code, refusal.message) from refusal
        return answer.body.to_map()

    def request(self, action, parameters):
        wanted = {"RegionId": REGION, **parameters}
        request = getattr(self.models, f"{action}Request")()
        # Lists that are not given are empty after this, and would not be so for a caller.
        request.from_map(wanted)
        for name, value in list(vars(request).items()):
            if value == []:
                setattr(request, name, None)
        has = {name: value for name, value in request.to_map().items() if value != []}
        if has != wanted:
            raise TypeError(f"the client's {action} takes {has} of {wanted}")
        return request


class V1:
    """The older client of the VPC service, `aliyun-python-sdk-vpc`; it signs by HMAC-SHA1 in the query."""

    def __init__(self, _package, address, secret=SECRET):
        self.address = address
        self.client = AcsClient(KEY, secret, REGION, auto_retry=False)

    def call(self, action, parameters):
        try:
            return json.loads(self.client.do_action_with_exception(self.request(action, parameters)))
        except ServerException as refusal:
            raise Refused(refusal.error_code, refusal.http_status, refusal.message) from refusal

    def request(self, action, parameters):
        module = importlib.import_module(f"aliyunsdkvpc.request.v20160428.{action}Request")
        request = getattr(module, f"{action}Request")()
        request.set_endpoint(self.address)
        request.set_protocol_type("http")
        for name, value in parameters.items():
            setter = f"set_{name}s" if isinstance(value, list) else f"set_{name}"
            getattr(request, setter)(value)
        return request


class SigV4:
    """botocore's client of AWS Global Accelerator."""

    def __init__(self, _package, address, secret=SECRET):
        session = botocore.session.Session()
        self.client = session.create_client(
            "globalaccelerator",
            region_name="us-west-2",
            endpoint_url=f"http://{address}",
            aws_access_key_id=KEY,
            aws_secret_access_key=secret,
            config=botocore.config.Config(retries={"total_max_attempts": 1}),
        )

    def call(self, action, parameters):
        try:
            return getattr(self.client, xform_name(action))(**parameters)
        except ClientError as refusal:
            error, about = refusal.response["Error"], refusal.response["ResponseMetadata"]
            raise Refused(error["Code"], about["HTTPStatusCode"], error.get("Message")) from refusal
