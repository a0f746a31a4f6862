"""Tickets (docs/admin.md, Tickets)."""

from collections.abc import Mapping
from typing import get_args

from dialects import models
from dialects.admin.describing import (
    DELETED,
    JSON,
    OF_BODIES,
    OF_LISTS,
    OF_WRITES,
    PAGES,
    TIME,
    answers,
    bodies,
    by_id,
    documents,
    page_of,
)
from dialects.admin.tickets.bodies import LinkBody, MergeBody, ReplyBody, TicketBody
from dialects.admin.tickets.search import SORTS, STATES
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
from helpdesk.errors import Conflict, Inactive, Invalid, NotFound, Problem, TooWide
from helpdesk.model.catalogue import State
from helpdesk.model.relations import INVERSE

TAGS = {"Tickets": "Find, read, answer and change tickets, with the permissions for tickets."}
_TICKETS = next(iter(TAGS))

_ROW = thing({"id": integer(examples=[1]), "name": maybe(text(examples=["Support"]))})
_STATUS = thing({**_ROW["properties"], "state": text(enum=list(get_args(State)))})
_PERSON = thing({**_ROW["properties"], "email": text(examples=["ann@example.org"])})
_FILE: dict[str, Words] = {
    "id": integer(examples=[29]),
    "name": text(examples=["screenshot.png"]),
    "type": text(examples=["image/png"]),
    "size": integer("In bytes."),
    "inline": boolean("Whether it is embedded in the body."),
}
_SUMMARY: dict[str, Words] = {
    "id": integer(examples=[1]),
    "number": text(examples=["781258"]),
    "subject": text(examples=["Printer"]),
    "status": _STATUS,
    **{
        name: maybe(ref("Named"))
        for name in ("department", "topic", "priority", "sla", "agent", "team")
    },
    "person": {"anyOf": [_PERSON, {"type": "null"}]},
    "source": text(examples=["Email"]),
    "created": TIME,
    "updated": TIME,
    "closed": maybe(TIME),
    "due": maybe({**TIME, "description": "The due date that somebody has set."}),
    "deadline": maybe({**TIME, "description": "`due`, else the deadline of the SLA."}),
    "overdue": boolean("By the current time."),
    "answered": boolean("Whether an agent wrote last."),
}

SCHEMAS: Mapping[str, Words] = {
    "Named": _ROW,
    "TicketSummary": thing(_SUMMARY),
    "Ticket": thing(
        {
            **_SUMMARY,
            "tags": list_of(text()),
            "fields": list_of(thing({"name": text(), "label": text(), "value": {}})),
            "thread": list_of(ref("TicketEntry"), "Oldest first."),
            "history": list_of(ref("TicketChange"), "Oldest first."),
            "people": list_of(
                thing(
                    {
                        **_PERSON["properties"],
                        "role": text(enum=["requester", "participant"]),
                        "active": boolean("Whether they receive replies."),
                    }
                )
            ),
            "files": list_of(thing({**_FILE, "entry": integer()})),
            "raw": list_of(integer(), "Entries whose raw mail was kept."),
            "links": list_of(
                thing(
                    {
                        "kind": text(enum=["parent", "child", "normal"]),
                        "id": integer(),
                        "number": text(),
                        "subject": text(),
                    }
                )
            ),
        }
    ),
    "TicketEntry": thing(
        {
            "id": integer(),
            "kind": text(enum=["message", "response", "note"]),
            "internal": boolean("Whether only staff see it."),
            "channel": text(),
            "poster": text("The author's name."),
            "agent": maybe(ref("Named")),
            "person": maybe(ref("Named")),
            "created": TIME,
            "updated": maybe(TIME),
            "title": text(),
            "excerpt": text("The beginning of the text on one line."),
            "quotes": boolean("Whether it quotes something."),
            "headers": list_of(list_of(text(), minItems=2, maxItems=2)),
            "raw": boolean(),
            "attachments": list_of(thing(_FILE)),
        }
    ),
    "TicketChange": thing(
        {
            "id": integer(),
            "at": TIME,
            "by": maybe(ref("Named")),
            "what": text(),
            "thing": text(),
            "number": maybe(integer()),
            "field": maybe(text()),
            "before": {},
            "after": {},
        }
    ),
    "EntryBody": thing(
        {
            "html": text("Sanitized, with embedded images as `data:` URLs."),
            "quoted": text("The quoted text."),
            "remote": integer("Remote images, which are removed."),
            "left_out": integer("Embedded images that are missing or too large."),
        }
    ),
    "WrittenEntry": thing(
        {
            "entry": integer("The new entry."),
            "told": list_of(text(), "The addresses it is mailed to."),
        }
    ),
    **bodies(ReplyBody, models.partial(TicketBody), LinkBody, MergeBody),
    "Link": thing({"url": text(), "expires": TIME}),
    "FileLink": thing({"url": text(), "expires": TIME, "name": text(), "type": text()}),
}

_KIND = text("What the other ticket is to this one.", enum=list(INVERSE))
_REF = path("ref", text("The ticket's number, or its id.", examples=["781258"]))
_ENTRY = (_REF, by_id("The entry."))
_NO_TICKET = (NotFound("ticket"),)


def _id_of(name: str, description: str) -> Words:
    return query(name, integer(description, minimum=0, maximum=2**31 - 1))


_NOTES = Operation(
    tag=_TICKETS,
    parameters=(_REF,),
    body={JSON: ref("ReplyBody")},
    answers=answers(ref("WrittenEntry"), 201),
    refusals=(*_NO_TICKET, NotFound("agent"), Inactive("agent"), *OF_BODIES, *OF_WRITES),
    summary="Add an internal note",
    description="The author is the agent that the key acts as, else the desk itself.",
)

OPERATIONS = {
    "list_tickets": Operation(
        tag=_TICKETS,
        parameters=(
            query("q", text("Numbers, words, names and addresses.", maxLength=200)),
            query("state", text(enum=list(STATES))),
            _id_of("department", "The department."),
            _id_of("agent", "The agent; 0 means unassigned."),
            _id_of("person", "The requester."),
            query("overdue", boolean()),
            query("sort", text(enum=[f"{way}{name}" for name in SORTS for way in ("", "-")])),
            *PAGES,
        ),
        answers=page_of(ref("TicketSummary")),
        refusals=(*OF_LISTS, Invalid(Problem("colour", "parameter")), TooWide()),
    ),
    "get_ticket": Operation(
        tag=_TICKETS,
        parameters=(_REF,),
        answers=documents(ref("Ticket")),
        refusals=_NO_TICKET,
    ),
    "update_ticket": Operation(
        tag=_TICKETS,
        parameters=(_REF,),
        body={JSON: ref("TicketBodyChanges")},
        answers=answers(ref("TicketSummary")),
        refusals=(
            *_NO_TICKET,
            NotFound("agent"),
            Inactive("team"),
            Conflict("deleted_status"),
            Conflict("follow_up"),
            *OF_BODIES,
            *OF_WRITES,
        ),
    ),
    "delete_ticket": Operation(
        tag=_TICKETS,
        parameters=(_REF,),
        answers=answers(DELETED),
        refusals=(*_NO_TICKET, *OF_WRITES),
    ),
    "link_ticket": Operation(
        tag=_TICKETS,
        parameters=(_REF,),
        body={JSON: ref("LinkBody")},
        answers=answers(thing({"kind": _KIND, "id": integer("The other ticket.")}), 201),
        refusals=(
            *_NO_TICKET,
            Invalid(Problem("ticket", "unknown")),
            Conflict("itself"),
            Conflict("linked"),
            *OF_BODIES,
            *OF_WRITES,
        ),
        description="The other ticket becomes this ticket's `kind`.",
    ),
    "unlink_ticket": Operation(
        tag=_TICKETS,
        parameters=(
            _REF,
            path("kind", _KIND),
            path("other", text("The other ticket's number, or its id.", examples=["781259"])),
        ),
        answers=answers(thing({"kind": _KIND, "ticket": text(), "deleted": boolean()})),
        refusals=(*_NO_TICKET, NotFound("link"), *OF_WRITES),
    ),
    "merge_ticket": Operation(
        tag=_TICKETS,
        parameters=(_REF,),
        body={JSON: ref("MergeBody")},
        answers=answers(ref("TicketSummary")),
        refusals=(
            *_NO_TICKET,
            Invalid(Problem("into", "unknown")),
            Conflict("merged_itself"),
            Conflict("merged_target"),
            *OF_BODIES,
            *OF_WRITES,
        ),
        description="Closes this ticket; its thread moves to the other one within seconds, and "
        "mail to it is added there. Returns the other ticket.",
    ),
    "create_entry": Operation(
        tag=_TICKETS,
        parameters=(_REF,),
        body={JSON: ref("ReplyBody")},
        answers=answers(ref("WrittenEntry"), 201),
        refusals=(*_NO_TICKET, NotFound("agent"), Inactive("agent"), *OF_BODIES, *OF_WRITES),
        summary="Reply to all participants",
        description="The author is the agent that the key acts as; a key without an agent replies "
        "as the desk itself, if it has `can_act_for_others`.",
        paths={"POST /api/admin/tickets/{ref}/notes": _NOTES},
    ),
    "get_entry_body": Operation(
        tag=_TICKETS,
        parameters=_ENTRY,
        answers=documents(ref("EntryBody")),
        refusals=_NO_TICKET,
    ),
    "get_entry_raw": Operation(
        tag=_TICKETS,
        parameters=_ENTRY,
        answers=answers(ref("Link")),
        refusals=_NO_TICKET,
        description="Anyone with the URL can read it until the URL expires.",
    ),
    "get_file": Operation(
        tag=_TICKETS,
        parameters=(by_id("The file."),),
        answers=answers(ref("FileLink")),
        refusals=_NO_TICKET,
        description="Anyone with the URL can read it until the URL expires.",
    ),
}
