"""Booked time as the OpenAPI document describes it (docs/zammad.md 17.19)."""

from collections.abc import Mapping
from dataclasses import replace

from dialects.describing import Operation, Words, integer, list_of, maybe, ref, thing
from dialects.zammad.describing import (
    DECIMAL,
    EMPTY,
    JSON,
    NO_TICKET,
    OF_WRITES,
    REFERENCE,
    RELATIONS,
    TIME,
    answers,
    by_id,
    documents,
)
from helpdesk.errors import Conflict, Invalid, NotFound, Problem

_UNIT = {
    "type": ["number", "string"],
    "description": "Below 10,000; rounded to two decimals.",
    "examples": ["15"],
}

SCHEMAS: Mapping[str, Words] = {
    "Accounting": thing(
        {
            "id": integer(examples=[1]),
            "ticket_id": integer(examples=[1]),
            "ticket_article_id": maybe(integer()),
            "time_unit": DECIMAL,
            "type_id": maybe(integer()),
            "created_by_id": integer(examples=[3]),
            "created_at": TIME,
            "updated_at": TIME,
        }
    ),
    "AccountingChange": {"type": "object", "properties": {"time_unit": _UNIT}},
    "AccountingValues": {
        "type": "object",
        "required": ["time_unit"],
        "properties": {
            "time_unit": _UNIT,
            "ticket_article_id": {
                **REFERENCE,
                "description": "The article that the time was spent on.",
            },
            "ticket_id": {**REFERENCE, "description": "The ticket, if the path does not name it."},
        },
    },
}

_OF_UNITS = (
    Invalid(Problem("time_unit", "required")),
    Invalid(Problem("time_unit", "number")),
)
_TICKET = by_id("The ticket.")
_BOOKING = by_id("The booking.", "accounting")
_MISSING = (*NO_TICKET, NotFound("accounting", 99999))


def _create(example: Mapping[str, object]) -> Operation:
    return Operation(
        tag=RELATIONS,
        parameters=(_TICKET,),
        body={JSON: ref("AccountingValues")},
        answers=answers(ref("Accounting"), status=201),
        refusals=(
            *NO_TICKET,
            NotFound("entry", 99999),
            *_OF_UNITS,
            Conflict("no_time_accounting"),
            *OF_WRITES,
        ),
        example=example,
    )


OPERATIONS = {
    "list_accountings": Operation(
        tag=RELATIONS,
        parameters=(_TICKET,),
        answers=documents(list_of(ref("Accounting"))),
        refusals=NO_TICKET,
    ),
    "create_accounting": replace(
        _create({"time_unit": "15"}),
        paths={"POST /api/v1/time_accountings": _create({"ticket_id": 1, "time_unit": "15"})},
    ),
    "get_accounting": Operation(
        tag=RELATIONS,
        parameters=(_TICKET, _BOOKING),
        answers=answers(ref("Accounting")),
        refusals=_MISSING,
    ),
    "update_accounting": Operation(
        tag=RELATIONS,
        parameters=(_TICKET, _BOOKING),
        body={JSON: ref("AccountingChange")},
        answers=answers(ref("Accounting")),
        refusals=(*_MISSING, *_OF_UNITS[1:], *OF_WRITES),
    ),
    "delete_accounting": Operation(
        tag=RELATIONS,
        parameters=(_TICKET, _BOOKING),
        answers=answers(EMPTY),
        refusals=(*_MISSING, *OF_WRITES),
    ),
    "list_accounting_types": Operation(
        tag=RELATIONS,
        answers=answers(list_of({}, maxItems=0)),
        description="Always empty: all time is of one kind.",
    ),
}
