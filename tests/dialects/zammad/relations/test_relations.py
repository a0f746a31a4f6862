"""Tags, links, merges, mentions, booked time and history (docs/zammad.md 9.6 to 9.8, 17.18 to
17.21); the conformance cases 28 to 31, 64, 74 and 75.
"""

from typing import Any

import pytest

from tests.dialects.zammad.conftest import ARTICLE, TIME, Desk


def tags(desk: Desk, ticket: int) -> list[str]:
    return list(desk.get("/api/v1/tags", object="Ticket", o_id=ticket)["tags"])


def tag(desk: Desk, ticket: int, item: str, **options: Any) -> tuple[int, str]:
    body = {"object": "Ticket", "o_id": ticket, "item": item}
    answer = desk.call("POST", "/api/v1/tags/add", body, **options)
    return answer.status, answer.text


def links(desk: Desk, ticket: int) -> list[tuple[str, int]]:
    found = desk.get("/api/v1/links", link_object="Ticket", link_object_value=ticket)
    assert all(row["link_object"] == "Ticket" for row in found["links"])
    return [(row["link_type"], row["link_object_value"]) for row in found["links"]]


def link(desk: Desk, kind: str, source: object, target: int, **named: Any) -> dict[str, Any]:
    return {
        "link_type": kind,
        "link_object_target": "Ticket",
        "link_object_target_value": target,
        "link_object_source": "Ticket",
        **(named or {"link_object_source_number": source}),
    }


# --- tags -----------------------------------------------------------------------------------


def test_case_74_a_tag_is_added_once_and_removed(desk: Desk) -> None:
    ticket = desk.open()["id"]
    assert tag(desk, ticket, "Fire") == (201, "true")
    assert tag(desk, ticket, "fire") == (201, "true")
    assert tags(desk, ticket) == ["Fire"]
    body = {"object": "Ticket", "o_id": ticket, "item": "FIRE"}
    for _ in range(2):
        answer = desk.call("DELETE", "/api/v1/tags/remove", body)
        assert (answer.status, answer.text) == (200, "true")
    assert tags(desk, ticket) == []


def test_the_php_client_removes_by_query(desk: Desk) -> None:
    ticket = desk.open(tags="a,b")["id"]
    answer = desk.call("DELETE", "/api/v1/tags/remove", object="Ticket", o_id=ticket, item="a")
    assert answer.status == 200
    assert tags(desk, ticket) == ["b"]


@pytest.mark.parametrize("given", ["tag1, tag2, tag3", ["tag1", "tag2", "tag3"]])
def test_case_29_tags_of_a_new_ticket(desk: Desk, given: object) -> None:
    assert tags(desk, desk.open(tags=given)["id"]) == ["tag1", "tag2", "tag3"]


def test_case_30_tags_that_may_not_be_made(desk: Desk) -> None:
    desk.settings(tag_new=False)
    _, key = desk.agent()
    ticket = desk.open(tags="tag1", key=key)["id"]
    assert tags(desk, ticket) == []
    assert tag(desk, ticket, "x", key=key)[0] == 403


def test_tags_that_are_refused(desk: Desk) -> None:
    ticket = desk.open()["id"]
    _, customer = desk.customer()
    assert tag(desk, 99, "x")[0] == 404
    assert tag(desk, ticket, " ")[0] == 422
    assert tag(desk, ticket, "x", key=customer)[0] == 403
    assert desk.get("/api/v1/tags") == {"tags": []}


def test_the_list_of_tags(desk: Desk) -> None:
    ticket = desk.open(tags="b, a")["id"]
    desk.settle_all()
    rows = desk.get("/api/v1/tag_list")
    assert [(row["name"], row["count"]) for row in rows] == [("a", 1), ("b", 1)]
    assert desk.get("/api/v1/tag_list", page=2, per_page=2) == []
    assert desk.call("POST", "/api/v1/tag_list", {"name": "ab"}).text == "{}"
    assert [row["value"] for row in desk.get("/api/v1/tag_search", term="B")] == ["ab", "b"]
    assert desk.call("PUT", f"/api/v1/tag_list/{rows[0]['id']}", {"name": "z"}).text == "{}"
    assert desk.call("DELETE", f"/api/v1/tag_list/{rows[1]['id']}").text == "{}"
    desk.settle_all()
    desk.settle_all()
    assert tags(desk, ticket) == ["z"]
    assert desk.call("PUT", "/api/v1/tag_list/99", {"name": "z"}).status == 404
    _, key = desk.agent()
    assert desk.call("GET", "/api/v1/tag_list", key=key).status == 403


def test_a_customer_finds_no_tags(desk: Desk) -> None:
    desk.open(tags="secret")
    desk.settle_all()
    _, key = desk.customer()
    assert desk.get("/api/v1/tag_search", term="", key=key) == []


# --- links ----------------------------------------------------------------------------------


def test_case_28_links_of_a_new_ticket(desk: Desk) -> None:
    first = desk.open()["id"]
    new = desk.open(links={"Ticket": {"parent": [first]}})["id"]
    assert links(desk, new) == [("child", first)]
    assert links(desk, first) == [("parent", new)]
    last = desk.open(links={"Ticket": {"child": [first], "normal": [first, new]}})["id"]
    assert links(desk, last) == [("parent", first), ("normal", first), ("normal", new)]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("x", "Invalid link structure"),
        ({"Ticket": 1}, "Invalid link structure (Object)"),
        ({"Ticket": {"normal": 1}}, "Invalid link structure (Object → LinkType)"),
        ({"Ticket": {"normal": [99]}}, "Couldn't find Ticket with 'id'=99"),
    ],
)
def test_links_of_a_new_ticket_that_are_none(desk: Desk, given: object, text: str) -> None:
    assert desk.refused(links=given)[1] == text


@pytest.mark.parametrize("by", ["number", "value", "number as value"])
def test_case_75_a_link_is_seen_from_both_sides_and_goes(desk: Desk, by: str) -> None:
    one, other = desk.open(), desk.open()
    answer = desk.call(
        "POST", "/api/v1/links/add", link(desk, "parent", one["number"], other["id"])
    )
    assert answer.status == 201
    body = answer.json
    assert (body["link_object_source_value"], body["link_object_target_value"]) == (1, 2)
    assert TIME.fullmatch(body["created_at"])
    assert links(desk, other["id"]) == [("parent", one["id"])]
    assert links(desk, one["id"]) == [("child", other["id"])]
    again = desk.call("POST", "/api/v1/links/add", link(desk, "parent", one["number"], other["id"]))
    assert (again.status, again.error) == (422, "Link already exists")
    named = {
        "number": {"link_object_source_number": one["number"]},
        "value": {"link_object_source_value": one["id"]},
        "number as value": {"link_object_source_value": one["number"]},
    }[by]
    for _ in range(2):
        gone = desk.call(
            "DELETE", "/api/v1/links/remove", link(desk, "parent", None, other["id"], **named)
        )
        assert (gone.status, gone.text) == (201, "{}")
    assert links(desk, one["id"]) == []


def test_the_linked_tickets_come_with_their_people(desk: Desk) -> None:
    one, other = desk.open(), desk.open()
    desk.call("POST", "/api/v1/links/add", link(desk, "normal", one["number"], other["id"]))
    assets = desk.get("/api/v1/links", link_object="Ticket", link_object_value=one["id"])["assets"]
    assert assets.keys() <= {"Ticket", "User", "Organization", "Group", "Role"}
    assert assets["Ticket"].keys() == {str(other["id"])}
    assert str(other["customer_id"]) in assets["User"]


def test_links_that_are_refused(desk: Desk) -> None:
    one = desk.open()
    refused = desk.call("POST", "/api/v1/links/add", link(desk, "normal", one["number"], one["id"]))
    assert (refused.status, refused.error) == (422, "An object cannot be linked to itself.")
    for body, status in (
        (link(desk, "odd", one["number"], one["id"]), 422),
        (link(desk, "normal", "999999", one["id"]), 404),
        (link(desk, "normal", one["number"], 99), 404),
    ):
        assert desk.call("POST", "/api/v1/links/add", body).status == status
    wrong: list[dict[str, Any]] = [
        {},
        {"link_object": "User", "link_object_value": 1},
        {"link_object": "Ticket"},
    ]
    for query in wrong:
        assert desk.call("GET", "/api/v1/links", **query).status == 403
    _, key = desk.customer()
    own = desk.open(key=key)["id"]
    query = {"link_object": "Ticket", "link_object_value": own}
    assert desk.call("GET", "/api/v1/links", key=key, **query).status == 403
    for method, path in (("POST", "links/add"), ("DELETE", "links/remove")):
        body = link(desk, "normal", one["number"], own)
        assert desk.call(method, f"/api/v1/{path}", body, key=key).status == 403


# --- merges ---------------------------------------------------------------------------------


def test_case_64_a_merge(desk: Desk) -> None:
    one, other = desk.open(article=ARTICLE), desk.open(article=ARTICLE)
    failed = desk.call("PUT", f"/api/v1/ticket_merge/{one['id']}/{other['id']}")
    assert (failed.status, failed.json) == (
        200,
        {"result": "failed", "message": "The target ticket number could not be found."},
    )
    failed = desk.call("PUT", f"/api/v1/ticket_merge/99/{other['number']}")
    assert failed.json["message"] == "The source ticket could not be found."
    path = f"/api/v1/ticket_merge/{one['id']}/{other['number']}"
    _, customer = desk.customer()
    assert desk.call("PUT", path, key=customer).status == 403
    elsewhere = desk.cloud.key(permissions=["can_update_tickets"], departments=[3])["key"]
    assert desk.call("PUT", path, key=elsewhere).status == 403
    done = desk.call("PUT", path)
    assert (done.status, done.json["result"]) == (200, "success")
    assert done.json["target_ticket"]["id"] == other["id"]
    assert done.json["source_ticket"]["state_id"] == 5
    desk.settle()
    moved = desk.get(f"/api/v1/ticket_articles/by_ticket/{other['id']}")
    assert [row["id"] for row in moved] == [*one["article_ids"], *other["article_ids"]]
    (note,) = desk.get(f"/api/v1/ticket_articles/by_ticket/{one['id']}")
    assert (note["body"], note["type"], note["sender"], note["internal"]) == (
        "merged",
        "note",
        "Agent",
        False,
    )
    assert links(desk, one["id"]) == [("parent", other["id"])]
    itself = desk.call("PUT", f"/api/v1/ticket_merge/{other['id']}/{other['number']}")
    assert (itself.status, itself.error) == (422, "A ticket cannot be merged into itself.")
    into = desk.call("PUT", f"/api/v1/ticket_merge/{other['id']}/{one['number']}")
    assert into.error == "It is not possible to merge into an already merged ticket."


# --- mentions -------------------------------------------------------------------------------


def test_who_follows_a_ticket(desk: Desk) -> None:
    ticket = desk.open()["id"]
    number, key = desk.agent()
    body = {"mentionable_type": "Ticket", "mentionable_id": ticket}
    made = desk.call("POST", "/api/v1/mentions", body, key=key)
    assert made.status == 201
    assert made.json["user_id"] == made.json["created_by_id"] == number
    again = desk.call("POST", "/api/v1/mentions", body, key=key)
    assert (again.status, again.json) == (201, made.json)
    assert desk.get("/api/v1/mentions", **body) == {"mentions": [made.json]}
    full = desk.get("/api/v1/mentions", full=True, **body)
    assert full["record_ids"] == [made.json["id"]]
    assert full["assets"].keys() >= {"Mention", "Ticket", "User"}
    path = f"/api/v1/mentions/{made.json['id']}"
    assert desk.call("DELETE", path).status == 403
    gone = desk.call("DELETE", path, key=key)
    assert (gone.status, gone.json) == (200, made.json)
    assert desk.call("DELETE", path, key=key).status == 403


def test_mentions_that_are_refused(desk: Desk) -> None:
    wrong = desk.call("POST", "/api/v1/mentions", {"mentionable_type": "User", "mentionable_id": 1})
    assert wrong.status == 422
    assert wrong.error == "The parameter 'mentionable_type' is invalid."
    for number in (99, "x"):
        body: dict[str, Any] = {"mentionable_type": "Ticket", "mentionable_id": number}
        assert desk.call("POST", "/api/v1/mentions", body).status == 403
        assert desk.call("GET", "/api/v1/mentions", **body).status == 403
    _, key = desk.customer()
    body = {"mentionable_type": "Ticket", "mentionable_id": desk.open(key=key)["id"]}
    assert desk.call("POST", "/api/v1/mentions", body, key=key).status == 403


def test_case_31_mentions_of_a_new_ticket(desk: Desk) -> None:
    agents = [desk.agent(f"{name} Agent")[0] for name in ("Ann", "Bob", "Cat")]
    ticket = desk.open(mentions=agents)["id"]
    query = {"mentionable_type": "Ticket", "mentionable_id": ticket}
    rows = desk.get("/api/v1/mentions", **query)["mentions"]
    assert [row["user_id"] for row in rows] == agents
    person = desk.open()["customer_id"]
    assert desk.refused(mentions=[*agents, person])[0] == 422


def test_whom_an_article_mentions_follows_the_ticket(desk: Desk) -> None:
    (ann, _), (bob, key) = desk.agent(), desk.agent("Bob Agent")
    away = desk.row("departments", name="Away")
    row = {"name": "Eve", "username": "eve", "email": "eve@desk.example", "departments": [away]}
    elsewhere = desk.row("agents", **row)
    person, customer = desk.customer()
    links = "".join(
        f'<a href="#" data-mention-user-id="{one}">x</a>' for one in (ann, elsewhere, person, 999)
    )
    html = {"body": f"Look {links}", "content_type": "text/html"}
    ticket = desk.open(article=ARTICLE | html, customer_id=person)["id"]
    query = {"mentionable_type": "Ticket", "mentionable_id": ticket}

    def followers() -> list[tuple[int, int]]:
        desk.settle()
        rows = desk.get("/api/v1/mentions", **query)["mentions"]
        return [(row["user_id"], row["created_by_id"]) for row in rows]

    assert followers() == [(ann, 2)]
    new = ARTICLE | {"ticket_id": ticket, "content_type": "text/html"}
    for body, who in (
        (f"<A class=x data-mention-user-id='{ann}'>Ann</A>", key),
        (f"<p data-mention-user-id='{bob}'>no link</p>", key),
        (f'<a data-mention-user-id="{bob}">Bob</a>', customer),
    ):
        answer = desk.call("POST", "/api/v1/ticket_articles", new | {"body": body}, key=who)
        assert answer.status == 201
        assert followers() == [(ann, 2)]
    plain = {"content_type": "text/plain", "body": f'<a data-mention-user-id="{bob}">Bob</a>'}
    desk.change(ticket, article=ARTICLE | plain)
    assert followers() == [(ann, 2)]
    desk.change(ticket, key=key, article=ARTICLE | html | {"body": plain["body"]})
    assert followers() == [(ann, 2), (bob, bob)]


# --- time -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["path", "body"])
def test_booked_time(desk: Desk, by: str) -> None:
    made = desk.open(article=ARTICLE)
    ticket, path = made["id"], f"/api/v1/tickets/{made['id']}/time_accountings"
    body = {"time_unit": 11, "ticket_article_id": made["article_ids"][0]}
    if by == "path":
        booked = desk.call("POST", path, body)
    else:
        booked = desk.call("POST", "/api/v1/time_accountings", body | {"ticket_id": ticket})
    assert booked.status == 201
    row = booked.json
    assert (row["time_unit"], row["ticket_id"], row["type_id"]) == ("11.0", ticket, None)
    assert row["ticket_article_id"] == made["article_ids"][0]
    assert desk.get(path) == [row]
    above = path if by == "path" else "/api/v1/time_accountings"
    one = f"{above}/{row['id']}"
    assert desk.get(one) == row
    changed = desk.call("PUT", one, {"time_unit": "0.5"})
    assert changed.json["time_unit"] == "0.5"
    assert desk.call("PUT", one, {"type_id": 1}).json == changed.json
    assert desk.call("DELETE", one).text == "{}"
    assert desk.get(path) == []
    for method in ("GET", "PUT", "DELETE"):
        assert desk.call(method, one, {"time_unit": 1}).status == 404
    assert desk.get("/api/v1/time_accounting/types") == []


def test_time_is_booked_with_articles(desk: Desk) -> None:
    made = desk.open(article=ARTICLE | {"time_unit": "1,5"})
    ticket = made["id"]
    assert made["time_unit"] == "1.5"
    desk.change(ticket, article=ARTICLE | {"time_unit": 2})
    article = ARTICLE | {"ticket_id": ticket, "time_unit": 10}
    answer = desk.call("POST", "/api/v1/ticket_articles", article)
    assert (answer.status, answer.json["time_unit"]) == (201, "10.0")
    assert desk.get(f"/api/v1/tickets/{ticket}")["time_unit"] == "13.5"
    rows = desk.get(f"/api/v1/tickets/{ticket}/time_accountings")
    assert [row["time_unit"] for row in rows] == ["1.5", "2.0", "10.0"]
    articles = desk.get(f"/api/v1/tickets/{ticket}", expand=True)["article_ids"]
    assert [row["ticket_article_id"] for row in rows] == articles
    assert desk.refused(article=ARTICLE | {"time_unit": "x"})[0] == 422


def test_a_ticket_tells_the_ids_of_its_booked_time(desk: Desk) -> None:
    made = desk.open(article=ARTICLE | {"time_unit": 1})
    ticket, path = made["id"], f"/api/v1/tickets/{made['id']}/time_accountings"
    desk.change(ticket, article=ARTICLE | {"time_unit": 2})
    desk.call("POST", "/api/v1/ticket_articles", ARTICLE | {"ticket_id": ticket, "time_unit": 3})
    desk.call("POST", path, {"time_unit": 4})

    def ids(**options: Any) -> Any:
        shown = desk.get(f"/api/v1/tickets/{ticket}", expand=True, **options)
        return shown["ticket_time_accounting_ids"]

    booked = [row["id"] for row in desk.get(path)]
    assert len(booked) == 4
    assert made["ticket_time_accounting_ids"] == booked[:1]
    assert ids() == booked
    person = made["customer_id"]
    key = desk.cloud.key(customer=person, permissions=["can_read_tickets"])["key"]
    assert ids(key=key) == []
    for number in booked:
        assert desk.call("DELETE", f"{path}/{number}").status == 200
    assert ids() == []


def test_time_beside_a_new_article_is_never_refused(desk: Desk) -> None:
    ticket = desk.open()["id"]
    assert desk.change(ticket, time_unit=5)["time_unit"] is None
    assert desk.change(ticket, time_unit=5, article=ARTICLE)["time_unit"] == "5.0"
    assert desk.change(ticket, time_unit="odd", article=ARTICLE)["time_unit"] == "5.0"
    own = ARTICLE | {"time_unit": 1}
    assert desk.change(ticket, time_unit=7, article=own)["time_unit"] == "6.0"


def test_time_that_is_refused(desk: Desk) -> None:
    ticket = desk.open()["id"]
    path = f"/api/v1/tickets/{ticket}/time_accountings"
    for body, status in (
        ({}, 422),
        ({"time_unit": "x"}, 422),
        ({"time_unit": 1, "ticket_article_id": 99}, 404),
    ):
        assert desk.call("POST", path, body).status == status
    assert desk.call("POST", "/api/v1/tickets/99/time_accountings", {"time_unit": 1}).status == 404
    assert desk.call("POST", "/api/v1/time_accountings", {"time_unit": 1}).status == 404
    assert desk.call("DELETE", f"{path}/99").status == 404
    _, key = desk.customer()
    assert desk.call("POST", path, {"time_unit": 1}, key=key).status == 403
    booked = desk.call("POST", path, {"time_unit": 1}).json["id"]
    own = f"/api/v1/time_accountings/{booked}"
    for method in ("GET", "PUT", "DELETE"):
        assert desk.call(method, own, {"time_unit": 2}, key=key).status == 403
    assert desk.get(own)["time_unit"] == "1.0"


# --- history --------------------------------------------------------------------------------


def test_what_happened(desk: Desk) -> None:
    number, key = desk.agent()
    made = desk.open(article=ARTICLE)
    ticket = made["id"]
    desk.change(ticket, key=key, state="closed", owner_id=number, priority="3 high", title="New")
    tag(desk, ticket, "fire", key=key)
    found = desk.get(f"/api/v1/ticket_history/{ticket}")
    rows = found["history"]
    assert [row["id"] for row in rows] == list(range(1, len(rows) + 1))
    by_attribute = {row["attribute"]: row for row in rows}
    values = {
        name: (row["value_from"], row["value_to"])
        for name, row in by_attribute.items()
        if row["type"] == "updated"
    }
    assert values["state"] == ("new", "closed")
    assert values["owner"][0] == "-"
    assert values["priority"] == ("2 normal", "3 high")
    assert values["title"] == ("Printer", "New")
    added = by_attribute["tag"]
    assert (added["type"], added["value_to"], added["created_by_id"]) == ("added", "fire", number)
    assert rows[0]["type"] == "created"
    assert {row["object"] for row in rows} == {"Ticket", "Ticket::Article"}
    assert str(number) in found["assets"]["User"]
    assert str(ticket) in found["assets"]["Ticket"]
    _, customer = desk.customer()
    assert desk.call("GET", f"/api/v1/ticket_history/{ticket}", key=customer).status == 403
    assert desk.call("GET", "/api/v1/ticket_history/99").status == 404
