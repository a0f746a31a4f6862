"""Fixtures for tests of Zammad's API over HTTP."""

from typing import Any

import pytest
from zammad_py import ZammadAPI  # type: ignore[import-untyped]

from tests.http.desk import Desk
from tests.http.zammad import asking
from tests.http.zammad.asking import Somebody
from tests.http.zammad.program import ADDRESS


@pytest.fixture
def client(desk: Desk) -> Any:
    """zammad-py, unmodified, with the admin's key."""
    return ZammadAPI(url=f"{desk.cloud.url}/api/v1/", http_token=desk.key)


@pytest.fixture(scope="module")
def ann(desk: Desk) -> Somebody:
    """An agent who works everywhere."""
    return asking.agent(desk, "ann")


@pytest.fixture(scope="module")
def jane(desk: Desk) -> Somebody:
    """A customer."""
    return asking.customer(desk, "jane")


@pytest.fixture(scope="module")
def xaver(desk: Desk) -> Somebody:
    """An agent of another department."""
    return asking.agent(desk, "xaver", at=2)


@pytest.fixture(scope="module")
def customer(desk: Desk) -> int:
    """The customer whom the requests of other clients name."""
    new = {"email": ADDRESS, "firstname": "Some", "lastname": "Customer"}
    return int(asking.made(desk, "users", new)["id"])
