"""Writes each family's OpenAPI document to where it is served from, and the Postman collections
generated from them.

    python -m tools.openapi

Routes come from template.yaml, permissions and dialects from the endpoints' code, refusals from the
dialect's messages and from the API's gateway responses, examples of bodies from events/. Everything
else is in each family's `described`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from dialects.admin.described import ADMIN
from dialects.admin.schema import schema
from dialects.content_encoding import BadEncoding
from dialects.describing import Family, Operation, Shared, header, thing
from dialects.describing import text as string
from dialects.endpoint import KeyExpired, Request, Response
from dialects.notific.described import NOTIFIC
from dialects.osticket.described import OSTICKET
from dialects.zammad.described import ZAMMAD
from helpdesk.errors import Invalid, KeyReused, NotAllowed, Problem
from helpdesk.idempotency import LONGEST_KEY
from helpdesk.model.actor import Actor
from local.aws.clients import Clients
from local.cloud import PARAMETERS, ROOT, STACK
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.gateway.routes import Api, GatewayResponse, read_apis
from local.version import version
from tools import postman
from tools.declared import Declared, declared
from tools.examples import BODIES

FAMILIES = (OSTICKET, ZAMMAD, NOTIFIC, ADMIN)

Document = dict[str, Any]

STATUSES = {
    200: "Success",
    201: "Created",
    202: "Accepted",
    302: "Redirect",
    304: "Not modified",
    400: "Malformed or invalid request",
    401: "Missing or invalid key",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict with a concurrent change or an earlier request",
    413: "Too large",
    415: "Unsupported encoding",
    422: "Cannot be processed",
    429: "Too many requests",
    500: "Internal error",
    503: "Temporarily unavailable",
    504: "Timed out",
}
"""The description of each status; a new status needs one."""

ASKED = (
    "UNAUTHORIZED",
    "ACCESS_DENIED",
    "THROTTLED",
    "INVALID_API_KEY",
    "REQUEST_TOO_LARGE",
    "AUTHORIZER_FAILURE",
    "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT",
)
"""API Gateway's own responses to every request with a key; a body may be too large even where
none is expected.
"""

DENIED = "$context.authorizer.words"
"""The variable for the authorizer's message in a gateway response."""

SHARED = {
    "once": Shared(
        (
            header(
                "Idempotency-Key",
                string(
                    "A request repeated with the same key is carried out once and gets the "
                    "same response.",
                    maxLength=LONGEST_KEY,
                ),
            ),
        ),
        (
            Invalid(Problem("Idempotency-Key", "too_long", detail=str(LONGEST_KEY))),
            KeyReused(),
        ),
    )
}
"""Headers and refusals shared by the calls of all families, in addition to `Family.shared`."""

ENCODED = (
    BadEncoding("The body is cut off"),
    BadEncoding("Content-Encoding must be gzip or absent", 415),
)
"""Refusals of wrongly compressed bodies."""

EVERYWHERE = (
    "HEAD answers like GET, without the body. Browsers may call from the origin that the "
    "desk was deployed with (CorsOrigin)."
)
"""What applies to all paths, documented once."""

HEALTH: Document = {
    "operationId": "health",
    "tags": ["health"],
    "summary": "Show the deployed version",
    "description": "Answered by API Gateway alone, without calling a function.",
    "security": [],
    "responses": {
        "200": {
            "description": STATUSES[200],
            "content": {
                "application/json": {
                    "schema": thing(
                        {
                            "status": string(const="ok"),
                            "version": string(examples=["1.0.0"]),
                            "commit": string("The Git commit hash.", examples=["0fb9a5fd1e2c"]),
                        }
                    )
                }
            },
        }
    },
}


@dataclass(frozen=True)
class Call:
    """One method of one path, with everything known about it."""

    family: Family
    api: Api
    verb: str
    path: str
    function: str
    folder: Path
    summary: str
    open: bool

    @property
    def described(self) -> Operation:
        """The family's description of it."""
        whole = self.family.operations[self.folder.name]
        return whole.paths.get(f"{self.verb} {self.path}", whole)

    @cached_property
    def declared(self) -> Declared:
        """What its code declares."""
        return declared(self.folder)

    @property
    def shared(self) -> list[Shared]:
        """Headers and refusals that it shares with other calls."""
        shared = {**SHARED, **self.family.shared}
        return [one for name, one in shared.items() if name in self.declared.calls]

    @property
    def id(self) -> str:
        """The operation id: the function's name for the route that its description begins with."""
        if self.summary.startswith(f"{self.verb} {self.path} "):
            return self.folder.name
        return re.sub(r"\W+", "_", f"{self.verb} {self.path}").strip("_").lower()


def calls(family: Family) -> list[Call]:
    """All calls of a family's API that a function answers, in the family's order; for each
    function, the route that its description begins with comes first.
    """
    template = Template(ROOT / "template.yaml", PARAMETERS, STACK)
    api = _api(family, template)
    found = [
        Call(
            family=family,
            api=api,
            verb=verb,
            path=route.resource,
            function=function,
            folder=template.functions[function].folder,
            summary=template.resources[function].properties["Description"],
            open=method.authorizer is None,
        )
        for route in api.routes
        for verb, method in route.methods.items()
        # HEAD is GET without its body: the family's description says so once.
        if isinstance(function := method.integration, str) and verb != "HEAD"
    ]
    place = {name: number for number, name in enumerate(family.operations)}
    return sorted(
        found, key=lambda call: (place[call.folder.name], call.id != call.folder.name, call.path)
    )


def _api(family: Family, template: Template) -> Api:
    apis = read_apis(template, Resources(template, Clients(), "a key"))
    return next(api for api in apis if api.name == family.api)


def document(family: Family) -> Document:
    """A family's whole document."""
    paths: Document = {}
    found = calls(family)
    for call in found:
        paths.setdefault(call.path, {})[call.verb.lower()] = _operation(call)
    responses = _move_what_repeats(paths)
    tags = dict(family.tags)
    # Not every API has its own.
    for route in found[0].api.routes:
        if route.resource.endswith("/health"):
            paths[route.resource] = {"get": HEALTH}
            tags["health"] = "Whether the desk is reachable."
    return {
        "openapi": "3.1.0",
        "info": {
            "title": family.title,
            "version": version(ROOT),
            "description": f"{family.description}\n\n{EVERYWHERE}",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        # The endpoint that serves the document puts the address of the API here.
        "servers": [{"url": "/"}],
        "security": [{name: []} for name in family.security],
        "tags": [{"name": name, "description": words} for name, words in tags.items()],
        "paths": paths,
        "components": {
            "schemas": dict(family.schemas),
            "responses": responses,
            "securitySchemes": dict(family.security),
        },
    }


def _operation(call: Call) -> Document:
    described = call.described
    parameters = [
        one
        for one in (*described.parameters, *(p for one in call.shared for p in one.parameters))
        if one["in"] != "path" or f"{{{one['name']}}}" in call.path
    ]
    permissions = described.permissions or call.declared.permissions
    needs = " or ".join(f"`{permission}`" for permission in permissions)
    if not call.open:
        needs = f"Needs a key with {needs}." if needs else "Any valid key will do."
    words = [described.description, needs]
    return {
        "operationId": call.id,
        "tags": [described.tag],
        "summary": described.summary or _sentence(call.summary.partition(" - ")[2]),
        "description": " ".join(filter(None, words)),
        **({"security": []} if call.open else {}),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": _body(call)} if described.body else {}),
        "responses": _responses(call),
    }


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".")


def _body(call: Call) -> Document:
    own = call.described.example
    example = BODIES[call.function] if own is None else own
    content = {
        kind: {"schema": schema, "example": example}
        for kind, schema in (call.described.body or {}).items()
    }
    return {"required": True, "content": content}


# --- answers --------------------------------------------------------------------------------


def _responses(call: Call) -> Document:
    found: dict[int, Document] = {}
    for status, content in call.described.answers.items():
        said = {kind: {"schema": schema} for kind, schema in content.items()}
        found[status] = _response(status, said)
        if status == 302:
            found[status]["headers"] = _headers(["Location"])
    for answer in _refusals(call):
        _add(found, answer, call.family)
    return {str(status): found[status] for status in sorted(found)}


def _move_what_repeats(paths: Document) -> Document:
    """Replaces responses that several operations share with references, and returns the shared
    responses by name.
    """
    answers = [
        (operation["responses"], status)
        for methods in paths.values()
        for operation in methods.values()
        for status in operation["responses"]
    ]
    written = Counter(json.dumps(said[status]) for said, status in answers)
    names: dict[str, str] = {}
    moved: Document = {}
    for said, status in answers:
        text = json.dumps(said[status])
        if written[text] == 1:
            continue
        if text not in names:
            others = sum(name.partition("-")[0] == status for name in moved)
            names[text] = f"{status}-{others + 1}" if others else status
            moved[names[text]] = said[status]
        said[status] = {"$ref": f"#/components/responses/{names[text]}"}
    return dict(sorted(moved.items()))


def _response(status: int, content: Document) -> Document:
    return {"description": STATUSES[status], **({"content": content} if content else {})}


def _headers(names: Iterable[str]) -> Document:
    return {name: {"schema": {"type": "string"}} for name in names}


def _refusals(call: Call) -> Iterator[Response]:
    """Every refusal that the call may return, as sent over the wire."""
    errors = [*call.described.refusals, *(e for one in call.shared for e in one.refusals)]
    if call.described.body:
        errors += ENCODED
    if not call.open:
        missing = map(NotAllowed, (call.described.permissions or call.declared.permissions)[:1])
        errors = [KeyExpired(), *missing, *errors, *call.family.refusals]
    dialect = resolve_name(call.declared.dialect)
    for error in errors:
        said = dialect.refuse(error, _request(call))
        for kind in call.family.formats or (said.type,):
            yield replace(said, type=kind)
    for kind in () if call.open else ASKED:
        yield from _of_the_gateway(call.api.responses[kind], call.family)


def _request(call: Call) -> Request:
    return Request(
        method=call.verb,
        resource=call.path,
        path=call.path,
        params={},
        query={},
        headers={},
        body=b"",
        source_ip="",
        base_url="",
        actor=Actor(),
    )


def _of_the_gateway(answer: GatewayResponse, family: Family) -> Iterator[Response]:
    # Other formats say the same as the first.
    body, *_ = answer.templates.values()
    headers = {name.rpartition(".")[2]: value for name, value in answer.headers.items()}
    for kind in answer.templates:
        for words in family.denied if DENIED in body else ("",):
            yield Response(answer.status or 0, body.replace(DENIED, words), kind, headers)


def _add(found: dict[int, Document], answer: Response, family: Family) -> None:
    response = found.setdefault(answer.status, _response(answer.status, {}))
    kind = answer.type.partition(";")[0]
    is_json = kind in {"application/json", *family.formats}
    body = json.loads(answer.body) if is_json else answer.body
    refused = family.refused[frozenset(body)] if isinstance(body, dict) else None
    schema = {"$ref": f"#/components/schemas/{refused}"} if refused else {"type": "string"}
    said = response.setdefault("content", {}).setdefault(kind, {"schema": schema, "examples": {}})
    # API Gateway's own responses may have another schema than the endpoint's.
    shapes = said["schema"].get("anyOf", [said["schema"]])
    if schema not in shapes:
        said["schema"] = {"anyOf": [*shapes, schema]}
    if body not in [example["value"] for example in said["examples"].values()]:
        said["examples"][f"{len(said['examples']) + 1}"] = {"value": body}
    # OpenAPI ignores a Content-Type among the headers: it is the content's key.
    names = {*response.get("headers", ()), *answer.headers} - {"Content-Type"}
    if names:
        response["headers"] = _headers(sorted(names))


# --- files ----------------------------------------------------------------------------------


def opened() -> dict[str, dict[str, set[str]]]:
    """The calls that each permission allows, by permission and by API (from the endpoint's
    dialect). If an endpoint accepts any of several permissions, each of them allows it.
    """
    found: dict[str, dict[str, set[str]]] = {}
    for family in FAMILIES:
        for call in calls(family):
            api = call.declared.dialect.removesuffix(".refuse").rpartition(".")[2]
            for permission in call.described.permissions or call.declared.permissions:
                known = found.setdefault(permission, {}).setdefault(api, set())
                known.add(f"{call.verb} {call.path}")
    return found


def files() -> dict[Path, str]:
    """Every document by its path, beside the code that serves it; and the collections."""
    made = {family.api: document(family) for family in FAMILIES}
    return {
        **{
            ROOT / "functions" / family.folder / "explore/openapi.json": text(made[family.api])
            for family in FAMILIES
        },
        ROOT / "functions/admin/get_schema/schema.json": text(schema(opened())),
        **{one.file: postman.text(one, made[one.api]) for one in postman.COLLECTIONS},
    }


def text(found: Document) -> str:
    """A document as the text of its file."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def write() -> None:
    """Writes every file."""
    for file, content in files().items():
        file.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    write()
