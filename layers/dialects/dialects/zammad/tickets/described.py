"""Tickets as the OpenAPI document describes them (docs/zammad.md 5 to 7)."""

from collections.abc import Mapping

from dialects.describing import (
    Operation,
    Words,
    any_of,
    boolean,
    integer,
    list_of,
    maybe,
    query,
    ref,
    text,
    thing,
)
from dialects.zammad import names
from dialects.zammad.articles.described import OF_ARTICLES
from dialects.zammad.describing import (
    DECIMAL,
    EMPTY,
    JSON,
    MADE,
    MAKERS,
    NO_TICKET,
    OF_WRITES,
    PREFERENCES,
    REFERENCE,
    SHAPES,
    TICKETS,
    TIME,
    answers,
    by_id,
    documents,
    lists,
    one,
    pages,
    unidentified,
    unnamed,
)
from dialects.zammad.refuse import NotAccessible, Refusal
from dialects.zammad.tickets.read import LONGEST_NOTE, LONGEST_TITLE
from helpdesk.errors import Banned, Conflict, Invalid, NotFound, Problem, TooManyOpen

# --- responses ------------------------------------------------------------------------------

_PLAIN: dict[str, Words] = {
    "id": integer(examples=[5]),
    "group_id": integer(examples=[1]),
    "priority_id": integer(examples=[2]),
    "state_id": integer(examples=[1]),
    "organization_id": maybe(integer()),
    "number": text(examples=["781258"]),
    "title": text(examples=["Help me!"]),
    "owner_id": integer("1 means unassigned.", examples=[1]),
    "customer_id": integer(examples=[7]),
    "note": maybe(text()),
    "first_response_at": maybe(TIME),
    "first_response_escalation_at": maybe(TIME),
    "first_response_in_min": maybe(integer()),
    "first_response_diff_in_min": maybe(integer()),
    "close_escalation_at": maybe(TIME),
    "close_in_min": maybe(integer()),
    "close_diff_in_min": maybe(integer()),
    "update_escalation_at": maybe(TIME),
    "update_in_min": maybe(integer()),
    "update_diff_in_min": maybe(integer()),
    "close_at": maybe(TIME),
    "last_close_at": maybe(TIME),
    "last_contact_at": maybe(TIME),
    "last_contact_agent_at": maybe(TIME),
    "last_contact_customer_at": maybe(TIME),
    "last_owner_update_at": maybe(TIME),
    "create_article_type_id": maybe(integer()),
    "create_article_sender_id": maybe(integer()),
    "article_count": maybe(integer("Counts only articles that the caller may see.")),
    "escalation_at": maybe(TIME),
    "pending_time": maybe(TIME),
    "type": maybe(text()),
    "time_unit": maybe(DECIMAL),
    "preferences": PREFERENCES,
    **MADE,
    "checklist_id": maybe(integer()),
}
_WITH_IDS: dict[str, Words] = {
    **_PLAIN,
    "referencing_checklist_ids": list_of(integer()),
    "article_ids": list_of(integer(), "Articles that the caller may see."),
    "ticket_time_accounting_ids": list_of(integer()),
}
_NAMES: dict[str, Words] = {
    "group": text(examples=["Users"]),
    "organization": text(),
    "state": text(examples=["new"]),
    "priority": text(examples=["2 normal"]),
    "owner": text("Login; `-` means unassigned.", examples=["-"]),
    "customer": text("Login.", examples=["jane@example.com"]),
    **MAKERS,
    "create_article_type": text(examples=["note"]),
    "create_article_sender": text(examples=["Agent"]),
}


def _ticket(
    properties: Mapping[str, Words], *optional: str, description: str = ""
) -> dict[str, object]:
    words = f"{description} Custom fields appear beside these.".strip()
    return thing(properties, *optional, additionalProperties=True, description=words)


_ALL = query(
    "all",
    boolean(
        "Returns everything that belongs to the ticket, unless `expand` or `full` is set.",
        default=False,
    ),
)

SCHEMAS: Mapping[str, Words] = {
    "WholeTicket": thing(
        {
            "ticket_id": integer(examples=[1]),
            "ticket_article_ids": list_of(integer(), "Oldest first."),
            "assets": ref("Assets"),
            "links": list_of(ref("LinkOfTicket")),
            "tags": list_of(text()),
            "mentions": list_of(integer(), "Shown to staff only."),
            "time_accountings": list_of(ref("Accounting"), "Shown to staff only."),
            "form_meta": EMPTY,
        }
    ),
    "Ticket": _ticket(_PLAIN),
    "TicketWithIds": _ticket(_WITH_IDS),
    "ExpandedTicket": _ticket(
        {
            **_WITH_IDS,
            **_NAMES,
            "ticket_time_accounting": list_of({}),
            "referencing_checklists": list_of({}),
        },
        *_NAMES,
        description="Empty references have no name field.",
    ),
}

# --- requests -------------------------------------------------------------------------------

_STATES = ("new", "open", "pending reminder", "closed", "pending close")

_WRITTEN: dict[str, Words] = {
    "title": text(maxLength=LONGEST_TITLE, examples=["Help me!"]),
    "group": text("Full name, `Parent::Child`.", examples=["Users"]),
    "group_id": {**REFERENCE, "description": "Instead of `group`.", "examples": [1]},
    "state": text(f"{', '.join(_STATES)}, or a custom state.", examples=["open"]),
    "state_id": {**REFERENCE, "description": "Instead of `state`.", "examples": [2]},
    "priority": text("1 low, 2 normal, 3 high, or a custom priority.", examples=["3 high"]),
    "priority_id": {**REFERENCE, "description": "Instead of `priority`.", "examples": [3]},
    "owner": text("An agent's login or address; `-` means unassigned.", examples=["-"]),
    "owner_id": {**REFERENCE, "description": "Instead of `owner`.", "examples": [1]},
    "customer_id": {
        **REFERENCE,
        "description": "Instead of `customer`. `guess:` with an address finds the person by "
        "address or creates one.",
        "examples": ["guess:jane@example.com"],
    },
    "pending_time": text(
        "When a pending ticket is due: ISO 8601, in the future.",
        examples=["2031-01-31T12:00:00Z"],
    ),
    "note": text(maxLength=LONGEST_NOTE),
    "type": text(),
    "preferences": PREFERENCES,
    "services": {
        "type": "array",
        "items": {"type": "integer"},
        "description": "Ids of the services that the ticket is about: their subscribers are "
        "notified by mail. Only for keys with `can_manage_directory`.",
    },
}
_CUSTOMER = text("Login or address.", examples=["jane@example.com"])

NEW_TICKET = {
    "type": "object",
    "required": ["title"],
    "properties": {
        **_WRITTEN,
        "customer": any_of(
            _CUSTOMER,
            {
                "type": "object",
                "description": "The person with this id, address or login, created if new.",
                "properties": {
                    "id": REFERENCE,
                    **{
                        name: text()
                        for name in ("email", "login", "firstname", "lastname", "phone")
                    },
                },
            },
        ),
        "number": text("The ticket's number, generated by default."),
        "article": ref("NewArticle"),
        "tags": {
            "type": ["string", "array"],
            "items": text(),
            "description": "Comma-separated names, or a list.",
            "examples": ["printer, toner"],
        },
        "mentions": list_of(REFERENCE, "Agents who will follow the ticket."),
        "links": {
            "type": "object",
            "description": "Tickets, by what the new one is to them.",
            "examples": [{"Ticket": {"normal": [1]}}],
        },
    },
    "additionalProperties": {"description": "A value for the custom field of this name."},
}
CHANGE = {
    "type": "object",
    "properties": {
        **_WRITTEN,
        "customer": _CUSTOMER,
        "article": ref("NewArticle"),
        "time_unit": {
            "type": ["number", "string"],
            "description": "Time to book on the new article; never refused here.",
            "examples": ["15"],
        },
    },
    "additionalProperties": NEW_TICKET["additionalProperties"],
}
BODIES: Mapping[str, Words] = {"NewTicket": NEW_TICKET, "TicketChange": CHANGE}

# --- operations -----------------------------------------------------------------------------

_TITLES = (
    Invalid(Problem("subject", "required")),
    Invalid(Problem("subject", "too_long", detail=str(LONGEST_TITLE))),
)
_OF_VALUES = (
    *unnamed("group", "state", "priority", "owner", "customer"),
    *unidentified("group_id", "state_id", "priority_id", "owner_id", "customer_id"),
    Refusal(422, f"Invalid value '{names.MERGED}' for field 'state_id'!"),
    *_TITLES,
    Invalid(Problem("pending_until", "required")),
    Invalid(Problem("pending_until", "past")),
    Refusal(422, "Invalid value for field 'pending_time'!"),
    Refusal(422, "Invalid value for field 'preferences': it is too large."),
    *OF_ARTICLES,
)

OPERATIONS = {
    "list_tickets": Operation(
        tag=TICKETS,
        parameters=(*pages(100, 100), *SHAPES),
        answers=lists("Ticket", "ExpandedTicket"),
        description="All tickets that the caller may read.",
    ),
    "create_ticket": Operation(
        tag=TICKETS,
        parameters=SHAPES,
        permissions=("can_create_tickets",),
        body={JSON: ref("NewTicket")},
        answers=one("TicketWithIds", "ExpandedTicket", 201),
        refusals=(
            NotAccessible(),
            *_OF_VALUES,
            Refusal(422, "The required value 'group_id' is missing."),
            Refusal(422, "Attribute 'customer_id' required!"),
            Refusal(422, "Invalid email 'jane' of customer", error_human=None),
            Refusal(422, "Invalid value for param 'mentions': \"ann\""),
            Invalid(Problem("mentions", "no_access", detail="3")),
            Refusal(422, "Invalid link structure"),
            NotFound("link", 99999),
            Conflict("number_taken"),
            Banned("jane@example.com"),
            TooManyOpen(),
            *OF_WRITES,
        ),
        description="All or nothing: an invalid article opens no ticket.",
    ),
    "get_ticket": Operation(
        tag=TICKETS,
        parameters=(by_id("The ticket."), *SHAPES, _ALL),
        answers=documents(ref("Ticket"), ref("ExpandedTicket"), ref("Record"), ref("WholeTicket")),
        refusals=NO_TICKET,
    ),
    "update_ticket": Operation(
        tag=TICKETS,
        parameters=(by_id("The ticket."), *SHAPES),
        body={JSON: ref("TicketChange")},
        answers=one("TicketWithIds", "ExpandedTicket"),
        refusals=(*NO_TICKET, *_OF_VALUES, Conflict("follow_up"), *OF_WRITES),
        description="Fields left out stay as they are; an article is added. All or nothing.",
    ),
    "delete_ticket": Operation(
        tag=TICKETS,
        parameters=(by_id("The ticket."),),
        answers=answers(EMPTY),
        refusals=(
            *NO_TICKET,
            NotAccessible("admin permission required"),
            *OF_WRITES[:1],
        ),
        permissions=("can_delete_tickets",),
        description="This cannot be undone.",
    ),
}
