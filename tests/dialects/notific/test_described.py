"""The OpenAPI document has the properties of the shapes, and in bodies those that are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unittest.mock import patch

import pytest

from dialects.notific import customers, operators, services, tickets
from dialects.notific.describing import SCHEMAS
from dialects.notific.shapes import SHAPES, Kind, Shape, Value
from helpdesk.catalogue import cache
from helpdesk.model.actor import Actor
from helpdesk.tickets import changes, create, descriptions, find
from local.cloud import ROOT

TYPES: Mapping[Kind, str] = {
    "int": "integer",
    "string": "string",
    "ints": "array",
    "time": "string",
    "bool": "boolean",
}

BODIES = {
    "Ticket": ("NewTicket", "TicketChange"),
    "Customer": ("NewCustomer", "CustomerValues"),
    "Service": ("NewService", "ServiceValues"),
    "Operator": ("NewOperator", "OperatorValues"),
}
"""The bodies of a new one and of a change."""

of_each = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)


def properties(name: str) -> Any:
    schema: Any = SCHEMAS[name]
    return schema["properties"]


def type_of(schema: Any) -> str:
    kind = schema["type"]
    return str(kind[0] if isinstance(kind, list) else kind)


@of_each
def test_an_answer_has_the_properties_of_the_shape(shape: Shape) -> None:
    told = [(name, type_of(schema)) for name, schema in properties(shape.name).items()]
    assert told == [(one.name, TYPES[one.kind]) for one in shape.shown]


@of_each
def test_bodies_have_properties_of_the_shape(shape: Shape) -> None:
    kinds = {one.name: TYPES[one.kind] for one in shape.properties}
    for name in BODIES[shape.name]:
        told = {one: type_of(schema) for one, schema in properties(name).items()}
        assert told == {one: kinds[one] for one in told}


class Asked(Mapping[str, Value]):
    """Properties that know which of them were looked at."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self.given = values
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Value:
        self.names.add(name)
        return self.given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)


def _open(values: Asked) -> None:
    with patch.object(create, "open_ticket"):
        tickets.open_ticket(Actor(), values, None)


def _update(values: Asked) -> None:
    with (
        patch.object(find, "find_ticket"),
        patch.object(descriptions, "find"),
        patch.object(descriptions, "as_text", lambda _: ""),
        patch.object(changes, "change_ticket"),
        patch.object(cache, "seen"),
        patch.object(tickets, "_properties"),
    ):
        tickets.update(Actor(), 1, values)


READERS: Mapping[str, tuple[Callable[[Asked], object], Callable[[Asked], object]]] = {
    "Ticket": (_open, _update),
    "Customer": (customers._read, customers._read),
    "Service": (services._read, services._read),
    "Operator": (operators._read, operators._read),
}
"""What reads the bodies."""


@of_each
def test_bodies_have_the_properties_that_are_read(shape: Shape) -> None:
    values = dict.fromkeys(("Title", "Name", "Email"), "ada@example.org")
    new, change = BODIES[shape.name]
    for name, read, more in zip((new, change), READERS[shape.name], ((), ("Id",)), strict=True):
        asked = Asked({**values, "Description": "" if read is _update else "D"})
        read(asked)
        assert asked.names.union(more) == set(properties(name))


@pytest.mark.parametrize("name", ["Ticket", "Customer", "Service"])
def test_the_sample_in_c_sharp_has_the_properties_of_the_shape(name: str) -> None:
    """Nothing here compiles it: that is done by hand (docs/notific.md 12)."""
    sample = (ROOT / "docs/samples/notific.cs").read_text("utf-8")
    body = sample.partition(f"public class {name}\n")[2].partition("\n}\n")[0]
    told = re.findall(r"\[DataMember\] public ([\w<>?]+) (\w+)", body)
    kinds = {"int": "int", "string": "string", "ints": "List<int>", "time": "DateTime"}
    (shape,) = (shape for shape in SHAPES if shape.name == name)
    assert [(kind.removesuffix("?"), one) for kind, one in told] == [
        ({**kinds, "bool": "bool"}[one.kind], one.name) for one in shape.properties
    ]
