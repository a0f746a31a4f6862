"""Keeps moto's DynamoDB fast when tables grow, and can make its indexes lag behind as real ones do.

moto sorts a whole table for every query, copies it for every item of a transaction, and measures a
whole item for every attribute that it puts in. Here each table keeps its items in key order, per
partition of the table and of each index; a query is handed only what its key condition can find, a
transaction saves only the items it names, and a new item is measured once. moto still
decides everything: the tests run random operations through it with and without this, and compare.

A real index is written after the table. With a lag set, a write reaches the indexes only when the
lag has passed, or when `catch_up` is called.

moto's backups copy tables; while this is installed they would share their items.
"""

from __future__ import annotations

import copy
import inspect
import time
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import Any
from weakref import WeakSet

from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table

_Key = tuple[Any, ...]
"""An item's primary key, as plain values."""
_Partition = tuple[str | None, _Key]
"""An index (None is the table itself) and a value of its hash key."""
_Schema = tuple[list[str], list[str]]
"""Names of the hash keys and of the range keys."""
_Order = tuple[Any, ...]
"""What items of a partition are sorted by: the index's range key, then the primary key."""

_LARGEST_ITEM = 405_000
"""Bytes of an item that moto lets pass (LimitedSizeDict)."""

StoredKey = tuple[DynamoType, DynamoType | None]
"""An item's primary key, as moto has it."""

_lock = RLock()


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


class _Partitions:
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
        """Take note that the item under this key is new, changed or gone."""
        if self.changed is not None:
            self.changed.add(key)
        item = stored(self._table, *key)
        plain = _plain(key)
        self._place(plain, item, None, *self.schema(None))
        if lag:
            # The table's item goes on changing in place; the index shows what it was.
            self._late.append((time.monotonic() + lag, plain, copy.deepcopy(item)))
            return
        self._place_in_indexes(plain, item)

    def catch_up(self, now: float) -> None:
        """Let the indexes see what was written up to their lag before this time."""
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
        """Every item that a query can find on its next page, and one more."""
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
        """The hash keys and the range keys of the table itself or of an index."""
        if index is None:
            ranges = [self._table.range_key_attr] if self._table.range_key_attr else []
            return [self._table.hash_key_attr], ranges
        return self.schemas()[index]

    def schemas(self) -> dict[str, _Schema]:
        """The same of all indexes, by their names."""
        indexes = list(self._table.all_indexes())
        if indexes != self._indexes:
            self._indexes = indexes
            self._schemas = {index.name: _schema(index.schema) for index in indexes}
        return self._schemas

    def _place_in_indexes(self, key: _Key, item: Item | None) -> None:
        placed = {index for index, _ in self._places.get(key, ())}
        for index, (hashes, ranges) in self.schemas().items():
            # Most items are in few of many indexes.
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


_states: WeakSet[_Partitions] = WeakSet()


class _Lag:
    seconds = 0.0


def set_lag(seconds: float) -> None:
    """Let indexes show a write only after so many seconds; 0 is at once."""
    _Lag.seconds = seconds


def catch_up() -> None:
    """Let all indexes show everything now."""
    with _lock:
        for state in list(_states):
            state.catch_up(float("inf"))


def reindex(table: Table) -> None:
    """Take a table as it stands, after its items were put there behind moto's back."""
    with _lock:
        table.__dict__.pop("local_partitions", None)
        _state(table)


def take_changed(table: Table, *, everything: bool = False) -> set[StoredKey]:
    """The keys that were written or deleted since this was last asked.

    Args:
        table: the table; its changes are noted from the first time on.
        everything: take the keys of all its items instead.
    """
    with _lock:
        state = _state(table)
        changed, state.changed = state.changed, set()
        return set(_keys(table)) if everything or changed is None else changed


def _state(table: Table) -> _Partitions:
    state: _Partitions | None = table.__dict__.get("local_partitions")
    if state is None:
        state = table.__dict__["local_partitions"] = _Partitions(table)
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
    """The item under a key, None where there is none."""
    content: Any = table.items.get(hash_key)
    if content is None or range_key is None:
        return content or None
    found: Item | None = content.get(range_key)
    return found


def _bounds(order: list[_Order], condition: tuple[str, list[DynamoType]] | None) -> tuple[int, int]:
    """The part of a partition that a condition on the first range key leaves."""
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


# --- what replaces moto's own ---------------------------------------------------------------

_query, _all_items = Table.query, Table.all_items
_put, _delete = Table.put_item, Table.delete_item
_update, _transact = DynamoDBBackend.update_item, DynamoDBBackend.transact_write_items
_make = Item.__init__
_query_signature = inspect.signature(_query)

_transaction: list[tuple[Table, StoredKey]] | None = None
"""What the transaction that runs has touched: indexes are written when it has ended."""


def _touch(table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> None:
    if _transaction is None:
        _state(table).touch((hash_key, range_key), _Lag.seconds)
    else:
        _transaction.append((table, (hash_key, range_key)))


def _find(table: Table, *args: Any, **kwargs: Any) -> Any:
    asked = _query_signature.bind(table, *args, **kwargs).arguments
    index: str | None = asked.get("index_name")
    named: list[tuple[str, DynamoType]] = asked.get("hash_key_conditions") or []
    ranges = asked.get("range_key_conditions") or []
    with _lock:
        state = _state(table)
        state.catch_up(time.monotonic())
        if index is not None and index not in state.schemas():
            return _query(table, *args, **kwargs)
        values = dict(named)
        names, range_names = state.schema(index)
        hash_key = tuple(values[name] for name in names) if named else (asked["hash_key"],)
        comparison = asked.get("range_comparison")
        one = len(ranges) <= 1 and len(range_names) == 1
        view = copy.copy(table)
        view.__dict__["local_candidates"] = state.candidates(
            index,
            hash_key,
            (comparison, asked["range_objs"]) if comparison and one else None,
            asked.get("exclusive_start_key"),
            # moto applies QueryFilter before it counts: such a page may need any number of items.
            asked.get("limit") if one and "filter_kwargs" not in asked else None,
            forward=asked.get("scan_index_forward") is not False,
        )
        return _query(view, *args, **kwargs)


def _candidates(table: Table) -> list[Item]:
    found: list[Item] | None = table.__dict__.get("local_candidates")
    return _all_items(table) if found is None else list(found)


def _put_item(table: Table, *args: Any, **kwargs: Any) -> Item:
    with _lock:
        _state(table)
        item = _put(table, *args, **kwargs)
        _touch(table, item.hash_key, item.range_key)
        return item


def _delete_item(table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> Item | None:
    with _lock:
        _state(table)
        item = _delete(table, hash_key, range_key)
        _touch(table, hash_key, range_key)
        return item


def _update_item(
    backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any
) -> Item:
    with _lock:
        table = backend.tables.get(table_name)
        if table is None or not set(table.table_key_attrs) <= set(key):
            return _update(backend, table_name, key, *args, **kwargs)
        _state(table)
        try:
            return _update(backend, table_name, key, *args, **kwargs)
        finally:
            # Also after an error: moto may have changed the item before it noticed.
            _touch(table, *backend.get_keys_value(table, key))


def _transact_write_items(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    global _transaction  # noqa: PLW0603 - one transaction runs at a time, under the lock
    with _lock:
        undo = _Undo(backend, transact_items)
        touched: list[tuple[Table, StoredKey]] = []
        _transaction = touched
        try:
            _transact(backend, transact_items)
        except Exception:
            undo.restore()
            raise
        finally:
            _transaction = None
            # After a failure too: the items are as before, but not the same objects.
            for table, key in touched:
                _state(table).touch(key, _Lag.seconds)


class _Undo:
    """What a transaction may change, as it was before."""

    def __init__(self, backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        self._items: list[tuple[Table, DynamoType, DynamoType | None, Item | None]] = []
        self._streams = [
            (table.stream_shard, len(table.stream_shard.items))
            for table in backend.tables.values()
            if table.stream_shard
        ]
        for entry in transact_items:
            request = next(iter(entry.values()))
            table = backend.tables.get(request.get("TableName"))
            attributes = request.get("Key") or request.get("Item") or {}
            if table is None or not set(table.table_key_attrs) <= set(attributes):
                continue  # moto refuses the whole
            key = {name: attributes[name] for name in table.table_key_attrs}
            hash_key, range_key = backend.get_keys_value(table, key)
            before = copy.deepcopy(stored(table, hash_key, range_key))
            self._items.append((table, hash_key, range_key, before))

    def restore(self) -> None:
        for shard, length in self._streams:
            del shard.items[length:]
        for table, hash_key, range_key, before in self._items:
            content: Any = table.items
            if range_key is not None:
                content = content[hash_key]
            key = hash_key if range_key is None else range_key
            if before is None:
                content.pop(key, None)
            else:
                content[key] = before


def _share(table: Table, _: dict[int, Any]) -> Table:
    # moto copies the table once per item of a transaction, to undo it; _Undo does that here.
    return table


def _untracked(cls: type[Item], *_: Any, **__: Any) -> Item:
    # moto keeps every object it ever made, each copy of each item a query found, for a page that
    # nobody opens.
    instance: Item = object.__new__(cls)
    return instance


def _make_item(
    item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]
) -> None:
    item.hash_key, item.range_key = hash_key, range_key
    # Filled as a plain dict: set one by one, each attribute would be measured with all before it.
    item.attrs = LimitedSizeDict()
    dict.update(item.attrs, {name: DynamoType(value) for name, value in attrs.items()})
    if item.size() > _LARGEST_ITEM:
        raise ItemSizeTooLarge


def install() -> None:
    """Put this in moto's place, for the whole process. Tables made before are taken as they are."""
    _replace(Table, "query", _find)
    _replace(Table, "all_items", _candidates)
    _replace(Table, "put_item", _put_item)
    _replace(Table, "delete_item", _delete_item)
    _replace(Table, "__deepcopy__", _share)
    _replace(DynamoDBBackend, "update_item", _update_item)
    _replace(DynamoDBBackend, "transact_write_items", _transact_write_items)
    _replace(Item, "__new__", staticmethod(_untracked))
    _replace(Item, "__init__", _make_item)


@contextmanager
def plain_moto() -> Iterator[None]:
    """The plain thing, while the block runs: what the differential test compares with."""
    try:
        _replace(Table, "query", _query)
        _replace(Table, "all_items", _all_items)
        _replace(Table, "put_item", _put)
        _replace(Table, "delete_item", _delete)
        delattr(Table, "__deepcopy__")
        _replace(DynamoDBBackend, "update_item", _update)
        _replace(DynamoDBBackend, "transact_write_items", _transact)
        delattr(Item, "__new__")
        _replace(Item, "__init__", _make)
        yield
    finally:
        install()


def _replace(owner: type, name: str, value: Callable[..., Any] | staticmethod[..., Any]) -> None:
    setattr(owner, name, value)
