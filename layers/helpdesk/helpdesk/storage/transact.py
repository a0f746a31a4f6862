"""Writes of the two tables: alone, in batches, and in transactions.

`put`, `update`, `delete` and `check` make a `Write`; `commit` carries out several of them, all or
none, `write` a single one, `write_many` idempotent ones.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from botocore.exceptions import ClientError

from helpdesk.errors import ChangedUnderYou, TooLarge
from helpdesk.storage import aws, generations

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef
from helpdesk.storage.attributes import Item, pack, packed, unpack
from helpdesk.storage.keys import CATALOGUE_VERSION, Key, Where, packed_key, table_name

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Write:
    """A write, in a transaction or alone. `spread` tells that its key already has its generation of
    `Index`.
    """

    kind: Literal["Put", "Update", "Delete", "ConditionCheck"]
    key: Key
    request: Mapping[str, Any]
    where: Where = "desk"
    spread: bool = False


def _expression(
    condition: str | None, values: Mapping[str, Any] | None, names: Mapping[str, str] | None
) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if condition:
        request["ConditionExpression"] = condition
    if values:
        # An update may set an empty value, so nothing is left out here.
        request["ExpressionAttributeValues"] = {
            name: packed(value) for name, value in values.items()
        }
    if names:
        request["ExpressionAttributeNames"] = dict(names)
    return request


def put(
    key: Key,
    item: Mapping[str, Any],
    *,
    where: Where = "desk",
    condition: str | None = None,
    values: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> Write:
    """Write a whole item."""
    request = {
        "TableName": table_name(where),
        # An item that was read contains its key, but may be written under another one.
        "Item": pack(item) | packed_key(key),
        **_expression(condition, values, names),
    }
    return Write("Put", key, request, where)


def put_new(key: Key, item: Mapping[str, Any], *, where: Where = "desk") -> Write:
    """Write an item that must not exist yet; this is how the desk ensures uniqueness."""
    return put(key, item, where=where, condition="attribute_not_exists(pk)")


def update(
    key: Key,
    expression: str,
    values: Mapping[str, Any] | None = None,
    *,
    where: Where = "desk",
    condition: str | None = None,
    names: Mapping[str, str] | None = None,
) -> Write:
    """Change some attributes of an item by an update expression."""
    request = {
        "TableName": table_name(where),
        "Key": packed_key(key),
        "UpdateExpression": expression,
        **_expression(condition, values, names),
    }
    return Write("Update", key, request, where)


def set_attributes(
    key: Key,
    attributes: Mapping[str, Any],
    *,
    append: Mapping[str, Sequence[Any]] | None = None,
    remove: Iterable[str] = (),
    condition: str | None = None,
    values: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> Write:
    """Set, append to and remove attributes of an item of the Desk table.

    Each attribute gets a placeholder, since some of their names are reserved words of DynamoDB:
    `status` is `#status` and `:status`, also in the condition. `fields.suspicious` is the member
    of a map. `values` and `names` are those that only the condition uses. Appending to a missing
    attribute creates it.
    """
    appended, removed = dict(append or {}), list(remove)
    steps = [f"{_path(name)} = {_value(name)}" for name in attributes]
    steps += [
        f"{_path(name)} = list_append(if_not_exists({_path(name)}, :nothing), {_value(name)})"
        for name in appended
    ]
    expression = f"SET {', '.join(steps)}" if steps else ""
    if removed:
        expression += f" REMOVE {', '.join(map(_path, removed))}"
    parts = {part for name in (*attributes, *appended, *removed) for part in name.split(".")}
    return update(
        key,
        expression.strip(),
        {_value(name): value for name, value in {**attributes, **appended}.items()}
        | ({":nothing": []} if appended else {})
        | dict(values or {}),
        condition=condition,
        names={f"#{part}": part for part in parts} | dict(names or {}),
    )


def _path(name: str) -> str:
    return ".".join(f"#{part}" for part in name.split("."))


def _value(name: str) -> str:
    return f":{name.replace('.', '_')}"


def delete(
    key: Key,
    *,
    where: Where = "desk",
    condition: str | None = None,
    values: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> Write:
    """Remove an item, if it exists; the condition may require more."""
    request = {
        "TableName": table_name(where),
        "Key": packed_key(key),
        **_expression(condition, values, names),
    }
    return Write("Delete", key, request, where)


def check(
    key: Key,
    condition: str,
    values: Mapping[str, Any] | None = None,
    *,
    where: Where = "desk",
    names: Mapping[str, str] | None = None,
) -> Write:
    """Commit a transaction only if this condition holds. Conflicts as a write does (docs/aws.md
    m16).
    """
    request = {
        "TableName": table_name(where),
        "Key": packed_key(key),
        **_expression(condition, values, names),
    }
    return Write("ConditionCheck", key, request, where)


# --- carrying out --------------------------------------------------------------------------


def _spread(writes: Iterable[Write], generation: str | None = None) -> Iterator[Write]:
    """The writes as sent: each write of `Index` once for every generation that it goes to, or for
    the given one.
    """
    for change in writes:
        if change.key == CATALOGUE_VERSION and change.kind != "ConditionCheck":
            generations.distrust()
        beside = change.key.pk.startswith(generations.BESIDE)
        if change.spread or change.where == "desk" or beside:
            yield change
            continue
        seen = generations.seen()
        for one in seen.written(change.kind) if generation is None else (generation,):
            yield _in_generation(change, one)


def _in_generation(change: Write, generation: str) -> Write:
    if not generation:
        return replace(change, spread=True)
    place = "Item" if change.kind == "Put" else "Key"
    pk = {"S": generations.partition(change.key.pk, generation)}
    request = {**change.request, place: {**change.request[place], "pk": pk}}
    return replace(change, request=request, spread=True)


class ConditionFailed(Exception):
    """The condition of a single write failed; `old` is the existing item."""

    def __init__(self, old: Item | None) -> None:
        super().__init__("condition failed")
        self.old = old


class Cancelled(Exception):
    """A transaction wrote nothing.

    `failed` maps the keys whose condition failed to the existing items; `conflict` means that
    another transaction was writing one of the items.
    """

    def __init__(self, failed: dict[Key, Item | None], *, conflict: bool) -> None:
        super().__init__(f"cancelled: {list(failed)}, conflict: {conflict}")
        self.failed = failed
        self.conflict = conflict


def write(change: Write) -> Item:
    """A single write, retried for RETRY_SECONDS while a transaction conflicts with it; returns the
    new values of an update.

    Raises:
        ConditionFailed: The condition failed.
        ChangedUnderYou: The time is up.
        TooLarge: The item exceeds DynamoDB's limit.
    """
    return retried(lambda: write_once(change))


def write_once(change: Write) -> Item:
    """`write` without retries. A write of `Index` is one request for each generation.

    Raises:
        ConditionFailed: The condition failed.
        Cancelled: A transaction conflicted.
        TooLarge: The item exceeds DynamoDB's limit.
    """
    *others, last = _spread([change])
    for other in others:
        _write(other)
    return _write(last)


def _write(change: Write) -> Item:
    client = aws.dynamodb()
    request: dict[str, Any] = dict(change.request)
    if "ConditionExpression" in request:
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    with aws.translated():
        try:
            if change.kind == "Put":
                client.put_item(**request)
                return {}
            if change.kind == "Delete":
                client.delete_item(**request)
                return {}
            answer = client.update_item(**request, ReturnValues="UPDATED_NEW")
            return unpack(answer.get("Attributes", {}))
        except client.exceptions.ConditionalCheckFailedException as error:
            old: Any = error.response.get("Item")
            raise ConditionFailed(unpack(old) if old else None) from error
        except ClientError as error:
            if aws.error_code(error) != "TransactionConflictException":
                raise
            raise Cancelled({}, conflict=True) from error


MOST_WRITES = 100
"""DynamoDB's limit of writes in one transaction; another is 4 MB."""


def commit(writes: Sequence[Write]) -> None:
    """All of these writes or none, in one TransactWriteItems. `operations.commit` also finds out
    whether it was committed if the answer was lost.

    Raises:
        Cancelled: A condition failed, or another transaction conflicted.
        TooLarge: The writes exceed DynamoDB's limits.
    """
    writes = list(_spread(writes))
    if len(writes) > MOST_WRITES:
        raise TooLarge("writes", MOST_WRITES)
    client = aws.dynamodb()
    items: list[TransactWriteItemTypeDef] = [
        {change.kind: {**change.request, **_old(change)}}  # type: ignore[misc]
        for change in writes
    ]
    with aws.translated():
        try:
            client.transact_write_items(TransactItems=items)
        except client.exceptions.TransactionCanceledException as error:
            reasons = error.response.get("CancellationReasons", [])
            raise _cancelled(writes, reasons) from error
        except ClientError as error:
            if aws.error_code(error) != "TransactionConflictException":
                raise
            raise Cancelled({}, conflict=True) from error


def _old(change: Write) -> dict[str, str]:
    if "ConditionExpression" not in change.request:
        return {}
    return {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _cancelled(writes: Sequence[Write], reasons: Sequence[Mapping[str, Any]]) -> Exception:
    failed: dict[Key, Item | None] = {}
    conflict = False
    for change, reason in zip(writes, reasons, strict=False):
        code = reason.get("Code")
        if code == "ConditionalCheckFailed":
            old = reason.get("Item")
            failed[change.key] = unpack(old) if old else None
        elif code == "ValidationError":
            # Any other validation error would be a bug and show in every test.
            return TooLarge("item", aws.LARGEST_ITEM)
        elif code and code != "None":
            # TransactionConflict, or a throttled item: both are temporary and retried alike.
            conflict = True
    return Cancelled(failed, conflict=conflict)


def write_many(writes: Sequence[Write], generation: str | None = None) -> None:
    """Puts and deletes without conditions, in parallel batches of 25. Not a transaction: for
    postings and clean-up, which are idempotent. Those of `Index` go to one `generation`, or to all.

    Raises:
        ChangedUnderYou: DynamoDB kept leaving writes unprocessed.
    """

    def batch(chunk: Sequence[Write]) -> None:
        wanted: dict[str, list[Any]] = {}
        for change in chunk:
            name = change.request["TableName"]
            request = (
                {"PutRequest": {"Item": change.request["Item"]}}
                if change.kind == "Put"
                else {"DeleteRequest": {"Key": change.request["Key"]}}
            )
            wanted.setdefault(name, []).append(request)
        for attempt in range(8):
            with aws.translated():
                answer = aws.dynamodb().batch_write_item(RequestItems=wanted)
            wanted = {name: list(left) for name, left in answer["UnprocessedItems"].items()}
            if not wanted:
                return
            time.sleep(jitter(attempt))
        raise ChangedUnderYou

    last = {(change.request["TableName"], change.key): change for change in writes}
    unique = list(_spread(last.values(), generation))
    chunks = [unique[start : start + 25] for start in range(0, len(unique), 25)]
    if chunks:
        aws.together(*(lambda chunk=chunk: batch(chunk) for chunk in chunks))


RETRY_SECONDS = 3.0
"""How long an operation is retried while others keep changing its items (docs/aws.md m16)."""


def jitter(attempt: int) -> float:
    """Seconds to wait before the next attempt, counted from 0."""
    # Full jitter: anywhere between 0 and the doubled step, so that retries spread out.
    return random.uniform(0, min(0.4, 0.02 * 2**attempt))  # noqa: S311 - no secret


def commit_retried(writes: Sequence[Write], generation: str | None = None) -> None:
    """`commit`, retried for RETRY_SECONDS while another transaction conflicts. Writes of `Index` go
    to one `generation`, or to all.

    Raises:
        Cancelled: A condition failed.
        ChangedUnderYou: The time is up.
        TooLarge: The writes exceed DynamoDB's limits.
    """
    carried = list(_spread(writes, generation))
    retried(lambda: commit(carried))


def retried(attempt: Callable[[], T]) -> T:
    """Retries `attempt` until there is no conflict, for at most RETRY_SECONDS.

    Only Cancelled with `conflict` and without failed conditions is retried.

    Raises:
        ChangedUnderYou: The time is up. Other errors of the attempt are passed on.
    """
    for _ in attempts():
        try:
            return attempt()
        except Cancelled as cancelled:
            if not cancelled.conflict or cancelled.failed:
                raise
    raise ChangedUnderYou


def attempts() -> Iterator[int]:
    """Counts attempts from 0, with a pause before each but the first; ends after RETRY_SECONDS."""
    started = time.monotonic()
    for count in range(1000):
        yield count
        if time.monotonic() - started > RETRY_SECONDS:
            return
        time.sleep(jitter(count))
