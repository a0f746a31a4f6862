"""Organizations: not in the catalogue, because there may be thousands of them (docs/aws.md m31)."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from helpdesk import idempotency
from helpdesk.catalogue.rows import fold
from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import Conflict, NotAllowed, NotFound
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.people import Organization
from helpdesk.storage import sequences, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, organization_key, organization_name_key, padded
from helpdesk.storage.transact import Cancelled, Write

LISTED = "organizations"


def as_organization(item: Mapping[str, Any]) -> Organization:
    """The organization that an item holds."""
    known = {field.name for field in fields(Organization)}
    values = {name: value for name, value in item.items() if name in known}
    for name in ("created", "updated"):
        values[name] = from_iso(values[name])
    return Organization(**values)


def _item(organization: Organization, event: Write) -> Item:
    stamped = {
        name: to_iso(value)
        for name, value in (("created", organization.created), ("updated", organization.updated))
        if value
    }
    place = {"p11": LISTED, "s11": padded(organization.id)}
    return asdict(organization) | stamped | place | {"event": event.key.sk}


def _name_key(name: str) -> Key:
    return organization_name_key(fold(name))


def find_organization(actor: Actor, number: int) -> Organization:
    """One organization. Errors: NotAllowed for a customer's key, NotFound."""
    _check_sight(actor)
    return _read(number)


def _check_sight(actor: Actor) -> None:
    if actor.customer is not None:
        raise NotAllowed("can_manage_directory")


def _check_reach(actor: Actor) -> None:
    # Other departments know the organization too.
    if actor.bound:
        raise NotAllowed("can_manage_directory")


def _read(number: int) -> Organization:
    item = table.get(organization_key(number))
    if item is None:
        raise NotFound("organization", number)
    return as_organization(item)


def list_organizations(
    actor: Actor, *, after: int = 0, limit: int = 100
) -> tuple[list[Organization], int | None]:
    """Organizations by id, those behind `after`; and the id to go on after, or None at the end.

    Two trips; a new one is listed within a second. Errors: NotAllowed for a customer's key.
    """
    _check_sight(actor)
    beyond = (padded(after + 1), padded(10**10 - 1))
    listed = table.query(LISTED, index="g11", between=beyond, limit=limit + 1)
    places = [Key(item["pk"], item["sk"]) for item in listed]
    found = table.fetch(places[:limit])
    items = [as_organization(found[place]) for place in places[:limit] if place in found]
    return items, int(places[limit - 1].pk[2:]) if len(places) > limit else None


def create_organization(
    actor: Actor, values: Mapping[str, Any], once: IdempotencyRecord | None = None
) -> Organization:
    """A new organization; `id` among the values is honoured where it is free.

    Errors: NotAllowed, Conflict (`id_taken`, `name_taken`), AlreadyAnswered, KeyReused,
    ChangedUnderYou.
    """
    _check_reach(actor)
    idempotency.check(once, table.fetch(idempotency.first_keys(once)))
    at, chosen = now(), values.get("id")
    if chosen is not None:
        sequences.reserve_id("organization", chosen)
    number = (
        chosen if chosen is not None else sequences.allocate_ids(organization=1)["organization"]
    )
    new = Organization(**{**values, "id": number, "created": at, "updated": at})
    event = history.audit_event("organization_created", actor, at, data={"organization": new.id})
    writes = [
        transact.put_new(organization_key(new.id), _item(new, event)),
        transact.put_new(_name_key(new.name), {"organization": new.id}),
    ]
    transact.retried(lambda: _commit(new, writes, event, once, id_taken=True))
    return new


def update_organization(actor: Actor, number: int, values: Mapping[str, Any]) -> Organization:
    """An organization with other values. Errors: NotAllowed, NotFound, Conflict
    (`name_taken`), ChangedUnderYou.
    """
    _check_reach(actor)

    def attempt() -> Organization:
        before, at = _read(number), now()
        after = replace(before, **values, updated=at, version=before.version + 1)
        data = {"organization": number, "fields": sorted(values)}
        event = history.audit_event("organization_changed", actor, at, data=data)
        place = organization_key(number)
        writes = [transact.put(place, _item(after, event), **_unmoved(before))]
        if fold(after.name) != fold(before.name):
            writes.append(transact.delete(_name_key(before.name)))
            writes.append(transact.put_new(_name_key(after.name), {"organization": number}))
        _commit(after, writes, event)
        return after

    return transact.retried(attempt)


def delete_organization(actor: Actor, number: int) -> None:
    """Removes an organization without tickets. Errors: NotAllowed, NotFound, Conflict (`in_use`),
    ChangedUnderYou.
    """
    _check_reach(actor)

    def attempt() -> None:
        before = _read(number)
        if any(True for _ in table.query(padded(number), index="g07", limit=1)):
            raise Conflict("in_use")
        data = {"organization": number}
        event = history.audit_event("organization_deleted", actor, now(), data=data)
        writes = [
            transact.delete(organization_key(number), **_unmoved(before)),
            transact.delete(_name_key(before.name)),
        ]
        _commit(before, writes, event)

    transact.retried(attempt)


def _unmoved(before: Organization) -> dict[str, Any]:
    """The condition that an organization is still as it was read."""
    return {
        "condition": "#version = :version",
        "values": {":version": before.version},
        "names": {"#version": "version"},
    }


def _commit(
    result: Organization,
    writes: list[Write],
    event: Write,
    once: IdempotencyRecord | None = None,
    *,
    id_taken: bool = False,
) -> None:
    place = organization_key(result.id)
    answer = [once.write(result, now())] if once else []
    try:
        transact.commit([*writes, event, *answer])
    except Cancelled as cancelled:
        standing = cancelled.failed.get(place)
        if standing and standing.get("event") == event.key.sk:
            return
        idempotency.check(once, cancelled.failed)
        if place in cancelled.failed:
            if id_taken:
                raise Conflict("id_taken") from cancelled
            raise Cancelled({}, conflict=True) from cancelled
        if cancelled.failed:
            raise Conflict("name_taken") from cancelled
        raise
