"""Subtickets over the plugin's endpoints: link, unlink, parent, children, and every refusal."""

from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.storage import table, transact
from helpdesk.storage.keys import ticket_key
from helpdesk.tickets import find, links
from tests import world
from tests.dialects.osticket.conftest import Answer, Desk

JSON = "application/json; charset=UTF-8"
XML = "application/xml; charset=UTF-8"
CIRCULAR = (422, "Failed to create subticket relationship")
ALL_MAY = ["can_create_tickets", "can_read_tickets", "can_update_tickets", "can_manage_subtickets"]


def parent(desk: Desk, child: str, shape: str = "json", **options: Any) -> Answer:
    return desk.call("GET", f"/api/tickets-subtickets-parent.php/{child}.{shape}", **options)


def children(desk: Desk, above: str, shape: str = "json", **options: Any) -> Answer:
    return desk.call("GET", f"/api/tickets-subtickets-list.php/{above}.{shape}", **options)


def unlink(desk: Desk, child: str, shape: str = "json", **options: Any) -> Answer:
    return desk.call("DELETE", f"/api/tickets-subtickets-unlink.php/{child}.{shape}", **options)


def told(answer: Answer) -> tuple[int, str]:
    assert answer.type == JSON
    return answer.status, answer.message


def under(desk: Desk, above: str) -> list[str]:
    """The numbers of a ticket's children."""
    answer = children(desk, above)
    assert answer.status == 200
    return [child["number"] for child in answer.json["children"]]


def above_of(desk: Desk, child: str) -> str | None:
    answer = parent(desk, child)
    assert answer.status == 200
    found = answer.json["parent"]
    return found and str(found["number"])


def refused(desk: Desk, above: str, child: object) -> tuple[int, str]:
    """Status and message of a link that is refused, and so changes nothing."""
    before = world.written()
    answer = told(desk.link(above, child))
    assert world.written() == before
    return answer


# --- linking and looking --------------------------------------------------------------------


def test_a_link_and_what_shows_it(desk: Desk) -> None:
    above, below = desk.open(subject="Parent Ticket"), desk.open(subject="Child Ticket")
    ids = [desk.get(number)["id"] for number in (above, below)]
    shown = [
        {"ticket_id": number, "number": name, "subject": subject, "status": "Open"}
        for number, name, subject in zip(
            ids, (above, below), ("Parent Ticket", "Child Ticket"), strict=True
        )
    ]
    answer = desk.link(above, below)
    assert (answer.status, answer.type) == (200, JSON)
    assert answer.json == {
        "success": True,
        "message": "Subticket relationship created successfully",
        "parent": shown[0],
        "child": shown[1],
    }
    assert parent(desk, below).json == {"parent": shown[0]}
    assert children(desk, above).json == {"children": [shown[1]]}
    assert desk.get(above)["children"] == [ids[1]]
    assert ("linked", {"parent": ids[0]}) in desk.history(below)
    assert ("linked", {"child": ids[1]}) in desk.history(above)


def test_a_ticket_that_is_opened_under_another(desk: Desk) -> None:
    above = desk.open()
    below = desk.open(parentTicketNumber=above)
    assert (above_of(desk, below), under(desk, above)) == (above, [below])
    ids = [desk.get(number)["id"] for number in (above, below)]
    assert ("linked", {"parent": ids[0]}) in desk.history(below)
    assert ("linked", {"child": ids[1]}) in desk.history(above)


def test_a_ticket_without_relatives(desk: Desk) -> None:
    number = desk.open()
    assert parent(desk, number).json == {"parent": None}
    assert children(desk, number).json == {"children": []}


def test_xml(desk: Desk) -> None:
    above, below = desk.open(subject="a & b"), desk.open(subject="ü")
    head = '<?xml version="1.0"?>\n<response>'
    answer = parent(desk, below, "xml")
    assert (answer.type, answer.text) == (XML, f"{head}<parent/></response>\n")
    assert children(desk, above, "xml").text == f"{head}<children/></response>\n"
    shown = [
        f"<ticket_id>{desk.get(number)['id']}</ticket_id><number>{number}</number>"
        f"<subject>{subject}</subject><status>Open</status>"
        for number, subject in ((above, "a &amp; b"), (below, "&#xFC;"))
    ]
    path = f"/api/tickets-subtickets-create.php/{above}.xml"
    assert desk.call("POST", path, {"childId": below}).text == (
        f"{head}<success>1</success><message>Subticket relationship created successfully</message>"
        f"<parent>{shown[0]}</parent><child>{shown[1]}</child></response>\n"
    )
    assert parent(desk, below, "xml").text == f"{head}<parent>{shown[0]}</parent></response>\n"
    assert children(desk, above, "xml").text == (
        f"{head}<children><item>{shown[1]}</item></children></response>\n"
    )
    assert unlink(desk, below, "xml").text == (
        f"{head}<success>1</success><message>Subticket relationship removed successfully</message>"
        f"<child>{shown[1]}</child></response>\n"
    )


def test_bodies_of_a_link(desk: Desk) -> None:
    above, *below = (desk.open() for _ in range(5))
    path = f"/api/tickets-subtickets-create.php/{above}.json"
    bodies = {
        "application/json": f'{{"childId": {below[0]}}}',
        "application/json; charset=utf-8": f'{{"childId": " {below[1]} "}}',
        "application/x-www-form-urlencoded": f"childId={below[2]}",
        "application/xml": f"<link><childId>{below[3]}</childId></link>",
    }
    for kind, body in bodies.items():
        answer = desk.call("POST", path, raw=body.encode(), headers={"Content-Type": kind})
        assert answer.status == 200, (kind, answer.text)
    assert under(desk, above) == below


def test_ids_name_tickets_too(desk: Desk) -> None:
    above, below = desk.open(), desk.open()
    ids = [desk.get(number)["id"] for number in (above, below)]
    assert desk.link(str(ids[0]), ids[1]).status == 200
    assert above_of(desk, str(ids[1])) == above
    assert under(desk, str(ids[0])) == [below]
    assert refused(desk, above, ids[0]) == (400, "Cannot link ticket to itself")
    assert unlink(desk, str(ids[1])).status == 200


def test_children_are_in_the_order_of_their_creation_and_of_one_level(desk: Desk) -> None:
    numbers = [desk.open() for _ in range(12)]
    for child in (7, 3, 11, 1):
        assert desk.link(numbers[0], numbers[child]).status == 200
    assert desk.link(numbers[3], numbers[4]).status == 200
    assert under(desk, numbers[0]) == [numbers[child] for child in (1, 3, 7, 11)]


def test_unlinking_and_linking_again(desk: Desk) -> None:
    above, other, below = desk.open(), desk.open(), desk.open()
    assert desk.link(above, below).status == 200
    answer = unlink(desk, below)
    assert (answer.status, answer.type) == (200, JSON)
    assert answer.json == {
        "success": True,
        "message": "Subticket relationship removed successfully",
        "child": {
            "ticket_id": desk.get(below)["id"],
            "number": below,
            "subject": "Printer",
            "status": "Open",
        },
    }
    assert (above_of(desk, below), under(desk, above)) == (None, [])
    kinds = [kind for number in (above, below) for kind, _ in desk.history(number)]
    assert sorted(kinds) == ["created"] * 2 + ["linked"] * 2 + ["unlinked"] * 2
    assert desk.link(other, below).status == 200
    assert (above_of(desk, below), under(desk, other)) == (other, [below])


def test_a_link_stays_when_a_ticket_is_closed(desk: Desk) -> None:
    above, below = desk.open(), desk.open()
    desk.link(above, below)
    desk.change(below, statusId="Closed", departmentId="Sales", note="Done.")
    assert children(desk, above).json["children"][0]["status"] == "Closed"


# --- refusals -------------------------------------------------------------------------------


def test_to_itself(desk: Desk) -> None:
    number = desk.open()
    assert refused(desk, number, number) == (400, "Cannot link ticket to itself")
    # Nobody looks whether there is such a ticket.
    assert refused(desk, "424242", 424242) == (400, "Cannot link ticket to itself")


def test_twice(desk: Desk) -> None:
    above, other, below = desk.open(), desk.open(), desk.open()
    desk.link(above, below)
    assert refused(desk, above, below) == (422, "Subticket relationship already exists")
    assert refused(desk, other, below) == (422, "Child ticket already has a different parent")


@pytest.mark.parametrize("length", [2, 3, 12])
def test_circles(desk: Desk, length: int) -> None:
    numbers = [desk.open() for _ in range(length)]
    for above, below in pairwise(numbers):
        assert desk.link(above, below).status == 200
    assert refused(desk, numbers[-1], numbers[0]) == CIRCULAR
    before = world.written()
    assert told(desk.update(numbers[0], parentTicketNumber=numbers[-1], note="x")) == CIRCULAR
    assert told(desk.update(numbers[0], parentTicketNumber=numbers[0])) == CIRCULAR
    assert world.written() == before


def test_too_deep(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_ABOVE", 3)
    numbers = [desk.open() for _ in range(5)]
    for above, below in pairwise(numbers[:-1]):
        assert desk.link(above, below).status == 200
    assert refused(desk, numbers[-2], numbers[-1]) == CIRCULAR


@pytest.mark.parametrize("child", [None, "", " ", "0", 0])
def test_without_a_child(desk: Desk, child: object) -> None:
    words = "Missing childId in request body"
    assert refused(desk, desk.open(), child) == (400, words)


@pytest.mark.parametrize("child", [[], {"a": "b"}, True, 1.5])
def test_a_child_of_a_wrong_type(desk: Desk, child: object) -> None:
    assert refused(desk, desk.open(), child) == (400, "childId: Name or id expected")


@pytest.mark.parametrize("child", ["424242", "77", -1, "no/such", "x" * 65, "1" * 2000, "\x00"])
def test_an_unknown_child(desk: Desk, child: object) -> None:
    status, words = refused(desk, desk.open(), child)
    too_long = "childId: Value is too long (at most 1000 characters)"
    known = {(404, "Child ticket not found"), (400, too_long)}
    assert (status, words) in known


def test_an_unknown_parent_comes_first(desk: Desk) -> None:
    assert refused(desk, "424242", "434343") == (404, "Parent ticket not found")
    assert refused(desk, "x" * 65, desk.open()) == (404, "Parent ticket not found")


def test_tickets_that_are_not_there(desk: Desk) -> None:
    assert told(parent(desk, "424242")) == (404, "Child ticket not found")
    assert told(children(desk, "424242")) == (404, "Parent ticket not found")
    assert told(unlink(desk, "424242")) == (404, "Child ticket not found")
    assert told(unlink(desk, desk.open())) == (404, "Child has no parent to unlink")


def test_the_number_zero(desk: Desk) -> None:
    number = desk.open()
    assert told(parent(desk, "0")) == (400, "Invalid ticket number")
    assert told(children(desk, "0")) == (400, "Invalid ticket number")
    assert told(unlink(desk, "0")) == (400, "Invalid child ticket number")
    assert told(desk.link("0", number)) == (400, "Invalid parent ticket number")


@pytest.mark.parametrize(
    ("method", "script", "name"),
    [
        ("GET", "parent", "child"),
        ("GET", "list", "parent"),
        ("POST", "create", "parent"),
        ("DELETE", "unlink", "child"),
    ],
)
def test_a_path_that_names_none(desk: Desk, method: str, script: str, name: str) -> None:
    path = f"/api/tickets-subtickets-{script}.php"
    words = f"Invalid URL format. Expected: {path}/{{{name}_ticket_number}}.json"
    for ref in ("", "781258", ".json", "781258.html"):
        assert told(desk.call(method, f"{path}/{ref}", {"childId": 1})) == (400, words)


def test_bodies_that_say_nothing(desk: Desk) -> None:
    path = f"/api/tickets-subtickets-create.php/{desk.open()}.json"
    for raw in (b"", b"{", b"\xff"):
        assert told(desk.call("POST", path, raw=raw)) == (400, "Invalid JSON: Syntax error")
    assert told(desk.call("POST", path, {})) == (400, "No data provided in JSON body")
    plain = {"Content-Type": "text/plain"}
    assert told(desk.call("POST", path, raw=b"...", headers=plain)) == (400, "No data provided")


# --- the parent in an update ----------------------------------------------------------------


def test_an_update_sets_the_parent_and_replaces_it(desk: Desk) -> None:
    first, second, below = desk.open(), desk.open(), desk.open()
    desk.change(below, parentTicketNumber=first, statusId="Resolved")
    assert (above_of(desk, below), under(desk, first)) == (first, [below])
    desk.change(below, parentTicketNumber=second)
    assert (above_of(desk, below), under(desk, first), under(desk, second)) == (second, [], [below])
    ids = {number: desk.get(number)["id"] for number in (first, second, below)}
    assert ("unlinked", {"parent": ids[first]}) in desk.history(below)
    assert ("unlinked", {"child": ids[below]}) in desk.history(first)
    assert ("linked", {"child": ids[below]}) in desk.history(second)
    before = world.written()
    assert desk.update(below, parentTicketNumber=second).status == 200
    assert world.written() == before


def test_an_update_moves_a_ticket_up_and_down_its_own_line(desk: Desk) -> None:
    top, middle, below = desk.open(), desk.open(), desk.open()
    desk.link(top, middle)
    # A parent may itself be a child (docs/osticket.md, row J).
    desk.change(below, parentTicketNumber=middle)
    desk.change(below, parentTicketNumber=top)
    assert (under(desk, top), under(desk, middle)) == ([middle, below], [])
    desk.change(below, parentTicketNumber=middle)
    assert (under(desk, top), under(desk, middle)) == ([middle], [below])


# --- who may --------------------------------------------------------------------------------


def test_a_key_without_the_permission(desk: Desk) -> None:
    above, below = desk.open(), desk.open()
    key = desk.cloud.key(permissions=["can_read_tickets", "can_update_tickets"])["key"]
    words = (403, "API key not authorized for subticket operations")
    assert told(desk.link(above, below, key=key)) == words
    assert told(parent(desk, below, key=key)) == words
    assert told(children(desk, above, key=key)) == words
    assert told(unlink(desk, below, key=key)) == words


def test_a_key_of_departments_sees_no_relatives_elsewhere(desk: Desk) -> None:
    inside, outside = desk.open(departmentId=2), desk.open()
    above, below = desk.open(departmentId=2), desk.open(departmentId=2)
    for child in (outside, inside):
        desk.link(above, child)
    desk.link(outside, below)
    key = desk.cloud.key(permissions=ALL_MAY, departments=[2])["key"]
    shown = children(desk, above, key=key).json["children"]
    assert [child["number"] for child in shown] == [inside]
    assert desk.get(above, key=key)["children"] == [desk.get(inside)["id"]]
    assert parent(desk, below, key=key).json == {"parent": None}
    assert told(unlink(desk, below, key=key)) == (404, "Child has no parent to unlink")
    assert told(desk.link(above, outside, key=key)) == (404, "Child ticket not found")
    assert told(desk.link(outside, above, key=key)) == (404, "Parent ticket not found")
    assert told(parent(desk, outside, key=key)) == (404, "Child ticket not found")
    assert told(children(desk, outside, key=key)) == (404, "Parent ticket not found")
    assert unlink(desk, inside, key=key).status == 200


def test_a_customer_links_nothing(desk: Desk) -> None:
    above, below, other = desk.open(), desk.open(), desk.open(email="other@example.com")
    key = desk.cloud.key(permissions=ALL_MAY, customer=desk.get(above)["userId"])["key"]
    assert desk.link(above, below, key=key).status == 403
    desk.link(above, below)
    desk.link(above, other)
    assert unlink(desk, below, key=key).status == 403
    shown = children(desk, above, key=key).json["children"]
    assert [child["number"] for child in shown] == [below]
    assert told(parent(desk, other, key=key)) == (404, "Child ticket not found")


# --- a parent that is gone ------------------------------------------------------------------


def test_a_parent_that_is_gone_reads_as_none(desk: Desk) -> None:
    gone, above, below = desk.open(), desk.open(), desk.open()
    desk.link(gone, below)
    ids = {number: desk.get(number)["id"] for number in (gone, above, below)}
    transact.write(transact.delete(ticket_key(ids[gone])))
    assert parent(desk, below).json == {"parent": None}
    assert told(unlink(desk, below)) == (404, "Child has no parent to unlink")
    assert desk.link(above, below).status == 200
    assert above_of(desk, below) == above
    assert not list(table.query(ticket_key(ids[gone]).pk, begins="C#"))
    assert ("linked", {"parent": ids[above]}) in desk.history(below)


# --- once -----------------------------------------------------------------------------------


def test_a_repeated_link_gets_the_same_answer(desk: Desk) -> None:
    above, below = desk.open(), desk.open()
    headers = {"Idempotency-Key": "link"}
    first = desk.link(above, below, headers=headers)
    assert first.status == 200
    assert desk.link(above, below, headers=headers) == first
    unlink(desk, below)
    assert desk.link(above, below, headers=headers) == first
    assert under(desk, above) == []
    other = desk.link(above, desk.open(), headers=headers)
    assert told(other) == (409, "Idempotency-Key was used for another request")


def test_of_the_same_link_twice_at_a_time_both_get_the_answer(desk: Desk) -> None:
    above, below = desk.open(), desk.open()
    headers = {"Idempotency-Key": "link"}
    other: list[Answer] = []
    find_items = find.find_items

    def after_the_other(*arguments: Any) -> Any:
        with patch.object(find, "find_items", find_items):
            other.append(desk.link(above, below, headers=headers))
        return find_items(*arguments)

    with patch.object(find, "find_items", after_the_other):
        answer = desk.link(above, below, headers=headers)
    assert (answer.status, [answer]) == (200, other)
    with patch.object(find, "find_items", after_the_other):
        # Without a key nobody knows that it is the same.
        assert told(desk.link(above, below)) == (422, "Subticket relationship already exists")
