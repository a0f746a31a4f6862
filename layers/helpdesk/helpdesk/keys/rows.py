"""API keys as items: the row in the list of keys, which is authoritative, and the set of managing
keys, which can create any other.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import Damaged
from helpdesk.keys.authorize import own_usage
from helpdesk.model.actor import ApiKey, Maker, OldSecret
from helpdesk.storage import transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import MANAGERS, key_row
from helpdesk.storage.reading import make, reading
from helpdesk.storage.transact import Write


def grants_of(key: ApiKey) -> Item:
    """The grants of a key, as stored in its row and its secret records."""
    return {
        "permissions": sorted(key.permissions),
        "networks": list(key.networks),
        "active": key.active,
        "expires": to_iso(key.expires) if key.expires else "",
        "departments": sorted(key.departments),
        "agent": key.agent,
        "customer": key.customer,
    }


HINT = 6
"""Characters of a secret that are stored for recognition; 232 bits stay unknown."""


def as_key(
    number: int,
    row: Mapping[str, Any],
    uses: Mapping[str, str] | None = None,
    last: int | None = None,
) -> ApiKey:
    """The key that a row holds.

    Args:
        number: Its id.
        row: The row.
        uses: When each secret was last used, by digest.
        last: The managing key, if there is only one.

    Raises:
        Damaged: It is not a valid key. There are no defaults for what a key may do.
    """
    with reading("key", {**row, **key_row(number)._asdict()}):
        grants = row["grants"]
        values = {
            "name": row.get("name", ""),
            **{name: grants[name] for name in ("active", "agent", "customer")},
            "id": number,
            "permissions": frozenset(grants["permissions"]),
            "networks": tuple(grants["networks"]),
            "expires": from_iso(grants["expires"]) if grants["expires"] else None,
            "departments": frozenset(grants["departments"]),
            "created": from_iso(row["created"]) if "created" in row else None,
            "version": row["version"],
            "last_managing": number == last,
            **_beside(row, uses or {}),
        }
        key = make(ApiKey, values)
        for network in key.networks:
            ip_network(network)
    return key


def _beside(row: Mapping[str, Any], uses: Mapping[str, str]) -> dict[str, Any]:
    """The values of a row other than grants; those missing in older rows are empty."""
    secret, *older = _digests(row)
    of_each = [uses.get(digest, "") for digest in (secret, *older)]
    latest = max([used(row), *of_each])
    old = None
    if older:
        old = OldSecret(row.get("old_hint", ""), from_iso(row["ends"]), _moment(of_each[1]))
    maker = row.get("by")
    return {
        "hint": row.get("hint", ""),
        "created_by": make(Maker, maker) if maker else None,
        "old_secret": old,
        "last_used": _moment(latest),
        "secret_used": _moment(of_each[0]),
        "counted": bool(own_usage(row, now())),
        "dismissed": row.get("dismissed", {}),
    }


def used(item: Mapping[str, Any]) -> str:
    """When a secret was last used; empty if never."""
    used = item.get("used", "")
    with suppress(Damaged), reading("secret", item):
        if used:
            from_iso(used)
        return str(used)
    return ""


def _moment(written: str) -> datetime | None:
    return from_iso(written) if written else None


def digests(row: Mapping[str, Any]) -> list[str]:
    """The digests of a row's valid secrets: the current one, and the previous one during the
    overlap. The row must be readable by `as_key`.
    """
    return _digests(row)


def _digests(row: Mapping[str, Any]) -> list[str]:
    overlapping = row.get("ends") and from_iso(row["ends"]) > now()
    found = [row["secret"], row["old"]] if overlapping else [row["secret"]]
    if not all(isinstance(digest, str) for digest in found):
        raise TypeError("secret")
    return found


def manages(key: ApiKey) -> bool:
    """Whether this key can create any other key, and never expires: the desk keeps at least one of
    these.
    """
    bound = key.departments or key.customer is not None
    return key.active and key.expires is None and not bound and "can_manage_keys" in key.permissions


def manager_writes(key: int, *, before: bool, after: bool) -> list[Write]:
    """The write that adds a key to the managing keys or removes it; removing the last one fails."""
    if after and not before:
        condition = "attribute_not_exists(pk) OR attribute_type(#ids, :numbers)"
        return [_change_managers("ADD #ids :id", key, condition)]
    if before and not after:
        condition = "attribute_type(#ids, :numbers) AND size(#ids) > :one"
        return [_change_managers("DELETE #ids :id", key, condition, {":one": 1})]
    return []


def _change_managers(
    expression: str, key: int, condition: str, values: Mapping[str, Any] | None = None
) -> Write:
    return transact.update(
        MANAGERS,
        expression,
        {":id": {key}, ":numbers": "NS", **(values or {})},
        condition=condition,
        names={"#ids": "ids"},
    )


def managers(item: Item | None) -> frozenset[int]:
    """The ids of the managing keys; `item` is the one under MANAGERS.

    Raises:
        Damaged: It has no valid set.
    """
    with reading("managing keys", MANAGERS):
        ids = (item or {})["ids"]
        if not isinstance(ids, set) or not all(type(number) is int for number in ids):
            raise TypeError("ids")
        return frozenset(ids)


def put_managers(ids: Iterable[int]) -> Write:
    """The write that replaces the set; it fails if there is a readable one."""
    return transact.put(
        MANAGERS,
        {"ids": set(ids)},
        condition="attribute_not_exists(#ids) OR NOT attribute_type(#ids, :numbers)",
        values={":numbers": "NS"},
        names={"#ids": "ids"},
    )


def put_row(key: ApiKey, row: Mapping[str, Any]) -> Write:
    """The write of the row with its next version."""
    item = {
        **row,
        "name": key.name,
        "grants": grants_of(key),
        "dismissed": dict(key.dismissed),
        "version": key.version + 1,
    }
    return transact.put(key_row(key.id), item, **unchanged(key.version))


def unchanged(version: int) -> dict[str, Any]:
    """The condition that a row still has the version that was read."""
    return {
        "condition": "#version = :version",
        "values": {":version": version},
        "names": {"#version": "version"},
    }
