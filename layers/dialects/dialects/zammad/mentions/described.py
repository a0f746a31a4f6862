"""Mentions as the OpenAPI document describes them (docs/zammad.md 17.18)."""

from collections.abc import Mapping

from dialects.describing import Operation, Words, integer, list_of, query, ref, text, thing
from dialects.zammad.describing import (
    FULL,
    JSON,
    MADE,
    OF_WRITES,
    REFERENCE,
    RELATIONS,
    answers,
    by_id,
    documents,
)
from dialects.zammad.mentions.read import TICKET
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk.errors import Invalid, Problem

_TYPE = text("The type of the followed object.", enum=[TICKET])

SCHEMAS: Mapping[str, Words] = {
    "Mention": thing(
        {
            "id": integer(examples=[1]),
            "mentionable_type": _TYPE,
            "mentionable_id": integer("The ticket.", examples=[1]),
            "user_id": integer("The user who follows it.", examples=[3]),
            **MADE,
        }
    ),
    "MentionValues": {
        "type": "object",
        "required": ["mentionable_type", "mentionable_id"],
        "properties": {
            "mentionable_type": _TYPE,
            "mentionable_id": {**REFERENCE, "description": "The ticket.", "examples": [1]},
        },
    },
}

_OF_TYPES = (NotAccessible(), Refusal(422, "The parameter 'mentionable_type' is invalid."))

OPERATIONS = {
    "list_mentions": Operation(
        tag=RELATIONS,
        parameters=(
            {**query("mentionable_type", _TYPE), "required": True},
            {
                **query("mentionable_id", integer("The ticket.", minimum=1, examples=[1])),
                "required": True,
            },
            FULL,
        ),
        answers=documents(thing({"mentions": list_of(ref("Mention"))}), ref("Records")),
        refusals=_OF_TYPES,
    ),
    "create_mention": Operation(
        tag=RELATIONS,
        body={JSON: ref("MentionValues")},
        answers=answers(ref("Mention"), status=201),
        refusals=(
            *_OF_TYPES,
            Invalid(Problem("mentions", "no_access", detail="3")),
            *OF_WRITES,
        ),
    ),
    "delete_mention": Operation(
        tag=RELATIONS,
        parameters=(by_id("The mention, one of the caller's own."),),
        answers=answers(ref("Mention")),
        refusals=(NotAccessible(), *OF_WRITES),
    ),
}
