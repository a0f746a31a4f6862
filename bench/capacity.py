"""Capacity units of DynamoDB requests, computed from the documented rules only.

An emulator's own figures are unreliable: moto charges nothing for a transaction. So units are
computed here, from requests, responses and items before and after. All values are in DynamoDB JSON
(`{"S": "text"}`), as sent over the wire.

Rules: DynamoDB developer guide, "DynamoDB Item sizes and formats", "DynamoDB read and write
operations", "Managing complex workflows with DynamoDB transactions" (capacity management) and
"Using Global Secondary Indexes" (provisioned throughput considerations).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from local.aws.sizes import Item, item_size

READ_BLOCK = 4096
"""Bytes that one strongly consistent read unit covers."""

WRITE_BLOCK = 1024
"""Bytes that one write unit covers."""

TRANSACTION = 2
"""Factor for transactions: they prepare and commit, so read or write each item twice."""

Body = Mapping[str, Any]


class Key(NamedTuple):
    """The primary key of an item, and its table."""

    table: str
    pk: str
    sk: str


Image = Item | None
"""An item, or None where there is none."""


@dataclass(frozen=True)
class Index:
    """A global secondary index: its key attributes, and all the attributes projected into it."""

    hash: str
    range: str
    attributes: frozenset[str]
    name: str = ""


Indexes = Mapping[str, Sequence[Index]]
"""The indexes of each table."""


@dataclass(frozen=True)
class Units:
    """The units of requests. `write` counts every index entry once.

    `doubtful` is the additional cost of transactions' index entries if they count twice: it is
    documented that a transaction writes items twice, but not whether that applies to index entries.
    """

    read: float = 0.0
    write: float = 0.0
    doubtful: float = 0.0

    def __add__(self, other: Units) -> Units:
        return Units(
            self.read + other.read,
            self.write + other.write,
            self.doubtful + other.doubtful,
        )

    @property
    def written(self) -> float:
        """The maximum of write units, which is compared with the bounds."""
        return self.write + self.doubtful


def indexes_of(description: Mapping[str, Any]) -> list[Index]:
    """The indexes in a table's description (DescribeTable, or the template's properties)."""
    table_keys = {part["AttributeName"] for part in description["KeySchema"]}
    found = []
    for index in description.get("GlobalSecondaryIndexes", ()):
        parts = {part["KeyType"]: part["AttributeName"] for part in index["KeySchema"]}
        projection = index["Projection"]
        if projection["ProjectionType"] == "ALL":
            raise ValueError(f"{index['IndexName']} holds whole items: no index of the desk does")
        held = {*parts.values(), *table_keys, *projection.get("NonKeyAttributes", ())}
        name = index["IndexName"]
        found.append(Index(parts["HASH"], parts["RANGE"], frozenset(held), name))
    return found


def _blocks(size: int, block: int) -> int:
    # An absent item costs one block as well.
    return max(1, -(-size // block))


# --- reads ----------------------------------------------------------------------------------


def read_units(size: int, *, consistent: bool) -> float:
    """Units of reading that many bytes at once: an item, or all that a query has read."""
    return _blocks(size, READ_BLOCK) * (1.0 if consistent else 0.5)


# --- writes ---------------------------------------------------------------------------------


def write_units(before: Image, after: Image) -> int:
    """Units of writing one item to its table: the larger of the item before and after."""
    sizes = [item_size(image) for image in (before, after) if image]
    return _blocks(max(sizes, default=0), WRITE_BLOCK)


def index_units(before: Image, after: Image, indexes: Sequence[Index]) -> int:
    """Units that changing one item costs in the indexes of its table.

    Adding or removing an entry is one write; changing its key is two (a removal and an addition);
    changing only other values is one; an unchanged entry costs nothing.
    """
    return sum(cost for _, _, cost in entry_units(before, after, indexes))


def entry_units(
    before: Image, after: Image, indexes: Sequence[Index]
) -> Iterator[tuple[str, str, int]]:
    """The same for each entry: the index, the partition key in it, the units."""
    for index in indexes:
        old, new = _entry(before, index), _entry(after, index)
        if old == new:
            continue
        if old and new and _place(old, index) == _place(new, index):
            yield index.name, new[index.hash]["S"], write_units(old, new)
        else:
            for entry in filter(None, (old, new)):
                yield index.name, entry[index.hash]["S"], write_units(None, entry)


def _entry(image: Image, index: Index) -> Image:
    if not image or index.hash not in image or index.range not in image:
        return None
    return {name: value for name, value in image.items() if name in index.attributes}


def _place(entry: Item, index: Index) -> tuple[object, object]:
    return entry[index.hash], entry[index.range]


# --- requests -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exchange:
    """A request with its response, and the items that it wrote, before and after.

    A refused write leaves its items unchanged, but is charged all the same.
    """

    operation: str
    request: Body
    answer: Body
    before: Mapping[Key, Image]
    after: Mapping[Key, Image]


def written_keys(operation: str, request: Body) -> list[Key]:
    """The items that a request writes or checks."""
    if operation in {"PutItem", "UpdateItem", "DeleteItem"}:
        found = [(request["TableName"], request)]
    elif operation == "TransactWriteItems":
        writes = [write for entry in request["TransactItems"] for write in entry.values()]
        found = [(write["TableName"], write) for write in writes]
    elif operation == "BatchWriteItem":
        found = [
            (table, write)
            for table, entries in request["RequestItems"].items()
            for entry in entries
            for write in entry.values()
        ]
    else:
        found = []
    return [key_of(table, write.get("Item") or write["Key"]) for table, write in found]


def key_of(table: str, item: Item) -> Key:
    """The primary key in an item, or in a mapping with key attributes only."""
    return Key(table, item["pk"]["S"], item["sk"]["S"])


def units(exchange: Exchange, indexes: Indexes) -> Units:
    """The units of one request.

    Raises:
        ValueError: an operation or an option whose units cannot be told from the outside.
    """
    request, answer = exchange.request, exchange.answer
    consistent = request.get("ConsistentRead", False)
    match exchange.operation:
        case "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem":
            return _written(exchange, indexes, 1)
        case "TransactWriteItems":
            return _written(exchange, indexes, TRANSACTION)
        case "GetItem":
            size = _whole(request, answer.get("Item"))
            return Units(read=read_units(size, consistent=consistent))
        case "BatchGetItem":
            return Units(read=sum(_batch_reads(request, answer)))
        case "Query":
            size = sum(_whole(request, item) for item in answer.get("Items", ()))
            return Units(read=read_units(size, consistent=consistent))
    raise ValueError(f"no rule for {exchange.operation}")


def _written(exchange: Exchange, indexes: Indexes, factor: int) -> Units:
    items = entries = 0
    for key in written_keys(exchange.operation, exchange.request):
        before, after = exchange.before[key], exchange.after[key]
        items += factor * write_units(before, after)
        entries += index_units(before, after, indexes.get(key.table, ()))
    return Units(write=items + entries, doubtful=(factor - 1) * entries)


# --- partitions -----------------------------------------------------------------------------


class Place(NamedTuple):
    """A partition of a table, or of one of its indexes."""

    table: str
    by: str
    """The index; empty for the table itself."""
    key: str


def places(exchange: Exchange, indexes: Indexes) -> dict[Place, Units]:
    """The units of one request, by partition.

    Raises:
        ValueError: an operation or an option whose units cannot be told from the outside.
    """
    found: dict[Place, Units] = {}
    for place, paid in _paid(exchange, indexes):
        found[place] = found.get(place, Units()) + paid
    return found


def _paid(exchange: Exchange, indexes: Indexes) -> Iterator[tuple[Place, Units]]:
    request, answer = exchange.request, exchange.answer
    consistent = request.get("ConsistentRead", False)
    match exchange.operation:
        case "GetItem":
            key = key_of(request["TableName"], request["Key"])
            yield Place(key.table, "", key.pk), units(exchange, indexes)
        case "Query":
            place = Place(request["TableName"], request.get("IndexName", ""), _asked_for(request))
            yield place, units(exchange, indexes)
        case "BatchGetItem":
            for table, wanted in request["RequestItems"].items():
                read = {key_of(table, one): one for one in answer["Responses"].get(table, ())}
                for key in (key_of(table, one) for one in wanted["Keys"]):
                    size = _whole(wanted, read.get(key))
                    paid = read_units(size, consistent=wanted.get("ConsistentRead", consistent))
                    yield Place(table, "", key.pk), Units(read=paid)
        case _:
            factor = TRANSACTION if exchange.operation == "TransactWriteItems" else 1
            for key in written_keys(exchange.operation, request):
                before, after = exchange.before[key], exchange.after[key]
                paid = factor * write_units(before, after)
                yield Place(key.table, "", key.pk), Units(write=paid)
                for index, partition, cost in entry_units(
                    before, after, indexes.get(key.table, ())
                ):
                    entry = Units(write=cost, doubtful=(factor - 1) * cost)
                    yield Place(key.table, index, partition), entry


def _asked_for(request: Body) -> str:
    """The partition key of a query: the value of the first `=` in its key condition."""
    value = request["KeyConditionExpression"].partition("=")[2].split()[0].strip("()")
    key: str = request["ExpressionAttributeValues"][value]["S"]
    return key


def _batch_reads(request: Body, answer: Body) -> Iterator[float]:
    # Each item is rounded up separately; an absent one costs as much as a small one.
    for table, wanted in request["RequestItems"].items():
        consistent = wanted.get("ConsistentRead", False)
        found = answer.get("Responses", {}).get(table, ())
        for item in found:
            yield read_units(_whole(wanted, item), consistent=consistent)
        left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
        for _ in range(len(wanted["Keys"]) - len(found) - len(left)):
            yield read_units(0, consistent=consistent)


def _whole(request: Body, item: Item | None) -> int:
    # Data that a filter or projection removes is charged, but is not in the response.
    if {"FilterExpression", "ProjectionExpression", "AttributesToGet", "Select"} & request.keys():
        raise ValueError("a request that reads more than it answers")
    return item_size(item) if item else 0
