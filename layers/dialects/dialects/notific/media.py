"""Which format a body has, and which one an answer takes (docs/notific.md 2 and 3)."""

from dialects import charsets
from dialects.endpoint import Request
from dialects.negotiation import ranks

JSON, XML = "application/json", "application/xml"

TYPES = (JSON, XML, "text/json", "text/xml")
"""The media types that are spoken; of those that a request ranks alike the first is taken."""

OCTETS = "application/octet-stream"
"""What a body without a type is taken for."""

_LONGEST = 100
"""Characters of a media type that are told in a refusal."""


def is_xml(media_type: str) -> bool:
    """Whether a media type of TYPES is XML."""
    return media_type.endswith("/xml")


def sent(request: Request) -> tuple[str, str]:
    """The media type of a request's body, and the charset that it names; empty for none."""
    media_type, *parameters = request.headers.get("content-type", "").split(";")
    named = (part.partition("=") for part in parameters)
    found = (value.strip(" \"'") for name, _, value in named if name.strip().lower() == "charset")
    return media_type.strip().lower()[:_LONGEST], next(found, "").lower()


def accepted(request: Request) -> str:
    """The media type of the answer: the one that `Accept` ranks highest, JSON where it names none
    of these. Without `Accept` the answer is of the type of the request's body.
    """
    wanted = request.headers.get("accept", "").strip()
    if not wanted:
        given, _ = sent(request)
        return given if given in TYPES and request.body else JSON
    rank = ranks(wanted)
    best = max(TYPES, key=rank)
    return best if rank(best) > 0 else JSON


def content_type(media_type: str) -> str:
    """The Content-Type of an answer."""
    return f"{media_type}; charset=utf-8"


def as_utf8(body: bytes, charset: str) -> bytes:
    """A body in UTF-8, whatever UTF it came in: a mark at its beginning says so, or the charset."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _again(body[len(mark) :], codec, body)
    named = charsets.codec(charset) if charset else None
    return _again(body, named, body) if named and named.startswith("utf-16") else body


def _again(body: bytes, codec: str, otherwise: bytes) -> bytes:
    if codec == "utf-16":
        codec = "utf-16-le"  # .NET's, where no mark says otherwise
    try:
        return body.decode(codec).encode()
    except ValueError:
        return otherwise  # the reader refuses it


_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
