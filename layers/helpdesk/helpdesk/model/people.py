"""Persons and organizations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

FieldValue = str | int | bool | None | tuple[str, ...]
"""The value of a custom field."""


LONGEST_NAME = 200
"""Most characters of the name of a requester or a mail's sender; longer ones are cut."""


@dataclass(frozen=True, slots=True)
class Person:
    """A requester: identified by one address, folded to lower case, or by a login.

    `name` is what is shown; `firstname` and `lastname` are its parts. The login defaults to the
    address. `organization` is the primary one, `organizations` are the others. An inactive person's
    key is refused.

    A `customer` was entered as such, to be notified about their `services`. They have unsubscribed
    from the services in `unsubscribed`: only they themselves or an admin can take that back
    (docs/notific.md 6).
    """

    id: int
    name: str
    email: str
    phone: str = ""
    notes: str = ""
    organization: int | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    created: datetime | None = None
    login: str = ""
    firstname: str = ""
    lastname: str = ""
    mobile: str = ""
    web: str = ""
    fax: str = ""
    department: str = ""
    street: str = ""
    zip: str = ""
    city: str = ""
    country: str = ""
    address: str = ""
    vip: bool = False
    active: bool = True
    organizations: tuple[int, ...] = ()
    preferences: Mapping[str, Any] = field(default_factory=dict)
    created_by: int | None = None
    updated: datetime | None = None
    updated_by: int | None = None
    version: int = 1
    customer: bool = False
    services: tuple[int, ...] = ()
    unsubscribed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization. If `shared`, its members see each other's tickets; with
    `domain_assignment`, new people join it by the domain of their address (as in Zammad).
    """

    id: int
    name: str
    shared: bool = True
    domain: str = ""
    domain_assignment: bool = False
    active: bool = True
    note: str = ""
    vip: bool = False
    created: datetime | None = None
    updated: datetime | None = None
    created_by: int | None = None
    updated_by: int | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class NewPerson:
    """The description of a requester: `name` may be missing for a known address.

    `profile` holds further attributes of the `Person`, by name.
    """

    email: str
    name: str = ""
    phone: str = ""
    notes: str = ""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    profile: Mapping[str, Any] = field(default_factory=dict)


def full_name(firstname: str, lastname: str) -> str:
    """The name that is shown."""
    return f"{firstname} {lastname}".strip()


def split_name(name: str) -> tuple[str, str]:
    """Splits a name at the first blank into first name and last name."""
    first, _, last = name.strip().partition(" ")
    return first, last.strip()


_TITLED = re.compile(r"^((?:Dr\.|Prof\.)\s.+?|.+?)\s(.+)$", re.DOTALL)
_DOTTED = re.compile(r"^([^.@]+)\.([^@]+)@.+$")
_ONE_CASE = re.compile(r"^([^\W\d_]+)$")


def guess_names(firstname: str, lastname: str, email: str = "") -> tuple[str, str]:
    """First and last name as Zammad completes them.

    If only one name is given, it is split, `Last, First` too; without names, they are derived from
    `first.last@`. A name entirely in lower or upper case is capitalised.
    """
    first, last = firstname.strip(), lastname.strip()
    if not (first and last):
        first, last = _taken_apart(first or last, email) or (first, last)
    return _capitalised(first), _capitalised(last)


def _taken_apart(name: str, email: str) -> tuple[str, str] | None:
    if ", " in name:
        last, _, first = name.partition(", ")
        return first.strip(), last.strip()
    found = _TITLED.match(name) if name else _DOTTED.match(email)
    return (found[1].strip(), found[2].strip()) if found else None


def _capitalised(name: str) -> str:
    one_case = _ONE_CASE.match(name) and (name.isupper() or name.islower())
    return name.capitalize() if one_case else name
