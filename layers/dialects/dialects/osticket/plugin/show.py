"""From the desk's results to answers of the plugin's API (docs/osticket.md 3.2 and 3.6,
rows 29-31, K, N and P).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dialects import answers
from dialects.endpoint import Response
from dialects.osticket.plugin.xml import document
from dialects.osticket.shown import body, name, time
from dialects.osticket.values import Shape
from dialects.osticket.words import JSON, PLAIN, as_json
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now
from helpdesk.model.catalogue import Status
from helpdesk.model.entries import Entry
from helpdesk.model.files import Attachment, Upload
from helpdesk.model.people import FieldValue
from helpdesk.model.queries import Counts, Statistics
from helpdesk.model.tickets import Thread, Ticket

if TYPE_CHECKING:
    # Types only: no other endpoint shall pay for the reading of mail at its cold start.
    from helpdesk.files.downloads import Download
    from helpdesk.queries.changed import Changes


def changed(ticket: Ticket) -> Response:
    """200 with the ticket's number, as plain characters."""
    return Response(200, ticket.number, PLAIN)


def replied(entry: Entry, shape: Shape) -> Response:
    """201 with the ids of the new entry and its ticket."""
    said = answer({"id": entry.id, "ticket_id": entry.ticket}, shape)
    return replace(said, status=201)


def answer(value: object, shape: Shape) -> Response:
    """200 in the requested format."""
    return Response(200, _written(value, shape), _TYPES[shape])


_TYPES: Mapping[Shape, str] = {"json": JSON, "xml": "application/xml; charset=UTF-8"}


def _written(value: object, shape: Shape) -> str:
    return document(value) if shape == "xml" else as_json(value)


def thread(found: Thread, known: Catalogue, shape: Shape) -> Response:
    """A ticket with its thread, in the plugin's order of keys; too long, as a document
    (docs/aws.md m20).
    """
    ticket = found.ticket
    said = answer(
        {
            **_head(ticket, known),
            "children": list(found.children),
            "thread": [_entry(entry, known) for entry in found.entries],
            "fields": {name: _value(value) for name, value in ticket.fields.items()},
        },
        shape,
    )
    return answers.fitting(said, f"{ticket.id}.{shape}")


def tickets(found: Iterable[Ticket], known: Catalogue, shape: Shape) -> Response:
    """A page of tickets as a bare list, in the plugin's order of keys (docs/osticket.md 3.4)."""
    return answer([_listed(_head(ticket, known)) for ticket in found], shape)


def changes(found: Changes, known: Catalogue, shape: Shape) -> Response:
    """The next changed tickets, as a list; the cursor is in the headers."""
    following = {"X-Next-Cursor": found.cursor, "X-Has-More": "true" if found.more else "false"}
    return replace(tickets(found.tickets, known, shape), headers=following)


_LISTED = (
    *("id", "number", "subject", "statusId", "status", "priorityId", "priority", "departmentId"),
    *("department", "topicId", "topic", "created", "updated", "dueDate", "staffId", "staff"),
    *("teamId", "team", "slaId", "sla", "isOverdue", "isAnswered"),
)


def _listed(head: Mapping[str, object]) -> dict[str, object]:
    # `duedate` of a single ticket is `dueDate` in a list.
    return {key: head["duedate" if key == "dueDate" else key] for key in _LISTED}


def parent(found: Ticket | None, known: Catalogue, shape: Shape) -> Response:
    """A ticket's parent (docs/osticket.md 3.8)."""
    return answer({"parent": found and _related(found, known)}, shape)


def children(found: Iterable[Ticket], known: Catalogue, shape: Shape) -> Response:
    """A ticket's children (docs/osticket.md 3.9)."""
    return answer({"children": [_related(ticket, known) for ticket in found]}, shape)


def linked(pair: tuple[Ticket, Ticket], known: Catalogue, shape: Shape) -> Response:
    """A ticket and the one that is under it now; 200 (docs/osticket.md, row 42)."""
    above, below = pair
    return answer(
        {
            "success": True,
            "message": "Subticket relationship created successfully",
            "parent": _related(above, known),
            "child": _related(below, known),
        },
        shape,
    )


def unlinked(below: Ticket, known: Catalogue, shape: Shape) -> Response:
    """A ticket that was removed from its parent (docs/osticket.md 3.11)."""
    return answer(
        {
            "success": True,
            "message": "Subticket relationship removed successfully",
            "child": _related(below, known),
        },
        shape,
    )


def _related(ticket: Ticket, known: Catalogue) -> dict[str, object]:
    return {
        "ticket_id": ticket.id,
        "number": ticket.number,
        "subject": ticket.subject,
        "status": name(known.statuses, ticket.status),
    }


def file(found: Download, shape: Shape) -> Response:
    """A file with its contents in base64 (docs/osticket.md 3.12); if that is too large for a
    response, a redirect to a document with it (docs/aws.md m20).
    """
    if found.file.size * 4 / 3 <= answers.LARGEST_ANSWER:
        said = answer(_file(found), shape)
        if answers.fits(said):
            return replace(said, headers=answers.SEALED)
    # Files never change, so a recently created document can be reused.
    made = found.document(shape, _TYPES[shape], lambda: _written(_file(found), shape).encode())
    return answers.elsewhere(made)


def contents(found: Download) -> Response:
    """A raw file, with its name and type (docs/osticket.md, row X); if it is too large for a
    response, a redirect to it.
    """
    if found.file.size * 4 / 3 > answers.LARGEST_ANSWER:
        return answers.elsewhere(found.link())
    headers = {"Content-Disposition": found.disposition, **answers.SEALED}
    return Response(200, found.contents, found.type, headers)


def _file(found: Download) -> dict[str, object]:
    return {
        "file_id": found.file.id,
        "filename": found.file.name,
        "mime_type": found.file.type,
        "size": found.file.size,
        "content": b64encode(found.contents).decode(),
    }


def upload(made: Upload) -> Response:
    """201 with the form: its address, its fields, and until when it is of use."""
    shown = {
        "id": made.id,
        "url": made.url,
        "fields": dict(made.fields),
        "expires": time(made.expires),
    }
    return Response(201, as_json(shown), JSON)


def statuses(rows: Mapping[int, Status], shape: Shape) -> Response:
    """All statuses in their order."""
    ordered = sorted(rows.values(), key=lambda row: (row.sort, row.id))
    return answer([{"id": row.id, "name": row.name, "state": row.state} for row in ordered], shape)


def statistics(found: Statistics, known: Catalogue, shape: Shape) -> Response:
    """Counts by names in alphabetical order, capitals first (docs/osticket.md 3.5). A department or
    agent that is no more has no name: its tickets count in the whole only.
    """
    staff = [
        {
            "staff_id": agent,
            "staff_name": known.agents[agent].name,
            "total": sum(some.total for some in counts.values()),
            "departments": {
                name: _counts(some) for name, some in _by_department(counts, known).items()
            },
        }
        for agent, counts in found.agents.items()
        if agent in known.agents
    ]
    departments = _by_department(found.departments, known)
    told = {
        **_whole(found.whole),
        "by_department": {name: _whole(counts) for name, counts in departments.items()},
        "by_staff": sorted(staff, key=lambda row: (row["staff_name"], row["staff_id"])),
    }
    return answer(told, shape)


def _by_department(counts: Mapping[int, Counts], known: Catalogue) -> dict[str, Counts]:
    """Counts by departments' names; those that share one are one."""
    named: dict[str, Counts] = {}
    for row, some in counts.items():
        if row in known.departments:
            name = known.departments[row].name
            named[name] = named.get(name, Counts()) + some
    return dict(sorted(named.items()))


def _whole(counts: Counts) -> dict[str, int]:
    return {"total": counts.total, **_counts(counts)}


def _counts(counts: Counts) -> dict[str, int]:
    return {"open": counts.open, "closed": counts.closed, "overdue": counts.overdue}


def deleted(ticket: Ticket) -> Response:
    """200 with the number that the ticket had, as plain text (docs/osticket.md 3.7)."""
    return Response(200, ticket.number, PLAIN)


def _head(ticket: Ticket, known: Catalogue) -> dict[str, object]:
    return {
        "id": ticket.id,
        "number": ticket.number,
        "subject": ticket.subject,
        "statusId": ticket.status,
        "status": name(known.statuses, ticket.status),
        "priorityId": ticket.priority,
        "priority": name(known.priorities, ticket.priority),
        "departmentId": ticket.department,
        "department": name(known.departments, ticket.department),
        "topicId": ticket.topic,
        "topic": name(known.topics, ticket.topic),
        "userId": ticket.person,
        "user": {"name": ticket.person_name, "email": ticket.person_email},
        "staffId": ticket.agent,
        "staff": name(known.agents, ticket.agent),
        "teamId": ticket.team,
        "team": name(known.teams, ticket.team),
        "slaId": ticket.sla,
        "sla": name(known.slas, ticket.sla),
        "created": time(ticket.created),
        "updated": time(ticket.updated),
        "duedate": time(ticket.due),
        "closed": time(ticket.closed),
        "isOverdue": _overdue(ticket, known),
        "isAnswered": ticket.answered,
        "source": ticket.source,
        "ip": ticket.ip or None,
    }


def _overdue(ticket: Ticket, known: Catalogue) -> bool:
    # The clock decides, not the sweep that marks tickets later.
    status = known.statuses.get(ticket.status)
    running = status is not None and status.state == "open"
    return ticket.overdue or (running and ticket.deadline is not None and ticket.deadline < now())


def _entry(entry: Entry, known: Catalogue) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": entry.id,
        "type": entry.kind,
        "poster": entry.poster,
        "timestamp": time(entry.created),
        "body": body(entry.body),
    }
    if entry.agent:
        shown |= {"staffId": entry.agent, "staff": name(known.agents, entry.agent) or entry.poster}
    if entry.person:
        shown["userId"] = entry.person
    if entry.attachments:
        shown["attachments"] = [_attachment(attachment) for attachment in entry.attachments]
        shown["attachment_count"] = len(entry.attachments)
    return shown


def _attachment(attachment: Attachment) -> dict[str, object]:
    return {
        "id": attachment.id,
        "file_id": attachment.id,
        "filename": attachment.name,
        "size": attachment.size,
        "mime_type": attachment.type,
        "inline": attachment.inline,
    }


def _value(value: FieldValue) -> object:
    return list(value) if isinstance(value, tuple) else value
