"""MOCK integrations: responses of API Gateway without a backend.

Rules: API Gateway developer guide, "Mock integrations for REST APIs" (the request template sets the
status, the integration response of that status everything else), "Method request behavior for
payloads without mapping templates" (a content type without a template is 415) and "Content type
conversions" (binary bodies must be converted to text before a template can process them).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from local.cloudformation.intrinsics import TemplateError
from local.cloudformation.template import Document


@dataclass(frozen=True)
class Mock:
    """The same response for every request.

    `accepts` are the media types that have a request template; `bodies` are the response templates
    by media type, selected by `Accept`; `headers` override the Content-Type of the selected one.
    """

    accepts: frozenset[str]
    status: int
    headers: Mapping[str, str]
    bodies: Mapping[str, str]


def read_mock(method: Document, *, binary: bool) -> Mock:
    """The response of a method with a MOCK integration.

    Args:
        method: the OpenAPI operation.
        binary: whether its API treats bodies as binary.

    Raises:
        TemplateError: a response that is unsupported, or that API Gateway would reject: Velocity
            other than the name of the method, mappings of non-static values, headers that the
            method does not declare, bodies passed through to the mock.
    """
    integration = method["x-amazon-apigateway-integration"]
    if integration.get("passthroughBehavior") != "never":
        raise TemplateError("a mock has to say passthroughBehavior: never, or bodies are its input")
    templates = integration.get("requestTemplates", {})
    status = _status(templates)
    response = integration.get("responses", {}).get(str(status))
    if response is None or str(response.get("statusCode")) != str(status):
        raise TemplateError(f"a mock has no integration response for its status {status}")
    if binary and {integration.get("contentHandling"), response.get("contentHandling")} != {
        "CONVERT_TO_TEXT"
    }:
        raise TemplateError("a mock of an API with binary types has to CONVERT_TO_TEXT, both ways")
    bodies = response.get("responseTemplates", {})
    if not bodies:
        raise TemplateError("a mock needs a response template")
    for body in bodies.values():
        _literal(body.replace("$context.httpMethod", ""))
    return Mock(
        accepts=frozenset(templates),
        status=status,
        headers=_headers(response.get("responseParameters", {}), _declared(method, status)),
        bodies=bodies,
    )


def _status(templates: Mapping[str, str]) -> int:
    said = {_literal(template) for template in templates.values()}
    if len(said) != 1:
        raise TemplateError("all request templates of a mock have to say the same status")
    try:
        return int(json.loads(said.pop())["statusCode"])
    except (ValueError, KeyError, TypeError) as error:
        raise TemplateError("a mock's request template has to be JSON with a statusCode") from error


def _literal(template: str) -> str:
    if "$" in template or "#" in template:
        raise TemplateError(f"Velocity is not known here: {template}")
    return template


def _declared(method: Document, status: int) -> frozenset[str]:
    if str(status) not in method["responses"]:
        raise TemplateError(f"a mock's method does not declare its response {status}")
    declared = method["responses"][str(status)].get("headers", {})
    return frozenset(f"method.response.header.{name}" for name in declared)


def _headers(parameters: Mapping[str, str], declared: frozenset[str]) -> dict[str, str]:
    headers = {}
    for name, value in parameters.items():
        if name not in declared:
            raise TemplateError(f"a mock maps {name}, which its method does not declare")
        if len(value) < 2 or value[0] != "'" or value[-1] != "'":
            raise TemplateError(f"a mock maps {name} from {value}: only what is static is known")
        headers[name.removeprefix("method.response.header.")] = value[1:-1]
    return headers
