"""Many concurrent requests, from two processes, through the authorizer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helpdesk.storage import table
from helpdesk.storage.keys import TODO
from local.cloud import LocalCloud
from tests.http.conftest import KEY
from tests.http.desk import credentials, in_query, with_key

BURST = Path(__file__).with_name("burst.py")

Asked = dict[str, Any]


def with_credentials(asked: Asked) -> Asked:
    """A request with the key where its family takes it."""
    path, headers = asked["path"], asked.get("headers", {})
    if in_query(path):
        return {**asked, "path": with_key(path, KEY)}
    return {**asked, "headers": {**credentials(path, KEY), **headers}}


def crowd(cloud: LocalCloud, requests: list[Asked]) -> list[tuple[int, str]]:
    """The answers to these requests, half of them sent by each of two processes."""
    running = []
    requests = [with_credentials(one) for one in requests]
    for half in (requests[::2], requests[1::2]):
        process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, str(BURST), cloud.url, KEY],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdin
        process.stdin.write(json.dumps(half).encode())
        process.stdin.close()
        process.stdin = None
        running.append(process)
    answers: list[tuple[int, str]] = [(0, "")] * len(requests)
    for first, process in enumerate(running):
        out, _ = process.communicate(timeout=200)
        answers[first::2] = [(status, body) for status, body in json.loads(out)]
    settle(cloud)
    return answers


def settle(cloud: LocalCloud) -> None:
    """Lets the outbox empty itself; what failed by a conflict is tried again."""
    for _ in range(20):
        cloud.drain(retry=True)
        if not list(table.query(TODO, index="g10", limit=1)):
            return
    pytest.fail("events stay behind")
