"""Organizations: not in the catalogue, because there may be thousands of them (docs/aws.md m31)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any

from helpdesk import idempotency, operations
from helpdesk.catalogue.rows import fold
from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import ChangedUnderYou, Conflict, Damaged, NotAllowed, NotFound
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.people import Organization
from helpdesk.storage import aws, sequences, shapes, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    Key,
    domain_key,
    members_of,
    organization_key,
    organization_name_key,
    padded,
)
from helpdesk.storage.reading import make, readable, reading, reference
from helpdesk.storage.transact import Cancelled, Write

LISTED = "organizations"


def as_organization(item: Mapping[str, Any]) -> Organization:
    """The organization that an item holds.

    Raises:
        Damaged: It holds none.
    """
    with reading("organization", item):
        times = {name: from_iso(item[name]) for name in ("created", "updated") if name in item}
        found = make(Organization, {**item, **times})
        if organization_key(found.id).pk != item["pk"]:
            raise ValueError("id")
    return found


def as_item(organization: Organization) -> Item:
    """An organization as stored, with its index attributes."""
    times = {
        name: to_iso(value)
        for name, value in (("created", organization.created), ("updated", organization.updated))
        if value
    }
    listed = {"p11": LISTED, "s11": padded(organization.id), shapes.NAME: shapes.SHAPE}
    return asdict(organization) | times | listed


def _name_key(name: str) -> Key:
    return organization_name_key(fold(name))


def find_organization(actor: Actor, number: int) -> Organization:
    """One organization.

    Raises:
        NotAllowed: The key is a customer's.
        NotFound: There is none.
    """
    _check_may_see(actor)
    return _read(number)


def _check_may_see(actor: Actor) -> None:
    if actor.customer is not None:
        raise NotAllowed("can_manage_directory")


def _check_may_change(actor: Actor) -> None:
    # The organization is shared with other departments.
    if actor.bound:
        raise NotAllowed("can_manage_directory")


def _read(number: int) -> Organization:
    item = table.get(organization_key(number))
    if item is None:
        raise NotFound("organization", number)
    return as_organization(item)


def _read_for_removal(number: int) -> tuple[Organization, dict[str, Any]]:
    """An organization, as far as it can be read, and the condition that it has not changed."""
    item = table.get(organization_key(number))
    if item is None:
        raise NotFound("organization", number)
    try:
        before = as_organization(item)
    except Damaged:
        texts = {name: item[name] for name in ("name", "domain") if isinstance(item.get(name), str)}
        assigns = item.get("domain_assignment") is True
        before = Organization(**{"name": "", **texts, "id": number, "domain_assignment": assigns})
        return before, {"condition": "attribute_exists(pk)"}
    return before, _unchanged(before)


def find_organizations(ids: Iterable[int]) -> dict[int, Organization]:
    """The organizations under these ids; one round trip."""
    found = table.fetch([organization_key(number) for number in sorted(set(ids))])
    return {one.id: one for one in readable(as_organization, found.values())}


def members(organization: int) -> tuple[list[int], list[int]]:
    """The members of an organization, by id: those for whom it is the primary one, and the others.
    One round trip; a new member is listed within a second.
    """
    first: list[int] = []
    others: list[int] = []
    for item in table.query(members_of(organization), index="g07"):
        if item["s1"].isdecimal():
            (first if item["sk"] == "A" else others).append(int(item["s1"]))
    return first, others


def members_of_all(ids: Iterable[int]) -> dict[int, tuple[list[int], list[int]]]:
    """The `members` of several organizations, by organization; read in parallel."""
    wanted = sorted(set(ids))
    found = aws.together(*(partial(members, number) for number in wanted)) if wanted else []
    return dict(zip(wanted, found, strict=True))


def find_named(name: str) -> int | None:
    """The organization that has this name, in any case; one round trip."""
    item = table.get(_name_key(name))
    return reference(item, "organization")


def ids() -> list[int]:
    """All organizations by id; a new one is listed within a second. Half a unit for each 70."""
    listed = (item["s11"] for item in table.query(LISTED, index="g11"))
    return [int(number) for number in listed if number.isdecimal()]


def list_organizations(
    actor: Actor, *, after: int = 0, limit: int = 100
) -> tuple[list[Organization], int | None]:
    """Organizations by id, starting after `after`; and the `after` of the next page, None at the
    end.

    Two round trips; a new one is listed within a second.

    Raises:
        NotAllowed: The key is a customer's.
    """
    _check_may_see(actor)
    between = (padded(after + 1), padded(10**10 - 1))
    listed = list(table.query(LISTED, index="g11", between=between, limit=limit + 1))
    keys = [Key(item["pk"], item["sk"]) for item in listed]
    found = table.fetch(keys[:limit])
    items = list(readable(as_organization, [found[key] for key in keys[:limit] if key in found]))
    return items, int(listed[limit - 1]["s11"]) if len(keys) > limit else None


Beside = Callable[[int, datetime], Sequence[Write]]
"""Gives further writes for a change of an organization, by its id and the time."""


def create_organization(
    actor: Actor,
    values: Mapping[str, Any],
    once: IdempotencyRecord | None = None,
    beside: Beside | None = None,
) -> Organization:
    """Creates an organization, with the `id` in the values, if given.

    Raises:
        NotAllowed: The key sees only part of the desk.
        Conflict: `id_taken`, `name_taken`.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        ChangedUnderYou: Others kept changing the items.
    """
    _check_may_change(actor)
    idempotency.check(once, table.fetch(idempotency.first_keys(once)))
    at, number = now(), values.get("id")
    if number is not None:
        sequences.reserve_id("organization", number)
    else:
        number = sequences.allocate_ids(organization=1)["organization"]
    by = {"created_by": actor.me, "updated_by": actor.me}
    new = Organization(**{**values, **by, "id": number, "created": at, "updated": at})
    for _ in transact.attempts():
        event = _event("organization_created", actor, at, {"organization": new.id}, None, new)
        writes = [
            transact.put_new(organization_key(new.id), as_item(new)),
            transact.put_new(_name_key(new.name), {"organization": new.id}),
            *(transact.put(key, {}) for key in _domain_keys(new)),
            *(beside(number, at) if beside else ()),
        ]
        failed = _commit(new, event, writes, once)
        if organization_key(number) in failed:
            raise Conflict("id_taken")
        if not failed:
            return new
    raise ChangedUnderYou


def update_organization(
    actor: Actor,
    number: int,
    values: Mapping[str, Any],
    beside: Beside | None = None,
    *,
    unchanged: Callable[[Organization], None] | None = None,
) -> Organization:
    """Changes an organization's values. If nothing would change, nothing is written.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is none.
        Conflict: `name_taken`.
        ChangedUnderYou: Others kept changing the organization.
    """
    _check_may_change(actor)
    for _ in transact.attempts():
        before, at = _read(number), now()
        if unchanged:
            unchanged(before)
        moving = beside(number, at) if beside else ()
        if replace(before, **values) == before and not moving:
            return before
        after = replace(
            before, **values, updated=at, updated_by=actor.me, version=before.version + 1
        )
        data = {"organization": number, "fields": sorted(values), "gone": [before.name]}
        event = _event("organization_changed", actor, at, data, before, after)
        writes = [transact.put(organization_key(number), as_item(after), **_unchanged(before))]
        old, new = _domain_keys(before), _domain_keys(after)
        writes += [transact.delete(key) for key in old if key not in new]
        writes += [transact.put(key, {}) for key in new if key not in old]
        if fold(after.name) != fold(before.name):
            writes.append(transact.delete(_name_key(before.name)))
            writes.append(transact.put_new(_name_key(after.name), {"organization": number}))
        if not _commit(after, event, [*writes, *moving]):
            return after
    raise ChangedUnderYou


def delete_organization(
    actor: Actor, number: int, unchanged: Callable[[Organization], None] | None = None
) -> None:
    """Removes an organization without members and tickets.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is none.
        Conflict: `in_use`.
        ChangedUnderYou: Others kept changing the organization.
    """
    _check_may_change(actor)
    for _ in transact.attempts():
        before, condition = _read_for_removal(number)
        if unchanged:
            unchanged(before)
        for listed, of in ((padded(number), "tickets"), (members_of(number), "people")):
            if any(True for _ in table.query(listed, index="g07", limit=1)):
                raise Conflict("in_use", of)
        data = {"organization": number, "gone": [before.name] if before.name else []}
        event = _event("organization_deleted", actor, now(), data, before, None)
        writes = [
            transact.delete(organization_key(number), **condition),
            *([transact.delete(_name_key(before.name))] if before.name else []),
            *(transact.delete(key) for key in _domain_keys(before)),
        ]
        if not _commit(before, event, writes):
            return
    raise ChangedUnderYou


def _event(
    kind: str,
    actor: Actor,
    at: datetime,
    data: Item,
    *states: Organization | None,
) -> Write:
    """The event of a change, with the organization before and after it."""
    before, after = states
    known = after or before
    return history.audit_event(
        kind,
        actor,
        at,
        todo=["project"],
        data=data,
        changes=history.differences(_told(before), _told(after)),
        about=(LISTED, data["organization"], known.name if known else ""),
    )


_SET = ("name", "shared", "domain", "domain_assignment", "active", "note", "vip")


def _told(organization: Organization | None) -> Item:
    """The values of an organization that admins set."""
    return {name: getattr(organization, name) for name in _SET} if organization else {}


def _domain_keys(organization: Organization) -> list[Key]:
    """The key under which the organization for new people of a domain is found."""
    domain = fold(organization.domain)
    takes = organization.domain_assignment and organization.active and domain
    return [domain_key(domain, organization.id)] if takes else []


def _unchanged(before: Organization) -> dict[str, Any]:
    """The condition that an organization still has the version that was read; older ones have
    none.
    """
    unnumbered = "attribute_exists(pk) AND attribute_not_exists(#version)"
    return {
        "condition": f"#version = :version OR ({unnumbered})"
        if before.version == 1
        else "#version = :version",
        "values": {":version": before.version},
        "names": {"#version": "version"},
    }


def _commit(
    result: Organization,
    event: Write,
    writes: Sequence[Write],
    once: IdempotencyRecord | None = None,
) -> Collection[Key]:
    """The items whose condition failed; empty if the writes were committed."""
    try:
        operations.commit(event, writes, once=once, result=result)
    except Cancelled as cancelled:
        failed = cancelled.failed
        if _name_key(result.name) in failed and organization_key(result.id) not in failed:
            raise Conflict("name_taken") from cancelled
        return failed
    return ()
