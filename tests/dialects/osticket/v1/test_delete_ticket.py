"""DELETE /api/v1/tickets.php."""

from typing import Any

import pytest

from tests.dialects.osticket.conftest import Answer, Desk

PATH = "/api/v1/tickets.php"


def delete(desk: Desk, ticket: object = None, **options: Any) -> Answer:
    query = {} if ticket is None else {"id": str(ticket)}
    answer = desk.call("DELETE", PATH, query=query, **options)
    assert answer.type == "application/json"
    return answer


def refused(desk: Desk, ticket: object = None, **options: Any) -> tuple[int, str]:
    """Status and text of a refusal, which leaves the only ticket alone."""
    answer = delete(desk, ticket, **options)
    assert desk.tickets() == 1
    assert list(answer.json) == ["error"]
    return answer.status, answer.json["error"]


def test_a_ticket_is_gone(desk: Desk) -> None:
    number = desk.open()
    answer = delete(desk, 1)
    assert (answer.status, answer.text) == (200, '{"message":"Ticket deleted"}')
    assert desk.call("GET", f"/api/tickets-get.php/{number}.json").status == 404
    assert desk.call("GET", PATH).json["tickets"] == []
    again = delete(desk, 1)
    assert (again.status, again.json) == (404, {"error": "Ticket not found"})


@pytest.mark.parametrize("ticket", [None, "", "0"])
def test_without_an_id(desk: Desk, ticket: str | None) -> None:
    desk.open()
    assert refused(desk, ticket) == (400, "Missing ticket ID")


@pytest.mark.parametrize("ticket", ["2", "abc", "-1", "9" * 400])
def test_an_unknown_ticket(desk: Desk, ticket: str) -> None:
    desk.open()
    assert refused(desk, ticket) == (404, "Ticket not found")


def test_who_may(desk: Desk) -> None:
    number = desk.open()
    assert refused(desk, number) == (404, "Ticket not found")
    key = desk.cloud.key(permissions=["can_update_tickets"])["key"]
    assert refused(desk, 1, key=key) == (403, "API key not authorized")
    may = {"permissions": ["can_delete_tickets"]}
    elsewhere = desk.cloud.key(**may, departments=[2])["key"]
    assert refused(desk, 1, key=elsewhere) == (404, "Ticket not found")
    own = desk.cloud.key(**may, customer=desk.get("1")["userId"])["key"]
    assert refused(desk, 1, key=own) == (403, "API key not authorized")
