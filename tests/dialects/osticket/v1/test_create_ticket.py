"""POST /api/v1/tickets.php."""

from typing import Any

import pytest

from tests.dialects.osticket.conftest import MINIMAL, Answer, Desk

PATH = "/api/v1/tickets.php"
MISSING = "Missing required fields: email, subject, message"
FAILED = "Failed to create ticket: "


def create(desk: Desk, **values: object) -> Answer:
    return desk.call("POST", PATH, MINIMAL | values)


def refused(desk: Desk, body: Any = None, **options: Any) -> tuple[int, str]:
    """Status and text of a refusal, which leaves nothing behind."""
    before = desk.tickets(), desk.objects()
    answer = desk.call("POST", PATH, body, **options)
    assert (desk.tickets(), desk.objects()) == before
    assert answer.type == "application/json"
    (said,) = answer.json.items()
    assert said[0] == "error"
    return answer.status, said[1]


def test_a_ticket_is_opened(desk: Desk) -> None:
    topic = desk.row("topics", name="Printers", department=2)
    answer = create(desk, topic_id=topic)
    assert (answer.status, answer.type) == (201, "application/json")
    number = answer.json["number"]
    assert answer.text == f'{{"message":"Ticket created","id":1,"number":"{number}"}}'
    shown = desk.get(number)
    assert (shown["topicId"], shown["departmentId"], shown["source"]) == (topic, 2, "API")
    assert shown["user"] == {"name": "Jane Doe", "email": "jane@example.com"}
    assert shown["thread"][0]["body"] == "It burns."


def test_a_message_is_html_and_no_data_url(desk: Desk) -> None:
    number = create(desk, message="Look: <b>a</b><script>x</script>").json["number"]
    assert desk.message_of(number) == "Look: <b>a</b>"
    number = create(desk, message="data:text/html,hello").json["number"]
    assert desk.message_of(number) == "data:text/html,hello"


def test_what_is_not_listed_is_ignored(desk: Desk) -> None:
    others = {"departmentId": 2, "priority": "High", "attachments": [{"a.txt": "data:,x"}]}
    number = create(desk, **others, statusId=3, ip="10.0.0.1", alert=False).json["number"]
    shown = desk.get(number)
    assert (shown["departmentId"], shown["priorityId"], shown["statusId"]) == (1, 2, 1)
    assert "attachments" not in shown["thread"][0]
    assert shown["ip"] == "203.0.113.9"


@pytest.mark.parametrize("topic", [99, "99", "none", None, ""])
def test_an_unknown_topic_is_ignored(desk: Desk, topic: object) -> None:
    assert create(desk, topic_id=topic).status == 201


@pytest.mark.parametrize("key", ["email", "subject", "message"])
@pytest.mark.parametrize("value", ["", "0", 0, None, [], False])
def test_what_php_calls_empty_is_missing(desk: Desk, key: str, value: object) -> None:
    assert refused(desk, MINIMAL | {key: value}) == (422, MISSING)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b"[" * 600, b"\xff"])
def test_a_body_that_cannot_be_read_has_no_fields(desk: Desk, raw: bytes) -> None:
    assert refused(desk, raw=raw) == (422, MISSING)


def test_a_name_is_needed_for_an_unknown_address_only(desk: Desk) -> None:
    nameless = {key: value for key, value in MINIMAL.items() if key != "name"}
    assert refused(desk, nameless) == (400, f"{FAILED}Incomplete client information")
    assert create(desk).status == 201
    assert desk.call("POST", PATH, nameless).status == 201


def test_values_of_a_wrong_type(desk: Desk) -> None:
    assert refused(desk, MINIMAL | {"subject": {"a": 1}}) == (400, f"{FAILED}Text expected")


def test_all_problems_are_told_without_their_fields(desk: Desk) -> None:
    desk.row("fields", name="room", label="Room", required=True)
    desk.row("fields", name="floor", label="Floor", required=True)
    words = f"{FAILED}Room is a required field, Floor is a required field"
    assert refused(desk, MINIMAL) == (400, words)


def test_a_banned_sender(desk: Desk) -> None:
    words = f"{FAILED}403, This help desk is for use by authorized users only"
    assert refused(desk, MINIMAL | {"email": "TEST@example.com"}) == (403, words)


def test_too_many_open_tickets(desk: Desk) -> None:
    desk.settings(max_open_tickets=1)
    create(desk)
    words = f"{FAILED}You've reached the maximum open tickets allowed."
    assert refused(desk, MINIMAL) == (400, words)


def test_an_inactive_topic(desk: Desk) -> None:
    topic = desk.row("topics", name="Gone", active=False)
    words = f"{FAILED}Help Topic is not active"
    assert refused(desk, MINIMAL | {"topic_id": topic}) == (400, words)


def test_a_retry_opens_no_second_ticket(desk: Desk) -> None:
    once = {"Idempotency-Key": "one"}
    first = desk.call("POST", PATH, MINIMAL, headers=once)
    assert desk.call("POST", PATH, MINIMAL, headers=once) == first
    assert desk.tickets() == 1
    other = MINIMAL | {"subject": "Other"}
    words = "Idempotency-Key was used for another request"
    assert refused(desk, other, headers=once) == (409, words)


def test_without_permission(desk: Desk) -> None:
    key = desk.cloud.key(permissions=["can_read_tickets"])["key"]
    assert refused(desk, MINIMAL, key=key) == (403, "API key not authorized")


def test_a_customer_opens_own_tickets_only(desk: Desk) -> None:
    number = create(desk).json["number"]
    jane = desk.get(number)["userId"]
    key = desk.cloud.key(permissions=["can_create_tickets"], customer=jane)["key"]
    assert desk.call("POST", PATH, MINIMAL, key=key).status == 201
    other = MINIMAL | {"email": "joan@example.com"}
    assert refused(desk, other, key=key) == (403, "API key not authorized")
