"""Merges as the OpenAPI document describes them (docs/zammad.md 9.7)."""

from collections.abc import Mapping

from dialects.describing import Operation, Words, path, ref, text, thing
from dialects.zammad.describing import OF_WRITES, RELATIONS, answers, by_id
from dialects.zammad.merges.show import MISSING
from dialects.zammad.refuse import NotAccessible
from helpdesk.errors import Conflict

SCHEMAS: Mapping[str, Words] = {
    "Merge": thing(
        {
            "result": text(const="success"),
            "target_ticket": ref("Ticket"),
            "source_ticket": ref("Ticket"),
        }
    ),
    "NoMerge": thing(
        {"result": text(const="failed"), "message": text(enum=list(MISSING.values()))}
    ),
}

OPERATIONS = {
    "merge_tickets": Operation(
        tag=RELATIONS,
        parameters=(
            by_id("The id of the ticket to merge.", "source"),
            path(
                "target",
                text("The number of the ticket to merge it into.", examples=["781258"]),
            ),
        ),
        answers=answers(ref("Merge"), ref("NoMerge")),
        refusals=(
            NotAccessible(),
            Conflict("merged_itself"),
            Conflict("merged_target"),
            *OF_WRITES,
        ),
        description="The thread follows within seconds. A missing ticket is also reported with "
        "status 200.",
    ),
}
