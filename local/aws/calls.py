"""Calls to AWS, named: who called what, on which resource, when.

Every boto3 client of this process says in two headers for which invocation it calls; the endpoint
(local/aws/endpoint.py) counts what arrives. So a count is of requests, retries and all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import unescape

from local.aws.hooks import hook
from local.functions import current

FUNCTION_HEADER = "X-Local-Invocation"
OPERATION_HEADER = "X-Local-Operation"

OWN_HEADER = "X-Local-Own"

OUTSIDE = "-"
"""The caller's name when no function runs: a test, for instance."""


@dataclass(frozen=True)
class Action:
    """What a role must allow: `dynamodb:Query` on `table/DeskTable/index/g1`."""

    name: str
    resource: str


@dataclass(frozen=True)
class Call:
    """One request that arrived at AWS. Times are seconds of `time.monotonic`."""

    function: str
    request_id: str
    service: str
    operation: str
    actions: tuple[Action, ...]
    attempt: str
    started: float
    ended: float
    status: int


def name_calls() -> None:
    """Make every client of this process name its calls; before the first client is made."""
    hook("before-call", _name)


def _name(model: Any, params: dict[str, Any], **_: object) -> None:
    invocation = current.get()
    if invocation:
        params["headers"][FUNCTION_HEADER] = f"{invocation.function} {invocation.request_id}"
    service = model.service_model.service_id.hyphenize()
    params["headers"][OPERATION_HEADER] = f"{service} {model.name}"


def own_call(params: dict[str, Any], **_: object) -> None:
    """Mark a call as one of the local cloud itself; a handler of botocore's `before-call`."""
    params["headers"][OWN_HEADER] = "1"


def actions(service: str, operation: str, path: str, body: bytes) -> tuple[Action, ...]:
    """The IAM actions of one request (Service Authorization Reference).

    Args:
        service: botocore's name, `dynamodb`.
        operation: the API's name for it, `TransactWriteItems`.
        path: path of the request.
        body: its body.
    """
    reader = _READERS.get(service)
    if reader is None:
        return (Action(f"{service}:{operation}", "*"),)
    return tuple(dict.fromkeys(reader(operation, path, body)))


def _dynamodb(operation: str, _path: str, body: bytes) -> Iterator[Action]:
    request = json.loads(body)
    if operation == "TransactWriteItems":
        for item in request["TransactItems"]:
            ((kind, write),) = item.items()
            name = "ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"
            yield Action(f"dynamodb:{name}", f"table/{write['TableName']}")
    elif operation == "TransactGetItems":
        for item in request["TransactItems"]:
            yield Action("dynamodb:GetItem", f"table/{item['Get']['TableName']}")
    elif operation in {"BatchGetItem", "BatchWriteItem"}:
        for table in request["RequestItems"]:
            yield Action(f"dynamodb:{operation}", f"table/{table}")
    else:
        index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
        yield Action(f"dynamodb:{operation}", f"table/{request.get('TableName', '*')}{index}")


_S3_ACTIONS: Mapping[str, str] = {
    "DeleteObjects": "DeleteObject",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "UploadPart": "PutObject",
    "CopyObject": "PutObject",
}


def _s3(operation: str, path: str, body: bytes) -> Iterator[Action]:
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    name = _S3_ACTIONS.get(operation, operation)
    if operation == "DeleteObjects":
        keys = [unescape(found) for found in re.findall("<Key>([^<]*)</Key>", body.decode())]
        yield from (Action(f"s3:{name}", f"{bucket}/{key}") for key in keys)
        return
    on_bucket = operation in {"ListObjectsV2", "HeadBucket", "CreateBucket"}
    yield Action(f"s3:{name}", bucket if on_bucket else f"{bucket}/{key}")


def _sqs(operation: str, _path: str, body: bytes) -> Iterator[Action]:
    queue = str(json.loads(body).get("QueueUrl", "*")).rsplit("/", 1)[-1]
    yield Action(f"sqs:{operation.removesuffix('Batch')}", queue)


def _sesv2(operation: str, path: str, body: bytes) -> Iterator[Action]:
    if operation == "GetEmailIdentity":
        yield Action("ses:GetEmailIdentity", f"identity/{unquote(path).rpartition('/')[2]}")
        return
    if operation != "SendEmail":
        yield Action(f"ses:{operation}", "*")
        return
    request = json.loads(body)
    # The action goes by the form of the mail, not by the call; both its sender's identity and the
    # configuration set must be allowed.
    name = "SendRawEmail" if "Raw" in request.get("Content", {}) else "SendEmail"
    domain = str(request.get("FromEmailAddress", "")).rpartition("@")[2]
    yield Action(f"ses:{name}", f"identity/{domain}")
    if "ConfigurationSetName" in request:
        yield Action(f"ses:{name}", f"configuration-set/{request['ConfigurationSetName']}")


def _secretsmanager(operation: str, _path: str, body: bytes) -> Iterator[Action]:
    yield Action(f"secretsmanager:{operation}", str(json.loads(body).get("SecretId", "*")))


_APIGATEWAY_VERBS: Mapping[str, str] = {
    "Create": "POST",
    "Get": "GET",
    "Update": "PATCH",
    "Put": "PUT",
    "Delete": "DELETE",
    "Flush": "DELETE",
}


def _apigateway(operation: str, path: str, _body: bytes) -> Iterator[Action]:
    verb = next(verb for start, verb in _APIGATEWAY_VERBS.items() if operation.startswith(start))
    yield Action(f"apigateway:{verb}", unquote(path))


def _sns(operation: str, _path: str, body: bytes) -> Iterator[Action]:
    (topic,) = parse_qs(body.decode()).get("TopicArn", ["*"])
    yield Action(f"sns:{operation}", topic.rpartition(":")[2])


def _lambda(operation: str, path: str, _body: bytes) -> Iterator[Action]:
    parts = unquote(path).split("/")
    if operation == "Invoke":
        yield Action("lambda:InvokeFunction", f"function:{parts[-2]}")
    else:
        yield Action(f"lambda:{operation}", "*")


_READERS: Mapping[str, Callable[[str, str, bytes], Iterator[Action]]] = {
    "dynamodb": _dynamodb,
    "s3": _s3,
    "sqs": _sqs,
    "sesv2": _sesv2,
    "secrets-manager": _secretsmanager,
    "api-gateway": _apigateway,
    "lambda": _lambda,
    "sns": _sns,
}
