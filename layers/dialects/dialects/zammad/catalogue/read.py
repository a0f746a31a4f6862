"""Parses requests about groups, roles, states and priorities into catalogue rows."""

import re
from collections.abc import Mapping
from typing import Any

from dialects.endpoint import Request
from dialects.zammad import names, read, staff
from dialects.zammad.catalogue.show import KINDS, Kind
from dialects.zammad.collection import Record
from dialects.zammad.lookup import unknown_id, unknown_name, whole_id
from dialects.zammad.read import LONGEST_REFERENCE, Bag
from dialects.zammad.refuse import Refusal
from helpdesk import text
from helpdesk.catalogue.rows import Catalogue, fold
from helpdesk.errors import Conflict, Invalid, NotFound, Problem
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Department

LONGEST_NAME = 128
LONGEST_NOTE = 250
HIGHEST_COUNT = 10**6

_OF_DESK = {
    "groups": "departments",
    "ticket_states": "statuses",
    "ticket_priorities": "priorities",
}
"""The desk's names of the resources that can be changed."""

_OPEN, _CLOSED = 2, 5
_STATES = {_OPEN: "open", _CLOSED: "closed"}
"""The types of states that an admin may add."""

_STATE_NAMES = {"new", "open", "pending reminder", "pending close", "closed", "merged", "removed"}
"""States that every Zammad already has."""

_FOLLOW_UPS = ("yes", "new_ticket", "new_ticket_after_certain_time")


def resource(request: Request) -> str:
    """The resource of a request's path, such as `groups`."""
    return next(part for part in request.resource.split("/") if part in KINDS)


def kind(request: Request) -> Kind:
    """The kind of rows that a request is about."""
    return KINDS[resource(request)]


def actor(request: Request) -> Actor:
    """The actor, if they may read these rows: states and priorities are open to all with access to
    tickets, groups and roles only to those who manage them.

    Raises:
        Refusal: 403, without that permission.
    """
    if resource(request) in {"groups", "roles"}:
        return staff.actor(request, staff.DIRECTORY)
    return read.actor(request)


def find(kind: Kind, number: int, known: Catalogue, actor: Actor) -> Record:
    """A row by its Zammad id.

    Raises:
        NotFound: There is none that the actor may see.
    """
    for record in kind.rows(known, actor):
        if record["id"] == number:
            return record
    raise NotFound(kind.what, number)


# --- writing --------------------------------------------------------------------------------


def desk_kind(request: Request) -> str:
    """The desk's name of the resource in a path.

    Raises:
        Refusal: 422 for roles: permissions belong to each key (docs/keys.md).
    """
    name = resource(request)
    if name not in _OF_DESK:
        raise Refusal(422, "Roles are built in and cannot be changed.")
    return _OF_DESK[name]


def desk_id(request: Request, known: Catalogue, actor: Actor) -> int:
    """The desk's id for the row in a path.

    Raises:
        NotFound: There is no such row.
        Refusal: 422 for the states and priorities that every Zammad has.
    """
    found = find(kind(request), read.number(request, kind(request).what), known, actor)
    number: int = found["id"]
    if resource(request) == "groups":
        return number
    if number <= names.BEYOND:
        raise Refusal(422, "This is built in and cannot be changed.")
    return number - names.BEYOND


def new_row(kind: str, values: Bag, known: Catalogue) -> dict[str, Any]:
    """The values of a new row.

    Raises:
        Invalid: The name is missing, or a value is too long.
        Refusal: 422, for other invalid values.
    """
    if not values.text("name").strip():
        raise Invalid(Problem("name", "required"))
    wanted = _READERS[kind](values, known)
    if kind == "priorities":
        wanted |= {"tag": _tag(wanted["name"], known), "urgency": 3}
    if kind == "statuses" and "state" not in wanted:
        raise Invalid(Problem("state_type_id", "required"))
    return wanted


def changes(kind: str, number: int, values: Bag, known: Catalogue) -> dict[str, Any]:
    """The changed values of a row.

    Raises:
        Invalid: As `new_row`.
        Refusal: 422, for other invalid values.
    """
    row = known.departments.get(number) if kind == "departments" else None
    if row and values.text("name") == names.group_name(row, known):
        values = Bag({name: value for name, value in values.values.items() if name != "name"})
    elif row and "name" in values and row.id == 1 == known.settings.default_dept_id:
        # Its name here says which one it is.
        raise _unfit("name", values)
    return _READERS[kind](values, known)


def _group(values: Bag, known: Catalogue) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if "name" in values:
        above, _, name = values.text("name").rpartition("::")
        wanted["name"] = _name(name)
        if above:
            parent = names.find_group(above, known)
            if parent is None:
                raise unknown_name("parent", above)
            wanted["parent"] = parent.id
    if "parent_id" in values:
        wanted["parent"] = _parent(values, known)
    wanted |= _flags(values, {"active": "active", "follow_up_assignment": "follow_up_assignment"})
    if "follow_up_possible" in values:
        if values.text("follow_up_possible") not in _FOLLOW_UPS:
            raise _unfit("follow_up_possible", values)
        wanted["follow_up"] = values.text("follow_up_possible")
    counts = {"reopen_time_in_days": "reopen_days", "assignment_timeout": "assignment_timeout"}
    wanted |= {counts[name]: _count(name, values) for name in counts if name in values}
    if "note" in values:
        wanted["note"] = text.strip_controls(values.text("note"))
        if len(wanted["note"]) > LONGEST_NOTE:
            raise Invalid(Problem("note", "too_long", detail=str(LONGEST_NOTE)))
    return wanted


def _parent(values: Bag, known: Catalogue) -> int | None:
    given = values.get("parent_id")
    if given in (None, ""):
        return None
    row: Department | None = known.departments.get(whole_id(given) or 0)
    if row is None:
        raise unknown_id("parent_id", given)
    return row.id


def _state(values: Bag, _known: Catalogue) -> dict[str, Any]:
    wanted = _named(values)
    if fold(wanted.get("name", "")) in _STATE_NAMES:
        raise Conflict("name_taken")
    by_name = {name: number for number, name in names.STATE_TYPES.items()}
    given = values.get("state_type_id")
    if given in (None, ""):
        given = by_name.get(values.text("state_type")) if values.get("state_type") else None
        if given is None and values.get("state_type"):
            raise unknown_name("state_type", values.get("state_type"))
    if given is not None:
        state = _STATES.get(whole_id(given) or 0)
        if state is None:
            raise unknown_id("state_type_id", given)
        wanted["state"] = state
    return wanted


def _priority(values: Bag, _known: Catalogue) -> dict[str, Any]:
    return _named(values)


_READERS = {"departments": _group, "statuses": _state, "priorities": _priority}


def _named(values: Bag) -> dict[str, Any]:
    if "active" in values and not values.flag("active"):
        raise _unfit("active", values)
    return {"name": _name(values.text("name"))} if "name" in values else {}


def _name(given: str) -> str:
    name = text.one_line(given)
    if not name:
        raise Invalid(Problem("name", "required"))
    if len(name) > LONGEST_NAME:
        raise Invalid(Problem("name", "too_long", detail=str(LONGEST_NAME)))
    return name


def _flags(values: Bag, wanted: Mapping[str, str]) -> dict[str, bool]:
    return {wanted[name]: values.flag(name) for name in wanted if values.get(name) is not None}


def _count(name: str, values: Bag) -> int | None:
    if values.get(name) in (None, ""):
        return None
    count = values.whole(name)
    if count is None or not 0 <= count <= HIGHEST_COUNT:
        raise _unfit(name, values)
    return count


def _unfit(name: str, values: Bag) -> Refusal:
    shown = values.text(name)[:LONGEST_REFERENCE]
    return Refusal(422, f"Invalid value '{shown}' for field '{name}'!")


def _tag(name: str, known: Catalogue) -> str:
    """A tag for a new priority: its name in letters and digits, made unique."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.fold(name)).strip("_")[:40] or "priority"
    base = plain if plain[0].isalpha() else f"p{plain}"
    taken = {row.tag for row in known.priorities.values()}
    tags = (f"{base}{count or ''}" for count in range(len(taken) + 1))
    return next(tag for tag in tags if tag not in taken)
