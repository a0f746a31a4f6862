"""Searches as the OpenAPI document describes them (docs/zammad.md 7.6 to 7.8)."""

from collections.abc import Mapping
from dataclasses import replace

from dialects.describing import (
    Operation,
    Words,
    boolean,
    integer,
    list_of,
    query,
    ref,
    text,
    thing,
)
from dialects.zammad.describing import (
    EXPAND,
    FULL,
    JSON,
    REFERENCE,
    SEARCH,
    documents,
    pages,
)
from dialects.zammad.refuse import Refusal
from dialects.zammad.search.tickets import DEFAULT_PAGE, LARGEST_PAGE
from helpdesk.errors import TooWide

_QUERY = text(
    "Words, of which the last may go on, and `field:value` with `AND`, `OR`, `NOT`, parentheses "
    "and ranges. What cannot be read finds nothing.",
    examples=["state.name:open printer"],
)
_CONDITION = {
    "type": "object",
    "description": "Tests by attribute; all of them hold.",
    "examples": [{"ticket.title": {"operator": "contains", "value": "printer"}}],
}
_IDS = {
    "type": ["string", "array"],
    "items": REFERENCE,
    "description": "Only these: a list, or with commas between them.",
}
_SORTS = {"type": ["string", "array"], "items": text(), "examples": ["created_at"]}
_ORDERS = {"type": ["string", "array"], "items": text(), "examples": ["desc"]}
_TOTAL = boolean("The number of all records alone.", default=False)
_TOTALS = boolean("The number of all records beside those of the page.", default=False)
_LABEL = text("With any value: `label` and `value` in place of records.")

SCHEMAS: Mapping[str, Words] = {
    "Labelled": thing({"id": integer(examples=[5]), "label": text(), "value": text()}),
    "Total": thing({"total_count": integer(examples=[1])}),
    "TicketSearch": {
        "type": "object",
        "properties": {
            "query": _QUERY,
            "term": text("In place of `query`; asks for labels, too."),
            "condition": _CONDITION,
            "ids": _IDS,
            "sort_by": _SORTS,
            "order_by": _ORDERS,
            "page": integer(default=1, minimum=1),
            "per_page": integer(default=DEFAULT_PAGE, minimum=1),
            "limit": integer("The same, heeded without `per_page`.", minimum=1),
            "expand": boolean(default=False),
            "full": boolean(default=False),
            "only_total_count": _TOTAL,
            "with_total_count": _TOTALS,
            "label": _LABEL,
        },
    },
}

FLAGS = (
    FULL,
    EXPAND,
    query("only_total_count", _TOTAL),
    query("with_total_count", _TOTALS),
    query("label", _LABEL),
)


def found(plain: str, expanded: str) -> dict[int, dict[str, Words]]:
    """What a search answers: records in each of the shapes, with their total or without."""
    shapes = [list_of(ref(plain)), list_of(ref(expanded)), list_of(ref("Labelled"))]
    counted = [thing({"records": one, "total_count": integer()}) for one in shapes]
    return documents(*shapes, *counted, ref("Records"), ref("Total"))


_SEARCH = Operation(
    tag=SEARCH,
    answers=found("TicketWithIds", "ExpandedTicket"),
    refusals=(
        TooWide(),
        Refusal(422, "Invalid condition, expected an object."),
        Refusal(422, "Invalid condition for 'ticket.title'."),
        Refusal(422, "Invalid operator 'resembles' for 'ticket.title'."),
    ),
    description="A search that would have to read more than a search may is refused: an answer is "
    "never short.",
)

OPERATIONS = {
    "search_tickets": replace(
        _SEARCH,
        parameters=(
            query("query", _QUERY),
            query("term", text("In place of `query`; asks for labels, too.")),
            query("ids", text("Only these, with commas between them.", examples=["1,2"])),
            query("sort_by", text("Columns with commas between them.", examples=["created_at"])),
            query("order_by", text("`asc` or `desc` for each.", examples=["desc"])),
            *pages(DEFAULT_PAGE, LARGEST_PAGE),
            *FLAGS,
        ),
        paths={
            "POST /api/v1/tickets/search": replace(
                _SEARCH,
                body={JSON: ref("TicketSearch")},
                example={
                    "condition": {"ticket.title": {"operator": "contains", "value": "printer"}}
                },
            )
        },
    ),
}
