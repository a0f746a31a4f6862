"""GET /api/tickets-search.php, where there is little or nothing to find."""

from tests.dialects.osticket.conftest import Desk

PATH = "/api/tickets-search.php"


def test_an_empty_desk_has_an_empty_list(desk: Desk) -> None:
    assert desk.call("GET", PATH).text == "[]"
    assert desk.call("GET", f"{PATH}.xml").text == '<?xml version="1.0"?>\n<response/>\n'


def test_an_inactive_department_still_has_its_tickets(desk: Desk) -> None:
    department = desk.row("departments", name="Closing")
    desk.open(departmentId=department)
    desk.settle()
    path = f"/api/admin/departments/{department}"
    assert desk.cloud.call("PATCH", path, {"active": False}).status == 200
    assert len(desk.search(department="Closing")) == 1


def test_a_new_ticket_is_listed_at_once_and_found_when_its_postings_are_there(desk: Desk) -> None:
    number = desk.open()
    assert [row["number"] for row in desk.search()] == [number]
    assert [row["number"] for row in desk.search(sort="updated")] == [number]
    assert desk.search(query="printer") == []
    desk.settle()
    assert [row["number"] for row in desk.search(query="printer")] == [number]
