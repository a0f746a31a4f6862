"""Shared parts of the OpenAPI descriptions of all resources: types, flags, pages, and the errors
that every request may get. Sections: docs/zammad.md.

Bodies are parsed by hand and described next to their reader; a test keeps the two consistent.
"""

from collections.abc import Mapping
from typing import Any

from dialects.describing import (
    Shared,
    Words,
    any_of,
    boolean,
    header,
    integer,
    list_of,
    map_of,
    path,
    query,
    ref,
    text,
    thing,
)
from dialects.zammad.lookup import unknown_id, unknown_name
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk.errors import ChangedUnderYou, NotFound, TooLarge

JSON = "application/json"

TICKETS, ARTICLES, USERS, ORGANIZATIONS = "Tickets", "Articles", "Users", "Organizations"
CATALOGUE, TAGS, RELATIONS, SEARCH, DESK = "Catalogue", "Tags", "Relations", "Search", "Desk"
"""Groups of operations."""

TIME = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
    "description": "UTC, with milliseconds.",
    "examples": ["2026-11-08T10:30:00.000Z"],
}
DECIMAL = text("A decimal number as text.", examples=["15.0"])
PREFERENCES = {"type": "object", "description": "Free-form values of the caller."}
REFERENCE: dict[str, Any] = {"type": ["integer", "string"]}
"""An id, also as a string."""

MADE: Mapping[str, Words] = {
    "updated_by_id": integer("User.", examples=[3]),
    "created_by_id": integer("User.", examples=[3]),
    "created_at": TIME,
    "updated_at": TIME,
}
"""The users who created and last changed a record, and when."""

MAKERS: Mapping[str, Words] = {
    "created_by": text("Login.", examples=["ann"]),
    "updated_by": text("Login.", examples=["ann"]),
}
"""The same by name, which `expand` adds."""


# --- parameters -----------------------------------------------------------------------------

EXPAND = query("expand", boolean("Includes names beside the ids.", default=False))
FULL = query(
    "full",
    boolean(
        "Returns ids only, with the records and all that they refer to in `assets`.", default=False
    ),
)
SHAPES = (EXPAND, FULL)
"""The flags for the shape of records; `expand` takes precedence, except in searches."""

EMPTY = thing({})


def pages(default: int, most: int) -> tuple[Words, ...]:
    """The parameters for a page of a list (docs/zammad.md 1.2)."""
    return (
        query("page", integer("Counted from 1.", default=1, minimum=1)),
        query(
            "per_page",
            integer(f"Values above {most} are treated as {most}.", default=default, minimum=1),
        ),
        query("limit", integer("The same; ignored if `per_page` is given.", minimum=1)),
    )


SORTS = (
    query(
        "sort_by",
        text("Comma-separated columns, or repeated `sort_by[]`.", examples=["id"]),
    ),
    query(
        "order_by",
        text("`asc` or `desc` for each column.", examples=["asc"]),
    ),
)


def by_id(description: str, name: str = "id") -> Words:
    """The id in a path."""
    return path(name, integer(description, minimum=1, examples=[1]))


# --- answers --------------------------------------------------------------------------------


def answers(*schemas: Words, status: int = 200) -> dict[int, dict[str, Words]]:
    """A JSON response in one of these shapes."""
    return {status: {JSON: schemas[0] if len(schemas) == 1 else any_of(*schemas)}}


def documents(*schemas: Words, status: int = 200) -> dict[int, dict[str, Words]]:
    """A response, or a redirect to the same content if it is too large."""
    return {**answers(*schemas, status=status), 302: {}}


def lists(plain: str, expanded: str) -> dict[int, dict[str, Words]]:
    """A page of records, in each of the three shapes."""
    return documents(list_of(ref(plain)), list_of(ref(expanded)), ref("Records"))


def one(plain: str, expanded: str, status: int = 200) -> dict[int, dict[str, Words]]:
    """A record, in each of the three shapes."""
    return answers(ref(plain), ref(expanded), ref("Record"), status=status)


_KINDS = {
    "Ticket": ref("TicketWithIds"),
    "TicketArticle": ref("Article"),
    "User": any_of(ref("User"), ref("Colleague")),
    "Organization": ref("Organization"),
    "Group": any_of(ref("Group"), ref("GroupOfCustomer")),
    "Role": ref("Role"),
    "TicketState": ref("State"),
    "TicketPriority": ref("Priority"),
    "Mention": ref("Mention"),
}
ASSETS = thing(
    {name: map_of(schema, "By id.") for name, schema in _KINDS.items()},
    *_KINDS,
    description="Records by their class and id, with all that they refer to.",
)
RECORD = thing({"id": integer(examples=[1]), "assets": ref("Assets")})
RECORDS = thing(
    {
        "record_ids": list_of(integer(), "In the order of the page."),
        "assets": ref("Assets"),
        "total_count": integer("Records on all pages, if the list counts them."),
    },
    "total_count",
)
REFUSAL = thing(
    {
        "error": text(),
        "error_human": text("The same."),
        "invalid_attribute": map_of(text(), "What is wrong with each attribute, by its name."),
    },
    *("error_human", "invalid_attribute"),
)

SCHEMAS: Mapping[str, Words] = {
    "Assets": ASSETS,
    "Record": RECORD,
    "Records": RECORDS,
    "Refusal": REFUSAL,
}


# --- refusals -------------------------------------------------------------------------------

NO_TICKET = (NotFound("ticket", 99999), NotAccessible())
"""The ticket does not exist, or the caller may not see it."""

OF_STAFF = Refusal(403, "Not authorized (user)!")
"""The error for customers where only staff have access."""

OF_WRITES = (ChangedUnderYou(), TooLarge("item", 0))
"""Errors that every write may return."""

SHARED: Mapping[str, Shared] = {
    "bag": Shared(refusals=(Refusal(400, "The request body is not valid JSON."),)),
    "actor": Shared(
        parameters=(
            header(
                "From",
                text(
                    "Acts as this user: an id, a login or an address. Needs "
                    "`can_act_for_others`; the key's own permissions still apply.",
                    examples=["ann"],
                ),
            ),
            header(
                "X-On-Behalf-Of", text("The same; ignored if `From` is given.", examples=["ann"])
            ),
        ),
        refusals=(
            Refusal(403, "Current user has no permission to use 'From'/'X-On-Behalf-Of'!"),
            Refusal(403, "No such user 'nobody'"),
        ),
    ),
}
"""Parameters of every endpoint that reads parameters or the actor."""

UNSORTED = (
    Refusal(422, "Found invalid column 'colour' for sorting."),
    Refusal(422, "Found invalid order by value up. Please use 'asc' or 'desc'."),
)


def unnamed(*names: str) -> tuple[Refusal, ...]:
    """The refusals for unknown names."""
    return tuple(unknown_name(name, "not_existing") for name in names)


def unidentified(*names: str) -> tuple[Refusal, ...]:
    """The refusals for unknown ids."""
    return tuple(unknown_id(name, 99999) for name in names)
