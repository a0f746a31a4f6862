"""XML bodies to elements: any encoding that Python knows, no document types, no entities, bounded
depth and size.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers.expat import ErrorString, ExpatError, ParserCreate

from dialects import charsets
from dialects.json_reading import DEEPEST

MOST_ELEMENTS = 10_000
"""Elements that are read; a ticket with sixty files has some two hundred."""

_BLANKS = " \t\r\n"


class NotXml(ValueError):
    """The bytes are not acceptable XML; the message is expat's."""


@dataclass(slots=True)
class Element:
    """An element; names are without their prefix, declared or not."""

    name: str
    attributes: Mapping[str, str]
    children: list["Element"] = field(default_factory=list)
    pieces: list["str | Element"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, without that of its child elements, trimmed only at both ends."""
        return "".join(piece for piece in self.pieces if isinstance(piece, str)).strip(_BLANKS)

    @property
    def whole_text(self) -> str:
        """All text in it, that of the elements in it too, trimmed at both ends."""
        found: list[str] = []
        left: list[str | Element] = [self]
        while left:
            piece = left.pop()
            if isinstance(piece, str):
                found.append(piece)
            else:
                left += reversed(piece.pieces)
        return "".join(found).strip(_BLANKS)


@dataclass(frozen=True, slots=True)
class Document:
    """A document's root and the encoding that its bytes were in."""

    root: Element
    codec: str

    def below(self, name: str) -> list[Element]:
        """The elements of this name right below the root."""
        return [child for child in self.root.children if child.name == name]


class _Builder:
    """The handler of the parser's events; stops it if a limit is exceeded."""

    def __init__(self) -> None:
        self.root = Element("", {})
        self._open = [self.root]
        self._count = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if len(self._open) > DEEPEST:
            raise NotXml("Maximum stack depth exceeded")
        if self._count > MOST_ELEMENTS:
            raise NotXml("Too many elements")
        plain = {
            _local(key): value
            for key, value in attributes.items()
            if key.partition(":")[0] != "xmlns"
        }
        element = Element(_local(name), plain)
        self._open[-1].children.append(element)
        self._open[-1].pieces.append(element)
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def data(self, piece: str) -> None:
        self._open[-1].pieces.append(piece)


def _local(name: str) -> str:
    return name.rpartition(":")[2] or name


def _refuse_document_type(*_declared: object) -> None:
    raise NotXml("Document types and entities are not allowed")


def read(raw: bytes) -> Document:
    """Reads an XML document, in whatever encoding it is.

    Raises:
        NotXml: The bytes are no XML or more than a request can be, or they declare a document type.
    """
    if not raw.strip():
        raise NotXml("No error at line 1:1")
    written, codec = _decoded(raw)
    builder = _Builder()
    # Without namespaces: with them, a prefix that is not declared is an error.
    parser = ParserCreate()
    parser.buffer_text = True
    # No entity can be declared, or read from elsewhere, without a document type.
    parser.StartDoctypeDeclHandler = _refuse_document_type
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(written, True)
    except ExpatError as bad:
        words = (ErrorString(bad.code) or "not well-formed").capitalize()
        raise NotXml(f"{words} at line {bad.lineno}:{bad.offset + 1}") from bad
    (root,) = builder.root.children
    return Document(root, codec)


_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_FIRST_BYTES = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_DECLARED = re.compile(
    rb"<\?xml\s[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._:-]*)[\"']"
)


def _decoded(raw: bytes) -> tuple[str, str]:
    """A document as text, and Python's name of the encoding it was in.

    Decoded here, because the parser only knows four encodings and single-byte ones.
    """
    codec, length = _codec(raw)
    try:
        written = raw[length:].decode(codec)
        # Some encodings can spell halves of surrogate pairs, which are no text.
        written.encode()
    except LookupError as unknown:
        raise NotXml("Unknown encoding at line 1:1") from unknown
    except ValueError as bad:
        raise NotXml("Not well-formed (invalid token) at line 1:1") from bad
    return written, codec


def _codec(raw: bytes) -> tuple[str, int]:
    for mark, codec in _MARKS:
        if raw.startswith(mark):
            return codec, len(mark)
    for first, codec in _FIRST_BYTES:
        if raw.startswith(first):
            return codec, 0
    declared = _DECLARED.match(raw)
    if not declared:
        return "utf-8", 0
    found = charsets.codec(declared[1].decode().lower())
    if found is None:
        raise NotXml("Unknown encoding at line 1:1")
    # A declaration in ASCII that names UTF-16 is from a text that was converted to UTF-8 later.
    return (
        ("utf-8", 0) if found.startswith(("utf-16", "utf_16", "utf-32", "utf_32")) else (found, 0)
    )
