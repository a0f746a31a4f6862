"""API keys: who may do what, and how far they see (docs/keys.md).

A key's secret is random, shown once, and stored as SHA-256 only: the authorizer finds a key by the
hash of what it was sent, so no comparison ever touches a secret. The item under the hash holds all
that the authorizer needs; the row in the list of keys is the truth that it is written from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_network
from secrets import token_hex
from typing import Any, TypedDict

from helpdesk import idempotency
from helpdesk.catalogue import cache
from helpdesk.clock import from_iso, now, seconds, to_iso
from helpdesk.errors import Conflict, Invalid, NotAllowed, NotFound, Problem
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.keys import authorize
from helpdesk.model.actor import NOBODY, SYSTEM, THE_DESK, Actor, Key
from helpdesk.storage import sequences, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    GATEWAY,
    MANAGERS,
    key_row,
    padded,
    person_key,
    secret_key,
)
from helpdesk.storage.transact import Cancelled, Write

PERMISSIONS = (
    "can_create_tickets",
    "can_read_tickets",
    "can_search_tickets",
    "can_update_tickets",
    "can_delete_tickets",
    "can_read_stats",
    "can_manage_subtickets",
    "can_exec_cron",
    "can_manage_directory",
    "can_act_for_others",
    "can_manage_keys",
    "can_manage_desk",
)
"""All there are, for every dialect; a new key has none of them."""

LONGEST_OVERLAP = timedelta(hours=720)
"""How long two secrets of one key may work side by side: thirty days."""

_KEPT_AFTER_END = timedelta(days=1)
_ALL_ROWS = (padded(0), padded(10**10 - 1))


class KeyFacts(TypedDict, total=False):
    """What an admin may set on a key; what is missing stays as it is, or has its default."""

    name: str
    permissions: frozenset[str]
    networks: tuple[str, ...]
    active: bool
    expires: datetime | None
    departments: frozenset[int]
    agent: int | None
    customer: int | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A key and its new secret: the only value that ever holds one."""

    key: Key
    secret: str


class BeyondOwn(NotAllowed):
    """A key would give, take or change what it does not have itself; `field` says where."""

    def __init__(self, field: str, permission: str) -> None:
        super().__init__(permission)
        self.field = field


# --- what a key may do to others ------------------------------------------------------------


def network(text: str) -> str:
    """A network in CIDR notation in its one usual form; a plain address is a network of one.

    IPv4 written as IPv6 (`::ffff:10.0.0.0/104`) becomes IPv4, as source addresses do. Errors:
    ValueError, also where bits are set behind the prefix: that is mostly a single host meant.
    """
    found = ip_network(text.strip())
    if isinstance(found, IPv6Network) and found.prefixlen >= 96:
        mapped = found.network_address.ipv4_mapped
        if mapped is not None:
            return str(ip_network((mapped, found.prefixlen - 96)))
    return str(found)


def _outside(actor: Actor, key: Key) -> str:
    """Which of the actor's own bounds the key passes: a field, or nothing."""
    if actor.departments and not (key.departments and key.departments <= actor.departments):
        return "departments"
    if actor.customer is not None and key.customer != actor.customer:
        return "customer"
    return ""


def _hold(actor: Actor, key: Key) -> None:
    """A key gives and changes only what it has itself. Networks and expiry are no part of that:
    an admin's key, limited to the office, must be able to make the key of a server elsewhere.
    """
    if lacking := key.permissions - actor.permissions:
        raise BeyondOwn("permissions", min(lacking))
    if field := _outside(actor, key):
        raise BeyondOwn(field, "can_manage_keys")
    own = actor.agent is None or key.agent == actor.agent
    if not own and not actor.may("can_act_for_others"):
        raise BeyondOwn("agent", "can_act_for_others")


def _check_references(key: Key, facts: KeyFacts) -> None:
    """What the facts name must exist. Errors: Invalid."""
    customer = facts.get("customer")
    person = [person_key(customer)] if customer is not None else []
    found = table.fetch([CATALOGUE_VERSION, *person])
    rows = cache.current(found)
    problems = []
    if not facts.get("departments", frozenset()) <= rows.departments.keys():
        problems.append(Problem("departments", "unknown"))
    if facts.get("agent") is not None and facts["agent"] not in rows.agents:
        problems.append(Problem("agent", "unknown"))
    nobody = {NOBODY, THE_DESK} | rows.agents.keys()
    if customer is not None and (customer in nobody or person[0] not in found):
        problems.append(Problem("customer", "unknown"))
    if key.agent is not None and key.customer is not None:
        problems.append(Problem("customer", "agent_or_customer"))
    if problems:
        raise Invalid(*problems)


# --- how a key is stored --------------------------------------------------------------------


def _grants(key: Key) -> Item:
    return {
        "permissions": sorted(key.permissions),
        "networks": list(key.networks),
        "active": key.active,
        "expires": to_iso(key.expires) if key.expires else "",
        "departments": sorted(key.departments),
        "agent": key.agent,
        "customer": key.customer,
    }


def _key(number: int, row: Mapping[str, Any], last_used: str = "") -> Key:
    grants = row["grants"]
    return Key(
        id=number,
        name=row["name"],
        permissions=frozenset(grants["permissions"]),
        networks=tuple(grants["networks"]),
        active=grants["active"],
        expires=from_iso(grants["expires"]) if grants["expires"] else None,
        departments=frozenset(grants["departments"]),
        agent=grants["agent"],
        customer=grants["customer"],
        created=from_iso(row["created"]),
        last_used=from_iso(last_used) if last_used else None,
        version=row["version"],
    )


def _digests(row: Mapping[str, Any]) -> list[str]:
    """The secrets of a row that still work: its own, and the one before while they overlap."""
    standing = row.get("ends") and from_iso(row["ends"]) > now()
    return [row["secret"], row["old"]] if standing else [row["secret"]]


def _manages(key: Key) -> bool:
    """Whether the desk can rely on this key to make any other: it works, for good, for all."""
    bound = key.departments or key.customer is not None
    return key.active and key.expires is None and not bound and "can_manage_keys" in key.permissions


def _managers(key: int, *, before: bool, after: bool) -> list[Write]:
    ids, names = {":id": {key}}, {"#ids": "ids"}
    if after and not before:
        return [transact.update(MANAGERS, "ADD #ids :id", ids, names=names)]
    if before and not after:
        return [
            transact.update(
                MANAGERS,
                "DELETE #ids :id",
                ids | {":one": 1},
                condition="size(#ids) > :one",
                names=names,
            )
        ]
    return []


def _put_row(key: Key, row: Mapping[str, Any], event: Write) -> Write:
    """The row at its next version. `event` marks the write as this one's own (docs/aws.md m16)."""
    item = {
        **row,
        "name": key.name,
        "grants": _grants(key),
        "version": key.version + 1,
        "event": event.key.sk,
    }
    return transact.put(
        key_row(key.id),
        item,
        **_unmoved(key.version),
    )


def _unmoved(version: int) -> dict[str, Any]:
    """The condition that a row is still as it was read."""
    return {
        "condition": "#version = :version",
        "values": {":version": version},
        "names": {"#version": "version"},
    }


def _commit(
    number: int,
    writes: list[Write],
    event: Write,
    once: IdempotencyRecord | None = None,
    result: Issued | None = None,
) -> None:
    """One transaction of a key's writes, its event and its answer.

    Errors: Cancelled with `conflict` where the row moved meanwhile (read it again), Conflict for
    the last managing key, AlreadyAnswered, KeyReused, Throttled, Unavailable.
    """
    answer = [once.write(result, now())] if once else []
    row = key_row(number)
    try:
        transact.commit([*writes, event, *answer])
    except Cancelled as cancelled:
        standing = cancelled.failed.get(row)
        if standing and standing.get("event") == event.key.sk:
            return
        idempotency.check(once, cancelled.failed)
        if row in cancelled.failed:
            raise Cancelled({}, conflict=True) from cancelled
        if MANAGERS in cancelled.failed:
            raise Conflict("last_managing_key") from cancelled
        raise


# --- keys, as admins see them ---------------------------------------------------------------


def _read(actor: Actor, number: int) -> tuple[Key, Item]:
    row = table.get(key_row(number))
    if row is None or _outside(actor, key := _key(number, row)):
        raise NotFound("key", number)
    return key, row


def _last_used(rows: Mapping[int, Item]) -> dict[int, str]:
    """When each key came in last, by whichever of its secrets; one trip."""
    used = {number: str(row.get("used", "")) for number, row in rows.items()}
    secrets = {secret_key(of): number for number, row in rows.items() for of in _digests(row)}
    for key, item in table.fetch(list(secrets)).items():
        number = secrets[key]
        used[number] = max(used[number], item.get("used", ""))
    return used


def find_key(actor: Actor, number: int) -> Key:
    """One key. Errors: NotFound, also for a key outside the actor's own bounds."""
    _, row = _read(actor, number)
    return _key(number, row, _last_used({number: row})[number])


def list_keys(actor: Actor, *, after: int = 0, limit: int = 100) -> tuple[list[Key], int | None]:
    """The keys within the actor's bounds by id, those behind `after`; and the id to go on after,
    or None at the end. Two trips for up to a hundred keys.
    """
    rows: dict[int, Item] = {}
    for row in table.query(MANAGERS.pk, between=(padded(after + 1), _ALL_ROWS[1])):
        number = int(row["sk"])
        if not _outside(actor, _key(number, row)):
            rows[number] = row
        if len(rows) > limit:
            break
    more = len(rows) > limit
    if more:
        rows.popitem()
    used = _last_used(rows)
    keys = [_key(number, row, used[number]) for number, row in rows.items()]
    return keys, keys[-1].id if more else None


def is_referenced(kind: str, number: int) -> bool:
    """Whether a key acts as this agent or is bound to this department, as `kind` says."""
    for row in table.query(MANAGERS.pk, between=_ALL_ROWS):
        grants = row["grants"]
        if number in (grants["departments"] if kind == "departments" else [grants["agent"]]):
            return True
    return False


def create_key(actor: Actor, facts: KeyFacts, once: IdempotencyRecord | None = None) -> Issued:
    """A new key, with its secret for the one time it is shown.

    Errors: BeyondOwn, Invalid for what does not exist, AlreadyAnswered, KeyReused.
    """
    idempotency.check(once, table.fetch(idempotency.first_keys(once)))
    wanted = replace(Key(id=0, name=""), **facts)
    _hold(actor, wanted)
    _check_references(wanted, facts)
    issued = Issued(
        replace(wanted, id=sequences.allocate_ids(key=1)["key"], created=now()), token_hex(32)
    )
    transact.retried(lambda: _create(actor, issued, once))
    return issued


def _create(
    actor: Actor, issued: Issued, once: IdempotencyRecord | None = None, *, first: bool = False
) -> None:
    at, key = now(), issued.key
    event = history.audit_event("key_created", actor, at, todo=["project"], data={"key": key.id})
    hashed = authorize.digest(issued.secret)
    row = {
        "name": key.name,
        "grants": _grants(key),
        "secret": hashed,
        "created": to_iso(key.created or at),
        # Not a secret: API Gateway counts requests under it, and it opens nothing.
        "gateway": token_hex(16),
        "version": key.version,
        "event": event.key.sk,
    }
    managers = _managers(key.id, before=False, after=_manages(key))
    writes = [
        transact.put_new(key_row(key.id), row),
        transact.put_new(secret_key(hashed), {"key": key.id, "grants": _grants(key)}),
        *([transact.put_new(MANAGERS, {"ids": {key.id}})] if first else managers),
    ]
    _commit(key.id, writes, event, once, issued)


def change_key(actor: Actor, number: int, facts: KeyFacts) -> Key:
    """Sets what `facts` say. Holds for requests within 60 seconds at the latest (docs/aws.md m11).

    Errors: NotFound, BeyondOwn, Invalid, Conflict for the last managing key, ChangedUnderYou.
    """

    def attempt() -> None:
        before, row = _read(actor, number)
        key = replace(before, **facts)
        _hold(actor, before)
        _hold(actor, key)
        _check_references(key, facts)
        data = {"key": number, "fields": sorted(facts)}
        event = history.audit_event("key_changed", actor, now(), todo=["project"], data=data)
        writes = [
            _put_row(key, row, event),
            *(authorize.update_secret_record(of, grants=_grants(key)) for of in _digests(row)),
            *_managers(number, before=_manages(before), after=_manages(key)),
        ]
        _commit(number, writes, event)

    transact.retried(attempt)
    return find_key(actor, number)


def rotate_key(
    actor: Actor, number: int, overlap: timedelta, once: IdempotencyRecord | None = None
) -> Issued:
    """A new secret; the one before works until the overlap ends. Two at a time is all there are:
    one that was still overlapping from an earlier rotation ends at once.

    Errors: NotFound, BeyondOwn, ChangedUnderYou, AlreadyAnswered, KeyReused.
    """
    idempotency.check(once, table.fetch(idempotency.first_keys(once)))
    secret = token_hex(32)

    def attempt() -> Issued:
        at = now()
        key, row = _read(actor, number)
        _hold(actor, key)
        last_used = _last_used({number: row})[number]
        issued = Issued(_key(number, row, last_used), secret)
        event = history.audit_event(
            "key_rotated", actor, at, todo=["project"], data={"key": number}
        )
        changed = row | {
            "secret": authorize.digest(secret),
            "used": last_used,
            "old": "",
            "ends": "",
        }
        entrance = {"key": number, "grants": row["grants"], "usage": row.get("usage")}
        ended = [row["old"]] if "old" in row else []
        writes = [transact.put_new(secret_key(changed["secret"]), entrance)]
        if overlap:
            ends = at + overlap
            changed |= {"old": row["secret"], "ends": to_iso(ends)}
            gone = seconds(ends + _KEPT_AFTER_END)
            writes.append(
                authorize.update_secret_record(row["secret"], ends=to_iso(ends), ttl=gone)
            )
        else:
            ended.append(row["secret"])
        writes += [transact.delete(secret_key(of)) for of in ended]
        _commit(number, [*writes, _put_row(key, changed, event)], event, once, issued)
        return issued

    return transact.retried(attempt)


def delete_key(actor: Actor, number: int) -> None:
    """Removes a key and its secrets. Holds for requests within 60 seconds at the latest
    (docs/aws.md m11).

    Errors: NotFound, BeyondOwn, Conflict for the last managing key, ChangedUnderYou.
    """

    def attempt() -> None:
        key, row = _read(actor, number)
        _hold(actor, key)
        event = history.audit_event(
            "key_deleted", actor, now(), todo=["project"], data={"key": number}
        )
        writes = [
            transact.delete(key_row(number), **_unmoved(key.version)),
            *(transact.delete(secret_key(row[of])) for of in ("secret", "old") if of in row),
            *_managers(number, before=_manages(key), after=False),
        ]
        _commit(number, writes, event)

    transact.retried(attempt)


def first_admin_key(secret: str) -> bool:
    """Makes the first key of a desk, which may do everything, with a secret that set-up has put in
    a safe place; and says whether it did.

    A desk always has a managing key, so that one who finds none is the first: an update, a second
    run at the same time and a changed secret never make another one (docs/aws.md m36).
    """
    if table.get(MANAGERS):
        return False
    key = Key(
        id=sequences.allocate_ids(key=1)["key"],
        name="First admin key",
        permissions=frozenset(PERMISSIONS),
        created=now(),
    )
    try:
        transact.retried(lambda: _create(SYSTEM, Issued(key, secret), first=True))
    except Conflict:
        return False
    return True


# --- throttling by API Gateway --------------------------------------------------------------


def share_gateway_key(value: str) -> None:
    """Names the gateway key under which keys without one of their own are counted
    (docs/aws.md m10).
    """
    transact.write(transact.put(GATEWAY, {"value": value}))


def gateway_value(number: int) -> str | None:
    """The value that the gateway key of a key must have; None where the key has gone or has its
    gateway key already. A second call for the same key gives the same value.
    """
    row = table.get(key_row(number))
    return None if row is None or "usage" in row else str(row["gateway"])


def count_separately(number: int, gateway_id: str) -> bool:
    """From now on the authorizer counts a key under its own gateway key, whose id this is. False
    where the key has gone meanwhile: then the gateway key may go as well.
    """

    def attempt() -> bool:
        row = table.get(key_row(number))
        if row is None:
            return False
        usage = row["gateway"]
        writes = [
            transact.put(
                key_row(number),
                row | {"usage": usage, "gateway_id": gateway_id, "version": row["version"] + 1},
                **_unmoved(row["version"]),
            ),
            *(authorize.update_secret_record(of, usage=usage) for of in _digests(row)),
        ]
        try:
            transact.commit(writes)
        except Cancelled as cancelled:
            raise Cancelled({}, conflict=True) from cancelled
        return True

    return transact.retried(attempt)
