"""Compares counters with a recount.

`assert_counted()` recomputes, from the ticket items alone, how many tickets are in each bucket
(CELL), with each department and agent (STAT), in each thousand of ids (RANK) and with each tag
(TAGS), and compares the result with the stored counters; a counter of zero equals a missing
one. Call it when the queue of `project` is empty. Over HTTP, pass the items of the running cloud:
`assert_counted(desk.stored().values())`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from helpdesk.storage import generations
from helpdesk.storage.attributes import unpack
from helpdesk.storage.generations import Generations
from helpdesk.storage.keys import CATALOGUE_VERSION
from tests import world

Counts = dict[tuple[str, str, str], int]
"""By partition, key and name of the attribute."""

NAMED = re.compile("[0-9a-f]{15,16}!")
"""How the partitions of a generation begin that `make rebuild` has made."""

COUNTERS = ("CELL", "STAT", "RANK#", "TAGS")


def assert_counted(items: Iterable[Mapping[str, Any]] | None = None) -> None:
    """Every counter is what a recount gives. `items` are of both tables, in DynamoDB's JSON; this
    process's own where none are given.
    """
    found = [unpack(item) for item in (world.items() if items is None else items) if "pk" in item]
    served = in_generation(found, serving(found).serving)
    assert stored(served) == recount(found)


def serving(items: Iterable[Mapping[str, Any]]) -> Generations:
    """Which generations of the index these items say there are."""
    version = [item for item in items if (item["pk"], item["sk"]) == CATALOGUE_VERSION]
    return generations.of(version[0]) if version else Generations()


def in_generation(items: Iterable[Mapping[str, Any]], generation: str) -> list[Mapping[str, Any]]:
    """Those of these items that lie in a generation of the index, as they are called there; of the
    first one, all that no other one has.
    """
    mark = f"{generation}!" if generation else ""
    return [
        {**item, "pk": item["pk"].removeprefix(mark)}
        for item in items
        if (item["pk"].startswith(mark) if mark else not NAMED.match(item["pk"]))
    ]


def stored(items: Iterable[Mapping[str, Any]]) -> Counts:
    """What the counters say."""
    return {
        (item["pk"], item["sk"], name): number
        for item in items
        if item["pk"].startswith(COUNTERS)
        for name, number in item.items()
        if name not in {"pk", "sk"} and number and (item["pk"] != "TAGS" or name == "n")
    }


def recount(items: Iterable[Mapping[str, Any]]) -> Counts:
    """What they should say. Archived tickets count as closed, a mark only on an open one
    (docs/osticket.md, row L).
    """
    known = list(items)
    states = {
        item["id"]: item["state"]
        for item in known
        if item["pk"] == "CAT" and item["sk"].startswith("statuses#")
    }
    counts: Counter[tuple[str, str, str]] = Counter()
    for item in known:
        if item["sk"] != "A" or not item["pk"].startswith("T#"):
            continue
        is_open = states[item["status"]] == "open"
        department, topic = item["department"], item.get("topic", 0)
        pair = f"{department:010d}#{item.get('agent', 0):010d}"
        counts["CELL", f"{item['status']}#{department}#{topic}", "n"] += 1
        counts[f"RANK#{department:010d}", f"{item['id'] // 1000:010d}", "n"] += 1
        counts["STAT", pair, "open" if is_open else "closed"] += 1
        for tag in item.get("tags", ()):
            counts["TAGS", tag.casefold(), "n"] += 1
        if is_open and item.get("overdue"):
            counts["STAT", pair, "overdue"] += 1
    return dict(counts)
