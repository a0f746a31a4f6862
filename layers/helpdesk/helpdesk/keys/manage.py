"""API keys, as admins make and change them: who may do what, and how far they see (docs/keys.md).

A key's secret is random, shown once, and stored only as SHA-256: the authorizer finds a key by the
hash of the value it was sent, so secrets are never compared. The secret record under the hash holds
everything the authorizer needs; it is derived from the row in the list of keys.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from secrets import token_hex

from helpdesk import idempotency, operations
from helpdesk.clock import now, seconds, to_iso
from helpdesk.errors import ChangedUnderYou, Conflict, Damaged, NotFound
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.keys import authorize, finding, permissions, rows
from helpdesk.keys.permissions import PERMISSIONS, KeyFacts
from helpdesk.model.actor import SYSTEM, Actor, ApiKey, Maker
from helpdesk.storage import sequences, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    MANAGERS,
    Key,
    key_row,
    secret_key,
)
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write

LONGEST_OVERLAP = timedelta(hours=720)
"""How long two secrets of one key may both be valid: thirty days."""

_KEPT_AFTER_END = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """A key and its new secret; no other value ever holds a secret."""

    key: ApiKey
    secret: str


def _commit(
    number: int,
    event: Write,
    writes: Sequence[Write],
    once: IdempotencyRecord | None = None,
    result: Issued | None = None,
) -> bool:
    """Whether a key's writes were committed; False if its row has changed since it was read.

    Raises:
        Conflict: `last_managing_key`.
        AlreadyAnswered: The same request was carried out concurrently.
        KeyReused: The Idempotency-Key was used concurrently with another body.
        ChangedUnderYou: Others kept changing the items.
    """
    for _ in range(2):
        try:
            operations.commit(event, writes, once=once, result=result)
        except Cancelled as cancelled:
            if key_row(number) in cancelled.failed:
                return False
            if MANAGERS not in cancelled.failed:
                raise ChangedUnderYou from cancelled
            if _is_set(cancelled.failed[MANAGERS]):
                raise Conflict("last_managing_key") from cancelled
            _restore_managers()
        else:
            return True
    raise ChangedUnderYou


def _is_set(item: Item | None) -> bool:
    with suppress(Damaged):
        rows.managers(item)
        return True
    return False


def _restore_managers() -> None:
    """Makes the set of managing keys anew from the keys that can be read."""
    known = readable(finding.as_key, finding.all_rows())
    with suppress(ConditionFailed):
        transact.write(rows.put_managers(key.id for key in known if rows.manages(key)))


def create_key(actor: Actor, facts: KeyFacts, once: IdempotencyRecord | None = None) -> Issued:
    """Creates a key; returns it with its secret, which is shown only this once.

    Raises:
        BeyondOwn: The key would have more than the actor.
        Invalid: Something that the facts name does not exist.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the items.
    """
    own = [key_row(actor.key)] if actor.key is not None else []
    found = table.fetch([*idempotency.first_keys(once), *own])
    idempotency.check(once, found)
    wanted = replace(ApiKey(id=0, name=""), **facts)
    permissions.check_own(actor, wanted)
    permissions.check_references(wanted, facts)
    secret = token_hex(32)
    key = replace(
        wanted,
        id=sequences.allocate_ids(key=1)["key"],
        created=now(),
        created_by=_maker(found, own),
        hint=secret[: rows.HINT],
    )
    issued = Issued(key, secret)
    _create(actor, issued, once)
    return issued


def _maker(found: Mapping[Key, Item], own: Sequence[Key]) -> Maker | None:
    for place in own:
        name = found.get(place, {}).get("name", "")
        return Maker(int(place.sk), name if isinstance(name, str) else "")
    return None


def _create(
    actor: Actor, issued: Issued, once: IdempotencyRecord | None = None, *, first: bool = False
) -> None:
    at, key = now(), issued.key
    hashed = authorize.digest(issued.secret)
    row = {
        "name": key.name,
        "grants": rows.grants_of(key),
        "secret": hashed,
        "created": to_iso(key.created or at),
        "hint": key.hint,
        "by": asdict(key.created_by) if key.created_by else None,
        "dismissed": dict(key.dismissed),
        # Not a secret: API Gateway counts requests under it, but it grants no access.
        "gateway": token_hex(16),
        "version": key.version,
    }
    managers = rows.manager_writes(key.id, before=False, after=rows.manages(key))
    writes = [
        transact.put_new(key_row(key.id), row),
        transact.put_new(secret_key(hashed), {"key": key.id, "grants": rows.grants_of(key)}),
        *([transact.put_new(MANAGERS, {"ids": {key.id}})] if first else managers),
    ]
    if not _commit(key.id, _event("key_created", actor, key.id, after=key), writes, once, issued):
        raise ChangedUnderYou


def _event(
    kind: str,
    actor: Actor,
    number: int,
    before: ApiKey | None = None,
    after: ApiKey | None = None,
    **data: object,
) -> Write:
    """The event of a change of a key, with its changed values, and never a secret."""
    known = after or before
    return history.audit_event(
        kind,
        actor,
        now(),
        todo=["project"],
        data={"key": number, **data},
        changes=history.differences(_told(before), _told(after)),
        about=("keys", number, known.name if known else ""),
    )


def _told(key: ApiKey | None) -> Item:
    if key is None:
        return {}
    return {"name": key.name, **rows.grants_of(key), "dismissed": dict(key.dismissed)}


Check = Callable[[ApiKey], None]
"""A precondition of the caller on the key before the change; raises if it fails."""


def change_key(
    actor: Actor, number: int, facts: KeyFacts, unchanged: Check | None = None
) -> ApiKey:
    """Sets the given `facts`. Takes effect for requests within 60 seconds (docs/aws.md m11).

    Raises:
        NotFound: No such key for this actor.
        BeyondOwn: The key has, or would have, more than the actor.
        Invalid: Something that the facts name does not exist.
        Conflict: `last_managing_key`.
        ChangedUnderYou: Others kept changing the key.
    """
    for _ in transact.attempts():
        before, row = finding.read(actor, number)
        if unchanged:
            unchanged(before)
        key = replace(before, **facts)
        permissions.check_own(actor, before)
        permissions.check_own(actor, key)
        permissions.check_references(key, facts)
        writes = [
            rows.put_row(key, row),
            *(
                authorize.update_secret_record(of, grants=rows.grants_of(key))
                for of in rows.digests(row)
            ),
            *rows.manager_writes(number, before=rows.manages(before), after=rows.manages(key)),
        ]
        event = _event("key_changed", actor, number, before, key, fields=sorted(facts))
        if _commit(number, event, writes):
            return finding.find_key(actor, number)
    raise ChangedUnderYou


def rotate_key(
    actor: Actor, number: int, overlap: timedelta, once: IdempotencyRecord | None = None
) -> Issued:
    """Creates a new secret; the previous one is valid until the overlap ends. A key has at most two
    secrets: one still valid from an earlier rotation ends at once.

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
        key, row = finding.read(actor, number)
        permissions.check_own(actor, key)
        known = finding.known_of([row])
        last_used = rows.as_key(number, row, *known).last_used
        changed = row | {
            "secret": authorize.digest(secret),
            "hint": secret[: rows.HINT],
            "used": to_iso(last_used) if last_used else "",
            "old": "",
            "old_hint": "",
            "ends": "",
        }
        same = ("grants", "usage", "usage_from")
        record = {"key": number, **{name: row[name] for name in same if name in row}}
        writes = [transact.put_new(secret_key(changed["secret"]), record)]
        ended = [row["old"]] if "old" in row else []
        if overlap:
            ends = now() + overlap
            kept = {"old": row["secret"], "old_hint": row.get("hint", ""), "ends": to_iso(ends)}
            changed |= kept
            ttl = seconds(ends + _KEPT_AFTER_END)
            writes.append(authorize.update_secret_record(row["secret"], ends=to_iso(ends), ttl=ttl))
        else:
            ended.append(row["secret"])
        writes += [transact.delete(secret_key(of)) for of in ended]
        event = _event("key_rotated", actor, number, key, key)
        issued = Issued(rows.as_key(number, changed, *known), secret)
        if _commit(number, event, [*writes, rows.put_row(key, changed)], once, issued):
            return issued
    raise ChangedUnderYou


def end_overlap(actor: Actor, number: int) -> ApiKey:
    """Ends the overlap: the secret before the last rotation becomes invalid. Takes effect as
    `change_key`.

    Raises:
        NotFound: No such key for this actor, or it has no older valid secret.
        BeyondOwn: The key has more than the actor.
        ChangedUnderYou: Others kept changing the key.
    """
    for _ in transact.attempts():
        key, row = finding.read(actor, number)
        permissions.check_own(actor, key)
        if key.old_secret is None:
            raise NotFound("old secret", number)
        last_used = rows.as_key(number, row, *finding.known_of([row])).last_used
        used = to_iso(last_used) if last_used else ""
        changed = row | {"used": used, "old": "", "old_hint": "", "ends": ""}
        writes = [transact.delete(secret_key(row["old"])), rows.put_row(key, changed)]
        event = _event("key_changed", actor, number, key, key, fields=["old_secret"])
        if _commit(number, event, writes):
            return finding.find_key(actor, number)
    raise ChangedUnderYou


def delete_key(actor: Actor, number: int, unchanged: Check | None = None) -> None:
    """Removes a key and its secrets. Takes effect for requests within 60 seconds (docs/aws.md m11).

    Raises:
        NotFound: No such key for this actor.
        BeyondOwn: The key has more than the actor.
        Conflict: `last_managing_key`.
        ChangedUnderYou: Others kept changing the key.
    """
    for _ in transact.attempts():
        key: ApiKey | None
        try:
            key, row = finding.read(actor, number)
        except Damaged:
            key, writes = None, _removal_of_damaged(actor, number)
        else:
            if unchanged:
                unchanged(key)
            permissions.check_own(actor, key)
            writes = [
                transact.delete(key_row(number), **rows.unchanged(key.version)),
                *_secrets_removal(row),
                *rows.manager_writes(number, before=rows.manages(key), after=False),
            ]
        if _commit(number, _event("key_deleted", actor, number, before=key), writes):
            return
    raise ChangedUnderYou


def _secrets_removal(row: Item) -> list[Write]:
    secrets = (row.get(name) for name in ("secret", "old"))
    return [transact.delete(secret_key(of)) for of in secrets if of and isinstance(of, str)]


def _removal_of_damaged(actor: Actor, number: int) -> list[Write]:
    """The writes that remove a damaged key, which may have had every permission.

    Raises:
        NotAllowed: The actor does not have every permission.
        NotFound: It was deleted meanwhile.
    """
    permissions.check_own(actor, ApiKey(number, "", permissions=frozenset(PERMISSIONS)))
    found = table.fetch([key_row(number), MANAGERS])
    row = found.get(key_row(number))
    if row is None:
        raise NotFound("key", number)
    ids: frozenset[int] = frozenset()
    with suppress(Damaged):
        ids = rows.managers(found.get(MANAGERS))
    return [
        transact.delete(key_row(number)),
        *_secrets_removal(row),
        *rows.manager_writes(number, before=number in ids, after=False),
    ]


def first_admin_key(secret: str) -> bool:
    """Creates the first key of a desk, with every permission and the secret that set-up has stored;
    returns whether it did.

    A desk always has a managing key, so a set-up that finds none is the first: neither an update
    nor a concurrent run nor a changed secret creates another key (docs/aws.md m36).
    """
    if table.get(MANAGERS):
        return False
    key = ApiKey(
        id=sequences.allocate_ids(key=1)["key"],
        name="First admin key",
        permissions=frozenset(PERMISSIONS),
        created=now(),
        hint=secret[: rows.HINT],
    )
    try:
        _create(SYSTEM, Issued(key, secret), first=True)
    except Conflict:
        return False
    return True
