"""Which keys a list shows: words, states and what they are bound to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal, get_args

from helpdesk.catalogue.rows import fold
from helpdesk.clock import now, to_iso
from helpdesk.keys import manage
from helpdesk.model.actor import Actor, ApiKey
from helpdesk.storage import table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import MANAGERS, padded

State = Literal["active", "off", "ended", "ending", "unused"]
STATES: tuple[State, ...] = get_args(State)

ENDING = timedelta(days=30)
"""How long before its end a key is `ending`."""

UNUSED, NEVER_USED = timedelta(days=90), timedelta(days=14)
"""After which time a key that works is `unused`: since its last use, and since it was made."""

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which keys are asked for. `text` is a part of the name or the beginning of a secret; of a
    whole secret only its first characters are known here.
    """

    text: str = ""
    state: State | None = None
    permission: str | None = None
    customer: int | None = None
    newest_first: bool = False

    def fits(self, key: ApiKey, at: datetime) -> bool:
        """Whether a key is one of these."""
        text = fold(self.text)
        found = not text or text in fold(key.name) or _begins(text, key)
        known = self.permission is None or self.permission in key.permissions
        theirs = self.customer is None or key.customer == self.customer
        return found and known and theirs and (self.state is None or _IS[self.state](key, at))


def _begins(text: str, key: ApiKey) -> bool:
    hints = [key.hint, key.old_secret.hint if key.old_secret else ""]
    return any(hint and hint.startswith(text[: len(hint)]) for hint in hints)


def _works(key: ApiKey, at: datetime) -> bool:
    return key.active and (key.expires is None or key.expires > at)


def _is_unused(key: ApiKey, at: datetime) -> bool:
    if key.last_used is not None:
        return _works(key, at) and key.last_used < at - UNUSED
    return _works(key, at) and key.created is not None and key.created < at - NEVER_USED


def has_advice(key: ApiKey, state: State, at: datetime) -> bool:
    """Whether a key is in a state of which admins should hear, and nobody has dismissed that."""
    return _IS[state](key, at) and not str(key.dismissed.get(state, "")) > to_iso(at)


_IS: dict[State, Callable[[ApiKey, datetime], bool]] = {
    "active": _works,
    "off": lambda key, _: not key.active,
    "ended": lambda key, at: key.expires is not None and key.expires <= at,
    "ending": lambda key, at: (
        _works(key, at) and key.expires is not None and key.expires <= at + ENDING
    ),
    "unused": _is_unused,
}


def find_keys(
    actor: Actor, wanted: Wanted, *, after: int = 0, limit: int = 100
) -> tuple[list[ApiKey], int | None]:
    """A page of the keys within the actor's bounds, beginning after the key `after`, 0 for the
    first page; and the id to go on after, or None at the end. Two round trips for each hundred keys
    that are looked at.
    """
    found = list(islice(_matching(actor, wanted, after), limit + 1))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _matching(actor: Actor, wanted: Wanted, after: int) -> Iterator[ApiKey]:
    at, rows = now(), iter(_rows(wanted, after))
    while chunk := list(islice(rows, _PAGE)):
        keys = manage.as_keys(actor, chunk)
        yield from (key for key in keys if wanted.fits(key, at))


def _rows(wanted: Wanted, after: int) -> Iterator[Item]:
    low, high = padded(0), padded(10**10 - 1)
    if wanted.newest_first:
        between = (low, padded(after - 1) if after else high)
    else:
        between = (padded(after + 1), high)
    if between[0] > between[1]:
        return iter(())
    return table.query(MANAGERS.pk, between=between, newest_first=wanted.newest_first)
