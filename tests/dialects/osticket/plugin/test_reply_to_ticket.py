"""POST /api/tickets-reply.php: an agent's answer by API (docs/osticket.md, row W)."""

from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from tests import world
from tests.dialects.osticket.conftest import Answer, Desk

FILE = {"a.txt": "data:text/plain;base64,aGVsbG8="}
NO_UPLOAD = "Upload not found. Send the file to what POST /api/uploads gives, then name it once"
BOTH = ["can_read_tickets", "can_update_tickets"]


@pytest.fixture
def ann(desk: Desk) -> int:
    new = {"name": "Ann Agent", "username": "ann", "email": "ann@desk.example"}
    return desk.row("agents", **new)


def key_of(desk: Desk, **facts: Any) -> str:
    secret = str(desk.cloud.key(**facts)["key"])
    # Its first use is noted, which would be a change later on.
    assert desk.call("GET", "/api/tickets-statuses.php", key=secret).status == 200
    return secret


def reply(desk: Desk, ref: str, body: object = None, **options: Any) -> Answer:
    return desk.call("POST", f"/api/tickets-reply.php/{ref}", body, **options)


def refused(desk: Desk, ref: str, body: object, **options: Any) -> tuple[int, str]:
    """Status and message of a reply that is refused, and so changes nothing."""
    before = world.written(), world.objects()
    answer = reply(desk, ref, body, **options)
    assert (world.written(), world.objects()) == before
    return answer.status, answer.message


def test_the_reply_is_a_response_of_the_agent(desk: Desk, ann: int) -> None:
    number = desk.open()
    answer = reply(desk, f"{number}.json", {"message": "It is fixed.", "staffId": "ann"})
    shown = desk.get(number)
    assert (answer.status, answer.json) == (
        201,
        {"id": shown["thread"][-1]["id"], "ticket_id": shown["id"]},
    )
    entry = shown["thread"][-1]
    assert (entry["type"], entry["body"], entry["staffId"], entry["staff"]) == (
        "response",
        "It is fixed.",
        ann,
        "Ann Agent",
    )
    assert (shown["isAnswered"], shown["status"]) == (True, "Open")


def test_xml_says_the_same(desk: Desk, ann: int) -> None:
    answer = reply(desk, f"{desk.open()}.xml", {"message": "Done.", "staffId": ann})
    assert (answer.status, answer.type) == (201, "application/xml; charset=UTF-8")
    assert [field.tag for field in fromstring(answer.text)] == ["id", "ticket_id"]


def test_by_id_too(desk: Desk, ann: int) -> None:
    ticket = desk.get(desk.open())
    answer = reply(desk, f"{ticket['id']}.json", {"message": "Done.", "staffId": ann})
    assert answer.json["ticket_id"] == ticket["id"]


@pytest.mark.parametrize(
    ("message", "chosen", "body"),
    [
        ("**bold**", "markdown", "<p><strong>bold</strong></p>"),
        ("<b>bold</b><script>1</script>", "html", "<b>bold</b>"),
        ("data:text/html,<b>bold</b>", None, "<b>bold</b>"),
        ("a < b", "text", "a &lt; b"),
        ("a < b", None, "a &lt; b"),
        ("-", None, "-"),
    ],
)
def test_formats(desk: Desk, ann: int, message: str, chosen: str | None, body: str) -> None:
    number = desk.open()
    sent = {"message": message, "format": chosen, "staffId": ann}
    assert reply(desk, f"{number}.json", sent).status == 201
    assert desk.get(number)["thread"][-1]["body"].strip() == body


def test_files_are_kept_and_held_to_the_limits(desk: Desk, ann: int) -> None:
    number = desk.open()
    sent = {"message": "See there.", "staffId": ann, "attachments": [FILE]}
    assert reply(desk, f"{number}.json", sent).status == 201
    assert desk.get(number)["thread"][-1]["attachment_count"] == 1
    bad = sent | {"attachments": [{"a.exe": "data:application/x-msdownload;base64,TVo="}]}
    status, words = refused(desk, f"{number}.json", bad)
    assert (status, words) == (400, "attachments: a.exe: File type is not allowed (exe)")


def test_a_closed_ticket_is_answered_and_stays_closed(desk: Desk, ann: int) -> None:
    number = desk.open()
    desk.change(number, statusId="Closed")
    assert reply(desk, f"{number}.json", {"message": "One more.", "staffId": ann}).status == 201
    assert desk.get(number)["status"] == "Closed"


# --- who replies ----------------------------------------------------------------------------


def test_a_key_replies_as_its_own_agent(desk: Desk, ann: int) -> None:
    key = key_of(desk, permissions=BOTH, agent=ann)
    number = desk.open()
    for named in ({}, {"staffId": ann}, {"staffId": "ann"}, {"staffId": "ANN@desk.example"}):
        assert reply(desk, f"{number}.json", {"message": "Yes.", **named}, key=key).status == 201
        assert desk.get(number)["thread"][-1]["staffId"] == ann


def test_only_who_may_act_for_others_replies_as_somebody_else(desk: Desk, ann: int) -> None:
    max_ = desk.row("agents", name="Max", username="max", email="max@desk.example")
    number, sent = desk.open(), {"message": "Yes.", "staffId": max_}
    for facts in ({"agent": ann}, {}):
        key = key_of(desk, permissions=BOTH, **facts)
        told = refused(desk, f"{number}.json", sent, key=key)
        assert told == (403, "API key not authorized")
        able = key_of(desk, permissions=[*BOTH, "can_act_for_others"], **facts)
        assert reply(desk, f"{number}.json", sent, key=able).status == 201


def test_somebody_must_reply(desk: Desk, ann: int) -> None:
    told = refused(desk, f"{desk.open()}.json", {"message": "Yes."})
    assert told == (400, "staffId: This is a required field")


def test_a_customer_s_key_may_not(desk: Desk, ann: int) -> None:
    ticket = desk.get(desk.open())
    key = key_of(desk, permissions=BOTH, customer=ticket["userId"])
    told = refused(desk, f"{ticket['number']}.json", {"message": "Yes.", "staffId": ann}, key=key)
    assert told == (403, "API key not authorized to update tickets")


def test_what_a_key_does_not_see_it_cannot_answer(desk: Desk, ann: int) -> None:
    sales = desk.row("departments", name="Elsewhere")
    key = key_of(desk, permissions=BOTH, departments=[sales], agent=ann)
    told = refused(desk, f"{desk.open()}.json", {"message": "Yes."}, key=key)
    assert told == (404, "Ticket not found")


# --- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, "No data provided in JSON body"),
        ({"message": None}, 400, "message: Message is a required field"),
        ({"message": " "}, 400, "message: Message is a required field"),
        ({"message": "data:,"}, 400, "message: Message is a required field"),
        ({"message": ["x"]}, 400, "message: Text expected"),
        ({"message": "data:text/plain;base64,@@"}, 400, "message: Invalid base64 data"),
        ({"message": "x", "format": "rtf"}, 400, "Invalid format. Allowed: markdown, html, text"),
        ({"message": "x", "format": 7}, 400, "format: Text expected"),
        ({"message": "x", "staffId": "nobody"}, 404, "Staff member not found"),
        ({"message": "x", "staffId": [1]}, 400, "staffId: Name or id expected"),
        ({"message": "x", "attachments": "a"}, 400, "attachments: List expected"),
        (
            {"message": "x", "attachments": [{"a.txt": "upload:nothing"}]},
            400,
            f"attachments: a.txt: {NO_UPLOAD}",
        ),
    ],
)
def test_bad_input_names_the_field(
    desk: Desk, ann: int, body: dict[str, Any], status: int, words: str
) -> None:
    sent = {"staffId": ann} | body if body else body
    assert refused(desk, f"{desk.open()}.json", sent) == (status, words)


def test_an_inactive_agent_does_not_reply(desk: Desk) -> None:
    gone = desk.row("agents", name="G", username="g", email="g@desk.example", active=False)
    told = refused(desk, f"{desk.open()}.json", {"message": "x", "staffId": gone})
    assert told == (400, "Staff member is not active")


@pytest.mark.parametrize(
    ("ref", "status", "words"),
    [
        ("1", 400, "Invalid URL format. Expected: /api/tickets-reply.php/{ticket_number}.json"),
        ("999999999.json", 404, "Ticket not found"),
    ],
)
def test_paths(desk: Desk, ann: int, ref: str, status: int, words: str) -> None:
    assert refused(desk, ref, {"message": "x", "staffId": ann}) == (status, words)


# --- once -----------------------------------------------------------------------------------


def test_a_repeated_reply_is_one(desk: Desk, ann: int) -> None:
    number, once = desk.open(), {"Idempotency-Key": "reply-1"}
    sent = {"message": "Yes.", "staffId": ann, "attachments": [FILE]}
    first = reply(desk, f"{number}.json", sent, headers=once)
    again = reply(desk, f"{number}.json", sent, headers=once)
    assert (again.status, again.text) == (first.status, first.text) == (201, first.text)
    assert len(desk.get(number)["thread"]) == 2
    other = sent | {"message": "No."}
    told = refused(desk, f"{number}.json", other, headers=once)
    assert told == (409, "Idempotency-Key was used for another request")
