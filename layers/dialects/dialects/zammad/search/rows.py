"""Searches for groups and roles, which are all in the catalogue (docs/zammad.md 9 and 17.16)."""

from dialects.endpoint import Response
from dialects.zammad import collection, read
from dialects.zammad.catalogue import show
from dialects.zammad.catalogue.show import Kind
from dialects.zammad.read import Bag
from dialects.zammad.search import language
from dialects.zammad.search.records import Asked, ids_asked
from dialects.zammad.search.tree import NotReadable
from helpdesk.catalogue.rows import Catalogue
from helpdesk.model.actor import Actor

DEFAULT_PAGE, LARGEST_PAGE = 50, 200

_ANYWHERE = ("name", "note")


def search(kind: Kind, known: Catalogue, actor: Actor, values: Bag) -> Response:
    """The response to a search among the rows of a kind that an actor may see; no round trip.

    Raises:
        Refusal: 422, for an unknown order.
    """
    records = kind.rows(known, actor)
    try:
        query = language.read(values.text("query") or values.text("term"))
    except NotReadable:
        query, records = None, []
    wanted, asked = ids_asked("ids", values), Asked(_ANYWHERE)
    matches = [
        row
        for row in records
        if (wanted is None or row["id"] in wanted) and (query is None or asked.holds(query, row))
    ]
    ordered = collection.order_found(matches, values)
    window = read.window(values, DEFAULT_PAGE, LARGEST_PAGE)
    page = ordered[window.offset :][: window.limit]
    return show.found(kind, page, len(ordered), known, values)
