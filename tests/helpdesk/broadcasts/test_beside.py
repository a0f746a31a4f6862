"""A reply during a broadcast is mailed within a second, because its queue has its own function. In
these tests a thread per queue delivers messages to the function that the template names.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, NewEntry
from helpdesk.storage.keys import ticket_key
from helpdesk.tickets import threads
from local.cloud import PARAMETERS, ROOT, STACK
from local.cloudformation.template import Template
from tests.desk import Desk, new_desk
from tests.helpdesk.broadcasts.telling import customer, event, opened, service
from tests.world import waiting

RATE = 20
"""Mails of a broadcast in a second."""

SUBSCRIBERS = 3 * RATE

PATIENCE = 120.0
"""Seconds after which something hangs."""


def functions() -> dict[str, str]:
    """The folder of the function behind each queue of events, by the queue's name."""
    template = Template(ROOT / "template.yaml", PARAMETERS, STACK)
    found = {}
    for mapping in template.of_type("AWS::Lambda::EventSourceMapping"):
        # A stream is that of one table or another; a queue is one.
        queue, _ = mapping.properties["EventSourceArn"].get("Fn::GetAtt", ("", ""))
        function = template.functions[mapping.properties["FunctionName"]["Ref"]]
        found[queue.removesuffix("Queue").lower()] = function.folder.name
    return found


@contextmanager
def polled(desk: Desk) -> Iterator[None]:
    """Brings what comes into a queue to its function while the block runs."""
    stopped = Event()

    def poll(queue: str, function: str) -> None:
        while not stopped.wait(0.01):
            for key in desk.queued(queue):
                desk.deliver(function, key)

    behind = functions()
    pollers = [Thread(target=poll, args=(name, behind[name]), daemon=True) for name in desk.queues]
    for poller in pollers:
        poller.start()
    try:
        yield
    finally:
        stopped.set()
        for poller in pollers:
            poller.join(PATIENCE)


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_reply_does_not_wait_for_a_broadcast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROADCASTS_PER_SECOND", str(RATE))
    with new_desk() as desk:
        desk.open(900, email="ada@example.org")
        vpn = service()
        for number in range(SUBSCRIBERS):
            customer(number, vpn)
        told = event(opened(vpn))
        assert desk.deliver("project", *waiting("")) == []
        assert desk.deliver("notify", *waiting()) == []
        before = len(desk.mails())

        def sent() -> list[str]:
            return [mail["To"].addresses[0].addr_spec for mail in desk.mails()[before:]]

        with polled(desk):
            assert desk.relay(told) == []
            until(lambda: len(sent()) > 0)
            threads.add_response(SYSTEM, 900, NewEntry(Body("Done."), poster="Max", alert=False))
            asked, at = len(sent()), time.monotonic()
            assert desk.relay(*waiting(ticket_key(900).pk)) == []
            until(lambda: "ada@example.org" in sent())
            taken, midst = time.monotonic() - at, sent()
            until(lambda: not desk.todo(told))
    # By the broadcast's own pace, so that a busy machine slows both alike.
    beside = midst.index("ada@example.org") - asked
    print(f"the reply's mail after {taken:.2f} s, {beside} of {SUBSCRIBERS} others before it")  # noqa: T201
    assert beside <= RATE
    assert len(midst) < SUBSCRIBERS
    assert len(sent()) == len(set(sent())) == SUBSCRIBERS + 1
