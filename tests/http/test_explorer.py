"""GET /docs and the like: the API explorers, public, without resources of other hosts."""

import json
import re
from unittest.mock import patch
from urllib.parse import urljoin, urlsplit

import pytest

from dialects import answers
from local.cloud import ROOT
from tests.http.desk import Answer, Desk

DOCUMENTS = {
    "/docs": "functions/osticket/explore/openapi.json",
    "/api/v1/docs": "functions/zammad/explore/openapi.json",
    "/api/docs": "functions/notific/explore/openapi.json",
    "/api/admin/docs": "functions/admin/explore/openapi.json",
}
"""What each explorer shows."""

AROUND = (("", ""), ("", "/"), ("/desk", ""))
"""What may stand before and behind the path of each."""

FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "start.js")


def get(desk: Desk, path: str) -> Answer:
    """Without a key, as a browser asks."""
    answer = desk.call("GET", path, key=None)
    assert answer.status == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    sources = re.findall(r"https?:[^ ;]+", policy)
    # Only the page fetches, and beside its own host only what it is redirected to.
    page = answer.type.startswith("text/html")
    assert sources == ([desk.cloud.aws_url] if page else [])
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer


of_each = pytest.mark.parametrize("explorer", DOCUMENTS)


@pytest.mark.parametrize(
    "page", [f"{before}{path}{after}" for path in DOCUMENTS for before, after in AROUND]
)
def test_the_page_and_all_that_it_loads(desk: Desk, page: str) -> None:
    shown = get(desk, page)
    assert shown.type == "text/html; charset=UTF-8"
    icon, *loaded = re.findall(r'(?:src|href|data-document)="([^"]+)"', shown.text)
    assert icon == "data:,"  # else browsers ask for /favicon.ico, which is not there
    names = [address.rsplit("/", 1)[1] for address in loaded]
    assert sorted(names) == sorted([*FILES, "openapi.json"])
    types = {get(desk, urljoin(page, address)).type.partition(";")[0] for address in loaded}
    assert types == {"text/css", "text/javascript", "application/json"}
    # Scripts come from files only: the policy would stop any other.
    assert not re.search(r"<script>|\son\w+=|<style|style=", shown.text)


@of_each
def test_swagger_ui_is_whole(desk: Desk, explorer: str) -> None:
    assert len(get(desk, f"{explorer}/swagger-ui-bundle.js").body) > 1_000_000
    assert ".swagger-ui" in get(desk, f"{explorer}/swagger-ui.css").text
    start = get(desk, f"{explorer}/start.js").text
    # Its badge would tell a host of Swagger's where the document is.
    assert "validatorUrl: null" in start


@of_each
@pytest.mark.parametrize(("prefix", "server"), [("", "/"), ("/desk", "/desk")])
def test_the_document_says_where_it_is_served(
    desk: Desk, prefix: str, server: str, explorer: str
) -> None:
    answer = get(desk, f"{prefix}{explorer}/openapi.json")
    document = json.loads((ROOT / DOCUMENTS[explorer]).read_text("utf-8"))
    assert answer.json == document | {"servers": [{"url": server}]}


@pytest.mark.parametrize("file", ["swagger-ui.js", "app.py", "..%2Fapp.py", "__init__.py", "%00"])
def test_nothing_else_is_there(desk: Desk, file: str) -> None:
    answer = desk.call("GET", f"/docs/{file}", key=None)
    assert (answer.status, answer.json) == (404, {"error": True, "message": "Endpoint not found"})
    answer = desk.call("GET", f"/api/v1/docs/{file}", key=None)
    assert (answer.status, answer.type) == (404, "application/json; charset=utf-8")
    assert answer.json["error"].startswith("No route matches [GET] /api/v1/docs/")
    answer = desk.call("GET", f"/api/docs/{file}", key=None)
    assert (answer.status, answer.type) == (404, "application/json; charset=utf-8")
    assert answer.json["Message"].startswith("No HTTP resource was found that matches")
    answer = desk.call("GET", f"/api/admin/docs/{file}", key=None)
    assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")


def test_it_can_only_be_read(desk: Desk) -> None:
    for path in ("/docs", "/docs/start.js"):
        answer = desk.call("POST", path)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    answer = desk.call("POST", "/api/docs")
    assert (answer.status, answer.headers["allow"]) == (405, "GET")
    assert desk.call("POST", "/api/admin/docs").status == 405
    # In Zammad a wrong method is no route.
    assert desk.call("POST", "/api/v1/docs").status == 404


def test_the_page_may_follow_a_large_answer_to_the_bucket(desk: Desk) -> None:
    number = desk.open()
    with patch.object(answers, "LARGEST_ANSWER", 100):
        answer = desk.call("GET", f"/api/tickets-get.php/{number}.json")
    assert answer.status == 302
    link = urlsplit(answer.headers["location"])
    policy = get(desk, "/docs").headers["content-security-policy"]
    (connect,) = (part for part in policy.split("; ") if part.startswith("connect-src"))
    assert connect == f"connect-src 'self' {link.scheme}://{link.netloc}"
