"""POST /api/tickets.json, from the gate to the table and back."""

from base64 import b64encode
from unittest.mock import patch

import pytest

from helpdesk.directory.settings import update_settings
from helpdesk.model.actor import SYSTEM
from helpdesk.storage import table, transact
from helpdesk.storage.keys import number_key
from helpdesk.tickets import create
from tests.dialects.osticket.conftest import MINIMAL, Desk

HTML = "text/html; charset=UTF-8"


# --- what comes out -------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/tickets.json", "/api/http.php/tickets.json"])
def test_a_ticket_is_its_number_as_text(desk: Desk, path: str) -> None:
    answer = desk.call("POST", path, MINIMAL)
    assert answer.status == 201
    assert answer.type == HTML
    assert answer.text.isdigit()
    assert len(answer.text) == 6
    assert desk.get(answer.text)["number"] == answer.text


def test_everything_at_once(desk: Desk) -> None:
    topic = desk.row("topics", name="Hardware", department=3, priority=4)
    parent = desk.open()
    number = desk.open(
        topicId=topic,
        departmentId="sales",
        priority="High",
        duedate="2031-01-02T03:04:05+02:00",
        source="phone",
        ip="198.51.100.7",
        phone="318-555-8634x12",
        notes="vip",
        parentTicketId=parent,
        format="html",
        message='<p onclick="x()">hi <script>1</script></p>',
        attachments=[{"a.txt": "data:text/plain;base64,aGk="}],
    )
    ticket = desk.get(number)
    shown = {key: ticket[key] for key in ("department", "priority", "topic", "duedate", "source")}
    assert shown == {
        "department": "Sales",
        "priority": "High",
        "topic": "Hardware",
        "duedate": "2031-01-02 01:04:05",
        "source": "Phone",
    }
    assert ticket["ip"] == "198.51.100.7"
    assert ticket["fields"] == {"phone": "3185558634X12", "notes": "vip"}
    assert ticket["thread"][0]["body"] == "<p>hi </p>"
    assert ticket["thread"][0]["attachments"][0]["filename"] == "a.txt"
    assert desk.get(parent)["children"] == [ticket["id"]]


def test_routing_follows_the_topic_then_the_desk(desk: Desk) -> None:
    topic = desk.row("topics", name="Hardware", department=3, priority=4)
    routed = desk.get(desk.open(topicId=topic))
    assert (routed["department"], routed["priority"]) == ("Maintenance", "Emergency")
    plain = desk.get(desk.open())
    assert (plain["department"], plain["priority"], plain["status"]) == (
        "Support",
        "Normal",
        "Open",
    )


def test_markdown_is_rendered(desk: Desk) -> None:
    number = desk.open(message="## Hi\n\n**you** <script>x</script>", format="markdown")
    assert desk.message_of(number) == (
        "<h2>Hi</h2>\n<p><strong>you</strong> &lt;script&gt;x&lt;/script&gt;</p>\n"
    )


def test_text_keeps_its_symbols_and_is_shown_escaped(desk: Desk) -> None:
    assert (
        desk.message_of(desk.open(message="a < b & c\n\n\n\nd 😀 ©"))
        == "a &lt; b &amp; c\n\nd 😀 ©"
    )
    assert desk.message_of(desk.open(message="")) == "-"
    assert desk.message_of(desk.open(message="  \n ")) == "-"
    assert desk.message_of(desk.open(message="<script></script>", format="html")) == "-"


def test_a_body_of_any_size_comes_back_whole(desk: Desk) -> None:
    long = "0123456789" * 100_000
    assert desk.message_of(desk.open(message=long)) == long


def test_pictures_inside_a_message_become_files(desk: Desk) -> None:
    html = '<p><img src="data:image/png;base64,aGk="></p>'
    (entry,) = desk.get(desk.open(message=html, format="html"))["thread"]
    (file,) = entry["attachments"]
    assert (file["filename"], file["inline"], file["size"]) == ("image-1.png", True, 2)
    assert entry["body"].startswith('<p><img src="cid:')


def test_a_file_is_decoded_once_though_it_says_twice_that_it_is_base64(desk: Desk) -> None:
    # What comes out is base64 itself, so that a second time would be possible.
    data = "data:text/plain;base64," + b64encode(b"aGVsbG8=").decode()
    file = {"name": "a.txt", "data": data, "encoding": "base64"}
    (entry,) = desk.get(desk.open(attachments=[file]))["thread"]
    assert entry["attachments"][0]["size"] == len("aGVsbG8=")


def test_one_address_is_one_person_who_needs_a_name_once(desk: Desk) -> None:
    first = desk.get(desk.open())
    answer = desk.create({"email": "JANE@example.com", "subject": "Again", "message": "x"})
    assert answer.status == 201
    second = desk.get(answer.text)
    assert second["user"] == first["user"] == {"name": "Jane Doe", "email": "jane@example.com"}
    assert second["userId"] == first["userId"]


def test_line_breaks_cannot_become_headers(desk: Desk) -> None:
    number = desk.open(subject="Hi\r\nBcc: all@x.y", name="Eve\nX: y", email="eve@example.com")
    ticket = desk.get(number)
    assert ticket["subject"] == "Hi Bcc: all@x.y"
    assert ticket["user"]["name"] == "Eve X: y"


def test_custom_fields_of_all_three_forms(desk: Desk) -> None:
    serial = desk.row("fields", name="serial", label="Serial", form="ticket", required=True)
    desk.row("fields", name="floor", label="Floor", form="contact")
    assert desk.failed() == f"{serial}\nSerial is a required field"
    assert desk.get(desk.open(serial="S-1", floor=3))["fields"] == {"floor": "3", "serial": "S-1"}
    number = desk.open(**{str(serial): "S-2"})
    assert desk.get(number)["fields"]["serial"] == "S-2"


def test_unknown_keys_change_nothing(desk: Desk) -> None:
    ticket = desk.get(desk.open(deptId=2, statusId=3, staffId=1, teamId=1, slaId=9, nonsense=[{}]))
    assert (ticket["departmentId"], ticket["statusId"], ticket["staffId"]) == (1, 1, None)
    assert ticket["fields"] == {}


def test_unknown_ids_of_topic_and_priority_lose_no_ticket(desk: Desk) -> None:
    ticket = desk.get(desk.open(topicId=99, priority=99))
    assert (ticket["topicId"], ticket["priorityId"]) == (None, 2)


def test_nobody_opens_more_than_the_desk_allows(desk: Desk) -> None:
    desk.settings(max_open_tickets=1)
    desk.open()
    limit = "err\nYou've reached the maximum open tickets allowed."
    assert desk.failed(subject="") == limit
    assert desk.open(email="other@example.com")


def test_sizes_are_settings_and_the_text_says_which_file(desk: Desk) -> None:
    desk.settings(max_file_size=3, max_files_size=5)
    big = {"big.txt": "1234"}
    assert desk.failed(attachments=[big]) == (
        "attachments\nbig.txt: File size is too large (at most 3 bytes)"
    )
    assert desk.failed(attachments=[{"a.txt": "123"}, {"b.txt": "123"}]) == (
        "attachments\nFiles are too large together (at most 5 bytes)"
    )


def test_attachments_can_be_switched_off(desk: Desk) -> None:
    desk.settings(allow_attachments=False)
    (entry,) = desk.get(desk.open(attachments=[{"evil.exe": "x"}]))["thread"]
    assert "attachments" not in entry
    assert desk.objects() == 0


# --- keys and retries -----------------------------------------------------------------------


def test_a_key_needs_the_permission(desk: Desk) -> None:
    key = desk.cloud.key(permissions=["can_read_tickets"])["key"]
    answer = desk.create(MINIMAL, key=key)
    assert (answer.status, answer.type) == (403, HTML)
    assert answer.text == "API key not authorized"
    assert desk.tickets() == 0


def test_the_same_idempotency_key_gives_the_same_answer(desk: Desk) -> None:
    once = {"Idempotency-Key": "k1"}
    first = desk.create(MINIMAL, headers=once)
    again = desk.create(MINIMAL, headers=once)
    assert (again.status, again.text, again.type) == (201, first.text, first.type)
    assert desk.tickets() == 1
    other = desk.create(MINIMAL | {"subject": "Other"}, headers=once)
    assert (other.status, other.text) == (409, "Idempotency-Key was used for another request")
    assert desk.create(MINIMAL, headers={"Idempotency-Key": "k" * 256}).status == 400


def test_a_refused_request_may_be_mended_under_the_same_key(desk: Desk) -> None:
    once = {"Idempotency-Key": "k2"}
    assert desk.create(MINIMAL | {"email": "x"}, headers=once).status == 400
    assert desk.create(MINIMAL, headers=once).status == 201


def test_the_number_leads_to_the_ticket(desk: Desk) -> None:
    number = desk.open()
    item = table.get(number_key(number))
    assert item
    assert item["ticket"] == desk.get(number)["id"]


def test_a_number_that_another_ticket_has_is_not_given_twice(desk: Desk) -> None:
    first = desk.open(subject="First")
    drawn = iter([first, first, "654321"])
    with patch.object(create, "new_number", lambda *_: next(drawn)):
        second = desk.open(subject="Second")
    assert second == "654321"
    assert desk.get(first)["subject"] == "First"
    assert desk.get(second)["subject"] == "Second"
    assert desk.tickets() == 2


def test_a_number_of_the_counter_that_is_taken_gives_way_to_one_at_random(desk: Desk) -> None:
    update_settings(SYSTEM, {"ticket_sequence": "counter"})
    transact.write(transact.put(number_key("000002"), {"ticket": 99}))
    assert desk.open() == "000001"
    number = desk.open(subject="Second")
    assert number.isdigit()
    assert number[0] != "0"
    assert desk.get(number)["subject"] == "Second"
