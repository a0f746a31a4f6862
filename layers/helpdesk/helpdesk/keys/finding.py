"""Which keys a list shows: words, states and what they are bound to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal, get_args

from helpdesk.catalogue.rows import fold
from helpdesk.clock import now
from helpdesk.keys import manage
from helpdesk.keys.advice import advice_on, is_ending, is_unused, works
from helpdesk.model.actor import Actor, ApiKey
from helpdesk.storage import table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import MANAGERS, padded

State = Literal["active", "off", "ended", "stopped", "ending", "unused", "advised"]
STATES: tuple[State, ...] = get_args(State)

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


_IS: dict[State, Callable[[ApiKey, datetime], bool]] = {
    "active": works,
    "off": lambda key, _: not key.active,
    "ended": lambda key, at: key.expires is not None and key.expires <= at,
    "stopped": lambda key, at: not works(key, at),
    "ending": is_ending,
    "unused": is_unused,
    "advised": lambda key, at: bool(advice_on(key, at)),
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
