"""Keeps API Gateway in step with the API keys: gateway keys, and the authorizer cache.

The usage plan throttles by gateway keys. Each API key gets one in the background, since API Gateway
makes only a few a second; until then its requests count under the shared one
(docs/aws.md m10).
"""

import json
import os
from collections.abc import Iterable
from secrets import token_hex

from helpdesk.events.history import Event
from helpdesk.keys import manage
from helpdesk.storage import api_gateway

MOST_GATEWAY_KEYS = 9_000
"""API keys that get a gateway key of their own. API Gateway allows 10,000 in account and region."""

CACHE_EVENTS = {"key_changed", "key_rotated", "key_deleted"}
"""After these events, answers of the authorizer that API Gateway has cached may be wrong
(docs/aws.md m11).
"""


def follow(events: Iterable[Event]) -> None:
    """Does what follows from changes of API keys; ignores other events. May be repeated.

    Raises:
        ChangedUnderYou: Others kept changing one of the keys.
    """
    stale = False
    for event in events:
        if event.kind == "key_created":
            _count_separately(event.data["key"])
        elif event.kind == "key_deleted":
            _forget(event.data["key"])
        stale = stale or event.kind in CACHE_EVENTS
    if stale:
        for api, stage in json.loads(os.environ["APIS"]):
            api_gateway.flush_authorizer_cache(api, stage)


def share_one() -> None:
    """Makes the gateway key that API keys without one of their own share, once for the desk."""
    name = _name("shared")
    found = api_gateway.find_key(name)
    if found is None:
        value = token_hex(16)
        found = api_gateway.make_key(name, value), value
    api_gateway.join_plan(found[0], _plan())
    manage.share_gateway_key(found[1])


def _plan() -> str:
    return os.environ["USAGE_PLAN_ID"]


def _name(what: object) -> str:
    # The plan belongs to this desk, the list of gateway keys to the whole account.
    return f"{_plan()}-{what}"


def _count_separately(number: int) -> None:
    value = manage.gateway_value(number) if number <= MOST_GATEWAY_KEYS else None
    if value is None:
        return
    try:
        made = api_gateway.make_key(_name(number), value)
    except api_gateway.NoMoreKeys:
        return  # others have used them up: this one stays on the shared key
    api_gateway.join_plan(made, _plan())
    if not manage.count_separately(number, made):
        api_gateway.remove_key(made)


def _forget(number: int) -> None:
    # By name: the gateway key may have been made and its id not stored before the API key went.
    found = api_gateway.find_key(_name(number))
    if found:
        api_gateway.remove_key(found[0])
