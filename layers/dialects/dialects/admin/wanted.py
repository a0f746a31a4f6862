"""From the query string of a list of keys to what it shows (docs/admin.md, Keys)."""

from dialects import parameters
from dialects.admin import read
from dialects.endpoint import Request
from helpdesk.errors import Invalid, Problem
from helpdesk.keys.finding import STATES, Wanted
from helpdesk.keys.permissions import PERMISSIONS

_OF_KEYS = ("q", "state", "permission", "customer", "order", "limit", "next")
ORDERS = ("oldest", "newest")
LONGEST_TEXT = 200
"""Characters of `q`."""


def keys(request: Request) -> Wanted:
    """Which keys a list is to show.

    Raises:
        Invalid: A filter has a value that is none, or is not known.
    """
    query = request.query
    parameters.check_names(query, _OF_KEYS)
    if len(query.get("q", "")) > LONGEST_TEXT:
        raise Invalid(Problem("q", "too_long"))
    customer = parameters.id_of(query["customer"]) if query.get("customer") else None
    if query.get("customer") and customer is None:
        raise Invalid(Problem("customer", "choice", detail="must be an id"))
    return Wanted(
        text=query.get("q", ""),
        state=read.choice(request, "state", STATES),
        permission=read.choice(request, "permission", PERMISSIONS),
        customer=customer,
        newest_first=read.choice(request, "order", ORDERS) == "newest",
    )
