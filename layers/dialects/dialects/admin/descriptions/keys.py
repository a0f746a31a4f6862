"""Keys (docs/admin.md, Keys)."""

from collections.abc import Mapping
from typing import get_args

from dialects import models
from dialects.admin.bodies import KeyBody, KeyCheckBody, RotationBody
from dialects.admin.describing import (
    CHANGED,
    DELETED,
    IF_MATCH,
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
from dialects.admin.refuse import CONFLICTS
from dialects.admin.wanted import ORDERS
from dialects.describing import (
    Operation,
    Words,
    boolean,
    integer,
    list_of,
    map_of,
    maybe,
    query,
    ref,
    text,
    thing,
)
from helpdesk.errors import Conflict, Invalid, NotFound, Problem
from helpdesk.keys.advice import Advice
from helpdesk.keys.finding import STATES
from helpdesk.keys.permissions import PERMISSIONS, BeyondOwn
from helpdesk.keys.usage import MOST_DAYS

TAGS = {"Keys": "Who may do what, from where, and until when."}
_KEYS = next(iter(TAGS))

_KEY: dict[str, Words] = {
    "id": integer(examples=[7]),
    "name": text(examples=["Shop"]),
    "permissions": list_of(text(enum=list(PERMISSIONS))),
    "networks": list_of(text(examples=["10.0.0.0/8"]), "Empty allows any network."),
    "active": boolean(),
    "expires": maybe(TIME),
    "departments": list_of(integer(), "Departments whose tickets it sees; empty means all."),
    "agent": maybe(integer("The agent that it acts as.")),
    "customer": maybe(integer("The only person whose tickets it sees.")),
    "last_used": maybe({**TIME, "description": "With any secret; to the hour."}),
    "secret_used": maybe({**TIME, "description": "With the newest secret."}),
    "hint": maybe(text("The beginning of the secret; null for older keys.", examples=["3ed0c2"])),
    "created": maybe(TIME),
    "created_by": {
        "anyOf": [thing({"key": integer(), "name": text("At that time.")}), {"type": "null"}]
    },
    "old_secret": {
        "description": "The secret before the last rotation, while it works.",
        "anyOf": [
            thing({"hint": maybe(text()), "ends": TIME, "last_used": maybe(TIME)}),
            {"type": "null"},
        ],
    },
    "counted": boolean("Whether API Gateway counts its requests separately."),
    "last_managing": boolean(
        "This is the last key that manages keys without an end date: it cannot be deleted, "
        "switched off, limited, given an end date, or lose `can_manage_keys`."
    ),
    "dismissed": map_of(text(), "Dismissed advice, and until when it stays hidden."),
    "advice": list_of(
        text(enum=list(get_args(Advice))),
        "Advice to admins about the key that they have not dismissed.",
    ),
}
_SECRET = text("Shown only this once.", examples=["3ed0c2" + 58 * "0"])
_EFFECT = text("When the change takes effect.", examples=["within 60 seconds at the latest"])

SCHEMAS: Mapping[str, Words] = {
    "Key": thing(_KEY),
    "ChangedKey": thing({**_KEY, "takes_effect": _EFFECT}),
    "NewKey": thing({**_KEY, "key": _SECRET}, "key"),
    "RotatedKey": thing({**_KEY, "key": _SECRET, "takes_effect": _EFFECT}, "key"),
    **bodies(KeyBody, models.partial(KeyBody), RotationBody, KeyCheckBody),
}

_ONE = by_id("The key.")
_UNKNOWN = (NotFound("key", 7),)
_BEYOND = (BeyondOwn("permissions", "can_manage_desk"),)
_LAST = (Conflict("last_managing_key", CONFLICTS["last_managing_key"]),)

OPERATIONS = {
    "list_keys": Operation(
        tag=_KEYS,
        parameters=(
            query("q", text("Part of the name, or the beginning of a secret.", maxLength=200)),
            query(
                "state",
                text(
                    "`stopped` is `off` or `ended`; `ending` expires within 30 days; "
                    "`unused` works but was not used for 90 days, or for 14 days since its "
                    "creation; `advised` has some `advice`.",
                    enum=list(STATES),
                ),
            ),
            query("permission", text(enum=list(PERMISSIONS))),
            query("customer", integer("The person whose tickets it sees.", minimum=1)),
            query("order", text(enum=list(ORDERS), default=ORDERS[0])),
            *PAGES,
        ),
        answers=page_of(ref("Key")),
        refusals=OF_LISTS,
    ),
    "create_key": Operation(
        tag=_KEYS,
        body={JSON: ref("KeyBody")},
        answers=answers(ref("NewKey"), 201),
        refusals=(*_BEYOND, *OF_BODIES, *OF_WRITES),
        description="A repeated request with the same Idempotency-Key is answered without the "
        "secret.",
    ),
    "get_key": Operation(
        tag=_KEYS, parameters=(_ONE,), answers=answers(ref("Key")), refusals=_UNKNOWN
    ),
    "update_key": Operation(
        tag=_KEYS,
        parameters=(_ONE, IF_MATCH),
        body={JSON: ref("KeyBodyChanges")},
        answers=answers(ref("ChangedKey")),
        refusals=(*_UNKNOWN, *_BEYOND, *_LAST, *OF_BODIES, *CHANGED, *OF_WRITES),
    ),
    "delete_key": Operation(
        tag=_KEYS,
        parameters=(_ONE, IF_MATCH),
        answers=answers(
            {
                **DELETED,
                "properties": {**DELETED["properties"], "takes_effect": _EFFECT},
                "required": [*DELETED["required"], "takes_effect"],
            }
        ),
        refusals=(*_UNKNOWN, *_BEYOND, *_LAST, *CHANGED, *OF_WRITES),
    ),
    "rotate_key": Operation(
        tag=_KEYS,
        parameters=(_ONE,),
        body={JSON: ref("RotationBody")},
        answers=answers(ref("RotatedKey")),
        refusals=(*_UNKNOWN, *_BEYOND, *OF_BODIES, *OF_WRITES),
        description="A key has at most two secrets: one that still works from an earlier rotation "
        "ends at once.",
    ),
    "check_key": Operation(
        tag=_KEYS,
        parameters=(_ONE,),
        body={JSON: ref("KeyCheckBody")},
        answers=answers(
            thing(
                {
                    "allowed": boolean(),
                    "reason": maybe(text("Why the key would be refused.", examples=["network"])),
                    "field": maybe(
                        text("The field of the key that causes this.", examples=["networks"])
                    ),
                    "address": text("The address that was checked.", examples=["203.0.113.7"]),
                }
            )
        ),
        refusals=(*_UNKNOWN, *OF_BODIES),
        description="Nothing is read or changed.",
    ),
    "get_key_usage": Operation(
        tag=_KEYS,
        parameters=(
            _ONE,
            query("days", integer(minimum=1, maximum=MOST_DAYS, default=30)),
        ),
        answers=answers(
            thing(
                {
                    "days": list_of(
                        thing({"day": text(examples=["2026-11-28"]), "requests": integer()}),
                        "UTC days, oldest first.",
                    ),
                    "as_of": {**TIME, "description": "When API Gateway reported the counts."},
                    "shared": boolean("Whether its requests are not yet counted separately."),
                }
            )
        ),
        refusals=(*_UNKNOWN, Invalid(Problem("days", "page_size", detail="must be from 1 to 90"))),
        description="As counted by API Gateway, up to 15 minutes ago.",
    ),
    "end_overlap": Operation(
        tag=_KEYS,
        parameters=(_ONE,),
        answers=answers(ref("ChangedKey")),
        refusals=(*_UNKNOWN, *_BEYOND, *OF_WRITES),
        description="404 if the previous secret no longer works.",
    ),
}
