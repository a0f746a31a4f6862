"""Pages for people: plain HTML without scripts."""

from collections.abc import Mapping
from html import escape

from dialects.endpoint import Response

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "article{border-top:1px solid #ccc;padding:.5rem 0}pre{white-space:pre-wrap;font:inherit}"
)


def page(
    title: str, body: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A page with a body of safe HTML."""
    named = escape(title)
    text = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{named}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{named}</h1>{body}</body></html>"
    )
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(status, text, "text/html; charset=utf-8", {**HEADERS, **kept})
