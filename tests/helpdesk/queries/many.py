"""Tickets written directly to the tables, and the simplest way to list them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from helpdesk.events import history
from helpdesk.index import counters, postings
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Page, Wanted
from helpdesk.model.tickets import Ticket
from helpdesk.queries.lists import list_tickets
from helpdesk.storage import person_items, ticket_items, transact
from helpdesk.storage.keys import SEQUENCES, event_key, number_key, ticket_key

STATES = {1: "open", 2: "closed", 3: "closed", 4: "archived", 5: "deleted"}
ADDRESSES = {"jane@example.com": 100, "joan@example.com": 102}
"""Who has which address."""
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def ticket(number: int, /, **values: Any) -> Ticket:
    at = START + timedelta(minutes=number)
    return Ticket(
        **{
            "id": number,
            "number": str(700_000 + number),
            "subject": "Printer",
            "status": 1,
            "department": 1,
            "priority": 2,
            "person": 100,
            "person_name": "Jane",
            "person_email": "jane@example.com",
            "source": "API",
            "created": at,
            "updated": at,
            **values,
        }
    )


def store(tickets: Sequence[Ticket], last: int | None = None) -> None:
    """Puts tickets where their operations and projections put them."""
    writes = [transact.put(SEQUENCES, {"ticket": last or max(one.id for one in tickets)})]
    for address, person in ADDRESSES.items():
        writes.append(transact.put(person_items.holder_key(address), {"id": person}))
    sums: dict[Any, int] = {}
    for one in tickets:
        state = STATES[one.status]
        writes.append(transact.put(ticket_key(one.id), ticket_items.as_item(one, state)))
        writes.append(transact.put(number_key(one.number), {"ticket": one.id}))
        writes += postings.ticket_postings(one)
        event = history.Event(
            event_key(one.id, "1"),
            "created",
            START,
            one.id,
            after=history.facets_of(one, state),
        )
        for counter, step in counters.changes(event).items():
            sums[counter] = sums.get(counter, 0) + step
    transact.write_many(writes)
    for write in counters.additions(sums):
        transact.write(write)


def _moment(bound: object) -> datetime:
    assert isinstance(bound, datetime)
    return bound


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def naive(actor: Actor, wanted: Wanted, tickets: Sequence[Ticket]) -> list[Ticket]:
    """What is wanted, by the words of `Wanted`; rows by ids, and times as moments."""
    return [
        one
        for one in tickets
        if one.status != 5
        and (actor.customer is None or one.person == actor.customer)
        and (not actor.departments or one.department in actor.departments)
        and (wanted.status is None or one.status == wanted.status)
        and (wanted.department is None or one.department == wanted.department)
        and (wanted.topic is None or (one.topic or 0) == wanted.topic)
        and (wanted.person is None or one.person == wanted.person)
        and (wanted.organization is None or one.organization == wanted.organization)
        and (wanted.agent is None or one.agent == wanted.agent)
        and (wanted.tickets is None or one.id in wanted.tickets)
        and (wanted.email is None or one.person == ADDRESSES.get(wanted.email.lower()))
        and (wanted.priority is None or one.priority == wanted.priority)
        and (wanted.number is None or one.number == wanted.number)
        and (wanted.created_from is None or one.created >= _moment(wanted.created_from))
        and (wanted.created_to is None or _second(one.created) <= _moment(wanted.created_to))
        and (wanted.updated_from is None or one.updated >= _moment(wanted.updated_from))
        and (wanted.updated_to is None or _second(one.updated) <= _moment(wanted.updated_to))
        and all(
            postings.searched(text) in postings.searched(one.subject) for text in wanted.subject
        )
    ]


def in_order(tickets: Sequence[Ticket], page: Page) -> list[Ticket]:
    def order(one: Ticket) -> tuple[Any, int]:
        by = {"created": one.id, "updated": one.updated, "number": one.number}[page.sort]
        return by, one.id

    return sorted(tickets, key=order, reverse=page.descending)


def count(actor: Actor, wanted: Wanted) -> int:
    return list_tickets(actor, wanted, Page(limit=0))[1]


def ids(tickets: Sequence[Ticket]) -> list[int]:
    return [one.id for one in tickets]
