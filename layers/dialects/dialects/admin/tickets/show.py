"""Tickets, their threads and their history, in the admin API's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dialects import answers
from dialects.admin.tickets.search import is_overdue
from dialects.admin.times import shown as time
from dialects.answers import as_json
from dialects.endpoint import Response
from helpdesk import text
from helpdesk.catalogue import fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.events.timeline import Happening
from helpdesk.model.actor import NOBODY, THE_DESK
from helpdesk.model.catalogue import Agent
from helpdesk.model.entries import Entry, channel_of
from helpdesk.model.files import Attachment
from helpdesk.model.people import Person
from helpdesk.model.relations import Link, LinkKind
from helpdesk.model.tickets import Ticket

if TYPE_CHECKING:
    # Types only: lists do not need the modules for links and mails.
    from helpdesk.files.downloads import Download
    from helpdesk.mail.outbound.staff import Written

LONGEST_EXCERPT = 200
"""Characters of an entry's first words, which a collapsed entry shows."""

Named = dict[str, Any]
"""`id` and `name` of a row or a person; the name is null if it no longer exists."""


def listed(found: Sequence[Ticket], known: Catalogue, after: int | None) -> Response:
    """A page of tickets; `next` is the cursor of the next page."""
    items = [summary(ticket, known) for ticket in found]
    return as_json({"items": items, "next": None if after is None else str(after)})


def changed(ticket: Ticket, known: Catalogue) -> Response:
    """A ticket as it is after a change, without its thread."""
    return as_json(summary(ticket, known))


def deleted(ticket: Ticket) -> Response:
    """A deleted ticket."""
    return as_json({"id": ticket.id, "deleted": True})


def written(made: Written) -> Response:
    """A new entry, and the addresses that it is mailed to."""
    return as_json({"entry": made.entry.id, "told": list(made.told)}, 201)


def linked(made: Link) -> Response:
    """A new link: the other ticket's id, and its relation to the requested one."""
    return as_json({"kind": made.kind, "id": made.source}, 201)


def unlinked(kind: LinkKind, ref: str) -> Response:
    """A removed link, as named in the path."""
    return as_json({"kind": kind, "ticket": ref, "deleted": True})


def summary(ticket: Ticket, known: Catalogue) -> dict[str, Any]:
    """A ticket as in lists."""
    return {
        "id": ticket.id,
        "number": ticket.number,
        "subject": ticket.subject,
        "status": _status(ticket, known),
        "department": named(known.departments, ticket.department),
        "topic": named(known.topics, ticket.topic),
        "priority": named(known.priorities, ticket.priority),
        "sla": named(known.slas, ticket.sla),
        "agent": named(known.agents, ticket.agent),
        "team": named(known.teams, ticket.team),
        "person": _requester(ticket),
        "source": ticket.source,
        "created": time(ticket.created),
        "updated": time(ticket.updated),
        "closed": time(ticket.closed),
        "due": time(ticket.due),
        "deadline": time(ticket.deadline),
        "overdue": is_overdue(ticket, known),
        "answered": ticket.answered,
    }


def named(rows: Mapping[int, Any], number: int | None) -> Named | None:
    """A row by id and name; None for no row."""
    if not number:
        return None
    return {"id": number, "name": getattr(rows.get(number), "name", None)}


def _status(ticket: Ticket, known: Catalogue) -> Named:
    row = known.statuses.get(ticket.status)
    return {"id": ticket.status, "name": row and row.name, "state": known.state_of(ticket)}


def _requester(ticket: Ticket) -> Named | None:
    if ticket.person == NOBODY:
        return None
    return {"id": ticket.person, "name": ticket.person_name, "email": ticket.person_email}


# --- one ticket -----------------------------------------------------------------------------


class Users:
    """People and agents by id, as far as they have been read."""

    def __init__(self, found: Mapping[int, Person | Agent], known: Catalogue) -> None:
        self._found = found
        self._known = known

    def __call__(self, number: int | None) -> Named | None:
        """A person by id and name; None for nobody and for the desk itself."""
        if number is None or number in {NOBODY, THE_DESK}:
            return None
        user = self._found.get(number) or self._known.agents.get(number)
        return {"id": number, "name": user and (user.name or user.email)}


def custom(ticket: Ticket, known: Catalogue) -> list[dict[str, Any]]:
    """The values of a ticket's custom fields, with the labels that forms have for them."""
    topic = known.topics.get(ticket.topic or 0)
    forms = [*known.fields.values(), *(topic.fields if topic else ())]
    labels = {row.name: row.label for row in forms}
    return [
        {
            "name": name,
            "label": labels.get(name, name),
            "value": list(value) if isinstance(value, tuple) else value,
        }
        for name, value in ticket.fields.items()
        if name != fields.SUSPICIOUS
    ]


def entry(one: Entry, users: Users) -> dict[str, Any]:
    """An entry of a thread without its body, which has its own endpoint."""
    headers = one.headers
    above = {"From": headers.sender, "To": headers.to, "Cc": headers.cc}
    return {
        "id": one.id,
        "kind": one.kind,
        "internal": one.internal,
        "channel": channel_of(one),
        "poster": one.poster,
        "agent": users(one.agent),
        "person": users(one.person),
        "created": time(one.created),
        "updated": time(one.updated),
        "title": one.title,
        "excerpt": excerpt(one),
        "quotes": bool(one.quoted),
        "headers": [[name, value] for name, value in above.items() if value],
        "raw": bool(one.raw),
        "attachments": [attachment(file) for file in one.attachments],
    }


def excerpt(one: Entry) -> str:
    """The first words of an entry as one line."""
    whole = text.one_line(text.as_plain(replace(one.body, text=one.body.text[:20_000])))
    return whole if len(whole) <= LONGEST_EXCERPT else f"{whole[: LONGEST_EXCERPT - 1]}…"


def attachment(file: Attachment) -> dict[str, Any]:
    """A file of an entry; `inline` ones are embedded in the body."""
    return {
        "id": file.id,
        "name": file.name,
        "type": file.type,
        "size": file.size,
        "inline": file.inline,
    }


def happening(one: Happening, users: Users, known: Catalogue) -> dict[str, Any]:
    """One change of a ticket; rows and people by name."""
    return {
        "id": one.id,
        "at": time(one.at),
        "by": users(one.by),
        "what": one.what,
        "thing": one.thing,
        "number": one.number or None,
        "field": one.field or None,
        "before": _value(one.field, one.before, users, known),
        "after": _value(one.field, one.after, users, known),
    }


PEOPLE = frozenset({"agent", "person", "user"})
"""Fields of the history that reference a person."""


def _value(field: str, value: Any, users: Users, known: Catalogue) -> Any:
    if value is None:
        return None
    if field in PEOPLE:
        who = users(value)
        return who and who["name"]
    rows: Mapping[str, Mapping[int, Any]] = {
        "status": known.statuses,
        "priority": known.priorities,
        "department": known.departments,
        "topic": known.topics,
        "sla": known.slas,
        "team": known.teams,
    }
    if field in rows and isinstance(value, int):
        return getattr(rows[field].get(value), "name", None)
    return list(value) if isinstance(value, tuple) else value


def document(body: Mapping[str, Any], name: str) -> Response:
    """An answer that may be too large for Lambda (docs/aws.md m20)."""
    return answers.fitting(as_json(body), name)


def link(url: str, expires: datetime, **beside: str) -> Response:
    """The URL of a file, which gives access to anybody until it expires."""
    return as_json({"url": url, "expires": time(expires), **beside})


def file(found: Download) -> Response:
    """The way to a file, under the name and the type that it is given out with."""
    return link(found.link(), found.expires, name=found.file.name, type=found.type)


def files(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The files of a thread that are not embedded in bodies, each with the id of its entry."""
    return [
        attachment(file) | {"entry": one.id}
        for one in entries
        for file in one.attachments
        if not file.inline
    ]
