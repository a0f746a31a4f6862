"""The two tables: every key, every index, and the few ways in and out of them.

`Desk` is the truth; `Index` holds what can be made anew from it: search postings, counters, ranks.
No other module writes a key or an expression by hand, and nothing here scans.

The questions, and what answers them. Trips are sequential round trips; reads of a table are
strongly consistent, reads of an index are not.

=========================================  ==========================  ======  =====  ==============
question                                   key condition               index   trips  who asks
=========================================  ==========================  ======  =====  ==============
which ticket has this number               pk N#number                 Desk    1      every dialect
a ticket with its children and thread      pk T#id, sk A..F            Desk    1      every dialect
tickets by id (a list's page)              pk T#id, sk A (batch)       Desk    1      every dialect
a ticket's history                         pk T#id, sk V#              Desk    1      zammad
a ticket's links, people, merged-in        pk T#id, sk L#, P#, M#      Desk    1      zammad, mail
a ticket's children                        pk T#id, sk C#              Desk    1      plugin
which ticket holds entry, file             pk E#id, F#id               Desk    1      lists
was this Message-ID seen                   pk M#hash                   Desk    1      mail in
who has this address                       pk UE#address               Desk    1      create, mail
a person                                   pk U#id                     Desk    1      zammad
an organization, by id or name             pk O#id, ON#name            Desk    1      zammad, admin
who subscribed to a service                pk S#id, sk P#              Desk    pages  notific mail
may this secret in                         pk K#sha256 (+ GATEWAY)     Desk    1      authorizer
the keys                                   pk KEYS                     Desk    1      admin
the catalogue, and whether it moved        pk CAT                      Desk    1      everyone
was this request answered                  pk I#hash                   Desk    1      every POST
an upload                                  pk UP#id                    Desk    1      osticket
where a list's page ended                  pk PM#hash                  Index   1      lists
a mail of an event                         pk MAIL#event               Desk    1      mail out
what somebody was sent about a ticket      pk T#id, sk S#address       Desk    1      mail out
may this address have mail                 pk X#address                Desk    1      mail out
how much mail a sender has set off today   pk LOOP#sender              Desk    1      mail out
the secret that signs mail ids             pk MAIL                     Desk    1      mail
a mail that came and became no ticket      pk IN#id                    Desk    1      mail in
does anything name this folder of objects  pk O-F#uuid                 Desk    1      sweep
tickets of a cell, newest first            p1 cell, s1 id              g01     1      lists, search
the same by update, by number              p1 cell, s2 / s3            g02/03  1      plugin, zammad
all tickets by update, by number           p4 ALL, s2 / s3             g04/05  1      plugin, zammad
all tickets by id                          ids are dense: batch by id  Desk    1      v1, zammad
a person's tickets                         p6 person, s1               g06     1      lists, mail
an organization's tickets                  p7 organization, s1         g07     1      zammad
an organization's members                  p7 M#organization, s1       g07     1      zammad
an agent's tickets                         p8 agent, s1                g08     1      zammad
what is due, what is pending until         p9 DUE / PEND, s9 time#id   g09     1      stats, cron
events not done yet                        p10 TODO, s10 time#event    g10     1      re-queue job
people, customers, organizations, mail     p11 kind or day, s11        g11     1      zammad
keys' and catalogue's changes of a day     pk AUDIT#day, sk V#         Desk    1      console
subject, number contain a text             pk SUF#x, begins_with       Index   1      lists, search
a person's name, address contain a text    pk USUF#x, begins_with      Index   1      zammad
bodies hold a word that begins so          pk W#xx, begins_with        Index   1      zammad
tickets with a tag; the tags               pk TAG#tag; pk TAGS         Index   1      zammad
tickets per cell                           pk CELL                     Index   1      lists, totals
tickets per department and agent           pk STAT                     Index   1      stats
tickets per thousand ids (any offset)      pk RANK#department          Index   1      v1, zammad
=========================================  ==========================  ======  =====  ==============

What grows: CELL with the non-empty combinations of status, department and topic; STAT with
departments x agents; a page jumped to far down a list with its offset. Nothing else grows with the
number of tickets. docs/data-model.md has the units and the price of each at a million.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

from botocore.exceptions import ClientError

from helpdesk.errors import ChangedUnderYou, TooLarge
from helpdesk.storage import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

T = TypeVar("T")
Item = dict[str, Any]
Where = Literal["desk", "index"]

ALL, TODO, DUE, PENDING = "ALL", "TODO", "DUE", "PEND"


class Key(NamedTuple):
    """A primary key of either table."""

    pk: str
    sk: str


def table_name(where: Where) -> str:
    """The physical name of a table; never fixed, so that a retained one cannot block a deploy."""
    return os.environ["DESK_TABLE" if where == "desk" else "INDEX_TABLE"]


# --- keys of Desk ---------------------------------------------------------------------------


def padded(number: int) -> str:
    """An id as it stands in a key: ten digits, so that text order is number order."""
    return f"{number:010d}"


SEQUENCES = Key("SEQ", "SEQ")
GATEWAY = Key("GATEWAY", "GATEWAY")
MAIL_SECRET = Key("MAIL", "SECRET")
CATALOGUE_VERSION = Key("CAT", "#version")
MANAGERS = Key("KEYS", "#managers")


def ticket_key(ticket: int) -> Key:
    return Key(f"T#{padded(ticket)}", "A")


def child_key(parent: int, child: int) -> Key:
    return Key(f"T#{padded(parent)}", f"C#{padded(child)}")


def entry_key(ticket: int, entry: int) -> Key:
    return Key(f"T#{padded(ticket)}", f"E#{padded(entry)}")


def participant_key(ticket: int, person: int) -> Key:
    return Key(f"T#{padded(ticket)}", f"P#{padded(person)}")


def held_mail_key(mail: str) -> Key:
    return Key(f"IN#{mail}", "IN")


def event_key(ticket: int, ulid: str) -> Key:
    return Key(f"T#{padded(ticket)}", f"V#{ulid}")


def audit_key(day: str, ulid: str) -> Key:
    return Key(f"AUDIT#{day}", f"V#{ulid}")


def number_key(number: str) -> Key:
    return Key(f"N#{number}", "N")


def entry_pointer_key(entry: int) -> Key:
    return Key(f"E#{padded(entry)}", "E")


def file_key(file: int) -> Key:
    return Key(f"F#{padded(file)}", "F")


def folder_key(mark: str) -> Key:
    return Key(f"O-F#{mark}", "O")


def message_id_key(digest: str) -> Key:
    return Key(f"M#{digest}", "M")


def person_key(person: int) -> Key:
    return Key(f"U#{padded(person)}", "A")


def address_key(address: str) -> Key:
    return Key(f"UE#{address}", "U")


def organization_key(organization: int) -> Key:
    return Key(f"O#{padded(organization)}", "A")


def organization_name_key(name: str) -> Key:
    return Key(f"ON#{name}", "O")


def secret_key(digest: str) -> Key:
    return Key(f"K#{digest}", "K")


def key_row(key: int) -> Key:
    return Key("KEYS", padded(key))


def catalogue_key(kind: str, row: int) -> Key:
    return Key("CAT", f"{kind}#{padded(row)}")


def answer_key(digest: str) -> Key:
    return Key(f"I#{digest}", "I")


def upload_key(upload: str) -> Key:
    return Key(f"UP#{upload}", "UP")


def mail_key(event: str, recipient: str) -> Key:
    return Key(f"MAIL#{event}", recipient)


def sent_key(ticket: int, recipient: str) -> Key:
    return Key(f"T#{padded(ticket)}", f"S#{recipient}")


def suppressed_key(address: str) -> Key:
    return Key(f"X#{address}", "X")


def loop_key(sender: str, recipient: str) -> Key:
    return Key(f"LOOP#{sender}", recipient)


# --- keys of Index --------------------------------------------------------------------------

Field = Literal["subject", "number"]
Whose = Literal["person", "organization"]
Seen = Literal["public", "note"]


def suffix_key(suffix: str, ticket: int, field: Field) -> Key:
    return Key(f"SUF#{suffix[0]}", f"{suffix}#{padded(ticket)}#{field}")


def name_suffix_key(suffix: str, who: int, whose: Whose) -> Key:
    return Key(f"USUF#{suffix[0]}", f"{suffix}#{padded(who)}#{whose}")


def word_key(word: str, ticket: int, seen: Seen) -> Key:
    # Apart by who may see it, so that a customer's search never finds a ticket by its notes.
    return Key(f"W#{word[:2]}", f"{word}#{padded(ticket)}#{seen}")


def cell_key(cell: str) -> Key:
    return Key("CELL", cell)


def stat_key(department: int, agent: int) -> Key:
    return Key("STAT", f"{padded(department)}#{padded(agent)}")


def page_mark_key(digest: str) -> Key:
    return Key(f"PM#{digest}", "PM")


def rank_key(department: int, block: int) -> Key:
    return Key(f"RANK#{padded(department)}", padded(block))


# --- items and expressions ------------------------------------------------------------------


def pack(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as DynamoDB wants it. Empty values (None, "", empty sets) are left out."""
    return {
        name: packed(value)
        for name, value in item.items()
        if not (value is None or value == "" or (isinstance(value, set | frozenset) and not value))
    }


def unpack(item: Mapping[str, Any]) -> Item:
    """What `pack` made, back as Python values; sets stay sets, numbers are ints."""
    return {name: _unpacked(value) for name, value in item.items()}


def packed(value: Any) -> dict[str, Any]:  # noqa: PLR0911 - one line per type
    """One value with DynamoDB's letter for its type. A set is never empty, nor mixed.

    boto3's own serializer goes by way of Decimal and takes four times as long, on every item of
    every request.
    """
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if value is None:
        return {"NULL": True}
    if isinstance(value, Mapping):
        return {"M": {name: packed(inner) for name, inner in value.items()}}
    if isinstance(value, list | tuple):
        return {"L": [packed(inner) for inner in value]}
    if isinstance(value, bytes):
        return {"B": value}
    if all(isinstance(member, str) for member in value):
        return {"SS": sorted(value)}
    return {"NS": sorted(map(str, value))}


def _unpacked(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    if kind == "N":
        return int(inner)
    if kind == "M":
        return {name: _unpacked(member) for name, member in inner.items()}
    if kind == "L":
        return [_unpacked(member) for member in inner]
    if kind == "SS":
        return set(inner)
    if kind == "NS":
        return set(map(int, inner))
    return None if kind == "NULL" else inner


def _packed_key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a transaction, or on its own."""

    kind: Literal["Put", "Update", "Delete", "ConditionCheck"]
    key: Key
    request: Mapping[str, Any]


def _expression(
    condition: str | None, values: Mapping[str, Any] | None, names: Mapping[str, str] | None
) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if condition:
        request["ConditionExpression"] = condition
    if values:
        # An update may well set an empty value: nothing is left out here.
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
    """Write a whole item under a key."""
    request = {
        "TableName": table_name(where),
        "Item": _packed_key(key) | pack(item),
        **_expression(condition, values, names),
    }
    return Write("Put", key, request)


def put_new(key: Key, item: Mapping[str, Any], *, where: Where = "desk") -> Write:
    """Write an item that must not be there yet: how the desk keeps things unique."""
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
        "Key": _packed_key(key),
        "UpdateExpression": expression,
        **_expression(condition, values, names),
    }
    return Write("Update", key, request)


def delete(
    key: Key,
    *,
    where: Where = "desk",
    condition: str | None = None,
    values: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
) -> Write:
    """Remove an item; an absent one does not matter unless the condition says so."""
    request = {
        "TableName": table_name(where),
        "Key": _packed_key(key),
        **_expression(condition, values, names),
    }
    return Write("Delete", key, request)


def check(
    key: Key,
    condition: str,
    values: Mapping[str, Any] | None = None,
    *,
    where: Where = "desk",
    names: Mapping[str, str] | None = None,
) -> Write:
    """Let a transaction go through only where this holds. Conflicts like a write does [m16]."""
    request = {
        "TableName": table_name(where),
        "Key": _packed_key(key),
        **_expression(condition, values, names),
    }
    return Write("ConditionCheck", key, request)


# --- ways in and out ------------------------------------------------------------------------


class ConditionFailed(Exception):
    """A single write's condition did not hold; `old` is the item that stood in the way."""

    def __init__(self, old: Item | None) -> None:
        super().__init__("condition failed")
        self.old = old


class Cancelled(Exception):
    """A transaction wrote nothing. `failed` maps the keys whose condition did not hold to the
    items found there; `conflict` tells that another transaction held one of the items.
    """

    def __init__(self, failed: dict[Key, Item | None], *, conflict: bool) -> None:
        super().__init__(f"cancelled: {list(failed)}, conflict: {conflict}")
        self.failed = failed
        self.conflict = conflict


def fetch(keys: Sequence[Key], *, where: Where = "desk") -> dict[Key, Item]:
    """The items under these keys, strongly consistent; absent ones are absent. One trip for up to
    a hundred keys and 16 MB. Errors: Throttled, Unavailable.
    """
    name = table_name(where)
    found: dict[Key, Item] = {}

    def batch(chunk: Sequence[Key]) -> list[Item]:
        wanted: list[Any] = [_packed_key(key) for key in chunk]
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
            time.sleep(_jitter(attempt))
        raise ChangedUnderYou

    unique = list(dict.fromkeys(keys))
    chunks = [unique[start : start + 100] for start in range(0, len(unique), 100)]
    if chunks:
        for items in aws.together(*(lambda chunk=chunk: batch(chunk) for chunk in chunks)):
            for item in items:
                found[Key(item.pop("pk"), item.pop("sk"))] = item
    return found


def get(key: Key, *, where: Where = "desk") -> Item | None:
    """One item, strongly consistent, or None."""
    return fetch([key], where=where).get(key)


def newest(kind: str, before: str, limit: int) -> tuple[dict[Key, Item], str | None]:
    """A page of what is listed as a kind (`p11`) under times that begin an id (`events.new_id`):
    newest first, from the place `before` on (empty for the newest); and the place where the next
    page begins, None behind the last. Two trips.
    """
    between = ("0", before or "g")  # hexadecimal: all of them are in between
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
    after: Mapping[str, Any] | None = None,
    consistent: bool = True,
) -> Iterator[Item]:
    """The items of one partition in key order, of a table (strongly `consistent`, unless told
    otherwise, which costs half) or of one of its indexes (never).

    Items keep their `pk` and `sk`. `index` is `g01` to `g13`; its key attributes follow from the
    names (`INDEXES`). Pages are fetched as the caller goes on; `limit` bounds each page and all.
    """
    hash_name, range_name = INDEXES[index] if index else ("pk", "sk")
    condition, values = "#h = :h", {":h": pk}
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
    if after:
        request["ExclusiveStartKey"] = pack(after)
    served = 0
    while True:
        with aws.translated():
            page = aws.dynamodb().query(**request)
        for item in page["Items"]:
            yield unpack(item)
            served += 1
            if limit is not None and served >= limit:
                return
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


INDEXES = {
    "g01": ("p1", "s1"),
    "g02": ("p1", "s2"),
    "g03": ("p1", "s3"),
    "g04": ("p4", "s2"),
    "g05": ("p4", "s3"),
    "g06": ("p6", "s1"),
    "g07": ("p7", "s1"),
    "g08": ("p8", "s1"),
    "g09": ("p9", "s9"),
    "g10": ("p10", "s10"),
    "g11": ("p11", "s11"),
    "g12": ("p12", "s12"),
    "g13": ("p13", "s13"),
}
"""The key attributes of each index; g12 and g13 are spare, one index per deploy is the limit."""


def write(change: Write) -> Item:
    """One write on its own; gives the new values of an update. Errors: ConditionFailed (with the
    item in the way), Cancelled where a transaction held the item, Throttled, Unavailable, TooLarge.
    """
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
"""What DynamoDB takes in one transaction, besides 4 MB."""


def commit(writes: Sequence[Write]) -> None:
    """All of these writes or none, in one TransactWriteItems.

    Errors: Cancelled (a condition or another transaction), Throttled, Unavailable (then it is not
    known whether it happened: the next attempt finds its own writes), TooLarge.
    """
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
            # All else that validation could find is a bug of ours and would show in every test.
            return TooLarge("item", aws.LARGEST_ITEM)
        elif code and code != "None":
            # TransactionConflict, or a throttled item: both pass, and are retried alike.
            conflict = True
    return Cancelled(failed, conflict=conflict)


def write_many(writes: Sequence[Write]) -> None:
    """Idempotent puts and deletes without conditions, in batches of 25 at the same time. Not a
    transaction: for postings and clean-up, which may be done again.
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
            time.sleep(_jitter(attempt))
        raise ChangedUnderYou

    unique = list({(change.request["TableName"], change.key): change for change in writes}.values())
    chunks = [unique[start : start + 25] for start in range(0, len(unique), 25)]
    if chunks:
        aws.together(*(lambda chunk=chunk: batch(chunk) for chunk in chunks))


RETRY_SECONDS = 3.0
"""How long an operation that others keep changing under is tried again [m16]."""


def _jitter(attempt: int) -> float:
    # Full jitter: anywhere between nothing and the doubled step, so that a storm spreads out.
    return random.uniform(0, min(0.4, 0.02 * 2**attempt))  # noqa: S311 - no secret


def commit_retried(writes: Sequence[Write]) -> None:
    """`commit`, tried again while another transaction holds one of the items: RETRY_SECONDS.

    Errors: as `commit`; Cancelled only for a condition, ChangedUnderYou when the time is up.
    """
    retried(lambda: commit(writes))


def retried(attempt: Callable[[], T]) -> T:
    """Runs `attempt` until it goes through without a conflict, for at most RETRY_SECONDS.

    Only Cancelled with `conflict` is tried again; what failed by a condition is the caller's to
    decide. Errors: ChangedUnderYou when the time is up, and whatever the attempt raises.
    """
    for _ in attempts():
        try:
            return attempt()
        except Cancelled as cancelled:
            if not cancelled.conflict or cancelled.failed:
                raise
    raise ChangedUnderYou


def attempts() -> Iterator[int]:
    """Counts the times that something may be tried, with a pause before each but the first; ends
    after RETRY_SECONDS.
    """
    started = time.monotonic()
    for count in range(1000):
        yield count
        if time.monotonic() - started > RETRY_SECONDS:
            return
        time.sleep(_jitter(count))


FIRST_IDS = {"person": 3, "organization": 2}
"""Where a sequence does not start at 1: persons 1 and 2 are nobody and the desk itself (design,
section 2), organization 1 is the stock one."""


def draw_ids(**counts: int) -> dict[str, int]:
    """Draws ids from the sequences: `draw_ids(ticket=1, file=3)` gives the first of each run.

    One plain update outside any transaction, so that parallel creates never cancel each other
    [m16]; ids of a failed operation are lost, which is fine. Errors: Throttled, Unavailable.
    """
    wanted = {name: count for name, count in counts.items() if count}
    assignments = ", ".join(f"#{n} = if_not_exists(#{n}, :{n}_before) + :{n}" for n in wanted)
    change = update(
        SEQUENCES,
        f"SET {assignments}",
        {f":{name}": count for name, count in wanted.items()}
        | {f":{name}_before": FIRST_IDS.get(name, 1) - 1 for name in wanted},
        names={f"#{name}": name for name in wanted},
    )
    last = write(change)
    return {name: int(last[name]) - count + 1 for name, count in wanted.items()}


def keep_id(sequence: str, taken: int) -> None:
    """Lets a sequence go on behind an id that somebody chose, so that it is never drawn again.

    Errors: Throttled, Unavailable.
    """
    change = update(
        SEQUENCES,
        "SET #sequence = :taken",
        {":taken": taken},
        condition="attribute_not_exists(#sequence) OR #sequence < :taken",
        names={"#sequence": sequence},
    )
    with suppress(ConditionFailed):
        write(change)
