"""From the query strings of lists of keys and rows to their filters (docs/admin.md)."""

from dialects import parameters
from dialects.admin import read
from dialects.endpoint import Request
from helpdesk.directory.wanted import WantedRows
from helpdesk.errors import Invalid, Problem
from helpdesk.keys.finding import STATES, Wanted
from helpdesk.keys.permissions import PERMISSIONS

_OF_KEYS = ("q", "state", "permission", "customer", "order", "limit", "next")
_OF_ROWS = ("q", "active", "limit", "next")
ORDERS = ("oldest", "newest")
LONGEST_TEXT = 200
"""Characters of `q`."""


def keys(request: Request) -> Wanted:
    """Which keys a list is to show.

    Raises:
        Invalid: A filter is unknown, or has an invalid value.
    """
    query = request.query
    parameters.check_names(query, _OF_KEYS)
    customer = parameters.id_of(query["customer"]) if query.get("customer") else None
    if query.get("customer") and customer is None:
        raise Invalid(Problem("customer", "choice", detail="must be an id"))
    return Wanted(
        text=_text(request),
        state=read.choice(request, "state", STATES),
        permission=read.choice(request, "permission", PERMISSIONS),
        customer=customer,
        newest_first=read.choice(request, "order", ORDERS) == "newest",
    )


def rows(request: Request) -> WantedRows:
    """Which rows a list is to show.

    Raises:
        Invalid: A filter is unknown, or has an invalid value.
    """
    parameters.check_names(request.query, _OF_ROWS)
    active = read.choice(request, "active", ("true", "false"))
    return WantedRows(_text(request), None if active is None else active == "true")


def _text(request: Request) -> str:
    text = request.query.get("q", "")
    if len(text) > LONGEST_TEXT:
        raise Invalid(Problem("q", "too_long"))
    return text
