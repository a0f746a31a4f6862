"""Keys as they are found: one, those of a list by words and states, those that name something."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal, get_args

from helpdesk.catalogue.rows import fold
from helpdesk.clock import now
from helpdesk.errors import Damaged, NotFound
from helpdesk.keys import permissions, rows
from helpdesk.keys.advice import advice_on, is_ending, is_unused, works
from helpdesk.model.actor import Actor, ApiKey
from helpdesk.storage import table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import HIGHEST_ID, MANAGERS, key_row, padded, secret_key
from helpdesk.storage.reading import readable


def read(actor: Actor, number: int) -> tuple[ApiKey, Item]:
    """A key and its row; one round trip.

    Raises:
        NotFound: No such key within the actor's own bounds.
        Damaged: The row cannot be read.
    """
    row = table.get(key_row(number))
    if row is None:
        raise NotFound("key", number)
    try:
        key = rows.as_key(number, row)
    except Damaged:
        if actor.bound:
            raise NotFound("key", number) from None  # nobody can tell whether it is theirs
        raise
    if permissions.outside(actor, key):
        raise NotFound("key", number)
    return key, row


def known_of(found: Iterable[Item]) -> tuple[dict[str, str], int | None]:
    """When each secret of some rows was last used, by digest; and the last managing key, where
    there is but one. One round trip.
    """
    secrets = {secret_key(of): of for row in found for of in rows.digests(row)}
    items = table.fetch([*secrets, MANAGERS])
    uses = {of: rows.used(items[key]) for key, of in secrets.items() if key in items}
    with suppress(Damaged):
        ids = rows.managers(items.get(MANAGERS))
        return uses, min(ids) if len(ids) == 1 else None
    return uses, None


def find_key(actor: Actor, number: int) -> ApiKey:
    """One key.

    Raises:
        NotFound: No such key within the actor's own bounds.
    """
    _, row = read(actor, number)
    return rows.as_key(number, row, *known_of([row]))


def find_own(actor: Actor) -> ApiKey:
    """The key that the actor has come with.

    Raises:
        NotFound: It has gone since the authorizer has let it in.
    """
    if actor.key is None:
        raise NotFound("key")
    return find_key(actor, actor.key)


def as_keys(actor: Actor, found: Iterable[Item]) -> list[ApiKey]:
    """The keys that rows hold, those within the actor's bounds that can be read; one round trip."""
    mine = [
        (key.id, row)
        for row in found
        for key in readable(as_key, [row])
        if not permissions.outside(actor, key)
    ]
    known = known_of(row for _, row in mine)
    return [rows.as_key(number, row, *known) for number, row in mine]


def all_rows() -> Iterator[Item]:
    """The rows of all keys by id, some of which may be damaged; one round trip for each MB."""
    return table.query(MANAGERS.pk, between=(padded(0), padded(HIGHEST_ID)))


def as_key(row: Item) -> ApiKey:
    """The key that a row holds.

    Raises:
        Damaged: The row cannot be read.
    """
    number = row["sk"]
    return rows.as_key(int(number) if number.isdecimal() else 0, row)


def referring_keys(kind: str, number: int) -> Iterator[ApiKey]:
    """The keys that act as this agent, are bound to this department or to one of these `people`,
    as `kind` says.
    """
    for key in readable(as_key, all_rows()):
        named = {"agents": {key.agent}, "people": {key.customer}}
        if number in named.get(kind, key.departments):
            yield key


# --- lists ------------------------------------------------------------------------------------

State = Literal["active", "off", "ended", "stopped", "ending", "unused", "advised"]
STATES: tuple[State, ...] = get_args(State)

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of keys. `text` is a part of the name or the beginning of a secret; only a secret's
    first characters are compared.
    """

    text: str = ""
    state: State | None = None
    permission: str | None = None
    customer: int | None = None
    newest_first: bool = False

    def fits(self, key: ApiKey, at: datetime) -> bool:
        """Whether a key matches."""
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
    """A page of the keys within the actor's bounds, starting after the key `after`, 0 for the first
    page; and the `after` of the next page, None after the last. Two round trips for each hundred
    keys read.
    """
    found = list(islice(_matching(actor, wanted, after), limit + 1))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _matching(actor: Actor, wanted: Wanted, after: int) -> Iterator[ApiKey]:
    at, found = now(), iter(_rows(wanted, after))
    while chunk := list(islice(found, _PAGE)):
        keys = as_keys(actor, chunk)
        yield from (key for key in keys if wanted.fits(key, at))


def _rows(wanted: Wanted, after: int) -> Iterator[Item]:
    low, high = padded(0), padded(HIGHEST_ID)
    if wanted.newest_first:
        between = (low, padded(after - 1) if after else high)
    else:
        between = (padded(after + 1), high)
    if between[0] > between[1]:
        return iter(())
    return table.query(MANAGERS.pk, between=between, newest_first=wanted.newest_first)
