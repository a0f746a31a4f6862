"""Mail: held mail, suppressed addresses, and mail to subscribers."""

from collections.abc import Mapping
from typing import get_args

from dialects.admin.bodies import DraftBody, NoBody, SuppressionBody, TemplateTestBody
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
    query,
    ref,
    text,
    thing,
)
from helpdesk.broadcasts.mails import STATES
from helpdesk.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from helpdesk.mail.outbound.suppression import Reason

TAGS = {
    "Mail": "Mail that did not become a ticket, and addresses that no longer receive mail.",
    "Subscribers": "Mail to subscribers, and its progress.",
}
_MAIL, _SUBSCRIBERS = TAGS

_HELD: dict[str, Words] = {
    "id": text(),
    "reason": text(enum=["virus", "banned", "too_many_open", "loop", "duplicate", "failed"]),
    "at": TIME,
    "sender": text(),
    "subject": text(),
    "object": text("The key of the raw mail in the bucket."),
    "size": maybe(integer("In bytes; null if unknown.")),
    "files": maybe(integer("Number of attachments; null if unknown.")),
}

_SAID: dict[str, Words] = {
    "text": text(),
    "html": text("Sanitized; empty if there is none."),
    "headers": list_of(list_of(text(), minItems=2, maxItems=2, examples=[["Subject", "Help"]])),
    "attachments": list_of(thing({"name": text(), "type": text(), "size": integer("In bytes.")})),
    "cut": boolean("Whether the text is truncated."),
}

_SENT: dict[str, Words] = {
    "id": text(),
    "at": TIME,
    "to": text(examples=["ann@example.org"]),
    "subject": maybe(text("Null if it was not recorded.")),
    "template": text(examples=["ticket.reply"]),
    "ticket": maybe(thing({"id": integer(), "number": maybe(text(examples=["781258"]))})),
    "state": text(enum=list(STATES)),
    "reason": text("A reason code of docs/mail.md; empty if there is none."),
    "size": maybe(integer("In bytes; null if the mail has not been rendered yet.")),
    "files": maybe(integer("Attachments.")),
}

SCHEMAS: Mapping[str, Words] = {
    "HeldMail": thing(_HELD),
    "OpenedHeldMail": thing(
        {
            **_HELD,
            **_SAID,
            "may_take_in": boolean(),
        }
    ),
    "SentMail": thing(_SENT),
    "OpenedSentMail": thing(
        {
            **_SENT,
            **_SAID,
            "made_anew": boolean(
                "Whether the mail could be rendered again: false if nothing would cause it now."
            ),
        }
    ),
    "SuppressedAddress": thing(
        {
            "address": text(examples=["ann@example.org"]),
            "reason": text(enum=list(get_args(Reason))),
            "at": TIME,
        }
    ),
    **bodies(DraftBody, NoBody, SuppressionBody, TemplateTestBody),
    "Broadcast": thing(
        {
            "id": text(),
            "ticket": integer(examples=[1]),
            "what": text(enum=["created", "updated", "closed", "reopened"]),
            "started": TIME,
            "finished": maybe(TIME),
            "total": integer("The number of recipients."),
            "sent": integer(),
            "skipped": integer(),
            "left": integer("Recipients who have not been written to yet."),
        }
    ),
}

_UNKNOWN = Invalid(Problem("colour", "parameter"))
_WHOLE = NotAllowed("can_manage_desk")
_OF_TEMPLATES = (
    NotFound("template"),
    NotAllowed("can_manage_directory"),
    NotAllowed("can_read_tickets"),
    *OF_BODIES,
)
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
        description="Anyone with the URL can read it until the URL expires.",
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
        description="Processes it like all mail, except for the rule that held it.",
    ),
    "list_mail": Operation(
        tag=_MAIL,
        parameters=(
            query("state", text(enum=list(STATES))),
            query("to", text("An address.", examples=["ann@example.org"])),
            query("ticket", text("A ticket's number or id.", examples=["781258"])),
            *PAGES,
        ),
        answers=page_of(ref("SentMail")),
        refusals=(*OF_LISTS, _UNKNOWN, NotFound("ticket"), _WHOLE),
        description="Newest first, of the last 90 days. A page may be shorter than `limit` and "
        "still have a `next`.",
    ),
    "get_mail": Operation(
        tag=_MAIL,
        parameters=(_MAIL_ID,),
        answers=answers(ref("OpenedSentMail")),
        refusals=(NotFound("mail"), _WHOLE),
        description="Rendered again from its ticket and the current templates: what was sent is "
        "not kept.",
    ),
    "send_mail_again": Operation(
        tag=_MAIL,
        parameters=(_MAIL_ID,),
        body={JSON: ref("NoBody")},
        answers=answers(thing({"mail": text()}), 202),
        refusals=(
            NotFound("mail"),
            _WHOLE,
            Conflict("not_refused"),
            *OF_BODIES,
            *OF_WRITES,
        ),
        description="The mail is queued again, rendered again and sent in a moment.",
    ),
    "preview_template": Operation(
        tag=_MAIL,
        parameters=(by_id("The template."),),
        body={JSON: ref("DraftBody")},
        answers=answers(
            thing(
                {
                    "subject": text(),
                    "html": text(),
                    "text": text(),
                    "unknown": list_of(text(examples=["ticket.nmae"])),
                }
            )
        ),
        refusals=_OF_TEMPLATES,
        description="Sends nothing. Without a ticket it uses the one that changed last, or a "
        "sample if there is none or the key may not read tickets.",
    ),
    "test_template": Operation(
        tag=_MAIL,
        parameters=(by_id("The template."),),
        body={JSON: ref("TemplateTestBody")},
        answers=answers(thing({"mail": text()}), 202),
        refusals=(*_OF_TEMPLATES, *OF_WRITES),
        description="The mail is listed among the sent mails. Replies to it are not added to the "
        "ticket.",
    ),
    "reset_template": Operation(
        tag=_MAIL,
        parameters=(by_id("The template."),),
        body={JSON: ref("NoBody")},
        answers=answers(ref("Template")),
        refusals=(NotFound("template"), NotAllowed("can_manage_directory"), *OF_BODIES, *OF_WRITES),
    ),
    "list_suppressed": Operation(
        tag=_MAIL,
        parameters=(query("q", text("Part of the address.")), *PAGES),
        answers=page_of(ref("SuppressedAddress")),
        refusals=(*OF_LISTS, _UNKNOWN, _WHOLE),
        description="Newest first.",
    ),
    "suppress": Operation(
        tag=_MAIL,
        body={JSON: ref("SuppressionBody")},
        answers=answers(ref("SuppressedAddress"), 201),
        refusals=(_WHOLE, *OF_BODIES, *OF_WRITES),
        description="With its earlier reason, if it was removed less than a day ago.",
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
