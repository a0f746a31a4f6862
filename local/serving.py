"""Threaded HTTP servers inside this process: one for AWS, one for the APIs."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from threading import Thread
from typing import Any
from weakref import WeakKeyDictionary
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

_LOG = logging.getLogger("local.serving")

LONGEST_STOP = 10.0
"""Seconds that a server waits for running requests when it is stopped."""

WsgiApp = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]

RAW_HEADERS = "local.headers"
"""WSGI key of the request's headers as sent: a list of pairs, including repeated ones."""


class ConnectionDropped(Exception):
    """The application wants the connection closed without a response."""


class CannotListen(Exception):
    """An address or a port is in use or not permitted; the text is a sentence that says why."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 selects a free one.

    Raises:
        CannotListen: the address or port is not available.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        # Python appends the attempted address, from " (while attempting to bind" on.
        why = str(error.strerror).partition(" (while ")[0]
        raise CannotListen(f"Cannot listen on {host}, port {port}: {why}.") from error


_open: WeakKeyDictionary[object, set[socket.socket]] = WeakKeyDictionary()
"""The connections of each server: they stay open until one side closes them."""


class _Handler(MotoRequestHandler):
    """Speaks HTTP like AWS: connections stay open between requests.

    werkzeug closes each, since an application may leave a body unread. Ours read bodies fully or
    send `Connection: close`, and opening a connection takes a client longer than the call itself.
    """

    protocol_version = "HTTP/1.1"
    # A response's headers and body are two writes: the second must not wait for an ACK.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        _open[self.server].add(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            # Stopping the server waits for this, even if sending the last response failed.
            _open[self.server].discard(self.connection)

    def make_environ(self) -> dict[str, Any]:
        environ = super().make_environ()
        environ[RAW_HEADERS] = list(self.headers.items())
        return environ

    def handle_expect_100(self) -> bool:
        # run_wsgi sends it later.
        return True

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            status, headers, body = self._call_app()
        except ConnectionDropped:
            self.close_connection = True
            return
        self.send_response(int(status[:3]), status[4:])
        for name, value in headers:
            self.send_header(name, value)
        sized = any(name.lower() == "content-length" for name, _ in headers)
        if not sized and int(status[:3]) not in {204, 304}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _call_app(self) -> tuple[str, list[tuple[str, str]], bytes]:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(
            status: str, headers: list[tuple[str, str]], _: object = None, /
        ) -> Callable[[bytes], object]:
            started.append((status, headers))
            return _no_write

        try:
            body = b"".join(self.server.app(self.make_environ(), start))
        except ConnectionDropped:
            raise
        except Exception:  # noqa: BLE001 - logged, and answered as a server must
            # A fault of the server itself must fail a test, but not stop the server.
            _LOG.exception("%s %s", self.command, self.path)
            return reason(500), [("Connection", "close")], b""
        return *started[-1], body

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: requests are counted, not printed."""


def _no_write(_: bytes) -> None:
    raise NotImplementedError("no application here uses WSGI's write()")


@cache
def reason(status: int) -> str:
    """A status with its reason phrase, as in the status line."""
    known = {item.value for item in HTTPStatus}
    return f"{status} {HTTPStatus(status).phrase}" if status in known else f"{status} Unknown"


class Server:
    """A WSGI application on its own port, served from a thread.

    Args:
        app: the application.
        host: address to listen on.
        port: port to listen on; 0 selects a free one.

    Raises:
        CannotListen: the port is in use or not permitted.
    """

    def __init__(self, app: WsgiApp, host: str, port: int) -> None:
        # Bound here, since werkzeug exits the process if a port is in use.
        with listen(host, port) as listener:
            self._server: BaseWSGIServer = make_server(
                host,
                port,
                app,
                threaded=True,
                request_handler=_Handler,
                fd=listener.fileno(),
            )
        _open[self._server] = set()
        self.port = self._server.port
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        self._thread = Thread(
            target=self._server.serve_forever, args=(0.05,), name=f"http-{self.port}"
        )
        self._thread.daemon = True

    def start(self) -> None:
        """Start serving."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, and release the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        until = time.monotonic() + LONGEST_STOP
        # Repeated, since a connection accepted last may be registered only now.
        while connections := list(_open[self._server]):
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            if time.monotonic() > until:
                _LOG.warning("%s stops while %d requests are served", self.url, len(connections))
                break
            time.sleep(0.001)
