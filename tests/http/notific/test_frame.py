"""Paths, keys, methods and what API Gateway says by itself (docs/notific.md 1)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.http.desk import Desk

DENIED = "Authorization has been denied for this request."

RESOURCES = ("Tickets", "Customers", "Services", "Operators")


@pytest.mark.parametrize("resource", RESOURCES)
def test_paths_in_lower_case_and_with_a_slash_are_the_same(desk: Desk, resource: str) -> None:
    wanted = desk.call("GET", f"/api/{resource}")
    assert wanted.status == 200
    for path in (f"/api/{resource.lower()}", f"/api/{resource}/", f"/api/{resource.lower()}/"):
        answer = desk.call("GET", path)
        assert (answer.status, answer.body) == (200, wanted.body)


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


@pytest.mark.parametrize("kind", ["application/xml", "text/xml"])
def test_what_the_gateway_says_comes_in_xml_too(desk: Desk, kind: str) -> None:
    for method, path, key, status, words in (
        ("GET", "/api/Tickets", None, 401, DENIED),
        ("GET", "/api/Tickets", "no key", 401, DENIED),
        (
            "PATCH",
            "/api/tickets/1",
            "",
            405,
            "The requested resource does not support http method 'PATCH'.",
        ),
        (
            "GET",
            "/api/Tickets/1/2",
            "",
            404,
            (
                "No HTTP resource was found that matches the request URI "
                f"'https://127.0.0.1:{desk.cloud.port}/api/Tickets/1/2'."
            ),
        ),
    ):
        answer = desk.call(method, path, key=key, headers={"Accept": kind})
        assert (answer.status, answer.type) == (status, kind)
        error = ET.fromstring(answer.body)  # noqa: S314 - ours
        assert (error.tag, error.findtext("Message")) == ("Error", words)


@pytest.mark.parametrize("resource", [*RESOURCES, *map(str.lower, RESOURCES)])
def test_wrong_methods_name_the_right_ones(desk: Desk, resource: str) -> None:
    for path, methods, allow in (
        (f"/api/{resource}", ("PUT", "DELETE", "PATCH"), "GET, POST"),
        (f"/api/{resource}/1", ("POST", "PATCH"), "GET, PUT, DELETE"),
    ):
        for method in methods:
            answer = desk.call(method, path)
            words = f"The requested resource does not support http method '{method}'."
            assert (answer.status, answer.json) == (405, {"Message": words})
            assert answer.headers["allow"] == allow
