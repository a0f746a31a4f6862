"""People in the admin API: found by name or address, shown, changed."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from local.cloud import LocalCloud
from tests.http.desk import Answer, Desk

PATH = "/api/admin/people"
QUIET: dict[str, Any] = {"alert": False, "autorespond": False}
EVIL = '<script>alert(1)</script>\u202egpj.exe"'


@pytest.fixture(scope="module")
def ids(desk: Desk, cloud: LocalCloud) -> dict[str, int]:
    """Ann with two tickets, one of them in another department; Hannah, Bob and somebody evil."""
    found = {}
    for name, email in (
        ("Ann Lee", "ann@lee.example"),
        ("Hannah Bo", "hb@bo.example"),
        ("Bob Öst", "bob@annex.example"),
        (EVIL, "evil@x.example"),
    ):
        number = desk.open(name=name, email=email, **QUIET)
        found[email.partition("@")[0]] = desk.show(number)["userId"]
    sales = desk.make_row("departments", name="Wholesale")
    desk.open(name="Ann Lee", email="ann@lee.example", departmentId=sales, **QUIET)
    desk.make_row("agents", name="Annette Agent", username="annette", email="annette@desk.example")
    cloud.drain(retry=True)
    return found | {"sales": sales}


def names(desk: Desk, query: str, **how: Any) -> list[str]:
    answer = desk.call("GET", f"{PATH}?{query}", **how)
    assert answer.status == 200, answer.text
    return [item["name"] for item in answer.json["items"]]


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    error = answer.json["error"]
    return answer.status, error["code"], error["field"]


def test_a_text_finds_people_and_no_agents(desk: Desk, ids: dict[str, int]) -> None:
    wanted = {
        "q=ann": ["Ann Lee", "Bob Öst", "Hannah Bo"],
        "q=ANN%20lee": ["Ann Lee"],
        "q=lee.ex": ["Ann Lee"],
        "q=ost": ["Bob Öst"],
        "q=ann%20ost": ["Bob Öst"],
        "q=%3Cscript": [EVIL.replace("\u202e", "")],
        "q=nobody": [],
        "q=annette": [],
        "q=**": [],
    }
    found = {query: names(desk, query) for query in wanted}
    found["q=%3Cscript"] = [name.replace("\u202e", "") for name in found["q=%3Cscript"]]
    assert found == wanted


def test_an_item_says_who_it_is_and_how_many_tickets_they_have(
    desk: Desk, ids: dict[str, int]
) -> None:
    organization = desk.make_row("organizations", name="ACME")
    desk.set(f"people/{ids['ann']}", organization=organization)
    (item,) = desk.call("GET", f"{PATH}?q=lee").json["items"]
    assert item == {
        "id": ids["ann"],
        "name": "Ann Lee",
        "email": "ann@lee.example",
        "organization": {"id": organization, "name": "ACME"},
        "tickets": 2,
    }
    key = desk.make_key("can_manage_directory", departments=[ids["sales"]])["key"]
    (item,) = desk.call("GET", f"{PATH}?q=lee", key=key).json["items"]
    assert item["tickets"] == 1


def test_lists_have_pages(desk: Desk, ids: dict[str, int]) -> None:
    for query in ("q=ann&", ""):
        whole, page, after = names(desk, query), [], ""
        while True:
            answer = desk.call("GET", f"{PATH}?{query}limit=2{after}").json
            page += [item["name"] for item in answer["items"]]
            if answer["next"] is None:
                break
            after = f"&next={answer['next']}"
        assert page == whole
    assert names(desk, "")[0].startswith("<script>")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("q=a", "q"),
        ("q=" + "a" * 201, "q"),
        ("q=ann&next=x", "next"),
        ("next=%C3%A9", "next"),
        ("limit=0", "limit"),
        ("name=ann", "name"),
    ],
)
def test_what_a_list_cannot_read_is_refused(desk: Desk, query: str, field: str) -> None:
    assert refusal(desk.call("GET", f"{PATH}?{query}")) == (422, "invalid", field)


def test_too_many_matches_are_refused_in_words(desk: Desk, ids: dict[str, int]) -> None:
    with patch("helpdesk.queries.limits.PROBE", 1):
        assert refusal(desk.call("GET", f"{PATH}?q=ann")) == (422, "too_wide", None)


def test_a_person_changes_and_their_tickets_with_them(
    desk: Desk, ids: dict[str, int], cloud: LocalCloud
) -> None:
    path = f"{PATH}/{ids['bob']}"
    shown = desk.call("GET", path).json
    assert (shown["firstname"], shown["login"], shown["active"]) == (
        "Bob",
        "bob@annex.example",
        True,
    )
    change = {"name": "Robert Ost", "email": "Rob@Annex.example", "phone": "123", "vip": True}
    changed = desk.call("PATCH", path, change).json
    assert (changed["name"], changed["lastname"]) == ("Robert Ost", "Ost")
    assert (changed["email"], changed["phone"], changed["vip"]) == (
        "rob@annex.example",
        "123",
        True,
    )
    assert desk.call("GET", path).json == changed
    cloud.drain(retry=True)
    (ticket,) = desk.call("GET", f"/api/admin/tickets?person={ids['bob']}").json["items"]
    assert ticket["person"] == {
        "id": ids["bob"],
        "name": "Robert Ost",
        "email": "rob@annex.example",
    }
    assert names(desk, "q=robert") == ["Robert Ost"]


@pytest.mark.parametrize(
    ("sent", "wanted", "said"),
    [
        ({"email": "no address"}, (422, "invalid", "email"), "email must be an e-mail address"),
        (
            {"organization": 99},
            (422, "invalid", "organization"),
            "organization refers to something that does not exist",
        ),
        ({"name": ""}, (422, "invalid", "name"), "name must not be empty"),
        ({"name": "a\r\nb"}, (422, "invalid", "name"), "name must be one line of printable text"),
        ({"vip": "yes"}, (422, "invalid", "vip"), "vip must be a valid boolean"),
        ({"login": "x"}, (422, "invalid", "login"), "login is not a known field"),
        ({"email": "hb@bo.example"}, (409, "email_taken", "email"), "This address is taken"),
        ({"email": "annette@desk.example"}, (409, "email_taken", "email"), "This address is taken"),
    ],
)
def test_what_cannot_be_changed_is_refused_and_changes_nothing(
    desk: Desk,
    ids: dict[str, int],
    sent: dict[str, Any],
    wanted: tuple[int, str, str],
    said: str,
) -> None:
    stored = desk.stored()
    answer = desk.call("PATCH", f"{PATH}/{ids['ann']}", sent)
    assert refusal(answer) == wanted
    assert answer.json["error"]["message"] == said
    assert desk.stored() == stored


def test_agents_nobody_and_the_desk_are_no_people(desk: Desk, ids: dict[str, int]) -> None:
    agent = desk.call("GET", "/api/admin/agents").json["items"][0]["id"]
    for number in (1, 2, agent, 99999):
        for method in ("GET", "PATCH"):
            answer = desk.call(method, f"{PATH}/{number}", {"vip": True})
            assert refusal(answer) == (404, "not_found", None)


def test_a_key_sees_and_changes_what_it_may(desk: Desk, ids: dict[str, int]) -> None:
    ann = desk.make_key("can_manage_directory", customer=ids["ann"])["key"]
    assert names(desk, "", key=ann) == ["Ann Lee"]
    assert names(desk, "q=ann", key=ann) == ["Ann Lee"]
    assert desk.call("GET", f"{PATH}/{ids['ann']}", key=ann).status == 200
    assert desk.call("GET", f"{PATH}/{ids['hb']}", key=ann).status == 404
    sales = desk.make_key("can_manage_directory", departments=[ids["sales"]])["key"]
    for key in (ann, sales):
        answer = desk.call("PATCH", f"{PATH}/{ids['ann']}", {"vip": True}, key=key)
        assert refusal(answer) == (403, "forbidden", None)
    low = desk.make_key("can_read_tickets", "can_manage_keys")["key"]
    for method, path in (("GET", PATH), ("GET", f"{PATH}/4"), ("PATCH", f"{PATH}/4")):
        assert refusal(desk.call(method, path, {}, key=low)) == (403, "forbidden", None)
