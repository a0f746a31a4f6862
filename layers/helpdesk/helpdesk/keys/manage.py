"""API keys, as admins manage them: who may do what, and how far they see (docs/keys.md).

A key's secret is random, shown once, and stored as SHA-256 only: the authorizer finds a key by the
hash of what it was sent, so no comparison ever touches a secret. The secret record under the hash
holds everything the authorizer needs; it is written from the row in the list of keys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_network
from secrets import token_hex
from typing import Any, TypedDict

from helpdesk import idempotency, operations
from helpdesk.catalogue import cache
from helpdesk.clock import from_iso, now, seconds, to_iso
from helpdesk.errors import ChangedUnderYou, Conflict, Invalid, NotAllowed, NotFound, Problem
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.keys import authorize
from helpdesk.model.actor import NOBODY, SYSTEM, THE_DESK, Actor, ApiKey
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
    """What an admin may set on a key; what is missing keeps its value, or has its default."""

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

    key: ApiKey
    secret: str


class BeyondOwn(NotAllowed):
    """A key would give, take or change what it does not have itself; `field` names it."""

    def __init__(self, field: str, permission: str) -> None:
        super().__init__(permission)
        self.field = field


# --- what a key may do to others ------------------------------------------------------------


def network(text: str) -> str:
    """A network in CIDR notation in its usual form; a plain address is a network of one.

    IPv4 written as IPv6 (`::ffff:10.0.0.0/104`) becomes IPv4, as source addresses do.

    Raises:
        ValueError: This is no network, or bits are set behind the prefix, where as a rule a single
            host was meant.
    """
    found = ip_network(text.strip())
    if isinstance(found, IPv6Network) and found.prefixlen >= 96:
        mapped = found.network_address.ipv4_mapped
        if mapped is not None:
            return str(ip_network((mapped, found.prefixlen - 96)))
    return str(found)


def _outside(actor: Actor, key: ApiKey) -> str:
    """The field in which the key is less bound than the actor; empty where there is none."""
    if actor.departments and not (key.departments and key.departments <= actor.departments):
        return "departments"
    if actor.customer is not None and key.customer != actor.customer:
        return "customer"
    return ""


def _check_own(actor: Actor, key: ApiKey) -> None:
    """A key gives and changes only what it has itself.

    Networks and expiry are no part of that: an admin's key that works from the office only must be
    able to make the key of a server elsewhere.

    Raises:
        BeyondOwn: The key has more than the actor.
    """
    if lacking := key.permissions - actor.permissions:
        raise BeyondOwn("permissions", min(lacking))
    if field := _outside(actor, key):
        raise BeyondOwn(field, "can_manage_keys")
    own = actor.agent is None or key.agent == actor.agent
    if not own and not actor.may("can_act_for_others"):
        raise BeyondOwn("agent", "can_act_for_others")


def _check_references(key: ApiKey, facts: KeyFacts) -> None:
    """What the facts name must exist.

    Raises:
        Invalid: `departments`, `agent`, `customer`.
    """
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


def _grants(key: ApiKey) -> Item:
    return {
        "permissions": sorted(key.permissions),
        "networks": list(key.networks),
        "active": key.active,
        "expires": to_iso(key.expires) if key.expires else "",
        "departments": sorted(key.departments),
        "agent": key.agent,
        "customer": key.customer,
    }


def _key(number: int, row: Mapping[str, Any], last_used: str = "") -> ApiKey:
    grants = row["grants"]
    return ApiKey(
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
    overlapping = row.get("ends") and from_iso(row["ends"]) > now()
    return [row["secret"], row["old"]] if overlapping else [row["secret"]]


def _manages(key: ApiKey) -> bool:
    """Whether this key can make any other key, for good: the desk keeps at least one of these."""
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


def _put_row(key: ApiKey, row: Mapping[str, Any]) -> Write:
    """The write of the row at its next version."""
    item = {**row, "name": key.name, "grants": _grants(key), "version": key.version + 1}
    return transact.put(key_row(key.id), item, **_unchanged(key.version))


def _unchanged(version: int) -> dict[str, Any]:
    """The condition that a row still has the version that was read."""
    return {
        "condition": "#version = :version",
        "values": {":version": version},
        "names": {"#version": "version"},
    }


def _commit(
    number: int,
    event: Write,
    writes: Sequence[Write],
    once: IdempotencyRecord | None = None,
    result: Issued | None = None,
) -> bool:
    """Whether a key's writes were carried out; not where its row has changed since it was read.

    Raises:
        Conflict: `last_managing_key`.
        AlreadyAnswered: The same request was carried out at the same moment.
        KeyReused: The Idempotency-Key was used at the same moment with another body.
        ChangedUnderYou: Others kept changing the items.
    """
    try:
        operations.commit(event, writes, once=once, result=result)
    except Cancelled as cancelled:
        if key_row(number) in cancelled.failed:
            return False
        if MANAGERS in cancelled.failed:
            raise Conflict("last_managing_key") from cancelled
        raise ChangedUnderYou from cancelled
    return True


# --- keys, as admins see them ---------------------------------------------------------------


def _read(actor: Actor, number: int) -> tuple[ApiKey, Item]:
    row = table.get(key_row(number))
    if row is None or _outside(actor, key := _key(number, row)):
        raise NotFound("key", number)
    return key, row


def _last_used(rows: Mapping[int, Item]) -> dict[int, str]:
    """When each key was last used, with any of its secrets; one round trip."""
    used = {number: str(row.get("used", "")) for number, row in rows.items()}
    secrets = {secret_key(of): number for number, row in rows.items() for of in _digests(row)}
    for key, item in table.fetch(list(secrets)).items():
        number = secrets[key]
        used[number] = max(used[number], item.get("used", ""))
    return used


def find_key(actor: Actor, number: int) -> ApiKey:
    """One key.

    Raises:
        NotFound: No such key within the actor's own bounds.
    """
    _, row = _read(actor, number)
    return _key(number, row, _last_used({number: row})[number])


def list_keys(actor: Actor, *, after: int = 0, limit: int = 100) -> tuple[list[ApiKey], int | None]:
    """The keys within the actor's bounds by id, beginning after `after`; and the id to go on after,
    or None at the end. Two round trips for up to a hundred keys.
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

    Raises:
        BeyondOwn: The key would have more than the actor.
        Invalid: What the facts name does not exist.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the items.
    """
    idempotency.check(once, table.fetch(idempotency.first_keys(once)))
    wanted = replace(ApiKey(id=0, name=""), **facts)
    _check_own(actor, wanted)
    _check_references(wanted, facts)
    key = replace(wanted, id=sequences.allocate_ids(key=1)["key"], created=now())
    issued = Issued(key, token_hex(32))
    _create(actor, issued, once)
    return issued


def _create(
    actor: Actor, issued: Issued, once: IdempotencyRecord | None = None, *, first: bool = False
) -> None:
    at, key = now(), issued.key
    hashed = authorize.digest(issued.secret)
    row = {
        "name": key.name,
        "grants": _grants(key),
        "secret": hashed,
        "created": to_iso(key.created or at),
        # Not a secret: API Gateway counts requests under it, and it opens nothing.
        "gateway": token_hex(16),
        "version": key.version,
    }
    managers = _managers(key.id, before=False, after=_manages(key))
    writes = [
        transact.put_new(key_row(key.id), row),
        transact.put_new(secret_key(hashed), {"key": key.id, "grants": _grants(key)}),
        *([transact.put_new(MANAGERS, {"ids": {key.id}})] if first else managers),
    ]
    if not _commit(key.id, _event("key_created", actor, key.id), writes, once, issued):
        raise ChangedUnderYou


def _event(kind: str, actor: Actor, number: int, **data: object) -> Write:
    data = {"key": number, **data}
    return history.audit_event(kind, actor, now(), todo=["project"], data=data)


def change_key(actor: Actor, number: int, facts: KeyFacts) -> ApiKey:
    """Sets what `facts` say. Takes effect for requests within 60 seconds at the latest
    (docs/aws.md m11).

    Raises:
        NotFound: No such key for this actor.
        BeyondOwn: The key has, or would have, more than the actor.
        Invalid: What the facts name does not exist.
        Conflict: `last_managing_key`.
        ChangedUnderYou: Others kept changing the key.
    """
    for _ in transact.attempts():
        before, row = _read(actor, number)
        key = replace(before, **facts)
        _check_own(actor, before)
        _check_own(actor, key)
        _check_references(key, facts)
        writes = [
            _put_row(key, row),
            *(authorize.update_secret_record(of, grants=_grants(key)) for of in _digests(row)),
            *_managers(number, before=_manages(before), after=_manages(key)),
        ]
        event = _event("key_changed", actor, number, fields=sorted(facts))
        if _commit(number, event, writes):
            return find_key(actor, number)
    raise ChangedUnderYou


def rotate_key(
    actor: Actor, number: int, overlap: timedelta, once: IdempotencyRecord | None = None
) -> Issued:
    """A new secret; the one before works until the overlap ends.

    A key has at most two secrets: one that still overlaps from an earlier rotation ends at once.

    Raises:
        NotFound: No such key for this actor.
        BeyondOwn: The key has more than the actor.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the key.
    """
    idempotency.check(once, table.fetch(idempotency.first_keys(once)))
    secret = token_hex(32)
    for _ in transact.attempts():
        key, row = _read(actor, number)
        _check_own(actor, key)
        last_used = _last_used({number: row})[number]
        issued = Issued(_key(number, row, last_used), secret)
        changed = row | {
            "secret": authorize.digest(secret),
            "used": last_used,
            "old": "",
            "ends": "",
        }
        record = {"key": number, "grants": row["grants"], "usage": row.get("usage")}
        writes = [transact.put_new(secret_key(changed["secret"]), record)]
        ended = [row["old"]] if "old" in row else []
        if overlap:
            ends = now() + overlap
            changed |= {"old": row["secret"], "ends": to_iso(ends)}
            ttl = seconds(ends + _KEPT_AFTER_END)
            writes.append(authorize.update_secret_record(row["secret"], ends=to_iso(ends), ttl=ttl))
        else:
            ended.append(row["secret"])
        writes += [transact.delete(secret_key(of)) for of in ended]
        event = _event("key_rotated", actor, number)
        if _commit(number, event, [*writes, _put_row(key, changed)], once, issued):
            return issued
    raise ChangedUnderYou


def delete_key(actor: Actor, number: int) -> None:
    """Removes a key and its secrets. Takes effect for requests within 60 seconds at the latest
    (docs/aws.md m11).

    Raises:
        NotFound: No such key for this actor.
        BeyondOwn: The key has more than the actor.
        Conflict: `last_managing_key`.
        ChangedUnderYou: Others kept changing the key.
    """
    for _ in transact.attempts():
        key, row = _read(actor, number)
        _check_own(actor, key)
        writes = [
            transact.delete(key_row(number), **_unchanged(key.version)),
            *(transact.delete(secret_key(row[of])) for of in ("secret", "old") if of in row),
            *_managers(number, before=_manages(key), after=False),
        ]
        if _commit(number, _event("key_deleted", actor, number), writes):
            return
    raise ChangedUnderYou


def first_admin_key(secret: str) -> bool:
    """Makes the first key of a desk, which has every permission, under a secret that set-up has
    stored; gives whether it did.

    A desk always has a managing key, so a set-up that finds none is the first: neither an update
    nor a second run at the same time nor a changed secret makes another one (docs/aws.md m36).
    """
    if table.get(MANAGERS):
        return False
    key = ApiKey(
        id=sequences.allocate_ids(key=1)["key"],
        name="First admin key",
        permissions=frozenset(PERMISSIONS),
        created=now(),
    )
    try:
        _create(SYSTEM, Issued(key, secret), first=True)
    except Conflict:
        return False
    return True


# --- throttling by API Gateway --------------------------------------------------------------


def share_gateway_key(value: str) -> None:
    """Stores the gateway key that counts requests of keys without one of their own
    (docs/aws.md m10).
    """
    transact.write(transact.put(GATEWAY, {"value": value}))


def gateway_value(number: int) -> str | None:
    """The value that the gateway key of a key must have; the same in every call. None where the key
    has gone or has its gateway key already.
    """
    row = table.get(key_row(number))
    return None if row is None or "usage" in row else str(row["gateway"])


def count_separately(number: int, gateway_id: str) -> bool:
    """Makes the authorizer count a key under its own gateway key, whose id this is. False where the
    key has gone meanwhile: then the gateway key may go as well.

    Raises:
        ChangedUnderYou: Others kept changing the key.
    """
    for _ in transact.attempts():
        row = table.get(key_row(number))
        if row is None:
            return False
        usage = row["gateway"]
        changed = row | {"usage": usage, "gateway_id": gateway_id, "version": row["version"] + 1}
        writes = [
            transact.put(key_row(number), changed, **_unchanged(row["version"])),
            *(authorize.update_secret_record(of, usage=usage) for of in _digests(row)),
        ]
        try:
            transact.commit_retried(writes)
        except Cancelled:
            continue
        return True
    raise ChangedUnderYou
