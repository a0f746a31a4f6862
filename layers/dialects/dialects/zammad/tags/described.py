"""Tags as the OpenAPI document describes them (docs/zammad.md 9.6)."""

from collections.abc import Mapping

from dialects.describing import Operation, Words, integer, list_of, query, ref, text, thing
from dialects.zammad.describing import (
    EMPTY,
    JSON,
    NO_TICKET,
    OF_WRITES,
    REFERENCE,
    TAGS,
    answers,
    by_id,
    documents,
    pages,
)
from dialects.zammad.refuse import Refusal
from dialects.zammad.tags.read import TICKET
from helpdesk.errors import Invalid, NotAllowed, NotFound, Problem

_OBJECT = text("The type of the tagged object.", enum=[TICKET])
_TICKET = {**REFERENCE, "description": "The ticket.", "examples": [1]}
_ITEM = text("The tag.", examples=["printer"])

SCHEMAS: Mapping[str, Words] = {
    "FoundTag": thing({"id": integer(examples=[1]), "value": text(examples=["printer"])}),
    "ListedTag": thing(
        {
            "id": integer(examples=[1]),
            "name": text(examples=["printer"]),
            "count": integer("Number of tickets with this tag."),
        }
    ),
    "TagOfTicket": {
        "type": "object",
        "required": ["object", "o_id", "item"],
        "properties": {"object": _OBJECT, "o_id": _TICKET, "item": _ITEM},
    },
    "TagValues": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": _ITEM},
    },
}

_DONE = {"type": "boolean", "const": True}
_NO_ITEM = Refusal(422, "The required value 'item' is missing.")
_NO_NAME = (
    Refusal(422, "The required value 'name' is missing."),
    Invalid(Problem("name", "required")),
)


def _told(name: str, schema: Words) -> Words:
    return {**query(name, schema), "required": True}


OPERATIONS = {
    "list_ticket_tags": Operation(
        tag=TAGS,
        parameters=(
            _told("object", _OBJECT),
            _told("o_id", integer("The ticket.", examples=[1])),
        ),
        answers=answers(thing({"tags": list_of(text(examples=["printer"]))})),
        refusals=NO_TICKET,
        description="In the order they were added.",
    ),
    "add_tag": Operation(
        tag=TAGS,
        body={JSON: ref("TagOfTicket")},
        answers=answers(_DONE, status=201),
        refusals=(*NO_TICKET, _NO_ITEM, NotAllowed("can_manage_directory"), *OF_WRITES),
        description="Succeeds even if the ticket already has the tag. Creating a new tag needs "
        "`can_manage_directory` if the setting `tag_new` is off.",
    ),
    "remove_tag": Operation(
        tag=TAGS,
        parameters=(
            _told("object", _OBJECT),
            _told("o_id", integer("The ticket.", examples=[1])),
            _told("item", _ITEM),
        ),
        answers=answers(_DONE),
        refusals=(*NO_TICKET, _NO_ITEM, *OF_WRITES),
        description="Succeeds even if the ticket does not have the tag. The parameters may be "
        "sent in a JSON body instead.",
    ),
    "search_tags": Operation(
        tag=TAGS,
        parameters=(query("term", text("Part of the name, ignoring case.", examples=["print"])),),
        answers=answers(list_of(ref("FoundTag"))),
        description="At most ten; without a term, the most used ones. None for customers.",
    ),
    "list_tags": Operation(
        tag=TAGS,
        parameters=pages(1000, 1000),
        answers=documents(list_of(ref("ListedTag"))),
        refusals=(NotAllowed("can_manage_directory"),),
        description="By name.",
    ),
    "create_tag": Operation(
        tag=TAGS,
        body={JSON: ref("TagValues")},
        answers=answers(EMPTY),
        refusals=(*_NO_NAME, *OF_WRITES),
        description="Succeeds even if the list already has the tag.",
    ),
    "update_tag": Operation(
        tag=TAGS,
        parameters=(by_id("The tag."),),
        body={JSON: ref("TagValues")},
        answers=answers(EMPTY),
        refusals=(NotFound("tag", 99999), *_NO_NAME, *OF_WRITES),
        description="The tickets follow within seconds. Renaming a tag to an existing one merges "
        "the two.",
    ),
    "delete_tag": Operation(
        tag=TAGS,
        parameters=(by_id("The tag."),),
        answers=answers(EMPTY),
        refusals=(NotFound("tag", 99999), *OF_WRITES),
        description="The tickets follow within seconds.",
    ),
}
