"""A broadcast to many whose sender is killed: no recipient is lost, and only the one mail that SES
accepted without the desk receiving the response can be sent twice.

The figures for 5,000 subscribers (docs/notific.md 9) come from this test:

    SUBSCRIBERS=5000 .venv/bin/pytest -rP tests/helpdesk/broadcasts/test_thousands.py
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.broadcasts import progress, send, state
from helpdesk.clock import now
from helpdesk.model.actor import SYSTEM
from helpdesk.model.people import Person
from helpdesk.storage import person_items, ses, transact
from helpdesk.storage.keys import Key
from tests.desk import Desk, new_desk
from tests.helpdesk.broadcasts.telling import Killed, event, opened, service
from tests.world import later

pytestmark = pytest.mark.exhaustive

SUBSCRIBERS = int(os.environ.get("SUBSCRIBERS", "200"))

FIRST = 10_000
"""The id of the first of them."""

Kill = Callable[[], Any]
"""Entered while the sender runs."""


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with new_desk() as made:
        yield made


@pytest.fixture(scope="module")
def chosen(desk: Desk) -> int:
    """A service that all have chosen."""
    vpn, at = service(), now()
    people = (
        Person(
            id=FIRST + n,
            name=f"C{n}",
            email=f"c{n}@example.org",
            created=at,
            updated=at,
            customer=True,
            services=(vpn,),
        )
        for n in range(SUBSCRIBERS)
    )
    transact.write_many([one for person in people for one in person_items.person_writes(person)])
    return vpn


def before_send() -> Any:
    real, sent = ses.send, Counter[str]()

    def sending(*args: Any, **options: Any) -> str:
        sent["mails"] += 1
        if sent["mails"] == SUBSCRIBERS // 2:
            raise Killed
        return real(*args, **options)

    return patch.object(ses, "send", sending)


def after_send() -> Any:
    real, sent = ses.send, Counter[str]()

    def sending(*args: Any, **options: Any) -> str:
        taken = real(*args, **options)
        sent["mails"] += 1
        if sent["mails"] == SUBSCRIBERS // 2:
            raise Killed
        return taken

    return patch.object(ses, "send", sending)


def after_record() -> Any:
    """Each mail of the last few has been recorded, but not that they have been dealt with."""
    real, notes = state.Run.advance, Counter[str]()

    def advance(run: state.Run, cursor: int, **told: Any) -> None:
        notes["written"] += 1
        if notes["written"] == SUBSCRIBERS // 2 // send.AT_ONCE:
            raise Killed
        real(run, cursor, **told)

    return patch.object(state.Run, "advance", advance)


@pytest.mark.parametrize(
    ("kill", "heard", "doubled"),
    [
        pytest.param(before_send, False, 0, id="before send"),
        pytest.param(after_send, False, 1, id="after send, before record"),
        pytest.param(after_send, True, 0, id="after send, and SES tells of it"),
        pytest.param(after_record, False, 0, id="after record"),
    ],
)
def test_of_thousands_nobody_is_lost(
    desk: Desk, chosen: int, kill: Kill, heard: bool, doubled: int
) -> None:
    before, began = len(desk.mails()), time.perf_counter()
    desk.sent.clear()
    key = event(opened(chosen))
    with kill(), pytest.raises(Killed):
        _deliver_all(desk, key)
    there = len(desk.mails()) - before
    assert abs(there - SUBSCRIBERS // 2) <= send.AT_ONCE
    if heard:
        desk.hear_of_sending()
    # By then neither the dead run's hold nor the lease of its last mail stands.
    later(minutes=11)
    _deliver_all(desk, key)
    counts = Counter(mail["To"].addresses[0].addr_spec for mail in desk.mails()[before:])
    lost = SUBSCRIBERS - len(counts)
    twice = sum(counts.values()) - len(counts)
    print(  # noqa: T201 - what `-rP` shows is the measurement
        f"{SUBSCRIBERS} subscribers, killed after {there} mails: {sum(counts.values())} mails, "
        f"{lost} lost, {twice} doubled, {time.perf_counter() - began:.0f} s"
    )
    assert (lost, twice) == (0, doubled)
    done = progress.find(SYSTEM, key.sk.removeprefix("V#"))
    told = (done.total, done.sent, done.skipped, done.left)
    assert told == (SUBSCRIBERS, SUBSCRIBERS, 0, 0)
    assert done.finished


def _deliver_all(desk: Desk, key: Key) -> None:
    """Brings the event as long as it is queued again: one delivery takes a minute at most."""
    assert desk.deliver("send_broadcast", key) == []
    while desk.queued("broadcast"):
        assert desk.deliver("send_broadcast", key) == []
    assert desk.todo(key) == set()
