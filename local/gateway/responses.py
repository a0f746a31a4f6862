"""Responses of an API: from a function, or by API Gateway itself.

Rules: API Gateway developer guide, "Output format of a Lambda function for proxy integration",
"Gateway response types", "Content type conversions", "Important notes" (remapped headers).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.gateway.mocks import Mock
from local.gateway.requests import Request, is_binary
from local.gateway.routes import Api

_KNOWN = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}

_REMAPPED = {"connection", "content-length", "date", "server", "www-authenticate"}
"""Headers that API Gateway sets itself: a function's own are sent as `x-amzn-Remapped-...`."""

_DEFAULTS: Mapping[str, tuple[int, str]] = {
    "ACCESS_DENIED": (403, "User is not authorized to access this resource"),
    "AUTHORIZER_CONFIGURATION_ERROR": (500, "Internal server error"),
    "AUTHORIZER_FAILURE": (500, "Internal server error"),
    "DEFAULT_4XX": (400, "Bad Request"),
    "INVALID_API_KEY": (403, "Forbidden"),
    "MISSING_AUTHENTICATION_TOKEN": (403, "Missing Authentication Token"),
    "REQUEST_TOO_LARGE": (413, "Request Too Long"),
    "THROTTLED": (429, "Too Many Requests"),
    "UNAUTHORIZED": (401, "Unauthorized"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Unsupported Media Type"),
    # A function's failure: a 502 with the default message of its class.
    "DEFAULT_5XX": (502, "Internal server error"),
}

_VARIABLE = re.compile(r"\$(context|stageVariables)((?:\.[A-Za-z0-9_-]+)+)")


class Malformed(Exception):
    """A function's result is not a proxy response."""


@dataclass(frozen=True)
class HttpAnswer:
    """A response to the caller."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def function_answer(answer: Any, request: Request, api: Api) -> HttpAnswer:
    """The response made from a function's proxy response.

    Raises:
        Malformed: it is not one.
    """
    if not isinstance(answer, dict) or not _KNOWN.issuperset(answer):
        raise Malformed("no proxy response")
    status = answer.get("statusCode")
    body = answer.get("body")
    if isinstance(status, bool) or not str(status).isdigit():
        raise Malformed("statusCode is no number")
    if body is not None and not isinstance(body, str):
        raise Malformed("body is no string")
    content = (body or "").encode()
    accepted = (request.header("Accept") or "*/*").split(",", 1)[0]
    if answer.get("isBase64Encoded") and is_binary(accepted, api):
        try:
            content = base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise Malformed("body is no base64") from error
    headers = [(_outgoing(name), value) for name, value in _headers(answer)]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return HttpAnswer(int(str(status)), [*headers, ("x-amzn-RequestId", request.id)], content)


def _headers(answer: dict[str, Any]) -> list[tuple[str, str]]:
    single = answer.get("headers") or {}
    multiple = answer.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multiple, dict):
        raise Malformed("headers are no object")
    repeated = {name.lower() for name in multiple}
    pairs = [(name, value) for name, value in single.items() if name.lower() not in repeated]
    for name, values in multiple.items():
        if not isinstance(values, list):
            raise Malformed(f"header {name} is no list")
        pairs += [(name, value) for value in values]
    if any(isinstance(value, dict | list) or value is None for _, value in pairs):
        raise Malformed("a header is no string")
    return [(name, _text(value)) for name, value in pairs]


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _outgoing(name: str) -> str:
    return f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name


def mock_answer(
    mock: Mock, request: Request, api: Api, authorizer: Mapping[str, Any] | None
) -> HttpAnswer:
    """The response of a MOCK integration, or API Gateway's if it has no template for the body."""
    # Without a type it counts as JSON.
    given = request.header("Content-Type") or "application/json"
    if given.partition(";")[0].strip().lower() not in mock.accepts:
        return gateway_answer("UNSUPPORTED_MEDIA_TYPE", request, api, authorizer)
    media_type = _preferred(request, mock.bodies)
    body = mock.bodies[media_type].replace("$context.httpMethod", request.method)
    headers = {"Content-Type": media_type, **mock.headers, "x-amzn-RequestId": request.id}
    return HttpAnswer(mock.status, list(headers.items()), body.encode())


def gateway_answer(
    kind: str,
    request: Request,
    api: Api,
    authorizer: Mapping[str, Any] | None = None,
    *,
    last: bool = False,
) -> HttpAnswer:
    """A response by API Gateway itself, from the API's own gateway response if it has one.

    Args:
        kind: the gateway response type.
        request: the request.
        api: the API with the gateway responses.
        authorizer: the authorizer's context, for `$context.authorizer.*`.
        last: whether the connection must be closed afterwards.
    """
    status, message = _DEFAULTS[kind]
    fallback = "DEFAULT_4XX" if status < 500 else "DEFAULT_5XX"
    response = api.responses.get(kind) or api.responses.get(fallback)
    templates = {"application/json": '{"message":$context.error.messageString}'}
    given: Mapping[str, str] = {}
    if response:
        status = response.status or status
        templates = dict(response.templates) or templates
        given = response.headers
    media_type = _preferred(request, templates)
    values = _context(kind, message, request, api, authorizer or {})
    body = _VARIABLE.sub(
        lambda match: values.get(f"{match[1]}{match[2]}", ""), templates[media_type]
    )
    headers = [("x-amzn-RequestId", request.id)]
    headers += [(name, _parameter(value, request, values)) for name, value in given.items()]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", media_type))
    if last:
        headers.append(("Connection", "close"))
    return HttpAnswer(status, headers, body.encode())


def _preferred(request: Request, templates: Mapping[str, str]) -> str:
    for accepted in (request.header("Accept") or "").split(","):
        media_type = accepted.split(";", 1)[0].strip()
        if media_type in templates:
            return media_type
    return "application/json" if "application/json" in templates else next(iter(templates))


def _context(
    kind: str, message: str, request: Request, api: Api, authorizer: Mapping[str, Any]
) -> dict[str, str]:
    return {
        "context.apiId": api.id,
        "context.domainName": request.header("Host") or "",
        "context.error.message": message,
        "context.error.messageString": json.dumps(message),
        "context.error.responseType": kind,
        "context.extendedRequestId": request.id,
        "context.httpMethod": request.method,
        "context.identity.sourceIp": request.source,
        "context.path": f"{request.prefix}{request.path}",
        "context.requestId": request.id,
        "context.stage": api.stage,
        **{f"context.authorizer.{name}": str(value) for name, value in authorizer.items()},
    }


def _parameter(value: str, request: Request, values: Mapping[str, str]) -> str:
    if value.startswith("'"):
        return value.strip("'")
    if value.startswith("method.request.header."):
        return request.header(value.removeprefix("method.request.header.")) or ""
    if value.startswith("method.request.querystring."):
        name = value.removeprefix("method.request.querystring.")
        return dict(request.parameters()).get(name, "")
    return values.get(value, "")
