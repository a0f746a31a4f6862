"""From the query string of a list of the desk's mails to its filters."""

import re

from dialects import parameters
from dialects.admin import read
from dialects.endpoint import Request
from helpdesk import operations
from helpdesk.broadcasts.mails import STATES, Wanted
from helpdesk.catalogue import cache
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.mail.outbound.suppression import LONGEST_ADDRESS
from helpdesk.tickets import find

SENT_MAILS = frozenset({"state", "to", "ticket", "next", "limit"})
"""What a list of the desk's mails takes."""


def wanted(request: Request) -> tuple[Wanted, str, int]:
    """The filter of the desk's mails, the cursor of the page, and its size.

    Raises:
        Invalid: A parameter is unknown, or its value is invalid.
        NotFound: There is no such ticket.
    """
    parameters.check_names(request.query, SENT_MAILS)
    state, to = request.query.get("state", ""), request.query.get("to", "")
    if state and state not in STATES:
        raise Invalid(Problem("state", "state", detail=f"must be one of {', '.join(STATES)}"))
    if len(to) > LONGEST_ADDRESS:
        raise Invalid(Problem("to", "too_long"))
    ref = request.query.get("ticket", "")
    number = _ticket(ref) if ref else None
    before = _place(request)
    found = next((one for one in STATES if one == state), None)
    return Wanted(state=found, to=to, ticket=number), before, read.limit(request)


_PLACE = re.compile(
    r"|\d{4}-(?:0\d|1[0-2])-(?:[012]\d|3[01])T[\d:.]+Z#V#[0-9a-f]+|V#[0-9a-f]+/[0-9a-f]+", re.ASCII
)


def _place(request: Request) -> str:
    """The cursor of a page of mails.

    Raises:
        Invalid: It is no place that a page has named.
    """
    try:
        place = bytes.fromhex(request.query.get("next", "")).decode()
    except ValueError:
        place = "-"
    if not _PLACE.fullmatch(place) or place.startswith("0000"):
        raise Invalid(Problem("next", "page"))
    return place


def _ticket(ref: str) -> int:
    """The id of the ticket with this number, or with this id if the text is too short for a
    number.
    """
    found, _ = operations.first_round_trip(find.reference_keys(ref))
    number = find.resolve_reference(ref, found, cache.current(found))
    if number is None:
        raise NotFound("ticket", ref)
    return number
