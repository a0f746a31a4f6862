"""The progress of broadcasts, for admins."""

from collections.abc import Mapping
from typing import Any

from helpdesk.errors import NotAllowed, NotFound
from helpdesk.model.actor import Actor
from helpdesk.model.broadcasts import Broadcast
from helpdesk.storage import table
from helpdesk.storage.keys import broadcast_key
from helpdesk.storage.reading import make, readable, reading

LISTED = "broadcasts"

LONGEST_ID = 40
"""Characters of the id of an event."""


def find(actor: Actor, name: str) -> Broadcast:
    """A broadcast by its id; one round trip.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: There is no such broadcast.
    """
    _check_may_see(actor)
    item = table.get(broadcast_key(name)) if len(name) <= LONGEST_ID else None
    if item is None:
        raise NotFound("broadcasts", name[:LONGEST_ID])
    return _as_broadcast(item)


def list_broadcasts(actor: Actor, *, before: str, limit: int) -> tuple[list[Broadcast], str | None]:
    """A page of broadcasts, newest first, and the cursor of the next one; two round trips.

    Raises:
        NotAllowed: The key sees only part of the desk.
    """
    _check_may_see(actor)
    found, more = table.newest(LISTED, before, limit)
    return list(readable(_as_broadcast, found.values())), more


def _check_may_see(actor: Actor) -> None:
    if actor.bound:
        raise NotAllowed("can_manage_directory")


def _as_broadcast(item: Mapping[str, Any]) -> Broadcast:
    with reading("broadcast", item):
        return make(Broadcast, {"what": "", **item})
