"""Ids: small integers, allocated from one item of counters."""

from __future__ import annotations

from contextlib import suppress

from helpdesk.storage.keys import SEQUENCES
from helpdesk.storage.transact import ConditionFailed, update, write

FIRST_IDS = {"person": 3, "organization": 2}
"""Where a sequence does not start at 1: persons 1 and 2 are nobody and the desk itself
(docs/data-model.md), organization 1 is the stock one.
"""


def allocate_ids(**counts: int) -> dict[str, int]:
    """Draws ids from the sequences: `allocate_ids(ticket=1, file=3)` gives the first of each run.

    One plain update outside any transaction, so that parallel creates never cancel each other
    (docs/aws.md m16); ids of a failed operation are lost, which is fine. Errors: Throttled,
    Unavailable.
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
    """Lets a sequence go on behind an id that somebody chose, so that it is never drawn again.

    Errors: Throttled, Unavailable.
    """
    change = update(
        SEQUENCES,
        "SET #sequence = :taken",
        {":taken": taken},
        condition="attribute_not_exists(#sequence) OR #sequence < :taken",
        names={"#sequence": sequence},
    )
    with suppress(ConditionFailed):
        write(change)
