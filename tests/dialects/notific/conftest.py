"""Notific's API in this process: authorizer, then handler, with a desk in moto behind them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests import world
from tests.dialects import routed
from tests.dialects.routed import Answer
from tests.gateway import Cloud, allowed, cloud, verdict


@dataclass
class Desk:
    """A desk as a client of Notific's sees it; `cloud` is its admin's side."""

    cloud: Cloud

    def prepared(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Callable[[], Answer]:
        """One request that the authorizer has let through already."""
        path, _, asked = path.partition("?")
        query = {**dict(parse_qsl(asked, keep_blank_values=True)), "key": self.cloud.admin}
        said = verdict(None, sources="query:key", queryStringParameters=query)
        assert allowed(said)
        return routed.prepared(
            "NotificApi",
            said,
            method,
            path,
            query={**query},
            headers=headers,
            raw=raw if raw is not None else b"" if body is None else json.dumps(body).encode(),
        )

    def call(self, method: str, path: str, body: object = None, **options: Any) -> Answer:
        """One request."""
        return self.prepared(method, path, body, **options)()

    def make(self, plural: str, **values: object) -> Any:
        """A new entity."""
        answer = self.call("POST", f"/api/{plural}", values)
        assert answer.status == 201, answer.text
        return answer.json


@pytest.fixture
def timed() -> Iterator[None]:
    """A clock that stands until it is moved."""
    with world.standing_clock():
        yield


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk of the test's own."""
    with cloud() as ready:
        yield Desk(ready)
