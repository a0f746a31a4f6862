from collections.abc import Iterator

import pytest

from tests.keys.cloud import Cloud, cloud


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud(monkeypatch) as ready:
        yield ready
