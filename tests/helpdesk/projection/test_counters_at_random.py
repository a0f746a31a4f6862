"""Whatever happens to tickets, and in whatever order and however often its events are delivered:
when the queues are empty, every counter equals a recount.
"""

from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from helpdesk import clock
from helpdesk.catalogue.cache import current
from helpdesk.errors import Conflict, NotFound
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.people import NewPerson
from helpdesk.model.queries import Counts
from helpdesk.model.tickets import Change, NewTicket, Ticket
from helpdesk.queries import statistics
from helpdesk.storage import ticket_items
from helpdesk.storage.attributes import unpack
from helpdesk.tickets import changes, create, deletion, links, threads
from helpdesk.tickets.overdue import mark_overdue
from tests.desk import Desk, new_desk
from tests.recount import assert_counted
from tests.world import items, later, waiting

pytestmark = pytest.mark.exhaustive

AGENTS = (7, 8)
WHICH = st.integers(0, 100)
"""One of the tickets that there are."""

CHANGES: dict[str, Any] = {
    "status": st.sampled_from(["Open", "Resolved", "Closed", "Archived"]),
    "department": st.sampled_from([1, 2, 3]),
    "topic": st.sampled_from([1, 2, 10]),
    "agent": st.sampled_from(AGENTS),
    "release": st.just(value=True),
    "due": st.integers(-2, 40),
}


class Tickets(RuleBasedStateMachine):
    """A desk on which all that can happen does."""

    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.desk = self._open.enter_context(new_desk())
        for agent in AGENTS:
            values = {"name": f"Agent {agent}", "username": f"a{agent}", "active": True}
            self.desk.change("agents", agent, **values, email=f"a{agent}@desk.example")
        self.known: list[int] = []

    def teardown(self) -> None:
        """All that still waits is delivered, and then everything is counted anew."""
        try:
            self.settle()
        finally:
            self._open.close()

    def one(self, which: int) -> int:
        return self.known[which % len(self.known)]

    def settle(self) -> None:
        while keys := [key for key in waiting() if "project" in self.desk.todo(key)]:
            assert self.desk.deliver("project", *keys) == []
        assert_counted()
        self.as_the_clock_says()

    def as_the_clock_says(self) -> None:
        """What statistics tell is what a look at every ticket finds."""
        found = [unpack(item) for item in items("desk") if item["sk"]["S"] == "A"]
        rows = [ticket_items.as_ticket(item) for item in found if item["pk"].startswith("T#")]
        whole = sum((counted(ticket) for ticket in rows), Counts())
        assert statistics.read_statistics(SYSTEM).whole == whole

    # what happens

    @rule(topic=st.sampled_from([None, 1, 2]), department=st.sampled_from([None, 1, 2]))
    def open(self, topic: int | None, department: int | None) -> None:
        new = NewTicket(
            requester=NewPerson(email="ann@example.org", name="Ann"),
            subject="Printer",
            body=Body("It burns."),
            topic=topic,
            department=department,
        )
        self.known.append(create.open_ticket(SYSTEM, new).id)

    @precondition(lambda self: self.known)
    @rule(which=WHICH, values=st.fixed_dictionaries({}, optional=CHANGES))
    def change(self, which: int, values: dict[str, Any]) -> None:
        if "due" in values:
            values["due"] = clock.now() + timedelta(days=values["due"])
        changes.change_ticket(SYSTEM, self.one(which), Change(**values))

    @precondition(lambda self: self.known)
    @rule(which=WHICH, kind=st.sampled_from(["message", "response", "note"]))
    def write(self, which: int, kind: str) -> None:
        add = getattr(threads, f"add_{kind}")
        add(SYSTEM, self.one(which), NewEntry(Body("Again."), poster="Ann"))

    @precondition(lambda self: self.known)
    @rule(parent=WHICH, child=WHICH)
    def link(self, parent: int, child: int) -> None:
        with suppress(Conflict):  # itself, a circle, or there already
            links.link_tickets(SYSTEM, self.one(parent), self.one(child))

    @precondition(lambda self: self.known)
    @rule(which=WHICH)
    def delete(self, which: int) -> None:
        ticket = self.one(which)
        self.known.remove(ticket)
        assert deletion.delete_ticket(SYSTEM, ticket).id == ticket
        try:
            deletion.delete_ticket(SYSTEM, ticket)
        except NotFound:
            return
        raise AssertionError(ticket)

    @rule(days=st.integers(1, 20))
    def pass_time(self, days: int) -> None:
        later(days=days)

    @rule()
    def sweep(self) -> None:
        mark_overdue()

    # how it is counted

    @rule(chosen=st.lists(WHICH, max_size=6))
    def deliver(self, chosen: list[int]) -> None:
        """Some of what waits, in any order, some of it twice."""
        if keys := waiting():
            some = [keys[which % len(keys)] for which in chosen]
            assert self.desk.deliver("project", *some) == []

    @rule()
    def count(self) -> None:
        self.settle()


def counted(ticket: Ticket) -> Counts:
    is_open = current().statuses[ticket.status].state == "open"
    late = ticket.deadline is not None and ticket.deadline < clock.now()
    return Counts(open=is_open, closed=not is_open, overdue=is_open and (late or ticket.overdue))


TestTickets = Tickets.TestCase
TestTickets.settings = settings(max_examples=settings().max_examples // 4, stateful_step_count=20)
