"""What admins have changed: keys, rows of the catalogue, organizations, settings and the rest.

Events lie by day, and those that say what they are about are listed under it (docs/data-model.md).
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
"""Days that one call looks through for changes."""

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
"""By an event's kind or the first word of it: what it is about, and who may hear of it. A row says
itself of which kind it is; everything else is the whole desk's.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the event, what it is about, and who did it. `by` is the name of the key, as it
    is called now; empty where it is gone, and where the desk itself did it.
    """

    event: Event
    kind: str
    id: int | str | None
    name: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which changes are asked for; what is None may be anything."""

    day: date | None = None
    kind: str | None = None
    id: int | None = None
    key: int | None = None

    def fits(self, change: Change, actor: Actor) -> bool:
        """Whether a change is one of these, and one that the actor may hear of."""
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
    """A page of changes, newest first; and where the next page begins, None after the last.

    Of one thing, two round trips for a hundred of its changes. Else one for each day that is looked
    through, at most MOST_DAYS; a page may be empty and not the last.

    Args:
        actor: Hears only of what its permissions are for.
        asked: Which changes.
        before: What the page before has given; empty for the first.
        limit: How many.

    Raises:
        NotAllowed: The key sees a part of the desk only.
    """
    if actor.bound:
        # What others have changed is the whole desk's.
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
    """The changes of one thing with the ends of their keys, and a None at the end."""
    kind = audited(asked.kind or "", asked.id or 0)
    more: str | None = before
    while more is not None:
        items, more = table.newest(kind, more, 100)
        for key, item in items.items():
            yield from _readable(key, item)
    yield "", None


def _of_days(asked: Asked, before: str) -> Iterator[tuple[str, Change | None]]:
    """The changes of one day, or of the days before, with the ends of their keys. None comes with
    the place to go on from, where there may be more, and with "" at the end.
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
"""Where an event's data has the id of what it is about, beside the first word of its kind."""


def _part(event: Event) -> tuple[str, str]:
    word = event.kind.partition("_")[0]
    return _PARTS.get(event.kind) or _PARTS.get(word) or (word, "can_manage_desk")


def _named(found: list[Change]) -> list[Change]:
    """The changes with the names of the keys that have made them; one round trip."""
    by = {key_row(one.event.key): one.event.key for one in found if one.event.key is not None}
    rows = table.fetch(list(by))
    names = {number: rows.get(place, {}).get("name", "") for place, number in by.items()}
    return [
        Change(one.event, one.kind, one.id, one.name, str(names.get(one.event.key or 0, "")))
        for one in found
    ]
