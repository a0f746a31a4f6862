"""A client of the Notific API, in JSON and in XML alike."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from tests.http.desk import Answer, Desk

Values = dict[str, Any]

NULL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"

WHOLE = {"Id", "OperatorId", "CustomerId"}
"""Properties that are whole numbers, where they are not null."""

TYPES = {"json": "application/json", "xml": "application/xml"}


def to_xml(name: str, values: Mapping[str, Any]) -> bytes:
    """An entity as DataContractSerializer would write it, less its namespace."""
    root = ET.Element(name)
    for key, value in values.items():
        element = ET.SubElement(root, key)
        if value is None:
            element.set(NULL, "true")
        elif isinstance(value, list):
            for one in value:
                ET.SubElement(element, f"{{{ARRAYS}}}int").text = str(one)
        else:
            element.text = json.dumps(value) if isinstance(value, bool) else str(value)
    return ET.tostring(root)


def of_xml(element: ET.Element) -> Any:
    """An answer in XML as the same values that JSON has."""
    if element.tag.startswith("ArrayOf"):
        return [of_xml(child) for child in element]
    if element.tag == "Error":
        state = element.find("ModelState")
        said: Values = {"Message": element.findtext("Message")}
        if state is not None:
            said["ModelState"] = {_named(child.tag): [child.text] for child in state}
        return said
    return {child.tag: _value(child) for child in element}


def _named(tag: str) -> str:
    return tag.replace("_x005B_", "[").replace("_x005D_", "]")


def _value(element: ET.Element) -> Any:
    if element.get(NULL) == "true":
        return None
    if element.tag == "Services":
        return [int(child.text or "") for child in element]
    text = element.text or ""
    return int(text) if element.tag in WHOLE else text


@dataclass(frozen=True)
class Told:
    """What an answer says, whatever its format."""

    status: int
    said: Any
    answer: Answer

    @property
    def wrong(self) -> dict[str, Sequence[str]]:
        """The texts of ModelState, by property."""
        assert self.status == 400, self.said
        assert self.said["Message"] == "The request is invalid."
        state: dict[str, Sequence[str]] = self.said.get("ModelState", {})
        return state


@dataclass(frozen=True)
class Notific:
    """Calls the API in one format."""

    desk: Desk
    format: str

    def ask(
        self, method: str, path: str, values: Mapping[str, Any] | None = None, **options: Any
    ) -> Told:
        """One request below /api, with an entity as its body where there is one, or `raw`."""
        kind = TYPES[self.format]
        headers = {"Accept": kind, "Content-Type": kind, **options.pop("headers", {})}
        raw = options.pop("raw", b"")
        if values is not None:
            name = path.strip("/").partition("/")[0].partition("?")[0].capitalize()[:-1]
            raw = to_xml(name, values) if self.format == "xml" else json.dumps(values).encode()
        answer = self.desk.call(method, f"/api/{path}", raw=raw, headers=headers, **options)
        if not answer.body:
            return Told(answer.status, None, answer)
        if "xml" in answer.type:
            return Told(answer.status, of_xml(ET.fromstring(answer.body)), answer)  # noqa: S314
        return Told(answer.status, answer.json, answer)

    def get(self, path: str, **options: Any) -> Any:
        """What a GET shows."""
        told = self.ask("GET", path, **options)
        assert told.status == 200, told.said
        return told.said

    def make(self, plural: str, **values: Any) -> Values:
        """A new entity."""
        told = self.ask("POST", plural, values)
        assert told.status == 201, told.said
        made: Values = told.said
        return made

    def put(self, plural: str, values: Mapping[str, Any], **changed: Any) -> Values:
        """An entity with other values, as it is answered."""
        told = self.ask("PUT", f"{plural}/{values['Id']}", {**values, **changed})
        assert told.status == 200, told.said
        shown: Values = told.said
        return shown
