"""Decompression of request bodies and compression of response bodies by API Gateway.

Rules: API Gateway developer guide, "Payload compression for REST APIs" (read on 2026-11-29): an API
with a minimum size compresses responses of at least that size, if the caller accepts an encoding
that API Gateway supports and the response has none already. It decompresses request bodies. Whether
the function still sees the request's `Content-Encoding` is not documented, so it is kept here: the
code must handle both.
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
    """The request with its body decompressed; unchanged if that is not possible.

    Raises:
        BodyTooLarge: decompressed, it is larger than API Gateway allows.
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
    """The response, compressed if the caller accepts it and it is large enough."""
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
    """The first of the encodings in the header that API Gateway supports; `*` counts as none."""
    for entry in header.split(","):
        name, _, quality = entry.partition(";")
        if name.strip().lower() in _WINDOWS and quality.replace(" ", "") not in {"q=0", "q=0.0"}:
            return name.strip().lower()
    return None
