"""The whole desk behind HTTP, as unkind as AWS can be."""

from collections.abc import Iterator

import pytest

from local.cloud import LocalCloud
from local.switches import Switches

KEY = "local-admin-key-of-the-tests"

UNKIND = Switches(index_lag=0.3, conflict_rate=0.05, duplicate_rate=0.1, stage_prefix=True)


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(switches=UNKIND, first_key=KEY, stack="tests-http") as running:
        yield running
