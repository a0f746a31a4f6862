"""Advice to admins on keys: ones that expire soon, are unused, or are too permissive."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from helpdesk.clock import to_iso
from helpdesk.model.actor import ApiKey

Advice = Literal["ending", "unused", "any_network", "off", "first_key"]

ENDING = timedelta(days=30)
"""How long before its expiry a key is `ending`."""

UNUSED, NEVER_USED = timedelta(days=90), timedelta(days=14)
"""The time after which a valid key is `unused`: since its last use, and since its creation if it
was never used.
"""

OFF = timedelta(days=365)
"""The time without use after which an inactive key should be deleted."""

FIRST_KEY, FIRST = 1, timedelta(days=7)
"""The key that set-up creates, and how long its use is accepted: it belongs to nobody in
particular.
"""


def works(key: ApiKey, at: datetime) -> bool:
    """Whether it is switched on and has not expired."""
    return key.active and (key.expires is None or key.expires > at)


def is_ending(key: ApiKey, at: datetime) -> bool:
    """Whether it is valid, and expires soon."""
    return works(key, at) and key.expires is not None and key.expires <= at + ENDING


def is_unused(key: ApiKey, at: datetime) -> bool:
    """Whether it is valid, and unused."""
    if key.last_used is not None:
        return works(key, at) and key.last_used < at - UNUSED
    return works(key, at) and key.created is not None and key.created < at - NEVER_USED


def _is_open(key: ApiKey, at: datetime) -> bool:
    return works(key, at) and "can_manage_keys" in key.permissions and not key.networks


def _is_off(key: ApiKey, at: datetime) -> bool:
    since = key.last_used or key.created
    return not key.active and since is not None and since < at - OFF


def _is_first(key: ApiKey, at: datetime) -> bool:
    if key.id != FIRST_KEY or key.last_used is None or not works(key, at):
        return False
    return key.created is None or key.last_used > key.created + FIRST


_RULES: Mapping[Advice, Callable[[ApiKey, datetime], bool]] = {
    "ending": is_ending,
    "unused": is_unused,
    "first_key": _is_first,
    "any_network": _is_open,
    "off": _is_off,
}


def advice_on(key: ApiKey, at: datetime) -> list[Advice]:
    """The advice on a key, most urgent first, without dismissed advice."""
    moment = to_iso(at)
    return [
        advice
        for advice, holds in _RULES.items()
        if holds(key, at) and not str(key.dismissed.get(advice, "")) > moment
    ]
