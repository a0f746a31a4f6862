"""XML bodies of requests (docs/osticket.md 1.5, rows 3, A, C and M).

A document becomes the values that a JSON body would have given: attributes and elements below the
root are the same thing. Not kept from the original: blanks lost around `&amp;`, truncated documents
taken for whole ones, and the extension of a phone number that is dropped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NoReturn
from xml.parsers.expat import ErrorString

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from dialects.endpoint import Request
from dialects.osticket import data_url, read
from dialects.osticket.read import Values
from dialects.osticket.refuse import Unreadable
from helpdesk import text
from helpdesk.errors import Invalid, Problem
from helpdesk.model.entries import Body, Format
from helpdesk.model.files import NewFile
from helpdesk.model.tickets import NewTicket

MOST_ELEMENTS = 10_000
"""Elements that are read; a ticket with sixty files has some two hundred."""

_BLANKS = " \t\r\n"


def new_ticket(request: Request) -> NewTicket:
    """The ticket that an XML request asks for.

    Errors: Unreadable with `XML error: ...` for what is no XML, or more than a ticket can be; then
    as for JSON.
    """
    document = _read(request.body)
    message, files = partial(_message, document), partial(_files, document)
    return read.ticket_of(_values(document), request, message, files)


def fields(body: bytes) -> Values:
    """The values below the root of any other document, whatever that is called; attachments as JSON
    would describe them. Errors: Unreadable.
    """
    document = _read(body)
    values = _merged(document.root)
    if "attachments" in values:
        values["attachments"] = [
            {"data": file.text, **_merged(file)} for file in _attached(document)
        ]
    return values


# --- from bytes to elements -----------------------------------------------------------------


@dataclass(slots=True)
class _Element:
    """An element; names are without their namespace."""

    name: str
    attributes: Mapping[str, str]
    children: list["_Element"] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text in it, trimmed at both ends and nowhere else."""
        return "".join(self.pieces).strip(_BLANKS)


@dataclass(frozen=True, slots=True)
class _Document:
    """A document's root and the encoding that its bytes were in."""

    root: _Element
    codec: str

    def below(self, name: str) -> list[_Element]:
        """The elements of this name right below the root."""
        return [child for child in self.root.children if child.name == name]


class _Builder:
    """What the parser tells of what it finds; stops it where there is too much."""

    def __init__(self) -> None:
        self.root = _Element("", {})
        self._open = [self.root]
        self._count = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if len(self._open) > read.DEEPEST:
            _refuse("Maximum stack depth exceeded")
        if self._count > MOST_ELEMENTS:
            _refuse("Too many elements")
        plain = {_local(key): value for key, value in attributes.items()}
        element = _Element(_local(name), plain)
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def data(self, piece: str) -> None:
        self._open[-1].pieces.append(piece)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _refuse(words: str) -> NoReturn:
    raise Unreadable(f"XML error: {words}")


def _read(raw: bytes) -> _Document:
    if not raw.strip():
        _refuse("No error at line 1:1")
    written, codec = _decoded(raw)
    builder = _Builder()
    parser = XMLParser(target=builder, forbid_dtd=True)
    try:
        parser.feed(written)
        parser.close()
    except ParseError as bad:
        line, column = bad.position
        words = (ErrorString(bad.code) or "not well-formed").capitalize()
        raise Unreadable(f"XML error: {words} at line {line}:{column + 1}") from bad
    except DefusedXmlException as unsafe:
        raise Unreadable("XML error: Document types and entities are not allowed") from unsafe
    (root,) = builder.root.children
    return _Document(root, codec)


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

    Done here, because the parser itself knows but four encodings and any of one byte a letter.
    """
    codec, length = _codec(raw)
    try:
        written = raw[length:].decode(codec)
        # Some encodings can spell halves of surrogate pairs, which are no text.
        written.encode()
    except LookupError:
        _refuse("Unknown encoding at line 1:1")
    except ValueError as bad:
        raise Unreadable("XML error: Not well-formed (invalid token) at line 1:1") from bad
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
    found = data_url.codec(declared[1].decode().lower())
    if found is None:
        _refuse("Unknown encoding at line 1:1")
    # A declaration that can be read byte by byte and names UTF-16 was written by somebody who
    # turned text into UTF-8 later.
    return (
        ("utf-8", 0) if found.startswith(("utf-16", "utf_16", "utf-32", "utf_32")) else (found, 0)
    )


# --- from elements to values ----------------------------------------------------------------


def _values(document: _Document) -> Values:
    """The values below the root; another root than `ticket` is one key that nobody knows."""
    root = document.root
    if root.name != "ticket":
        return {root.name: ""}
    values = _merged(root)
    for key in ("alert", "autorespond"):
        if str(values.get(key)).lower() == "false":
            values[key] = False
    for phone in document.below("phone"):
        if extension := phone.attributes.get("ext", "").strip():
            values["phone"] = f"{phone.text}X{extension}"
    return values


def _merged(element: _Element) -> Values:
    """Attributes and children by name; a name given twice is a list."""
    values: Values = {}
    for child in element.children:
        value = child.text if not child.children else {one.name: one.text for one in child.children}
        if child.name in element.attributes:
            _refuse("An attribute and an element have the same name")
        if child.name not in values:
            values[child.name] = value
        elif isinstance(before := values[child.name], list):
            before.append(value)
        else:
            values[child.name] = [before, value]
    return {**element.attributes, **values}


def _message(document: _Document, values: Values, chosen: Format | None) -> Body:
    """The message by its own `type` and `encoding`; an empty one is stored as `-`."""
    if values.get("message") is None:
        return Body("", chosen or "text")
    sent, said = read.text_of(values, "message"), dict[str, str]()
    for message in document.below("message"):
        said |= message.attributes
    kind = said.get("type", "").partition(";")[0].strip().lower()
    declared: Format = "html" if kind == "text/html" else "text"
    written = _transcoded(sent, said.get("encoding", "").strip().lower(), document.codec)
    return Body(written or "-", chosen or declared)


def _transcoded(sent: str, encoding: str, codec: str) -> str:
    """A message whose bytes are in an encoding of their own, or base64.

    In a Unicode document there is nothing left to find out, and in others nothing is lost where the
    bytes turn out not to be in that encoding.
    """
    if encoding == "base64":
        try:
            return data_url.to_text(data_url.decode(sent.encode()), "utf-8")
        except data_url.BadData as bad:
            raise Invalid(Problem("message", "base64")) from bad
    own = data_url.codec(encoding) if encoding and not codec.startswith("utf") else None
    if own is None:
        return sent
    try:
        return sent.encode(codec).decode(own)
    except (LookupError, ValueError):
        return sent


def _files(document: _Document, _sent: object) -> tuple[NewFile, ...]:
    found = _attached(document)
    read.check_count(found)
    return tuple(_file(file, position) for position, file in enumerate(found, 1))


def _attached(document: _Document) -> list[_Element]:
    return [
        file
        for attachments in document.below("attachments")
        for file in attachments.children
        if file.name == "file"
    ]


def _file(element: _Element, position: int) -> NewFile:
    said = _merged(element)
    content = read.text_of(said, "data") if "data" in said else element.text
    if not content or not said.get("name"):
        raise Invalid(Problem("attachments", "file", detail=str(position)))
    name = text.safe_name(read.text_of(said, "name"))
    if file := read.uploaded(name, content):
        return file
    data = content.encode()
    if read.text_of(said, "encoding").strip().lower() == "base64":
        try:
            data = data_url.decode(data)
        except data_url.BadData as bad:
            raise Invalid(Problem("attachments", "base64", label=name)) from bad
    return read.new_file(name, read.text_of(said, "type"), data)
