from collections.abc import Iterator

import pytest

from tests.gateway import Cloud, cloud


@pytest.fixture
def desk() -> Iterator[Cloud]:
    with cloud() as ready:
        yield ready
