"""Which ticket somebody follows."""

from dialects.zammad.read import Bag
from dialects.zammad.refuse import NotAccessible, Refusal

TICKET = "Ticket"


def ticket(values: Bag) -> int:
    """The ticket that is meant.

    Raises:
        Refusal: 422, for something else than a ticket.
        NotAccessible: No id that a ticket could have.
    """
    if values.text("mentionable_type") != TICKET:
        raise Refusal(422, "The parameter 'mentionable_type' is invalid.")
    number = values.whole("mentionable_id")
    if not number or number < 1:
        raise NotAccessible
    return number
