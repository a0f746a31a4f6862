"""A local cloud over the small template in `sample`, for the tests of the local cloud itself."""

import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from local.aws.clients import Clients
from local.cloud import LocalCloud
from local.options import FaultOptions
from local.snapshot import Snapshot

SAMPLE = Path(__file__).parent / "sample" / "template.yaml"


@dataclass
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Client:
    """Speaks to the gateway over HTTP, with any header as often as wanted."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud

    def __call__(
        self,
        method: str,
        path: str,
        body: bytes | str = b"",
        key: str | None = "good",
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.cloud.port, timeout=60)
        try:
            connection.putrequest(method, path)
            data = body.encode() if isinstance(body, str) else body
            pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
            if key is not None:
                pairs.append(("X-API-Key", key))
            if not any(name in {"Content-Length", "Transfer-Encoding"} for name, _ in pairs):
                pairs.append(("Content-Length", str(len(data))))
            for name, value in pairs:
                connection.putheader(name, value)
            connection.endheaders(data)
            answer = connection.getresponse()
            return Reply(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()


OPTIONS = FaultOptions(stage_prefix=True, source_header="X-Test-Source")


@pytest.fixture(scope="session")
def started() -> Iterator[tuple[LocalCloud, Snapshot]]:
    cloud = LocalCloud(
        SAMPLE, parameters={}, options=replace(OPTIONS), stack="sample", timers=False
    ).start()
    snapshot = Snapshot()
    cloud.leave()
    yield cloud, snapshot
    cloud.stop()


@pytest.fixture
def sample(started: tuple[LocalCloud, Snapshot]) -> Iterator[LocalCloud]:
    cloud, snapshot = started
    cloud.enter()
    cloud.options.__dict__.update(vars(OPTIONS))
    cloud.reset(snapshot.restore)
    yield cloud
    cloud.drain()
    cloud.leave()


@pytest.fixture
def clients(sample: LocalCloud) -> Iterator[Clients]:
    """Clients as anybody has them: what they call is counted, and may be made to fail."""
    made = Clients()
    yield made
    made.close()


@pytest.fixture
def call(sample: LocalCloud) -> Client:
    return Client(sample)


@pytest.fixture
def gate_module(sample: LocalCloud) -> ModuleType:
    module = sample.functions.module("Gate")
    module.asked.clear()
    return module
