"""From paths of the admin API of tickets to the desk's references."""

from dialects import parameters
from dialects.endpoint import Request
from helpdesk.errors import NotFound
from helpdesk.model.entries import Entry, EntryKind
from helpdesk.tickets import entry_changes, find

LONGEST_REFERENCE = 64


def reference(request: Request) -> str:
    """The ticket that the path names, by its number, or by its id where that is too short for one
    (docs/osticket.md, row E).

    Raises:
        NotFound: No ticket can be called so.
    """
    ref = request.params.get("ref", "")
    if len(ref) > LONGEST_REFERENCE:
        raise NotFound("ticket")
    find.reference_keys(ref)
    return ref


def kind(request: Request) -> EntryKind:
    """What is written, by the last part of the route: a reply or a note."""
    return "response" if request.resource.endswith("/replies") else "note"


def entry(request: Request) -> Entry:
    """The entry that the path names by its ticket and its id: three round trips, one more for a
    long body.

    Raises:
        NotFound: No such entry of this ticket for this actor.
        Damaged: It cannot be read, or its ticket.
    """
    ref, number = reference(request), parameters.id_of(request.params.get("id", ""))
    if number is None:
        raise NotFound("entry")
    found = entry_changes.find_entry(request.actor, number)
    if ref not in {found.ticket.number, str(found.ticket.id)}:
        raise NotFound("entry", number)
    return found.entry
