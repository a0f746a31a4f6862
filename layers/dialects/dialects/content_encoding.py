"""Compressed request bodies (RFC 9110, section 8.4)."""

import zlib
from collections.abc import Mapping

from helpdesk.errors import DeskError

LARGEST_BODY = 10 * 1024 * 1024
"""Most bytes of a decompressed body: API Gateway's limit for an uncompressed one."""

_GZIP_MAGIC = b"\x1f\x8b\x08"
_GZIP = 16 + zlib.MAX_WBITS


class BadEncoding(DeskError):
    """A body cannot be decompressed; `words` say why, `status` is that of HTTP."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.words = words
        self.status = status


def decoded(headers: Mapping[str, str], body: bytes) -> bytes:
    """The body decoded by its `Content-Encoding`; only gzip is supported.

    Args:
        headers: The request's headers, names in lower case.
        body: The body as received.

    API Gateway decompresses a body and refuses what it cannot decompress (developer guide, "Payload
    compression for REST APIs"). The guide does not say whether the header is passed on, so a body
    that is not gzip any more is used as it is.

    Raises:
        BadEncoding: 415 for another encoding, 413 for more than LARGEST_BODY bytes, 400 for a gzip
            that is damaged or is not declared.
    """
    said = headers.get("content-encoding", "").strip().lower()
    if said in {"", "identity"}:
        if body.startswith(_GZIP_MAGIC):
            raise BadEncoding("The body is compressed. Say so: Content-Encoding: gzip")
        return body
    if said not in {"gzip", "x-gzip"}:
        raise BadEncoding("Content-Encoding must be gzip or absent", 415)
    if not body.startswith(_GZIP_MAGIC):
        return body
    reader = zlib.decompressobj(_GZIP)
    try:
        plain = reader.decompress(body, LARGEST_BODY)
    except zlib.error as bad:
        raise BadEncoding("The body is damaged: no gzip, as Content-Encoding says") from bad
    if reader.unconsumed_tail:
        raise BadEncoding(f"The body is too large (at most {LARGEST_BODY} bytes)", 413)
    if not reader.eof:
        raise BadEncoding("The body is cut off")
    return plain
