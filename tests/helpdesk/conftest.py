from collections.abc import Iterator

import pytest

from tests.desk import Desk, new_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk() as made:
        yield made
