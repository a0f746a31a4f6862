"""Mail: what became no ticket, who gets no more, and mail to subscribers."""

from collections.abc import Mapping
from typing import get_args

from dialects.admin.bodies import NoBody
from dialects.admin.describing import (
    JSON,
    OF_BODIES,
    OF_LISTS,
    OF_WRITES,
    PAGES,
    TIME,
    answers,
    bodies,
    by_id,
    page_of,
)
from dialects.describing import (
    Operation,
    Words,
    boolean,
    integer,
    list_of,
    maybe,
    path,
    ref,
    text,
    thing,
)
from helpdesk.errors import Conflict, NotAllowed, NotFound
from helpdesk.mail.outbound.suppression import Reason

TAGS = {
    "Mail": "Mail that became no ticket, and addresses that get no more.",
    "Subscribers": "Mail to subscribers, and how far it has come.",
}
_MAIL, _SUBSCRIBERS = TAGS

_HELD: dict[str, Words] = {
    "id": text(),
    "reason": text(enum=["virus", "banned", "too_many_open", "loop", "duplicate", "failed"]),
    "at": TIME,
    "sender": text(),
    "subject": text(),
    "object": text("Where its raw text lies in the bucket."),
    "size": maybe(integer("In bytes; null where nobody has counted.")),
    "files": maybe(integer("Attachments; null where nobody has counted.")),
}

SCHEMAS: Mapping[str, Words] = {
    "HeldMail": thing(_HELD),
    "OpenedHeldMail": thing(
        {
            **_HELD,
            "text": text(),
            "html": text("Cleaned; empty for none."),
            "headers": list_of(
                list_of(text(), minItems=2, maxItems=2, examples=[["Subject", "Help"]])
            ),
            "attachments": list_of(
                thing({"name": text(), "type": text(), "size": integer("In bytes.")})
            ),
            "cut": boolean("Whether the mail says more than is shown here."),
            "may_take_in": boolean(),
        }
    ),
    "SuppressedAddress": thing(
        {
            "address": text(examples=["ann@example.org"]),
            "reason": text(enum=list(get_args(Reason))),
            "at": TIME,
        }
    ),
    **bodies(NoBody),
    "Broadcast": thing(
        {
            "id": text(),
            "ticket": integer(examples=[1]),
            "what": text(enum=["created", "updated", "closed", "reopened"]),
            "started": TIME,
            "finished": maybe(TIME),
            "total": integer("People who are to hear of it."),
            "sent": integer(),
            "skipped": integer(),
            "left": integer("Who has yet to be written to."),
        }
    ),
}

_MAIL_ID = path("id", text("The mail."))
_NO_MAIL = (NotFound("mail"), NotAllowed("can_manage_directory"))

OPERATIONS = {
    "list_held_mail": Operation(
        tag=_MAIL,
        parameters=PAGES,
        answers=page_of(ref("HeldMail")),
        refusals=OF_LISTS,
        description="Newest first.",
    ),
    "get_held_mail": Operation(
        tag=_MAIL,
        parameters=(_MAIL_ID,),
        answers=answers(ref("OpenedHeldMail")),
        refusals=_NO_MAIL,
    ),
    "delete_held_mail": Operation(
        tag=_MAIL,
        parameters=(_MAIL_ID,),
        answers=answers(thing({"id": text(), "deleted": {"type": "boolean", "const": True}})),
        refusals=(*_NO_MAIL, *OF_WRITES),
    ),
    "get_held_mail_raw": Operation(
        tag=_MAIL,
        parameters=(_MAIL_ID,),
        answers=answers(ref("Link")),
        refusals=_NO_MAIL,
        description="Whoever has the address can read it until it expires.",
    ),
    "take_in_held_mail": Operation(
        tag=_MAIL,
        parameters=(_MAIL_ID,),
        body={JSON: ref("NoBody")},
        answers=answers(
            thing(
                {
                    "ticket": thing({"id": integer(), "number": text(examples=["781258"])}),
                    "entry": maybe(integer()),
                }
            )
        ),
        refusals=(
            *_NO_MAIL,
            *map(Conflict, ("virus", "banned", "too_many_open", "loop")),
            *OF_BODIES,
            *OF_WRITES,
        ),
        description="Does what is done with all mail, but for the rule that held this one.",
    ),
    "list_suppressed": Operation(
        tag=_MAIL,
        parameters=PAGES,
        answers=page_of(ref("SuppressedAddress")),
        refusals=OF_LISTS,
        description="Newest first.",
    ),
    "lift_suppression": Operation(
        tag=_MAIL,
        parameters=(path("address", text("The address.", examples=["ann@example.org"])),),
        answers=answers(thing({"address": text(), "deleted": {"type": "boolean", "const": True}})),
        refusals=(NotFound("address"), *OF_WRITES),
    ),
    "list_broadcasts": Operation(
        tag=_SUBSCRIBERS,
        parameters=PAGES,
        answers=page_of(ref("Broadcast")),
        refusals=OF_LISTS,
        description="Newest first.",
    ),
    "get_broadcast": Operation(
        tag=_SUBSCRIBERS,
        parameters=(path("id", text("The broadcast.")),),
        answers=answers(ref("Broadcast")),
        refusals=(NotFound("broadcast"),),
    ),
    "lift_unsubscribing": Operation(
        tag=_SUBSCRIBERS,
        parameters=(by_id("The customer."),),
        answers=answers(thing({"id": integer(), "services": list_of(integer())})),
        refusals=(NotFound("customer"), *OF_WRITES),
    ),
}
