from collections.abc import Iterator

import pytest

from tests.keys.cloud import Cloud, cloud


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    # Without the rest of the catalogue: moto copies a table for every write of a transaction.
    with cloud(monkeypatch, "departments", "statuses") as ready:
        yield ready
