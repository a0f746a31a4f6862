"""GET /api/tickets-statuses.php."""

import pytest

from tests.dialects.osticket.conftest import Desk

STOCK = (
    '[{"id":1,"name":"Open","state":"open"},{"id":2,"name":"Resolved","state":"closed"},'
    '{"id":3,"name":"Closed","state":"closed"},{"id":4,"name":"Archived","state":"archived"},'
    '{"id":5,"name":"Deleted","state":"deleted"}]'
)


@pytest.mark.parametrize("path", ["/api/tickets-statuses.php", "/api/tickets-statuses.php.json"])
def test_all_five_stock_states(desk: Desk, path: str) -> None:
    answer = desk.call("GET", path)
    assert (answer.status, answer.text) == (200, STOCK)
    assert answer.type == "application/json; charset=UTF-8"


@pytest.mark.parametrize(
    ("path", "query", "accept"),
    [
        ("/api/tickets-statuses.php.xml", None, "*/*"),
        ("/api/tickets-statuses.php", {"format": "xml"}, "*/*"),
        ("/api/tickets-statuses.php", None, "application/xml, application/json;q=0.9"),
    ],
)
def test_xml_in_three_ways(
    desk: Desk, path: str, query: dict[str, str] | None, accept: str
) -> None:
    answer = desk.call("GET", path, query=query, headers={"Accept": accept})
    assert answer.type == "application/xml; charset=UTF-8"
    first = "<item><id>1</id><name>Open</name><state>open</state></item>"
    assert answer.text.startswith(f'<?xml version="1.0"?>\n<response>{first}')


@pytest.mark.parametrize("permission", ["can_read_stats", "can_read_tickets"])
def test_either_permission_will_do(desk: Desk, permission: str) -> None:
    key = desk.cloud.key(permissions=[permission])["key"]
    assert desk.call("GET", "/api/tickets-statuses.php", key=key).status == 200


def test_other_permissions_will_not(desk: Desk) -> None:
    key = desk.cloud.key(permissions=["can_create_tickets"])["key"]
    answer = desk.call("GET", "/api/tickets-statuses.php", key=key)
    assert answer.status == 403
    assert answer.message == "API key not authorized to read ticket statistics"


def test_a_new_status_is_listed_in_its_place(desk: Desk) -> None:
    desk.row("statuses", name="Waiting", state="open", sort=0)
    names = [row["name"] for row in desk.call("GET", "/api/tickets-statuses.php").json]
    assert names[0] == "Waiting"
