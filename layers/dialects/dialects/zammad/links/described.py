"""Links as the OpenAPI document describes them (docs/zammad.md 9.8)."""

from collections.abc import Mapping

from dialects.describing import Operation, Words, integer, list_of, query, ref, text, thing
from dialects.zammad.describing import (
    EMPTY,
    JSON,
    OF_WRITES,
    REFERENCE,
    RELATIONS,
    TIME,
    answers,
    documents,
)
from dialects.zammad.links.read import TICKET
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk.errors import Conflict, NotFound
from helpdesk.model.relations import INVERSE

_KIND = text("What the source is to the target.", enum=list(INVERSE))
_OBJECT = text(enum=[TICKET])
_SOURCE = {**REFERENCE, "description": "The source's number.", "examples": ["781258"]}
_SOURCE_ID = {
    **REFERENCE,
    "description": "The source's id or number; instead of `link_object_source_number`.",
}
_TARGET = {**REFERENCE, "description": "The target's id.", "examples": [2]}

SCHEMAS: Mapping[str, Words] = {
    "Link": thing(
        {
            "id": integer(examples=[1]),
            "link_type_id": integer("1 normal, 2 parent, 3 child.", examples=[1]),
            "link_object_source_id": integer(examples=[1]),
            "link_object_source_value": integer("The source's id.", examples=[1]),
            "link_object_target_id": integer(examples=[1]),
            "link_object_target_value": integer("The target's id.", examples=[2]),
            "created_at": TIME,
            "updated_at": TIME,
        }
    ),
    "LinkOfTicket": thing(
        {
            "link_type": text("What the other ticket is to this.", enum=list(INVERSE)),
            "link_object": _OBJECT,
            "link_object_value": integer("The other ticket.", examples=[2]),
        }
    ),
    "LinkValues": {
        "type": "object",
        "required": ["link_type", "link_object_target_value"],
        "properties": {
            "link_type": _KIND,
            "link_object_target": _OBJECT,
            "link_object_target_value": _TARGET,
            "link_object_source": _OBJECT,
            "link_object_source_number": _SOURCE,
            "link_object_source_value": _SOURCE_ID,
        },
    },
    "Links": thing(
        {
            "links": list_of(ref("LinkOfTicket")),
            "assets": ref("Assets"),
        }
    ),
}

_KINDS = Refusal(422, "Invalid value for param 'link_type': \"sibling\"")
_GONE = (NotFound("target", 99999), NotAccessible())

OPERATIONS = {
    "list_links": Operation(
        tag=RELATIONS,
        parameters=(
            {**query("link_object", _OBJECT), "required": True},
            {
                **query("link_object_value", integer("The ticket.", minimum=1, examples=[1])),
                "required": True,
            },
        ),
        answers=documents(ref("Links")),
        refusals=(NotAccessible(),),
        description="Only links to tickets that the caller may read. A missing ticket is answered "
        "with 403, too.",
    ),
    "add_link": Operation(
        tag=RELATIONS,
        body={JSON: ref("LinkValues")},
        answers=answers(ref("Link"), status=201),
        refusals=(*_GONE, _KINDS, Conflict("itself"), Conflict("linked"), *OF_WRITES),
    ),
    "remove_link": Operation(
        tag=RELATIONS,
        parameters=(
            {**query("link_type", _KIND), "required": True},
            {
                **query("link_object_target_value", integer("The target's id.", examples=[2])),
                "required": True,
            },
            query("link_object_target", _OBJECT),
            query("link_object_source", _OBJECT),
            query("link_object_source_number", text("The source's number.", examples=["781258"])),
            query(
                "link_object_source_value",
                text("The source's id or number; instead of `link_object_source_number`."),
            ),
        ),
        answers=answers(EMPTY, status=201),
        refusals=(*_GONE, _KINDS, *OF_WRITES),
        description="Succeeds even if there was no such link. The parameters may be sent in a JSON "
        "body instead.",
    ),
}
