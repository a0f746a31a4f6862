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
"""Seconds that a server which is to stop waits for what it is still answering."""

WsgiApp = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]

RAW_HEADERS = "local.headers"
"""WSGI key of the request's headers as sent: a list of pairs, repeated ones and all."""


class ConnectionDropped(Exception):
    """The application wants this request to get no answer: its connection just ends."""


class CannotListen(Exception):
    """An address or a port is taken, or not for us; the text is a sentence that says why."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; a port of 0 takes a free one.

    Raises:
        CannotListen: it cannot have that address or port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        # Python adds what it was doing, in brackets.
        why = str(error.strerror).partition(" (while ")[0]
        raise CannotListen(f"Cannot listen on {host}, port {port}: {why}.") from error


_open: WeakKeyDictionary[object, set[socket.socket]] = WeakKeyDictionary()
"""The connections of each server: they stay open until somebody closes them."""


class _Handler(MotoRequestHandler):
    """Speaks HTTP as AWS does: connections stay open between requests.

    werkzeug closes each, because an application may leave a body unread. Ours read them whole or
    answer `Connection: close`, and opening a connection costs a client more than the call itself.
    """

    protocol_version = "HTTP/1.1"
    # The head and the body of an answer are two writes: the second must not wait for an ACK.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        _open[self.server].add(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            # Whoever stops the server waits for it, whatever became of the last answer.
            _open[self.server].discard(self.connection)

    def make_environ(self) -> dict[str, Any]:
        environ = super().make_environ()
        environ[RAW_HEADERS] = list(self.headers.items())
        return environ

    def handle_expect_100(self) -> bool:
        # run_wsgi says it, when it has come that far.
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
            # The server's own fault: it must show up in a test, and not end the server.
            _LOG.exception("%s %s", self.command, self.path)
            return reason(500), [("Connection", "close")], b""
        return *started[-1], body

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: requests are counted, not printed."""


def _no_write(_: bytes) -> None:
    raise NotImplementedError("no application here uses WSGI's write()")


@cache
def reason(status: int) -> str:
    """A status with its reason phrase, as it stands in the first line of an answer."""
    known = {item.value for item in HTTPStatus}
    return f"{status} {HTTPStatus(status).phrase}" if status in known else f"{status} Unknown"


class Server:
    """A WSGI application on a port of its own, served from a thread.

    Args:
        app: the application.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.

    Raises:
        CannotListen: the port is taken, or not for us.
    """

    def __init__(self, app: WsgiApp, host: str, port: int) -> None:
        # Bound here: werkzeug ends the process where a port is taken.
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
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more, and give the port back."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        until = time.monotonic() + LONGEST_STOP
        # Again and again: a connection that was taken last may only now begin to be served.
        while connections := list(_open[self._server]):
            for connection in connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            if time.monotonic() > until:
                _LOG.warning("%s stops while %d requests are served", self.url, len(connections))
                break
            time.sleep(0.001)
