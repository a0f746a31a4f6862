"""The whole desk behind HTTP, with AWS at its worst; fresh for each test module."""

from collections.abc import Iterator

import pytest

from local.cloud import LocalCloud
from local.testing import KEY, RunningCloud
from tests.http.conversation import Told, converse
from tests.http.desk import Desk

__all__ = ["KEY"]


@pytest.fixture(scope="module")
def cloud(running_cloud: RunningCloud) -> Iterator[LocalCloud]:
    yield from running_cloud.fresh()


@pytest.fixture(scope="module")
def desk(cloud: LocalCloud) -> Iterator[Desk]:
    """The same as its callers see it; speaks with the admin's key where no other is given."""
    with Desk(cloud, KEY) as open_desk:
        yield open_desk


@pytest.fixture(scope="session")
def told(running_cloud: RunningCloud) -> Told:
    """What is left of a conversation in which every function has worked."""
    (told,) = (converse(fresh) for fresh in running_cloud.fresh())
    return told
