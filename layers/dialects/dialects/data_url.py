"""Decodes files in requests: data URLs and base64 (RFC 2397; docs/osticket.md, rows 2, 4, 5 and
G).
"""

import re
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from dialects.charsets import codec, to_text

_MEDIA_TYPE = r"[\w.+*-]+/[\w.+*-]+"
_PARAMETERS = r"(?P<parameters>(?:;[^;,]*)*),"
_HEAD = re.compile(rf"data:\s*(?P<type>{_MEDIA_TYPE})?\s*{_PARAMETERS}", re.ASCII)
# Common mistakes of programs: `DATA:`, an invalid type, and a missing `data:`.
_LOOSE_HEAD = re.compile(
    rf"\s*(?P<scheme>data:)?\s*(?P<type>[^\s;,]*)\s*{_PARAMETERS}", re.ASCII | re.IGNORECASE
)
_NO_DATA = re.compile(r"\s*data:[\w.+*/;=-]*\s*", re.ASCII | re.IGNORECASE)
_LONE_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")
_URI = re.compile(r"[!#-;=?-~]*")
_LONGEST_HEAD = 1_000


class BadData(ValueError):
    """The data is declared as base64 and is not."""


class NoDataUrl(ValueError):
    """A file's contents begin like a data URL but are not a valid one."""


@dataclass(frozen=True, slots=True)
class DataUrl:
    """The parts of a data URL; type and charset are in lower case, empty if not given."""

    type: str
    charset: str
    data: bytes

    def text(self) -> str:
        """The data as text, UTF-8 if no charset is known; undecodable bytes are dropped."""
        return to_text(self.data, self.charset)


def parse(value: str) -> DataUrl | None:
    """The text parsed as a data URL, or None if it is plain text.

    Parameters may be in any order. Percent escapes are decoded only if the data is a valid URI:
    without a blank, `<`, `>`, `"`, a line break or a letter beyond ASCII, and every `%` starts an
    escape. So HTML keeps the escapes in its links, and `100 % sure` is unchanged.

    Raises:
        BadData: The data is declared as base64 and is not.
    """
    head = _HEAD.match(value) if value.startswith("data:") else None
    return _parts(head, value) if head else None


def file_contents(content: str, kind: str = "", encoding: str = "") -> tuple[bytes, str]:
    """The bytes of a file sent as text, and its declared media type.

    The text is a data URL, possibly malformed but unambiguous; or base64, if `encoding` says so; or
    else the contents themselves. Text in a known charset is converted to UTF-8; all other bytes
    stay as they are.

    Args:
        content: The text.
        kind: The media type given elsewhere in the request; it takes precedence over the data
            URL's.
        encoding: `base64`, in any case, or anything else.

    Raises:
        BadData: The contents are declared as base64 and are not.
        NoDataUrl: The text begins like a data URL but is not a valid one.
    """
    if url := _loose(content):
        return _in_utf8(url), kind or url.type
    data = content.encode()
    return (decode(data) if encoding.strip().lower() == "base64" else data), kind


def _loose(content: str) -> DataUrl | None:
    head = _LOOSE_HEAD.match(content[:_LONGEST_HEAD])
    if not head:
        if _NO_DATA.fullmatch(content[:_LONGEST_HEAD]):
            raise NoDataUrl
        return None
    typed = re.fullmatch(_MEDIA_TYPE, head["type"], re.ASCII)
    encoded = _says_base64(head["parameters"])
    if head["scheme"]:
        if head["type"] and not typed and not encoded:
            raise NoDataUrl
    elif not (typed and encoded):
        # A text with a comma in it.
        return None
    url = _parts(head, content)
    return url if typed else DataUrl("", url.charset, url.data)


def _says_base64(parameters: str) -> bool:
    names = (parameter.partition("=")[0] for parameter in parameters.split(";"))
    return any(name.strip().lower() == "base64" for name in names)


def _parts(head: re.Match[str], value: str) -> DataUrl:
    charset = ""
    for parameter in head["parameters"].split(";"):
        name, _, given = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = given.strip().strip("\"'").lower()
    written = value[head.end() :]
    if _URI.fullmatch(written):
        data = written.encode() if _LONE_PERCENT.search(written) else unquote_to_bytes(written)
    else:
        # Text as it is: there are no bytes in another charset in it.
        data, charset = written.encode(), charset if _says_base64(head["parameters"]) else ""
    if _says_base64(head["parameters"]):
        data = decode(data)
    return DataUrl((head["type"] or "").lower(), charset, data)


def _in_utf8(url: DataUrl) -> bytes:
    known = codec(url.charset) if url.charset else None
    if known is None or not (not url.type or url.type.startswith("text/")):
        return url.data
    try:
        return url.data.decode(known).encode()
    except (LookupError, ValueError):
        return url.data


def decode(encoded: bytes) -> bytes:
    """Base64 taken strictly (docs/osticket.md, row 2): white space is skipped and missing padding
    is forgiven, nothing else.

    Raises:
        BadData: The data is not base64.
    """
    compact = b"".join(encoded.split())
    padding = b"" if b"=" in compact else b"=" * (-len(compact) % 4)
    try:
        return b64decode(compact + padding, validate=True)
    except ValueError as bad:
        raise BadData("not base64") from bad
