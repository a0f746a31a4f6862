"""The formats of bodies and responses (docs/notific.md 2 and 3)."""

from dialects import charsets
from dialects.endpoint import Request
from dialects.negotiation import ranks

JSON, XML = "application/json", "application/xml"

TYPES = (JSON, XML, "text/json", "text/xml")
"""The supported media types; if a request ranks several equally, the first is used."""

OCTETS = "application/octet-stream"
"""The assumed type of a body without a type."""

_LONGEST = 100
"""Most characters of a media type that are repeated in an error text."""


def is_xml(media_type: str) -> bool:
    """Whether a media type of TYPES is XML."""
    return media_type.endswith("/xml")


def sent(request: Request) -> tuple[str, str]:
    """The media type of a request's body, and its charset; empty for none."""
    media_type, *parameters = request.headers.get("content-type", "").split(";")
    named = (part.partition("=") for part in parameters)
    found = (value.strip(" \"'") for name, _, value in named if name.strip().lower() == "charset")
    return media_type.strip().lower()[:_LONGEST], next(found, "").lower()


def accepted(request: Request) -> str:
    """The media type of the response: the supported one that `Accept` ranks highest, JSON if it
    has none of them. Without `Accept`, it is the type of the request's body.
    """
    wanted = request.headers.get("accept", "").strip()
    if not wanted:
        given, _ = sent(request)
        return given if given in TYPES and request.body else JSON
    rank = ranks(wanted)
    best = max(TYPES, key=rank)
    return best if rank(best) > 0 else JSON


def content_type(media_type: str) -> str:
    """The Content-Type of a response."""
    return f"{media_type}; charset=utf-8"


def as_utf8(body: bytes, charset: str) -> bytes:
    """A body in UTF-8, converted from any UTF, by its byte order mark or else the charset."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _again(body[len(mark) :], codec, body)
    named = charsets.codec(charset) if charset else None
    return _again(body, named, body) if named and named.startswith("utf-16") else body


def _again(body: bytes, codec: str, otherwise: bytes) -> bytes:
    if codec == "utf-16":
        codec = "utf-16-le"  # .NET's default without a byte order mark
    try:
        return body.decode(codec).encode()
    except ValueError:
        return otherwise  # the reader refuses it


_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
