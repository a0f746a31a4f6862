"""Parses requests about users into the desk's operations (docs/zammad.md 9.4).

A user with the customer role is a person; one with the agent role is an agent of the catalogue.
The users nobody (1) and the desk itself (2) are listed, and cannot be changed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dialects.zammad import names, read, staff
from dialects.zammad.lookup import unknown_id, unknown_name, whole_id
from dialects.zammad.people.show import TEXTS
from dialects.zammad.read import LONGEST_REFERENCE, Bag
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk import organizations, people, text, times
from helpdesk.addresses import is_address
from helpdesk.catalogue import cache, fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.directory import manage
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import NOBODY, THE_DESK, Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.people import FieldValue, Person, full_name, guess_names
from helpdesk.people import User

DEFAULT_PAGE, LARGEST_PAGE = 100, 1000

BUILT_IN = (NOBODY, THE_DESK)

_LINES = {
    **{name: name for name in ("login", "firstname", "lastname", "email", *TEXTS)},
    "note": "notes",
}
"""Text attributes of a user, by the desk's names."""

_ROLES = {name: number for number, name in names.ROLES.items()}
_CUSTOMER = 3


# --- reading --------------------------------------------------------------------------------


def listed(actor: Actor, values: Bag) -> list[tuple[int, User | None]]:
    """The requested page of users, by id; customers see only their own."""
    window = read.window(values, DEFAULT_PAGE, LARGEST_PAGE)
    if actor.customer is not None:
        found = people.list_users(actor, offset=window.offset, limit=window.limit)
        return [(user.id, user) for user in found]
    end = window.offset + window.limit
    page: list[tuple[int, User | None]] = [(n, None) for n in BUILT_IN[window.offset : end]]
    left = window.limit - len(page)
    if left:
        offset = max(window.offset - len(BUILT_IN), 0)
        page += [(user.id, user) for user in people.list_users(actor, offset=offset, limit=left)]
    return page


def found(actor: Actor, number: int) -> User | None:
    """One user; None for nobody and the desk itself.

    Raises:
        NotFound: It does not exist.
        NotAccessible: A customer requests somebody who is not a colleague.
    """
    user = people.find_users([number]).get(number)
    if user is None and number not in BUILT_IN:
        raise NotFound("user", number)
    if actor.customer is not None and not (user and people.may_see(actor, user)):
        raise NotAccessible
    return user


# --- writing --------------------------------------------------------------------------------


def create(actor: Actor, values: Bag, once: IdempotencyRecord | None) -> User:
    """Creates a person, or an agent if an admin gives that role.

    Raises:
        Invalid: Values that the desk rejects.
        Refusal: 422, for unknown names and ids.
    """
    if _CUSTOMER not in _roles(actor, values, [_CUSTOMER]):
        row = manage.create_row(actor, "agents", _new_agent(values, cache.current()), once)
        return _agent(row)
    return people.create_person(actor, _person(values, cache.current()), once)


def change(actor: Actor, number: int, values: Bag) -> User:
    """Changes a user's values; of agents, only if the key manages the directory.

    Raises:
        NotFound: There is no such user.
        NotAccessible: The key may not change this one.
        Invalid: Values that the desk rejects.
        Refusal: 422, for unknown names and ids, and for a role of another kind.
    """
    user = found(actor, number)
    admin = actor.may(staff.DIRECTORY)
    if user is None or (isinstance(user, Agent) and not admin):
        raise NotAccessible
    is_agent = isinstance(user, Agent)
    own = [_ROLES["Agent"]] if is_agent else [_CUSTOMER]
    roles = _roles(actor, values, own)
    if (_CUSTOMER not in roles) != is_agent:
        raise Refusal(422, "A customer cannot become an agent, nor an agent a customer.")
    if isinstance(user, Agent):
        said = _agent_values(values, cache.current(), user)
        return _agent(manage.update_row(actor, "agents", number, said))
    return people.update_person(actor, number, _person(values, cache.current(), user))


def delete(actor: Actor, number: int) -> None:
    """Removes a user that nothing refers to.

    Raises:
        NotFound: There is no such user.
        NotAccessible: It is the user nobody, or the desk itself.
        Conflict: `in_use`.
    """
    user = found(actor, number)
    if user is None:
        raise NotAccessible
    if isinstance(user, Agent):
        manage.delete_row(actor, "agents", number)
    else:
        people.delete_person(actor, number)


def _agent(row: object) -> Agent:
    assert isinstance(row, Agent)  # noqa: S101 - a row of agents
    return row


# --- roles ----------------------------------------------------------------------------------


def _roles(actor: Actor, values: Bag, own: Sequence[int]) -> list[int]:
    """The new roles of a user; roles that only admins may give are ignored from others.

    Raises:
        Refusal: 422, for an unknown role.
    """
    ids, given = values.get("role_ids"), values.get("roles")
    if not actor.may(staff.DIRECTORY) or not (ids or given):
        return list(own)
    if ids:
        return [_role_of_id(one) for one in (ids if isinstance(ids, list) else [ids])]
    return [_role_named(one) for one in (given if isinstance(given, list) else [given])]


def _role_of_id(given: object) -> int:
    number = whole_id(given) or 0
    if number not in names.ROLES:
        raise Refusal(422, f"No value found for 'roles' with id {_shown(given)}")
    return number


def _role_named(given: object) -> int:
    if str(given) not in _ROLES:
        raise unknown_name("roles", given)
    return _ROLES[str(given)]


def _shown(given: object) -> str:
    return str(given)[:LONGEST_REFERENCE]


# --- a person -------------------------------------------------------------------------------


def _person(values: Bag, known: Catalogue, before: Person | None = None) -> dict[str, Any]:
    """The values of a person in a request, under the desk's names."""
    said: dict[str, Any] = {_LINES[name]: _line(name, values) for name in _LINES if name in values}
    flags = {name: values.flag(name) for name in ("vip", "active") if _is_set(values, name)}
    said |= flags | _organizations(values)
    preferences = values.get("preferences")
    if isinstance(preferences, Mapping):
        said["preferences"] = _preferences(preferences, before)
    own = _own_fields(values, known)
    if own:
        said["fields"] = {**(before.fields if before else {}), **own}
    return said


def _line(name: str, values: Bag) -> str:
    given = values.text(name)
    return text.strip_controls(given).strip() if name == "note" else text.one_line(given)


def _is_set(values: Bag, name: str) -> bool:
    return values.get(name) is not None


def _preferences(given: Mapping[str, Any], before: Person | None) -> dict[str, Any]:
    merged = {**(before.preferences if before else {}), **given}
    if len(json.dumps(merged)) > people.LONGEST_PREFERENCES:
        most = str(people.LONGEST_PREFERENCES)
        raise Invalid(Problem("preferences", "too_long", detail=most))
    return merged


def _own_fields(values: Bag, known: Catalogue) -> dict[str, FieldValue]:
    """The values of the fields that an admin has added to the contact form.

    Raises:
        Invalid: The problem with the first invalid one.
    """
    local = times.zone(known.settings.default_timezone)
    said: dict[str, FieldValue] = {}
    for row in known.fields.values():
        if row.form != "contact" or row.name in fields.BUILT_IN or row.name not in values:
            continue
        given = values.get(row.name)
        said[row.name], problems = fields.read_value(row, _given(given), local)
        if problems:
            raise Invalid(replace(problems[0], field=row.name, label=""))
    return said


def _given(value: object) -> FieldValue:
    if isinstance(value, list):
        return tuple(str(one) for one in value)
    if isinstance(value, bool | int | str) or value is None:
        return value
    return str(value)


def _organizations(values: Bag) -> dict[str, Any]:
    """The organizations in a request.

    Raises:
        Refusal: 422, for an unknown one.
    """
    said: dict[str, Any] = {}
    if values.get("organization_id") not in (None, ""):
        number = whole_id(values.get("organization_id"))
        if not number:
            raise unknown_id("organization_id", values.get("organization_id"))
        said["organization"] = number
    elif values.text("organization"):
        said["organization"] = _named(values.text("organization"), "organization")
    elif "organization_id" in values or "organization" in values:
        said["organization"] = None
    ids, given = values.get("organization_ids"), values.get("organizations")
    if isinstance(ids, list):
        said["organizations"] = tuple(dict.fromkeys(_id_in_list(one) for one in ids))
    elif isinstance(given, list):
        found_ids = (_named(str(one), "organizations") for one in given)
        said["organizations"] = tuple(dict.fromkeys(found_ids))
    return said


def _named(name: str, what: str) -> int:
    number = organizations.find_named(name[:255])
    if number is None:
        raise unknown_name(what, name)
    return number


def _id_in_list(given: object) -> int:
    number = whole_id(given)
    if not number:
        raise Refusal(422, f"No value found for 'organizations' with id {_shown(given)}")
    return number


# --- an agent -------------------------------------------------------------------------------


def _new_agent(values: Bag, known: Catalogue) -> dict[str, Any]:
    said = _agent_values(values, known, None)
    if not said.get("email"):
        raise Invalid(Problem("email", "email", detail=""))
    return {"username": said["email"], "name": said["email"], **said}


def _agent_values(values: Bag, known: Catalogue, before: Agent | None) -> dict[str, Any]:
    """The values of an agent in a request, under the desk's names.

    Raises:
        Invalid: The address is invalid, or a text is too long.
        Refusal: 422, for an unknown group.
    """
    said: dict[str, Any] = {}
    lines = {"email": "email", "login": "username", "phone": "phone"}
    for name, mine in lines.items():
        if values.text(name).strip():
            said[mine] = _short(name, values)
    if "email" in said:
        said["email"] = said["email"].lower()
        if not is_address(said["email"]):
            raise Invalid(Problem("email", "email", detail=said["email"]))
    if "firstname" in values or "lastname" in values:
        first, last = (before.name.partition(" ")[::2]) if before else ("", "")
        first = _short("firstname", values) if "firstname" in values else first
        last = _short("lastname", values) if "lastname" in values else last
        name = full_name(*guess_names(first, last))
        said |= {"name": name} if name else {}
    if _is_set(values, "active"):
        said["active"] = values.flag("active")
    groups = _groups(values, known)
    if groups is not None:
        said |= {"department": groups[0] if len(groups) == 1 else None, "departments": groups}
    return said


def _short(name: str, values: Bag) -> str:
    line = _line(name, values)
    most = people.LONGEST[name]
    if len(line) > most:
        raise Invalid(Problem(name, "too_long", detail=str(most)))
    return line


def _groups(values: Bag, known: Catalogue) -> tuple[int, ...] | None:
    """The departments of an agent: those with any access level; None if none are given.

    Raises:
        Refusal: 422, for an unknown group.
    """
    ids, given = values.get("group_ids"), values.get("groups")
    if isinstance(ids, Mapping | list):
        numbers = []
        for one in ids:
            number = whole_id(one) or 0
            if number not in known.departments:
                raise Refusal(422, f"No value found for 'groups' with id {_shown(one)}")
            numbers.append(number)
        return tuple(sorted(set(numbers)))
    if isinstance(given, Mapping | list):
        rows = []
        for name in given:
            row = names.find_group(str(name), known)
            if row is None:
                raise unknown_name("groups", name)
            rows.append(row.id)
        return tuple(sorted(set(rows)))
    return None
