"""Rows as the console lists, orders and deletes them: filters, order, what uses a row."""

from typing import Any

import pytest

from tests.gateway import Cloud


def row(desk: Cloud, kind: str, **values: Any) -> int:
    answer = desk.call("POST", f"/api/admin/{kind}", values)
    assert answer.status == 201, answer.body
    return int(answer.body["id"])


def names(desk: Cloud, kind: str, **query: str) -> list[str]:
    answer = desk.call("GET", f"/api/admin/{kind}", query=query)
    assert answer.status == 200, answer.body
    return [one["name"] for one in answer.body["items"]]


def test_lists_find_rows_by_what_they_are_called_and_whether_they_are_on(desk: Cloud) -> None:
    row(desk, "agents", name="Ann Lee", email="ann@lee.example", username="al", active=False)
    row(desk, "agents", name="Bob", email="bob@bee.example", username="bb")
    for text in ("ANN", "lee.ex", "al"):
        assert names(desk, "agents", q=text) == ["Ann Lee"]
    assert "Ann Lee" in names(desk, "agents", active="false")
    assert "Ann Lee" not in names(desk, "agents", active="true")
    assert names(desk, "agents", q="ann", active="true") == []
    assert len(names(desk, "statuses", active="true")) == len(names(desk, "statuses"))


def test_organizations_are_found_as_well_a_page_at_a_time(desk: Cloud) -> None:
    for number in range(4):
        row(desk, "organizations", name=f"Acme {number}", active=number != 1)
    row(desk, "organizations", name="Other")
    query = {"q": "acme", "active": "true", "limit": "2"}
    first = desk.call("GET", "/api/admin/organizations", query=query).body
    assert [one["name"] for one in first["items"]] == ["Acme 0", "Acme 2"]
    query["next"] = first["next"]
    rest = desk.call("GET", "/api/admin/organizations", query=query).body
    assert [one["name"] for one in rest["items"]] == ["Acme 3"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [({"active": "yes"}, "active"), ({"q": "x" * 201}, "q"), ({"colour": "red"}, "colour")],
)
def test_a_filter_that_is_none_is_refused(desk: Cloud, query: dict[str, str], field: str) -> None:
    answer = desk.call("GET", "/api/admin/topics", query=query)
    assert (answer.status, answer.field) == (422, field)


def test_rows_are_put_into_an_order_all_at_once(desk: Cloud) -> None:
    path = "/api/admin/statuses"
    ids = [one["id"] for one in desk.call("GET", path).body["items"]]
    turned = desk.call("PATCH", f"{path}/order", {"ids": ids[::-1]})
    assert [one["id"] for one in turned.body["items"]] == ids[::-1]
    sorts = {one["id"]: one["sort"] for one in desk.call("GET", path).body["items"]}
    assert sorted(ids, key=lambda number: sorts[number]) == ids[::-1]


@pytest.mark.parametrize(
    ("kind", "ids", "status"),
    [
        ("statuses", [1], 422),
        ("statuses", [1, 1, 2, 3, 4, 5], 422),
        ("statuses", [1, 2, 3, 4, 99], 422),
        ("departments", [1], 404),
        ("nothing", [1], 404),
    ],
)
def test_an_order_that_is_none_is_refused(
    desk: Cloud, kind: str, ids: list[int], status: int
) -> None:
    before = desk.call("GET", "/api/admin/statuses").body
    assert desk.call("PATCH", f"/api/admin/{kind}/order", {"ids": ids}).status == status
    assert desk.call("GET", "/api/admin/statuses").body == before


def test_what_uses_a_row_is_told_and_stands_in_the_refusal(desk: Cloud) -> None:
    sales = row(desk, "departments", name="Wholesale")
    topic = row(desk, "topics", name="Orders", department=sales)
    key = desk.key(name="Shop", departments=[sales])
    path = f"/api/admin/departments/{sales}"
    told = desk.call("GET", f"{path}/uses").body
    assert told == {
        "items": [{"kind": "topics", "id": topic, "name": "Orders"}],
        "settings": [],
        "keys": [{"id": key["id"], "name": "Shop"}],
        "people": 0,
        "tickets": 0,
    }
    refused = desk.call("DELETE", path)
    assert (refused.status, refused.code) == (409, "in_use")
    assert refused.body["error"]["used_by"] == told
    assert desk.call("GET", "/api/admin/departments/1/uses").body["settings"] == ["default_dept_id"]
    assert desk.call("GET", "/api/admin/departments/99/uses").status == 404


def test_names_of_keys_are_for_those_who_manage_keys(desk: Cloud) -> None:
    sales = row(desk, "departments", name="Wholesale")
    made = desk.key(name="Shop", departments=[sales])
    keeper = desk.key(name="Keeper", permissions=["can_manage_directory"])["key"]
    told = desk.call("GET", f"/api/admin/departments/{sales}/uses", key=keeper).body
    assert told["keys"] == [{"id": made["id"], "name": None}]


def test_what_others_have_changed_is_not_changed_unseen(desk: Cloud) -> None:
    for path, change in (
        ("/api/admin/topics/1", {"name": "Other"}),
        ("/api/admin/organizations/1", {"note": "Other"}),
        ("/api/admin/settings", {"helpdesk_title": "Other"}),
    ):
        if path.endswith("organizations/1"):
            row(desk, "organizations", name="Acme", id=1)
        tag = desk.call("GET", path).headers["ETag"]
        seen = {"If-Match": tag}
        first = desk.call("PATCH", path, change, headers=seen)
        assert first.status == 200, first.body
        assert first.headers["ETag"] != tag
        late = desk.call("PATCH", path, change, headers=seen)
        assert (late.status, late.code) == (409, "changed"), path
        if not path.endswith("settings"):
            assert desk.call("DELETE", path, headers=seen).code == "changed"
        again = desk.call("GET", path).headers["ETag"]
        assert again == first.headers["ETag"]
