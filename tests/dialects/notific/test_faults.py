"""Each AWS call of each endpoint of Notific fails, in every way; then the request comes again. The
same for what `project` does afterwards. What is read while a call fails is read, or refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from helpdesk.broadcasts import unsubscribing
from helpdesk.catalogue import cache
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import NewTicket
from helpdesk.storage import transact
from helpdesk.storage.keys import MAIL_SECRET
from helpdesk.tickets import create
from tests import world
from tests.dialects.failing import (
    Failing,
    Operation,
    check_done_once,
    check_taken_up,
    reserve_ids,
    settle,
    state,
)
from tests.dialects.notific.conftest import Desk
from tests.dialects.routed import api
from tests.faults import EVERY_WAY, How
from tests.gateway import cloud

pytestmark = pytest.mark.exhaustive

NEVER = 1_000_000
"""More calls than a request makes."""

SEQUENCES = ("ticket", "entry", "file", "person", "organization")

NOON, ONE, TWO = (f"2031-01-01T{hour}:00:00Z" for hour in (12, 13, 14))

LONG = world.LONG_TEXT

NEW: dict[str, Any] = {
    "Title": "New",
    "Description": "Down.",
    "Services": ["<vpn>", "<mail>"],
    "CustomerId": "<ada>",
    "OperatorId": "<grace>",
    "StartTime": NOON,
    "EndTime": TWO,
    "ExpectedResolutionTime": ONE,
    "NextUpdateTime": ONE,
}
WRITES = [
    Operation("open", "POST", "api/Tickets", NEW, 201),
    Operation("open at length", "POST", "api/Tickets", {**NEW, "Description": LONG}, 201),
    Operation("open alone", "POST", "api/Tickets", {"Title": "T", "Description": "D"}, 201),
    Operation(
        "describe and close",
        "PUT",
        "api/Tickets/<one>",
        {"Id": "<one>", "Description": LONG, "NextUpdateTime": TWO, "ClosedTime": NOON},
    ),
    Operation("quiet", "PUT", "api/Tickets/<one>", {"Id": "<one>", "DoNotSendEmail": True}),
    Operation("reopen", "PUT", "api/Tickets/<over>", {"Id": "<over>", "ReopenedTime": TWO}),
    Operation("delete a ticket", "DELETE", "api/Tickets/<one>", again=404),
    Operation(
        "customer",
        "POST",
        "api/Customers",
        {"Name": "New", "Email": "new@x.example", "CellPhone": "1", "Services": ["<vpn>"]},
        201,
    ),
    Operation(
        "take over",
        "POST",
        "api/Customers",
        {"Name": "Known", "Email": "known@x.example", "Services": ["<mail>"]},
        201,
    ),
    Operation(
        "change a customer",
        "PUT",
        "api/Customers/<ada>",
        {"Id": "<ada>", "Name": "Eve", "Email": "eve@x.example", "Services": ["<mail>"]},
    ),
    Operation("delete a customer", "DELETE", "api/Customers/<idle>", again=404),
    Operation("service", "POST", "api/Services", {"Name": "New", "Description": "D"}, 201),
    Operation("change a service", "PUT", "api/Services/<vpn>", {"Id": "<vpn>", "Name": "Other"}),
    Operation("delete a service", "DELETE", "api/Services/<vpn>", again=404),
    Operation("operator", "POST", "api/Operators", {"Name": "New", "Email": "op@x.example"}, 201),
    Operation(
        "change an operator",
        "PUT",
        "api/Operators/<grace>",
        {"Id": "<grace>", "Name": "Eve", "Email": "eve@x.example", "CellPhone": "1"},
    ),
    Operation("delete an operator", "DELETE", "api/Operators/<grace>", again=404),
    Operation("unsubscribe", "POST", "unsubscribe?token=<token>"),
]
READS = [
    *(
        Operation(f"{what} {plural}", "GET", f"api/{plural}{more}")
        for plural, one in (
            ("Tickets", "one"),
            ("Customers", "ada"),
            ("Services", "vpn"),
            ("Operators", "grace"),
        )
        for what, more in (("list", ""), ("show", f"/<{one}>"))
    ),
    Operation("ask", "GET", "unsubscribe?token=<token>"),
    Operation("status", "GET", "status"),
    Operation("feed", "GET", "status.atom"),
]
IN_EVERY_WAY = {"open", "describe and close", "take over", "delete a service", "unsubscribe"}
"""What fails in all ways; the rest in those two after which nothing, or all, has happened."""


@pytest.fixture(scope="module")
def kept() -> Iterator[Failing]:
    """The scene of all tests."""
    with world.standing_clock(), cloud() as ready:
        yield build(Desk(ready))


@pytest.fixture
def failing(kept: Failing) -> Failing:
    """It, as it was."""
    kept.back()
    return kept


def build(desk: Desk) -> Failing:
    made = Failing(desk.prepared, "")
    has = made.has
    # Numbers at random would differ from one run to the next.
    settings = {"ticket_sequence": "counter", "ticket_number_format": "########"}
    changed = {**settings, "status_page": True}
    assert desk.cloud.call("PATCH", "/api/admin/settings", changed).status == 200
    transact.write(transact.put(MAIL_SECRET, {"secret": "mail-secret"}))
    for name in ("vpn", "mail"):
        has[name] = desk.make("Services", Name=name)["Id"]
    for name in ("ada", "bob", "idle"):
        email, chosen = f"{name}@x.example", [has["vpn"], has["mail"]]
        has[name] = desk.make("Customers", Name=name, Email=email, Services=chosen)["Id"]
    has["token"] = unsubscribing.sign(has["bob"], [has["vpn"]], "mail-secret")
    has["grace"] = desk.make("Operators", Name="Grace", Email="grace@x.example")["Id"]
    for name in ("one", "over"):
        has[name] = desk.make("Tickets", **made.filled(NEW))["Id"]
    closing = {"Id": has["over"], "ClosedTime": ONE}
    assert desk.call("PUT", f"/api/Tickets/{has['over']}", closing).status == 200
    known = NewPerson("known@x.example", "Known")
    create.open_ticket(SYSTEM, NewTicket(known, "Printer", Body("It burns.")))
    settle()
    reserve_ids(SEQUENCES)
    made.keep()
    return made


def test_every_endpoint_has_an_operation() -> None:
    found, _ = api("NotificApi")
    wanted = {
        (method, route.resource.lower())
        for route in found.routes
        for method, how in route.methods.items()
        if isinstance(how.integration, str) and method not in {"HEAD", "OPTIONS"}
        # The explorer asks AWS for nothing.
        if how.integration != "NotificExplore"
    }
    asked = set()
    for one in (*WRITES, *READS):
        matched = found.match(f"/{one.path.partition('?')[0]}".replace("<", "").replace(">", ""))
        assert matched, one
        asked.add((one.method, matched[0].resource.lower()))
    assert wanted - asked == set()


@pytest.mark.parametrize(
    ("operation", "how"),
    [
        pytest.param(operation, how, id=f"{operation.name}, {how.name}")
        for operation in WRITES
        for how in (How if operation.name in IN_EVERY_WAY else (How.BEFORE, How.AFTER))
    ],
)
def test_a_request_that_failed_and_came_again_is_done_once(
    failing: Failing, how: How, operation: Operation
) -> None:
    check_done_once(failing, operation, how)


@EVERY_WAY
@pytest.mark.parametrize("operation", READS, ids=lambda one: one.name)
def test_what_is_read_while_a_call_fails_is_read_or_refused(
    failing: Failing, how: How, operation: Operation
) -> None:
    cache.forget()
    asked = failing.ask(operation)
    with world.world().injector.fault(how, NEVER) as healthy:
        wanted = asked()
    assert wanted.status == 200
    calls, before = healthy.calls, state()
    for nth in telling(calls):
        # As in a new container. What is stored needs not be restored: it is compared each time.
        cache.forget()
        asked = failing.ask(operation)
        with world.world().injector.fault(how, nth) as fault:
            answer = asked()
        assert fault.hit
        assert answer.status in {200, 503}, (fault, answer.text)
        assert answer.status == 503 or answer.text == wanted.text, (fault, answer.text)
        assert state() == before, fault


def telling(calls: list[str]) -> list[int]:
    """Positions of calls, from 1: of many of one kind in a row the first, the last, each tenth."""
    around = zip(["", *calls], calls, [*calls[1:], ""], strict=False)
    return [
        nth
        for nth, (before, call, after) in enumerate(around, 1)
        if nth % 10 == 0 or not before == call == after
    ]


FOLLOWED = {
    *("open", "describe and close", "delete a ticket", "take over", "change a customer"),
    *("delete a customer", "delete a service", "delete an operator"),
}


@pytest.mark.parametrize(
    "operation", [one for one in WRITES if one.name in FOLLOWED], ids=lambda one: one.name
)
@pytest.mark.parametrize("how", [How.BEFORE, How.AFTER])
def test_what_follows_is_taken_up_by_the_next_delivery(
    failing: Failing, how: How, operation: Operation
) -> None:
    check_taken_up(failing, operation, how)
