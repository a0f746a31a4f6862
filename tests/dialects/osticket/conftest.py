"""The osTicket API in this process: authorizer, then handler, with a desk in moto behind them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from dialects.endpoint import Request
from helpdesk.model.actor import Actor
from helpdesk.projection import project
from helpdesk.storage import table
from helpdesk.storage.keys import ticket_key
from tests import world
from tests.gateway import Cloud, allowed, call, cloud, verdict
from tests.world import HOME

ROUTES = {
    ("POST", "/api/tickets.json"): "create_ticket_json",
    ("POST", "/api/http.php/tickets.json"): "create_ticket_json",
    ("POST", "/api/wildcard/tickets.json"): "create_ticket_json",
    ("POST", "/api/tickets.xml"): "create_ticket_xml",
    ("POST", "/api/http.php/tickets.xml"): "create_ticket_xml",
    ("POST", "/api/wildcard/tickets.xml"): "create_ticket_xml",
    ("GET", "/api/tickets-get.php/{ref}"): "get_ticket",
    ("GET", "/api/tickets-search.php"): "search_tickets",
    ("GET", "/api/tickets-search.php.json"): "search_tickets",
    ("GET", "/api/tickets-search.php.xml"): "search_tickets",
    ("GET", "/api/tickets-attachment-download.php/{ref}"): "download_attachment",
    ("POST", "/api/uploads"): "create_upload",
    ("PATCH", "/api/tickets-update.php/{ref}"): "update_ticket",
    ("PUT", "/api/tickets-update.php/{ref}"): "update_ticket",
    ("POST", "/api/tickets-reply.php/{ref}"): "reply_to_ticket",
    ("GET", "/api/tickets-subtickets-parent.php/{ref}"): "get_parent",
    ("GET", "/api/tickets-subtickets-list.php/{ref}"): "list_children",
    ("POST", "/api/tickets-subtickets-create.php/{ref}"): "link_tickets",
    ("DELETE", "/api/tickets-subtickets-unlink.php/{ref}"): "unlink_ticket",
    ("GET", "/api/tickets-statuses.php"): "list_statuses",
    ("GET", "/api/tickets-statuses.php.json"): "list_statuses",
    ("GET", "/api/tickets-statuses.php.xml"): "list_statuses",
    ("DELETE", "/api/tickets-delete.php/{ref}"): "delete_ticket",
    ("GET", "/api/tickets-stats.php"): "get_statistics",
    ("GET", "/api/tickets-stats.php.json"): "get_statistics",
    ("GET", "/api/tickets-stats.php.xml"): "get_statistics",
    ("POST", "/api/tasks/cron"): "run_cron",
    ("POST", "/api/http.php/tasks/cron"): "run_cron",
    ("GET", "/api/v1/tickets.php"): "v1_list_tickets",
    ("POST", "/api/v1/tickets.php"): "v1_create_ticket",
    ("PUT", "/api/v1/tickets.php"): "v1_update_ticket",
    ("PATCH", "/api/v1/tickets.php"): "v1_update_ticket",
    ("DELETE", "/api/v1/tickets.php"): "v1_delete_ticket",
}

MINIMAL = {
    "email": "jane@example.com",
    "name": "Jane Doe",
    "subject": "Printer",
    "message": "It burns.",
}


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def type(self) -> str:
        return self.headers["Content-Type"]

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def message(self) -> str:
        body = self.json
        assert body["error"] is True
        return str(body["message"])


@dataclass
class Desk:
    """A desk as an osTicket client sees it; `cloud` is its admin's side."""

    cloud: Cloud

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        said = verdict(key or self.cloud.admin)
        assert allowed(said)
        resource, params = path, None
        script, _, ref = path.rpartition("/")
        if not any(path == route for _, route in ROUTES):
            resource, params = f"{script}/{{ref}}", {"ref": ref}
        name = ROUTES[method, resource]
        answer = call(
            f"osticket/{name}",
            method,
            path,
            said,
            resource=resource,
            params=params,
            query=query,
            headers=headers,
            body=raw if raw is not None else b"" if body is None else json.dumps(body).encode(),
        )
        return Answer(answer["statusCode"], answer["body"], answer["headers"])

    def create(self, body: object = None, **options: Any) -> Answer:
        return self.call("POST", "/api/tickets.json", body, **options)

    def open(self, **values: Any) -> str:
        """A ticket's number; the minimal request with these values on top."""
        answer = self.create(MINIMAL | values)
        assert answer.status == 201, answer.text
        return answer.text

    def get(self, ref: str, **options: Any) -> Any:
        answer = self.call("GET", f"/api/tickets-get.php/{ref}.json", **options)
        assert answer.status == 200, answer.text
        return answer.json

    def update(self, ref: str, /, *, key: str | None = None, **values: Any) -> Answer:
        return self.call("PATCH", f"/api/tickets-update.php/{ref}.json", values, key=key)

    def change(self, ref: str, /, **values: Any) -> Any:
        """The ticket as it is once it has these values."""
        answer = self.update(ref, **values)
        assert (answer.status, answer.text) == (200, self.get(ref)["number"])
        return self.get(ref)

    def link(self, parent: str, child: object, **options: Any) -> Answer:
        path = f"/api/tickets-subtickets-create.php/{parent}.json"
        return self.call("POST", path, {"childId": child}, **options)

    def history(self, ref: str) -> list[tuple[str, Any]]:
        """What has happened to a ticket, in no order: kinds of events with their data."""
        ticket = ticket_key(self.get(ref)["id"]).pk
        return [(item["kind"], item["data"]) for item in table.query(ticket, begins="V#")]

    def settle(self) -> None:
        """Lets counters and postings follow what has happened, as the queues do."""
        project.project(world.waiting())

    def search(self, **options: Any) -> Any:
        """The tickets that a search answers; what is no option of a call is a parameter."""
        own = {name: options.pop(name) for name in ("key", "headers") if name in options}
        query = {name: str(value) for name, value in options.items()}
        answer = self.call("GET", "/api/tickets-search.php", query=query, **own)
        assert answer.status == 200, answer.text
        return answer.json

    def message_of(self, number: str) -> str:
        return str(self.get(number)["thread"][0]["body"])

    def refused(self, **values: Any) -> tuple[int, str]:
        """Status and text of a create that is refused, and so leaves nothing behind."""
        before = self.tickets(), self.objects()
        answer = self.create(MINIMAL | values)
        assert (self.tickets(), self.objects()) == before
        return answer.status, answer.text

    def failed(self, **values: Any) -> str:
        """What a refused create says behind the words that they all begin with."""
        status, words = self.refused(**values)
        assert status == 400
        head, _, rest = words.partition("Unable to create new ticket :")
        assert not head
        return rest

    def settings(self, **values: Any) -> None:
        answer = self.cloud.call("PATCH", "/api/admin/settings", values)
        assert answer.status == 200, answer.body

    def row(self, kind: str, /, **values: Any) -> int:
        answer = self.cloud.call("POST", f"/api/admin/{kind}", values)
        assert answer.status == 201, answer.body
        return int(answer.body["id"])

    def tickets(self) -> int:
        """How many tickets are stored, whatever their numbers."""
        return sum(
            item["sk"]["S"] == "A" and item["pk"]["S"].startswith("T#") for item in world.items()
        )

    def objects(self) -> int:
        """How many objects lie in the bucket."""
        return len(world.objects())


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


def request(
    body: object = None,
    *,
    raw: bytes | None = None,
    method: str = "POST",
    resource: str = "/api/tickets.json",
    params: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Request:
    """A request as `endpoint` hands it to the dialect."""
    return Request(
        method=method,
        resource=resource,
        path=resource,
        params=params or {},
        query=query or {},
        headers=headers or {},
        body=raw if raw is not None else json.dumps(body).encode(),
        source_ip=HOME,
        base_url="https://desk.example",
        actor=Actor(),
    )
