"""The catalogue's rows: kinds, lookups by id or name, and how they are stored.

Departments, topics, statuses, priorities, SLAs, schedules, teams, agents, services, custom fields,
mail templates and settings lie in one partition; admins set them up and everybody reads them
(docs/data-model.md; docs/aws.md m31).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from helpdesk.catalogue.numbers import shortest
from helpdesk.errors import Inactive, NotFound
from helpdesk.model.catalogue import (
    Agent,
    CustomField,
    Department,
    Priority,
    Schedule,
    Service,
    Sla,
    Status,
    Team,
    Template,
    Topic,
)
from helpdesk.model.settings import Settings
from helpdesk.storage.attributes import Item

Row = (
    Agent
    | CustomField
    | Department
    | Priority
    | Schedule
    | Service
    | Sla
    | Status
    | Team
    | Template
    | Topic
)
R = TypeVar("R", bound=Row | Settings)

KINDS: dict[str, type[Row]] = {
    "departments": Department,
    "topics": Topic,
    "statuses": Status,
    "priorities": Priority,
    "slas": Sla,
    "schedules": Schedule,
    "teams": Team,
    "agents": Agent,
    "services": Service,
    "fields": CustomField,
    "templates": Template,
}
"""Each kind of row, under the name it has in keys and in the admin API."""

SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rows by id at one version. Lookups take an id or a name, as callers give them."""

    version: int
    settings: Settings
    departments: Mapping[int, Department]
    topics: Mapping[int, Topic]
    statuses: Mapping[int, Status]
    priorities: Mapping[int, Priority]
    slas: Mapping[int, Sla]
    schedules: Mapping[int, Schedule]
    teams: Mapping[int, Team]
    agents: Mapping[int, Agent]
    services: Mapping[int, Service]
    fields: Mapping[int, CustomField]
    templates: Mapping[int, Template]

    def find_department(self, ref: int | str) -> Department:
        """`department`, where there is one and it is active.

        Raises:
            NotFound: There is none.
            Inactive: It is switched off.
        """
        return _active(self.department(ref), "department", ref)

    def department(self, ref: int | str) -> Department | None:
        """By id, by name at any level, or by a path such as `Dev / Web`; also an inactive one."""
        if (known := as_id(ref)) is not None:
            return self.departments.get(known)
        if "/" in str(ref):
            return self._department_at([part.strip() for part in str(ref).split("/")])
        return named(self.departments.values(), str(ref))

    def _department_at(self, path: list[str]) -> Department | None:
        parent: Department | None = None
        for part in path:
            level = parent.id if parent else None
            below = (row for row in self.departments.values() if row.parent == level)
            parent = named(below, part)
            if parent is None:
                return None
        return parent

    def find_topic(self, ref: int | str) -> Topic:
        """By id, or by name at the root.

        Raises:
            NotFound: There is none.
            Inactive: It is switched off.
        """
        if (known := as_id(ref)) is not None:
            return _active(self.topics.get(known), "topic", ref)
        roots = (row for row in self.topics.values() if row.parent is None)
        return _active(named(roots, str(ref)), "topic", ref)

    def find_status(self, ref: int | str) -> Status:
        """By id or name.

        Raises:
            NotFound: There is none.
        """
        return _lookup(self.statuses, "status", ref)

    def find_sla(self, ref: int | str) -> Sla:
        """By id or name.

        Raises:
            NotFound: There is none.
            Inactive: It is switched off.
        """
        return _active(_lookup(self.slas, "sla", ref), "sla", ref)

    def find_priority(self, ref: int | str) -> Priority:
        """By id, name or tag (`High`, `high`).

        Raises:
            NotFound: There is none.
        """
        known = as_id(ref)
        for row in self.priorities.values():
            if row.id == known or (known is None and fold(ref) in {fold(row.name), row.tag}):
                return row
        raise NotFound("priority", ref)

    def find_agent(self, ref: int | str) -> Agent:
        """By id, by address where it looks like one, else by username.

        Raises:
            NotFound: There is none.
            Inactive: The agent is switched off.
        """
        if (known := as_id(ref)) is not None:
            return _active(self.agents.get(known), "agent", ref)
        by = "email" if "@" in str(ref) else "username"
        for row in self.agents.values():
            if fold(getattr(row, by)) == fold(ref):
                return _active(row, "agent", ref)
        raise NotFound("agent", ref)

    def shortest_number(self) -> int:
        """The fewest digits a ticket number of this desk can have; shorter references are ids
        (docs/osticket.md, row E).
        """
        formats = {self.settings.ticket_number_format}
        formats |= {row.number_format for row in self.topics.values() if row.number_format}
        return min(shortest(pattern) for pattern in formats)


def as_id(ref: int | str) -> int | None:
    """The id that a reference is, where it is one: an int, or text of digits only."""
    if isinstance(ref, int):
        return ref
    text = ref.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def fold(name: object) -> str:
    """A name as names are compared: case and surrounding space do not count."""
    return str(name).strip().casefold()


N = TypeVar("N", Department, Topic, Status, Sla)
A = TypeVar("A", Department, Topic, Sla, Agent)


def named(rows: Iterable[N], name: str) -> N | None:
    """The first of these rows, by id, that has this name."""
    wanted = fold(name)
    found = sorted((row for row in rows if fold(row.name) == wanted), key=lambda row: row.id)
    return found[0] if found else None


def _lookup(rows: Mapping[int, N], what: str, ref: int | str) -> N:
    known = as_id(ref)
    found = rows.get(known) if known is not None else named(rows.values(), str(ref))
    if found is None:
        raise NotFound(what, ref)
    return found


def _active(row: A | None, what: str, ref: int | str) -> A:
    if row is None:
        raise NotFound(what, ref)
    if not row.active:
        raise Inactive(what, ref)
    return row


def as_item(row: Row | Settings) -> Item:
    """A row as it is stored."""
    item = asdict(row)
    if isinstance(row, Schedule):
        item["days"] = {str(day): list(hours) for day, hours in row.days.items()}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in item.items()
    }


def as_row(kind: type[R], item: Mapping[str, Any]) -> R:
    """The row that an item holds; missing attributes have their defaults."""
    known = {field.name for field in fields(kind)}
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in item.items()
        if name in known
    }
    if kind is Topic:
        values["fields"] = tuple(as_row(CustomField, field) for field in item.get("fields", ()))
    if kind is Schedule:
        values["days"] = {int(day): tuple(hours) for day, hours in item["days"].items()}
    return kind(**values)
