"""The catalogue's rows: kinds, lookups by id or name, and how they are stored.

Departments, topics, statuses, priorities, SLAs, schedules, teams, agents, services, custom fields,
mail templates and settings are in one partition; admins set them up and every request reads them
(docs/data-model.md; docs/aws.md m31).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Any, TypeVar

from helpdesk.catalogue.numbers import shortest
from helpdesk.errors import Damaged, Inactive, NotFound
from helpdesk.model.catalogue import (
    Agent,
    CustomField,
    Department,
    Priority,
    Schedule,
    Service,
    Sla,
    State,
    Status,
    Team,
    Template,
    Topic,
)
from helpdesk.model.settings import Settings
from helpdesk.model.tickets import Ticket
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import catalogue_key, padded
from helpdesk.storage.reading import make, reading
from helpdesk.times import zone

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
R = TypeVar("R", bound=Row)

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

A_DAY = 24 * 60
"""Minutes."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rows by id at one version. Lookups take an id or a name, as given by callers.

    `damaged` has the ids of the rows of each kind that are stored and cannot be read.
    """

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
    damaged: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def state_of(self, ticket: Ticket) -> State:
        """The state of a ticket's status. If the status cannot be read, the ticket itself tells
        whether it is closed.
        """
        status = self.statuses.get(ticket.status)
        if status is not None:
            return status.state
        return "open" if ticket.closed is None else "closed"

    def services_of(self, ticket: Ticket) -> list[Service]:
        """The services that a ticket is about, as far as they are still there."""
        return [self.services[one] for one in ticket.services if one in self.services]

    @property
    def closed_status(self) -> int:
        """The default status for closing: Closed, or another closed status; every desk has one."""
        closed = [row for row in self.statuses.values() if row.state == "closed"]
        return min(closed, key=lambda row: (row.name != "Closed", row.id)).id

    def reopened(self, ticket: Ticket) -> Ticket:
        """A reopened ticket: as in osTicket, without its agent if they do not belong to its
        department, or no longer exist.
        """
        agent = self.agents.get(ticket.agent or 0)
        if agent and agent.active:
            theirs = {agent.department, *agent.departments} - {None}
            # An agent without departments belongs to each.
            if not theirs or ticket.department in theirs:
                return ticket
        return replace(ticket, agent=None)

    def find_department(self, ref: int | str) -> Department:
        """As `department`.

        Raises:
            NotFound: No department is called this.
            Inactive: The department accepts no tickets.
        """
        return _active(self.department(ref), "department", ref)

    def department(self, ref: int | str) -> Department | None:
        """The department that `resolve` finds; also an inactive one."""
        return resolve(self.departments, ref)

    def find_topic(self, ref: int | str) -> Topic:
        """The topic that `resolve` finds.

        Raises:
            NotFound: No topic is called this.
            Inactive: The topic is switched off.
        """
        return _active(resolve(self.topics, ref), "topic", ref)

    def find_status(self, ref: int | str) -> Status:
        """The status that `resolve` finds.

        Raises:
            NotFound: No status is called this.
        """
        return _there(resolve(self.statuses, ref), "status", ref)

    def find_sla(self, ref: int | str) -> Sla:
        """The SLA that `resolve` finds.

        Raises:
            NotFound: No SLA is called this.
            Inactive: The SLA is switched off.
        """
        return _active(resolve(self.slas, ref), "sla", ref)

    def find_priority(self, ref: int | str) -> Priority:
        """The priority that `resolve` finds; its tag is a name, too.

        Raises:
            NotFound: No priority is called this.
        """
        return _there(resolve(self.priorities, ref), "priority", ref)

    def find_team(self, ref: int | str) -> Team:
        """The team that `resolve` finds.

        Raises:
            NotFound: No team is called this.
            Inactive: The team is switched off.
        """
        return _active(resolve(self.teams, ref), "team", ref)

    def find_agent(self, ref: int | str) -> Agent:
        """The agent that `resolve` finds; an address and a username are its names.

        Raises:
            NotFound: No agent is called this.
            Inactive: The agent is switched off.
        """
        return _active(resolve(self.agents, ref), "agent", ref)

    def shortest_number(self) -> int:
        """The fewest digits a ticket number of this desk can have; shorter references are ids
        (docs/osticket.md, row E).
        """
        formats = {self.settings.ticket_number_format}
        formats |= {row.number_format for row in self.topics.values() if row.number_format}
        return min(shortest(pattern) for pattern in formats)


def as_id(ref: int | str) -> int | None:
    """A reference as id, if it is one: an int, or text of digits only."""
    if isinstance(ref, int):
        return ref
    text = ref.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def fold(name: object) -> str:
    """A name as names are compared: without regard to case and to space around it."""
    return str(name).strip().casefold()


N = TypeVar("N", Agent, Department, Topic, Status, Sla, Priority, Team)
A = TypeVar("A", Department, Topic, Sla, Agent, Team)
F = TypeVar("F", Status, Priority)


def resolve(rows: Mapping[int, N], ref: int | str) -> N | None:
    """The row that a caller means: the one reader of references to rows.

    A number is an id. A text is tried as a complete name at any level, then as a path such as `Dev
    / Web`, then as an id. Names are compared ignoring case and surrounding space. Of several rows
    with the same name, one at the root comes first, then the lowest id.
    """
    if isinstance(ref, int):
        return rows.get(ref)
    wanted = fold(ref)
    found = [row for row in rows.values() if wanted in _names(row)]
    if not found and "/" in wanted:
        found = [row for row in rows.values() if _path(rows, row) == _parts(wanted)]
    if found:
        return min(found, key=lambda row: (bool(getattr(row, "parent", None)), row.id))
    known = as_id(ref)
    return rows.get(known) if known is not None else None


def _names(row: Row) -> set[str]:
    match row:
        case Agent():
            return {fold(row.email), fold(row.username)}
        case Priority():
            return {fold(row.name), fold(row.tag)}
    return {fold(row.name)}


def _path(rows: Mapping[int, N], row: N) -> list[str]:
    """The names from the root down to a row; a name may itself contain slashes."""
    line: list[str] = []
    above: N | None = row
    for _ in rows:
        if above is None:
            break
        line = _parts(fold(above.name)) + line
        above = rows.get(getattr(above, "parent", None) or 0)
    return line


def _parts(path: str) -> list[str]:
    return [part.strip() for part in path.split("/")]


def _there(row: F | None, what: str, ref: int | str) -> F:
    if row is None:
        raise NotFound(what, ref)
    return row


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
    """The row that an item holds; missing attributes have their defaults.

    Raises:
        Damaged: It holds none.
    """
    with reading(kind.__name__.lower(), item):
        row = _as_row(kind, item)
        if not item["sk"].endswith(f"#{padded(row.id)}"):
            raise ValueError("id")
    return row


def _as_row(kind: type[R], item: Mapping[str, Any]) -> R:
    values = {
        name: tuple(value) if isinstance(value, list) else value for name, value in item.items()
    }
    if kind is Topic:
        values["fields"] = tuple(_as_row(CustomField, field) for field in item.get("fields", ()))
    if kind is Schedule:
        days = {int(day): tuple(hours) for day, hours in item["days"].items()}
        if not all(0 <= minute <= A_DAY for hours in days.values() for minute in hours):
            raise ValueError("days")
        values["days"] = days
    return make(kind, values)


def as_settings(item: Mapping[str, Any]) -> Settings:
    """The settings that an item holds. A value that cannot be read gets its default."""
    values: dict[str, Any] = {}
    for name, value in item.items():
        one = {name: tuple(value) if isinstance(value, list) else value}
        with suppress(Damaged), reading("setting", item):
            make(Settings, one)
            values |= one
    return make(Settings, values)


def stored_zone(name: str, kind: str, row: int = 0) -> tzinfo:
    """The time zone of a row; UTC if the zone no longer exists."""
    try:
        with reading(kind, catalogue_key(kind, row)):
            return zone(name)
    except Damaged:
        return UTC
