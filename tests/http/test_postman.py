"""The Postman collections, run from top to bottom as Postman runs them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.http.desk import Answer, Desk
from tools.postman import COLLECTIONS, Collection

of_each = pytest.mark.parametrize("collection", COLLECTIONS, ids=lambda one: one.name)


def read(collection: Collection) -> Any:
    return json.loads(collection.file.read_text(encoding="utf-8"))


def send(desk: Desk, request: Any, variables: Mapping[str, str], *switched_on: str) -> Answer:
    """What Postman sends, with these of the parameters that are switched off as well."""

    def filled(text: str) -> str:
        return re.sub(r"\{\{(\w+)\}\}", lambda name: variables[name[1]], text)

    url = request["url"]
    query = "&".join(
        f"{one['key']}={one['value'].replace(' ', '%20')}"
        for one in url.get("query", ())
        if not one.get("disabled") or one["key"] in switched_on
    )
    address = "/".join([*url["host"], *url["path"]]) + (f"?{query}" if query else "")
    if not switched_on:
        assert address == url["raw"]
    headers = {one["key"]: filled(one["value"]) for one in request["header"]}
    body = filled(request["body"]["raw"]).encode() if "body" in request else b""
    path = filled(address).removeprefix(desk.cloud.url)
    return desk.call(request["method"], path, raw=body, key=None, headers=headers)


def there(desk: Desk, collection: Collection) -> dict[str, Any]:
    """What a desk has, by the collection's variables."""
    if collection.api == "OsticketApi":
        return {"TICKET_ID": desk.show(desk.open())["id"]}
    if collection.api == "NotificApi":
        return notific(desk)
    return {**tickets(desk), **directory(desk)}


def notific(desk: Desk) -> dict[str, Any]:
    ids = {}
    for name, values in {
        "SERVICE": {"Name": "Postman"},
        "CUSTOMER": {"Name": "Jane", "Email": "jane@notific.example"},
        "OPERATOR": {"Name": "Otto", "Email": "otto@notific.example"},
        "TICKET": {"Title": "Toner", "Description": "It burns."},
    }.items():
        answer = desk.call("POST", f"/api/{name.capitalize()}s", values)
        assert answer.status == 201, answer.text
        ids[f"{name}_ID"] = answer.json["Id"]
    return ids


def post(desk: Desk, path: str, body: Any) -> Any:
    answer = desk.call("POST", f"/api/v1/{path}", body)
    assert answer.status in {200, 201}, answer.text
    return answer.json


def tickets(desk: Desk) -> dict[str, Any]:
    file = {"filename": "a.txt", "data": "eA==", "mime-type": "text/plain"}
    new = {"title": "Toner", "group": "Users", "customer_id": "guess:jane@postman.example"}
    article = {"body": "It burns.", "attachments": [file]}
    first = post(desk, "tickets", {**new, "article": article})
    other = post(desk, "tickets", {**new, "article": article})["id"]
    ticket, written = first["id"], first["article_ids"][0]
    shown = desk.call("GET", f"/api/v1/ticket_articles/{written}").json
    raw = b"From: eve@postman.example\r\nSubject: Ashes\r\n\r\nAll is gone.\r\n"
    mailed = desk.show(desk.call("POST", "/api/tickets.email", raw=raw).text)
    mention = {"mentionable_type": "Ticket", "mentionable_id": ticket}
    return {
        "TICKET_ID": ticket,
        "TICKET_NUMBER": first["number"],
        "OTHER_TICKET_ID": other,
        "ARTICLE_ID": written,
        "MAIL_ID": mailed["thread"][0]["id"],
        "ATTACHMENT_ID": shown["attachments"][0]["id"],
        "MENTION_ID": post(desk, "mentions", mention)["id"],
        "ACCOUNTING_ID": post(desk, f"tickets/{ticket}/time_accountings", {"time_unit": 1})["id"],
    }


def directory(desk: Desk) -> dict[str, Any]:
    post(desk, "tag_list", {"name": "smoke"})
    tags = {row["name"]: row["id"] for row in desk.call("GET", "/api/v1/tag_list").json}
    state = {"name": "parked", "state_type_id": 2}
    return {
        "USER_ID": post(desk, "users", {"login": "postman"})["id"],
        "ORGANIZATION_ID": post(desk, "organizations", {"name": "Postman"})["id"],
        "GROUP_ID": post(desk, "groups", {"name": "Postmen"})["id"],
        "STATE_ID": post(desk, "ticket_states", state)["id"],
        "PRIORITY_ID": post(desk, "ticket_priorities", {"name": "9 never"})["id"],
        "TAG_ID": tags["smoke"],
    }


@pytest.mark.exhaustive
@of_each
def test_every_request_of_a_collection_works(desk: Desk, collection: Collection) -> None:
    read_once = read(collection)
    assert read_once["info"]["schema"].endswith("/v2.1.0/collection.json")
    variables = {
        "BASE_URL": desk.cloud.url + collection.below,
        "API_KEY": desk.key,
        **{name: str(value) for name, value in there(desk, collection).items()},
    }
    assert {one["key"] for one in read_once["variable"]} == set(variables)
    answered, wrong = [], []
    for item in read_once["item"]:
        request = item["request"]
        answer = send(desk, request, variables)
        answered.append(request["method"])
        if answer.status not in {200, 201}:
            wrong.append((item["name"], answer.status, answer.text))
        for one in request["url"].get("query", ()):
            if one.get("disabled") and request["method"] == "GET":
                answer = send(desk, request, variables, one["key"])
                if answer.status != 200:
                    wrong.append((item["name"], one["key"], answer.text))
    assert wrong == []
    assert {"DELETE", "GET", "POST", "PUT"} <= {*answered}
    assert answered[-1] == "DELETE"
