"""The items of moto's tables in key order, per partition of the table and of each of its indexes.

A real index is updated after the table. With a lag set, a write reaches the indexes only after that
time, or when `catch_up` is called.
"""

from __future__ import annotations

import copy
import time
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from threading import RLock
from typing import Any
from weakref import WeakSet

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_Key = tuple[Any, ...]
"""An item's primary key, as plain values."""
_Partition = tuple[str | None, _Key]
"""An index (None is the table itself) and a hash key value."""
_Schema = tuple[list[str], list[str]]
"""Names of the hash keys and of the range keys."""
_Order = tuple[Any, ...]
"""Sort key of items in a partition: the index's range key, then the primary key."""

StoredKey = tuple[DynamoType, DynamoType | None]
"""An item's primary key, as stored by moto."""

lock = RLock()
"""Must be held to read or write partitions."""


@dataclass
class _Sorted:
    """The items of one partition in order."""

    order: list[_Order] = field(default_factory=list)
    items: dict[_Order, Item] = field(default_factory=dict)

    def put(self, order: _Order, item: Item) -> None:
        if order not in self.items:
            insort(self.order, order)
        self.items[order] = item

    def remove(self, order: _Order) -> None:
        del self.items[order]
        del self.order[bisect_left(self.order, order)]


class Partitions:
    """All partitions of one table, its own and those of its indexes."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._sorted: dict[_Partition, _Sorted] = {}
        self._places: dict[_Key, dict[_Partition, _Order]] = {}
        self._late: deque[tuple[float, _Key, Item | None]] = deque()
        self._indexes: list[Any] = []
        self._schemas: dict[str, _Schema] = {}
        self.changed: set[StoredKey] | None = None

    def touch(self, key: StoredKey, lag: float) -> None:
        """Note that the item with this key is new, changed or deleted."""
        if self.changed is not None:
            self.changed.add(key)
        item = stored(self._table, *key)
        plain = _plain(key)
        self._place(plain, item, None, *self.schema(None))
        if lag:
            # The table's item will be changed in place; the index must show its earlier state.
            self._late.append((time.monotonic() + lag, plain, copy.deepcopy(item)))
            return
        self._place_in_indexes(plain, item)

    def catch_up(self, now: float) -> None:
        """Apply to the indexes all writes that are older than the lag at this time."""
        while self._late and self._late[0][0] <= now:
            _, key, item = self._late.popleft()
            self._place_in_indexes(key, item)

    def candidates(
        self,
        index: str | None,
        hash_key: tuple[DynamoType, ...],
        condition: tuple[str, list[DynamoType]] | None,
        after: dict[str, Any] | None,
        limit: int | None,
        *,
        forward: bool,
    ) -> list[Item]:
        """Every item that a query can find on its next page, plus one."""
        found = self._sorted.get((index, tuple(part.cast_value for part in hash_key)))
        if found is None:
            return []
        low, high = _bounds(found.order, condition)
        names = [*self.schema(index)[1], *self._table.table_key_attrs]
        if after and all(name in after for name in names):
            last = tuple(DynamoType(after[name]).cast_value for name in names)
            if forward:
                low = max(low, bisect_right(found.order, last))
            else:
                high = min(high, bisect_left(found.order, last))
        if limit is not None:
            if forward:
                high = min(high, low + limit + 1)
            else:
                low = max(low, high - limit - 1)
        return [found.items[order] for order in found.order[low:high]]

    def schema(self, index: str | None) -> _Schema:
        """The hash keys and range keys of the table itself or of an index."""
        if index is None:
            ranges = [self._table.range_key_attr] if self._table.range_key_attr else []
            return [self._table.hash_key_attr], ranges
        return self.schemas()[index]

    def schemas(self) -> dict[str, _Schema]:
        """The keys of all indexes, by index name."""
        indexes = list(self._table.all_indexes())
        if indexes != self._indexes:
            self._indexes = indexes
            self._schemas = {index.name: _schema(index.schema) for index in indexes}
        return self._schemas

    def _place_in_indexes(self, key: _Key, item: Item | None) -> None:
        placed = {index for index, _ in self._places.get(key, ())}
        for index, (hashes, ranges) in self.schemas().items():
            # Most items are in only a few of many indexes.
            if index in placed or (item is not None and hashes[0] in item.attrs):
                self._place(key, item, index, hashes, ranges)

    def _place(
        self,
        key: _Key,
        item: Item | None,
        index: str | None,
        hash_names: list[str],
        range_names: list[str],
    ) -> None:
        places = self._places.setdefault(key, {})
        for partition in [partition for partition in places if partition[0] == index]:
            self._sorted[partition].remove(places.pop(partition))
        if item is None:
            return
        hash_key = self._values(item, hash_names)
        range_key = self._values(item, range_names)
        if hash_key is not None and range_key is not None:
            partition, order = (index, hash_key), (*range_key, *key)
            self._sorted.setdefault(partition, _Sorted()).put(order, item)
            places[partition] = order

    @staticmethod
    def _values(item: Item, names: Iterable[str]) -> tuple[Any, ...] | None:
        values = [item.attrs.get(name) for name in names]
        # An item without a key of an index is not in that index.
        present = [value.cast_value for value in values if value is not None]
        return tuple(present) if len(present) == len(values) else None


def _schema(keys: list[dict[str, str]]) -> _Schema:
    hashes, ranges = (
        [key["AttributeName"] for key in keys if key["KeyType"] == kind]
        for kind in ("HASH", "RANGE")
    )
    return hashes, ranges


_states: WeakSet[Partitions] = WeakSet()


class _Lag:
    seconds = 0.0


def set_lag(seconds: float) -> None:
    """Let indexes show a write only after this many seconds; 0 is at once."""
    _Lag.seconds = seconds


def catch_up() -> None:
    """Apply all writes to all indexes now."""
    with lock:
        for state in list(_states):
            state.catch_up(float("inf"))


def reindex(table: Table) -> None:
    """Rebuild a table's partitions after its items were set directly."""
    with lock:
        table.__dict__.pop("local_partitions", None)
        partitions_of(table)


def touch(table: Table, key: StoredKey) -> None:
    """Note that the item with this key is new, changed or deleted; indexes follow after the lag."""
    partitions_of(table).touch(key, _Lag.seconds)


def take_changed(table: Table, *, everything: bool = False) -> set[StoredKey]:
    """The keys written or deleted since the last call.

    Args:
        table: the table; changes are tracked from the first call on.
        everything: return the keys of all its items instead.
    """
    with lock:
        state = partitions_of(table)
        changed, state.changed = state.changed, set()
        return set(_keys(table)) if everything or changed is None else changed


def partitions_of(table: Table) -> Partitions:
    """A table's partitions; built from its items on first use."""
    state: Partitions | None = table.__dict__.get("local_partitions")
    if state is None:
        state = table.__dict__["local_partitions"] = Partitions(table)
        _states.add(state)
        for key in list(_keys(table)):
            state.touch(key, 0.0)
    return state


def _keys(table: Table) -> Iterator[StoredKey]:
    for hash_key, content in table.items.items():
        if table.range_key_attr:
            for range_key in content:
                yield hash_key, range_key
        else:
            yield hash_key, None


def _plain(key: StoredKey) -> _Key:
    return tuple(part.cast_value for part in key if part is not None)


def stored(table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> Item | None:
    """The item with a key, or None."""
    content: Any = table.items.get(hash_key)
    if content is None or range_key is None:
        return content or None
    found: Item | None = content.get(range_key)
    return found


def _bounds(order: list[_Order], condition: tuple[str, list[DynamoType]] | None) -> tuple[int, int]:
    """The range of a partition that matches a condition on the first range key."""
    if condition is None:
        return 0, len(order)
    comparison, values = condition
    value = values[0].cast_value
    start = bisect_left(order, value, key=_first)
    end = bisect_right(order, value, key=_first)
    if comparison == "BETWEEN":
        return start, bisect_right(order, values[1].cast_value, key=_first)
    if comparison == "BEGINS_WITH":
        past = bisect_left(order, True, start, key=lambda one: not one[0].startswith(value))
        return start, past
    return {
        "=": (start, end),
        "<": (0, start),
        "<=": (0, end),
        ">": (end, len(order)),
        ">=": (start, len(order)),
    }[comparison]


def _first(order: _Order) -> Any:
    return order[0]
