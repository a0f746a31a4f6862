"""Data URLs, by which a JSON request carries bodies and files (RFC 2397; docs/osticket.md, rows 4
and 5).
"""

import codecs
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
    that `100 % sure` stays what it is. Errors: BadData.
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
    is forgiven, nothing else. Errors: BadData.
    """
    compact = b"".join(encoded.split())
    padding = b"" if b"=" in compact else b"=" * (-len(compact) % 4)
    try:
        return b64decode(compact + padding, validate=True)
    except ValueError as bad:
        raise BadData("not base64") from bad


# Names that mail programs use and Python does not know, or knows as something else
# (docs/osticket.md 1.4).
_ALIASES = (
    (re.compile(r"windows-?(\d+)"), r"cp\1"),
    (re.compile(r"ks_c_5601-1987"), "cp949"),
    (re.compile(r"gb2312.*"), "gbk"),
    (re.compile(r"iso-?(\d.*)"), r"iso-\1"),
    (re.compile(r"default|x-user-defined|iso|us-ascii"), "iso-8859-1"),
)
# Python calls these encodings, too, but no text is sent in them.
_NO_CHARSETS = frozenset({"idna", "mbcs", "oem", "punycode", "undefined"})


def codec(charset: str) -> str | None:
    """Python's name of a charset as mail and browsers call it; None for what is none."""
    for alias, name in _ALIASES:
        if found := alias.fullmatch(charset):
            charset = found.expand(name)
            break
    try:
        known = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return None
    return None if known in _NO_CHARSETS or "escape" in known else known


def to_text(data: bytes, charset: str) -> str:
    """Bytes as text, UTF-8 where the charset is unknown; what cannot be decoded is dropped."""
    try:
        text = data.decode(codec(charset) or "utf-8", "ignore")
    except (LookupError, ValueError):
        # Codecs from bytes to bytes, such as zlib, are found by name but decode no text.
        text = data.decode("utf-8", "ignore")
    # UTF-7 and its like can spell halves of surrogate pairs, which no UTF-8 can hold.
    return text.encode("utf-8", "ignore").decode()
