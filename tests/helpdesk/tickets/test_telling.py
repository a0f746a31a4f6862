"""Which changes of a ticket are mailed to subscribers, and timed closing and reopening."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from helpdesk.clock import now, to_iso
from helpdesk.directory import changes as directory
from helpdesk.errors import Invalid, NotAllowed
from helpdesk.model.actor import SYSTEM, THE_DESK, Actor
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import Change, NewTicket, Ticket
from helpdesk.storage import table
from helpdesk.storage.keys import ticket_key
from helpdesk.tickets import changes, create, descriptions, find, merges, pending, threads
from tests.desk import Desk, new_desk
from tests.world import later

MANAGER = Actor(key=1, permissions=frozenset({"can_manage_directory"}))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk() as made:
        yield made


def service(name: str = "VPN") -> int:
    return directory.create_row(SYSTEM, "services", {"name": name}).id


def opened(**values: Any) -> Ticket:
    """A ticket as Notific's clients open one."""
    new = NewTicket(
        requester=NewPerson(""),
        subject="No VPN",
        body=Body(""),
        **{
            "person": THE_DESK,
            "form": False,
            "entry": NewEntry(Body("It is down."), kind="message", poster="Support"),
            "alert": False,
            "autorespond": False,
            "tells": True,
            **values,
        },
    )
    return create.open_ticket(MANAGER, new)


def told(ticket: Ticket) -> list[dict[str, Any]]:
    """What subscribers were told, in its order."""
    events = table.query(ticket_key(ticket.id).pk, begins="V#")
    return [item for item in events if item["kind"] == "broadcast"]


def whats(ticket: Ticket) -> list[str]:
    return [item["data"]["what"] for item in told(ticket)]


def changed(ticket: Ticket, *, tells: bool | None = True, **values: Any) -> Ticket:
    later(seconds=1)  # events of one millisecond are in no order
    return changes.change_ticket(MANAGER, ticket.id, Change(tells=tells, **values))


# --- what is told ---------------------------------------------------------------------------


def test_a_new_ticket_tells_of_its_services(desk: Desk) -> None:
    vpn, mail = service(), service("Mail")
    ticket = opened(services=(vpn, mail, vpn), start=NOON, due=NOON)
    assert (ticket.person, ticket.person_name, ticket.services) == (2, "Support", (vpn, mail))
    (event,) = told(ticket)
    assert event["person"] == THE_DESK
    assert event["data"] == {
        "what": "created",
        "services": [vpn, mail],
        "subject": "No VPN",
        "description": ticket.entries[0],
        "start": to_iso(NOON),
        "due": to_iso(NOON),
    }


def test_without_services_only_the_customer_is_told(desk: Desk) -> None:
    desk.open(50, email="ada@example.org")
    assert [item["person"] for item in told(opened(person=150))] == [150]
    assert not told(opened())


def test_a_quiet_one_tells_nobody(desk: Desk) -> None:
    ticket = opened(services=(service(),), tells=False)
    quiet = changed(ticket, tells=False, closed_time=NOON)
    assert quiet.closed is not None
    assert not told(ticket)


def test_each_change_is_told_once(desk: Desk) -> None:
    ticket = opened(services=(service(),))
    changed(ticket, end=NOON, next_update=NOON)
    changed(ticket, end=NOON, next_update=NOON)
    changed(ticket, subject="VPN", priority=1)
    note = NewEntry(Body("It is worse."), kind="message", poster="Support", mail_to=())
    changed(ticket, entry=note, describes=True, end=None, closed_time=NOON)
    changed(ticket, reopened_time=NOON)
    assert whats(ticket) == ["created", "updated", "closed", "reopened"]
    last = told(ticket)[-1]["data"]
    assert (last["reopened"], last.get("closed"), last.get("end")) == (to_iso(NOON), None, None)
    closing = told(ticket)[2]["data"]
    assert closing["closed"] == to_iso(NOON)
    assert closing["description"] > ticket.entries[0]


def test_elsewhere_only_closing_and_reopening_is_told(desk: Desk) -> None:
    ticket = opened(services=(service(),))
    changed(ticket, tells=None, due=NOON, note="secret")
    threads.add_note(SYSTEM, ticket.id, NewEntry(Body("secret")))
    threads.add_response(SYSTEM, ticket.id, NewEntry(Body("secret")))
    changed(ticket, tells=None, status="Closed")
    later(seconds=1)
    threads.add_message(SYSTEM, ticket.id, NewEntry(Body("Again!")))
    assert whats(ticket) == ["created", "closed", "reopened"]
    changed(ticket, tells=None, phase="pending_close", pending_until=now() + timedelta(hours=1))
    later(hours=2)
    assert pending.wake_pending() == 1
    assert whats(ticket)[3:] == ["closed"]


def test_a_merged_ticket_is_closed(desk: Desk) -> None:
    ticket, other = opened(services=(service(),)), opened()
    later(seconds=1)
    merges.merge_tickets(SYSTEM, ticket.id, other.id)
    assert whats(ticket) == ["created", "closed"]


def test_nothing_is_told_of_a_ticket_without_services(desk: Desk) -> None:
    desk.open(50)
    for status in ("Closed", "Open"):
        changes.change_ticket(SYSTEM, 50, Change(status=status))
    assert not told(find.find_ticket(SYSTEM, 50))


def test_naming_services_later_tells_nobody_by_itself(desk: Desk) -> None:
    desk.open(50)
    vpn = service()
    ticket = changes.change_ticket(MANAGER, 50, Change(services=(vpn,)))
    assert not told(ticket)
    changes.change_ticket(SYSTEM, 50, Change(status="Closed"))
    assert whats(ticket) == ["closed"]
    events = table.query(ticket_key(50).pk, begins="V#")
    (edited,) = [item["data"] for item in events if item["kind"] == "edited"]
    assert edited == {"services": [[], ["VPN"]]}


def test_a_deleted_service_is_told_of_no_more(desk: Desk) -> None:
    ticket = opened(services=(service(),))
    directory.delete_row(SYSTEM, "services", ticket.services[0])
    changed(ticket, closed_time=NOON)
    assert whats(ticket) == ["created"]


def test_services_are_named_by_who_may(desk: Desk) -> None:
    vpn = service()
    nobody = Actor(key=2, permissions=frozenset({"can_create_tickets", "can_update_tickets"}))
    desk.open(50)
    with pytest.raises(NotAllowed):
        changes.change_ticket(nobody, 50, Change(services=(vpn,)))
    new = NewTicket(NewPerson("ada@example.org", "Ada"), "S", Body("B"), services=(vpn,))
    with pytest.raises(NotAllowed):
        create.open_ticket(nobody, new)
    customer = replace(MANAGER, customer=150)
    with pytest.raises(NotAllowed):
        create.open_ticket(customer, replace(new, person=150, tells=True))
    with pytest.raises(Invalid, match="services: unknown"):
        create.open_ticket(MANAGER, replace(new, services=(vpn, 77)))
    assert whats(create.open_ticket(MANAGER, new)) == ["created"]


# --- times ----------------------------------------------------------------------------------


def test_only_a_new_time_closes_or_reopens(desk: Desk) -> None:
    ticket = opened()
    closed = changed(ticket, closed_time=NOON)
    assert (closed.last_closing, closed.closed_time) == (NOON, NOON)
    assert changed(ticket, closed_time=NOON + timedelta(hours=1)) == closed
    reopened = changed(ticket, closed_time=NOON, reopened_time=NOON)
    assert reopened.closed is None
    assert reopened.reopened_time == NOON
    # Sent back by a client that still has what it read when the ticket was closed.
    assert changed(ticket, closed_time=NOON) == reopened
    assert changed(ticket, reopened_time=NOON + timedelta(hours=1)) == reopened
    with pytest.raises(Invalid, match="closed_time: both"):
        changed(ticket, closed_time=NOON + timedelta(1), reopened_time=NOON + timedelta(1))
    again = changed(ticket, closed_time=NOON + timedelta(hours=1))
    assert again.last_closing == NOON + timedelta(hours=1)


def test_who_closes_elsewhere_sets_the_time_too(desk: Desk) -> None:
    ticket = opened()
    changed(ticket, closed_time=NOON)
    changed(ticket, reopened_time=NOON)
    elsewhere = changed(ticket, tells=None, status="Resolved")
    at = now().replace(microsecond=0)
    assert (elsewhere.last_closing, elsewhere.closed_time) == (at, None)
    threads.add_message(SYSTEM, ticket.id, NewEntry(Body("Again!")))
    assert find.find_ticket(SYSTEM, ticket.id).reopened_time == at


def test_nothing_ends_before_it_starts(desk: Desk) -> None:
    with pytest.raises(Invalid, match="end: before_start"):
        opened(start=NOON, end=NOON - timedelta(seconds=1))
    ticket = opened(start=NOON, end=NOON)
    with pytest.raises(Invalid, match="end: before_start"):
        changed(ticket, start=NOON + timedelta(seconds=1))


# --- descriptions ---------------------------------------------------------------------------


def described(*tickets: Ticket) -> list[str]:
    found = descriptions.find(tickets)
    return [descriptions.as_text(found.get(ticket.id)) for ticket in tickets]


def test_a_description_is_the_first_message_or_what_was_said_for_it(desk: Desk) -> None:
    desk.open(50, body=Body("<b>It</b> burns.", "html"))
    ticket, silent = opened(), opened(entry=None)
    noted = opened(entry=NewEntry(Body("secret"), kind="note"), tells=False)
    tickets = (find.find_ticket(SYSTEM, 50), ticket, silent, noted)
    assert described(*tickets) == ["It burns.", "It is down.", "", ""]
    threads.add_message(SYSTEM, noted.id, NewEntry(Body("Public.")))
    more = NewEntry(Body("It is worse."), kind="message", poster="Support")
    after = changed(ticket, entry=more, describes=True)
    assert described(after, find.find_ticket(SYSTEM, noted.id)) == ["It is worse.", "Public."]
