"""How much time is booked, and on which ticket."""

from dialects import parameters
from dialects.endpoint import Request
from dialects.zammad import read
from dialects.zammad.read import LONGEST_REFERENCE, Bag
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.tickets import accountings


def ticket(request: Request, values: Bag) -> int:
    """The ticket: that of the path, else that of the body, as zammadoo sends it.

    Raises:
        NotFound: No id that a ticket could have.
    """
    if "id" in request.params:
        return read.number(request, "ticket")
    given = values.text("ticket_id")
    number = parameters.id_of(given)
    if not number:
        raise NotFound("ticket", given[:LONGEST_REFERENCE])
    return number


def booking(request: Request) -> tuple[int, int]:
    """The ticket and the id of a booking. zammadoo asks for it without its ticket; that is one
    round trip more.

    Raises:
        NotFound: No id that a ticket or a booking could have; `accounting`: there is none.
    """
    number = read.number(request, "accounting", "accounting")
    if "id" in request.params:
        return read.number(request, "ticket"), number
    return accountings.ticket_of(number), number


def unit(values: Bag) -> str:
    """The amount of time.

    Raises:
        Invalid: `time_unit`: there is none, or it is no number.
    """
    if values.get("time_unit") in (None, ""):
        raise Invalid(Problem("time_unit", "required"))
    return accountings.read_unit(values.get("time_unit"))


def entry(values: Bag) -> int | None:
    """The article that the time was spent on, if any.

    Raises:
        NotFound: `article`: no id that one could have.
    """
    given = values.text("ticket_article_id")
    if not given:
        return None
    number = parameters.id_of(given)
    if not number:
        raise NotFound("article", given[:LONGEST_REFERENCE])
    return number
