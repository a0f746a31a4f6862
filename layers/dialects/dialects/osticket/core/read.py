"""From requests of osTicket's own API, in JSON, to the desk's operations (docs/osticket.md 1.3, 1.4
and 3.1).

Reading checks what is possible without the catalogue; the desk checks the rest after its first
round trip.
"""

from collections.abc import Callable

from dialects import parameters
from dialects.endpoint import Request
from dialects.osticket.files import files
from dialects.osticket.messages import chosen_format, message
from dialects.osticket.requesters import requester
from dialects.osticket.values import (
    LONGEST_REFERENCE,
    Values,
    field_value,
    json_body,
    row_of,
    text_of,
)
from helpdesk import text
from helpdesk.catalogue.fields import truth
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.model.entries import Body, Format
from helpdesk.model.files import NewFile
from helpdesk.model.tickets import NewTicket

_STOCK_IDS = {
    "1": "email",
    "2": "name",
    "3": "phone",
    "4": "notes",
    "20": "subject",
    "21": "message",
    "22": "priority",
}
"""The stock fields' ids, which name a field as well as its name does (docs/osticket.md 1.3)."""

_OWN_KEYS = frozenset(
    [
        *_STOCK_IDS,
        *_STOCK_IDS.values(),
        "alert",
        "attachments",
        "autorespond",
        "departmentId",
        "dueDate",
        "duedate",
        "format",
        "ip",
        "parentTicketId",
        "parentTicketNumber",
        "priorityId",
        "source",
        "topicId",
    ]
)

_SOURCES = {label.lower(): label for label in ("API", "Web", "Email", "Phone", "Other")}


def new_ticket(request: Request) -> NewTicket:
    """The ticket requested in JSON (docs/osticket.md 1.3, 1.4 and 3.1).

    Unknown keys are kept as values of custom fields, which the core ignores if no form has them
    (docs/osticket.md, row 1).

    Raises:
        Unreadable: The body is not JSON, or names an unknown format.
        Invalid: A value has a wrong type; the message or a file is not valid base64 although
            declared so.
        NotFound: The department has a type that names nothing, or the parent is too long a number.
    """
    return ticket_of(json_body(request), request, message, files)


def ticket_of(
    values: Values,
    request: Request,
    message: Callable[[Values, Format | None], Body],
    files: Callable[[object], tuple[NewFile, ...]],
) -> NewTicket:
    """The ticket described by a request's values, whatever their format.

    `message` and `files` read the parts that differ by format: the body, given the values and the
    requested format, and the files, given the value of `attachments`.
    """
    for number, name in _STOCK_IDS.items():
        if number in values:
            values.setdefault(name, values[number])
    chosen = chosen_format(values)
    source = text_of(values, "source") if values.get("source") is not None else "API"
    return NewTicket(
        requester=requester(values),
        subject=text_of(values, "subject"),
        body=message(values, chosen),
        topic=row_of(values, "topicId"),
        department=_department(values),
        priority=row_of(values, "priority") or row_of(values, "priorityId"),
        parent=_parent(values),
        due=text_of(values, "duedate") or text_of(values, "dueDate") or None,
        source=_SOURCES.get(source.strip().lower(), "Other"),
        ip=text.one_line(text_of(values, "ip"))[:LONGEST_REFERENCE] or request.source_ip,
        alert=_switch(values, "alert"),
        autorespond=_switch(values, "autorespond"),
        fields={key: field_value(values[key]) for key in values.keys() - _OWN_KEYS},
        files=files(values.get("attachments")),
        services=_services(values),
    )


def _department(values: Values) -> int | str | None:
    """Unlike the other rows, a department that is sent blank or 0 is looked for."""
    sent = values.get("departmentId")
    if isinstance(sent, dict):
        raise Invalid(Problem("departmentId", "name_or_id"))
    found = row_of(values, "departmentId")
    if found is None and sent is not None:
        raise NotFound("department", text_of(values, "departmentId").strip())
    return found


def _services(values: Values) -> tuple[int, ...]:
    """The services that the ticket is about: a list of ids, from keys that manage them
    (docs/notific.md 5.5). Anything else is the value of a custom field of that name.
    """
    sent = values.get("services")
    ids = sent if isinstance(sent, list) else []
    return tuple(ids) if all(type(one) is int for one in ids) else ()


def _parent(values: Values) -> tuple[int | str, ...]:
    """The references to try for the parent: a number first, then an id (docs/osticket.md, row
    21).
    """
    for key in ("parentTicketNumber", "parentTicketId"):
        ref = text_of(values, key).strip()
        if values.get(key) is None:
            continue
        if len(ref) > LONGEST_REFERENCE or ref in {"", "0"}:
            raise NotFound("parent", ref)
        number = parameters.id_of(ref)
        return (ref,) if number is None else (ref, number)
    return ()


def _switch(values: Values, key: str) -> bool:
    """On unless the request says no (docs/osticket.md, row 10)."""
    return values.get(key) is None or truth(values[key])
