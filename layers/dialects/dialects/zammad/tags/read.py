"""Which tag of which ticket is meant."""

from dialects.zammad.read import LONGEST_REFERENCE, Bag
from dialects.zammad.refuse import Refusal
from helpdesk.errors import NotFound

TICKET = "Ticket"


def ticket(values: Bag) -> int:
    """The ticket whose tags are meant.

    Raises:
        NotFound: No id that a ticket could have, or that of something else than a ticket.
    """
    number = values.whole("o_id")
    if values.text("object") != TICKET or not number or number < 1:
        raise NotFound("ticket", values.text("o_id")[:LONGEST_REFERENCE])
    return number


def item(values: Bag, name: str = "item") -> str:
    """The name of a tag.

    Raises:
        Refusal: 422, where there is none.
    """
    given = values.text(name).strip()
    if not given:
        raise Refusal(422, f"The required value '{name}' is missing.")
    return given
