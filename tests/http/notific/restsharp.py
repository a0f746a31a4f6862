"""A .NET program that calls Notific's API with RestSharp, as Notific's samples do: entities are
classes, each request contains all their properties, and responses are deserialized into them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self, TypeVar
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import requests

ACCEPT = {
    "json": "application/json, application/xml, text/json, text/x-json, text/javascript, text/xml",
    "xml": "application/xml",
}
"""What RestSharp accepts by default, and where it was given one handler only."""


@dataclass
class Entity:
    """A class of the program: null stands for what has no value."""

    Id: int = 0

    def change(self, **values: Any) -> Self:
        """The same object with other values."""
        for name, value in values.items():
            assert name in {one.name for one in fields(self)}
            setattr(self, name, value)
        return self


@dataclass
class Service(Entity):
    plural: ClassVar[str] = "Services"
    Name: str | None = None
    Description: str | None = None


@dataclass
class Customer(Entity):
    plural: ClassVar[str] = "Customers"
    Name: str | None = None
    Email: str | None = None
    CellPhone: str | None = None
    Services: list[int] = field(default_factory=list)


@dataclass
class Operator(Entity):
    plural: ClassVar[str] = "Operators"
    Name: str | None = None
    Email: str | None = None
    CellPhone: str | None = None


@dataclass
class Ticket(Entity):
    plural: ClassVar[str] = "Tickets"
    Title: str | None = None
    Description: str | None = None
    Services: list[int] = field(default_factory=list)
    OperatorId: int | None = None
    StartTime: str | None = None
    EndTime: str | None = None
    ExpectedResolutionTime: str | None = None
    NextUpdateTime: str | None = None
    ClosedTime: str | None = None
    ReopenedTime: str | None = None
    DoNotSendEmail: bool = False


One = TypeVar("One", Service, Customer, Operator, Ticket)


@dataclass(frozen=True)
class RestClient:
    """RestSharp's client with the key as a parameter of the query string.

    Args:
        url: The API's address.
        key: The key.
        format: `json` or `xml`, in which it writes and reads.
    """

    url: str
    key: str
    format: str

    def execute(self, method: str, path: str, entity: Entity | None = None) -> Any:
        """One request; the answer's content, read as JSON or XML, by the names of properties."""
        headers = {"Accept": ACCEPT[self.format], "User-Agent": "RestSharp/105.2.3.0"}
        body = None
        if entity is not None:
            headers["Content-Type"] = f"application/{self.format}"
            body = _to_xml(entity) if self.format == "xml" else json.dumps(vars(entity)).encode()
        address = f"{self.url}/api/{path}?{urlencode({'key': self.key})}"
        answer = requests.request(method, address, data=body, headers=headers, timeout=60)
        answer.raise_for_status()
        assert answer.headers["Content-Type"] == f"application/{self.format}; charset=utf-8"
        if self.format == "json":
            return answer.json()
        return _of_xml(ET.fromstring(answer.content))  # noqa: S314 - ours

    def get_all(self, kind: type[One]) -> list[One]:
        """`GET /api/R`."""
        return [_filled(kind, one) for one in self.execute("GET", kind.plural)]

    def get(self, kind: type[One], number: int) -> One:
        """`GET /api/R/{id}`."""
        return _filled(kind, self.execute("GET", f"{kind.plural}/{number}"))

    def post(self, entity: One) -> One:
        """`POST /api/R`."""
        return _filled(type(entity), self.execute("POST", entity.plural, entity))

    def put(self, entity: One) -> One:
        """`PUT /api/R/{id}`, with the Id in both places."""
        return _filled(type(entity), self.execute("PUT", f"{entity.plural}/{entity.Id}", entity))

    def delete(self, entity: Service | Customer | Operator | Ticket) -> None:
        """`DELETE /api/R/{id}`."""
        self.execute("DELETE", f"{entity.plural}/{entity.Id}")


def _filled(kind: type[One], values: dict[str, Any]) -> One:
    """An object of what was read; what its class does not have is passed over."""
    return kind(**{one.name: values[one.name] for one in fields(kind) if one.name in values})


def _to_xml(entity: Entity) -> bytes:
    """As RestSharp's XmlSerializer writes it: null is left out, ids are called by their type."""
    root = ET.Element(type(entity).__name__)
    for name, value in vars(entity).items():
        if value is None:
            continue
        element = ET.SubElement(root, name)
        if isinstance(value, list):
            for one in value:
                ET.SubElement(element, "Int32").text = str(one)
        else:
            element.text = str(value).lower() if isinstance(value, bool) else str(value)
    return ET.tostring(root)


def _of_xml(element: ET.Element) -> Any:
    """As RestSharp's XmlDeserializer finds it: by local names."""
    if element.tag.startswith("ArrayOf"):
        return [_of_xml(child) for child in element]
    found: dict[str, Any] = {}
    for child in element:
        if child.tag == "Services":
            found[child.tag] = [int(one.text or "") for one in child]
        elif child.tag == "Id" or (child.tag == "OperatorId" and child.text):
            found[child.tag] = int(child.text or "")
        else:
            found[child.tag] = child.text
    return found
