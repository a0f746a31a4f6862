"""From the query string of a list of tickets to the desk's filters (docs/admin.md, Tickets)."""

from dialects import parameters
from dialects.admin import read
from dialects.endpoint import Request
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now
from helpdesk.errors import Invalid, Problem
from helpdesk.index import postings
from helpdesk.model.actor import Actor
from helpdesk.model.conditions import (
    AnyOf,
    Condition,
    Every,
    HasText,
    Not,
    OneOf,
    SaysWord,
    TextAttribute,
    Within,
)
from helpdesk.model.queries import Page, Sort, Wanted
from helpdesk.model.tickets import Ticket
from helpdesk.queries import lists
from helpdesk.scope import reads_threads

PARAMETERS = frozenset(
    {"q", "state", "department", "agent", "person", "overdue", "sort", "next", "limit"}
)

STATES = ("open", "closed", "archived")

SORTS: dict[str, Sort] = {"created": "created", "updated": "updated", "number": "number"}

LONGEST_TEXT, MOST_PIECES = 200, 10
"""Characters of `q`, and of its pieces those that are looked for."""

LEAST_BEGINNING = 3
"""Least characters of a word for a prefix search in messages: shorter ones match too many words."""

_ATTRIBUTES: tuple[TextAttribute, ...] = ("subject", "number", "person_name", "person_email")

_PENDING: frozenset[int | str | None] = frozenset({"pending_reminder", "pending_close"})


def find(request: Request) -> tuple[list[Ticket], int | None]:
    """A page of the matching tickets, and the cursor of the next one, if there may be one.

    Raises:
        Invalid: `parameter`, or an invalid value.
        TooWide: More would have to be read than a list may.
    """
    parameters.check_names(request.query, PARAMETERS)
    page, known = _page(request), cache.seen()
    found = lists.find_tickets(request.actor, _wanted(request, known), page)
    if cache.seen() is not known:
        # Rows have changed since this container has read them: another status may be a closed one.
        found = lists.find_tickets(request.actor, _wanted(request, cache.seen()), page)
    return found, page.offset + page.limit if len(found) == page.limit else None


def is_overdue(ticket: Ticket, known: Catalogue) -> bool:
    """Whether a ticket is overdue by the clock, even if not marked by the sweep yet. A pending one
    is never overdue.
    """
    if known.state_of(ticket) != "open":
        return False
    late = ticket.deadline is not None and ticket.deadline < now()
    return ticket.overdue or (late and not ticket.pending)


def _page(request: Request) -> Page:
    offset, limit = read.page(request)
    asked = request.query.get("sort") or "-updated"
    if (sort := SORTS.get(asked.removeprefix("-"))) is None:
        words = ", ".join(SORTS)
        raise Invalid(Problem("sort", "choice", detail=f"must be one of {words}, - before it"))
    return Page(sort, asked.startswith("-"), offset, limit)


def _wanted(request: Request, known: Catalogue) -> Wanted:
    agent = _id(request, "agent")
    tests = [
        _state(request, known),
        _overdue(request, known),
        OneOf("agent", frozenset({None})) if agent == 0 else None,
        _text(request),
    ]
    asked = tuple(test for test in tests if test is not None)
    return Wanted(
        department=_id(request, "department"),
        agent=agent or None,
        person=_id(request, "person"),
        condition=Every(asked) if asked else None,
    )


def _id(request: Request, name: str) -> int | None:
    written = request.query.get(name, "")
    if not written:
        return None
    number = parameters.id_of(written)
    if number is None or number > parameters.HIGHEST_ID:
        raise Invalid(Problem(name, "choice", detail="must be an id"))
    return number


def _state(request: Request, known: Catalogue) -> Condition | None:
    state = request.query.get("state", "")
    if state not in {"", *STATES}:
        words = ", ".join(STATES)
        raise Invalid(Problem("state", "choice", detail=f"must be one of {words}"))
    return _of_state(state, known) if state else None


def _of_state(state: str, known: Catalogue) -> Condition:
    rows = known.statuses.values()
    return OneOf("status", frozenset(row.id for row in rows if row.state == state))


def _overdue(request: Request, known: Catalogue) -> Condition | None:
    asked = request.query.get("overdue", "")
    if asked not in {"", "true", "false"}:
        raise Invalid(Problem("overdue", "choice", detail="must be true or false"))
    if not asked:
        return None
    late = Every((Not(OneOf("stage", _PENDING)), Within("deadline", None, now())))
    overdue = Every((_of_state("open", known), AnyOf((OneOf("overdue", frozenset({True})), late))))
    return overdue if asked == "true" else Not(overdue)


def _text(request: Request) -> Condition | None:
    """Whether every piece of a text occurs in number, subject, name, address or entries."""
    asked = request.query.get("q", "")
    if len(asked) > LONGEST_TEXT:
        raise Invalid(Problem("q", "too_long"))
    pieces = postings.searched(asked.strip().removeprefix("#")).split()[:MOST_PIECES]
    return Every(tuple(_piece(request.actor, piece) for piece in pieces)) if pieces else None


def _piece(actor: Actor, piece: str) -> Condition:
    # Characters that are wildcards in conditions are replaced by the one for any single character.
    pattern = f"*{piece.replace('*', '?')}*"
    tests: list[Condition] = [HasText(name, pattern, whole=True) for name in _ATTRIBUTES]
    words = [word for word in postings.split(piece) if len(word) >= postings.SHORTEST_WORD]
    if words and reads_threads(actor):
        said = (f"{word}*" if len(word) >= LEAST_BEGINNING else word for word in words)
        tests.append(Every(tuple(map(SaysWord, said))))
    return AnyOf(tuple(tests))
