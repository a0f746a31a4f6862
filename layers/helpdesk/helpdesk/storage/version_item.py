"""Further values in the item of the catalogue's version: the generations of the index, and the
shards.
"""

from collections.abc import Mapping
from typing import Any

from helpdesk.errors import ChangedUnderYou, Damaged
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION
from helpdesk.storage.transact import ConditionFailed


def announce(attribute: str, value: Mapping[str, Any], *, seen: Item | None = None) -> None:
    """Publishes a value, which every reader sees at its next read of the item. This also raises the
    version: a concurrent change of the catalogue writes the whole item as it read it, and has to
    read it again.

    Args:
        attribute: Its name there.
        value: Its new value.
        seen: The item with the value that it must still have; None for no such condition.

    Raises:
        ChangedUnderYou: The value is no longer that of `seen`.
        Damaged: The version is not a number.
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
    # Updates this container's copy, too.
    table.get(CATALOGUE_VERSION)
