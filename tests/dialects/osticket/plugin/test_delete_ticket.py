"""DELETE /api/tickets-delete.php/{ref}: who may, what is answered, and that it is gone."""

from typing import Any

import pytest

from tests import world
from tests.dialects.osticket.conftest import MINIMAL, Desk
from tests.recount import assert_counted


def delete(desk: Desk, ref: str, **options: Any) -> tuple[int, str]:
    answer = desk.call("DELETE", f"/api/tickets-delete.php/{ref}", **options)
    return answer.status, answer.text if answer.status == 200 else answer.message


NOT_FOUND = (404, "Ticket not found")


def test_the_number_as_plain_text(desk: Desk) -> None:
    number = desk.open()
    answer = desk.call("DELETE", f"/api/tickets-delete.php/{number}.json")
    assert (answer.status, answer.text) == (200, number)
    assert answer.type == "text/plain; charset=UTF-8"


def test_what_is_deleted_is_nowhere(desk: Desk) -> None:
    number, other = desk.open(), desk.open(subject="Scanner")
    ticket = desk.get(number)["id"]
    file = {"a.txt": "data:text/plain,hello"}
    with_file = desk.open(attachments=[file], parentTicketNumber=number)
    desk.settle()
    assert delete(desk, f"{number}.xml") == (200, number)
    for ref in (number, str(ticket)):
        assert desk.call("GET", f"/api/tickets-get.php/{ref}.json").status == 404
        assert delete(desk, f"{ref}.json") == NOT_FOUND
    assert {row["number"] for row in desk.search()} == {other, with_file}
    desk.settle()
    assert_counted()
    assert [row["number"] for row in desk.search(query="printer")] == [with_file]
    assert (
        desk.call("POST", "/api/tickets.json", MINIMAL | {"parentTicketId": ticket}).status == 404
    )


def test_a_file_of_a_deleted_ticket_is_unknown_at_once(desk: Desk) -> None:
    number = desk.open(attachments=[{"a.txt": "data:text/plain,hello"}])
    (file,) = desk.get(number)["thread"][0]["attachments"]
    path = f"/api/tickets-attachment-download.php/{file['file_id']}.json"
    assert desk.call("GET", path).status == 200
    delete(desk, f"{number}.json")
    assert desk.call("GET", path).status == 404
    desk.settle()
    assert desk.call("GET", path).status == 404
    assert desk.objects() == 0


def test_by_id_where_no_number_can_be_so_short(desk: Desk) -> None:
    number = desk.open()
    ticket = desk.get(number)["id"]
    assert delete(desk, f"{ticket}.json") == (200, number)
    assert delete(desk, f"{ticket}.json") == NOT_FOUND


def test_children_lose_their_parent_and_a_parent_its_child(desk: Desk) -> None:
    top = desk.open(subject="Top")
    middle = desk.open(subject="Middle", parentTicketNumber=top)
    leaf = desk.open(subject="Leaf", parentTicketNumber=middle)
    desk.settle()
    delete(desk, f"{middle}.json")
    assert desk.get(top)["children"] == []
    desk.settle()
    items = [item for item in world.items("desk") if item["sk"]["S"] == "A"]
    assert not any("parent" in item for item in items)
    assert desk.get(leaf)["subject"] == "Leaf"
    assert_counted()


@pytest.mark.parametrize("ref", ["781258", "781258.txt", ".json", "781258.JSON"])
def test_a_path_that_is_none(desk: Desk, ref: str) -> None:
    expected = "Invalid URL format. Expected: /api/tickets-delete.php/{ticket_number}.json"
    assert delete(desk, ref) == (400, expected)


@pytest.mark.parametrize("ref", ["781258", "0", "1", "9" * 64, "9" * 65, "ä", "1'--"])
def test_what_is_no_ticket(desk: Desk, ref: str) -> None:
    assert delete(desk, f"{ref}.json") == NOT_FOUND


# --- who may --------------------------------------------------------------------------------


def test_only_with_the_permission_itself(desk: Desk) -> None:
    number = desk.open()
    key = desk.cloud.key(permissions=["can_update_tickets", "can_read_tickets"])["key"]
    forbidden = (403, "API key not authorized to delete tickets")
    assert delete(desk, "999999.json", key=key) == forbidden
    before = world.items()
    assert delete(desk, f"{number}.json", key=key) == forbidden
    assert world.items() == before


def test_a_key_deletes_what_it_sees(desk: Desk) -> None:
    sales, support = desk.open(departmentId="Sales"), desk.open()
    key = desk.cloud.key(permissions=["can_delete_tickets"], departments=[2])["key"]
    assert delete(desk, f"{support}.json", key=key) == NOT_FOUND
    assert delete(desk, f"{sales}.json", key=key) == (200, sales)
    assert desk.get(support)["number"] == support


def test_a_customer_deletes_nothing(desk: Desk) -> None:
    number = desk.open()
    customer = desk.get(number)["userId"]
    key = desk.cloud.key(permissions=["can_delete_tickets"], customer=customer)["key"]
    assert delete(desk, f"{number}.json", key=key)[0] == 403
    assert desk.get(number)["number"] == number
