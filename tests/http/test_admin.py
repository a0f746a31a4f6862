"""What is true of every answer of the admin API, and the shapes that the console builds on."""

from __future__ import annotations

import pytest

from local.cloud import LocalCloud
from tests.http.desk import Desk
from tests.http.endpoints import endpoints


@pytest.fixture(scope="module")
def every(cloud: LocalCloud) -> list[tuple[str, str]]:
    """Method and path of every endpoint of the family; the paths lead nowhere."""
    return [(one.method, one.path()) for one in endpoints(cloud) if one.family == "AdminApi"]


def test_no_cache_may_keep_an_answer(desk: Desk, every: list[tuple[str, str]]) -> None:
    paths = [*every, ("GET", "/api/admin/health"), ("GET", "/api/admin/no/such/path")]
    for method, path in paths:
        for key in ("", None):
            answer = desk.call(method, path, {} if method in {"POST", "PATCH"} else None, key=key)
            assert answer.headers["cache-control"] == "no-store", (method, path, answer.status)
