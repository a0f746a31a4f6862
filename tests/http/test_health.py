"""GET /health of each API: public, reports what is deployed, and invokes no function."""

from __future__ import annotations

import pytest

from local.cloud import ROOT, LocalCloud
from local.version import commit, version
from tests.http.desk import Desk

PATHS = ("/health", "/api/admin/health", "/desk/health", "/desk/api/admin/health")


@pytest.mark.parametrize("path", PATHS)
def test_it_says_what_is_served_and_asks_nothing(desk: Desk, cloud: LocalCloud, path: str) -> None:
    with cloud.aws.recording() as calls:
        answer = desk.call("GET", path, key=None)
    assert calls == []
    assert answer.status == 200
    assert answer.type == "application/json; charset=UTF-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json == {"status": "ok", "version": version(ROOT), "commit": commit(ROOT)}


def test_the_commit_is_git_s(cloud: LocalCloud) -> None:
    assert commit(ROOT).removesuffix("-dirty").isalnum()
    assert commit(ROOT.parent / "nowhere") == "unknown"


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "text/html"])
def test_what_type_a_monitor_says_does_not_matter(desk: Desk, media_type: str) -> None:
    answer = desk.call("GET", "/health", key=None, headers={"Content-Type": media_type})
    assert answer.status == 200


@pytest.mark.parametrize("path", PATHS)
def test_it_can_only_be_read(desk: Desk, path: str) -> None:
    answer = desk.call("POST", path)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
