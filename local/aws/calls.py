"""Calls to AWS, attributed: caller, action, resource, time.

Every boto3 client of this process names its current invocation and operation in two headers; the
endpoint (local/aws/endpoint.py) counts requests as they arrive, so retries are counted, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote
from xml.sax.saxutils import unescape

from local.aws.hooks import hook
from local.functions import current

FUNCTION_HEADER = "X-Local-Invocation"
OPERATION_HEADER = "X-Local-Operation"

OWN_HEADER = "X-Local-Own"

OUTSIDE = "-"
"""The caller's name if no function runs, as in a test."""


Context = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """The parts of a request to AWS that determine its actions: `query` is the query string,
    `source` the object to be copied.
    """

    operation: str
    path: str
    body: bytes
    query: str = ""
    source: str = ""


@dataclass(frozen=True)
class Action:
    """An action that a role must allow: `dynamodb:Query` on `table/DeskTable/index/g1`. `context`
    has the values for conditions, by condition key; of partition keys, the part up to the first #.
    """

    name: str
    resource: str
    context: Context = frozenset()


@dataclass(frozen=True)
class Call:
    """One request received by AWS. Times are seconds of `time.monotonic`."""

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
    """Make every client of this process name its calls; call this before creating any client."""
    hook("before-call", _name)


def _name(model: Any, params: dict[str, Any], **_: object) -> None:
    invocation = current.get()
    if invocation:
        params["headers"][FUNCTION_HEADER] = f"{invocation.function} {invocation.request_id}"
    service = model.service_model.service_id.hyphenize()
    params["headers"][OPERATION_HEADER] = f"{service} {model.name}"


def own_call(params: dict[str, Any], **_: object) -> None:
    """Mark a call as the local cloud's own; a handler of botocore's `before-call`."""
    params["headers"][OWN_HEADER] = "1"


def actions(service: str, asked: Asked) -> tuple[Action, ...]:
    """The IAM actions of one request (Service Authorization Reference).

    Args:
        service: botocore's name, `dynamodb`.
        asked: the request; `operation` is the API's name for it, `TransactWriteItems`.
    """
    reader = _READERS.get(service)
    if reader is None:
        return (Action(f"{service}:{asked.operation}", "*"),)
    return tuple(dict.fromkeys(reader(asked)))


def _dynamodb(asked: Asked) -> Iterator[Action]:
    operation, request = asked.operation, json.loads(asked.body)
    if operation == "TransactWriteItems":
        for item in request["TransactItems"]:
            ((kind, write),) = item.items()
            name = "ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"
            yield Action(f"dynamodb:{name}", f"table/{write['TableName']}", _leading([write]))
    elif operation == "TransactGetItems":
        for item in request["TransactItems"]:
            read = item["Get"]
            yield Action("dynamodb:GetItem", f"table/{read['TableName']}", _leading([read]))
    elif operation == "BatchGetItem":
        for table, wanted in request["RequestItems"].items():
            keys = [{"Key": key} for key in wanted["Keys"]]
            yield Action(f"dynamodb:{operation}", f"table/{table}", _leading(keys))
    elif operation == "BatchWriteItem":
        for table, entries in request["RequestItems"].items():
            writes = [write for entry in entries for write in entry.values()]
            yield Action(f"dynamodb:{operation}", f"table/{table}", _leading(writes))
    else:
        index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
        table = f"table/{request.get('TableName', '*')}{index}"
        yield Action(f"dynamodb:{operation}", table, _leading([request]))


_EQUALS = re.compile(r"([#\w]+)\s*=\s*(:\w+)")


def _leading(requests: Iterable[Mapping[str, Any]]) -> Context:
    """The partition keys of these requests, cut to the prefixes that distinguish kinds of items."""
    found = set()
    for request in requests:
        key = request.get("Key") or request.get("Item")
        if key:
            found.add(key.get("pk", {}).get("S", ""))
        values = request.get("ExpressionAttributeValues", {})
        for name, value in _EQUALS.findall(request.get("KeyConditionExpression", "")):
            if request.get("ExpressionAttributeNames", {}).get(name, name) == "pk":
                found.add(values[value].get("S", ""))
    return frozenset(("dynamodb:LeadingKeys", _kind(key)) for key in found)


def _kind(key: str) -> str:
    start, sign, _ = key.partition("#")
    return start + sign


_S3_ACTIONS: Mapping[str, str] = {
    "DeleteObjects": "DeleteObject",
    "HeadObject": "GetObject",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "UploadPart": "PutObject",
    "CopyObject": "PutObject",
}


def _s3(asked: Asked) -> Iterator[Action]:
    operation = asked.operation
    bucket, _, key = unquote(asked.path).lstrip("/").partition("/")
    name = _S3_ACTIONS.get(operation, operation)
    if operation == "DeleteObjects":
        keys = [unescape(found) for found in re.findall("<Key>([^<]*)</Key>", asked.body.decode())]
        yield from (Action(f"s3:{name}", f"{bucket}/{key}") for key in keys)
    elif operation == "ListObjectsV2":
        prefix = dict(parse_qsl(asked.query, keep_blank_values=True)).get("prefix", "")
        yield Action(f"s3:{name}", bucket, frozenset({("s3:prefix", prefix)}))
    else:
        on_bucket = operation in {"HeadBucket", "CreateBucket"}
        yield Action(f"s3:{name}", bucket if on_bucket else f"{bucket}/{key}")
    if asked.source:
        yield Action("s3:GetObject", unquote(asked.source).lstrip("/").partition("?")[0])


def _sqs(asked: Asked) -> Iterator[Action]:
    queue = str(json.loads(asked.body).get("QueueUrl", "*")).rsplit("/", 1)[-1]
    yield Action(f"sqs:{asked.operation.removesuffix('Batch')}", queue)


def _sesv2(asked: Asked) -> Iterator[Action]:
    operation = asked.operation
    if operation == "GetEmailIdentity":
        yield Action("ses:GetEmailIdentity", f"identity/{unquote(asked.path).rpartition('/')[2]}")
        return
    if operation != "SendEmail":
        yield Action(f"ses:{operation}", "*")
        return
    request = json.loads(asked.body)
    # The action depends on the kind of content, not on the operation; both the sender's identity
    # and the configuration set must be allowed.
    name = "SendRawEmail" if "Raw" in request.get("Content", {}) else "SendEmail"
    address = str(request.get("FromEmailAddress", ""))
    context: Context = frozenset({("ses:FromAddress", address)})
    yield Action(f"ses:{name}", f"identity/{address.rpartition('@')[2]}", context)
    if "ConfigurationSetName" in request:
        chosen = f"configuration-set/{request['ConfigurationSetName']}"
        yield Action(f"ses:{name}", chosen, context)


def _secretsmanager(asked: Asked) -> Iterator[Action]:
    secret = str(json.loads(asked.body).get("SecretId", "*"))
    yield Action(f"secretsmanager:{asked.operation}", secret)


_APIGATEWAY_VERBS: Mapping[str, str] = {
    "Create": "POST",
    "Get": "GET",
    "Update": "PATCH",
    "Put": "PUT",
    "Delete": "DELETE",
    "Flush": "DELETE",
}


def _apigateway(asked: Asked) -> Iterator[Action]:
    named = _APIGATEWAY_VERBS.items()
    verb = next(verb for start, verb in named if asked.operation.startswith(start))
    yield Action(f"apigateway:{verb}", unquote(asked.path))


def _sns(asked: Asked) -> Iterator[Action]:
    (topic,) = parse_qs(asked.body.decode()).get("TopicArn", ["*"])
    yield Action(f"sns:{asked.operation}", topic.rpartition(":")[2])


def _lambda(asked: Asked) -> Iterator[Action]:
    parts = unquote(asked.path).split("/")
    if asked.operation == "Invoke":
        yield Action("lambda:InvokeFunction", f"function:{parts[-2]}")
    else:
        yield Action(f"lambda:{asked.operation}", "*")


_READERS: Mapping[str, Callable[[Asked], Iterator[Action]]] = {
    "dynamodb": _dynamodb,
    "s3": _s3,
    "sqs": _sqs,
    "sesv2": _sesv2,
    "secrets-manager": _secretsmanager,
    "api-gateway": _apigateway,
    "lambda": _lambda,
    "sns": _sns,
}
