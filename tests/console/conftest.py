"""The console in a browser, over a desk that is fresh for each module of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from helpdesk.monitoring import attention
from local.cloud import LocalCloud
from local.testing import KEY, RunningCloud
from tests.console.visitor import Visitor
from tests.http.desk import Desk
from tools import chromium


@pytest.fixture(scope="module")
def cloud(running_cloud: RunningCloud) -> Iterator[LocalCloud]:
    for cloud in running_cloud.fresh():
        # Somebody looks at everything.
        cloud.options.on_demand = False
        yield cloud


@pytest.fixture(scope="module")
def desk(cloud: LocalCloud) -> Iterator[Desk]:
    with Desk(cloud, KEY) as open_desk:
        yield open_desk


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.browser() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """What wants somebody is counted anew, not as it was for the test before."""
    attention.forget()


@pytest.fixture
def visitor(browser: Browser, cloud: LocalCloud) -> Iterator[Visitor]:
    """Somebody in front of a screen, not signed in."""
    with Visitor(browser, cloud) as somebody:
        yield somebody
