"""Searches for tickets (docs/zammad.md 7.6): conditions, order and shape of the result."""

from collections.abc import Callable, Sequence
from typing import Any

from dialects import parameters
from dialects.endpoint import Response
from dialects.zammad import collection, names, read, show
from dialects.zammad.read import Bag, Window
from dialects.zammad.search import conditions
from dialects.zammad.tickets.show import NO_SLA, Shapes, created_by, updated_by
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import to_iso
from helpdesk.model.actor import NOBODY, Actor
from helpdesk.model.queries import Page, Sort, Wanted
from helpdesk.model.tickets import Ticket
from helpdesk.queries import lists

DEFAULT_PAGE, LARGEST_PAGE = 50, 200
MOST_IDS = 1_000

Found = tuple[Sequence[Ticket], int | None]
"""A page, and the number of all matches; None if it is not requested."""


def search(actor: Actor, values: Bag) -> Response:
    """The response to a search. A key without permission to read or search tickets finds none.

    Raises:
        Refusal: 422, for an invalid condition or an unknown order.
        TooWide: More would have to be read than a search may.
    """
    window = read.window(values, DEFAULT_PAGE, LARGEST_PAGE)
    counts = any(values.flag(one) for one in ("only_total_count", "with_total_count", "full"))
    shapes, total = find(actor, values, window, counts=counts)
    if values.flag("only_total_count"):
        return show.answer({"total_count": total})
    return _shown(values, shapes, total)


def find(
    actor: Actor, values: Bag, window: Window, *, counts: bool = False
) -> tuple[Shapes, int | None]:
    """The tickets of a page, and the number of all matches if `counts`. Raises as `search`."""
    known = cache.seen()
    found = _found(actor, values, known, window, counts=counts)
    if cache.seen() is not known:
        # Rows have changed since they were cached: names may refer to other rows now.
        known = cache.seen()
        found = _found(actor, values, known, window, counts=counts)
    tickets, total = found
    return Shapes(actor, known, tickets), total


def _found(actor: Actor, values: Bag, known: Catalogue, window: Window, *, counts: bool) -> Found:
    if not actor.may("can_read_tickets", "can_search_tickets"):
        return [], 0
    return _find(actor, wanted(actor, values, known), values, window, counts=counts)


def wanted(actor: Actor, values: Bag, known: Catalogue) -> Wanted:
    """The conditions of a search: `query` or `term`, `condition` and `ids` combined.

    Raises:
        Refusal: 422, for an invalid condition.
    """
    text = values.text("query") or values.text("term")
    tests = [
        conditions.of_query(text, known),
        conditions.of_selector(values.get("condition"), actor, known),
    ]
    ids = None
    if values.get("ids"):
        numbers = map(parameters.id_of, values.listed("ids")[:MOST_IDS])
        ids = tuple(number for number in numbers if number is not None)
    return Wanted(tickets=ids, condition=conditions.both(*tests))


# --- order ----------------------------------------------------------------------------------

_SORTS: dict[str, Sort] = {"created_at": "created", "updated_at": "updated", "number": "number"}


def _find(
    actor: Actor, which: Wanted, values: Bag, window: Window, *, counts: bool
) -> tuple[Sequence[Ticket], int | None]:
    columns = _columns(actor, values)
    if len(columns) == 1 and columns[0][0] in _SORTS:
        column, descending = columns[0]
        page = Page(_SORTS[column], descending, window.offset, window.limit)
        if counts:
            return lists.list_tickets(actor, which, page)
        return lists.find_tickets(actor, which, page), None

    def order(tickets: list[Ticket]) -> list[Ticket]:
        for column, descending in reversed(columns):
            tickets.sort(key=_KEYS[column], reverse=descending)
        return tickets

    page = Page("updated", offset=window.offset, limit=window.limit)
    return lists.find_sorted(actor, which, order, page)


def _columns(actor: Actor, values: Bag) -> list[tuple[str, bool]]:
    """The columns to sort by, and whether each is descending. Customers cannot sort by the number
    of articles, since it would reveal the internal ones.

    Raises:
        Refusal: 422, for an unknown column.
    """
    found = collection.sorting(values, "updated_at", "desc")
    for column, _ in found:
        if column not in _KEYS and column not in _EMPTY:
            raise collection.unknown_column(column)
    known = _KEYS.keys() - ({"article_count"} if actor.customer is not None else set())
    return [(column, falls) for column, falls in found if column in known] or [("id", False)]


def _rank(value: Any) -> tuple[bool, Any]:
    if isinstance(value, str):
        value = value.casefold()
    return (value is None, "" if value is None else value)


def _by(attribute: str) -> Callable[[Ticket], Any]:
    return lambda ticket: _rank(getattr(ticket, attribute))


def _time(attribute: str) -> Callable[[Ticket], Any]:
    def key(ticket: Ticket) -> Any:
        at = getattr(ticket, attribute)
        return _rank(to_iso(at) if at else None)

    return key


_KEYS: dict[str, Callable[[Ticket], Any]] = {
    "id": lambda ticket: ticket.id,
    "number": _by("number"),
    "title": _by("subject"),
    "note": _by("note"),
    "type": _by("kind"),
    "group_id": lambda ticket: ticket.department,
    "customer_id": lambda ticket: ticket.person,
    "owner_id": lambda ticket: ticket.agent or NOBODY,
    "organization_id": lambda ticket: ticket.organization or 0,
    "created_by_id": created_by,
    "updated_by_id": updated_by,
    "state_id": lambda ticket: names.state_of(ticket, cache.seen())[0],
    "priority_id": lambda ticket: names.priority_of(ticket.priority, cache.seen())[0],
    "article_count": lambda ticket: len(ticket.entries),
    "created_at": _time("created"),
    "updated_at": _time("updated"),
    "pending_time": _time("pending_until"),
    "first_response_at": _time("first_response"),
    "close_at": _time("first_closed"),
    "last_close_at": _time("last_closed"),
    "last_contact_at": _time("last_contact"),
    "last_contact_agent_at": _time("agent_contact"),
    "last_contact_customer_at": _time("customer_contact"),
}


_EMPTY = frozenset(
    {*NO_SLA, "escalation_at", "last_owner_update_at", "checklist_id", "time_unit"}
    | {"create_article_type_id", "create_article_sender_id"}
)
"""Columns that do not affect the order: ids of names, and attributes that are always null."""


# --- shape ----------------------------------------------------------------------------------


def _shown(values: Bag, shapes: Shapes, total: int | None) -> Response:
    tickets = shapes.tickets
    if values.flag("full"):
        shapes.read()
        ids = [ticket.id for ticket in tickets]
        body: Any = {"record_ids": ids, "assets": shapes.assets(), "total_count": total}
        return show.document(body, "tickets.json")
    if values.flag("expand"):
        shapes.read()
        rows: list[dict[str, Any]] = [shapes.expanded(ticket) for ticket in tickets]
    elif "label" in values or "term" in values:
        rows = [_labelled(ticket) for ticket in tickets]
    else:
        rows = [shapes.with_ids(ticket) for ticket in tickets]
    counted = values.flag("with_total_count")
    body = {"records": rows, "total_count": total} if counted else rows
    return show.document(body, "tickets.json")


def _labelled(ticket: Ticket) -> dict[str, Any]:
    label = f"#{ticket.number} - {ticket.subject}"
    return {"id": ticket.id, "label": label, "value": label}
