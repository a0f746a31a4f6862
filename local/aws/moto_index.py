"""Keeps moto's DynamoDB fast when tables grow.

moto sorts a whole table for every query, copies it for every item of a transaction, and measures a
whole item for every attribute it sets. Here each table keeps its items in key order (`partitions`);
a query gets only the items in its key range, a transaction saves only its own items, and a new item
is measured once. moto's behaviour is unchanged: the tests run random operations with and without
this, and compare.

moto's backups copy tables; while this is installed, the copies would share their items.
"""

from __future__ import annotations

import copy
import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table

from local.aws.partitions import StoredKey, lock, partitions_of, stored, touch

_LARGEST_ITEM = 405_000
"""Largest item in bytes that moto accepts (LimitedSizeDict)."""

_query, _all_items = Table.query, Table.all_items
_put, _delete = Table.put_item, Table.delete_item
_update, _transact = DynamoDBBackend.update_item, DynamoDBBackend.transact_write_items
_make = Item.__init__
_query_signature = inspect.signature(_query)

_transaction: list[tuple[Table, StoredKey]] | None = None
"""Items touched by the running transaction: indexes are updated when it has ended."""


def _touch(table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> None:
    if _transaction is None:
        touch(table, (hash_key, range_key))
    else:
        _transaction.append((table, (hash_key, range_key)))


def _find(table: Table, *args: Any, **kwargs: Any) -> Any:
    asked = _query_signature.bind(table, *args, **kwargs).arguments
    index: str | None = asked.get("index_name")
    named: list[tuple[str, DynamoType]] = asked.get("hash_key_conditions") or []
    ranges = asked.get("range_key_conditions") or []
    with lock:
        state = partitions_of(table)
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
    with lock:
        partitions_of(table)
        item = _put(table, *args, **kwargs)
        _touch(table, item.hash_key, item.range_key)
        return item


def _delete_item(table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> Item | None:
    with lock:
        partitions_of(table)
        item = _delete(table, hash_key, range_key)
        _touch(table, hash_key, range_key)
        return item


def _update_item(
    backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *args: Any, **kwargs: Any
) -> Item:
    with lock:
        table = backend.tables.get(table_name)
        if table is None or not set(table.table_key_attrs) <= set(key):
            return _update(backend, table_name, key, *args, **kwargs)
        partitions_of(table)
        try:
            return _update(backend, table_name, key, *args, **kwargs)
        finally:
            # Also after an error: moto may have changed the item before it noticed.
            _touch(table, *backend.get_keys_value(table, key))


def _transact_write_items(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    global _transaction  # noqa: PLW0603 - one transaction runs at a time, under the lock
    with lock:
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
            # After a failure too: the items have their old values, but are new objects.
            for table, key in touched:
                touch(table, key)


class _Undo:
    """The state before a transaction of everything that it may change."""

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
                continue  # moto refuses the whole transaction
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
    # moto copies the table once per item of a transaction for its rollback; _Undo replaces that.
    return table


def _untracked(cls: type[Item], *_: Any, **__: Any) -> Item:
    # moto keeps a reference to every object it ever created, each copy in each query's result, for
    # a dashboard that nobody opens.
    instance: Item = object.__new__(cls)
    return instance


def _make_item(
    item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]
) -> None:
    item.hash_key, item.range_key = hash_key, range_key
    # Filled as a plain dict: setting attributes one by one would measure the item each time.
    item.attrs = LimitedSizeDict()
    dict.update(item.attrs, {name: DynamoType(value) for name, value in attrs.items()})
    if item.size() > _LARGEST_ITEM:
        raise ItemSizeTooLarge


def install() -> None:
    """Replace moto's code, for the whole process. Existing tables are indexed when used."""
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
    """Restore moto's own code while the block runs, for the differential test."""
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
