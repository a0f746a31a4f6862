"""The Notific API in each format."""

from __future__ import annotations

from itertools import count

import pytest

from tests.http.desk import Desk
from tests.http.notific.client import Notific

_numbers = count(1)


@pytest.fixture(params=["json", "xml"])
def notific(request: pytest.FixtureRequest, desk: Desk) -> Notific:
    """A client; tests of one module share a desk, so that they name what they make by `unique`."""
    return Notific(desk, request.param)


@pytest.fixture
def unique() -> str:
    """A word that no other test has."""
    return f"n{next(_numbers)}"
