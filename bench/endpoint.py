"""The AWS emulator in its own process, which records requests: `python -m bench.endpoint`.

Requests are counted on arrival, not by the client, so that retries are included; and the emulator's
processor time does not count as the handler's. The first line of output is the address; the process
ends when its input does.

    POST /-bench/watch?hold=0.05   start recording; delay every response by that many seconds
    POST /-bench/calls             stop recording, and return the recorded calls
    POST /-bench/load?table=name   put the items of the body, a list in DynamoDB JSON
    POST /-bench/keep              from now on, save each item before it is written
    POST /-bench/restore           restore all saved items, and stop saving
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from io import BytesIO
from threading import Lock
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from bench import capacity
from bench.capacity import Exchange, Image, Key, Place, Units
from bench.tables import Tables
from local.aws import moto_index
from local.serving import Server, WsgiApp

CONTROL = "/-bench/"

_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
_REST = {
    ("s3", "PUT"): "PutObject",
    ("s3", "GET"): "GetObject",
    ("s3", "POST"): "DeleteObjects",
    ("ses", "POST"): "SendEmail",
}
"""Operations of the desk's requests that have no X-Amz-Target."""


@dataclass(frozen=True)
class Call:
    """One request. Times are seconds on this process's clock; sizes are bytes of bodies."""

    service: str
    operation: str
    started: float
    ended: float
    status: int
    sent: int
    received: int
    units: Units
    places: list[tuple[Place, Units]]


class Recorder:
    """WSGI middleware that records requests.

    Args:
        aws: the wrapped application, the emulator.
    """

    def __init__(self, aws: WsgiApp) -> None:
        self._aws = aws
        self._tables = Tables(aws)
        self._lock = Lock()
        self._writing = Lock()
        self._calls: list[Call] | None = None
        self._hold = 0.0
        self._before: dict[Key, Image] | None = None

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        path = environ["PATH_INFO"]
        if path.startswith(CONTROL):
            body = json.dumps(self._control(path.removeprefix(CONTROL), environ)).encode()
            start("200 OK", [("Content-Length", str(len(body)))])
            return [body]
        if self._calls is None and self._before is None:
            return self._aws(environ, start)
        return self._recorded(environ, start)

    def _control(self, command: str, environ: WSGIEnvironment) -> list[Any]:
        query = parse_qs(environ["QUERY_STRING"])
        sent = _body(environ)
        with self._lock:
            match command:
                case "watch":
                    self._calls, self._hold = [], float(query["hold"][0])
                case "calls":
                    calls, self._calls, self._hold = self._calls or [], None, 0.0
                    return [asdict(call) for call in calls]
                case "load":
                    self._tables.put(query["table"][0], json.loads(sent))
                case "keep":
                    self._before = {}
                case "restore":
                    images, self._before = self._before or {}, None
                    self._tables.restore(images)
                case _:
                    raise ValueError(f"no such command: {command}")
        return []

    def _recorded(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        started = time.monotonic()
        sent = _body(environ)
        environ["wsgi.input"] = BytesIO(sent)
        service, operation = _named(environ)
        status: list[str] = []

        def begin(line: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[..., object]:
            status.append(line)
            return start(line, headers, *rest)

        def forward() -> bytes:
            return b"".join(self._aws(environ, begin))

        units, places = Units(), dict[Place, Units]()
        if service == "dynamodb":
            received, units, places = self._measured(operation, json.loads(sent), forward)
        else:
            received = forward()
        if self._hold:
            # Longer than any client takes to send its next request, so that
            # independent calls overlap; calls that wait for each other cannot.
            time.sleep(self._hold)
        call = Call(
            service=service,
            operation=operation,
            started=started,
            ended=time.monotonic(),
            status=int(status[-1].split()[0]),
            sent=len(sent),
            received=len(received),
            units=units,
            places=list(places.items()),
        )
        with self._lock:
            if self._calls is not None:
                self._calls.append(call)
        return [received]

    def _measured(
        self, operation: str, request: dict[str, Any], forward: Callable[[], bytes]
    ) -> tuple[bytes, Units, dict[Place, Units]]:
        """The response to a DynamoDB request, and its units while recording is on: in total, and
        by partition.
        """
        keys = capacity.written_keys(operation, request)
        if not keys:
            received = forward()
            before: dict[Key, Image] = {}
            after: dict[Key, Image] = {}
        else:
            with self._writing:
                before = self._tables.images(keys)
                if self._before is not None:
                    for key, image in before.items():
                        self._before.setdefault(key, image)
                received = forward()
                after = self._tables.images(keys) if self._calls is not None else before
        if self._calls is None:
            return received, Units(), {}
        indexes = {key.table: self._tables.indexes(key.table) for key in keys}
        exchange = Exchange(operation, request, json.loads(received), before, after)
        return received, capacity.units(exchange, indexes), capacity.places(exchange, indexes)


def _body(environ: WSGIEnvironment) -> bytes:
    sent: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return sent


def _named(environ: WSGIEnvironment) -> tuple[str, str]:
    """Service and operation, from the request itself."""
    signed = _SIGNED_FOR.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = signed[1] if signed else "unsigned"
    target = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
    method = str(environ["REQUEST_METHOD"])
    return service, target or _REST.get((service, method), method)


def main() -> None:
    """Serves until the input ends."""
    moto_index.install()
    server = Server(Recorder(DomainDispatcherApplication(create_backend_app)), "127.0.0.1", 0)
    server.start()
    print(server.url, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
