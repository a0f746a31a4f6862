"""HEAD on every path with a GET: the same response without its body (RFC 9110, section 9.3.2)."""

from __future__ import annotations

import pytest

from local.cloud import LocalCloud
from tests.http.desk import Answer, Desk

OWN = {"date", "x-amzn-requestid", "location"}
"""Headers that no two answers share; a link is signed anew."""


def heads(answer: Answer) -> tuple[int, dict[str, str]]:
    return answer.status, {k: v for k, v in answer.headers.items() if k not in OWN}


@pytest.fixture(scope="module")
def paths(desk: Desk, cloud: LocalCloud) -> list[str]:
    """Every path with a GET, once of what is there and once of what is not."""
    number = desk.open(attachments=[{"a.txt": "data:,x"}])
    shown = desk.show(number)
    there = {"{ref}": f"{number}.json", "{kind}": "departments", "{id}": "1", "{file}": "start.js"}
    nowhere = {"{ref}": "999999999.json", "{kind}": "nowhere", "{id}": "99", "{file}": "nowhere"}
    file = shown["thread"][0]["attachments"][0]["file_id"]
    found = []
    for api in cloud.gateway.apis:
        for route in api.routes:
            if "GET" not in route.methods:
                continue
            for values in (there, nowhere):
                path = route.resource
                if "download" in path and values is there:
                    path = path.replace("{ref}", f"{file}.json")
                for name, value in values.items():
                    path = path.replace(name, value)
                found.append(path)
    assert len(found) > 40
    return found


@pytest.mark.exhaustive
@pytest.mark.parametrize("key", ["", None, "no key of this desk"], ids=["good", "none", "bad"])
def test_head_is_get_without_its_body(desk: Desk, paths: list[str], key: str | None) -> None:
    wrong = {}
    for path in paths:
        get, head = desk.call("GET", path, key=key), desk.call("HEAD", path, key=key)
        if head.body or heads(head) != heads(get):
            wrong[path] = heads(get), heads(head)
    assert not wrong


def test_without_the_permission_head_is_refused_too(desk: Desk) -> None:
    secret = desk.make_key()["key"]
    answer = desk.call("HEAD", "/api/tickets-statuses.php", key=secret)
    assert (answer.status, answer.body) == (403, b"")
