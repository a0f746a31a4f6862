"""The APIs as deployed: routes read from SAM's OpenAPI body.

Rules of matching (API Gateway developer guide): a path parameter is a whole segment, a greedy one
the whole rest and never empty; from left to right, literals take precedence over parameters, and
those over greedy ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from local.cloudformation.intrinsics import TemplateError
from local.cloudformation.resources import Resources
from local.cloudformation.template import Document, Template
from local.gateway.mocks import Mock, read_mock
from local.gateway.throttles import Rate

_LITERAL = re.compile(r"[a-zA-Z0-9._:-]+")
_PARAMETER = re.compile(r"\{([a-zA-Z0-9._-]+)(\+?)\}")
_FUNCTION = re.compile(r"function:([A-Za-z0-9]+)/invocations$")
_ANY = "x-amazon-apigateway-any-method"


@dataclass(frozen=True)
class Authorizer:
    """A Lambda that authorizes a request before the function is called.

    `sources` are its identity sources (`method.request.header.X-API-Key`): all must be present,
    and the result is cached by their values, for `ttl` seconds.
    """

    name: str
    function: str
    sources: tuple[str, ...]
    ttl: int


@dataclass(frozen=True)
class Method:
    """The backend of one method of one path: a function, by logical id, or API Gateway itself."""

    integration: str | Mock
    authorizer: Authorizer | None
    needs_key: bool


@dataclass(frozen=True)
class Route:
    """One path of an API with its methods; `ANY` applies to those not listed."""

    resource: str
    methods: Mapping[str, Method]

    def method(self, name: str) -> Method | None:
        """The backend of this HTTP method, if any."""
        return self.methods.get(name) or self.methods.get("ANY")


@dataclass(frozen=True)
class GatewayResponse:
    """The API's own response for a case that API Gateway answers itself."""

    status: int | None
    templates: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Api:
    """One REST API with its only stage."""

    name: str
    id: str
    stage: str
    binary_types: tuple[str, ...]
    routes: tuple[Route, ...]
    responses: Mapping[str, GatewayResponse]
    base_paths: tuple[tuple[str, ...], ...]
    """The base paths that the custom domain's routing rules send to this API; an empty one takes
    all others.
    """
    variables: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[tuple[str, str], Rate] = field(default_factory=dict)
    """The rates of methods that have their own, by path and HTTP method."""
    key_rate: Rate | None = None
    """The rate of each key, by this API's usage plan."""
    compresses: int | None = None
    """Minimum size in bytes of compressed responses, if there are any."""

    def match(self, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a raw (still encoded) path, with its decoded path parameters."""
        segments = [unquote(segment) for segment in path.strip("/").split("/")]
        found = [
            (rank, route, parameters)
            for route in self.routes
            for rank, parameters in _matches(route.resource, segments)
        ]
        if not found:
            return None
        _, route, parameters = min(found, key=lambda match: match[0])
        return route, parameters


def _matches(resource: str, segments: list[str]) -> Iterator[tuple[list[int], dict[str, str]]]:
    rank: list[int] = []
    parameters: dict[str, str] = {}
    parts = resource.strip("/").split("/")
    for position, part in enumerate(parts):
        parameter = _PARAMETER.fullmatch(part)
        rest = segments[position:]
        if parameter and parameter[2]:
            if any(rest):
                yield [*rank, 2], {**parameters, parameter[1]: "/".join(rest)}
            return
        if not rest or not (rest[0] == part or (parameter and rest[0])):
            return
        if parameter:
            parameters[parameter[1]] = rest[0]
        rank.append(1 if parameter else 0)
    if len(parts) == len(segments):
        yield rank, parameters


class Apis:
    """All APIs of a template, on one host."""

    def __init__(self, apis: list[Api]) -> None:
        if not apis:
            raise TemplateError("the template has no API")
        self._apis = apis

    def __iter__(self) -> Iterator[Api]:
        return iter(self._apis)

    def serving(self, path: str) -> Api:
        """The API of a path: longest matching base path, like routing rules (docs/aws.md m21)."""
        segments = tuple(unquote(segment) for segment in path.strip("/").split("/"))
        ranked = [
            (len(base), api)
            for api in self._apis
            for base in api.base_paths
            if segments[: len(base)] == base
        ]
        if ranked:
            return max(ranked, key=lambda pair: pair[0])[1]
        return next((api for api in self._apis if not api.base_paths), self._apis[0])


def read_apis(template: Template, resources: Resources) -> Apis:
    """The APIs in a template whose conditions are true.

    Raises:
        TemplateError: a path that API Gateway would reject at deployment.
    """
    stages: dict[str, Document] = {
        stage["RestApiId"]: stage
        for stage in map(resources.properties, template.of_type("AWS::ApiGateway::Stage"))
    }
    key_rates = _key_rates(template, resources)
    base_paths = _base_paths(template)
    apis = []
    for resource in template.of_type("AWS::ApiGateway::RestApi"):
        physical = resources.physical(resource.name)
        properties = resources.properties(resource)
        body: Document = properties["Body"]
        stage = stages[physical.ref]
        schemes = body.get("components", {}).get("securitySchemes", {})
        authorizers = {
            name: _authorizer(name, scheme["x-amazon-apigateway-authorizer"])
            for name, scheme in schemes.items()
            if "x-amazon-apigateway-authorizer" in scheme
        }
        binary_types = tuple(body.get("x-amazon-apigateway-binary-media-types", ()))
        apis.append(
            Api(
                name=resource.name,
                id=physical.ref,
                stage=str(stage["StageName"]),
                binary_types=binary_types,
                routes=tuple(
                    _route(path, methods, authorizers, binary=bool(binary_types))
                    for path, methods in body["paths"].items()
                ),
                responses={
                    kind: _response(response)
                    for kind, response in body.get(
                        "x-amazon-apigateway-gateway-responses", {}
                    ).items()
                },
                base_paths=base_paths.get(resource.name, ()),
                variables=stage.get("Variables", {}),
                rates=_rates(stage),
                key_rate=key_rates.get(physical.ref),
                compresses=_whole(properties.get("MinimumCompressionSize")),
            )
        )
    return Apis(apis)


def _rates(stage: Document) -> dict[tuple[str, str], Rate]:
    """The rates that a stage sets for single methods."""
    return {
        (_path(setting["ResourcePath"]), setting["HttpMethod"]): _rate(
            setting["ThrottlingRateLimit"], setting["ThrottlingBurstLimit"]
        )
        for setting in stage.get("MethodSettings", ())
        if "ThrottlingRateLimit" in setting
    }


def _path(encoded: str) -> str:
    # CloudFormation, MethodSetting: every slash but the first is ~1.
    return encoded[1:].replace("~1", "/") or "/"


def _key_rates(template: Template, resources: Resources) -> dict[str, Rate]:
    """The rate of a key for each API."""
    return {
        stage["ApiId"]: _rate(plan["Throttle"]["RateLimit"], plan["Throttle"]["BurstLimit"])
        for plan in map(resources.properties, template.of_type("AWS::ApiGateway::UsagePlan"))
        if "Throttle" in plan
        for stage in plan.get("ApiStages", ())
    }


def _rate(per_second: str | float, burst: str | int) -> Rate:
    return Rate(float(per_second), int(burst))


def _whole(value: str | int | None) -> int | None:
    return None if value is None else int(value)


def _base_paths(template: Template) -> dict[str, tuple[tuple[str, ...], ...]]:
    """The base paths of each API by the custom domain's rules, even if no domain is set."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for rule in template.routing_rules:
        api = rule["Actions"][0]["InvokeApi"]["ApiId"]["Ref"]
        paths = [
            tuple(path.split("/"))
            for condition in rule["Conditions"]
            for path in condition.get("MatchBasePaths", {}).get("AnyOf", ())
        ]
        found[api] = (*found.get(api, ()), *(paths or [()]))
    return found


def _authorizer(name: str, scheme: Document) -> Authorizer:
    sources = scheme.get("identitySource", "")
    return Authorizer(
        name=name,
        function=_function(scheme["authorizerUri"]),
        sources=tuple(source.strip() for source in sources.split(",") if source.strip()),
        ttl=int(scheme.get("authorizerResultTtlInSeconds", 300)),
    )


def _route(
    path: str, methods: Document, authorizers: Mapping[str, Authorizer], *, binary: bool
) -> Route:
    for part in path.strip("/").split("/"):
        if part and not _LITERAL.fullmatch(part) and not _PARAMETER.fullmatch(part):
            raise TemplateError(f"API Gateway takes no path part {part!r} ({path})")
    return Route(
        resource=path,
        methods={
            "ANY" if name == _ANY else name.upper(): _method(method, authorizers, binary=binary)
            for name, method in methods.items()
        },
    )


def _method(method: Any, authorizers: Mapping[str, Authorizer], *, binary: bool) -> Method:
    named = [name for entry in method.get("security", ()) for name in entry]
    return Method(
        integration=_integration(method, binary=binary),
        authorizer=next((authorizers[name] for name in named if name in authorizers), None),
        needs_key="api_key" in named,
    )


def _integration(method: Any, *, binary: bool) -> str | Mock:
    integration = method["x-amazon-apigateway-integration"]
    match integration["type"]:
        case "aws_proxy":
            return _function(integration["uri"])
        case "mock":
            return read_mock(method, binary=binary)
    raise TemplateError(f"an integration of type {integration['type']} is not known here")


def _function(uri: str) -> str:
    match = _FUNCTION.search(uri)
    if not match:
        raise TemplateError(f"not the address of a function: {uri}")
    return match[1]


def _response(response: Document) -> GatewayResponse:
    headers = {
        name.removeprefix("gatewayresponse.header."): value
        for name, value in response.get("responseParameters", {}).items()
    }
    status = response.get("statusCode")
    return GatewayResponse(
        status=None if status is None else int(status),
        templates=response.get("responseTemplates", {}),
        headers=headers,
    )
