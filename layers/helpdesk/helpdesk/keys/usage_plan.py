"""API Gateway after a change of keys: its own key for each, and verdicts that no longer hold.

The usage plan throttles by gateway keys. Each key of the desk gets one in the background, since
API Gateway makes only a few a second; until then it is counted under the one they share
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
"""Keys that get one of their own: API Gateway allows 10,000 in a region, for all its users."""

STALE_VERDICTS = {"key_changed", "key_rotated", "key_deleted"}
"""After these, what API Gateway keeps of the authorizer's answers may be wrong
(docs/aws.md m11).
"""


def follow(events: Iterable[Event]) -> None:
    """Does what follows from changes of keys; other events are passed over. All of it may be done
    twice. Errors: Throttled, Unavailable.
    """
    stale = False
    for event in events:
        if event.kind == "key_created":
            _count_separately(event.data["key"])
        elif event.kind == "key_deleted":
            _forget(event.data["key"])
        stale = stale or event.kind in STALE_VERDICTS
    if stale:
        for api, stage in json.loads(os.environ["APIS"]):
            api_gateway.forget_verdicts(api, stage)


def share_one() -> None:
    """The gateway key that keys without one of their own share; made once for the desk.

    Errors: Throttled, Unavailable.
    """
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
    # The plan is this desk's own, the list of gateway keys is the whole account's.
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
    # By name: one that was made and not noted before the key went must go as well.
    found = api_gateway.find_key(_name(number))
    if found:
        api_gateway.remove_key(found[0])
