"""XML in the format of .NET's DataContractSerializer, ignoring its namespace (docs/notific.md 2 and
3).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dialects import xml_reading
from dialects.notific import dates
from dialects.notific.shapes import Properties, Shape, Value
from dialects.xml_reading import Element

INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"


class NotAnEntity(ValueError):
    """The document is not XML, or not an entity of the shape."""


# --- reading --------------------------------------------------------------------------------


def read(body: bytes, shape: Shape) -> list[tuple[str, object]]:
    """The elements of an entity as pairs of name (without namespace) and value: text, a list of
    texts, or None for null.

    Raises:
        NotAnEntity: The document is not an entity of this shape.
    """
    try:
        root = xml_reading.read(body).root
    except xml_reading.NotXml as bad:
        raise NotAnEntity from bad
    if root.name.lower() != shape.name.lower() or _is_null(root):
        raise NotAnEntity
    return [(child.name, _value(child)) for child in root.children]


def _value(element: Element) -> object:
    if _is_null(element):
        return None
    if element.children or not _text(element).strip():
        listed = [None if _is_null(one) else _text(one) for one in element.children]
        return _Listed(listed, _text(element))
    return _text(element)


def _is_null(element: Element) -> bool:
    return element.attributes.get("nil", "").strip() in {"true", "1"}


def _text(element: Element) -> str:
    return "".join(piece for piece in element.pieces if isinstance(piece, str))


class _Listed(list[str | None]):
    """The child elements of an element; one without any is both an empty list and a text."""

    def __init__(self, elements: Iterable[str | None], text: str) -> None:
        super().__init__(elements)
        self.text = text


def as_kind(value: object, *, many: bool) -> object:
    """A value returned by `read`, as a list if the property has `many` values, else as text."""
    if not isinstance(value, _Listed) or many:
        return value
    return list(value) if len(value) else value.text


# --- writing --------------------------------------------------------------------------------


def entity(shape: Shape, values: Properties) -> str:
    """An entity as an XML document."""
    return f'<{shape.name} xmlns:i="{INSTANCE}">{_members(shape, values, 2)}</{shape.name}>'


def entities(shape: Shape, rows: Sequence[Properties]) -> str:
    """A list of entities as an XML document."""
    name = f"ArrayOf{shape.name}"
    if not rows:
        return f'<{name} xmlns:i="{INSTANCE}" />'
    members = (f"<{shape.name}>{_members(shape, row, 3)}</{shape.name}>" for row in rows)
    return f'<{name} xmlns:i="{INSTANCE}">{"".join(members)}</{name}>'


def _members(shape: Shape, values: Properties, depth: int) -> str:
    names = sorted(one.name for one in shape.shown)
    return "".join(_member(name, values.get(name), depth) for name in names)


def _member(name: str, value: Value, depth: int) -> str:
    if value is None:
        return f'<{name} i:nil="true" />'
    if isinstance(value, list):
        prefix = f"d{depth}p1"
        start = f'<{name} xmlns:{prefix}="{ARRAYS}"'
        ids = "".join(f"<{prefix}:int>{one}</{prefix}:int>" for one in value)
        return f"{start}>{ids}</{name}>" if ids else f"{start} />"
    if isinstance(value, datetime):
        value = dates.write(value)
    return f"<{name}>{escaped(str(value))}</{name}>"


def error(message: str, state: Mapping[str, Sequence[str]]) -> str:
    """An error as an XML document."""
    wrong = "".join(
        f"<{_encoded(name)}>{escaped(' '.join(texts))}</{_encoded(name)}>"
        for name, texts in state.items()
    )
    wrong = f"<ModelState>{wrong}</ModelState>" if wrong else ""
    return f"<Error><Message>{escaped(message)}</Message>{wrong}</Error>"


_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}


def escaped(text: str) -> str:
    """A text escaped for an element; characters not allowed in XML become U+FFFD."""
    return re.sub(r"[&<>\r]", lambda found: _ENTITIES[found[0]], _IMPOSSIBLE.sub("\ufffd", text))


def _encoded(name: str) -> str:
    """A name encoded as an element name (XmlConvert.EncodeLocalName)."""
    return re.sub(r"[^A-Za-z0-9_.-]", lambda found: f"_x{ord(found[0]):04X}_", name)
