"""The four resources and their properties (docs/notific.md 5 to 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["int", "string", "ints", "time", "bool"]

Value = int | str | bool | list[int] | datetime | None
"""What a property holds: times are in UTC, in whole seconds."""

Properties = Mapping[str, Value]
"""Properties by their names as the shape writes them."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property. One that is `accepted` only is never shown."""

    name: str
    kind: Kind
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A resource: its name, in the singular, and its properties in the order of JSON."""

    name: str
    properties: tuple[Property, ...]

    @property
    def plural(self) -> str:
        """The name in paths."""
        return f"{self.name}s"

    @property
    def argument(self) -> str:
        """What the body is called in refusals."""
        return self.name.lower()

    @property
    def shown(self) -> tuple[Property, ...]:
        """The properties that answers have."""
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
    """The resource that a path is about, in whatever case it is written."""
    parts = path.lower().strip("/").split("/")
    return next((shape for shape in SHAPES if shape.plural.lower() in parts[:2]), None)
