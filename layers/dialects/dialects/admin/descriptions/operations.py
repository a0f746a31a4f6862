"""Queues and their dead letters; set-up steps, and what needs an admin's attention."""

from collections.abc import Mapping
from typing import get_args

from dialects.admin.bodies import AsideBody, RedriveBody, TrialBody
from dialects.admin.describing import JSON, OF_BODIES, OF_WRITES, TIME, answers, bodies, page_of
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
from helpdesk.monitoring.setup import IDS, State

TAGS = {
    "Queues": "Background queues and their dead letters.",
    "Setup": "Setup steps of a new desk, and what needs an admin's attention today.",
}
_QUEUES, _SETUP = TAGS

SCHEMAS: Mapping[str, Words] = {
    **bodies(AsideBody, RedriveBody, TrialBody),
    "Step": thing(
        {
            "id": text(enum=sorted(IDS)),
            "state": text(enum=list(get_args(State))),
            "message": text("For people."),
            "records": list_of(
                thing(
                    {
                        "type": text(examples=["CNAME"]),
                        "name": text(),
                        "value": text(),
                        "state": text(enum=list(get_args(State))),
                    }
                ),
                "DNS records to add.",
            ),
            "dismissed": boolean("Whether an admin has dismissed it."),
            "checked": TIME,
        }
    ),
    "Matter": thing(
        {
            "what": text(examples=["held_mail"]),
            "count": integer("For mails, 100 means 100 or more."),
            "place": text("The page of the console.", examples=["#/mail/held"]),
        }
    ),
    "Move": thing(
        {
            "moved": integer(),
            "of": integer("The number requested."),
            "state": text(enum=["running", "done", "stopped", "cut_off"]),
        }
    ),
    "Queue": thing(
        {
            "name": text(examples=["notify"]),
            "waiting": integer("Approximate number of waiting messages."),
            "under_way": integer("Approximate number of messages in flight."),
            "dead": integer("Approximate number of dead letters."),
            "oldest_seconds": maybe(integer("Age of the oldest waiting event.")),
            "oldest_dead": maybe(TIME),
            "move": maybe(ref("Move")),
        }
    ),
    "DeadLetter": thing(
        {
            "id": text(),
            "at": TIME,
            "tries": integer("How often it was received since it became a dead letter."),
            "event": thing(
                {
                    "kind": text(examples=["response"]),
                    "ticket": maybe(integer()),
                    "number": maybe(text(examples=["781258"])),
                }
            ),
            "reason": text("SES's reason for a mail that was not sent; empty if none is known."),
            "came_back": boolean("Whether the queue's latest redrive has retried it."),
        }
    ),
}

_NAME = path("name", text(enum=["notify", "broadcast", "project", "failed-calls"]))
_MESSAGE = path("id", text("The dead letter."))
_REFUSED = (NotFound("queue"), NotAllowed("can_manage_desk"))

OPERATIONS = {
    "list_queues": Operation(
        tag=_QUEUES,
        answers=page_of(ref("Queue")),
        refusals=(NotAllowed("can_manage_desk"),),
        description="Counts are those of SQS, and approximate.",
    ),
    "list_dead_letters": Operation(
        tag=_QUEUES,
        parameters=(_NAME,),
        answers=page_of(ref("DeadLetter"), sampled={"type": "boolean", "const": True}),
        refusals=_REFUSED,
        description="At most ten, oldest first.",
    ),
    "put_aside": Operation(
        tag=_QUEUES,
        parameters=(_NAME, _MESSAGE),
        body={JSON: ref("AsideBody")},
        answers=answers(thing({"id": text(), "deleted": {"type": "boolean", "const": True}})),
        refusals=(*_REFUSED, NotFound("message"), *OF_BODIES, *OF_WRITES),
        description="Its work is not done and not retried. The reason is recorded.",
    ),
    "redrive_queue": Operation(
        tag=_QUEUES,
        parameters=(_NAME,),
        body={JSON: ref("RedriveBody")},
        answers=answers(thing({"move": ref("Move")}), 202),
        refusals=(*_REFUSED, Conflict("move_under_way"), *OF_BODIES, *OF_WRITES),
        description="Five per second, and no more than `count`.",
    ),
    "stop_redrive": Operation(
        tag=_QUEUES,
        parameters=(_NAME,),
        answers=answers(thing({"move": ref("Move")})),
        refusals=(*_REFUSED, NotFound("move"), *OF_WRITES),
        description="Messages already moved stay moved.",
    ),
    "get_setup": Operation(
        tag=_SETUP,
        answers=page_of(ref("Step")),
        refusals=(NotAllowed("can_manage_desk"),),
        description="If AWS does not answer, the state of a step is `unknown`.",
    ),
    "send_test_mail": Operation(
        tag=_SETUP,
        body={JSON: ref("TrialBody")},
        answers=answers(thing({"mail": text()}), 202),
        refusals=(NotAllowed("can_manage_desk"), *OF_BODIES, *OF_WRITES),
        description="The result appears among the steps and among the sent mails.",
    ),
    "confirm_setup": Operation(
        tag=_SETUP,
        parameters=(path("id", text("The step.", enum=sorted(IDS))),),
        body={JSON: ref("NoBody")},
        answers=answers(ref("Step")),
        refusals=(NotFound("step"), NotAllowed("can_manage_desk"), *OF_BODIES, *OF_WRITES),
        description="A step that is known to be wrong stays so.",
    ),
    "get_attention": Operation(
        tag=_SETUP,
        answers=page_of(ref("Matter")),
        description="Only what this key may read. A response may be 30 seconds old.",
    ),
}
