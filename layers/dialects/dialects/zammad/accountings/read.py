"""Reads time accountings from requests: the amount, the ticket, the article."""

from dialects import parameters
from dialects.endpoint import Request
from dialects.zammad import read
from dialects.zammad.read import LONGEST_REFERENCE, Bag
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.tickets import accountings


def ticket(request: Request, values: Bag) -> int:
    """The ticket id from the path, else from the body, where zammadoo sends it.

    Raises:
        NotFound: Not a possible ticket id.
    """
    if "id" in request.params:
        return read.number(request, "ticket")
    given = values.text("ticket_id")
    number = parameters.id_of(given)
    if not number:
        raise NotFound("ticket", given[:LONGEST_REFERENCE])
    return number


def booking(request: Request) -> tuple[int, int]:
    """The ids of the ticket and the booking. zammadoo omits the ticket's id; finding it costs one
    more round trip.

    Raises:
        NotFound: Not a possible ticket or booking id; `accounting`: it does not exist.
    """
    number = read.number(request, "accounting", "accounting")
    if "id" in request.params:
        return read.number(request, "ticket"), number
    return accountings.ticket_of(number), number


def unit(values: Bag) -> str:
    """The amount of time.

    Raises:
        Invalid: `time_unit`: missing, or not a number.
    """
    if values.get("time_unit") in (None, ""):
        raise Invalid(Problem("time_unit", "required"))
    return accountings.read_unit(values.get("time_unit"))


def entry(values: Bag) -> int | None:
    """The id of the article that the time was spent on, if any.

    Raises:
        NotFound: `article`: not a possible id.
    """
    given = values.text("ticket_article_id")
    if not given:
        return None
    number = parameters.id_of(given)
    if not number:
        raise NotFound("article", given[:LONGEST_REFERENCE])
    return number
