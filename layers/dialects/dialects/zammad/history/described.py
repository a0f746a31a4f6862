"""A ticket's history as the OpenAPI document describes it (docs/zammad.md 17.20)."""

from collections.abc import Mapping

from dialects.describing import Operation, Words, integer, list_of, maybe, ref, text, thing
from dialects.zammad.describing import NO_TICKET, RELATIONS, TIME, by_id, documents
from dialects.zammad.history.show import OBJECTS

SCHEMAS: Mapping[str, Words] = {
    "Change": thing(
        {
            "id": integer("Number of the change within the ticket.", examples=[1]),
            "o_id": integer("Id of the object that changed.", examples=[1]),
            "object": text(enum=sorted({*OBJECTS.values()})),
            "type": text(examples=["updated"]),
            "attribute": text(examples=["state"]),
            "value_from": text(examples=["new"]),
            "value_to": text(examples=["open"]),
            "id_from": maybe(integer("For attributes that refer to a record.")),
            "id_to": maybe(integer()),
            "created_by_id": integer(examples=[3]),
            "created_at": TIME,
        },
        *("id_from", "id_to"),
    ),
    "History": thing({"history": list_of(ref("Change")), "assets": ref("Assets")}),
}

OPERATIONS = {
    "get_history": Operation(
        tag=RELATIONS,
        parameters=(by_id("The ticket."),),
        answers=documents(ref("History")),
        refusals=NO_TICKET,
        description="Oldest first.",
    ),
}
