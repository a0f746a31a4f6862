"""Parts shared by the descriptions of the family's three APIs, for the OpenAPI document.

Bodies that are parsed by hand are described beside their reader, and a test compares the two
(docs/decisions/0010). Rows and sections: docs/osticket.md.
"""

from typing import Any

from dialects.describing import Words, query, text
from dialects.osticket.words import Unreadable
from helpdesk.errors import ChangedUnderYou, Invalid, Problem

JSON, XML, HTML, PLAIN = "application/json", "application/xml", "text/html", "text/plain"

TIME = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$",
    "description": "UTC.",
    "examples": ["2026-11-08 10:30:00"],
}
NUMBER = text("The ticket's number.", examples=["781258"])


def either(schema: Words) -> dict[str, Words]:
    """In JSON, or in XML below a root called `response`."""
    response = {"xml": {"name": "response"}, "type": ["object", "array"], "items": {}}
    return {JSON: schema, XML: response}


ROW: dict[str, Any] = {"type": ["integer", "string"]}
"""A row of the catalogue, by id or name."""

TICKETS, SUBTICKETS, V1, DESK = "Tickets", "Subtickets", "Version 1", "Desk"
"""Groups of operations."""

NOT_JSON = Unreadable("Syntax error, malformed JSON")
OF_WRITES = (ChangedUnderYou(),)
"""The refusals of every write."""


# --- lists ----------------------------------------------------------------------------------

_DAY = "A date covers the whole day; a time without an offset is in the desk's time zone."

SPANS = (
    query("created_from", text(f"Opened at or after this time. {_DAY}", examples=["2026-11-01"])),
    query("created_to", text("Opened at or before this time.", examples=["2026-11-30"])),
    query(
        "updated_from", text("Last changed at or after this time.", examples=["2026-11-08 10:30"])
    ),
    query("updated_to", text("Last changed at or before this time.", examples=["2026-11-30"])),
)
"""Filters by time."""

FOLLOWING = (
    query(
        "updated_since",
        text(
            "Follows changes: tickets changed at or after this time, the least recently "
            "changed first, without duplicates or gaps during concurrent writes. A change "
            "appears half a minute after it was made.",
            examples=["2026-11-08T10:30:00Z"],
        ),
    ),
    query(
        "cursor", text("Continues where an earlier response ended; `updated_since` is not needed.")
    ),
)
"""How changes are followed."""

OF_LISTS = (
    Invalid(Problem("colour", "parameter")),
    Invalid(Problem("created_from", "date")),
    Invalid(Problem("cursor", "cursor")),
    Invalid(Problem("page", "beside", detail="updated_since")),
)
"""The refusals of every list with filters."""
