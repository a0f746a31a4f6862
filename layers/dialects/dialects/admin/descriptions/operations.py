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
    "Queues": "What waits in the background, and what was given up.",
    "Setup": "What a new desk has yet to be given, and what wants an admin today.",
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
                "Records for DNS.",
            ),
            "dismissed": boolean("Whether nobody wants to be asked about it any more."),
            "checked": TIME,
        }
    ),
    "Matter": thing(
        {
            "what": text(examples=["held_mail"]),
            "count": integer("100 of mails may be more."),
            "place": text("Of the console.", examples=["#/mail/held"]),
        }
    ),
    "Move": thing(
        {
            "moved": integer(),
            "of": integer("As many as were asked for."),
            "state": text(enum=["running", "done", "stopped", "cut_off"]),
        }
    ),
    "Queue": thing(
        {
            "name": text(examples=["notify"]),
            "waiting": integer("About how many messages wait."),
            "under_way": integer("About how many are being worked on."),
            "dead": integer("About how many were given up."),
            "oldest_seconds": maybe(integer("Age of the oldest event that waits for it.")),
            "oldest_dead": maybe(TIME),
            "move": maybe(ref("Move")),
        }
    ),
    "DeadLetter": thing(
        {
            "id": text(),
            "at": TIME,
            "tries": integer("How often it has been looked at since it was given up."),
            "event": thing(
                {
                    "kind": text(examples=["response"]),
                    "ticket": maybe(integer()),
                    "number": maybe(text(examples=["781258"])),
                }
            ),
            "reason": text("SES's word for a mail that did not go out; empty where none is known."),
            "came_back": boolean("Whether the queue's latest move has tried it again."),
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
        description="Counts are SQS's own, and approximate.",
    ),
    "list_dead_letters": Operation(
        tag=_QUEUES,
        parameters=(_NAME,),
        answers=page_of(ref("DeadLetter"), sampled={"type": "boolean", "const": True}),
        refusals=_REFUSED,
        description="At most ten, the oldest first.",
    ),
    "put_aside": Operation(
        tag=_QUEUES,
        parameters=(_NAME, _MESSAGE),
        body={JSON: ref("AsideBody")},
        answers=answers(thing({"id": text(), "deleted": {"type": "boolean", "const": True}})),
        refusals=(*_REFUSED, NotFound("message"), *OF_BODIES, *OF_WRITES),
        description="What it asked for is not done, and not tried again. The reason is kept.",
    ),
    "redrive_queue": Operation(
        tag=_QUEUES,
        parameters=(_NAME,),
        body={JSON: ref("RedriveBody")},
        answers=answers(thing({"move": ref("Move")}), 202),
        refusals=(*_REFUSED, Conflict("move_under_way"), *OF_BODIES, *OF_WRITES),
        description="Five a second, and no more than are named.",
    ),
    "stop_redrive": Operation(
        tag=_QUEUES,
        parameters=(_NAME,),
        answers=answers(thing({"move": ref("Move")})),
        refusals=(*_REFUSED, NotFound("move"), *OF_WRITES),
        description="What was moved stays moved.",
    ),
    "get_setup": Operation(
        tag=_SETUP,
        answers=page_of(ref("Step")),
        refusals=(NotAllowed("can_manage_desk"),),
        description="Where AWS does not answer, the state of a step is `unknown`.",
    ),
    "send_test_mail": Operation(
        tag=_SETUP,
        body={JSON: ref("TrialBody")},
        answers=answers(thing({"mail": text()}), 202),
        refusals=(NotAllowed("can_manage_desk"), *OF_BODIES, *OF_WRITES),
        description="What became of it is told among the steps, and among the sent mails.",
    ),
    "confirm_setup": Operation(
        tag=_SETUP,
        parameters=(path("id", text("The step.", enum=sorted(IDS))),),
        body={JSON: ref("NoBody")},
        answers=answers(ref("Step")),
        refusals=(NotFound("step"), NotAllowed("can_manage_desk"), *OF_BODIES, *OF_WRITES),
        description="What is known to be wrong stays so.",
    ),
    "get_attention": Operation(
        tag=_SETUP,
        answers=page_of(ref("Matter")),
        description="What this key can look at. An answer may be 30 seconds old.",
    ),
}
