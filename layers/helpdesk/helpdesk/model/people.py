"""Persons and organizations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

FieldValue = str | int | bool | None | tuple[str, ...]
"""What a custom field holds."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who asks: known by one address, folded to lower case."""

    id: int
    name: str
    email: str
    phone: str = ""
    notes: str = ""
    organization: int | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """People who belong together. In a shared one they see each other's tickets; with
    `domain_assignment` new people join by the domain of their address (as in Zammad).
    """

    id: int
    name: str
    shared: bool = True
    domain: str = ""
    domain_assignment: bool = False
    active: bool = True
    note: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A requester as somebody describes them: `name` may be missing for a known address."""

    email: str
    name: str = ""
    phone: str = ""
    notes: str = ""
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
