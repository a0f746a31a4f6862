"""pytest fixtures: the whole desk in this process, fresh for every test, with faults on.

    from local.testing import cloud, running_cloud  # in a conftest.py

`cloud` is a LocalCloud that has just been set up. Useful members: `url`, `key` (the admin
key), `mailbox.mails()`, `drain()`, `run_schedule()`, `invoke()`, `aws.recording()`,
`aws.faults.plan()`, `options`. The desk's AWS clients use it while the test runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.catalogue import cache
from local.cloud import LocalCloud
from local.options import KEY_LAG, FaultOptions
from local.snapshot import Snapshot

KEY = "local-admin-key-of-the-tests-0123456789"

SOURCE_HEADER = "X-Test-Source"
"""Header with which a test sets its source address."""


def adverse_options() -> FaultOptions:
    """A new copy of the options for a test."""
    return FaultOptions(
        index_lag=0.3,
        conflict_rate=0.05,
        duplicate_rate=0.1,
        stage_prefix=True,
        on_demand=True,
        strict=True,
        key_lag=KEY_LAG,
        rates=1000,
        source_header=SOURCE_HEADER,
    )


class RunningCloud:
    """A cloud that is started once, and its state to restore."""

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}
        self.cloud = LocalCloud(options=adverse_options(), first_key=KEY, timers=False)
        with self.clients():
            self.cloud.start()
        self._snapshot = Snapshot()
        self._used = frozenset(self.cloud.aws.used)
        self.cloud.leave()

    def clients(self) -> Any:
        """While this is open, the desk uses the clients connected to this cloud."""
        return patch("helpdesk.storage.aws._clients", self._clients)

    def stop(self) -> None:
        """Stop the cloud."""
        self._clients.pop("session", None)
        for client in self._clients.values():
            client.close()
        self.cloud.stop()

    def fresh(self) -> Iterator[LocalCloud]:
        """The cloud, reset to its state after the start."""
        self.cloud.enter()
        self.cloud.options.__dict__.update(adverse_options().__dict__)
        self.cloud.reset(self._snapshot.restore)
        # Role checks count the actions used from here on, plus those of the start.
        self.cloud.aws.used = set(self._used)
        cache.forget()
        with self.clients():
            yield self.cloud
        cache.forget()
        self.cloud.leave()


class _Shared:
    """The cloud of this process: each module that imports the fixture has a fixture of its own."""

    running: RunningCloud | None = None
    users = 0


@pytest.fixture(scope="session")
def running_cloud() -> Iterator[RunningCloud]:
    """One started cloud per test process."""
    # Client retries wait first, which takes seconds and proves nothing.
    with patch("botocore.retries.standard.ExponentialBackoff.delay_amount", return_value=0.0):
        _Shared.running = _Shared.running or RunningCloud()
        _Shared.users += 1
        yield _Shared.running
        _Shared.users -= 1
        if not _Shared.users:
            _Shared.running.stop()
            _Shared.running = None


@pytest.fixture
def cloud(running_cloud: RunningCloud) -> Iterator[LocalCloud]:
    """The desk, freshly set up."""
    yield from running_cloud.fresh()
