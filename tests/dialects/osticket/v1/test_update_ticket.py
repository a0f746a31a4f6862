"""PUT and PATCH /api/v1/tickets.php."""

from typing import Any

import pytest

from tests.dialects.osticket.conftest import Answer, Desk

PATH = "/api/v1/tickets.php"
BOTH = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def update(
    desk: Desk, body: object, ticket: object = 1, method: str = "PATCH", **options: Any
) -> Answer:
    answer = desk.call(method, PATH, body, query={"id": str(ticket)}, **options)
    assert answer.type == "application/json"
    return answer


def refused(desk: Desk, body: object, ticket: object = 1, **options: Any) -> tuple[int, str]:
    """Status and text of a refusal, which changes nothing."""
    before = desk.get("1")
    answer = update(desk, body, ticket, **options)
    assert desk.get("1") == before
    assert list(answer.json) == ["error"]
    return answer.status, answer.json["error"]


@BOTH
def test_status_and_topic_both_apply(desk: Desk, method: str) -> None:
    desk.open()
    topic = desk.row("topics", name="Printers")
    answer = update(desk, {"status_id": 3, "topic_id": topic}, method=method)
    assert (answer.status, answer.text) == (200, '{"message":"Ticket updated"}')
    shown = desk.get("1")
    assert (shown["statusId"], shown["topicId"]) == (3, topic)
    assert shown["closed"] is not None


def test_a_closed_ticket_opens_again(desk: Desk) -> None:
    desk.open()
    assert update(desk, {"status_id": "2"}).status == 200
    assert update(desk, {"status_id": 1}).status == 200
    assert desk.get("1")["closed"] is None


@pytest.mark.parametrize("body", [{"status_id": 1}, {"status_id": None}, {"status_id": 1, "x": 1}])
def test_what_changes_nothing_is_a_success(desk: Desk, body: object) -> None:
    desk.open()
    before = desk.get("1")
    assert update(desk, body).status == 200
    assert desk.get("1") == before


@pytest.mark.parametrize("ticket", ["", "0", " "])
@BOTH
def test_without_an_id(desk: Desk, method: str, ticket: str) -> None:
    desk.open()
    assert refused(desk, {"status_id": 3}, ticket, method=method) == (400, "Missing ticket ID")


@pytest.mark.parametrize("ticket", ["99", "abc", "-1", "9" * 400])
def test_an_unknown_ticket(desk: Desk, ticket: str) -> None:
    desk.open()
    assert refused(desk, {"status_id": 3}, ticket) == (404, "Ticket not found")


def test_the_ticket_is_looked_for_before_the_body_is(desk: Desk) -> None:
    desk.open()
    assert refused(desk, None, "99", raw=b"{") == (404, "Ticket not found")
    assert refused(desk, None, "", raw=b"{") == (400, "Missing ticket ID")


def test_a_number_is_no_id(desk: Desk) -> None:
    number = desk.open()
    assert refused(desk, {"status_id": 3}, number) == (404, "Ticket not found")


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"{", b"null", b'"x"', b"\xff"])
def test_a_body_that_says_nothing(desk: Desk, raw: bytes) -> None:
    desk.open()
    assert refused(desk, None, raw=raw) == (400, "Invalid JSON body")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"status_id": 99}, "Status not found"),
        ({"status_id": 0}, "Status not found"),
        ({"status_id": "Closed"}, "Status not found"),
        ({"topic_id": 99}, "Help Topic not found"),
        ({"status_id": 3, "topic_id": 99}, "Help Topic not found"),
    ],
)
def test_an_unknown_row(desk: Desk, body: object, text: str) -> None:
    desk.open()
    assert refused(desk, body) == (422, text)


def test_an_inactive_topic(desk: Desk) -> None:
    desk.open()
    topic = desk.row("topics", name="Gone", active=False)
    assert refused(desk, {"topic_id": topic}) == (422, "Help Topic is not active")


def test_deleting_is_no_status(desk: Desk) -> None:
    desk.open()
    status, text = refused(desk, {"status_id": 5})
    assert status == 422
    assert text


def test_a_value_of_a_wrong_type(desk: Desk) -> None:
    desk.open()
    assert refused(desk, {"status_id": [1]}) == (400, "status_id: Text expected")


def test_who_may(desk: Desk) -> None:
    desk.open()
    key = desk.cloud.key(permissions=["can_read_tickets"])["key"]
    assert refused(desk, {"status_id": 3}, key=key) == (403, "API key not authorized")
    bound = {"permissions": ["can_update_tickets"]}
    elsewhere = desk.cloud.key(**bound, departments=[2])["key"]
    assert refused(desk, {"status_id": 3}, key=elsewhere) == (404, "Ticket not found")
    person = desk.get("1")["userId"]
    own = desk.cloud.key(**bound, customer=person)["key"]
    topic = desk.row("topics", name="Printers")
    assert refused(desk, {"topic_id": topic}, key=own) == (403, "API key not authorized")
    assert update(desk, {"status_id": 3}, key=own).status == 200
