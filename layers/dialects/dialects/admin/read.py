"""From paths and query strings of the admin API to the desk's operations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from dialects import parameters
from dialects.endpoint import Request
from helpdesk.errors import Invalid, NotFound, Problem

if TYPE_CHECKING:
    # Types only, since the set-up imports many AWS clients.
    from helpdesk.monitoring.setup import Mark

LONGEST_PIECE = 320
"""Characters of an address that is looked for."""

MOST_ITEMS = 100
"""Items that a page of a list shows at most."""


def kind(request: Request) -> str:
    """The kind of rows in the path, which need not exist."""
    return request.params.get("kind", "")


def number(request: Request) -> int:
    """The id in the path.

    Raises:
        NotFound: It cannot be an id.
    """
    text = request.params.get("id", "")
    found = parameters.id_of(text)
    if found is None:
        raise NotFound("id", text)
    return found


def address(request: Request) -> str:
    """The address in the path. Whether API Gateway has decoded it is not documented."""
    written = request.params.get("address", "")
    return written if "@" in written else unquote(written)


_MARKS: Mapping[str, Mark] = {
    "confirm": "confirmed",
    "dismiss": "dismissed",
    "reopen": "reopened",
}


def marked(request: Request) -> Mark:
    """The new mark of a step, by the last part of the path: done, dismissed, or neither."""
    return _MARKS[request.resource.rpartition("/")[2]]


def queue(request: Request) -> str:
    """The name of a queue in the path."""
    return request.params.get("name", "")


def mail(request: Request) -> str:
    """The id of a mail, or of a message of a queue, in the path."""
    return request.params.get("id", "")


def suppressed_page(request: Request) -> tuple[str, str, int]:
    """The text to search in addresses (`q`), and `time_page`.

    Raises:
        Invalid: A parameter is not known, or out of its bounds.
    """
    parameters.check_names(request.query, {"q", "next", "limit"})
    piece = request.query.get("q", "").strip()
    if len(piece) > LONGEST_PIECE:
        raise Invalid(Problem("q", "too_long"))
    return piece, *time_page(request)


C = TypeVar("C", bound=str)


def choice(request: Request, name: str, among: Sequence[C]) -> C | None:
    """The value of a parameter, one of several words; None if it is missing.

    Raises:
        Invalid: It has another value.
    """
    said = request.query.get(name, "")
    if not said:
        return None
    for word in among:
        if word == said:
            return word
    raise Invalid(Problem(name, "choice", detail=f"must be one of {', '.join(among)}"))


def days(request: Request, most: int) -> int:
    """The requested number of days (`days`), 30 by default.

    Raises:
        Invalid: It is out of its bounds, or another parameter is not known.
    """
    parameters.check_names(request.query, {"days"})
    number = parameters.id_of(request.query.get("days", "30"))
    if number is None or not 1 <= number <= most:
        raise Invalid(Problem("days", "page_size", detail=f"must be from 1 to {most}"))
    return number


def page(request: Request) -> tuple[int, int]:
    """The id after which a list continues (`next`), and the most items to return (`limit`).

    Raises:
        Invalid: One of them is out of its bounds.
    """
    after = parameters.id_of(request.query.get("next", "0"))
    if after is None or after > parameters.HIGHEST_ID:
        raise Invalid(Problem("next", "page"))
    return after, limit(request)


def time_page(request: Request) -> tuple[str, int]:
    """The same for a list by time: `next` is empty for the first page, then the cursor of the
    previous one.

    Raises:
        Invalid: One of them is out of its bounds.
    """
    before = request.query.get("next", "")
    if not re.fullmatch(r"[0-9a-f]{0,40}", before, re.ASCII):
        raise Invalid(Problem("next", "page"))
    return before, limit(request)


def limit(request: Request) -> int:
    """How many items a page may show.

    Raises:
        Invalid: It is out of its bounds.
    """
    number = parameters.id_of(request.query.get("limit", str(MOST_ITEMS)))
    if number is None or not 1 <= number <= MOST_ITEMS:
        raise Invalid(Problem("limit", "page_size", detail=f"must be from 1 to {MOST_ITEMS}"))
    return number
