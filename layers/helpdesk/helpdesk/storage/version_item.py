"""What stands on the item of the catalogue's version beside the version: the generations of the
index, and the shards.
"""

from collections.abc import Mapping
from typing import Any

from helpdesk.errors import ChangedUnderYou, Damaged
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION
from helpdesk.storage.transact import ConditionFailed


def announce(attribute: str, value: Mapping[str, Any], *, seen: Item | None = None) -> None:
    """Lets everybody know a value from their next look at the item. The version moves on with it:
    whoever changes the catalogue writes the whole item as it was read, and has to read it anew.

    Args:
        attribute: Its name there.
        value: What it tells from now on.
        seen: What it has to tell until now; None where that does not matter.

    Raises:
        ChangedUnderYou: It tells something else than `seen`.
        Damaged: The version is no number.
    """
    values: dict[str, Any] = {":value": value, ":none": 0, ":one": 1, ":number": "N"}
    condition = "(attribute_not_exists(#n) OR attribute_type(#n, :number))"
    if seen is not None:
        condition += " AND #attribute = :seen"
        values[":seen"] = seen
    change = transact.update(
        CATALOGUE_VERSION,
        "SET #attribute = :value, #n = if_not_exists(#n, :none) + :one",
        values,
        condition=condition,
        names={"#attribute": attribute, "#n": "n"},
    )
    try:
        transact.write(change)
    except ConditionFailed as failed:
        there = table.get(CATALOGUE_VERSION) or {}
        if seen is not None and there.get(attribute) != seen:
            raise ChangedUnderYou from failed
        raise Damaged("catalogue version") from failed
    # Tells this container, too.
    table.get(CATALOGUE_VERSION)
