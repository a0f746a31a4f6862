"""The osTicket family as its OpenAPI document describes it.

Bodies that are read by hand are described here, beside their reader, and a test holds them to it
(docs/decisions/0010). Rows and sections: docs/osticket.md.
"""

from typing import Any

from dialects.describing import (
    Family,
    Operation,
    Words,
    boolean,
    integer,
    list_of,
    maybe,
    path,
    query,
    ref,
    text,
    thing,
)
from dialects.endpoint import UnknownPath
from dialects.osticket import attachments, core, plugin, v1
from dialects.osticket.bodies import SubticketLink, TicketUpdate
from dialects.osticket.read import DEFAULT_LIMIT, MOST_LISTED
from dialects.osticket.refuse import Unreadable
from helpdesk.catalogue.fields import LONGEST_LINE
from helpdesk.errors import (
    Banned,
    ChangedUnderYou,
    Conflict,
    Inactive,
    Invalid,
    NotAttached,
    NotFound,
    Problem,
    Throttled,
    TooManyOpen,
    TooWide,
    Unavailable,
)

JSON, XML, HTML, PLAIN = "application/json", "application/xml", "text/html", "text/plain"

TIME = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$",
    "description": "UTC.",
    "examples": ["2026-11-08 10:30:00"],
}
NUMBER = text("The ticket's number.", examples=["781258"])


def _either(schema: Words) -> dict[str, Words]:
    """In JSON, or in XML below a root called `response`."""
    response = {"xml": {"name": "response"}, "type": ["object", "array"], "items": {}}
    return {JSON: schema, XML: response}


# --- what is answered -----------------------------------------------------------------------

ATTACHMENT = thing(
    {
        "id": integer(examples=[12]),
        "file_id": integer("Opens the file: `tickets-attachment-download.php`.", examples=[29]),
        "filename": text(examples=["screenshot.png"]),
        "size": integer("In bytes.", examples=[45320]),
        "mime_type": text(examples=["image/png"]),
        "inline": boolean("Whether it stands inside the body."),
    }
)
ENTRY = thing(
    {
        "id": integer(examples=[456]),
        "type": text(enum=["message", "response", "note"]),
        "poster": text(examples=["John Doe"]),
        "timestamp": TIME,
        "body": text("HTML, cleaned.", examples=["I cannot access my account"]),
        "staffId": integer("The agent who wrote it."),
        "staff": text(),
        "userId": integer("The person who wrote it.", examples=[45]),
        "attachments": list_of(ref("Attachment")),
        "attachment_count": integer(),
    },
    *("staffId", "staff", "userId", "attachments", "attachment_count"),
)

_HEAD: dict[str, Words] = {
    "id": integer(examples=[123]),
    "number": NUMBER,
    "subject": text(examples=["Login Issue"]),
    "statusId": integer(examples=[1]),
    "status": maybe(text(examples=["Open"])),
    "priorityId": integer(examples=[2]),
    "priority": maybe(text(examples=["Normal"])),
    "departmentId": integer(examples=[5]),
    "department": maybe(text(examples=["IT Support"])),
    "topicId": maybe(integer(examples=[10])),
    "topic": maybe(text(examples=["Technical Support"])),
    "userId": integer(examples=[45]),
    "user": thing({"name": text(), "email": text()}),
    "staffId": maybe(integer("The agent it is assigned to.", examples=[3])),
    "staff": maybe(text(examples=["Jane Smith"])),
    "teamId": maybe(integer()),
    "team": maybe(text()),
    "slaId": maybe(integer()),
    "sla": maybe(text()),
    "created": TIME,
    "updated": TIME,
    "duedate": maybe(TIME),
    "closed": maybe(TIME),
    "isOverdue": boolean("By the clock, not by the last sweep."),
    "isAnswered": boolean("Whether an agent has written last."),
    "source": text(enum=["API", "Web", "Email", "Phone", "Other"]),
    "ip": maybe(text(examples=["192.168.1.100"])),
}
TICKET = thing(
    {
        **_HEAD,
        "children": list_of(integer(), "Ids of the tickets under this one."),
        "thread": list_of(ref("Entry"), "Oldest first."),
        "fields": {
            "type": "object",
            "description": "Values of custom fields by name.",
            "additionalProperties": True,
        },
    }
)
_NOT_LISTED = {"userId", "user", "duedate", "closed", "source", "ip"}
LISTED = thing(
    {name: schema for name, schema in _HEAD.items() if name not in _NOT_LISTED}
    | {"dueDate": maybe(TIME)}
)

STATUS = thing(
    {
        "id": integer(examples=[3]),
        "name": text(examples=["Closed"]),
        "state": text(enum=["open", "closed", "archived", "deleted"]),
    }
)

_COUNTS: dict[str, Words] = {name: integer() for name in ("total", "open", "closed", "overdue")}
_OF_AN_AGENT = {name: schema for name, schema in _COUNTS.items() if name != "total"}
STATISTICS = thing(
    {
        **_COUNTS,
        "by_department": {
            "type": "object",
            "description": "By name of the department.",
            "additionalProperties": thing(_COUNTS),
        },
        "by_staff": list_of(
            thing(
                {
                    "staff_id": integer(),
                    "staff_name": text(),
                    "total": integer(),
                    "departments": {
                        "type": "object",
                        "additionalProperties": thing(_OF_AN_AGENT),
                    },
                }
            ),
            "By name of the agent.",
        ),
    }
)

RELATED = thing(
    {
        "ticket_id": integer(examples=[124]),
        "number": NUMBER,
        "subject": text(examples=["Child Ticket"]),
        "status": maybe(text(examples=["Open"])),
    }
)

UPLOAD = thing(
    {
        "id": text("Names the file once it is there.", examples=["6fd3a9c1d2e94b7f"]),
        "url": text("Where the form goes.", format="uri"),
        "fields": {"type": "object", "additionalProperties": text()},
        "expires": TIME,
    }
)
FILE = thing(
    {
        "file_id": integer(examples=[29]),
        "filename": text(examples=["screenshot.png"]),
        "mime_type": text(examples=["image/png"]),
        "size": integer("In bytes.", examples=[45320]),
        "content": text("The file in base64.", contentEncoding="base64"),
    }
)

V1_TICKET = thing(
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
        "responses": list_of(ref("V1Response"), "All that was written, oldest first."),
    }
)
V1_RESPONSE = thing(
    {
        "id": integer(examples=[4]),
        "created": TIME,
        "body": text("HTML, cleaned."),
        "is_note": boolean("Whether only staff see it."),
        "user_id": maybe(integer("Person or agent.")),
        "user_name": text(examples=["Admin User"]),
        "user_email": maybe(text(examples=["admin@example.com"])),
    }
)
V1_PAGE = thing(
    {
        "tickets": list_of(ref("V1Ticket")),
        "pagination": thing(
            {
                "page": integer(examples=[1]),
                "per_page": integer(examples=[20]),
                "total": integer("Tickets on all pages."),
                "pages": integer(),
            }
        ),
    }
)


def _done(message: str, **more: Words) -> dict[str, Any]:
    return thing({"message": text(const=message), **more})


# --- what is sent ---------------------------------------------------------------------------

_ROW: dict[str, Any] = {"type": ["integer", "string"]}

NEW_TICKET = {
    "type": "object",
    "required": ["email", "subject", "message"],
    "properties": {
        "email": text("Address of the requester.", examples=["api@osticket.com"]),
        "name": text("Needed for an address that is not known yet.", examples=["Angry User"]),
        "subject": text(examples=["Testing API"], maxLength=LONGEST_LINE),
        "message": text(
            "Text, or a data URL (RFC 2397) whose type may be `text/html`.",
            examples=["data:text/html,MESSAGE <b>HERE</b>"],
        ),
        "format": text(
            "What the message is, where it is no data URL.",
            enum=["text", "html", "markdown"],
            examples=["markdown"],
        ),
        "phone": text("With a capital X before an extension.", examples=["3185558634X123"]),
        "notes": text("About the requester; only staff see them.", examples=["Prefers mail"]),
        "ip": text("The requester's.", examples=["123.211.233.122"]),
        "source": text(
            "A label; any other is stored as Other.",
            enum=["API", "Web", "Email", "Phone", "Other"],
            examples=["Phone"],
        ),
        "alert": boolean("Whether staff are told.", default=True, examples=[False]),
        "autorespond": boolean(
            "Whether the requester gets a confirmation.", default=True, examples=[False]
        ),
        "priority": {**_ROW, "description": "Id or name.", "examples": ["High"]},
        "priorityId": {
            **_ROW,
            "description": "The same, heeded without `priority`.",
            "examples": [3],
        },
        "topicId": {**_ROW, "description": "Help topic, id or name.", "examples": [10]},
        "departmentId": {**_ROW, "description": "Id, name or path.", "examples": ["Support"]},
        "parentTicketNumber": text(
            "Number of the ticket to put this one under.", examples=["781200"]
        ),
        "parentTicketId": {
            **_ROW,
            "description": "The same by number or, where none has it, by id.",
            "examples": ["181752"],
        },
        "duedate": {
            **_ROW,
            "description": "In the future: ISO 8601, RFC 2822, Unix seconds or a date alone.",
            "examples": ["2031-12-31"],
        },
        "attachments": list_of(
            {
                "type": "object",
                "minProperties": 1,
                "description": "A data URL by the file's name, or `name`, `data` and what may "
                "say more of it: `type`, `encoding` (`base64`).",
            },
            "At most 5 files of 10 MB each, in a stock desk.",
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
RAW_MAIL = text("A whole mail as mail servers hand it on (RFC 5322).")

V1_NEW_TICKET = {
    "type": "object",
    "required": ["email", "subject", "message"],
    "properties": {
        "email": text("Address of the requester.", examples=["user@example.com"]),
        "name": text("Needed for an address that is not known yet.", examples=["John Doe"]),
        "subject": text(examples=["Printer issue"], maxLength=LONGEST_LINE),
        "message": text("HTML.", examples=["The office printer is offline."]),
        "topic_id": integer("Help topic.", examples=[1]),
    },
}
V1_CHANGE = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "status_id": integer(examples=[2]),
        "topic_id": integer("Help topic.", examples=[2]),
    },
}

# --- refusals -------------------------------------------------------------------------------

_NO_JSON = Unreadable("Syntax error, malformed JSON")
_NO_XML = Unreadable("XML error: Mismatched tag at line 1:21")
_OF_WRITES = (ChangedUnderYou(),)
_OF_CREATES = (
    Invalid(Problem("user", "incomplete")),
    Invalid(Problem("attachments", "base64", label="file.txt")),
    Banned("api@osticket.com"),
    TooManyOpen(),
    NotFound("department", "Nowhere"),
    NotFound("parent", "1"),
    Inactive("topic", 1),
    Conflict("circular"),
    *_OF_WRITES,
)
_OF_A_PATH = (
    Unreadable("Invalid URL format. Expected: /api/tickets-get.php/{ticket_number}.json"),
)
_NO_TICKET = (*_OF_A_PATH, NotFound("ticket"))
_OF_A_BODY = (Unreadable("Invalid JSON: Syntax error"), Unreadable("No data provided"))

# --- operations -----------------------------------------------------------------------------

_REF = path(
    "ref",
    text(
        "The ticket's number and the format of the answer. A reference that is too short for a "
        "number is an id.",
        pattern=r"^[^/.]+\.(json|xml)$",
        examples=["781258.json"],
    ),
)
_FORMAT = query("format", text("Format of the answer.", enum=["json", "xml"]))


def _filter(description: str, **words: Any) -> dict[str, Any]:
    return {**integer(description, **words), "minimum": 0}


_V1_ID = {**query("id", integer("The ticket.", examples=[3], minimum=1)), "required": True}

_TICKETS, _SUBTICKETS, _V1, _DESK = "Tickets", "Subtickets", "Version 1", "Desk"
TAGS = {
    _TICKETS: "Open, read, search, change and delete tickets: osTicket's own API and the plugin's.",
    _SUBTICKETS: "Put tickets under one another.",
    _V1: "The community's v1: the same tickets in its shape.",
    _DESK: "What there is beside tickets.",
}

OPERATIONS = {
    "create_ticket_json": Operation(
        tag=_TICKETS,
        body={JSON: ref("NewTicket")},
        answers={201: {HTML: NUMBER}},
        refusals=(_NO_JSON, *_OF_CREATES),
    ),
    "create_ticket_xml": Operation(
        tag=_TICKETS,
        body={XML: NEW_TICKET_XML},
        answers={201: {HTML: NUMBER}},
        refusals=(_NO_XML, *_OF_CREATES),
    ),
    "create_ticket_email": Operation(
        tag=_TICKETS,
        body={"message/rfc822": RAW_MAIL},
        answers={201: {HTML: NUMBER}},
        refusals=_OF_CREATES,
        description="The number is that of a new ticket, or of the one that the mail answers.",
    ),
    "get_ticket": Operation(
        tag=_TICKETS,
        parameters=(_REF,),
        answers={200: _either(ref("Ticket")), 302: {}},
        refusals=_NO_TICKET,
        description="A thread too long for an answer is sent by a redirect to the same document.",
    ),
    "search_tickets": Operation(
        tag=_TICKETS,
        parameters=(
            query("query", text("Stands in the subject, in any case.", examples=["login"])),
            query("status", text("Name or id.", examples=["Open"])),
            query("department", text("Name, id or path.", examples=["Support"])),
            query("limit", integer(default=DEFAULT_LIMIT, minimum=1, maximum=MOST_LISTED)),
            query("offset", integer(default=0, minimum=0)),
            query(
                "sort",
                text(
                    "Newest first, but numbers as text.",
                    enum=["created", "updated", "number"],
                    default="created",
                ),
            ),
            _FORMAT,
        ),
        answers={200: _either(list_of(ref("ListedTicket")))},
        refusals=(TooWide(),),
    ),
    "update_ticket": Operation(
        tag=_TICKETS,
        parameters=(_REF,),
        body={JSON: ref("TicketUpdate")},
        answers={200: {PLAIN: NUMBER}},
        refusals=(
            *_NO_TICKET,
            *_OF_A_BODY,
            Invalid(Problem("due", "date")),
            Invalid(Problem("attachments", "without_note")),
            NotFound("status", "Nowhere"),
            NotFound("agent", "nobody"),
            Inactive("department", 1),
            Conflict("circular"),
            Conflict("deleted_status"),
            *_OF_WRITES,
        ),
        description="One change, whole or not at all.",
    ),
    "delete_ticket": Operation(
        tag=_TICKETS,
        parameters=(_REF,),
        answers={200: {PLAIN: NUMBER}},
        refusals=(*_NO_TICKET, *_OF_WRITES),
        description="It cannot be undone. Tickets under it lose their parent.",
    ),
    "download_attachment": Operation(
        tag=_TICKETS,
        parameters=(
            path(
                "ref",
                text(
                    "The file's id and the format of the answer.",
                    pattern=r"^\d+\.(json|xml)$",
                    examples=["29.json"],
                ),
            ),
        ),
        answers={200: _either(ref("File")), 302: {}},
        refusals=(Unreadable("Invalid file ID"), NotAttached(29), NotFound("file")),
        description="A file too large for an answer is sent by a redirect to the same document.",
    ),
    "list_statuses": Operation(
        tag=_DESK,
        parameters=(_FORMAT,),
        answers={200: _either(list_of(ref("Status")))},
    ),
    "get_statistics": Operation(
        tag=_DESK,
        parameters=(_FORMAT,),
        answers={200: _either(ref("Statistics"))},
    ),
    "create_upload": Operation(
        tag=_TICKETS,
        answers={201: {JSON: ref("Upload")}},
        refusals=_OF_WRITES,
        description="Send the file to `url` as a form with these `fields` and the file as its last "
        'part, `file`. Then name it where an attachment is taken: `{"report.pdf": "upload:<id>"}`. '
        "It is good once, and for the key that asked.",
    ),
    "run_cron": Operation(
        tag=_DESK,
        answers={200: {HTML: text(const="Completed")}},
        refusals=_OF_WRITES,
    ),
    "get_parent": Operation(
        tag=_SUBTICKETS,
        parameters=(_REF,),
        answers={200: _either(thing({"parent": maybe(ref("RelatedTicket"))}))},
        refusals=(*_OF_A_PATH, Unreadable("Invalid ticket number"), NotFound("child")),
    ),
    "list_children": Operation(
        tag=_SUBTICKETS,
        parameters=(_REF,),
        answers={200: _either(thing({"children": list_of(ref("RelatedTicket"))}))},
        refusals=(*_OF_A_PATH, Unreadable("Invalid ticket number"), NotFound("parent")),
    ),
    "link_tickets": Operation(
        tag=_SUBTICKETS,
        parameters=(_REF,),
        body={JSON: ref("SubticketLink")},
        answers={
            200: _either(
                thing(
                    {
                        "success": boolean(const=True),
                        "message": text(),
                        "parent": ref("RelatedTicket"),
                        "child": ref("RelatedTicket"),
                    }
                )
            )
        },
        refusals=(
            *_OF_A_PATH,
            *_OF_A_BODY,
            Unreadable("Missing childId in request body"),
            Conflict("itself"),
            NotFound("parent"),
            NotFound("child"),
            Conflict("linked"),
            Conflict("other_parent"),
            Conflict("circular"),
            *_OF_WRITES,
        ),
    ),
    "unlink_ticket": Operation(
        tag=_SUBTICKETS,
        parameters=(_REF,),
        answers={
            200: _either(
                thing(
                    {
                        "success": boolean(const=True),
                        "message": text(),
                        "child": ref("RelatedTicket"),
                    }
                )
            )
        },
        refusals=(
            *_OF_A_PATH,
            Unreadable("Invalid child ticket number"),
            NotFound("child"),
            NotFound("link"),
            *_OF_WRITES,
        ),
    ),
    "v1_list_tickets": Operation(
        tag=_V1,
        parameters=(
            query("page", integer(default=1, minimum=1)),
            query("per_page", integer(default=DEFAULT_LIMIT, minimum=1, maximum=MOST_LISTED)),
            query("id", _filter("A ticket.", examples=[3])),
            query("status_id", _filter("A status.", examples=[1])),
            query("dept_id", _filter("A department.", examples=[1])),
            query("topic_id", _filter("A help topic.", examples=[1])),
            query("email", text("The requester's address.", examples=["user@example.com"])),
            query("q", text("Stands in the subject, in any case.", examples=["printer"])),
        ),
        answers={200: {JSON: ref("V1Page")}, 302: {}},
        refusals=(TooWide(),),
    ),
    "v1_create_ticket": Operation(
        tag=_V1,
        body={JSON: ref("V1NewTicket")},
        answers={201: {JSON: _done("Ticket created", id=integer(examples=[19]), number=NUMBER)}},
        refusals=(
            Unreadable("Missing required fields: email, subject, message", status=422),
            Invalid(Problem("user", "incomplete")),
            Banned("user@example.com"),
            TooManyOpen(),
            Inactive("topic", 1),
            *_OF_WRITES,
        ),
    ),
    "v1_update_ticket": Operation(
        tag=_V1,
        parameters=(_V1_ID,),
        body={JSON: ref("V1Change")},
        answers={200: {JSON: _done("Ticket updated")}},
        refusals=(
            Unreadable("Missing ticket ID"),
            Unreadable("Invalid JSON body"),
            NotFound("ticket"),
            NotFound("status", 99),
            NotFound("topic", 99),
            *_OF_WRITES,
        ),
    ),
    "v1_delete_ticket": Operation(
        tag=_V1,
        parameters=(_V1_ID,),
        answers={200: {JSON: _done("Ticket deleted")}},
        refusals=(Unreadable("Missing ticket ID"), NotFound("ticket"), *_OF_WRITES),
    ),
    "explore": Operation(
        tag=_DESK,
        parameters=(path("file", text(examples=["openapi.json"])),),
        answers={
            200: {HTML: text(), "text/css": text(), "text/javascript": text(), JSON: {}},
        },
        refusals=(UnknownPath(),),
        description="With the files that the page is made of, this document among them.",
    ),
}

OSTICKET = Family(
    api="OsticketApi",
    folder="osticket",
    title="Deskless: the osTicket family",
    description="osTicket's own API, the API Endpoints plugin's, and the community's v1: one "
    "ticket desk behind all of them. Every request carries a key in `X-API-Key`.",
    tags=TAGS,
    operations=OPERATIONS,
    schemas={
        "Attachment": ATTACHMENT,
        "Entry": ENTRY,
        "File": FILE,
        "Upload": UPLOAD,
        "ListedTicket": LISTED,
        "NewTicket": NEW_TICKET,
        "Refusal": thing({"error": boolean(const=True), "message": text()}),
        "RelatedTicket": RELATED,
        "Statistics": STATISTICS,
        "Status": STATUS,
        "SubticketLink": SubticketLink.model_json_schema(),
        "Ticket": TICKET,
        "TicketUpdate": TicketUpdate.model_json_schema(),
        "V1Change": V1_CHANGE,
        "V1NewTicket": V1_NEW_TICKET,
        "V1Page": V1_PAGE,
        "V1Refusal": thing({"error": text()}),
        "V1Response": V1_RESPONSE,
        "V1Ticket": V1_TICKET,
    },
    dialects={
        "attachments": attachments,
        "core": core,
        "plugin": plugin,
        "v1": v1,
    },
    refusals=(Throttled(), Unavailable(), Exception()),
    refused={frozenset({"error", "message"}): "Refusal", frozenset({"error"}): "V1Refusal"},
)
