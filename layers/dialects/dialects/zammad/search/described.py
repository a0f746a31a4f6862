"""Searches as the OpenAPI document describes them (docs/zammad.md 7.6 to 7.8, 17.16, 17.24)."""

from collections.abc import Mapping
from dataclasses import replace

from dialects.describing import (
    Operation,
    Words,
    boolean,
    integer,
    list_of,
    path,
    query,
    ref,
    text,
    thing,
)
from dialects.zammad.describing import (
    EXPAND,
    FULL,
    JSON,
    OF_STAFF,
    REFERENCE,
    SEARCH,
    UNSORTED,
    documents,
    pages,
)
from dialects.zammad.refuse import Refusal
from dialects.zammad.search.everything import DEFAULT_PAGE as EACH_PAGE
from dialects.zammad.search.tickets import DEFAULT_PAGE, LARGEST_PAGE
from helpdesk.errors import TooWide

_QUERY = text(
    "Words, the last of which also matches as a prefix, and `field:value` with `AND`, "
    "`OR`, `NOT`, parentheses and ranges. A query that cannot be parsed finds nothing.",
    examples=["state.name:open printer"],
)
_CONDITION = {
    "type": "object",
    "description": "Conditions by attribute; all must match.",
    "examples": [{"ticket.title": {"operator": "contains", "value": "printer"}}],
}
_IDS = {
    "type": ["string", "array"],
    "items": REFERENCE,
    "description": "Only these ids: a list, or comma-separated.",
}
_SORTS = {"type": ["string", "array"], "items": text(), "examples": ["created_at"]}
_ORDERS = {"type": ["string", "array"], "items": text(), "examples": ["desc"]}
_TOTAL = boolean("Returns only the total number of records.", default=False)
_TOTALS = boolean("Returns the total number of records with the page.", default=False)
_LABEL = text("With any value, returns `label` and `value` instead of records.")

_SOME = {"type": ["string", "array"], "items": REFERENCE, "examples": [[2]]}
_ASKED: dict[str, Words] = {
    "query": _QUERY,
    "term": text("Instead of `query`; implies `label`."),
    "ids": _IDS,
    "sort_by": _SORTS,
    "order_by": _ORDERS,
    "page": integer(default=1, minimum=1),
    "per_page": integer(default=DEFAULT_PAGE, minimum=1),
    "limit": integer("The same; ignored if `per_page` is given.", minimum=1),
    "expand": boolean(default=False),
    "full": boolean(default=False),
    "only_total_count": _TOTAL,
    "with_total_count": _TOTALS,
    "label": _LABEL,
}

SCHEMAS: Mapping[str, Words] = {
    "Labelled": thing({"id": integer(examples=[5]), "label": text(), "value": text()}),
    "Total": thing({"total_count": integer(examples=[1])}),
    "RecordSearch": {"type": "object", "properties": _ASKED},
    "Searched": thing(
        {
            "result": list_of(thing({"type": text(examples=["User"]), "id": integer()})),
            "assets": ref("Assets"),
        }
    ),
    "TicketSearch": {"type": "object", "properties": {**_ASKED, "condition": _CONDITION}},
    "UserSearch": {
        "type": "object",
        "properties": {
            **_ASKED,
            "role_ids": _SOME,
            "group_ids": {**_SOME, "type": ["string", "array", "object"]},
            "permissions": {**_SOME, "items": text(), "examples": [["ticket.agent"]]},
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
    """The responses of a search: records in each of the shapes, with or without their total."""
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
        *UNSORTED,
    ),
    description="A search that exceeds the read limit is refused: results are never incomplete.",
)

_NEVER_SHORT = "A search that exceeds the read limit is refused: results are never incomplete."
_QUERIES = (
    query("query", _QUERY),
    query("term", text("Instead of `query`; implies `label`.")),
    query("ids", text("Only these ids, comma-separated.", examples=["1,2"])),
    query("sort_by", text("Comma-separated columns.", examples=["created_at"])),
    query("order_by", text("`asc` or `desc` for each.", examples=["desc"])),
    *pages(DEFAULT_PAGE, LARGEST_PAGE),
    *FLAGS,
)
_OF_USERS = (
    query("role_ids", text("Users with one of these roles.", examples=["2,3"])),
    query("group_ids", text("Agents of one of these groups.", examples=["1"])),
    query("permissions", text("Users with one of these permissions.", examples=["ticket.agent"])),
)


def _too_many(what: str) -> Refusal:
    return Refusal(422, f"Too many {what} match. Please narrow the search.")


def _searched(
    schema: str,
    refusals: tuple[Exception, ...],
    parameters: tuple[Words, ...] = _QUERIES,
    description: str = "",
) -> Operation:
    return Operation(
        tag=SEARCH,
        parameters=parameters,
        answers=found(schema, f"Expanded{schema}"),
        refusals=(OF_STAFF, *UNSORTED, *refusals),
        description=description,
    )


def _posted(of: Operation, body: str, summary: str) -> Operation:
    """The same search by POST."""
    asked = {"query": "name:users"}
    return replace(of, parameters=(), body={JSON: ref(body)}, example=asked, summary=summary)


_USERS = _searched("User", (_too_many("users"),), (*_QUERIES, *_OF_USERS), description=_NEVER_SHORT)
_ORGANIZATIONS = _searched("Organization", (_too_many("organizations"),), description=_NEVER_SHORT)
_GROUPS = _searched("Group", ())
_ROLES = _searched("Role", ())
_ALL = Operation(
    tag=SEARCH,
    parameters=(
        query("query", _QUERY),
        query("term", text("Instead of `query`.")),
        *pages(EACH_PAGE, LARGEST_PAGE),
    ),
    answers=documents(ref("Searched")),
    refusals=(TooWide(), _too_many("users"), _too_many("organizations")),
    description="Each kind of record is paged separately. Customers find only tickets.",
)
_SOME_KINDS = replace(
    _ALL,
    parameters=(
        path("objects", text("Kinds, separated by hyphens.", examples=["Ticket-User"])),
        *_ALL.parameters,
    ),
    refusals=(*_ALL.refusals, Refusal(422, "Invalid value for param 'objects': \"Chat\"")),
    summary="Find records of some kinds at once",
)


OPERATIONS = {
    "search_tickets": replace(
        _SEARCH,
        parameters=_QUERIES,
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
    "search_users": replace(
        _USERS,
        paths={"POST /api/v1/users/search": _posted(_USERS, "UserSearch", "Find users")},
    ),
    "search_organizations": replace(
        _ORGANIZATIONS,
        paths={
            "POST /api/v1/organizations/search": _posted(
                _ORGANIZATIONS, "RecordSearch", "Find organizations"
            )
        },
    ),
    "search_rows": replace(
        _GROUPS,
        paths={
            "POST /api/v1/groups/search": _posted(_GROUPS, "RecordSearch", "Find groups"),
            "GET /api/v1/roles/search": replace(_ROLES, summary="Find roles"),
            "POST /api/v1/roles/search": _posted(_ROLES, "RecordSearch", "Find roles"),
        },
    ),
    "search_all": replace(
        _ALL,
        paths={
            "POST /api/v1/search": _posted(_ALL, "RecordSearch", "Find records of all kinds"),
            "GET /api/v1/search/{objects}": _SOME_KINDS,
            "POST /api/v1/search/{objects}": replace(
                _posted(_SOME_KINDS, "RecordSearch", "Find records of some kinds"),
                parameters=_SOME_KINDS.parameters[:1],
            ),
        },
    ),
}
