"""The audit log: admins' changes of keys, rows of the catalogue, organizations, settings and the
rest.

Events are stored by day; those about one thing are also listed under that thing
(docs/data-model.md).
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from helpdesk.clock import now
from helpdesk.errors import Damaged, NotAllowed
from helpdesk.events import history
from helpdesk.events.history import AUDIT_DAYS, THINGS, Event
from helpdesk.model.actor import Actor
from helpdesk.storage import table
from helpdesk.storage.keys import Key, audit_key, audited, key_row
from helpdesk.storage.reading import reading

MOST_DAYS = 31
"""Days that one call searches for changes."""

_PARTS: Mapping[str, tuple[str, str]] = {
    "key": ("keys", "can_manage_keys"),
    "row": ("", "can_manage_directory"),
    "rows": ("", "can_manage_directory"),
    "catalogue": ("catalogue", "can_manage_directory"),
    "organization": ("organizations", "can_manage_directory"),
    "person": (THINGS["person"], "can_manage_directory"),
    "tag": (THINGS["tag"], "can_manage_directory"),
    "mail_taken_in": ("held-mail", "can_manage_directory"),
    "held_mail_deleted": ("held-mail", "can_manage_directory"),
    "mail_tested": ("templates", "can_manage_directory"),
    "mail_sent_again": ("mail", "can_manage_desk"),
    "settings": ("settings", "can_manage_desk"),
    "suppression": ("suppressed", "can_manage_desk"),
    "queue": ("queues", "can_manage_desk"),
    "dead": ("queues", "can_manage_desk"),
}
"""By an event's kind or its first word: what it is about, and the permission to see it. An event of
a row names its kind itself; everything else belongs to the whole desk.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the event, what it is about, and who did it. `by` is the current name of the key;
    empty if the key is gone, or the desk itself made the change.
    """

    event: Event
    kind: str
    id: int | str | None
    name: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A filter of changes; a field that is None matches anything."""

    day: date | None = None
    kind: str | None = None
    id: int | None = None
    key: int | None = None

    def fits(self, change: Change, actor: Actor) -> bool:
        """Whether a change matches the filter and the actor may see it."""
        wanted = (
            (self.day, change.event.at.date()),
            (self.kind, change.kind),
            (self.id, change.id),
            (self.key, change.event.key),
        )
        told = all(asked is None or asked == found for asked, found in wanted)
        return told and actor.may(_part(change.event)[1])


def list_changes(
    actor: Actor, asked: Asked, *, before: str = "", limit: int = 100
) -> tuple[list[Change], str | None]:
    """A page of changes, newest first, and the cursor of the next page, None after the last. For
    one thing, two round trips per hundred changes. Otherwise one for each day that is searched, at
    most MOST_DAYS; a page may be empty without being the last.

    Args:
        actor: Sees only changes that its permissions cover.
        asked: Which changes.
        before: The cursor from the previous page; empty for the first.
        limit: How many.

    Raises:
        NotAllowed: The key sees only part of the desk.
    """
    if actor.bound:
        # Changes by others concern the whole desk.
        raise NotAllowed("can_manage_desk")
    found: list[Change] = []
    reached: str | None = None
    events = _of_thing(asked, before) if asked.id is not None else _of_days(asked, before)
    for place, change in events:
        if change is not None and asked.fits(change, actor):
            if len(found) == limit:
                reached = place
                break
            found.append(change)
        elif change is None:
            reached = place or None
    return _named(found), reached


def _of_thing(asked: Asked, before: str) -> Iterator[tuple[str, Change | None]]:
    """The changes of one thing with their cursors, and a None at the end."""
    kind = audited(asked.kind or "", asked.id or 0)
    more: str | None = before
    while more is not None:
        items, more = table.newest(kind, more, 100)
        for key, item in items.items():
            yield from _readable(key, item)
    yield "", None


def _of_days(asked: Asked, before: str) -> Iterator[tuple[str, Change | None]]:
    """The changes of one day, or of the days before, with their cursors. None comes with the cursor
    to continue from if there may be more, and with "" at the end.
    """
    day = asked.day or (_day_of(before) if before else now().date())
    days = 1 if asked.day else MOST_DAYS
    oldest = now().date() - timedelta(days=AUDIT_DAYS)
    for _ in range(days):
        place = audit_key(f"{day:%Y-%m-%d}", before or "g")
        between = ("V#0", place.sk)
        for item in table.query(place.pk, between=between, newest_first=True):
            yield from _readable(Key(item["pk"], item["sk"]), item)
        day -= timedelta(days=1)
        before = ""
        if day < oldest:
            break
    over = asked.day is not None or day < oldest
    yield "" if over else history.last_id_of(day), None


def _day_of(event_id: str) -> date:
    return datetime.fromtimestamp(int(event_id[:12].ljust(12, "0"), 16) / 1000, UTC).date()


def _readable(key: Key, item: Mapping[str, object]) -> Iterator[tuple[str, Change]]:
    with suppress(Damaged):
        yield key.sk.removeprefix("V#"), _change(history.as_event(key, dict(item)))


def _change(event: Event) -> Change:
    kind = _part(event)[0] or str(event.data.get("kind", ""))
    with reading("event", event.id):
        if event.about:
            thing, number, name = event.about
            return Change(event, str(thing), number, str(name))
        if kind == "settings":
            return Change(event, kind, 0, "")
        ids = (event.data.get(name) for name in (event.kind.partition("_")[0], *_IDS))
        found = next((one for one in ids if isinstance(one, int | str)), None)
        return Change(event, kind, found, str(event.data.get("name", "")))
    raise AssertionError("unreachable")


_IDS = ("row", "address", "mail", "queue", "step")
"""The names under which an event's data may hold the id of the thing, besides the first word of its
kind.
"""


def _part(event: Event) -> tuple[str, str]:
    word = event.kind.partition("_")[0]
    return _PARTS.get(event.kind) or _PARTS.get(word) or (word, "can_manage_desk")


def _named(found: list[Change]) -> list[Change]:
    """The changes with the names of the keys that made them; one round trip."""
    by = {key_row(one.event.key): one.event.key for one in found if one.event.key is not None}
    rows = table.fetch(list(by))
    names = {number: rows.get(place, {}).get("name", "") for place, number in by.items()}
    return [
        Change(one.event, one.kind, one.id, one.name, str(names.get(one.event.key or 0, "")))
        for one in found
    ]
