"""Resolves references in a request to catalogue rows and people, by id or name (docs/zammad.md 6).

`<name>_id` takes precedence over `<name>`. Names are looked up first; ids are checked after all of
them.
"""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from dialects import parameters
from dialects.zammad import names
from dialects.zammad.read import LONGEST_REFERENCE, Bag
from dialects.zammad.refuse import Refusal
from helpdesk import people
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue, fold
from helpdesk.errors import ChangedUnderYou, DeskError, Outdated
from helpdesk.model.actor import NOBODY, SYSTEM
from helpdesk.model.catalogue import Agent, Department
from helpdesk.model.people import Person

T = TypeVar("T")
R = TypeVar("R")

_ATTEMPTS = 3

_NOT_WRITTEN = {names.MERGED, names.REMOVED}
"""States that cannot be set: they result from a merge or a deletion."""


def given(values: Bag, name: str) -> bool:
    """Whether the request has an id or a name for this reference."""
    return _has_id(values, name) or values.get(name) is not None


def _has_id(values: Bag, name: str) -> bool:
    return values.get(f"{name}_id") not in (None, "")


def unknown_name(name: str, value: object) -> Refusal:
    """The refusal for an unknown name."""
    shown = str(value)[:LONGEST_REFERENCE]
    return Refusal(422, f"No lookup value found for '{name}': \"{shown}\"")


def unknown_id(name: str, value: object) -> Refusal:
    """The refusal for an unknown id; `name` is the parameter's name."""
    shown = json.dumps(value, ensure_ascii=False)[:LONGEST_REFERENCE]
    return Refusal(422, f"Invalid value for param '{name}': {shown}")


def whole_id(value: object) -> int | None:
    """A whole number, also from text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return parameters.id_of(str(value))


def named(values: Bag, name: str, find: Callable[[str], T | None]) -> T | None:
    """The record with the given name; None if an id or nothing is given.

    Raises:
        Refusal: 422, for an unknown name.
    """
    value = values.get(name)
    if value is None or _has_id(values, name) or isinstance(value, dict):
        return None
    found = find(str(value)) if isinstance(value, str | int) else None
    if found is None:
        raise unknown_name(name, value)
    return found


def by_id(values: Bag, name: str, rows: Iterable[T], id_of: Callable[[T], int]) -> T | None:
    """The row with the given id; None if none is given.

    Raises:
        Refusal: 422, for an unknown id.
    """
    if not _has_id(values, name):
        return None
    value = values.get(f"{name}_id")
    wanted = whole_id(value)
    for row in rows:
        if id_of(row) == wanted:
            return row
    raise unknown_id(f"{name}_id", value)


def by_catalogue(read: Callable[[Catalogue], T], act: Callable[[T, Catalogue], R]) -> R:
    """Parses a request with this container's cached catalogue and acts on it; repeats both if an
    admin has changed the catalogue since. So parsing costs no extra round trip.

    Args:
        read: Parses the request; raises errors for invalid values.
        act: Performs the request with that catalogue; raises Outdated if it has changed.

    Raises:
        ChangedUnderYou: The catalogue kept changing.
    """
    for _ in range(_ATTEMPTS):
        known = cache.seen()
        try:
            wanted = read(known)
        except DeskError:
            # Unknown references may have been added since.
            if cache.current().version == known.version:
                raise
            continue
        with suppress(Outdated):
            return act(wanted, known)
    raise ChangedUnderYou


# --- the catalogue --------------------------------------------------------------------------


class Rows:
    """The catalogue rows that a request refers to. The constructor resolves names, `check` the ids.

    Raises:
        Refusal: 422, for the first unknown name.
    """

    def __init__(self, values: Bag, known: Catalogue) -> None:
        self._values, self._known = values, known
        self._states = names.states(known)
        self._ranks = names.priorities(known)
        self.group: Department | None = named(
            values, "group", lambda name: names.find_group(name, known)
        )
        self.state = named(
            values, "state", lambda name: next((s for s in self._states if s.name == name), None)
        )
        self.rank = named(
            values, "priority", lambda name: next((r for r in self._ranks if r.name == name), None)
        )

    def check(self) -> None:
        """Resolves the ids.

        Raises:
            Refusal: 422, for the first unknown id, and for a state that cannot be set.
        """
        values, known = self._values, self._known
        self.state = self.state or by_id(values, "state", self._states, lambda row: row.id)
        self.rank = self.rank or by_id(values, "priority", self._ranks, lambda row: row.id)
        rows = known.departments.values()
        self.group = self.group or by_id(values, "group", rows, lambda row: row.id)
        if self.state and self.state.id in _NOT_WRITTEN:
            raise Refusal(422, f"Invalid value '{self.state.id}' for field 'state_id'!")


# --- people ---------------------------------------------------------------------------------


def find_agent(name: str, known: Catalogue) -> Agent | None:
    """An agent by login, else by address, ignoring case; may be inactive."""
    wanted = fold(name)
    rows = known.agents.values()
    return next(
        iter(
            [
                *(row for row in rows if fold(row.username) == wanted),
                *(row for row in rows if fold(row.email) == wanted),
            ]
        ),
        None,
    )


def user(values: Bag, name: str) -> Person | Agent | None:
    """The user with the given name; None if an id or nothing is given.

    Raises:
        Refusal: 422, for an unknown user.
    """
    found: list[Person | Agent] = []

    def find(wanted: str) -> bool | None:
        found.extend(filter(None, [people.find_user(SYSTEM, wanted)]))
        return bool(found) or None

    named(values, name, find)
    return found[0] if found else None


def owner(values: Bag, known: Catalogue) -> int | None:
    """The id of a ticket's new agent; NOBODY to unassign it, None if none is given.

    Raises:
        Refusal: 422, for an unknown agent.
    """
    found = named(values, "owner", lambda name: _owner_named(name, known))
    if found is not None:
        return found
    if not _has_id(values, "owner"):
        return NOBODY if "owner_id" in values else None
    value = values.get("owner_id")
    number = whole_id(value)
    if number != NOBODY and number not in known.agents:
        raise unknown_id("owner_id", value)
    return number


def _owner_named(name: str, known: Catalogue) -> int | None:
    if name == names.NOBODY_LOGIN:
        return NOBODY
    agent = find_agent(name, known)
    return agent.id if agent else None


def text_of(values: dict[str, Any], name: str) -> str:
    """A text of an object inside a body; empty for any other type."""
    value = values.get(name)
    return value if isinstance(value, str) else ""
