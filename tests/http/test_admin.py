"""Rules for every response of the admin API, and the formats that the console relies on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from helpdesk.keys import usage_plan
from helpdesk.keys.permissions import PERMISSIONS
from local.cloud import LocalCloud
from tests.http.desk import Desk
from tests.http.endpoints import endpoints


@pytest.fixture(scope="module")
def every(cloud: LocalCloud) -> list[tuple[str, str]]:
    """Method and path of every endpoint of the family; the paths lead nowhere."""
    return [(one.method, one.path()) for one in endpoints(cloud) if one.family == "AdminApi"]


def test_any_good_key_learns_who_it_is_and_where(desk: Desk) -> None:
    made = desk.make_key(networks=["198.51.100.0/24"], departments=[1])
    answer = desk.call("GET", "/api/admin/me", key=made["key"], source="198.51.100.7")
    assert answer.status == 200, answer.text
    told = answer.json
    assert told["key"]["id"] == made["id"]
    assert "key" not in told["key"]
    assert told["address"] == "198.51.100.7"
    assert told["limits"] == {"per_second": 10, "burst": 20}
    assert told["families"] == ["osticket", "zammad", "notific", "admin"]
    others = dict.fromkeys(told["families"][:-1], f"{desk.cloud.url}/desk")
    assert told["addresses"] == others | {"admin": desk.cloud.url}  # as it was asked
    assert told["explorers"] is True
    assert told["desk"].keys() == {"title", "version", "commit", "time_zone"}
    assert desk.call("GET", "/api/admin/me", key=made["key"]).status == 401


def test_any_good_key_learns_what_there_is_and_once_only(desk: Desk) -> None:
    nothing = desk.make_key()["key"]
    answer = desk.call("GET", "/api/admin/schema", key=nothing)
    told = answer.json
    assert [one["name"] for one in told["permissions"]] == list(PERMISSIONS)
    opens = {one["name"]: one["opens"] for one in told["permissions"]}
    assert "POST /api/tickets.json" in opens["can_create_tickets"]["core"]
    assert all(call.startswith("POST ") for call in opens["can_create_tickets"]["core"])
    assert "GET /api/admin/keys" in opens["can_manage_keys"]["admin"]
    assert opens["can_read_tickets"].keys() >= {"plugin", "v1", "zammad", "notific", "admin"}
    topics = told["kinds"]["topics"]
    assert topics["references"]["department"] == "departments"
    assert topics["schema"]["properties"]["name"]["maxLength"] == 128
    assert told["kinds"]["templates"]["built_in"]
    assert told["settings"]["schema"]["properties"]["max_files"]["description"]
    for tag in (answer.headers["etag"], f'W/{answer.headers["etag"]}, "x"'):
        again = desk.call("GET", "/api/admin/schema", headers={"If-None-Match": tag})
        assert (again.status, again.body) == (304, b"")
    other = desk.call("GET", "/api/admin/schema", headers={"If-None-Match": '"x"'})
    assert other.body == answer.body


def test_requests_are_counted_by_key_and_day(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = desk.make_key("can_read_stats")
    desk.cloud.drain()
    # API Gateway may not know its gateway key yet.
    told = desk.call("GET", f"/api/admin/keys/{shared['id']}/usage?days=2").json
    assert (told["shared"], told["days"]) == (True, [])

    monkeypatch.setattr(usage_plan, "WORKS_AFTER", timedelta(0))
    desk.cloud.options.key_lag = 0
    made = desk.make_key("can_read_stats")
    path = f"/api/admin/keys/{made['id']}"
    desk.cloud.drain()
    desk.cloud.authorization.flush()
    for _ in range(3):
        desk.call("GET", "/api/tickets-statuses.php", key=made["key"])
    told = desk.call("GET", f"{path}/usage?days=2").json
    assert told["shared"] is False
    assert [day["requests"] for day in told["days"]] == [0, 3]
    assert told["as_of"].startswith(told["days"][-1]["day"])
    # What was told is told again: API Gateway is asked a few times a second at most.
    desk.call("GET", "/api/tickets-statuses.php", key=made["key"])
    assert desk.call("GET", f"{path}/usage?days=2").json == told
    assert [day["requests"] for day in desk.call("GET", f"{path}/usage").json["days"]][-1] == 4
    assert desk.call("GET", path).json["counted"] is True
    for query in ("days=0", "days=91", "days=x", "weeks=1"):
        assert desk.call("GET", f"{path}/usage?{query}").status == 422


def test_no_cache_may_keep_an_answer(desk: Desk, every: list[tuple[str, str]]) -> None:
    paths = [*every, ("GET", "/api/admin/health"), ("GET", "/api/admin/no/such/path")]
    for method, path in paths:
        for key in ("", None):
            answer = desk.call(method, path, {} if method in {"POST", "PATCH"} else None, key=key)
            assert answer.headers["cache-control"] == "no-store", (method, path, answer.status)
