"""The desk as seen by a client of Zammad: requests, users, and test setup."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from tests.http.desk import Answer, Desk

ALL = ("can_create_tickets", "can_read_tickets", "can_search_tickets", "can_update_tickets")
"""What a key needs to work with tickets."""

NEW = {"title": "a new ticket", "group": "Users", "customer_id": "guess:nina.new@cases.example"}
"""The smallest body that opens a ticket."""

ARTICLE = {"subject": "some subject", "body": "some body", "type": "note"}
"""The smallest article, and what stands above it."""

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5E"
    "rkJggg=="
)
"""A picture of one pixel, in base64."""


@dataclass(frozen=True)
class Somebody:
    """A user, and a key that acts as them."""

    id: int
    key: str


def ask(
    desk: Desk, method: str, path: str, body: object = None, *, key: str = "", **how: Any
) -> Answer:
    """One request to a path under /api/v1."""
    return desk.call(method, f"/api/v1/{path}", body, key=key, **how)


def found(desk: Desk, path: str, **how: Any) -> Any:
    """What a GET answers."""
    answer = ask(desk, "GET", path, **how)
    assert answer.status == 200, answer.text
    assert answer.type == "application/json; charset=utf-8"
    return answer.json


def made(desk: Desk, path: str, body: dict[str, Any], **how: Any) -> Any:
    """What is new."""
    answer = ask(desk, "POST", path, body, **how)
    assert answer.status == 201, answer.text
    assert answer.type == "application/json; charset=utf-8"
    return answer.json


def opened(desk: Desk, *, key: str = "", query: str = "", **values: Any) -> Any:
    """A new ticket: the smallest one, with these values on top; None leaves one out."""
    return made(desk, f"tickets{query}", body_of(**values), key=key)


def body_of(**values: Any) -> dict[str, Any]:
    """The smallest body of a ticket with these values on top; None leaves one out."""
    return {name: value for name, value in (NEW | values).items() if value is not None}


def changed(desk: Desk, ticket: int, *, key: str = "", query: str = "", **values: Any) -> Any:
    """A ticket as it is once it has these values."""
    answer = ask(desk, "PUT", f"tickets/{ticket}{query}", values, key=key)
    assert answer.status == 200, answer.text
    return answer.json


def articles(desk: Desk, ticket: int, **how: Any) -> Any:
    """The articles of a ticket."""
    return found(desk, f"ticket_articles/by_ticket/{ticket}", **how)


def added(desk: Desk, ticket: int, *, key: str = "", **values: Any) -> Any:
    """A new article of a ticket."""
    body = {"ticket_id": ticket, **ARTICLE, **values}
    return made(desk, "ticket_articles", body, key=key)


def said(answer: Answer) -> tuple[int, str]:
    """Status and text of a refusal, whose two texts are one."""
    assert answer.json["error_human"] == answer.json["error"]
    return answer.status, answer.json["error"]


def denied(
    desk: Desk, method: str, path: str, body: object = None, *, key: str = "", **how: Any
) -> tuple[int, str]:
    """Status and text of a request that is refused, and so changes nothing."""
    before = desk.stored()
    answer = ask(desk, method, path, body, key=key, **how)
    assert answer.status >= 400, answer.text
    assert desk.stored() == before
    return said(answer)


def refused(desk: Desk, *, key: str = "", **values: Any) -> tuple[int, str]:
    """Status and text of a create that is refused, and so leaves nothing behind."""
    return denied(desk, "POST", "tickets", body_of(**values), key=key)


def file(data: bytes, name: str = "a.txt", kind: str = "text/plain") -> dict[str, str]:
    """A file as an article sends it."""
    return {"filename": name, "data": b64encode(data).decode(), "mime-type": kind}


# --- who asks -------------------------------------------------------------------------------


def bound(desk: Desk, **facts: Any) -> str:
    """A key that may work with tickets, with these facts."""
    return str(desk.make_key(*facts.pop("permissions", ALL), **facts)["key"])


def agent(desk: Desk, login: str, *, at: int | None = None, **key: Any) -> Somebody:
    """A new agent, `Login Agent`; `at` is the one department that they work in, and that their key
    is bound to.
    """
    row = {"name": f"{login.title()} Agent", "username": login, "email": f"{login}@desk.example"}
    number = desk.make_row("agents", **row, **({"department": at} if at else {}))
    where = {"departments": [at]} if at else {}
    return Somebody(number, bound(desk, agent=number, **where, **key))


def customer(desk: Desk, login: str, **key: Any) -> Somebody:
    """A new customer, `Login Customer`."""
    new = {
        "firstname": login.title(),
        "lastname": "Customer",
        "email": f"{login}@cases.example",
    }
    number = made(desk, "users", new)["id"]
    return Somebody(number, bound(desk, customer=number, **key))
