"""Participants of a ticket other than its requester (osTicket's collaborators, docs/osticket.md
4.3).

A mail's other recipients are added after the mail's own transaction, which has no room for sixty of
them (docs/aws.md m17): its event lists them, and `project` adds a few at a time.
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
from helpdesk.storage.reading import readable, reading, reference
from helpdesk.storage.transact import Cancelled, Write
from helpdesk.tickets import entries

AT_ONCE = 20
"""Participants added in one transaction: a new person takes four of its items."""

MOST_ATTEMPTS = 5


def participant_write(ticket: int, person: int, at: datetime, *, active: bool = True) -> Write:
    """The write that adds a participant; only active ones get responses by mail."""
    item = {"person": person, "active": active, "at": to_iso(at)}
    return transact.put(participant_key(ticket, person), item)


def list_participants(ticket: int) -> dict[int, bool]:
    """The person ids of a ticket's participants, and whether each is active; strongly
    consistent.
    """
    found = table.query(ticket_key(ticket).pk, begins="P#")
    return dict(readable(_participant, found))


def _participant(item: Item) -> tuple[int, bool]:
    with reading("participant", item):
        person, active = item["person"], item.get("active", True)
        if type(person) is not int or type(active) is not bool:
            raise TypeError("person")
        return person, active


def add_participants(events: Sequence[Event]) -> None:
    """Adds the recipients that these events list, creating new people. Idempotent: existing
    participants keep their state.

    Raises:
        ChangedUnderYou: Others kept changing the people.
    """
    for event in events:
        named = entries.recipients_of(event.data)
        for start in range(0, len(named), AT_ONCE):
            _add_some(event, named[start : start + AT_ONCE])


def _add_some(event: Event, named: Sequence[NewPerson]) -> None:
    ticket = event.ticket or 0
    for _ in range(MOST_ATTEMPTS):
        holders = table.fetch([person_items.holder_key(person.email) for person in named])
        known = {key: reference(item, "id") for key, item in holders.items()}
        found = table.fetch(
            [
                ticket_key(ticket),
                *(participant_key(ticket, one) for one in known.values() if one is not None),
            ]
        )
        if ticket_key(ticket) not in found:
            return
        writes = list(_additions(event, named, known, found))
        try:
            if writes:
                exists = transact.check(ticket_key(ticket), "attribute_exists(pk)")
                transact.commit_retried([exists, *writes])
        except Cancelled:
            # A concurrent first mail has created the person, or the ticket was deleted.
            continue
        return
    raise ChangedUnderYou


def _additions(
    event: Event, named: Sequence[NewPerson], known: dict[Key, int | None], found: dict[Key, Item]
) -> Iterator[Write]:
    ticket, at = event.ticket or 0, now()
    requester = found[ticket_key(ticket)].get("person")
    strangers = [person for person in named if person_items.holder_key(person.email) not in known]
    first = sequences.allocate_ids(person=len(strangers))["person"] if strangers else 0
    ids = {person.email: first + position for position, person in enumerate(strangers)}
    for person in named:
        holder = person_items.holder_key(person.email)
        number = known[holder] if holder in known else ids[person.email]
        if number is None or number == requester or participant_key(ticket, number) in found:
            continue  # the item of the address is damaged, or there is no new participant
        if holder not in known:
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
            data={"person": number, "new_person": holder not in known},
        )
