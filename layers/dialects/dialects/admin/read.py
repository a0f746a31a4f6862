"""From paths and query strings of the admin API to the desk's operations."""

import re
from urllib.parse import unquote

from dialects import parameters
from dialects.endpoint import Request
from helpdesk.errors import Invalid, NotFound, Problem

MOST_ITEMS = 100
"""Items that a page of a list shows at most."""


def kind(request: Request) -> str:
    """The kind of rows that the path names, whether there is such a kind or not."""
    return request.params.get("kind", "")


def number(request: Request) -> int:
    """The id in the path.

    Raises:
        NotFound: What stands there cannot be an id.
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


def mail(request: Request) -> str:
    """The id of a mail in the path."""
    return request.params.get("id", "")


def page(request: Request) -> tuple[int, int]:
    """The id after which a list goes on (`next`), and how many items it may show (`limit`).

    Raises:
        Invalid: One of them is out of its bounds.
    """
    after = parameters.id_of(request.query.get("next", "0"))
    if after is None or after > parameters.HIGHEST_ID:
        raise Invalid(Problem("next", "page"))
    return after, _limit(request)


def time_page(request: Request) -> tuple[str, int]:
    """The same for a list by time: `next` is empty for the first page, then what the page before
    has given.

    Raises:
        Invalid: One of them is out of its bounds.
    """
    before = request.query.get("next", "")
    if not re.fullmatch(r"[0-9a-f]{0,40}", before, re.ASCII):
        raise Invalid(Problem("next", "page"))
    return before, _limit(request)


def _limit(request: Request) -> int:
    limit = parameters.id_of(request.query.get("limit", str(MOST_ITEMS)))
    if limit is None or not 1 <= limit <= MOST_ITEMS:
        raise Invalid(Problem("limit", "page_size", detail=f"must be from 1 to {MOST_ITEMS}"))
    return limit
