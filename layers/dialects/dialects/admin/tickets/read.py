"""From paths of the admin API of tickets to the desk's references."""

from collections.abc import Iterator
from contextlib import contextmanager

from dialects import parameters
from dialects.endpoint import Request
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.model.entries import Entry, EntryKind
from helpdesk.model.relations import INVERSE, LinkKind
from helpdesk.tickets import entry_changes, find

LONGEST_REFERENCE = 64


def reference(request: Request) -> str:
    """The reference in the path: a ticket number, or an id if it is too short for a number
    (docs/osticket.md, row E).

    Raises:
        NotFound: No ticket can be called so.
    """
    return _reference(request, "ref")


def other(request: Request) -> str:
    """The other ticket of a link, that the path names in the same way. Raises as `reference`."""
    return _reference(request, "other")


def _reference(request: Request, name: str) -> str:
    ref = request.params.get(name, "")
    if len(ref) > LONGEST_REFERENCE:
        raise NotFound("ticket")
    find.reference_keys(ref)
    return ref


def link_kind(request: Request) -> LinkKind:
    """The relation of the path's second ticket to its first.

    Raises:
        NotFound: There is no such relation.
    """
    written = request.params.get("kind", "")
    for kind in INVERSE:
        if kind == written:
            return kind
    raise NotFound("link", written)


@contextmanager
def naming(what: str, field: str) -> Iterator[None]:
    """Makes of a ticket that is not there a problem of the body's field that names it.

    Args:
        what: The desk's word for that ticket.
        field: The field.

    Raises:
        Invalid: With that problem.
    """
    try:
        yield
    except NotFound as missing:
        if missing.what != what:
            raise
        raise Invalid(Problem(field, "unknown")) from missing


def kind(request: Request) -> EntryKind:
    """The kind of entry, by the last part of the route: a reply or a note."""
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
