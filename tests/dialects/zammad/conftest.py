"""Zammad's API in this process: authorizer, then handler, with a desk in moto behind them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from helpdesk.projection import project
from tests import world
from tests.dialects import routed
from tests.dialects.routed import Answer
from tests.gateway import Cloud, allowed, cloud, verdict

SOURCES = "authorization:token,authorization:bearer,authorization:basic"

MINIMAL = {"title": "Printer", "group": "Users", "customer_id": "guess:jane@example.com"}
"""The smallest body that opens a ticket."""

EVERY = [
    *(f"can_{verb}_tickets" for verb in ("create", "read", "search", "update", "delete")),
    "can_manage_directory",
]
"""Permissions that open all that is about tickets, people and the catalogue."""

ARTICLE = {"subject": "It burns", "body": "Help!", "type": "note"}


@dataclass
class Desk:
    """A desk as a Zammad client sees it; `cloud` is its admin's side."""

    cloud: Cloud

    def call(self, method: str, path: str, body: object = None, **options: Any) -> Answer:
        """One request."""
        return self.prepared(method, path, body, **options)()

    def prepared(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
        **query: Any,
    ) -> Callable[[], Answer]:
        """One request that the authorizer has let through already."""
        secret = {"Authorization": f"Token token={key or self.cloud.admin}"}
        said = verdict(None, sources=SOURCES, headers=secret)
        assert allowed(said)
        return routed.prepared(
            "ZammadApi",
            said,
            method,
            path,
            query={name.replace("__", "[]"): _text(value) for name, value in query.items()},
            headers=headers,
            raw=raw if raw is not None else b"" if body is None else json.dumps(body).encode(),
        )

    def get(self, path: str, **options: Any) -> Any:
        """What a GET answers."""
        answer = self.call("GET", path, **options)
        assert answer.status == 200, answer.text
        return answer.json

    def create(self, *, key: str | None = None, **values: Any) -> Answer:
        """A request for a ticket: the smallest one, with these values on top; None leaves out."""
        body = {name: value for name, value in (MINIMAL | values).items() if value is not None}
        return self.call("POST", "/api/v1/tickets", body, key=key)

    def open(self, *, key: str | None = None, **values: Any) -> Any:
        """A new ticket as it is answered."""
        answer = self.create(key=key, **values)
        assert answer.status == 201, answer.text
        return answer.json

    def change(self, ticket: int, *, key: str | None = None, **values: Any) -> Any:
        """A ticket as it is once it has these values."""
        answer = self.call("PUT", f"/api/v1/tickets/{ticket}", values, key=key)
        assert answer.status == 200, answer.text
        return answer.json

    def refused(self, *, key: str | None = None, **values: Any) -> tuple[int, str]:
        """Status and text of a create that is refused, and so leaves nothing behind."""
        before = stored(), world.objects()
        answer = self.create(key=key, **values)
        assert (stored(), world.objects()) == before
        return answer.status, answer.error

    def agent(self, name: str = "Ann Agent", **facts: Any) -> tuple[int, str]:
        """A new agent's id, and a key that acts as them and may work with tickets."""
        login = name.partition(" ")[0].lower()
        row = {"name": name, "username": login, "email": f"{login}@desk.example"}
        answer = self.cloud.call("POST", "/api/admin/agents", row)
        assert answer.status == 201, answer.body
        number = int(answer.body["id"])
        permissions = [f"can_{verb}_tickets" for verb in ("create", "read", "search", "update")]
        made = self.cloud.key(**{"agent": number, "permissions": permissions, **facts})
        return number, made["key"]

    def customer(self, address: str = "jane@example.com", **facts: Any) -> tuple[int, str]:
        """The id of somebody who has asked, and a key that sees what is theirs."""
        person = self.open(customer_id=f"guess:{address}")["customer_id"]
        permissions = [f"can_{verb}_tickets" for verb in ("create", "read", "search", "update")]
        made = self.cloud.key(**{"customer": person, "permissions": permissions, **facts})
        return person, made["key"]

    def settings(self, **values: Any) -> None:
        answer = self.cloud.call("PATCH", "/api/admin/settings", values)
        assert answer.status == 200, answer.body

    def row(self, kind: str, /, **values: Any) -> int:
        answer = self.cloud.call("POST", f"/api/admin/{kind}", values)
        assert answer.status == 201, answer.body
        return int(answer.body["id"])

    def settle(self) -> None:
        """Lets counters and postings follow what has happened, as the queues do."""
        project.project(world.waiting())

    def denied(
        self, method: str, path: str, body: object = None, *, key: str | None = None
    ) -> tuple[int, str]:
        """Status and text of a request that is refused, and so changes nothing."""

        before = stored()
        answer = self.call(method, path, body, key=key)
        assert stored() == before
        return answer.status, answer.error

    def settle_all(self) -> None:
        """The same for changes of people and the catalogue, too."""
        project.project(world.waiting(""))


def _text(value: object) -> str | list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


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


def stored() -> list[dict[str, Any]]:
    """What is stored and matters: a key's use is noted whatever it asks for."""
    return [item for item in world.written() if not item["pk"]["S"].startswith("K#")]
