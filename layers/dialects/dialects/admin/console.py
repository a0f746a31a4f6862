"""The console: the document at `/console` and the two files that it loads (docs/console.md).

`make console` builds the files from console/ into a folder beside the function, each also
compressed, under names that change with their content. The document is made per request, since
only the request knows the prefix in front of the path.
"""

import os
from collections.abc import Collection
from hashlib import sha256
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from dialects.endpoint import Request, Response, UnknownPath
from dialects.negotiation import ranks

KINDS = {".js": "text/javascript; charset=UTF-8", ".css": "text/css; charset=UTF-8"}
"""The served media types, by file extension."""

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""The encodings produced by the build, smaller first (RFC 9110, section 8.4.1)."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'none'; frame-src 'none'; worker-src 'none'; "
        "manifest-src 'none'; object-src 'none'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types desk"
    ),
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "clipboard-write=(self), clipboard-read=(), camera=(), microphone=(), geolocation=(), "
        "payment=(), usb=()"
    ),
}
"""Sent with every response: only the two files may run, and only the desk may be called, and the
host of the sign-in pages if there are any.
"""

# An empty icon keeps browsers from requesting one.
_PAGE = """<!doctype html>
<html lang="en" data-api="{prefix}/api/admin"{person}>
<meta charset="utf-8">
<title>Console</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{prefix}/console/{style}">
<script type="module" src="{prefix}/console/{script}"></script>
<div id="console"></div>
<noscript>The console needs JavaScript. It loads none but the desk's own.</noscript>
</html>
"""

_MISSING = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Console</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<h1>The console is not built</h1>
<p>The desk works, but the files of this page are missing. <code>make console</code> builds them; it
needs a package registry of npm the first time. Then load this page again.</p>
</html>
"""


def show(request: Request, folder: Path) -> Response:
    """The document, or one of the files in `folder` by the path's `file`.

    Raises:
        UnknownPath: There is no such file.
    """
    names = {file.suffix: file.name for file in folder.glob("app-*") if file.suffix in KINDS}
    if name := request.params.get("file"):
        return _file(request, folder, name, names.values())
    if names.keys() != KINDS.keys():
        return _document(_MISSING, 503, "no-store", {})
    prefix = escape(urlsplit(request.base_url).path)
    page = _PAGE.format(
        prefix=prefix, style=names[".css"], script=names[".js"], person=_sign_in_attributes()
    )
    etag = f'"{sha256(page.encode()).hexdigest()[:16]}"'
    if etag in request.headers.get("if-none-match", ""):
        return _document("", 304, "no-cache", {"ETag": etag})
    return _document(page, 200, "no-cache", {"ETag": etag})


def _sign_in_attributes() -> str:
    """Where users can sign in instead of using a key (console/src/person.ts)."""
    pages, client = os.environ.get("SIGN_IN_URL"), os.environ.get("SIGN_IN_CLIENT", "")
    return f' data-sign-in="{escape(pages)}" data-client="{escape(client)}"' if pages else ""


def _document(page: str, status: int, cache: str, headers: dict[str, str]) -> Response:
    headers = {**HEADERS, "Cache-Control": cache, **headers}
    if pages := os.environ.get("SIGN_IN_URL"):
        host = urlsplit(pages)
        asked = f"connect-src 'self' {host.scheme}://{host.netloc};"
        policy = headers["Content-Security-Policy"].replace("connect-src 'self';", asked)
        headers["Content-Security-Policy"] = policy
    return Response(status, page, "text/html; charset=UTF-8", headers)


def _file(request: Request, folder: Path, name: str, names: Collection[str]) -> Response:
    if name not in names:
        raise UnknownPath
    rank = ranks(request.headers.get("accept-encoding", ""))
    encoding = next((coding for coding in ENCODINGS if rank(coding) > 0), None)
    headers = {
        **HEADERS,
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    file = folder / name
    kind = KINDS[file.suffix]
    if encoding:
        headers["Content-Encoding"] = encoding
        file = folder / (name + ENCODINGS[encoding])
    return Response(200, file.read_bytes(), kind, headers)
