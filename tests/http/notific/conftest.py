"""The Notific API in each format."""

from __future__ import annotations

from itertools import count

import pytest

from tests.http.desk import Desk
from tests.http.notific.client import Notific

_numbers = count(1)


IN_BOTH = {"test_contract", "test_formats", "test_seed"}
"""Files that hold that all can be said in JSON and in XML. What the others tell of the desk is the
same in either, so that `make check` alone asks in XML.
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs each test in each format."""
    if "notific" in metafunc.fixturenames:
        marks = () if metafunc.definition.path.stem in IN_BOTH else (pytest.mark.exhaustive,)
        formats = ["json", pytest.param("xml", marks=marks)]
        metafunc.parametrize("notific", formats, indirect=True)


@pytest.fixture
def notific(request: pytest.FixtureRequest, desk: Desk) -> Notific:
    """A client; tests of one module share a desk, so that they name what they make by `unique`."""
    return Notific(desk, request.param)


@pytest.fixture
def unique() -> str:
    """A word that no other test has."""
    return f"n{next(_numbers)}"
