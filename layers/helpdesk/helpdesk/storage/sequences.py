"""Ids: small integers, allocated from one item of counters."""

from __future__ import annotations

from contextlib import suppress

from helpdesk.storage.keys import SEQUENCES
from helpdesk.storage.transact import ConditionFailed, update, write

FIRST_IDS = {"person": 3, "organization": 2}
"""The first id of sequences that do not start at 1: persons 1 and 2 are nobody and the desk itself
(docs/data-model.md), organization 1 is the stock one.
"""


def allocate_ids(**counts: int) -> dict[str, int]:
    """Allocates ids: `allocate_ids(ticket=1, file=3)` gives the first id of each run.

    One plain update outside any transaction, so that parallel creates never cancel each other
    (docs/aws.md m16). Ids of a failed operation are never used.
    """
    wanted = {name: count for name, count in counts.items() if count}
    assignments = ", ".join(f"#{n} = if_not_exists(#{n}, :{n}_before) + :{n}" for n in wanted)
    change = update(
        SEQUENCES,
        f"SET {assignments}",
        {f":{name}": count for name, count in wanted.items()}
        | {f":{name}_before": FIRST_IDS.get(name, 1) - 1 for name in wanted},
        names={f"#{name}": name for name in wanted},
    )
    last = write(change)
    return {name: int(last[name]) - count + 1 for name, count in wanted.items()}


def reserve_id(sequence: str, taken: int) -> None:
    """Moves a sequence behind an id that a caller chose, so that it is not allocated again."""
    change = update(
        SEQUENCES,
        "SET #sequence = :taken",
        {":taken": taken},
        condition="attribute_not_exists(#sequence) OR #sequence < :taken",
        names={"#sequence": sequence},
    )
    with suppress(ConditionFailed):
        write(change)
