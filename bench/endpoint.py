"""AWS in a process of its own, with a clerk at the door: `python -m bench.endpoint`.

What arrives here is what was sent, retries and all, so requests are counted here and not by
whoever sends them; and the time that AWS's stand-in takes is not the handler's. The first line of
output is the address; the process ends when its input does.

    POST /-bench/watch?hold=0.05   begin to write down; hold back every answer for so many seconds
    POST /-bench/calls             stop, and give what was written down
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
from werkzeug.test import Client

from bench import capacity
from bench.capacity import Exchange, Image, Index, Key, Units
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
"""What requests without an X-Amz-Target are, as far as the desk sends them."""


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


class Clerk:
    """WSGI middleware that writes down what passes.

    Args:
        aws: what answers.
    """

    def __init__(self, aws: WsgiApp) -> None:
        self._aws = aws
        self._tables = Client(aws)
        self._indexes: dict[str, list[Index]] = {}
        self._lock = Lock()
        self._writing = Lock()
        self._calls: list[Call] | None = None
        self._hold = 0.0

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        path = environ["PATH_INFO"]
        if path.startswith(CONTROL):
            return self._control(path.removeprefix(CONTROL), environ, start)
        if self._calls is None:
            return self._aws(environ, start)
        return self._watched(environ, start)

    def _control(
        self, wish: str, environ: WSGIEnvironment, start: StartResponse
    ) -> Iterable[bytes]:
        said: list[Call] = []
        with self._lock:
            if wish == "watch":
                self._calls = []
                self._hold = float(parse_qs(environ["QUERY_STRING"])["hold"][0])
            else:
                said, self._calls = self._calls or [], None
        body = json.dumps([asdict(call) for call in said]).encode()
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def _watched(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        started = time.monotonic()
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(sent)
        service, operation = _named(environ)
        status: list[str] = []

        def begin(line: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[..., object]:
            status.append(line)
            return start(line, headers, *rest)

        def forward() -> bytes:
            return b"".join(self._aws(environ, begin))

        units = Units()
        if service == "dynamodb":
            received, units = self._weighed(operation, json.loads(sent), forward)
        else:
            received = forward()
        if self._hold:
            # Longer than any client takes to send its next request: calls that do not wait for
            # each other overlap, and those that do cannot.
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
        )
        with self._lock:
            if self._calls is not None:
                self._calls.append(call)
        return [received]

    def _weighed(
        self, operation: str, request: dict[str, Any], forward: Callable[[], bytes]
    ) -> tuple[bytes, Units]:
        keys = capacity.written_keys(operation, request)
        if not keys:
            received = forward()
            exchange = Exchange(operation, request, json.loads(received), {}, {})
            return received, capacity.units(exchange, {})
        with self._writing:
            before = self._images(keys)
            received = forward()
            after = self._images(keys)
        indexes = {key.table: self._indexes_of(key.table) for key in keys}
        exchange = Exchange(operation, request, json.loads(received), before, after)
        return received, capacity.units(exchange, indexes)

    def _images(self, keys: list[Key]) -> dict[Key, Image]:
        found: dict[Key, Image] = dict.fromkeys(keys)
        for table in {key.table for key in keys}:
            wanted = [
                {"pk": {"S": key.pk}, "sk": {"S": key.sk}} for key in keys if key.table == table
            ]
            for first in range(0, len(wanted), 100):
                request = {"RequestItems": {table: {"Keys": wanted[first : first + 100]}}}
                for item in self._ask("BatchGetItem", request)["Responses"][table]:
                    found[capacity.key_of(table, item)] = item
        return found

    def _indexes_of(self, table: str) -> list[Index]:
        if table not in self._indexes:
            description = self._ask("DescribeTable", {"TableName": table})["Table"]
            self._indexes[table] = capacity.indexes_of(description)
        return self._indexes[table]

    def _ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        answer = self._tables.post(
            "/",
            data=json.dumps(request),
            headers={
                "X-Amz-Target": f"DynamoDB_20120810.{operation}",
                "Authorization": "AWS4-HMAC-SHA256 "
                "Credential=bench/20260101/us-east-1/dynamodb/aws4_request",
            },
        )
        said: dict[str, Any] = json.loads(answer.get_data())
        return said


def _named(environ: WSGIEnvironment) -> tuple[str, str]:
    """Service and operation, as the request itself names them."""
    signed = _SIGNED_FOR.search(environ.get("HTTP_AUTHORIZATION", ""))
    service = signed[1] if signed else "unsigned"
    target = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
    method = str(environ["REQUEST_METHOD"])
    return service, target or _REST.get((service, method), method)


def main() -> None:
    """Serves until the input ends."""
    moto_index.install()
    server = Server(Clerk(DomainDispatcherApplication(create_backend_app)), "127.0.0.1", 0)
    server.start()
    print(server.url, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
