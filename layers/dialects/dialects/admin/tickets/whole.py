"""One ticket with all that belongs to it: thread, history, people, files, links."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from dialects.admin.tickets import show
from dialects.endpoint import Response
from helpdesk import people
from helpdesk.catalogue import cache
from helpdesk.events.timeline import Happening
from helpdesk.model.actor import NOBODY, Actor
from helpdesk.model.people import Person
from helpdesk.model.tickets import Thread, Ticket
from helpdesk.storage import aws
from helpdesk.tickets import find, participants, relations


def ticket(actor: Actor, ref: str) -> Response:
    """The ticket with this reference, complete: at most five round trips. A customer sees no
    history, no links, and of the participants only the requester.

    Raises:
        NotFound: No such ticket for this actor.
        Damaged: It cannot be read.
    """
    thread = find.find_thread(actor, ref)
    told: Sequence[Happening] = ()
    linked: Sequence[relations.Standing] = ()
    taking: Mapping[int, bool] = {}
    if actor.customer is None:
        linked, (_, told), taking = _beside(actor, thread.ticket.id)
    return _shown(thread, told, linked, taking)


def _beside(actor: Actor, number: int) -> Sequence[Any]:
    """The links, the history and the participants of a ticket."""
    return aws.together(
        partial(relations.list_links, actor, number),
        partial(relations.list_history, actor, number),
        partial(participants.list_participants, number),
    )


def _shown(
    thread: Thread,
    told: Sequence[Happening],
    linked: Sequence[relations.Standing],
    taking: Mapping[int, bool],
) -> Response:
    found, known = thread.ticket, cache.seen()
    read = people.find_users({*_named(thread, told), *taking})
    users = show.Users(read, known)
    body = {
        **show.summary(found, known),
        "tags": list(found.tags),
        "fields": show.custom(found, known),
        "thread": [show.entry(entry, users) for entry in thread.entries],
        "history": [show.happening(one, users, known) for one in told],
        "people": list(_people(found, taking, read)),
        "files": show.files(thread.entries),
        "raw": [entry.id for entry in thread.entries if entry.raw],
        "links": [{"kind": kind, **_linked(other)} for kind, other in linked],
    }
    return show.document(body, f"{found.id}.json")


def _named(thread: Thread, told: Sequence[Happening]) -> Iterator[int]:
    """The ids of all people and agents in a thread and a history."""
    for entry in thread.entries:
        yield from filter(None, (entry.agent, entry.person))
    for one in told:
        yield one.by
        if one.field in show.PEOPLE:
            yield from (who for who in (one.before, one.after) if isinstance(who, int))


def _people(
    ticket: Ticket, taking: Mapping[int, bool], read: Mapping[int, people.User]
) -> Iterator[dict[str, Any]]:
    """The participants: the requester, then the others. Active ones get responses."""
    if ticket.person != NOBODY:
        whole = {"id": ticket.person, "name": ticket.person_name, "email": ticket.person_email}
        yield {**whole, "role": "requester", "active": bool(ticket.person_email)}
    for number, active in taking.items():
        person = read.get(number)
        if number != ticket.person and isinstance(person, Person):
            whole = {"id": number, "name": person.name, "email": person.email}
            yield {**whole, "role": "participant", "active": active and bool(person.email)}


def _linked(ticket: Ticket) -> dict[str, Any]:
    return {"id": ticket.id, "number": ticket.number, "subject": ticket.subject}
