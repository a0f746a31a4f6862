"""What the descriptions of the family's three APIs share, for the OpenAPI document.

Bodies that are read by hand are described beside their reader, and a test holds them to it
(docs/decisions/0010). Rows and sections: docs/osticket.md.
"""

from typing import Any

from dialects.describing import Words, text
from dialects.osticket.words import Unreadable
from helpdesk.errors import ChangedUnderYou

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
"""What every write may be refused with."""
