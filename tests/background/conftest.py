from collections.abc import Iterator

import pytest

from tests.desk import Context, Desk, function, new_desk
from tests.world import ADMIN, aside, html, later, plain

__all__ = ["ADMIN", "Context", "Desk", "aside", "function", "html", "later", "new_desk", "plain"]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk() as made:
        yield made
