"""Numbers (docs/admin.md, Numbers)."""

from collections.abc import Mapping

from dialects.admin.describing import answers
from dialects.admin.numbers import BY, MOST_DAYS
from dialects.describing import (
    Operation,
    Words,
    integer,
    list_of,
    map_of,
    maybe,
    query,
    ref,
    text,
    thing,
)
from helpdesk.errors import Invalid, NotAllowed, Problem

TAGS = {"Numbers": "Daily ticket counts."}
_NUMBERS = next(iter(TAGS))

_COUNTS: dict[str, Words] = {
    "open": integer("At the end of the day; for today, now."),
    "overdue": integer("The same."),
    "closed": integer("During the day."),
    "opened": integer("During the day."),
}
_DAY = text(pattern=r"^\d{4}-\d\d-\d\d$", examples=["2026-11-28"])

SCHEMAS: Mapping[str, Words] = {
    "Counts": thing(_COUNTS),
    "Numbers": thing(
        {
            "days": list_of(
                thing(
                    {
                        "day": _DAY,
                        **_COUNTS,
                        "by": map_of(ref("Counts"), "By id; 0 means unassigned."),
                    }
                ),
                "Oldest first.",
            ),
            "names": map_of(maybe(text()), "Names of the departments or agents, by id."),
        }
    ),
}

OPERATIONS = {
    "get_numbers": Operation(
        tag=_NUMBERS,
        parameters=(
            query(
                "from", {**_DAY, "description": f"At most {MOST_DAYS} days; by default 60 days."}
            ),
            query("to", {**_DAY, "description": "By default today."}),
            query("by", text(enum=list(BY))),
        ),
        answers=answers(ref("Numbers")),
        refusals=(
            NotAllowed("can_read_stats"),
            Invalid(Problem("from", "choice", detail="must be a day such as 2027-01-31")),
        ),
        description="Days are in UTC. Days without data are left out.",
    ),
}
