"""The plugin's API as the OpenAPI document describes it."""

from dialects.describing import (
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
from dialects.osticket.describing import (
    DESK,
    FOLLOWING,
    JSON,
    NUMBER,
    OF_LISTS,
    OF_WRITES,
    PLAIN,
    SPANS,
    SUBTICKETS,
    TICKETS,
    TIME,
    either,
)
from dialects.osticket.plugin.bodies import SubticketLink, TicketReply, TicketUpdate
from dialects.osticket.values import DEFAULT_LIMIT, MOST_LISTED
from dialects.osticket.words import Unreadable
from helpdesk.errors import (
    Conflict,
    Inactive,
    Invalid,
    NotAllowed,
    NotAttached,
    NotFound,
    Problem,
    TooWide,
)

# --- what is answered -----------------------------------------------------------------------

ATTACHMENT = thing(
    {
        "id": integer(examples=[12]),
        "file_id": integer("Id for `tickets-attachment-download.php`.", examples=[29]),
        "filename": text(examples=["screenshot.png"]),
        "size": integer("In bytes.", examples=[45320]),
        "mime_type": text(examples=["image/png"]),
        "inline": boolean("Whether it is embedded in the body."),
    }
)
ENTRY = thing(
    {
        "id": integer(examples=[456]),
        "type": text(enum=["message", "response", "note"]),
        "poster": text(examples=["John Doe"]),
        "timestamp": TIME,
        "body": text("Sanitized HTML.", examples=["I cannot access my account"]),
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
    "isOverdue": boolean("By the current time, not by the last sweep."),
    "isAnswered": boolean("Whether an agent wrote last."),
    "source": text(enum=["API", "Web", "Email", "Phone", "Other"]),
    "ip": maybe(text(examples=["192.168.1.100"])),
}
TICKET = thing(
    {
        **_HEAD,
        "children": list_of(integer(), "Ids of the subtickets."),
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
            "description": "By department name.",
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
            "By agent name.",
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
        "id": text("Names the file once it is uploaded.", examples=["6fd3a9c1d2e94b7f"]),
        "url": text("Where to send the form.", format="uri"),
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

SCHEMAS: dict[str, Words] = {
    "Attachment": ATTACHMENT,
    "Entry": ENTRY,
    "File": FILE,
    "Upload": UPLOAD,
    "ListedTicket": LISTED,
    "RelatedTicket": RELATED,
    "Statistics": STATISTICS,
    "Status": STATUS,
    "SubticketLink": SubticketLink.model_json_schema(),
    "Ticket": TICKET,
    "TicketReply": TicketReply.model_json_schema(),
    "TicketUpdate": TicketUpdate.model_json_schema(),
}

# --- operations -----------------------------------------------------------------------------

_OF_A_PATH = (
    Unreadable("Invalid URL format. Expected: /api/tickets-get.php/{ticket_number}.json"),
)
_NO_TICKET = (*_OF_A_PATH, NotFound("ticket"))
_OF_A_BODY = (Unreadable("Invalid JSON: Syntax error"), Unreadable("No data provided"))
_REF = path(
    "ref",
    text(
        "The ticket's number and the response format. A reference too short to be a number "
        "is an id.",
        pattern=r"^[^/.]+\.(json|xml)$",
        examples=["781258.json"],
    ),
)
_FORMAT = query("format", text("Response format.", enum=["json", "xml"]))


def _rows(name: str, description: str, example: str) -> tuple[Words, Words]:
    """A filter by a row of the catalogue, under its short name and the one that answers have."""
    longer = query(f"{name}Id", text(f"The same; ignored if `{name}` is given.", examples=["1"]))
    return query(name, text(description, examples=[example])), longer


READING = {
    "get_ticket": Operation(
        tag=TICKETS,
        parameters=(_REF,),
        answers={200: either(ref("Ticket")), 302: {}},
        refusals=_NO_TICKET,
        description="If the thread is too long for a response, a redirect leads to the same "
        "document.",
    ),
    "search_tickets": Operation(
        tag=TICKETS,
        parameters=(
            query("query", text("Part of the subject, ignoring case.", examples=["login"])),
            *_rows("status", "Name or id.", "Open"),
            *_rows("department", "Name, id or path.", "Support"),
            *_rows("topic", "Name, id or path.", "Feedback"),
            *_rows("staff", "User name, address or id of the agent.", "ann"),
            *_rows("priority", "Name or id.", "High"),
            query("email", text("The requester's address.", examples=["user@example.com"])),
            query("number", NUMBER),
            *SPANS,
            *FOLLOWING,
            query("limit", integer(default=DEFAULT_LIMIT, minimum=1, maximum=MOST_LISTED)),
            query("offset", integer(default=0, minimum=0)),
            query("page", integer("Instead of `offset`: pages of `limit` tickets.", minimum=1)),
            query(
                "sort",
                text(
                    "Newest first; `number` sorts as text.",
                    enum=["created", "updated", "number"],
                    default="created",
                ),
            ),
            _FORMAT,
        ),
        answers={200: either(list_of(ref("ListedTicket")))},
        refusals=(*OF_LISTS, TooWide()),
        description="When following changes, `X-Next-Cursor` is the cursor to continue from, and "
        "`X-Has-More` tells whether to continue at once.",
    ),
    "update_ticket": Operation(
        tag=TICKETS,
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
            *OF_WRITES,
        ),
        description="All or nothing.",
    ),
    "reply_to_ticket": Operation(
        tag=TICKETS,
        parameters=(_REF,),
        body={JSON: ref("TicketReply")},
        answers={
            201: either(
                thing(
                    {
                        "id": integer("Id of the new entry.", examples=[457]),
                        "ticket_id": integer(examples=[123]),
                    }
                )
            )
        },
        refusals=(
            *_NO_TICKET,
            *_OF_A_BODY,
            Unreadable("Invalid format. Allowed: markdown, html, text"),
            Invalid(Problem("message", "required", label="Message")),
            Invalid(Problem("agent", "required")),
            NotFound("agent", "nobody"),
            Inactive("agent", 1),
            NotAllowed("can_act_for_others"),
            *OF_WRITES,
        ),
        description="An extension: the plugin has no such call. The reply is mailed to the "
        "requester and all participants, like an agent's reply by mail; the ticket counts as "
        "answered and keeps its status.",
    ),
    "delete_ticket": Operation(
        tag=TICKETS,
        parameters=(_REF,),
        answers={200: {PLAIN: NUMBER}},
        refusals=(*_NO_TICKET, *OF_WRITES),
        description="This cannot be undone. Its subtickets lose their parent.",
    ),
    "download_attachment": Operation(
        tag=TICKETS,
        parameters=(
            path(
                "ref",
                text(
                    "The file's id and the response format.",
                    pattern=r"^\d+\.(json|xml)$",
                    examples=["29.json"],
                ),
            ),
        ),
        answers={200: {**either(ref("File")), "*/*": {}}, 302: {}},
        refusals=(Unreadable("Invalid file ID"), NotAttached(29), NotFound("file")),
        description="With `Accept: application/octet-stream`, returns the file itself: its bytes, "
        "with its type and, in `Content-Disposition`, its name. Types that browsers execute are "
        "sent as `application/octet-stream`. If the file or document is too large for a response, "
        "a redirect leads to it.",
    ),
    "list_statuses": Operation(
        tag=DESK,
        parameters=(_FORMAT,),
        answers={200: either(list_of(ref("Status")))},
        refusals=OF_LISTS[:1],
    ),
    "get_statistics": Operation(
        tag=DESK,
        parameters=(_FORMAT,),
        answers={200: either(ref("Statistics"))},
        refusals=OF_LISTS[:1],
    ),
    "create_upload": Operation(
        tag=TICKETS,
        answers={201: {JSON: ref("Upload")}},
        refusals=OF_WRITES,
        description="Send the file to `url` as a form with these `fields` and the file as its last "
        'part, `file`. Then name it where an attachment is accepted: `{"report.pdf": '
        '"upload:<id>"}`. It can be used once, and only by the key that requested it.',
    ),
}
LINKING = {
    "get_parent": Operation(
        tag=SUBTICKETS,
        parameters=(_REF,),
        answers={200: either(thing({"parent": maybe(ref("RelatedTicket"))}))},
        refusals=(*_OF_A_PATH, Unreadable("Invalid ticket number"), NotFound("child")),
    ),
    "list_children": Operation(
        tag=SUBTICKETS,
        parameters=(_REF,),
        answers={200: either(thing({"children": list_of(ref("RelatedTicket"))}))},
        refusals=(*_OF_A_PATH, Unreadable("Invalid ticket number"), NotFound("parent")),
    ),
    "link_tickets": Operation(
        tag=SUBTICKETS,
        parameters=(_REF,),
        body={JSON: ref("SubticketLink")},
        answers={
            200: either(
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
            *OF_WRITES,
        ),
    ),
    "unlink_ticket": Operation(
        tag=SUBTICKETS,
        parameters=(_REF,),
        answers={
            200: either(
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
            *OF_WRITES,
        ),
    ),
}
