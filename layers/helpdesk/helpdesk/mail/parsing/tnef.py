"""Unpacks winmail.dat, Outlook's container of body and files ([MS-OXTNEF]).

A file that is damaged anywhere is not unpacked: lengths, checksums and layout are all checked,
since a partial result is worse than the original file.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.mail_syntax import charsets

SIGNATURE = b"\x78\x9f\x3e\x22"

LARGEST_RTF = 4 << 20
"""Most bytes of a decompressed body; a larger one counts as damaged."""

_MOST_VALUES = 10_000
_SEVERAL = 0x1000
_FIRST_NAMED = 0x8000

# Attributes ([MS-OXTNEF] 2.1.3.2): the lower half of the id.
_CLASS, _BODY, _PROPERTIES, _CODE_PAGE = 0x8008, 0x800C, 0x9003, 0x9007
_ATTACHMENT_BEGINS, _TITLE, _DATA, _ATTACHMENT = 0x9002, 0x8010, 0x800F, 0x9005
# Properties ([MS-OXPROPS]).
_PR_BODY, _PR_RTF, _PR_HTML, _PR_CODE_PAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_PR_OBJECT, _PR_FILENAME, _PR_LONG_FILENAME = 0x3701, 0x3704, 0x3707
_PR_TYPE, _PR_CONTENT_ID, _PR_DISPLAY_NAME = 0x370E, 0x3712, 0x3001

_NOTES = ("IPM.NOTE", "IPM.MICROSOFT MAIL.NOTE", "REPORT.IPM")


class Damaged(Exception):
    """The file is not valid; it is kept as received."""


@dataclass(slots=True)
class Enclosed:
    """A contained file; `data` is its exact bytes."""

    name: str = ""
    type: str = ""
    content_id: str = ""
    data: bytes = b""


@dataclass(slots=True)
class Unpacked:
    """The content. `is_note` is false for meetings, tasks and the like, which contain more."""

    text: str = ""
    html: str = ""
    rtf: bytes = b""
    files: list[Enclosed] = field(default_factory=list)
    is_note: bool = True


def unpack(data: bytes) -> Unpacked:
    """Body and files of a winmail.dat. Error: Damaged."""
    try:
        return _Reader().read(memoryview(data))
    except (struct.error, IndexError) as error:
        raise Damaged(str(error)) from error


class _Reader:
    def __init__(self) -> None:
        self._found = Unpacked()
        self._charset = "windows-1252"

    def read(self, data: memoryview) -> Unpacked:
        if bytes(data[:4]) != SIGNATURE:
            raise Damaged("signature")
        for level, name, value in _attributes(data[6:]):
            if level == 1:
                self._message(name, value)
            elif level == 2:
                self._attachment(name, value)
            else:
                raise Damaged("level")
        return self._found

    def _message(self, name: int, value: memoryview) -> None:
        if name == _CODE_PAGE:
            self._charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif name == _CLASS:
            kind = self._text(bytes(value)).upper()
            self._found.is_note = kind.startswith(_NOTES)
        elif name == _BODY:
            self._found.text = self._found.text or self._text(bytes(value))
        elif name == _PROPERTIES:
            properties = dict(self._properties(value))
            page = properties.get(_PR_CODE_PAGE)
            charset = f"cp{struct.unpack('<I', page)[0]}" if isinstance(page, bytes) else ""
            self._found.text = _said(properties, _PR_BODY) or self._found.text
            html = properties.get(_PR_HTML, b"")
            self._found.html = (
                html if isinstance(html, str) else _decode(html, charset or self._charset)
            )
            packed = properties.get(_PR_RTF, b"")
            self._found.rtf = _unfold(packed) if isinstance(packed, bytes) and packed else b""

    def _attachment(self, name: int, value: memoryview) -> None:
        if name == _ATTACHMENT_BEGINS:
            self._found.files.append(Enclosed())
            return
        if not self._found.files:
            raise Damaged("order")
        file = self._found.files[-1]
        if name == _TITLE:
            file.name = file.name or self._text(bytes(value))
        elif name == _DATA:
            file.data = bytes(value)
        elif name == _ATTACHMENT:
            properties = dict(self._properties(value))
            file.name = (
                _said(properties, _PR_LONG_FILENAME)
                or file.name
                or _said(properties, _PR_FILENAME)
                or _said(properties, _PR_DISPLAY_NAME)
            )
            file.type = _said(properties, _PR_TYPE) or file.type
            file.content_id = _said(properties, _PR_CONTENT_ID).strip("<>") or file.content_id
            held = properties.get(_PR_OBJECT, b"")
            if isinstance(held, bytes) and held and not file.data:
                file.data = held

    def _text(self, value: bytes) -> str:
        return _decode(value, self._charset)

    def _properties(self, data: memoryview) -> Iterator[tuple[int, str | bytes]]:
        """Id and value of each property of one value ([MS-OXTNEF] 2.1.3.4)."""
        at = 4
        for _ in range(_count(data, 0)):
            kind, name = struct.unpack_from("<HH", data, at)
            at = _skip_name(data, at + 4) if name >= _FIRST_NAMED else at + 4
            values, at = _values(data, at, kind)
            if len(values) == 1:
                yield name, self._value(kind, values[0])

    def _value(self, kind: int, value: bytes) -> str | bytes:
        if kind == _UNICODE:
            return value.decode("utf-16-le", "replace").rstrip("\0")
        if kind == _OBJECT:
            # The value, such as a message, follows the id of its interface.
            return value[16:]
        return self._text(value) if kind == _STRING else value


_OBJECT, _STRING, _UNICODE, _BINARY = 0x0D, 0x1E, 0x1F, 0x102
_VARIABLE = frozenset({_OBJECT, _STRING, _UNICODE, _BINARY})
_SIZES = {
    **dict.fromkeys((0x00, 0x01, 0x02, 0x03, 0x04, 0x0A, 0x0B), 4),
    **dict.fromkeys((0x05, 0x06, 0x07, 0x14, 0x40), 8),
    0x48: 16,
}


def _attributes(data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    at = 0
    for _ in range(_MOST_VALUES):
        if at >= len(data):
            return
        if data[at] in b"\0\r\n" and not bytes(data[at:]).strip(b"\0\r\n"):
            # Padding added in transit.
            return
        level, name, _, length = struct.unpack_from("<BHHI", data, at)
        value = data[at + 9 : at + 9 + length]
        (checksum,) = struct.unpack_from("<H", data, at + 9 + length)
        if sum(value) & 0xFFFF != checksum:
            raise Damaged("checksum")
        yield level, name, value
        at += 11 + length
    raise Damaged("count")


def _count(data: memoryview, at: int) -> int:
    (count,) = struct.unpack_from("<I", data, at)
    if count > _MOST_VALUES:
        raise Damaged("count")
    return int(count)


def _values(data: memoryview, at: int, kind: int) -> tuple[list[bytes], int]:
    """The values of one property, each padded to four bytes, and the position of the next
    property.
    """
    size = _SIZES.get(kind & ~_SEVERAL)
    if size is None and kind & ~_SEVERAL not in _VARIABLE:
        raise Damaged("type")
    count = 1
    if size is None or kind & _SEVERAL:
        count, at = _count(data, at), at + 4
    values = []
    for _ in range(count):
        length = size
        if length is None:
            (length,) = struct.unpack_from("<I", data, at)
            at += 4
        if length > len(data) - at:
            raise Damaged("length")
        values.append(bytes(data[at : at + length]))
        at += length + -length % 4
    return values, at


def _skip_name(data: memoryview, at: int) -> int:
    (kind,) = struct.unpack_from("<I", data, at + 16)
    (length,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 if kind == 0 else at + 24 + length + -length % 4


def _said(properties: dict[int, str | bytes], name: int) -> str:
    value = properties.get(name, "")
    return value if isinstance(value, str) else ""


def _decode(value: bytes, charset: str) -> str:
    charset = "utf-8" if charset == "cp65001" else charset
    return charsets.decode(value.rstrip(b"\0"), charset)


# --- compressed RTF ([MS-OXRTFCP]) ----------------------------------------------------------

_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def _unfold(packed: bytes) -> bytes:
    _, size, magic, _ = struct.unpack_from("<II4sI", packed)
    if size > LARGEST_RTF:
        raise Damaged("size")
    if magic == b"MELA":
        return packed[16 : 16 + size]
    if magic != b"LZFu":
        raise Damaged("compression")
    window = bytearray(_DICTIONARY.ljust(4096))
    out, write, at = bytearray(), len(_DICTIONARY), 16
    while len(out) < size:
        control = packed[at]
        at += 1
        for bit in range(8):
            if control >> bit & 1:
                (reference,) = struct.unpack_from(">H", packed, at)
                at += 2
                if reference >> 4 == write:
                    return bytes(out[:size])
                sources = range(reference >> 4, (reference >> 4) + (reference & 15) + 2)
            elif len(out) < size:
                window[write] = packed[at]
                at += 1
                sources = range(write, write + 1)
            else:
                break
            for source in sources:
                window[write] = window[source & 4095]
                out.append(window[write])
                write = (write + 1) & 4095
    return bytes(out[:size])
