"""Data URLs, in which JSON requests carry bodies and files (RFC 2397; docs/osticket.md, rows 4 and
5).
"""

import re
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_HEAD = re.compile(
    r"data:\s*(?P<type>[\w.+*-]+/[\w.+*-]+)?\s*(?P<parameters>(?:;[^;,]*)*),", re.ASCII
)
_LONE_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")


class BadData(ValueError):
    """The data is declared as base64 and is not."""


@dataclass(frozen=True, slots=True)
class DataUrl:
    """The parts of a data URL; type and charset are in lower case, empty where not given."""

    type: str
    charset: str
    data: bytes


def parse(value: str) -> DataUrl | None:
    """The data URL that a text is, or None where it is just a text.

    Parameters come in any order. Percent escapes are decoded only where every `%` starts one, so
    that `100 % sure` stays what it is.

    Raises:
        BadData: The data is declared as base64 and is not.
    """
    head = _HEAD.match(value) if value.startswith("data:") else None
    if not head:
        return None
    encoded, charset = False, ""
    for parameter in head["parameters"].split(";"):
        name, _, given = parameter.partition("=")
        if name.strip().lower() == "base64":
            encoded = True
        elif name.strip().lower() == "charset":
            charset = given.strip().strip("\"'").lower()
    data = _unquoted(value[head.end() :])
    return DataUrl((head["type"] or "").lower(), charset, decode(data) if encoded else data)


def _unquoted(text: str) -> bytes:
    if "%" not in text or _LONE_PERCENT.search(text):
        return text.encode()
    return unquote_to_bytes(text)


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
