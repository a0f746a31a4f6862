"""Entries written by staff, and the addresses that they are mailed to.

The author is the agent that the key acts as; with a key that acts as nobody, the desk itself.
"""

from dataclasses import dataclass, replace

from helpdesk import idempotency, people
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now
from helpdesk.errors import NotAllowed
from helpdesk.events.history import Event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.mail.outbound import notices
from helpdesk.mail.outbound.notices import NotificationContext
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Entry, NewEntry
from helpdesk.model.people import Person
from helpdesk.model.tickets import Ticket
from helpdesk.storage.keys import Key
from helpdesk.tickets import find, participants, threads, versions


@dataclass(frozen=True, slots=True)
class Written:
    """An entry, and the addresses that it is mailed to."""

    entry: Entry
    told: tuple[str, ...]


def write(
    actor: Actor, ref: int | str, new: NewEntry, once: IdempotencyRecord | None = None
) -> Written:
    """Adds a response, which is mailed to all participants, or a note. Round trips: one for the
    ticket, by number two; for a response two more for the participants; then two as
    `threads.add_response`.

    Args:
        actor: Who asks.
        ref: The ticket's id or number.
        new: A response or a note; its author is set here.
        once: The idempotency record of the request, if it has one; its answer is built from the
            result.

    Raises:
        NotFound: No such ticket for this actor; or `agent`, the key's.
        Inactive: `agent`, the key's.
        NotAllowed: The key is a customer's; or it acts as nobody, the entry is a response, and the
            key may not act for others.
        Invalid: Every problem with the files.
        TooLarge: The entry has more files than can be kept.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the ticket.
    """
    versions.check_staff(actor)
    with idempotency.replay_guard(once):
        ticket, known = find.find_ticket(actor, ref), cache.seen()
        signed = _signed(actor, new, known)
        answering = new.kind == "response"
        context = NotificationContext(
            event=Event(Key("", ""), new.kind, now(), ticket.id, agent=signed.agent),
            ticket=ticket,
            known=known,
            collaborators=_taking_part(ticket) if answering else (),
        )

        def written(entry: Entry) -> Written:
            return Written(entry, _told(context, entry))

        record = once and replace(once, answer=lambda entry: once.answer(written(entry)))
        return written(threads.add_entry(actor, ticket.id, signed, record))


def _signed(actor: Actor, new: NewEntry, known: Catalogue) -> NewEntry:
    if actor.agent is not None:
        author = known.find_agent(actor.agent)
        return replace(new, agent=author.id, poster=author.name)
    if new.kind == "response" and not actor.may("can_act_for_others"):
        raise NotAllowed("can_act_for_others")
    return replace(new, poster=known.settings.helpdesk_title)


def _taking_part(ticket: Ticket) -> tuple[Person, ...]:
    """The active participants other than the requester."""
    active = [who for who, on in participants.list_participants(ticket.id).items() if on]
    found = people.find_users(who for who in active if who != ticket.person)
    users = (found.get(who) for who in active)
    return tuple(user for user in users if isinstance(user, Person))


def _told(context: NotificationContext, entry: Entry) -> tuple[str, ...]:
    """The addresses that the entry is mailed to: staff for a note, all others for a response."""
    data = {"alert": True, "entry": entry.id}
    role = "S" if entry.internal else "U"
    event = replace(context.event, data=data)
    mails = notices.messages(replace(context, event=event, entry=entry))
    return tuple(mail.to.address for mail in mails if mail.to.role == role)
