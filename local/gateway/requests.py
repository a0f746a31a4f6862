"""An HTTP request to an API, and the event that API Gateway builds from it.

Rules: API Gateway developer guide, "Input format of a Lambda function for proxy integration" and
"Binary media types". REST APIs keep the path encoded, and decode path parameters and query string.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4
from wsgiref.types import WSGIEnvironment

from local.cloudformation.intrinsics import ACCOUNT, REGION
from local.functions import Event
from local.gateway.routes import Api
from local.serving import RAW_HEADERS

BODY_LIMIT = 10 * 1024 * 1024
"""Largest body in bytes that API Gateway accepts (its quotas; not adjustable)."""


_DISCARD_LIMIT = 64 * 1024 * 1024
"""Bytes of a refused body that are still read, so that the client receives the response."""


class BodyTooLarge(Exception):
    """The body is larger than API Gateway allows."""


class BodyUnreadable(Exception):
    """The body's length or its chunks are malformed."""


@dataclass(frozen=True)
class Request:
    """One HTTP request as it arrived.

    `prefix` is the part before the API's own paths (`/desk`, or empty), `path` the rest, still
    encoded.
    """

    method: str
    prefix: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    source: str
    protocol: str
    scheme: str
    port: str
    id: str = field(default_factory=lambda: str(uuid4()))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def header(self, name: str) -> str | None:
        """The value of a header, ignoring the case of its name; the last one of several."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[-1] if found else None

    def parameters(self) -> list[tuple[str, str]]:
        """The query string, decoded."""
        return parse_qsl(self.query, keep_blank_values=True)


def read_request(
    environ: WSGIEnvironment, source: str, stages: frozenset[str], *, body: bool = True
) -> Request:
    """The request that a WSGI server received.

    Args:
        environ: WSGI's description of it.
        source: the caller's address.
        stages: stage names that may precede a path.
        body: whether to read the body.

    Raises:
        BodyTooLarge: over 10 MB.
        BodyUnreadable: an invalid length, malformed chunks. After either error some of the body
            may be unread: the connection must be closed.
    """
    # A request target may include its host (RFC 9112, section 3.2.2).
    target = re.sub(r"^https?://[^/?]*", "", str(environ["REQUEST_URI"]), flags=re.IGNORECASE)
    path = target.split("?", 1)[0] or "/"
    prefix = ""
    first, _, rest = path.lstrip("/").partition("/")
    if first in stages:
        prefix, path = f"/{first}", f"/{rest}"
    return Request(
        method=environ["REQUEST_METHOD"],
        prefix=prefix,
        path=path,
        query=environ.get("QUERY_STRING", ""),
        headers=environ[RAW_HEADERS],
        body=_read_body(environ) if body else b"",
        source=source,
        protocol=environ["SERVER_PROTOCOL"],
        scheme=environ["wsgi.url_scheme"],
        port=environ["SERVER_PORT"],
    )


def _read_body(environ: WSGIEnvironment) -> bytes:
    stream = environ["wsgi.input"]
    given = environ.get("CONTENT_LENGTH") or "0"
    try:
        if environ.get("wsgi.input_terminated"):
            body: bytes = stream.read(BODY_LIMIT + 1)
            stream.read(_DISCARD_LIMIT)
        elif not given.isascii() or not given.isdigit():
            raise BodyUnreadable
        elif int(given) > BODY_LIMIT:
            # Most clients read the response only after sending everything.
            stream.read(min(int(given), _DISCARD_LIMIT))
            raise BodyTooLarge
        else:
            body = stream.read(int(given))
    except OSError as error:
        raise BodyUnreadable from error
    if len(body) > BODY_LIMIT:
        raise BodyTooLarge
    return body


def is_binary(media_type: str | None, api: Api) -> bool:
    """Whether a type is among the API's binary types; `*/*` matches all, even a missing type."""
    if "*/*" in api.binary_types:
        return True
    return (media_type or "").split(";", 1)[0].strip().lower() in api.binary_types


def request_event(
    request: Request,
    api: Api,
    resource: str,
    path_parameters: Mapping[str, str],
    *,
    gateway_key: str | None,
    authorizer: Mapping[str, Any] | None,
) -> Event:
    """The event for the function.

    Args:
        request: the request.
        api: the API that serves it.
        resource: the route's path, `/api/tickets/{id}`.
        path_parameters: the values of the parameters in it.
        gateway_key: value of the gateway key to which the request is counted.
        authorizer: the authorizer's context; None without an authorizer.
    """
    binary = bool(request.body) and is_binary(request.header("Content-Type"), api)
    if not request.body:
        body = None
    elif binary:
        body = base64.b64encode(request.body).decode("ascii")
    else:
        body = request.body.decode("utf-8", "replace")
    event = _common(request, api, resource, path_parameters)
    event["body"] = body
    event["isBase64Encoded"] = binary
    if gateway_key is not None:
        event["requestContext"]["identity"]["apiKey"] = gateway_key
        event["requestContext"]["identity"]["apiKeyId"] = gateway_key[:10]
    if authorizer is not None:
        event["requestContext"]["authorizer"] = dict(authorizer)
    return event


def authorizer_event(
    request: Request, api: Api, resource: str, path_parameters: Mapping[str, str]
) -> Event:
    """The event for a REQUEST authorizer: without the body, and with the method's ARN."""
    return {
        "type": "REQUEST",
        "methodArn": method_arn(request, api),
        **_common(request, api, resource, path_parameters),
    }


def method_arn(request: Request, api: Api) -> str:
    """The ARN that an authorizer's policy must allow."""
    target = f"{api.id}/{api.stage}/{request.method}/{request.path.lstrip('/')}"
    return f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{target}"


def _common(request: Request, api: Api, resource: str, path_parameters: Mapping[str, str]) -> Event:
    headers = [
        *request.headers,
        ("X-Forwarded-For", request.source),
        ("X-Forwarded-Port", request.port),
        ("X-Forwarded-Proto", request.scheme),
    ]
    parameters = request.parameters()
    return {
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": dict(headers),
        "multiValueHeaders": _multiple(headers),
        "queryStringParameters": dict(parameters) or None,
        "multiValueQueryStringParameters": _multiple(parameters) or None,
        "pathParameters": dict(path_parameters) or None,
        "stageVariables": dict(api.variables) or None,
        "requestContext": _context(request, api, resource),
    }


def _multiple(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _context(request: Request, api: Api, resource: str) -> dict[str, Any]:
    host = request.header("Host") or "localhost"
    return {
        "accountId": ACCOUNT,
        "apiId": api.id,
        "deploymentId": "local",
        "domainName": host,
        "domainPrefix": host.split(".", 1)[0],
        "extendedRequestId": request.id,
        "httpMethod": request.method,
        "identity": {
            "accessKey": None,
            "accountId": None,
            "caller": None,
            "cognitoAuthenticationProvider": None,
            "cognitoAuthenticationType": None,
            "cognitoIdentityId": None,
            "cognitoIdentityPoolId": None,
            "principalOrgId": None,
            "sourceIp": request.source,
            "user": None,
            "userAgent": request.header("User-Agent"),
            "userArn": None,
        },
        # Includes the stage on the API's own address, not on a custom domain.
        "path": f"{request.prefix}{request.path}",
        "protocol": request.protocol,
        "requestId": request.id,
        "requestTime": f"{request.at:%d/%b/%Y:%H:%M:%S +0000}",
        "requestTimeEpoch": int(request.at.timestamp() * 1000),
        "resourceId": "local",
        "resourcePath": resource,
        "stage": api.stage,
    }
