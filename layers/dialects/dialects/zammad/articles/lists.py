"""Paging and access for the list of all articles (docs/zammad.md 8.6)."""

from dialects.zammad import read
from dialects.zammad.collection import DEFAULT_PAGE, LARGEST_PAGE, sorting, unknown_column
from dialects.zammad.read import Bag
from dialects.zammad.refuse import NotAccessible
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Page

COLUMNS = ("id", "created_at")
"""The sortable columns. Both give the same order, since ids are assigned in order of time."""


def check_may_list(actor: Actor) -> None:
    """Rejects callers who are not admins (docs/zammad.md 3).

    Raises:
        NotAccessible: The key is a customer's, or has no permission to delete tickets.
    """
    if actor.customer is not None or not actor.may("can_delete_tickets"):
        raise NotAccessible("user")


def page(values: Bag) -> Page:
    """The requested page and its sort direction.

    Raises:
        Refusal: 422, for an unknown column or direction.
    """
    column, falls = sorting(values)[0]
    if column not in COLUMNS:
        raise unknown_column(column)
    window = read.window(values, DEFAULT_PAGE, LARGEST_PAGE)
    return Page(descending=falls, offset=window.offset, limit=window.limit)
