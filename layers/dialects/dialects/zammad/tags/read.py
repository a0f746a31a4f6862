"""Reads the tag and its ticket from requests."""

from dialects.zammad.read import LONGEST_REFERENCE, Bag
from dialects.zammad.refuse import Refusal
from helpdesk.errors import NotFound

TICKET = "Ticket"


def ticket(values: Bag) -> int:
    """The id of the ticket whose tags are requested.

    Raises:
        NotFound: Not a possible ticket id, or the object is not a ticket.
    """
    number = values.whole("o_id")
    if values.text("object") != TICKET or not number or number < 1:
        raise NotFound("ticket", values.text("o_id")[:LONGEST_REFERENCE])
    return number


def item(values: Bag, name: str = "item") -> str:
    """The name of a tag.

    Raises:
        Refusal: 422, if it is missing.
    """
    given = values.text(name).strip()
    if not given:
        raise Refusal(422, f"The required value '{name}' is missing.")
    return given
