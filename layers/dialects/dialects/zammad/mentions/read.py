"""Reads the ticket to be followed from requests."""

from dialects.zammad.read import Bag
from dialects.zammad.refuse import NotAccessible, Refusal

TICKET = "Ticket"


def ticket(values: Bag) -> int:
    """The id of the ticket.

    Raises:
        Refusal: 422, if the object is not a ticket.
        NotAccessible: Not a possible ticket id.
    """
    if values.text("mentionable_type") != TICKET:
        raise Refusal(422, "The parameter 'mentionable_type' is invalid.")
    number = values.whole("mentionable_id")
    if not number or number < 1:
        raise NotAccessible
    return number
