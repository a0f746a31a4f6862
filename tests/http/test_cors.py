"""CORS: which origins may call, preflight requests, and which response headers pages may read.

Rules: the Fetch standard, "CORS protocol". By default no page may call, and no response has a CORS
header.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from local.aws.clients import Clients
from local.cloud import PARAMETERS, ROOT, STACK, LocalCloud
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.gateway.routes import read_apis
from local.testing import KEY
from tests.http.desk import Answer, Desk, ticket

PAGE = "https://app.example.org"

ASKED = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,idempotency-key,x-api-key",
}


def cors(answer: Answer) -> dict[str, str]:
    return {name: v for name, v in answer.headers.items() if name.startswith("access-control-")}


@pytest.fixture(params=[PAGE, "*"])
def origin(
    request: pytest.FixtureRequest, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The desk's APIs as they are deployed with this CorsOrigin."""
    template = Template(ROOT / "template.yaml", {**PARAMETERS, "CorsOrigin": request.param}, STACK)
    apis = read_apis(template, Resources(template, Clients(), KEY))
    # The resources are those of the running cloud: only what the bodies say is new.
    ids = {api.name: api.id for api in cloud.gateway.apis}
    mine = type(apis)([replace(api, id=ids[api.name]) for api in apis])
    monkeypatch.setattr(cloud, "gateway", replace(cloud.gateway, apis=mine))
    monkeypatch.setenv("CORS_ORIGIN", request.param)
    yield request.param
    cloud.drain()


def every_path(cloud: LocalCloud) -> list[str]:
    return [route.resource for api in cloud.gateway.apis for route in api.routes]


def test_a_preflight_of_every_path_is_answered_without_a_key(
    desk: Desk, cloud: LocalCloud, origin: str
) -> None:
    for path in every_path(cloud):
        address = path.replace("{", "").replace("}", "")
        answer = desk.call("OPTIONS", address, key=None, headers=ASKED)
        said = cors(answer)
        assert (answer.status, answer.body) == (204, b"")
        assert said["access-control-allow-origin"] == origin
        allowed = said["access-control-allow-headers"].lower().split(", ")
        assert {"x-api-key", "authorization", "content-type", "idempotency-key"} <= {*allowed}
        assert "POST" in said["access-control-allow-methods"].split(", ")
        assert "access-control-allow-credentials" not in said


def readable(answer: Answer, origin: str) -> bool:
    exposed = answer.headers.get("access-control-expose-headers", "").split(", ")
    wanted = {"Allow", "Content-Disposition", "Retry-After"}
    return answer.headers.get("access-control-allow-origin") == origin and wanted <= {*exposed}


ANSWERS = [
    ("GET", "/api/tickets-statuses.php", "", None, 200),
    ("GET", "/api/admin/settings", "", None, 200),
    ("GET", "/health", None, None, 200),
    ("GET", "/api/admin/health", None, None, 200),
    ("GET", "/docs", None, None, 200),
    ("GET", "/api/v1/docs", None, None, 200),
    ("GET", "/api/docs", None, None, 200),
    ("POST", "/api/tickets.json", "", ticket(), 201),
    ("POST", "/api/tickets.json", "", {}, 400),
    ("POST", "/api/v1/tickets.php", "", {}, 422),
    ("GET", "/api/tickets-get.php/999999999.json", "", None, 404),
    ("GET", "/api/tickets-statuses.php", None, None, 401),
    ("GET", "/api/admin/settings", "no key", None, 401),
    ("GET", "/nowhere", None, None, 404),
    ("GET", "/api/admin/a/b/c", None, None, 404),
    ("PUT", "/api/tickets.json", "", None, 405),
    ("PUT", "/api/admin/keys", "", None, 405),
]


@pytest.mark.parametrize("asked", ANSWERS, ids=str)
def test_a_page_can_read_every_answer(desk: Desk, origin: str, asked: tuple[Any, ...]) -> None:
    method, path, key, body, status = asked
    answer = desk.call(method, path, body, key=key, headers={"Origin": PAGE})
    assert answer.status == status
    assert readable(answer, origin)


def test_what_is_too_large_is_readable_too(desk: Desk, origin: str) -> None:
    answer = desk.call("POST", "/api/tickets.json", raw=b"x" * 11_000_000, key=None)
    assert answer.status == 413
    assert readable(answer, origin)


@pytest.mark.parametrize("asked", ANSWERS, ids=str)
def test_by_default_no_page_may(desk: Desk, asked: tuple[Any, ...]) -> None:
    method, path, key, body, status = asked
    answer = desk.call(method, path, body, key=key, headers={"Origin": PAGE})
    assert (answer.status, cors(answer)) == (status, {})


def test_by_default_a_preflight_allows_nothing(desk: Desk, cloud: LocalCloud) -> None:
    for path in every_path(cloud):
        address = path.replace("{", "").replace("}", "")
        answer = desk.call("OPTIONS", address, key=None, headers=ASKED)
        assert (answer.status, cors(answer)) == (204, {})


@pytest.mark.parametrize("kind", ["DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "WAF_FILTERED"])
def test_what_the_gateway_says_by_itself_is_readable(
    cloud: LocalCloud, origin: str, kind: str
) -> None:
    for api in cloud.gateway.apis:
        headers = api.responses[kind].headers
        assert headers["Access-Control-Allow-Origin"] == f"'{origin}'"
        assert all(
            "Access-Control-Expose-Headers" in said.headers for said in api.responses.values()
        )
