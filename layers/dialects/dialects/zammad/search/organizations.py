"""Searches for organizations (docs/zammad.md 9.5 and 17.16): by the words of their names from the
index; for other queries, all organizations are read.
"""

from collections.abc import Sequence
from functools import partial

from dialects.endpoint import Response
from dialects.zammad import collection, read
from dialects.zammad.organizations import show
from dialects.zammad.organizations.row import organization_row
from dialects.zammad.read import Bag
from dialects.zammad.refuse import Refusal
from dialects.zammad.search import language
from dialects.zammad.search.records import Asked, Leaf, candidates, ids_asked, leaves
from dialects.zammad.search.tree import NotReadable, Term
from helpdesk import operations, organizations
from helpdesk.catalogue import cache
from helpdesk.index import postings
from helpdesk.model.actor import Actor
from helpdesk.model.people import Organization
from helpdesk.queries import limits
from helpdesk.queries.naming import longest_piece
from helpdesk.storage import posting_items

DEFAULT_PAGE, LARGEST_PAGE = 50, 200

_ANYWHERE = ("name",)


def search(actor: Actor, values: Bag) -> Response:
    """The response to a search by somebody who may see all organizations: 3 round trips, and one
    for `expand` and `full`.

    Raises:
        Refusal: 422, for an unknown order, and if more would have to be read than a search may.
    """
    page, total = find(values, read.window(values, DEFAULT_PAGE, LARGEST_PAGE))
    return show.found(actor, [] if values.flag("only_total_count") else page, values, total)


def find(values: Bag, window: read.Window) -> tuple[Sequence[Organization], int]:
    """The organizations of a page, and the number of all matches. Raises as `search`."""
    try:
        query = language.read(values.text("query") or values.text("term"))
    except NotReadable:
        return [], 0
    pieces = {leaf: _piece(leaf) for leaf in leaves(query)} if query else {}
    sets: dict[Leaf, frozenset[int] | None] = dict.fromkeys(pieces)
    listed: list[int] = []
    calls = [partial(_look_up, leaf, piece, sets) for leaf, piece in pieces.items() if piece]
    # Whether the names can narrow the query is known before they are looked up.
    said = {leaf: frozenset[int]() if piece else None for leaf, piece in pieces.items()}
    if query is None or candidates(query, said) is None:
        calls.append(partial(_list_all, listed))
    found, _ = operations.first_round_trip([], calls=calls)
    cache.current(found)
    ids = candidates(query, sets) if query else None
    if ids is None:
        ids = frozenset(listed or organizations.ids())
    if (wanted := ids_asked("ids", values)) is not None:
        ids &= wanted
    if len(ids) > limits.MOST_CANDIDATES:
        raise Refusal(422, "Too many organizations match. Please narrow the search.")
    rows = organizations.find_organizations(ids)
    asked = Asked(_ANYWHERE)
    records = [organization_row(rows[number]) for number in sorted(rows)]
    matches = [row for row in records if query is None or asked.holds(query, row)]
    ordered = collection.order_found(matches, values)
    page = ordered[window.offset :][: window.limit]
    return [rows[record["id"]] for record in page], len(ordered)


def _piece(leaf: Leaf) -> str:
    """The text to look up in the index of names for a test; empty if there is none."""
    name, test = leaf
    if not isinstance(test, Term) or name not in {None, "name"}:
        return ""
    return longest_piece([postings.searched(test.text)])


def _look_up(leaf: Leaf, piece: str, into: dict[Leaf, frozenset[int] | None]) -> None:
    found = posting_items.named(piece, limits.MOST_CANDIDATES)
    into[leaf] = found.organizations if found else None


def _list_all(into: list[int]) -> None:
    into += organizations.ids()
