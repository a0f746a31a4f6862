"""Keeps API Gateway in sync with the API keys: gateway keys, and the authorizer cache.

The usage plan throttles by gateway keys. Each API key gets one in the background, since API Gateway
creates only a few a second; until then its requests count under the shared one (docs/aws.md m10).
"""

import json
import os
from collections.abc import Iterable
from datetime import timedelta
from secrets import token_hex

from helpdesk.clock import now, to_iso
from helpdesk.errors import ChangedUnderYou
from helpdesk.events.history import Event
from helpdesk.keys import authorize, rows
from helpdesk.storage import api_gateway, table, transact
from helpdesk.storage.keys import GATEWAY, key_row
from helpdesk.storage.reading import reading
from helpdesk.storage.transact import Cancelled

MOST_GATEWAY_KEYS = 9_000
"""Most API keys with a gateway key of their own. API Gateway allows 10,000 per account and
region.
"""

WORKS_AFTER = timedelta(minutes=5)
"""How long a gateway key that was added to the plan may still be unknown to the stages: API Gateway
propagates it gradually, and refuses unknown keys (docs/aws.md m10).
"""

CACHE_EVENTS = {"key_changed", "key_rotated", "key_deleted"}
"""After these events, API Gateway's cached authorizer results may be wrong (docs/aws.md m11)."""


def follow(events: Iterable[Event]) -> None:
    """Applies changes of API keys to API Gateway; ignores other events. Idempotent.

    Raises:
        ChangedUnderYou: Others kept changing one of the keys.
    """
    stale = False
    for event in events:
        if event.kind == "key_created":
            _add_gateway_key(event.data["key"])
        elif event.kind == "key_deleted":
            _remove_gateway_key(event.data["key"])
        stale = stale or event.kind in CACHE_EVENTS
    if stale:
        for api, stage in json.loads(os.environ["APIS"]):
            api_gateway.flush_authorizer_cache(api, stage)


def share_one() -> None:
    """Creates the gateway key shared by API keys without their own, once per desk."""
    name = _name("shared")
    found = api_gateway.find_key(name)
    if found is None:
        value = token_hex(16)
        found = api_gateway.make_key(name, value), value
    api_gateway.join_plan(found[0], _plan())
    share_gateway_key(found[1], _plan())


def remove_all() -> None:
    """Removes the gateway keys of this desk, which are not managed by CloudFormation."""
    for key in api_gateway.find_keys(_name("")):
        api_gateway.remove_key(key)


def _plan() -> str:
    return os.environ["USAGE_PLAN_ID"]


def _name(what: object) -> str:
    # The plan belongs to this desk, but gateway keys are listed for the whole account.
    return f"{_plan()}-{what}"


def _add_gateway_key(number: int) -> None:
    value = gateway_value(number) if number <= MOST_GATEWAY_KEYS else None
    if value is None:
        return
    try:
        made = api_gateway.make_key(_name(number), value)
    except api_gateway.NoMoreKeys:
        return  # the account's limit is reached: this one stays on the shared key
    api_gateway.join_plan(made, _plan())
    if not count_separately(number, made):
        api_gateway.remove_key(made)


def _remove_gateway_key(number: int) -> None:
    # By name: the API key may have been deleted before its gateway key's id was stored.
    found = api_gateway.find_key(_name(number))
    if found:
        api_gateway.remove_key(found[0])


# --- data for the authorizer -----------------------------------------------------------------


def share_gateway_key(value: str, plan: str) -> None:
    """Stores the shared gateway key (docs/aws.md m10), and the usage plan: functions cannot
    reference the plan in the template, since it references their APIs.
    """
    transact.write(transact.put(GATEWAY, {"value": value, "plan": plan}))


def gateway_value(number: int) -> str | None:
    """The value that the gateway key of an API key must have; the same in every call. None if the
    API key is gone or already has its gateway key.
    """
    row = table.get(key_row(number))
    if row is None or "usage" in row:
        return None
    with reading("key", row):
        return str(row["gateway"])


def count_separately(number: int, gateway_id: str) -> bool:
    """Makes the authorizer count a key under its own gateway key, with the id `gateway_id`, after
    WORKS_AFTER. False if the key was deleted meanwhile, so that the gateway key can be removed,
    too.

    Raises:
        ChangedUnderYou: Others kept changing the key.
    """
    for _ in transact.attempts():
        row = table.get(key_row(number))
        if row is None:
            return False
        version = rows.as_key(number, row).version
        counted = {"usage": row["gateway"], "usage_from": to_iso(now() + WORKS_AFTER)}
        changed = row | counted | {"gateway_id": gateway_id, "version": version + 1}
        writes = [
            transact.put(key_row(number), changed, **rows.unchanged(version)),
            *(authorize.update_secret_record(of, **counted) for of in rows.digests(row)),
        ]
        try:
            transact.commit_retried(writes)
        except Cancelled:
            continue
        return True
    raise ChangedUnderYou
