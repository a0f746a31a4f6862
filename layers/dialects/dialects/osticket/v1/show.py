"""From the desk's results to answers of the community's v1 (docs/osticket.md 2, rows 12
to 14).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dialects import answers
from dialects.endpoint import Response
from dialects.osticket.shown import body, name, time
from dialects.osticket.words import V1_JSON, as_ascii_json
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.entries import Entry
from helpdesk.model.queries import Page
from helpdesk.model.tickets import Thread, Ticket

if TYPE_CHECKING:
    # A type only: the module is loaded by the one endpoint that answers changes.
    from helpdesk.queries.changed import ChangedThreads


def created(ticket: Ticket) -> Response:
    """201 with the new ticket's id and number."""
    return _said({"message": "Ticket created", "id": ticket.id, "number": ticket.number}, 201)


def updated() -> Response:
    """200, whether or not anything has changed."""
    return _said({"message": "Ticket updated"})


def deleted() -> Response:
    """200."""
    return _said({"message": "Ticket deleted"})


def tickets(
    threads: Sequence[Thread],
    addresses: Mapping[int, str],
    known: Catalogue,
    page: Page,
    total: int,
) -> Response:
    """A page of tickets with all that was written, and how many pages there are; too long, as a
    document (docs/aws.md m20).
    """
    pagination = {
        "page": page.offset // page.limit + 1,
        "per_page": page.limit,
        "total": total,
        "pages": -(-total // page.limit),
    }
    found = [_ticket(thread, addresses, known) for thread in threads]
    return answers.fitting(_said({"tickets": found, "pagination": pagination}), "tickets.json")


def changes(
    found: ChangedThreads, addresses: Mapping[int, str], known: Catalogue, page: Page
) -> Response:
    """The next changed tickets; `pagination` has the cursor."""
    shown = [_ticket(thread, addresses, known) for thread in found.threads]
    pagination = {
        "per_page": page.limit,
        "next_cursor": found.cursor,
        "has_more": found.more,
    }
    return answers.fitting(_said({"tickets": shown, "pagination": pagination}), "tickets.json")


def _ticket(thread: Thread, addresses: Mapping[int, str], known: Catalogue) -> dict[str, object]:
    ticket = thread.ticket
    return {
        "id": ticket.id,
        "number": ticket.number,
        "subject": ticket.subject,
        "status": name(known.statuses, ticket.status),
        "status_id": ticket.status,
        "dept_id": ticket.department,
        "priority_id": ticket.priority,
        "topic_id": ticket.topic,
        "created": time(ticket.created),
        "updated": time(ticket.updated),
        "user_email": ticket.person_email,
        "user_name": ticket.person_name,
        "responses": [_response(entry, addresses, known) for entry in thread.entries],
    }


def _response(entry: Entry, addresses: Mapping[int, str], known: Catalogue) -> dict[str, object]:
    writer = entry.agent or entry.person
    return {
        "id": entry.id,
        "created": time(entry.created),
        "body": body(entry.body),
        "is_note": entry.kind == "note",
        "user_id": writer,
        "user_name": name(known.agents, entry.agent) or entry.poster,
        "user_email": addresses.get(writer) if writer else None,
    }


def _said(value: object, status: int = 200) -> Response:
    return Response(status, as_ascii_json(value), V1_JSON)
