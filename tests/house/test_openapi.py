"""The OpenAPI documents are those of the code: current, whole, without errors, and true to readers
that no model describes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import OpenAPIV31SpecValidator

from dialects.endpoint import Request
from dialects.osticket.core import described as core
from dialects.osticket.core import read
from dialects.osticket.v1 import described as v1
from dialects.osticket.v1 import read as v1_read
from helpdesk.model.entries import Body
from helpdesk.model.tickets import NewTicket
from tests.dialects.osticket.conftest import MINIMAL, request
from tests.house.test_endpoints import methods
from tools import openapi

DOCUMENTS = {family.api: openapi.document(family) for family in openapi.FAMILIES}

of_each = pytest.mark.parametrize("family", openapi.FAMILIES, ids=lambda family: family.api)


def test_documents_are_those_that_make_openapi_would_write() -> None:
    for file, content in openapi.files().items():
        assert file.read_text(encoding="utf-8") == content, f"make openapi: {file}"


@of_each
def test_a_document_has_no_errors(family: Any) -> None:
    found = OpenAPIV31SpecValidator(DOCUMENTS[family.api]).iter_errors()
    assert [error.message for error in found] == []


@of_each
def test_every_route_is_described_and_nothing_else(family: Any, source: dict[str, Any]) -> None:
    served = {
        (written.path, written.method.lower())
        for written in methods(source)
        if written.api == family.api and written.method != "HEAD"
        # Of what API Gateway answers by itself only the health is told of.
        if written.function or written.method == "GET"
    }
    told = {
        (path, method)
        for path, methods in DOCUMENTS[family.api]["paths"].items()
        for method in methods
    }
    assert told == served


@of_each
def test_no_operation_is_described_that_is_not_there(family: Any) -> None:
    assert set(family.operations) == {call.folder.name for call in openapi.calls(family)}


@of_each
def test_operations_have_ids_of_their_own_and_say_whose_key_they_need(family: Any) -> None:
    told = [
        operation
        for methods in DOCUMENTS[family.api]["paths"].values()
        for operation in methods.values()
    ]
    tags = [tag["name"] for tag in DOCUMENTS[family.api]["tags"]]
    assert {tag for operation in told for tag in operation["tags"]} == set(tags)
    ids = [operation["operationId"] for operation in told]
    assert len(set(ids)) == len(ids)
    for operation in told:
        assert operation["summary"]
        guarded = operation.get("security") != []
        needs = "Needs a key with `can_" in operation["description"]
        assert guarded == (needs or "Any valid key will do." in operation["description"])
        assert guarded == ({"401", "413", "429"} <= operation["responses"].keys())
        assert not needs or "403" in operation["responses"]


@of_each
def test_operations_stand_in_the_family_s_order_and_usual_paths_first(family: Any) -> None:
    told = [
        operation["operationId"]
        for methods in DOCUMENTS[family.api]["paths"].values()
        for operation in methods.values()
    ]
    # A path with several functions stands where the first of them does.
    assert [name for name in told if name in family.operations] == list(family.operations)
    folders = {call.id: call.folder.name for call in openapi.calls(family)}
    assert all(told.index(usual) <= told.index(name) for name, usual in folders.items())


@of_each
def test_every_schema_is_used(family: Any) -> None:
    text = json.dumps(DOCUMENTS[family.api])
    schemas = DOCUMENTS[family.api]["components"]["schemas"]
    assert [name for name in schemas if f'"#/components/schemas/{name}"' not in text] == []


@of_each
def test_every_list_says_of_what(family: Any) -> None:
    assert list(bare_lists(DOCUMENTS[family.api], "")) == []


def bare_lists(part: Any, where: str) -> Iterator[str]:
    """Where a schema of a list has no word about its items, which linters want."""
    if isinstance(part, list):
        part = dict(enumerate(part))
    if isinstance(part, dict):
        if "array" in part.get("type", ()) and "items" not in part:
            yield where
        for name, one in part.items():
            yield from bare_lists(one, f"{where}/{name}")


@of_each
def test_every_example_is_as_its_schema_says(family: Any) -> None:
    whole = DOCUMENTS[family.api]
    wrong = [
        (where, example)
        for where, schema, example in examples(whole, "")
        if not Draft202012Validator({**schema, "components": whole["components"]}).is_valid(example)
    ]
    assert wrong == []


def examples(part: Any, where: str) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Where an example stands, its schema, and the example."""
    if isinstance(part, list):
        for position, one in enumerate(part):
            yield from examples(one, f"{where}/{position}")
    elif isinstance(part, dict):
        given = part.get("examples", {})
        if "schema" in part:
            values = [one["value"] for one in given.values()]
            for value in [*values, part["example"]] if "example" in part else values:
                yield where, part["schema"], value
        elif isinstance(given, list):
            for value in given:
                yield where, part, value
        for name, one in part.items():
            yield from examples(one, f"{where}/{name}")


def test_no_document_names_its_host() -> None:
    assert all(found["servers"] == [{"url": "/"}] for found in DOCUMENTS.values())


# --- readers that no model describes --------------------------------------------------------


class Asked(dict[str, Any]):
    """A body that knows which of its fields were looked at."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.names: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().get(key, default)


READERS: dict[str, tuple[dict[str, Any], Callable[[Request], Any], Any, dict[str, Any]]] = {
    "NewTicket": (core.NEW_TICKET, read.new_ticket, read, MINIMAL),
    "V1NewTicket": (v1.NEW_TICKET, v1_read.new_ticket, v1_read, MINIMAL),
    "V1Change": (v1.CHANGE, v1_read.change, v1_read, {}),
}
"""A schema, its reader, the module in which that finds `json_body`, and a body to begin with."""


@pytest.mark.parametrize("name", READERS)
def test_a_schema_has_the_fields_that_its_reader_looks_at(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema, reader, module, body = READERS[name]
    asked = Asked(body | {"other": 1})
    monkeypatch.setattr(module, "json_body", lambda _: asked)
    reader(request())
    assert asked.names == set(schema["properties"])


@pytest.mark.parametrize(
    ("name", "field"),
    [(name, field) for name in READERS for field in READERS[name][0]["properties"]],
)
def test_each_example_of_a_field_is_read(name: str, field: str) -> None:
    schema, reader, _, body = READERS[name]
    # Only without `priority` the other one counts.
    before = reader(request(body | {"other": 1}))
    for example in schema["properties"][field]["examples"]:
        assert reader(request(body | {"other": 1, field: example})) != before


def test_a_field_that_is_no_field_of_the_ticket_is_a_custom_one() -> None:
    new = read.new_ticket(request(MINIMAL | {"room": "12"}))
    assert isinstance(new, NewTicket)
    assert new.fields == {"room": "12"}
    assert new.body == Body(MINIMAL["message"])
