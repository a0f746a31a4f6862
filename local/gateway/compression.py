"""Bodies that API Gateway unpacks on their way in and packs on their way out.

Rules: API Gateway developer guide, "Payload compression for REST APIs" (read on 2026-11-29): an API
with a minimum size packs what is at least as large, where the caller names an encoding that API
Gateway knows and the answer has none already. It unpacks a request's body. Whether the function
still sees the request's `Content-Encoding` is not said, so it is left here: the code has to take
either.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

from local.gateway.requests import BODY_LIMIT, BodyTooLarge, Request
from local.gateway.responses import HttpAnswer
from local.gateway.routes import Api

_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


def unpacked(request: Request) -> Request:
    """The request with its body as it was before it was packed; as it came, where it cannot be.

    Raises:
        BodyTooLarge: unpacked, it is larger than API Gateway takes.
    """
    window = _WINDOWS.get((request.header("Content-Encoding") or "").strip().lower())
    if window is None or not request.body:
        return request
    reader = zlib.decompressobj(window)
    try:
        body = reader.decompress(request.body, BODY_LIMIT + 1)
    except zlib.error:
        return request
    if len(body) > BODY_LIMIT:
        raise BodyTooLarge
    return replace(request, body=body) if reader.eof else request


def packed(answer: HttpAnswer, request: Request, api: Api) -> HttpAnswer:
    """The answer, packed where its caller takes that and it is worth it."""
    small = api.compresses is None or len(answer.body) < api.compresses
    if small or any(name.lower() == "content-encoding" for name, _ in answer.headers):
        return answer
    taken = _taken(request.header("Accept-Encoding") or "")
    if taken == "gzip":
        body = gzip.compress(answer.body, 1, mtime=0)
    elif taken == "deflate":
        body = zlib.compress(answer.body, 1)
    else:
        return answer
    return replace(answer, headers=[*answer.headers, ("Content-Encoding", taken)], body=body)


def _taken(header: str) -> str | None:
    """The first of the named encodings that API Gateway knows; `*` names none."""
    for entry in header.split(","):
        name, _, quality = entry.partition(";")
        if name.strip().lower() in _WINDOWS and quality.replace(" ", "") not in {"q=0", "q=0.0"}:
            return name.strip().lower()
    return None
