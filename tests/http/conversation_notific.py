"""The conversation's requests to the Notific API, one function for each part of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Protocol

from tests.http.desk import Desk

Ask = Callable[..., Any]

LONG = random.Random(1).randbytes(12_000).hex()
"""So long, even compressed, that as a body it lies in S3."""


class Talk(Protocol):
    """Who talks: one request, its answer's status, and what its body says."""

    @property
    def apart(self) -> Ask:
        """`ask`, after which all that follows has been done."""

    @property
    def desk(self) -> Desk:
        """Who is spoken to."""


def tickets(talk: Talk) -> None:
    """Services, customers and operators; a ticket that is opened, changed, closed and reopened."""
    ask = talk.apart
    hosting = ask(201, "POST", "/api/Services", {"Name": "Web", "Description": "W"}, once="web")
    place = f"/api/Services/{hosting['Id']}"
    ask(200, "GET", place)
    ask(200, "PUT", place, {**hosting, "Description": "All sites"})
    mail = ask(201, "POST", "/api/Services", {"Name": "Post"})
    ask(200, "GET", "/api/Services")
    ann = {"Name": "Ann", "Email": "ann@notific.example", "CellPhone": "+49 170 1"}
    operator = ask(201, "POST", "/api/Operators", ann, once="ann")
    ask(200, "PUT", f"/api/Operators/{operator['Id']}", {**operator, "Name": "Ann A."})
    ask(200, "GET", f"/api/Operators/{operator['Id']}")
    ask(200, "GET", "/api/Operators")
    services = [hosting["Id"], mail["Id"]]
    ada = {"Name": "Ada", "Email": "ada@notific.example", "Services": services}
    customer = ask(201, "POST", "/api/Customers", ada, once="ada")
    bob = ask(201, "POST", "/api/Customers", {"Name": "Bob", "Email": "bob@notific.example"})
    change = {**customer, "Email": "king@notific.example", "Services": services[:1]}
    ask(200, "PUT", f"/api/Customers/{customer['Id']}", change)
    ask(200, "GET", "/api/Customers")
    ask(200, "GET", f"/api/Customers/{customer['Id']}")
    _ticket(ask, customer["Id"], operator["Id"], services)
    ask(200, "DELETE", f"/api/Customers/{bob['Id']}")
    ask(200, "DELETE", f"/api/Operators/{operator['Id']}")
    ask(200, "DELETE", f"/api/Services/{mail['Id']}")


def _ticket(ask: Ask, customer: int, operator: int, services: list[int]) -> None:
    new = {"Title": "No web", "Description": "It is down.", "Services": services}
    ticket = ask(201, "POST", "/api/Tickets", {**new, "OperatorId": operator}, once="down")
    alone = {"Title": "No web", "Description": LONG, "CustomerId": customer}
    other = ask(201, "POST", "/api/Tickets", {**alone, "DoNotSendEmail": True})
    ask(200, "GET", "/api/Tickets")
    place = f"/api/Tickets/{ticket['Id']}"
    ask(200, "GET", place)
    change = {**ticket, "Description": LONG, "EndTime": "2036-01-31T12:00:00Z"}
    ask(200, "PUT", place, change)
    closed = ask(200, "PUT", place, {**change, "ClosedTime": "2026-11-29T12:00:00Z"})
    ask(200, "PUT", place, {**closed, "ReopenedTime": "2026-11-29T13:00:00Z"})
    ask(200, "DELETE", f"/api/Tickets/{other['Id']}")


def subscribers(talk: Talk) -> None:
    """A mail to subscribers, its link, and what everybody and admins see of it."""
    ask = talk.apart
    service = ask(201, "POST", "/api/Services", {"Name": "Told"})["Id"]
    eve = {"Name": "Eve", "Email": "eve@told.example", "Services": [service]}
    number = ask(201, "POST", "/api/Customers", eve)["Id"]
    # No mail reaches an address with such letters: SES knows none.
    ask(201, "POST", "/api/Customers", {**eve, "Email": "\u00e9ve@told.example"})
    new = {"Title": "Told", "Description": LONG[::-1], "Services": [service]}
    ask(201, "POST", "/api/Tickets", new)
    talk.desk.cloud.drain()
    (mail,) = [one for one in talk.desk.cloud.mailbox.mails() if one.to == "eve@told.example"]
    link = {name.lower(): value for name, value in mail.headers.items()}["list-unsubscribe"]
    path = link[link.index("/unsubscribe") :].strip("<>")
    ask(200, "GET", path, key=None)
    ask(200, "POST", path, key=None)
    ask(200, "DELETE", f"/api/admin/unsubscribed/{number}")
    listed = ask(200, "GET", "/api/admin/broadcasts")["items"]
    ask(200, "GET", f"/api/admin/broadcasts/{listed[0]['id']}")
    ask(200, "PATCH", "/api/admin/settings", {"status_page": True})
    ask(200, "GET", "/status", key=None)
    ask(200, "GET", "/status.atom", key=None)
