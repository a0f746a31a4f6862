"""Ids: small integers, allocated from one item of counters."""

from __future__ import annotations

from contextlib import suppress

from helpdesk.errors import Damaged
from helpdesk.storage.keys import HIGHEST_ID, SEQUENCES
from helpdesk.storage.reading import report
from helpdesk.storage.transact import ConditionFailed, update, write

FIRST_IDS = {"person": 3, "organization": 2}
"""The first id of sequences that do not start at 1: persons 1 and 2 are nobody and the desk itself
(docs/data-model.md), organization 1 is the stock one.
"""


def allocate_ids(**counts: int) -> dict[str, int]:
    """Allocates ids: `allocate_ids(ticket=1, file=3)` gives the first id of each run.

    One plain update outside any transaction, so that parallel creates never cancel each other
    (docs/aws.md m16). The ids of a failed operation remain unused.

    Raises:
        Damaged: A sequence does not hold a number. It cannot be known which ids are used, so none
            is allocated.
    """
    wanted = {name: count for name, count in counts.items() if count}
    assignments = ", ".join(f"#{n} = if_not_exists(#{n}, :{n}_before) + :{n}" for n in wanted)
    change = update(
        SEQUENCES,
        f"SET {assignments}",
        {f":{name}": count for name, count in wanted.items()}
        | {f":{name}_before": FIRST_IDS.get(name, 1) - 1 for name in wanted}
        | {":number": "N"},
        condition=" AND ".join(
            f"(attribute_not_exists(#{n}) OR attribute_type(#{n}, :number))" for n in wanted
        ),
        names={f"#{name}": name for name in wanted},
    )
    try:
        last = write(change)
    except ConditionFailed as there:
        raise _damaged() from there
    if not all(type(last[name]) is int and 0 < last[name] <= HIGHEST_ID for name in wanted):
        raise _damaged()
    return {name: last[name] - count + 1 for name, count in wanted.items()}


def _damaged() -> Damaged:
    report("sequence", SEQUENCES, "TypeError")
    return Damaged("sequence")


def reserve_id(sequence: str, taken: int) -> None:
    """Advances a sequence past an id that a caller chose, so that it is not allocated again."""
    change = update(
        SEQUENCES,
        "SET #sequence = :taken",
        {":taken": taken},
        condition="attribute_not_exists(#sequence) OR #sequence < :taken",
        names={"#sequence": sequence},
    )
    with suppress(ConditionFailed):
        write(change)
