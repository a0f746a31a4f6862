"""The community's v1 as the OpenAPI document describes it."""

from typing import Any

from dialects.describing import (
    Operation,
    Words,
    boolean,
    integer,
    list_of,
    maybe,
    query,
    ref,
    text,
    thing,
)
from dialects.osticket.describing import (
    FOLLOWING,
    JSON,
    NUMBER,
    OF_LISTS,
    OF_WRITES,
    SPANS,
    TIME,
    V1,
)
from dialects.osticket.values import DEFAULT_LIMIT, MOST_LISTED
from dialects.osticket.words import Unreadable
from helpdesk.catalogue.fields import LONGEST_LINE
from helpdesk.errors import Banned, Inactive, Invalid, NotFound, Problem, TooManyOpen, TooWide

# --- what is answered and sent --------------------------------------------------------------

TICKET = thing(
    {
        "id": integer(examples=[3]),
        "number": NUMBER,
        "subject": text(examples=["Printer issue"]),
        "status": maybe(text(examples=["Open"])),
        "status_id": integer(examples=[1]),
        "dept_id": integer(examples=[2]),
        "priority_id": integer(examples=[2]),
        "topic_id": maybe(integer(examples=[1])),
        "created": TIME,
        "updated": TIME,
        "user_email": text(examples=["user@example.com"]),
        "user_name": text(examples=["John Doe"]),
        "responses": list_of(
            ref("V1Response"),
            "The whole thread, oldest first; empty for a key without `can_read_tickets`.",
        ),
    }
)
RESPONSE = thing(
    {
        "id": integer(examples=[4]),
        "created": TIME,
        "body": text("Sanitized HTML."),
        "is_note": boolean("Whether only staff see it."),
        "user_id": maybe(integer("Person or agent.")),
        "user_name": text(examples=["Admin User"]),
        "user_email": maybe(text(examples=["admin@example.com"])),
    }
)
PAGE = thing(
    {
        "tickets": list_of(ref("V1Ticket")),
        "pagination": thing(
            {
                "page": integer(examples=[1]),
                "per_page": integer(examples=[20]),
                "total": integer("Tickets on all pages."),
                "pages": integer(),
                "next_cursor": text(
                    "With `updated_since`: the cursor to continue from, now or later."
                ),
                "has_more": boolean("With `updated_since`: whether to continue at once."),
            },
            *("page", "total", "pages", "next_cursor", "has_more"),
        ),
    }
)

NEW_TICKET = {
    "type": "object",
    "required": ["email", "subject", "message"],
    "properties": {
        "email": text("Address of the requester.", examples=["user@example.com"]),
        "name": text("Required for an address that is not known yet.", examples=["John Doe"]),
        "subject": text(examples=["Printer issue"], maxLength=LONGEST_LINE),
        "message": text("HTML.", examples=["The office printer is offline."]),
        "topic_id": integer("Help topic.", examples=[1]),
    },
}
CHANGE = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "status_id": integer(examples=[2]),
        "topic_id": integer("Help topic.", examples=[2]),
    },
}

SCHEMAS: dict[str, Words] = {
    "V1Change": CHANGE,
    "V1NewTicket": NEW_TICKET,
    "V1Page": PAGE,
    "V1Response": RESPONSE,
    "V1Ticket": TICKET,
}


def _done(message: str, **more: Words) -> dict[str, Any]:
    return thing({"message": text(const=message), **more})


# --- operations -----------------------------------------------------------------------------


def _filter(description: str, **words: Any) -> dict[str, Any]:
    return {**integer(description, **words), "minimum": 0}


_ID = {**query("id", integer("The ticket.", examples=[3], minimum=1)), "required": True}

OPERATIONS = {
    "v1_list_tickets": Operation(
        tag=V1,
        parameters=(
            query("page", integer(default=1, minimum=1)),
            query("per_page", integer(default=DEFAULT_LIMIT, minimum=1, maximum=MOST_LISTED)),
            query("id", _filter("A ticket.", examples=[3])),
            query("status_id", _filter("A status.", examples=[1])),
            query("dept_id", _filter("A department.", examples=[1])),
            query("topic_id", _filter("A help topic.", examples=[1])),
            query("priority_id", _filter("A priority.", examples=[2])),
            query("staff_id", _filter("An agent.", examples=[3])),
            query("number", NUMBER),
            query("email", text("The requester's address.", examples=["user@example.com"])),
            *SPANS,
            *FOLLOWING,
            query("q", text("Part of the subject, ignoring case.", examples=["printer"])),
        ),
        answers={200: {JSON: ref("V1Page")}, 302: {}},
        refusals=(*OF_LISTS, TooWide()),
    ),
    "v1_create_ticket": Operation(
        tag=V1,
        body={JSON: ref("V1NewTicket")},
        answers={201: {JSON: _done("Ticket created", id=integer(examples=[19]), number=NUMBER)}},
        refusals=(
            Unreadable("Missing required fields: email, subject, message", status=422),
            Invalid(Problem("user", "incomplete")),
            Banned("user@example.com"),
            TooManyOpen(),
            Inactive("topic", 1),
            *OF_WRITES,
        ),
    ),
    "v1_update_ticket": Operation(
        tag=V1,
        parameters=(_ID,),
        body={JSON: ref("V1Change")},
        answers={200: {JSON: _done("Ticket updated")}},
        refusals=(
            Unreadable("Missing ticket ID"),
            Unreadable("Invalid JSON body"),
            NotFound("ticket"),
            NotFound("status", 99),
            NotFound("topic", 99),
            *OF_WRITES,
        ),
    ),
    "v1_delete_ticket": Operation(
        tag=V1,
        parameters=(_ID,),
        answers={200: {JSON: _done("Ticket deleted")}},
        refusals=(Unreadable("Missing ticket ID"), NotFound("ticket"), *OF_WRITES),
    ),
}
