"""Keys (docs/admin.md, Keys)."""

from collections.abc import Mapping

from dialects import models
from dialects.admin.bodies import KeyBody, RotationBody
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
    page_of,
)
from dialects.admin.refuse import CONFLICTS
from dialects.describing import Operation, Words, boolean, integer, list_of, maybe, ref, text, thing
from helpdesk.errors import Conflict, NotFound
from helpdesk.keys.permissions import PERMISSIONS, BeyondOwn

TAGS = {"Keys": "Who may do what, from where, and until when."}
_KEYS = next(iter(TAGS))

_KEY: dict[str, Words] = {
    "id": integer(examples=[7]),
    "name": text(examples=["Shop"]),
    "permissions": list_of(text(enum=list(PERMISSIONS))),
    "networks": list_of(text(examples=["10.0.0.0/8"]), "Empty is any."),
    "active": boolean(),
    "expires": maybe(TIME),
    "departments": list_of(integer(), "Whose tickets it sees; empty is all."),
    "agent": maybe(integer("The agent that it acts as.")),
    "customer": maybe(integer("The one person whose tickets it sees.")),
    "last_used": maybe({**TIME, "description": "Exact to an hour."}),
}
_SECRET = text("Shown this once.", examples=["3ed0c2" + 58 * "0"])
_EFFECT = text("When a change holds.", examples=["within 60 seconds at the latest"])

SCHEMAS: Mapping[str, Words] = {
    "Key": thing(_KEY),
    "ChangedKey": thing({**_KEY, "takes_effect": _EFFECT}),
    "NewKey": thing({**_KEY, "key": _SECRET}, "key"),
    "RotatedKey": thing({**_KEY, "key": _SECRET, "takes_effect": _EFFECT}, "key"),
    **bodies(KeyBody, models.partial(KeyBody), RotationBody),
}

_ONE = by_id("The key.")
_UNKNOWN = (NotFound("key", 7),)
_BEYOND = (BeyondOwn("permissions", "can_manage_desk"),)
_LAST = (Conflict("last_managing_key", CONFLICTS["last_managing_key"]),)

OPERATIONS = {
    "list_keys": Operation(
        tag=_KEYS,
        parameters=PAGES,
        answers=page_of(ref("Key")),
        refusals=OF_LISTS,
    ),
    "create_key": Operation(
        tag=_KEYS,
        body={JSON: ref("KeyBody")},
        answers=answers(ref("NewKey"), 201),
        refusals=(*_BEYOND, *OF_BODIES, *OF_WRITES),
        description="A repeated request under an Idempotency-Key is answered without the secret.",
    ),
    "get_key": Operation(
        tag=_KEYS, parameters=(_ONE,), answers=answers(ref("Key")), refusals=_UNKNOWN
    ),
    "update_key": Operation(
        tag=_KEYS,
        parameters=(_ONE,),
        body={JSON: ref("KeyBodyChanges")},
        answers=answers(ref("ChangedKey")),
        refusals=(*_UNKNOWN, *_BEYOND, *_LAST, *OF_BODIES, *OF_WRITES),
    ),
    "delete_key": Operation(
        tag=_KEYS,
        parameters=(_ONE,),
        answers=answers(
            {
                **DELETED,
                "properties": {**DELETED["properties"], "takes_effect": _EFFECT},
                "required": [*DELETED["required"], "takes_effect"],
            }
        ),
        refusals=(*_UNKNOWN, *_BEYOND, *_LAST, *OF_WRITES),
    ),
    "rotate_key": Operation(
        tag=_KEYS,
        parameters=(_ONE,),
        body={JSON: ref("RotationBody")},
        answers=answers(ref("RotatedKey")),
        refusals=(*_UNKNOWN, *_BEYOND, *OF_BODIES, *OF_WRITES),
        description="A key has at most two secrets: one that still overlaps from an earlier "
        "rotation ends at once.",
    ),
}
