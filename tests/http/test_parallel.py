"""A crowd: many creates at the same moment, from two processes, through the authorizer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helpdesk import tickets
from helpdesk.model import SYSTEM
from helpdesk.storage import objects as stored_objects
from helpdesk.storage import table
from local.cloud import LocalCloud
from tests.http.conftest import KEY

BURST = Path(__file__).with_name("burst.py")


def crowd(cloud: LocalCloud, count: int, once: str = "") -> list[tuple[int, str]]:
    """The answers to `count` creates, half of them from each of two processes."""
    half = count // 2
    running = [
        subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, str(BURST), cloud.url, KEY, str(first), str(half), once],
            stdout=subprocess.PIPE,
        )
        for first in (0, half)
    ]
    answers: list[tuple[int, str]] = []
    for process in running:
        out, _ = process.communicate(timeout=200)
        answers += [(status, body) for status, body in json.loads(out)]
    settle(cloud)
    return answers


def settle(cloud: LocalCloud) -> None:
    """Lets the outbox empty itself; what failed by a conflict is tried again."""
    for _ in range(20):
        cloud.drain(retry=True)
        if not list(table.query(table.TODO, index="g10", limit=1)):
            return
    pytest.fail("events stay behind")


def objects() -> set[str]:
    return set(stored_objects.listing(stored_objects.PREFIX))


def total(cells: str) -> int:
    return sum(item["n"] for item in table.query(cells, where="index"))


def mails_to(cloud: LocalCloud, address: str) -> list[Any]:
    return [mail for mail in cloud.mailbox.mails() if mail.to == address]


def test_a_hundred_creates_of_one_new_address(cloud: LocalCloud) -> None:
    before = total("CELL")
    answers = crowd(cloud, 100)
    assert [status for status, _ in answers] == [201] * 100
    numbers = {number for _, number in answers}
    assert len(numbers) == 100
    threads = [tickets.find_thread(SYSTEM, number) for number in numbers]
    assert {thread.ticket.person_email for thread in threads} == {"crowd@example.org"}
    assert len({thread.ticket.person for thread in threads}) == 1
    assert all(len(thread.entries[0].attachments) == 1 for thread in threads)
    assert total("CELL") - before == 100
    assert len(mails_to(cloud, "crowd@example.org")) == 100


def test_one_idempotency_key_fifty_times(cloud: LocalCloud) -> None:
    mails, files = len(cloud.mailbox.mails()), objects()
    before = total("CELL")
    answers = crowd(cloud, 50, once="the-same")
    assert len(set(answers)) == 1
    (status, number), *_ = answers
    assert status == 201
    assert tickets.find_thread(SYSTEM, number).ticket.subject == "All at once"
    assert total("CELL") - before == 1
    sent = cloud.mailbox.mails()[mails:]
    assert len([mail for mail in sent if "example.org" in mail.to.lower()]) == 1
    assert len(objects() - files) == 1
