"""GET /api/tickets-get.php/{ref}."""

import json

import pytest
from defusedxml.ElementTree import fromstring

from tests.dialects.osticket.conftest import MINIMAL, Desk

JSON = "application/json; charset=UTF-8"
KEYS = [
    *("id", "number", "subject", "statusId", "status", "priorityId", "priority", "departmentId"),
    *("department", "topicId", "topic", "userId", "user", "staffId", "staff", "teamId", "team"),
    *("slaId", "sla", "created", "updated", "duedate", "closed", "isOverdue", "isAnswered"),
    *("source", "ip", "children", "thread", "fields"),
]


def test_the_keys_and_their_order(desk: Desk) -> None:
    number = desk.open(attachments=[{"a/é.txt": "hi"}], phone="5551234")
    answer = desk.call("GET", f"/api/tickets-get.php/{number}.json")
    assert (answer.status, answer.type) == (200, JSON)
    pairs = json.loads(answer.text, object_pairs_hook=list)
    assert [key for key, _ in pairs] == KEYS
    ticket = answer.json
    assert ticket["number"] == number
    assert ticket["isOverdue"] is False
    assert ticket["closed"] is None
    assert ticket["thread"] == [
        {
            "id": 1,
            "type": "message",
            "poster": "Jane Doe",
            "timestamp": ticket["created"],
            "body": "It burns.",
            "userId": ticket["userId"],
            "attachments": [
                {
                    "id": 1,
                    "file_id": 1,
                    "filename": "é.txt",
                    "size": 2,
                    "mime_type": "text/plain",
                    "inline": False,
                }
            ],
            "attachment_count": 1,
        }
    ]
    assert ticket["fields"] == {"phone": "5551234"}
    assert "text\\/plain" in answer.text
    assert "é" in answer.text
    assert ": " not in answer.text.replace("It burns.", "")


def test_xml_says_the_same(desk: Desk) -> None:
    number = desk.open(subject="é & <b", attachments=[{"a.txt": "hi"}])
    answer = desk.call("GET", f"/api/tickets-get.php/{number}.xml")
    assert (answer.status, answer.type) == (200, "application/xml; charset=UTF-8")
    assert answer.text.startswith('<?xml version="1.0"?>\n<response><id>1</id><number>')
    assert answer.text.isascii()
    root = fromstring(answer.text)
    assert [element.tag for element in root] == KEYS
    assert root.findtext("subject") == "é & <b"
    assert root.findtext("user/email") == "jane@example.com"
    assert root.findtext("isOverdue") == ""
    assert root.findtext("thread/item/attachments/item/filename") == "a.txt"


def test_a_number_goes_before_an_id_and_a_short_reference_is_an_id(desk: Desk) -> None:
    number = desk.open()
    assert desk.get("1")["number"] == number
    assert desk.call("GET", "/api/tickets-get.php/000001.json").status == 404


@pytest.mark.parametrize(
    "ref", ["424242", "0", "9" * 64, "9" * 65, "9" * 3000, "-1", "%00", "é" * 40]
)
def test_what_is_not_there_is_404_in_json(desk: Desk, ref: str) -> None:
    for shape in ("json", "xml"):
        answer = desk.call("GET", f"/api/tickets-get.php/{ref}.{shape}")
        assert (answer.status, answer.type) == (404, JSON)
        assert answer.message == "Ticket not found"


@pytest.mark.parametrize("ref", ["123456", "123456.pdf", ".json", "123456."])
def test_other_paths_are_told_the_pattern(desk: Desk, ref: str) -> None:
    answer = desk.call("GET", f"/api/tickets-get.php/{ref}")
    assert (answer.status, answer.type) == (400, JSON)
    assert answer.message == (
        "Invalid URL format. Expected: /api/tickets-get.php/{ticket_number}.json"
    )
    assert "\\/api\\/" in answer.text


def test_a_key_needs_the_permission(desk: Desk) -> None:
    number = desk.open()
    key = desk.cloud.key(permissions=["can_create_tickets"])["key"]
    answer = desk.call("GET", f"/api/tickets-get.php/{number}.json", key=key)
    assert (answer.status, answer.type) == (403, JSON)
    assert answer.message == "API key not authorized to read tickets"


def test_outside_a_keys_departments_nothing_exists(desk: Desk) -> None:
    number = desk.open(departmentId="Sales")
    support = desk.cloud.key(permissions=["can_read_tickets"], departments=[1])["key"]
    sales = desk.cloud.key(permissions=["can_read_tickets"], departments=[2])["key"]
    path = f"/api/tickets-get.php/{number}.json"
    assert desk.call("GET", path, key=support).status == 404
    assert desk.call("GET", path, key=sales).status == 200


def test_a_customers_key_sees_its_own_tickets_without_what_is_for_agents(desk: Desk) -> None:
    score = {"name": "score", "label": "Score", "agents_only": True}
    topic = desk.row("topics", name="Hardware", fields=[score])
    mine = desk.open(notes="difficult", phone="5551234", topicId=topic, score="low")
    assert desk.get(mine)["fields"]["score"] == "low"
    other = desk.open(email="other@example.com")
    person = desk.get(mine)["userId"]
    permissions = ["can_read_tickets", "can_create_tickets"]
    key = desk.cloud.key(permissions=permissions, customer=person)["key"]
    assert desk.get(mine, key=key)["fields"] == {"phone": "5551234"}
    assert desk.call("GET", f"/api/tickets-get.php/{other}.json", key=key).status == 404
    assert desk.create(MINIMAL, key=key).status == 201
    assert desk.create(MINIMAL | {"email": "other@example.com"}, key=key).status == 403
