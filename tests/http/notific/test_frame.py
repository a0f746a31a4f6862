"""Paths, keys, methods and API Gateway's own responses (docs/notific.md 1)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.http.desk import Answer, Desk

DENIED = "Authorization has been denied for this request."

RESOURCES = ("Tickets", "Customers", "Services", "Operators")


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_key_stands_in_the_query_alone(desk: Desk, resource: str) -> None:
    for headers in (
        {},
        {"X-API-Key": desk.key},
        {"Authorization": f"Bearer {desk.key}"},
    ):
        answer = desk.call("GET", f"/api/{resource}", key=None, headers=headers)
        assert (answer.status, answer.json) == (401, {"Message": DENIED})
    for name in ("Key", "apikey"):
        answer = desk.call("GET", f"/api/{resource}?{name}={desk.key}", key=None)
        assert answer.status == 401


@pytest.mark.parametrize("kind", ["application/json", "application/xml", "text/xml"])
def test_what_the_gateway_says_is_in_the_format_that_is_accepted(desk: Desk, kind: str) -> None:
    for path in ("/api/Tickets/1/2", "/api/tickets/1/2/3", "/api/Services/1/x?a=b"):
        answer = desk.call("GET", path, headers={"Accept": kind})
        place = f"https://127.0.0.1:{desk.cloud.port}{path.partition('?')[0]}"
        words = f"No HTTP resource was found that matches the request URI '{place}'."
        assert (answer.status, message(answer)) == (404, words)
        assert answer.type.startswith(kind)


def message(answer: Answer) -> str:
    """The words of a refusal, of which there is nothing else."""
    if "xml" not in answer.type:
        (words,) = answer.json.values()
        return str(words)
    error = ET.fromstring(answer.body)  # noqa: S314 - ours
    (element,) = error
    assert (error.tag, element.tag) == ("Error", "Message")
    return str(element.text)


@pytest.mark.parametrize("kind", ["application/json", "application/xml", "text/xml"])
@pytest.mark.parametrize("resource", [*RESOURCES, *map(str.lower, RESOURCES)])
def test_wrong_methods_name_the_right_ones(desk: Desk, resource: str, kind: str) -> None:
    for path, methods, allow in (
        (f"/api/{resource}", ("PUT", "DELETE", "PATCH"), "GET, POST"),
        (f"/api/{resource}/1", ("POST", "PATCH"), "GET, PUT, DELETE"),
    ):
        for method in methods:
            answer = desk.call(method, path, headers={"Accept": kind})
            words = f"The requested resource does not support http method '{method}'."
            assert (answer.status, message(answer)) == (405, words)
            assert answer.headers["allow"] == allow
            assert answer.type.startswith(kind)
