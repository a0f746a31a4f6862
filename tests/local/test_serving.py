"""The servers of the local cloud end, whatever their clients and applications do."""

import socket
from collections.abc import Iterable
from threading import Event
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from moto.moto_server.werkzeug_app import MotoRequestHandler

from local import serving
from local.serving import Server, WsgiApp

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


def answer(_: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]


def served(app: WsgiApp) -> Server:
    server = Server(app, "127.0.0.1", 0)
    server.start()
    return server


def test_a_server_ends_though_a_client_keeps_its_connection() -> None:
    server = served(answer)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(REQUEST)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        server.stop()
        client.settimeout(10)
        while client.recv(1000):
            pass


def test_a_server_ends_though_the_end_of_a_connection_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = Event()

    def fail(_: object) -> None:
        failed.set()
        raise BrokenPipeError

    monkeypatch.setattr(MotoRequestHandler, "finish", fail)
    server = served(answer)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(REQUEST)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
    assert failed.wait(10)
    server.stop()


def test_a_server_does_not_wait_for_ever_for_an_application(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serving, "LONGEST_STOP", 0.05)
    reached, free = Event(), Event()

    def stuck(_: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        reached.set()
        free.wait(30)
        return answer(_, start)

    server = served(stuck)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(REQUEST)
        assert reached.wait(10)
        server.stop()
    free.set()
    assert "stops while 1 requests are served" in caplog.text
