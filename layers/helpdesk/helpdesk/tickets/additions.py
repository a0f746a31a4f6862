"""Tags, mentions and links of a new ticket, written in the transaction that creates it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from helpdesk import tags
from helpdesk.catalogue.rows import Catalogue
from helpdesk.errors import NotFound, TooLarge
from helpdesk.events.history import link_events
from helpdesk.model.actor import Actor
from helpdesk.model.relations import Link, LinkKind, Mention
from helpdesk.model.tickets import NewTicket, Ticket
from helpdesk.scope import seen_by, visible
from helpdesk.storage import ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, child_key, ticket_key
from helpdesk.storage.transact import Write
from helpdesk.tickets import mentions, relations, versions
from helpdesk.tickets.tags import MOST_TAGS, joined, may_tag, tag_event

Linked = Sequence[tuple[LinkKind, Ticket]]
"""Tickets that a new ticket is linked with: the new ticket becomes the `LinkKind` of each."""

MOST_LINKS = 8
"""Links that a new ticket can have: each takes up to six writes."""


def keys(new: NewTicket) -> list[Key]:
    """The keys to read in the first round trip of a new ticket.

    Raises:
        TooLarge: More than MOST_TAGS, MOST_LINKS or MOST_MENTIONED: nothing is read then.
    """
    for name, given, most in (
        ("tags", new.tags, MOST_TAGS),
        ("links", new.links, MOST_LINKS),
        ("mentions", new.mentions, mentions.MOST_MENTIONED),
    ):
        if len(given) > most:
            raise TooLarge(name, most)
    linked = [ticket_key(number) for _, number in new.links]
    return [*(tags.key_of(name) for name in new.tags), *dict.fromkeys(linked)]


def ids(new: NewTicket) -> dict[str, int]:
    """How many ids of each sequence the mentions and links of a new ticket need."""
    return {"mention": len(new.mentions), "link": len(new.links)}


def check(actor: Actor, new: NewTicket, department: int, known: Catalogue) -> None:
    """Refuses mentions and links that are not allowed.

    Raises:
        NotAllowed: The key is a customer's, and there are mentions or links.
        Invalid: `mentions`: a user who cannot see the ticket.
    """
    if new.links or new.mentions:
        versions.check_staff(actor)
    mentions.check_users(department, new.mentions, known)


def tag_names(
    actor: Actor, new: NewTicket, found: Mapping[Key, Item], known: Catalogue
) -> tuple[str, ...]:
    """The tags of a new ticket, without new tags that the actor may not create.

    Raises:
        TooLarge: There are too many.
    """
    names = [tags.clean(name) for name in new.tags]
    allowed = [name for name in names if name and may_tag(actor, name, found, known.settings)]
    return joined((), allowed, found)


def find_linked(actor: Actor, new: NewTicket, found: Mapping[Key, Item]) -> Linked:
    """The tickets that a new ticket is to be linked with.

    Raises:
        NotFound: `link`: the actor sees no ticket with this id.
    """
    linked: dict[tuple[LinkKind, int], Ticket] = {}
    for kind, number in new.links:
        item = found.get(ticket_key(number))
        if item is None:
            raise NotFound("link", number)
        ticket = ticket_items.as_ticket(item)
        if not visible(actor, ticket):
            raise NotFound("link", number, hidden=True)
        linked[kind, number] = ticket
    return [(kind, ticket) for (kind, _), ticket in linked.items()]


def parent_of(parent: int | None, linked: Linked) -> int | None:
    """The parent of a new ticket: the one named, else the target of the first link that makes it a
    child.
    """
    if parent is not None:
        return parent
    return next((ticket.id for kind, ticket in linked if kind == "child"), None)


def writes(
    actor: Actor,
    new: NewTicket,
    ticket: Ticket,
    linked: Linked,
    drawn: Mapping[str, int],
) -> list[Write]:
    """All writes for tags, mentions and links, except the ticket's own item and the link to its
    parent.
    """
    at = ticket.created
    made = [
        Mention(drawn["mention"] + place, ticket.id, user, actor.me, at)
        for place, user in enumerate(dict.fromkeys(new.mentions))
    ]
    told = [tag_event(actor, ticket.id, at, "tagged", ticket.tags)] if ticket.tags else []
    return [
        *told,
        *mentions.mention_writes(actor, made),
        *_link_writes(actor, ticket, linked, drawn.get("link", 0), at),
    ]


def _link_writes(
    actor: Actor,
    ticket: Ticket,
    linked: Linked,
    first: int,
    at: datetime,
) -> list[Write]:
    result: list[Write] = []
    touched: set[int] = {ticket.parent or 0}
    for place, (kind, other) in enumerate(linked):
        if kind == "child" and other.id == ticket.parent:
            continue
        if kind == "parent" and other.parent is None and ticket.parent is None:
            # The new ticket has no parent here, so the link cannot close a cycle.
            result += _adoption(actor, ticket.id, other, at)
            touched.add(other.id)
            continue
        link = Link(first + place, kind, ticket.id, other.id, at)
        result += [*relations.link_items(link), *relations.events("linked", actor, link)]
        if other.id not in touched:
            result.append(versions.touch(other.id, at, actor))
            touched.add(other.id)
    return result


def _adoption(actor: Actor, ticket: int, child: Ticket, at: datetime) -> list[Write]:
    """Puts another ticket under a new one."""
    seen, values = seen_by(actor)
    condition = " AND ".join(["attribute_exists(pk) AND attribute_not_exists(parent)", *seen])
    return [
        transact.set_attributes(
            ticket_key(child.id),
            {"parent": ticket, **versions.touched(child.id, at, actor)},
            condition=condition,
            values=values,
        ),
        transact.put(child_key(ticket, child.id), {"child": child.id}),
        *link_events("linked", actor, ticket, child.id, at),
    ]


def check_failed(linked: Linked, failed: Mapping[Key, Item | None]) -> None:
    """Raises if a linked ticket explains why the transaction of a new ticket failed.

    Raises:
        NotFound: `link`: the ticket is gone, or the actor no longer sees it.
    """
    for _, ticket in linked:
        item = failed.get(ticket_key(ticket.id), {})
        if item is None or (item and "parent" not in item):
            raise NotFound("link", ticket.id)
