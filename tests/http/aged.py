"""Stored items outlive the code: older ones lack the attributes added since, newer ones have
attributes that this code does not know.
"""

from __future__ import annotations

import re
from typing import Any

from helpdesk.catalogue import cache
from tests.http.damaged_desk import House
from tests.http.desk import Item
from tests.http.ruin import put
from tests.recount import NAMED

_ROW = {"id", "name"}
OLDEST: dict[str, set[str]] = {
    "T A": {
        *("id", "number", "subject", "status", "department", "priority", "person"),
        *("person_name", "person_email", "source", "created", "updated", "entries", "version"),
        *("parent", "topic", "agent", "team", "organization"),
    },
    "T C": {"child"},
    "T E": {"id", "kind", "created", "text", "packed", "body", "raw", "channel", "files"},
    "T L": {"id", "at"},
    "T M": {"at", "by"},
    "T P": {"person", "at"},
    "T S": {"first", "latest"},
    "T U": {"id", "user", "by", "at"},
    "T V": {"kind", "at", "ticket", "data", "todo", "before", "after"},
    "T W": {"id", "unit", "by", "at", "updated"},
    "AUDIT V": {"kind", "at", "data", "todo"},
    "E E": {"ticket"},
    "F F": {"id", "name", "type", "size", "object", "ticket", "entry"},
    "N N": {"ticket"},
    "M M": {"ticket", "number", "entry"},
    "O-F O": {"ticket"},
    "U A": {"id", "agent"},
    "U": set(),
    "S": {"person"},
    "UE U": {"id"},
    "UL U": {"id"},
    "O A": {"id", "name"},
    "ON O": {"organization"},
    "OD": set(),
    "MN MN": {"ticket", "user"},
    "WN WN": {"ticket"},
    "TAG TAG": {"name"},
    "TAG": set(),
    "TAGS": {"id", "name", "n", "left", "to"},
    "X X": {"address", "reason", "at"},
    "IN IN": {"reason", "at", "object"},
    "MAIL SECRET": {"secret"},
    "MAIL STOPPED": {"word", "since", "until"},
    "MAIL": {"ticket", "to", "template", "state", "intent", "lease"},
    "LOOP": {"mails"},
    "AUTO": {"n"},
    "BC BC": {"id", "ticket", "what", "started"},
    "I I": {"request", "answer"},
    "UP UP": {"key"},
    "REBUILD": {"name", "phase", "since", "next", "holder"},
    "MIGRATE": {"name", "phase", "since", "next", "holder"},
    "SETUP": set(),
    "MOVE": {"id", "of", "moved", "state", "beat"},
    "K K": {"key", "grants"},
    "KEYS": {"grants", "secret", "gateway", "version", "ids"},
    "GATEWAY GATEWAY": {"value"},
    "CAT #version": {"n"},
    "CAT settings": set(),
    "CAT agents": {*_ROW, "email", "username"},
    "CAT departments": _ROW,
    "CAT fields": {*_ROW, "label"},
    "CAT priorities": {*_ROW, "tag", "urgency"},
    "CAT schedules": {*_ROW, "days"},
    "CAT services": _ROW,
    "CAT slas": {*_ROW, "hours"},
    "CAT statuses": {*_ROW, "state"},
    "CAT teams": _ROW,
    "CAT templates": {*_ROW, "subject", "body"},
    "CAT topics": _ROW,
    "CELL": {"n"},
    "RANK": {"n"},
    "STAT": {"open", "closed", "overdue"},
    "FLOW": {"opened", "closed"},
    "BASE": set(),
    "DAY": {"at", "packed"},
    "SUF": {"v"},
    "USUF": set(),
    "W": {"v"},
}
"""What every item of a kind has had from the first day, and what a request is about, such as the
parent that is taken from a ticket; keys of indexes and `ttl` beside.

By the letters of a partition, and those of a key where one partition has several kinds.
"""

UNKNOWN: Item = {"M": {"x": {"L": [{"NULL": True}, {"BOOL": True}, {"N": "1.5"}]}}}
"""What stands under a name that this code does not know."""

NESTED = ("grants", "before", "after", "headers", "data")
"""Attributes that are objects with names of the desk's own."""


def kind_of(item: Item) -> str:
    """The kind of an item, as OLDEST names it."""
    pk, sk = NAMED.sub("", item["pk"]["S"]), item["sk"]["S"]
    first, second = pk.partition("#")[0], sk.partition("#")[0]
    if item["sk"]["S"].startswith("#version"):
        second = "#version"
    whole = f"{first} {second}"
    return whole if whole in OLDEST else first


def aged(item: Item, *, old: bool) -> Item:
    """An item as it was on the first day, or as it may be one day."""
    kept = OLDEST[kind_of(item)]
    if old:
        index = re.compile(r"[ps]\d+|pk|sk|ttl")
        return {name: v for name, v in item.items() if name in kept or index.fullmatch(name)}
    made: Item = {**item, "from_the_future": UNKNOWN}
    for name in NESTED:
        if "M" in made.get(name, {}):
            made[name] = {"M": {**made[name]["M"], "from_the_future": UNKNOWN}}
    for name in ("files", "fields"):
        parts: list[Any] = made.get(name, {}).get("L", [])
        if parts and all("M" in part for part in parts):
            more = [{"M": {**part["M"], "from_the_future": UNKNOWN}} for part in parts]
            made[name] = {"L": more}
    return made


def age(house: House, *, old: bool) -> None:
    """Puts items of that time in the place of all that are stored."""
    for (table, _, _), item in house.desk.stored().items():
        if table.endswith("Table") and (made := aged(item, old=old)) != item:
            put(house.cloud, table, made)
    cache.forget()
