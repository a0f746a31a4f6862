"""From paths and query strings of the plugin's API to the desk's operations (docs/osticket.md 3.2,
3.4 and 3.8 to 3.12).
"""

import re
from typing import Literal

from dialects import parameters
from dialects.endpoint import Request
from dialects.negotiation import ranks
from dialects.osticket import queries
from dialects.osticket.queries import Position
from dialects.osticket.values import DEFAULT_LIMIT, LONGEST_REFERENCE, MOST_LISTED, Shape
from dialects.osticket.words import Unreadable
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.model.queries import Page, Sort, Wanted


def reference(request: Request, script: str, kind: str) -> tuple[str, Shape]:
    """The number or id and the format in the last part of the path: `781258.json`.

    Args:
        request: The request.
        script: The endpoint's name in the path, for the text of the refusal.
        kind: The placeholder in that text; it begins with the ticket's role in the operation.

    Raises:
        Unreadable: The part has another form.
        NotFound: No ticket can be called this.
    """
    name, dot, shape = request.params.get("ref", "").rpartition(".")
    # No number has a dot.
    if not dot or not name or "." in name or shape not in {"json", "xml"}:
        raise Unreadable(f"Invalid URL format. Expected: /api/{script}/{{{kind}}}.json")
    if len(name) > LONGEST_REFERENCE:
        raise NotFound(kind.partition("_")[0], name)
    return name, "xml" if shape == "xml" else "json"


def relative(
    request: Request, script: str, what: Literal["child", "parent"], zero: str = ""
) -> tuple[str, Shape]:
    """`reference` for the ticket that is the child or the parent of others (docs/osticket.md 3.8 to
    3.11).

    Raises:
        Unreadable: As there; and for the number 0, with the text `zero`.
        NotFound: No ticket can be called this.
    """
    number, shape = reference(request, script, f"{what}_ticket_number")
    if number == "0":
        raise Unreadable(f"Invalid {zero}ticket number")
    return number, shape


def children(request: Request) -> tuple[str, Shape]:
    """The parent whose children are requested, and the format.

    Raises:
        Invalid: `parameter`, for any filter: the list has none.
        Unreadable: As of `relative`.
        NotFound: As of `relative`.
    """
    parameters.check_names(request.query, ())
    return relative(request, "tickets-subtickets-list.php", "parent")


_SORTS: dict[str, Sort] = {"created": "created", "updated": "updated", "number": "number"}
_ROWS = ("status", "department", "topic", "staff", "priority")
"""Filters by rows of the catalogue, each also under the name that answers have (`statusId`)."""

SEARCHED = frozenset(
    {
        *_ROWS,
        *(f"{name}Id" for name in _ROWS),
        *("query", "email", "number", *queries.SPANS, *queries.FOLLOWING),
        *("limit", "offset", "page", "sort", "format"),
    }
)
"""The parameters of a search."""


def search(request: Request) -> tuple[Wanted, Page, Shape]:
    """The filter of a search, the page, and the format (docs/osticket.md 3.4, row Y).

    A page that cannot be read is as if it were not there.

    Raises:
        Invalid: `parameter`, for one that a search does not have; `beside`, for `page` with
            `offset`.
    """
    parameters.check_names(request.query, SEARCHED)

    def given(name: str) -> str:
        return request.query.get(name, "").strip()

    def row(name: str) -> str | None:
        # An id, a name or a path; longer than any of them matches nothing.
        return given(name) or given(f"{name}Id") or None

    wanted = Wanted(
        status=row("status"),
        department=row("department"),
        topic=row("topic"),
        priority=row("priority"),
        agent=row("staff"),
        email=given("email") or None,
        number=given("number") or None,
        subject=(given("query"),),
    )
    sort = _SORTS.get(given("sort").lower(), "created")
    limit = parameters.whole(given("limit")) or 0
    limit = min(limit, MOST_LISTED) if limit >= 1 else DEFAULT_LIMIT
    offset = max(parameters.whole(given("offset")) or 0, 0)
    if given("page"):
        if given("offset"):
            raise Invalid(Problem("page", "beside", detail="offset"))
        offset = (max(parameters.whole(given("page")) or 1, 1) - 1) * limit
    page = Page(sort=sort, descending=sort != "number", offset=offset, limit=limit)
    return queries.with_spans(request, wanted), page, shape(request)


def position(request: Request) -> Position | None:
    """Where a search for changes continues; None for any other (docs/osticket.md, row Z).

    Raises:
        Invalid: `beside`, for a page or an order of its own.
    """
    return queries.position(request, {"sort": "updated", "offset": "0", "page": "1"})


def file_reference(request: Request) -> tuple[int, Shape]:
    """The id of a file and the format in the last part of the path: `29.json`.

    Raises:
        Unreadable: The part has another form.
        NotFound: No file can be called this.
    """
    name, dot, chosen = request.params.get("ref", "").rpartition(".")
    if not dot or chosen not in {"json", "xml"} or not re.fullmatch(r"\d+", name, re.ASCII):
        script = "tickets-attachment-download.php"
        raise Unreadable(f"Invalid URL format. Expected: /api/{script}/{{file_id}}.json")
    if not name.strip("0"):
        raise Unreadable("Invalid file ID")
    if len(name.lstrip("0")) > parameters.LONGEST_ID:
        raise NotFound("file", name[:LONGEST_REFERENCE])
    return int(name), "xml" if chosen == "xml" else "json"


def wants_contents(request: Request, shape: Shape) -> bool:
    """Whether a raw download is requested rather than a document of this format: its Accept ranks
    application/octet-stream above the format (docs/osticket.md, row X).
    """
    rank = ranks(request.headers.get("accept", ""))
    document = rank("application/json")
    if shape == "xml":
        document = max(rank("application/xml"), rank("text/xml"))
    return rank("application/octet-stream") > document


def plain_list(request: Request) -> Shape:
    """The format of a list that has neither filters nor pages: the counts and the statuses.

    Raises:
        Invalid: `parameter`, for any but `format`.
    """
    parameters.check_names(request.query, {"format"})
    return shape(request)


def shape(request: Request) -> Shape:
    """The requested format of a list (docs/osticket.md, row 38): by the path's extension, by
    `?format=`, or by an Accept that ranks XML above JSON.
    """
    chosen = request.resource.rpartition(".")[2]
    if chosen not in {"json", "xml"}:
        chosen = request.query.get("format", "").strip().lower()
    if chosen not in {"json", "xml"}:
        rank = ranks(request.headers.get("accept", ""))
        xml = max(rank("application/xml"), rank("text/xml"))
        chosen = "xml" if xml > rank("application/json") else "json"
    return "xml" if chosen == "xml" else "json"
