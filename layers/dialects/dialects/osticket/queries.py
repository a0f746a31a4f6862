"""Common parts of the query strings of the family's lists (docs/osticket.md, row Y)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from dialects.endpoint import Request
from helpdesk import text
from helpdesk.errors import Invalid, Problem
from helpdesk.model.queries import Wanted

SPANS = ("created_from", "created_to", "updated_from", "updated_to")
"""Filters by time."""

FOLLOWING = ("updated_since", "cursor")
"""The parameters that request changes in order instead of a page."""


class Position(NamedTuple):
    """Where a polling client continues: at a time, or after an earlier answer."""

    since: str
    cursor: str


def given(request: Request, name: str) -> str:
    """A parameter without surrounding space; empty if there is none."""
    return text.one_line(request.query.get(name, ""))


def with_spans(request: Request, wanted: Wanted) -> Wanted:
    """The filters with those by time added that are not blank."""
    return replace(
        wanted,
        created_from=given(request, "created_from") or None,
        created_to=given(request, "created_to") or None,
        updated_from=given(request, "updated_from") or None,
        updated_to=given(request, "updated_to") or None,
    )


def position(request: Request, page: Mapping[str, str]) -> Position | None:
    """Where to continue with changes; None if a page is requested.

    Args:
        request: The request.
        page: The parameters that select a page or an order, and their allowed values together with
            a position.

    Raises:
        Invalid: `beside`, for a parameter of a page that contradicts a position.
    """
    since, cursor = (given(request, name) for name in FOLLOWING)
    if not since and not cursor:
        return None
    for name, harmless in page.items():
        if given(request, name).lower() not in {"", harmless}:
            raise Invalid(Problem(name, "beside", detail=FOLLOWING[0]))
    return Position(since, cursor)
