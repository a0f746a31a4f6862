"""Who takes part in a ticket beside its requester (osTicket's collaborators, docs/osticket.md 4.3).

A mail's other recipients join after the mail's own transaction, which could not hold sixty of them
(docs/aws.md m17): its event names them, and `project` brings them in, a few at a time.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou
from helpdesk.events.history import Event, ticket_event
from helpdesk.model.actor import SYSTEM
from helpdesk.model.people import NewPerson
from helpdesk.storage import person_items, sequences, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, participant_key, ticket_key
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import entries

AT_ONCE = 20
"""People who join in one transaction: a new one is four items of it."""

MOST_ATTEMPTS = 5


def participant_write(ticket: int, person: int, at: datetime, *, active: bool = True) -> Write:
    """The write by which somebody takes part; only active ones get what is answered."""
    item = {"person": person, "active": active, "at": to_iso(at)}
    return transact.put(participant_key(ticket, person), item)


def take_part(ticket: int) -> dict[int, bool]:
    """Who takes part in a ticket, by id, and whether actively. Strongly consistent."""
    found = table.query(ticket_key(ticket).pk, begins="P#")
    return {item["person"]: item["active"] for item in found}


def add_participants(events: Sequence[Event]) -> None:
    """Lets the recipients that these events name take part, new people among them. May be done
    again: who takes part already stays as they are.

    Errors: ChangedUnderYou, Throttled, Unavailable.
    """
    for event in events:
        named = entries.recipients_of(event.data)
        for start in range(0, len(named), AT_ONCE):
            _invite_some(event, named[start : start + AT_ONCE])


def _invite_some(event: Event, named: Sequence[NewPerson]) -> None:
    ticket = event.ticket or 0
    for _ in range(MOST_ATTEMPTS):
        known = table.fetch([person_items.holder_key(person.email) for person in named])
        there = table.fetch(
            [
                ticket_key(ticket),
                *(participant_key(ticket, item["id"]) for item in known.values()),
            ]
        )
        if ticket_key(ticket) not in there:
            return
        writes = list(_joining(event, named, known, there))
        try:
            if writes:
                still = transact.check(ticket_key(ticket), "attribute_exists(pk)")
                transact.commit_retried([still, *writes])
        except Cancelled:
            # One of them wrote a first mail at this moment, and is known now; or the ticket was
            # deleted.
            continue
        return
    raise ChangedUnderYou


def _joining(
    event: Event, named: Sequence[NewPerson], known: dict[Key, Item], there: dict[Key, Item]
) -> Iterator[Write]:
    ticket, at = event.ticket or 0, now()
    requester = there[ticket_key(ticket)]["person"]
    strangers = [person for person in named if person_items.holder_key(person.email) not in known]
    first = sequences.allocate_ids(person=len(strangers))["person"] if strangers else 0
    ids = {person.email: first + place for place, person in enumerate(strangers)}
    for person in named:
        item = known.get(person_items.holder_key(person.email))
        number = item["id"] if item else ids[person.email]
        if number == requester or participant_key(ticket, number) in there:
            continue
        if item is None:
            yield from person_items.new_person(number, person, at)
        yield participant_write(
            ticket, number, at, active=bool(event.data.get("recipients_active"))
        )
        yield ticket_event(
            "collaborator",
            SYSTEM,
            ticket,
            at,
            person=number,
            data={"person": number, "new_person": item is None},
        )
