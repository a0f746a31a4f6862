"""The Postman collection, run from top to bottom as Postman runs it."""

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


@of_each
def test_every_request_of_a_collection_works(desk: Desk, collection: Collection) -> None:
    read_once = read(collection)
    assert read_once["info"]["schema"].endswith("/v2.1.0/collection.json")
    assert {one["key"] for one in read_once["variable"]} == {"BASE_URL", "API_KEY", "TICKET_ID"}
    ticket = desk.show(desk.open())["id"]
    variables = {
        "BASE_URL": desk.cloud.url + collection.below,
        "API_KEY": desk.key,
        "TICKET_ID": str(ticket),
    }
    answered = []
    for item in read_once["item"]:
        answer = send(desk, item["request"], variables)
        answered.append((item["request"]["method"], answer.status))
        for one in item["request"]["url"].get("query", ()):
            if one.get("disabled"):
                assert send(desk, item["request"], variables, one["key"]).status == 200
    assert sorted(answered) == [
        ("DELETE", 200),
        ("GET", 200),
        ("PATCH", 200),
        ("POST", 201),
        ("PUT", 200),
    ]
    assert answered[-1][0] == "DELETE"
