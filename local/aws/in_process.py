"""In-process transport from AWS clients to the endpoint, if both are in this process.

Clients of this process pass their requests directly instead of opening a socket, in botocore's
`before-send`, which runs for each attempt of each call. So retries and time-outs work as over HTTP,
only faster. Requests from other processes, or to another host name of this machine, use the
network.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.types import WSGIEnvironment

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError

from local.aws import unsigned
from local.aws.hooks import hook
from local.serving import ConnectionDropped, WsgiApp

_ends: dict[str, WsgiApp] = {}


def connect(url: str, app: WsgiApp) -> None:
    """Pass requests to this address (`http://127.0.0.1:4711`) to the application."""
    _ends[url] = app
    hook("before-send", _send)
    unsigned.install()
    unsigned.here.add(url)


def disconnect(url: str) -> None:
    """Send requests to this address over the network again."""
    _ends.pop(url, None)
    unsigned.here.discard(url)


def _send(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
    url = urlsplit(request.url)
    app = _ends.get(f"{url.scheme}://{url.netloc}")
    if app is None:
        return None
    answered: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _: object = None, /) -> Any:
        answered.append((status, headers))

    try:
        body = b"".join(app(_environ(request), start))
    except ConnectionDropped as error:
        raise ConnectionClosedError(endpoint_url=request.url) from error
    status, headers = answered[-1]
    # Typed like the result of botocore's own transport, of which it uses only this part.
    raw: Any = _Raw(b"" if request.method == "HEAD" else body)
    named: Any = dict(headers)
    return AWSResponse(request.url, int(status[:3]), named, raw)


class _Raw(BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


def _environ(request: AWSPreparedRequest) -> WSGIEnvironment:
    url = urlsplit(request.url)
    body = _body(request.body)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(url.path).decode("latin-1"),
        "QUERY_STRING": url.query,
        "RAW_URI": f"{url.path}?{url.query}" if url.query else url.path,
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    environ["REQUEST_URI"] = environ["RAW_URI"]
    # Signers leave some values as bytes, not text.
    given: dict[str, str | bytes] = dict(request.headers.items())
    for name, value in given.items():
        key = name.upper().replace("-", "_")
        text = value.decode() if isinstance(value, bytes) else value
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = text
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _body(given: Any) -> bytes:
    if isinstance(given, str):
        return given.encode()
    if given is None or isinstance(given, bytes | bytearray):
        return bytes(given or b"")
    content: bytes = given.read()
    return content
