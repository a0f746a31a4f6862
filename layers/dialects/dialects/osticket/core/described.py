"""osTicket's own API as the OpenAPI document describes it."""

from dialects.describing import Operation, boolean, list_of, ref, text
from dialects.osticket.describing import (
    DESK,
    HTML,
    JSON,
    NOT_JSON,
    NUMBER,
    OF_WRITES,
    ROW,
    TICKETS,
    XML,
)
from dialects.osticket.words import Unreadable
from helpdesk.catalogue.fields import LONGEST_LINE
from helpdesk.errors import (
    Banned,
    Conflict,
    Inactive,
    Invalid,
    NotFound,
    Problem,
    TooManyOpen,
)

# --- what is sent ---------------------------------------------------------------------------

NEW_TICKET = {
    "type": "object",
    "required": ["email", "subject", "message"],
    "properties": {
        "email": text("Address of the requester.", examples=["api@osticket.com"]),
        "name": text("Required for an address that is not known yet.", examples=["Angry User"]),
        "subject": text(examples=["Testing API"], maxLength=LONGEST_LINE),
        "message": text(
            "Text, or a data URL (RFC 2397) whose type may be `text/html`.",
            examples=["data:text/html,MESSAGE <b>HERE</b>"],
        ),
        "format": text(
            "Format of the message, if it is not a data URL.",
            enum=["text", "html", "markdown"],
            examples=["markdown"],
        ),
        "phone": text("With a capital X before an extension.", examples=["3185558634X123"]),
        "notes": text("About the requester; only staff see them.", examples=["Prefers mail"]),
        "ip": text("The requester's IP address.", examples=["123.211.233.122"]),
        "source": text(
            "A label; any other is stored as Other.",
            enum=["API", "Web", "Email", "Phone", "Other"],
            examples=["Phone"],
        ),
        "alert": boolean("Whether staff are notified.", default=True, examples=[False]),
        "autorespond": boolean(
            "Whether the requester gets a confirmation.", default=True, examples=[False]
        ),
        "priority": {**ROW, "description": "Id or name.", "examples": ["High"]},
        "priorityId": {
            **ROW,
            "description": "The same; ignored if `priority` is given.",
            "examples": [3],
        },
        "topicId": {**ROW, "description": "Help topic, id or name.", "examples": [10]},
        "departmentId": {**ROW, "description": "Id, name or path.", "examples": ["Support"]},
        "parentTicketNumber": text("Number of the parent ticket.", examples=["781200"]),
        "parentTicketId": {
            **ROW,
            "description": "The parent ticket by number or, if no ticket has that number, by id.",
            "examples": ["181752"],
        },
        "services": {
            "type": "array",
            "items": {"type": "integer"},
            "description": "Ids of the services that the ticket is about: their subscribers are "
            "notified by mail. Only for keys with `can_manage_directory`.",
            "examples": [[1]],
        },
        "duedate": {
            **ROW,
            "description": "In the future: ISO 8601, RFC 2822, Unix seconds or a date alone.",
            "examples": ["2031-12-31"],
        },
        "dueDate": {
            **ROW,
            "description": "The same; ignored if `duedate` is given.",
            "examples": ["2031-12-31"],
        },
        "attachments": list_of(
            {
                "type": "object",
                "minProperties": 1,
                "description": "A data URL by file name, or `name`, `data` and optionally `type` "
                "and `encoding` (`base64`).",
            },
            "By default, at most 5 files of 10 MB each.",
            examples=[[{"file.txt": "data:text/plain;charset=utf-8,content"}]],
        ),
    },
    "additionalProperties": {
        "description": "A value for the custom field of this name; others are ignored."
    },
}
NEW_TICKET_XML = {
    "type": ["object", "string"],
    "description": "The fields of the JSON body as elements or attributes below `ticket`.",
    "xml": {"name": "ticket"},
}
RAW_MAIL = text("A complete mail as mail servers deliver it (RFC 5322).")

SCHEMAS = {"NewTicket": NEW_TICKET}

# --- operations -----------------------------------------------------------------------------

_NO_XML = Unreadable("XML error: Mismatched tag at line 1:21")
_OF_CREATES = (
    Invalid(Problem("user", "incomplete")),
    Invalid(Problem("attachments", "base64", label="file.txt")),
    Banned("api@osticket.com"),
    TooManyOpen(),
    NotFound("department", "Nowhere"),
    NotFound("parent", "1"),
    Inactive("topic", 1),
    Conflict("circular"),
    *OF_WRITES,
)

CREATES = {
    "create_ticket_json": Operation(
        tag=TICKETS,
        body={JSON: ref("NewTicket")},
        answers={201: {HTML: NUMBER}},
        refusals=(NOT_JSON, *_OF_CREATES),
    ),
    "create_ticket_xml": Operation(
        tag=TICKETS,
        body={XML: NEW_TICKET_XML},
        answers={201: {HTML: NUMBER}},
        refusals=(_NO_XML, *_OF_CREATES),
    ),
    "create_ticket_email": Operation(
        tag=TICKETS,
        body={"message/rfc822": RAW_MAIL},
        answers={201: {HTML: NUMBER}},
        refusals=_OF_CREATES,
        description="Returns the number of the new ticket, or of the ticket that the mail replies "
        "to.",
    ),
}
CRON = {
    "run_cron": Operation(
        tag=DESK,
        answers={200: {HTML: text(const="Completed")}},
        refusals=OF_WRITES,
    ),
}
