"""The four resources and their properties (docs/notific.md 5 to 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["int", "string", "ints", "time", "bool"]

Value = int | str | bool | list[int] | datetime | None
"""A property's value: times are in UTC, in whole seconds."""

Properties = Mapping[str, Value]
"""Properties under the shape's names."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property. If it is only `accepted`, it is never shown."""

    name: str
    kind: Kind
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A resource: its singular name, and its properties in the order of the JSON."""

    name: str
    properties: tuple[Property, ...]

    @property
    def plural(self) -> str:
        """The name used in paths."""
        return f"{self.name}s"

    @property
    def argument(self) -> str:
        """The name of the body in error texts."""
        return self.name.lower()

    @property
    def shown(self) -> tuple[Property, ...]:
        """The properties shown in responses."""
        return tuple(one for one in self.properties if not one.accepted)


TICKET = Shape(
    "Ticket",
    (
        Property("Id", "int"),
        Property("Number", "string"),
        Property("Title", "string"),
        Property("Description", "string"),
        Property("Services", "ints"),
        Property("OperatorId", "int"),
        Property("CustomerId", "int"),
        Property("StartTime", "time"),
        Property("EndTime", "time"),
        Property("ExpectedResolutionTime", "time"),
        Property("NextUpdateTime", "time"),
        Property("CreatedTime", "time"),
        Property("UpdatedTime", "time"),
        Property("ClosedTime", "time"),
        Property("ReopenedTime", "time"),
        Property("Status", "string"),
        Property("DoNotSendEmail", "bool", accepted=True),
    ),
)

CUSTOMER = Shape(
    "Customer",
    (
        Property("Id", "int"),
        Property("Name", "string"),
        Property("Email", "string"),
        Property("CellPhone", "string"),
        Property("Services", "ints"),
    ),
)

SERVICE = Shape(
    "Service",
    (Property("Id", "int"), Property("Name", "string"), Property("Description", "string")),
)

OPERATOR = Shape(
    "Operator",
    (
        Property("Id", "int"),
        Property("Name", "string"),
        Property("Email", "string"),
        Property("CellPhone", "string"),
    ),
)

SHAPES = (TICKET, CUSTOMER, SERVICE, OPERATOR)


def of_path(path: str) -> Shape | None:
    """The resource of a path, ignoring case."""
    parts = path.lower().strip("/").split("/")
    return next((shape for shape in SHAPES if shape.plural.lower() in parts[:2]), None)
