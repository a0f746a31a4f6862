"""Reads of the two tables: items by key, and queries of a partition or an index.

The table at the top of `storage.keys` lists the access patterns.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from helpdesk.errors import ChangedUnderYou
from helpdesk.storage import aws, generations
from helpdesk.storage.attributes import Item, pack, unpack
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    INDEXES,
    Key,
    Where,
    packed_key,
    table_name,
)
from helpdesk.storage.transact import jitter


def fetch(
    keys: Sequence[Key], *, where: Where = "desk", generation: str | None = None
) -> dict[Key, Item]:
    """Those of the items with these keys that exist, strongly consistent; in `Index` those of a
    `generation`, by default the serving one.

    One round trip for up to a hundred keys and 16 MB.

    Raises:
        ChangedUnderYou: DynamoDB kept leaving keys unprocessed.
    """
    if where == "desk" and CATALOGUE_VERSION in keys:
        return _with_version([key for key in keys if key != CATALOGUE_VERSION])
    return _fetch(keys, where=where, generation=generation)


def _with_version(others: Sequence[Key]) -> dict[Key, Item]:
    """The items of `Desk` with these keys, and that of the catalogue's version, which may be cached
    for a while.
    """
    if version := generations.trusted():
        return {CATALOGUE_VERSION: version, **_fetch(others)}
    found = _fetch([CATALOGUE_VERSION, *others])
    if CATALOGUE_VERSION in found:
        generations.note(found[CATALOGUE_VERSION])
    return found


def _fetch(
    keys: Sequence[Key], *, where: Where = "desk", generation: str | None = None
) -> dict[Key, Item]:
    name = table_name(where)
    found: dict[Key, Item] = {}

    def batch(chunk: Sequence[Key]) -> list[Item]:
        wanted: list[Any] = [packed_key(key) for key in chunk]
        items: list[Item] = []
        for attempt in range(8):
            with aws.translated():
                answer = aws.dynamodb().batch_get_item(
                    RequestItems={name: {"Keys": wanted, "ConsistentRead": True}}
                )
            items += [unpack(item) for item in answer["Responses"].get(name, [])]
            left: Any = answer.get("UnprocessedKeys", {})
            wanted = list(left.get(name, {}).get("Keys", ()))
            if not wanted:
                return items
            time.sleep(jitter(attempt))
        raise ChangedUnderYou

    unique = list(dict.fromkeys(keys))
    read = generations.seen().serving if generation is None else generation
    if where == "index":
        unique = [Key(generations.partition(key.pk, read), key.sk) for key in unique]
    chunks = [unique[start : start + 100] for start in range(0, len(unique), 100)]
    if chunks:
        for items in aws.together(*(lambda chunk=chunk: batch(chunk) for chunk in chunks)):
            for item in items:
                if where == "index":
                    item["pk"] = generations.bare(item["pk"], read)
                found[Key(item["pk"], item["sk"])] = item
    return found


def get(key: Key, *, where: Where = "desk") -> Item | None:
    """One item, strongly consistent, or None."""
    return fetch([key], where=where).get(key)


def newest(kind: str, before: str, limit: int) -> tuple[dict[Key, Item], str | None]:
    """A page of the items listed as a kind (`p11`) under ids that begin with their time
    (`history.new_event_id`), newest first. Two round trips.

    `before` is the cursor of the page, empty for the newest. Returns the items, and the cursor of
    the next page, None after the last.
    """
    between = ("0", before or "g")  # ids are hexadecimal: "g" comes after all of them
    page = query(kind, index="g11", between=between, newest_first=True, limit=limit + 1)
    listed = list(page)
    keys = [Key(item["pk"], item["sk"]) for item in listed[:limit]]
    found = fetch(keys)
    more = listed[limit]["s11"] if len(listed) > limit else None
    return {key: found[key] for key in keys if key in found}, more


def query(  # noqa: C901 - one optional part of the request after the other
    pk: str,
    *,
    begins: str | None = None,
    between: tuple[str, str] | None = None,
    where: Where = "desk",
    index: str | None = None,
    limit: int | None = None,
    newest_first: bool = False,
    consistent: bool = True,
    generation: str | None = None,
) -> Iterator[Item]:
    """The items of one partition in key order, of a table or of one of its indexes.

    Reads of a table are strongly `consistent` by default; without, they cost half as much. Reads of
    an index never are. Items keep their `pk` and `sk`. `index` is `g01` to `g13`; INDEXES has its
    key attributes. Pages are fetched as the caller iterates; `limit` bounds each page and the
    total. In `Index` it reads a `generation`, by default the serving one.
    """
    hash_name, range_name = INDEXES[index] if index else ("pk", "sk")
    read = generations.seen().serving if generation is None else generation
    stored = generations.partition(pk, read) if where == "index" else pk
    condition, values = "#h = :h", {":h": stored}
    names = {"#h": hash_name}
    if begins is not None or between is not None:
        names["#r"] = range_name
    if begins is not None:
        condition, values = f"{condition} AND begins_with(#r, :b)", values | {":b": begins}
    elif between is not None:
        condition = f"{condition} AND #r BETWEEN :l AND :u"
        values |= {":l": between[0], ":u": between[1]}
    request: dict[str, Any] = {
        "TableName": table_name(where),
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": pack(values),
        "ExpressionAttributeNames": names,
        "ScanIndexForward": not newest_first,
    }
    if index:
        request["IndexName"] = index
    elif consistent:
        request["ConsistentRead"] = True
    if limit is not None:
        request["Limit"] = limit
    served = 0
    while True:
        with aws.translated():
            page = aws.dynamodb().query(**request)
        for packed in page["Items"]:
            item = unpack(packed)
            if where == "index":
                item["pk"] = pk
            elif (item["pk"], item["sk"]) == CATALOGUE_VERSION:
                generations.note(item)
            yield item
            served += 1
            if limit is not None and served >= limit:
                return
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
