"""A cloud that is stopped and started again on its folder, in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from moto.backends import get_backend

from helpdesk.catalogue import cache
from local.cloud import LocalCloud
from local.cloudformation.intrinsics import ACCOUNT, REGION

SERVICES: tuple[Any, ...] = ("apigateway", "dynamodb", "secretsmanager", "ses", "sqs")

Start = Callable[..., LocalCloud]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a cloud, as in a process that has just begun; the one before is stopped."""
    clouds: list[LocalCloud] = []
    clients: dict[str, Any] = {}

    def stop() -> None:
        for cloud in clouds:
            cloud.stop()
        clouds.clear()
        clients.pop("session", None)
        for client in clients.values():
            client.close()
        clients.clear()
        cache.forget()
        # moto outlives a cloud, as it does not outlive a process.
        for service in SERVICES:
            get_backend(service)[ACCOUNT][REGION].reset()

    def started(*args: Any, **given: Any) -> LocalCloud:
        stop()
        kwargs: dict[str, Any] = {
            "data": tmp_path / "data",
            "stack": "kept",
            "timers": False,
        } | given
        clouds.append(LocalCloud(*args, **kwargs))
        return clouds[0].start()

    with patch("helpdesk.storage.aws._clients", clients):
        yield started
        stop()
