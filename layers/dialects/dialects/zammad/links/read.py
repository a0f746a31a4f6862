"""Reads the two tickets of a link from requests."""

from dialects import parameters
from dialects.zammad.read import LONGEST_REFERENCE, Bag
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk.errors import NotFound
from helpdesk.model.relations import INVERSE, LinkKind
from helpdesk.storage import table
from helpdesk.storage.keys import ticket_key
from helpdesk.tickets import find

TICKET = "Ticket"


def ticket(values: Bag) -> int:
    """The id of the ticket whose links are requested.

    Raises:
        NotAccessible: The object is not a ticket, or this is not a possible ticket id.
    """
    number = values.whole("link_object_value")
    if values.text("link_object") != TICKET or not number or number < 1:
        raise NotAccessible
    return number


def kind(values: Bag) -> LinkKind:
    """The relation of the source to the target.

    Raises:
        Refusal: 422, for an unknown kind of link.
    """
    given = values.text("link_type")
    for known in INVERSE:
        if given == known:
            return known
    raise Refusal(422, f"Invalid value for param 'link_type': \"{given[:LONGEST_REFERENCE]}\"")


def target(values: Bag) -> int:
    """The target's id.

    Raises:
        NotFound: `target`: not a possible ticket id, or the object is not a ticket.
    """
    given = values.text("link_object_target_value")
    number = parameters.id_of(given)
    if not number or values.get("link_object_target") not in (None, TICKET):
        raise NotFound("target", given[:LONGEST_REFERENCE])
    return number


def source(values: Bag) -> int:
    """The source's id, found by its number, or by an id, which may look like a number too
    (docs/zammad.md 9.8). One round trip, or two.

    Raises:
        NotFound: `source`: there is no ticket with this number.
    """
    number = values.text("link_object_source_number").strip()
    value = values.text("link_object_source_value").strip()
    found = parameters.id_of(value)
    if not number and found and table.get(ticket_key(found)):
        return found
    wanted = number or value
    ticket_id = find.by_number(wanted)
    if ticket_id is None or values.get("link_object_source") not in (None, TICKET):
        raise NotFound("source", wanted[:LONGEST_REFERENCE])
    return ticket_id


def of_new_ticket(values: Bag) -> tuple[tuple[LinkKind, int], ...]:
    """The links of a ticket to be created, each with its kind and the other ticket's id: the new
    ticket becomes, for example, that ticket's child (docs/zammad.md 7.3).

    Raises:
        Refusal: 422, if they have another shape.
        NotFound: `link`: not a possible ticket id.
    """
    given = values.get("links")
    if not given:
        return ()
    if not isinstance(given, dict):
        raise Refusal(422, "Invalid link structure")
    found: list[tuple[LinkKind, int]] = []
    for name, kinds in given.items():
        if not isinstance(kinds, dict) or name != TICKET:
            raise Refusal(422, "Invalid link structure (Object)")
        for named, numbers in kinds.items():
            if not isinstance(numbers, list):
                raise Refusal(422, "Invalid link structure (Object → LinkType)")
            known = kind(Bag({"link_type": named}))
            found += [(known, _linked(number)) for number in numbers]
    return tuple(found)


def _linked(given: object) -> int:
    number = parameters.id_of(str(given))
    if not number:
        raise NotFound("link", str(given)[:LONGEST_REFERENCE])
    return number
