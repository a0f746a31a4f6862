"""The whole desk behind HTTP, as unkind as AWS can be."""

from collections.abc import Iterator

import pytest

from local.cloud import LocalCloud
from local.switches import Switches
from tests.http.desk import SOURCE_HEADER, Desk

KEY = "local-admin-key-of-the-tests"

UNKIND = Switches(
    index_lag=0.3,
    conflict_rate=0.05,
    duplicate_rate=0.1,
    stage_prefix=True,
    source_header=SOURCE_HEADER,
)


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud(switches=UNKIND, first_key=KEY, stack="tests-http") as running:
        yield running


@pytest.fixture(scope="session")
def desk(cloud: LocalCloud) -> Iterator[Desk]:
    """The same as its callers see it; speaks with the admin's key where no other is given."""
    with Desk(cloud, KEY) as open_desk:
        yield open_desk
