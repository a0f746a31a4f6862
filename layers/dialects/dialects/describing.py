"""Descriptions of a family's endpoints as data, from which its OpenAPI document is generated.

Request handlers do not import this. Values are in OpenAPI's terms, version 3.1; what can be taken
from the code (routes, permissions, the texts of refusals) is not repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Words = Mapping[str, Any]
"""A piece of an OpenAPI document."""


@dataclass(frozen=True)
class Operation:
    """The requests and responses of one function.

    `body` and the `answers` of each status map media types to schemas; no media type is an answer
    without a body. `refusals` are its errors besides `Family.refusals`, with texts from its
    dialect. `paths` has the differences if the function serves several routes, by method and path
    (`GET /api/v1/roles`). `summary`, `permissions` and `example`, a body, override those from the
    function's code, template.yaml and events/.
    """

    tag: str
    answers: Mapping[int, Mapping[str, Words]]
    parameters: tuple[Words, ...] = ()
    body: Mapping[str, Words] | None = None
    refusals: tuple[Exception, ...] = ()
    description: str = ""
    summary: str = ""
    permissions: tuple[str, ...] = ()
    example: object = None
    paths: Mapping[str, Operation] = field(default_factory=dict)


@dataclass(frozen=True)
class Shared:
    """The parameters and refusals of every function whose code makes a certain call."""

    parameters: tuple[Words, ...] = ()
    refusals: tuple[Exception, ...] = ()


@dataclass(frozen=True)
class Family:
    """An API as the template has it, under its logical id.

    `tags` are the groups of its operations, `operations` are by the names of their functions'
    folders, both in the order they are shown in. `refused` maps the keys of a refusal in JSON to
    the schema of it. `security` has the ways to carry a key, by their names. `shared` is by the
    name of the call. `denied` are the authorizer's own words, where a gateway response repeats
    them. `formats` are the media types in which it refuses alike, where there are several.
    """

    api: str
    folder: str
    title: str
    description: str
    tags: Mapping[str, str]
    operations: Mapping[str, Operation]
    schemas: Mapping[str, Words]
    refusals: tuple[Exception, ...]
    refused: Mapping[frozenset[str], str]
    security: Mapping[str, Words]
    shared: Mapping[str, Shared] = field(default_factory=dict)
    denied: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()


# --- schemas --------------------------------------------------------------------------------


def thing(properties: Mapping[str, Words], *optional: str, **words: Any) -> dict[str, Any]:
    """An object with these properties and no others; all except the optional ones are required."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": dict(properties),
        **({"required": required} if required else {}),
        "additionalProperties": False,
        **words,
    }


def text(description: str = "", **words: Any) -> dict[str, Any]:
    """A string; `words` are further keywords of the schema."""
    return _typed("string", description, words)


def integer(description: str = "", **words: Any) -> dict[str, Any]:
    """A whole number."""
    return _typed("integer", description, words)


def number(description: str = "", **words: Any) -> dict[str, Any]:
    """A number, also with a fraction."""
    return _typed("number", description, words)


def boolean(description: str = "", **words: Any) -> dict[str, Any]:
    """True or false."""
    return _typed("boolean", description, words)


def list_of(items: Words, description: str = "", **words: Any) -> dict[str, Any]:
    """A list."""
    return _typed("array", description, {"items": items, **words})


def _typed(kind: str, description: str, words: Words) -> dict[str, Any]:
    return {"type": kind, **({"description": description} if description else {}), **words}


def map_of(values: Words, description: str = "", **words: Any) -> dict[str, Any]:
    """An object whose keys are not known beforehand."""
    return _typed("object", description, {"additionalProperties": values, **words})


def any_of(*schemas: Words) -> dict[str, Any]:
    """One of these."""
    return {"anyOf": list(schemas)}


def maybe(schema: Words) -> dict[str, Any]:
    """The same, or null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def ref(name: str) -> dict[str, Any]:
    """A schema of the family."""
    return {"$ref": f"#/components/schemas/{name}"}


def query(name: str, schema: Words) -> dict[str, Any]:
    """An optional parameter of the query string."""
    return _parameter("query", name, schema, required=False)


def path(name: str, schema: Words) -> dict[str, Any]:
    """A parameter of the path."""
    return _parameter("path", name, schema, required=True)


def header(name: str, schema: Words) -> dict[str, Any]:
    """An optional header."""
    return _parameter("header", name, schema, required=False)


def _parameter(place: str, name: str, schema: Words, *, required: bool) -> dict[str, Any]:
    bare = {key: value for key, value in schema.items() if key != "description"}
    described = {"description": schema["description"]} if "description" in schema else {}
    return {"name": name, "in": place, "required": required, **described, "schema": bare}
