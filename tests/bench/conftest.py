import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from bench.desk import Desk
from bench.load import Load
from helpdesk.catalogue import cache
from helpdesk.storage import aws

TICKETS = 100


@pytest.fixture(scope="module")
def loaded() -> Iterator[Desk]:
    """The bench's own desk, whose AWS is another process; this one is left as it was."""
    with (
        patch.dict(os.environ),
        patch.object(aws, "READ_SECONDS", aws.READ_SECONDS),
        Desk() as desk,
    ):
        aws.forget_clients()
        Load(desk.aws).up_to(TICKETS)
        yield desk
    aws.forget_clients()
    cache.forget()
