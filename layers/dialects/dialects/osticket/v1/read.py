"""From requests of the community's v1 to the desk's operations (docs/osticket.md 2)."""

from dialects import parameters
from dialects.endpoint import Request
from dialects.osticket import queries
from dialects.osticket.queries import Position
from dialects.osticket.requesters import requester
from dialects.osticket.values import (
    DEFAULT_LIMIT,
    LONGEST_REFERENCE,
    MOST_LISTED,
    Values,
    json_body,
    text_of,
)
from dialects.osticket.words import Unreadable
from helpdesk.errors import NotFound
from helpdesk.model.entries import Body
from helpdesk.model.queries import Page, Wanted
from helpdesk.model.tickets import Change, NewTicket

NOTHING = -1
"""An id that matches nothing, for a filter that is not a number."""

_REQUIRED = ("email", "subject", "message")


LISTED = frozenset(
    {
        *("id", "number", "status_id", "dept_id", "topic_id", "priority_id", "staff_id"),
        *("email", "q", *queries.SPANS, *queries.FOLLOWING, "page", "per_page"),
    }
)
"""The parameters of a list."""


def wanted(request: Request) -> tuple[Wanted, Page]:
    """The filter of a list, and the page (docs/osticket.md 2.2, row Y).

    An id that cannot be read is the id of nothing, a page that cannot be read the first one.

    Raises:
        Invalid: `parameter`, for one that a list does not have.
    """
    parameters.check_names(request.query, LISTED)
    ticket = _id(request, "id")
    number = max(_leading(queries.given(request, "page"), missing=1), 1)
    size = _leading(queries.given(request, "per_page"), missing=DEFAULT_LIMIT)
    size = min(max(size, 1), MOST_LISTED)
    asked = Wanted(
        status=_id(request, "status_id"),
        department=_id(request, "dept_id"),
        topic=_id(request, "topic_id"),
        priority=_id(request, "priority_id"),
        agent=_id(request, "staff_id"),
        tickets=None if ticket is None else (ticket,),
        number=_filter(request, "number"),
        email=_filter(request, "email"),
        subject=(_filter(request, "q") or "",),
    )
    asked = queries.with_spans(request, asked)
    return asked, Page(descending=False, offset=(number - 1) * size, limit=size)


def position(request: Request) -> Position | None:
    """Where a list of changes continues; None for any other (docs/osticket.md, row Z).

    Raises:
        Invalid: `beside`, for another page than the first.
    """
    return queries.position(request, {"page": "1"})


def _filter(request: Request, name: str) -> str | None:
    # Values that PHP considers empty count as missing.
    given = queries.given(request, name)
    return given if given not in {"", "0"} else None


def _id(request: Request, name: str) -> int | None:
    given = _filter(request, name)
    return None if given is None else _leading(given) or NOTHING


def _leading(number: str, missing: int = 0) -> int:
    """The whole number at the start of a text, as PHP reads it; zero if there is none."""
    if not number:
        return missing
    return parameters.leading(number) or 0


def new_ticket(request: Request) -> NewTicket:
    """The requested ticket; keys that are not listed in docs/osticket.md 2.3 are ignored.

    The message is HTML, whatever it looks like.

    Raises:
        Unreadable: There is no address, no subject or no message.
        Invalid: A value has a wrong type.
    """
    values = _values(request)
    if any(_empty(values.get(key)) for key in _REQUIRED):
        raise Unreadable("Missing required fields: email, subject, message", status=422)
    topic = text_of(values, "topic_id").strip()
    return NewTicket(
        requester=requester({key: values.get(key) for key in ("email", "name")}),
        subject=text_of(values, "subject"),
        body=Body(text_of(values, "message"), "html"),
        topic=_leading(topic) or None,
        ip=request.source_ip,
    )


def _values(request: Request) -> Values:
    try:
        return json_body(request)
    except Unreadable:
        # v1, like PHP, does not distinguish an unreadable body from an empty one.
        return {}


def _empty(value: object) -> bool:
    return not value or value == "0"


def reference(request: Request) -> int:
    """The id of the ticket that a request is about (docs/osticket.md 2.4).

    Raises:
        Unreadable: There is no id.
        NotFound: No ticket can be called this.
    """
    given = _filter(request, "id")
    if given is None:
        raise Unreadable("Missing ticket ID")
    ticket = _leading(given)
    if ticket < 1:
        raise NotFound("ticket", given[:LONGEST_REFERENCE])
    return ticket


def change(request: Request) -> Change:
    """The change of the ticket (docs/osticket.md 2.4, rows 15 and 16): a status, a topic, by id.

    An empty change if the body has no values; `check_body` refuses that.

    Raises:
        Invalid: A value has a wrong type.
    """
    values = _values(request)
    return Change(status=_row(values, "status_id"), topic=_row(values, "topic_id"))


def check_body(request: Request) -> None:
    """Refuses a body without a change. v1 looks up the ticket first.

    Raises:
        Unreadable: The body cannot be read, or has no values.
    """
    values = _values(request)
    if not values:
        raise Unreadable("Invalid JSON body")
    if not values.keys() & {"status_id", "topic_id"}:
        raise Unreadable("Nothing that can be changed. Known are status_id, topic_id")


def _row(values: Values, key: str) -> int | None:
    given = values.get(key)
    return None if given is None else _leading(text_of(values, key).strip() or "0")
