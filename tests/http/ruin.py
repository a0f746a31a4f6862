"""A desk full of damage: copies of everything it stores, each with one wrong attribute."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterator

from helpdesk.catalogue import cache
from helpdesk.storage import aws
from local.cloud import LocalCloud
from tests.http.desk import Desk, Item

SECRET = "xylophone"
"""Stands in every damaged value that is a text: no log line may have it."""

WRONG: tuple[Item | None, ...] = (
    None,
    {"M": {}},
    {"L": [{"S": SECRET}]},
    {"N": "1E+37"},
    {"N": "-1.5"},
    {"BOOL": True},
    {"S": SECRET},
    {"S": "1-01-01T00:00:00.000Z"},
    {"S": "0001-01-01T00:00:00.000Z"},
)
"""What stands in the place of an attribute; None leaves it out."""

FIRST_TICKET, FIRST_ROW, FIRST_OTHER = 700_000, 5_000, 800_000
"""Where the ids of damaged copies begin."""

_OWN_NUMBER = re.compile(r"(U|O|E|F|MN|TAG)#(\d{10})")
_PART_NUMBER = re.compile(r"([A-Z]#(?:[a-z]+#)?)(\d{10})")


def put(cloud: LocalCloud, table: str, item: Item) -> None:
    """Stores an item of DynamoDB's JSON as it is."""
    aws.dynamodb().put_item(TableName=cloud.resources.physical(table).ref, Item=item)


def broken(item: Item) -> Iterator[Item]:
    """Copies of an item, each with one attribute that is wrong; keys of indexes stay texts."""
    for position, name in enumerate(sorted(item)):
        if name in {"pk", "sk"}:
            continue
        # Each attribute is wrong in some ways, all ways are met in some attribute.
        for wrong in (None, *(WRONG[1 + (position + step) % (len(WRONG) - 1)] for step in (0, 3))):
            if _is_index_key(name) and wrong is not None and "S" not in wrong:
                continue
            made = copy.deepcopy(item)
            if wrong is None:
                del made[name]
            else:
                made[name] = wrong
            yield made


def _is_index_key(name: str) -> bool:
    return name[0] in "ps" and name[1:].isdigit()


class Ruin:
    """Fills a desk with damaged items, by the tables it has.

    `ids` are the ids of the damaged copies, by what they are copies of: a partition's first letters
    such as `U`, or those of a key in a ticket's partition such as `T E`. `tickets`, `keys` and
    `rows` are those of the copies that have lists of their own.
    """

    def __init__(self, cloud: LocalCloud, desk: Desk) -> None:
        self.cloud = cloud
        self.desk = desk
        self.tickets: list[int] = []
        self.keys: list[int] = []
        self.rows: list[tuple[str, int]] = []
        self.ids: defaultdict[str, list[int]] = defaultdict(list)
        self.addresses: list[str] = []
        self.held: list[str] = []
        self.mails: list[str] = []

    def everything(self) -> None:
        """Puts the damaged copies beside what is stored now."""
        stored = {(table, pk, sk): item for (table, pk, sk), item in self.desk.stored().items()}
        seen = set()
        for (table, pk, sk), item in stored.items():
            # One of each kind, by its attributes.
            kind = (pk.partition("#")[0], sk.partition("#")[0], *sorted(item))
            if table in {"DeskTable", "IndexTable"} and kind not in seen:
                seen.add(kind)
                self._ruin(table, pk, sk, item)
        cache.forget()

    def _ruin(self, table: str, pk: str, sk: str, item: Item) -> None:
        kind = pk.partition("#")[0]
        if table == "IndexTable":
            self._beside(table, item)
        elif kind == "T" and sk == "A":
            self._tickets(item)
        elif kind == "CAT" and "#" in sk and not sk.startswith(("#", "settings")):
            self._rows(item)
        elif kind == "KEYS" and sk.isdigit():
            self._keys(item)
        elif kind == "T" and (part := _PART_NUMBER.fullmatch(sk)):
            self._numbered(item, "sk", f"T {sk[0]}", part)
        elif own := _OWN_NUMBER.fullmatch(pk):
            self._numbered(item, "pk", own[1], own)
        elif kind in {"T", "IN", "X", "MAIL", "M", "AUDIT", "TAGS"}:
            self._beside(table, item)

    def _tickets(self, item: Item) -> None:
        for made in broken(item):
            number = FIRST_TICKET + len(self.tickets)
            self.tickets.append(number)
            made["pk"] = {"S": f"T#{number:010d}"}
            _renumber(item, made, number)
            for name in ("s2", "s3"):
                if name in item and made.get(name) == item[name]:
                    made[name] = {"S": f"{item[name]['S'][:-10]}{number:010d}"}
            if made.get("number") == item["number"]:
                made["number"] = {"S": str(number)}
            pointer = {"pk": {"S": f"N#{number}"}, "sk": {"S": "N"}, "ticket": {"N": str(number)}}
            put(self.cloud, "DeskTable", pointer)
            put(self.cloud, "DeskTable", made)

    def _rows(self, item: Item) -> None:
        kind, _, _number = item["sk"]["S"].partition("#")
        for made in broken(item):
            number = FIRST_ROW + len(self.rows)
            self.rows.append((kind, number))
            made["sk"] = {"S": f"{kind}#{number:010d}"}
            _renumber(item, made, number)
            if made.get("required") == {"BOOL": True}:
                # Readable under another name, it would be one more thing to be filled in.
                made["required"] = {"BOOL": False}
            put(self.cloud, "DeskTable", made)

    def _keys(self, item: Item) -> None:
        for made in [*broken(item), *self._grants(item)]:
            number = FIRST_ROW + len(self.keys)
            self.keys.append(number)
            made["sk"] = {"S": f"{number:010d}"}
            if made.get("secret") == item["secret"]:
                made["secret"] = {"S": f"of {number}"}
            put(self.cloud, "DeskTable", made)

    def _grants(self, item: Item) -> Iterator[Item]:
        for grants in broken(item["grants"]["M"]):
            yield {**copy.deepcopy(item), "grants": {"M": grants}}

    def _numbered(self, item: Item, place: str, kind: str, key: re.Match[str]) -> None:
        """Damaged copies under ids of their own, by which they can be asked for."""
        for made in broken(item):
            number = FIRST_OTHER + len(self.ids[kind])
            self.ids[kind].append(number)
            made[place] = {"S": f"{key[0][:-10]}{number:010d}"}
            _renumber(item, made, number)
            put(self.cloud, "DeskTable", made)
            if kind == "T E":
                ticket = {"N": str(int(item["pk"]["S"].removeprefix("T#")))}
                pointer = {"pk": {"S": f"E#{number:010d}"}, "sk": {"S": "E"}, "ticket": ticket}
                put(self.cloud, "DeskTable", pointer)

    def _beside(self, table: str, item: Item) -> None:
        """Damaged copies under keys of their own in the same partition."""
        for count, made in enumerate(broken(item)):
            pk, sk = item["pk"]["S"], item["sk"]["S"]
            if pk.startswith(_TOGETHER):
                made["sk"] = {"S": f"{sk}{count:03d}" if sk[0] in "VS" else f"{sk[:2]}x{count}"}
                if pk.startswith("MAIL#"):
                    self.mails.append(f"{pk.removeprefix('MAIL#')}-{made['sk']['S']}")
            elif pk.startswith("X#"):
                self.addresses.append(f"beside{count}@example.org")
                made["pk"] = {"S": f"X#{self.addresses[-1]}"}
            else:
                made["pk"] = {"S": f"{pk.partition('#')[0]}#beside{count}"}
                if pk.startswith("IN#"):
                    self.held.append(made["pk"]["S"].removeprefix("IN#"))
            if made.get("p10") == {"S": "TODO"}:
                made["s10"] = {"S": f"2020-01-01T00:00:00.000Z#{count}"}
            put(self.cloud, table, made)


_TOGETHER = ("T#", "CELL", "STAT", "RANK", "FLOW", "SUF", "W#", "AUDIT", "MAIL#", "TAGS")
"""Partitions that are read as a whole: damaged copies stand within them."""


def _renumber(item: Item, made: Item, number: int) -> None:
    """Gives a copy its own id wherever the item's stands, but where it was damaged."""
    old = item.get("id", {}).get("N")
    if old is None:
        return
    for name, value in item.items():
        if made.get(name) != value:
            continue
        if name == "id":
            made[name] = {"N": str(number)}
        elif _is_index_key(name) and value == {"S": f"{int(old):010d}"}:
            made[name] = {"S": f"{number:010d}"}
