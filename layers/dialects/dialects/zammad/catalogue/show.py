"""Shows groups, roles, states and priorities as Zammad does (docs/zammad.md 9.1 to 9.3)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import collection, names
from dialects.zammad.collection import Assets, Record
from dialects.zammad.people import show as people
from dialects.zammad.read import Bag
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Catalogue, Row
from helpdesk.model.actor import NOBODY, SYSTEM, Actor
from helpdesk.model.catalogue import Department
from helpdesk.model.people import Organization

EPOCH = "1970-01-01T00:00:00.000Z"
"""The creation time of rows for which the desk does not store it."""

_MADE = {
    "updated_by_id": NOBODY,
    "created_by_id": NOBODY,
    "created_at": EPOCH,
    "updated_at": EPOCH,
}
_MAKERS = {"created_by": names.NOBODY_LOGIN, "updated_by": names.NOBODY_LOGIN}

PERMISSIONS: Mapping[str, Sequence[str]] = {
    "Admin": ("admin", "user_preferences", "report"),
    "Agent": ("ticket.agent", "user_preferences"),
    "Customer": ("ticket.customer", "user_preferences"),
}
"""The permissions of stock Zammad's roles."""

_IDLE = {names.PENDING_REMINDER, names.CLOSED, names.MERGED, names.PENDING_CLOSE}
"""States in which tickets do not escalate."""

_ICONS = {1: ("low-priority", "low-priority"), 3: ("important", "high-priority")}


# --- groups ---------------------------------------------------------------------------------


def group_row(row: Department, known: Catalogue) -> Record:
    """A department as a group; its users are the agents of the department."""
    name = names.group_name(row, known)
    agents = known.agents.values()
    users = [agent.id for agent in agents if agent.works_in(row.id)]
    return {
        "id": row.id,
        "signature_id": None,
        "email_address_id": None,
        "name": name,
        "name_last": name.rpartition("::")[2],
        "parent_id": row.parent,
        "assignment_timeout": row.assignment_timeout,
        "follow_up_possible": row.follow_up,
        "reopen_time_in_days": row.reopen_days,
        "follow_up_assignment": row.follow_up_assignment,
        "active": row.active,
        "shared_drafts": False,
        "note": row.note,
        **_MADE,
        "user_ids": sorted(users),
    }


OF_CUSTOMERS = (
    *("id", "name", "name_last", "parent_id", "follow_up_possible", "reopen_time_in_days"),
    "active",
)
"""The attributes that customers see of their ticket's group."""


def group_seen_by(actor: Actor, row: Record) -> Record:
    """A group as visible to an actor: customers see neither its agents nor its note."""
    if actor.customer is None:
        return row
    return {name: row[name] for name in OF_CUSTOMERS}


def _groups(known: Catalogue, actor: Actor) -> list[Record]:
    return [
        group_row(row, known)
        for number, row in sorted(known.departments.items())
        if not actor.departments or number in actor.departments
    ]


def _group_names(row: Record, known: Catalogue) -> Record:
    agents = [known.agents[number] for number in row["user_ids"]]
    return {"users": [people.login_of(agent.id, agent) for agent in agents]}


# --- roles ----------------------------------------------------------------------------------


def _roles(_known: Catalogue, _actor: Actor) -> list[Record]:
    return [
        {
            "id": number,
            "name": name,
            "preferences": {},
            "default_at_signup": name == "Customer",
            "active": True,
            "note": "",
            **_MADE,
            "permission_ids": [],
            "knowledge_base_permission_ids": [],
            "group_ids": {},
        }
        for number, name in names.ROLES.items()
    ]


def _role_names(row: Record, _known: Catalogue) -> Record:
    return {
        "permissions": list(PERMISSIONS[row["name"]]),
        "knowledge_base_permissions": [],
        "groups": {},
    }


# --- states and priorities ------------------------------------------------------------------


def _states(known: Catalogue, _actor: Actor) -> list[Record]:
    return [
        {
            "id": row.id,
            "state_type_id": row.type,
            "name": row.name,
            "next_state_id": names.CLOSED if row.id == names.PENDING_CLOSE else None,
            "ignore_escalation": row.id in _IDLE,
            "default_create": row.id == names.NEW,
            "default_follow_up": row.id == names.OPEN,
            "default_close": row.id == names.CLOSED,
            "note": "",
            "active": row.active,
            **_MADE,
        }
        for row in names.states(known)
    ]


def _state_names(row: Record, _known: Catalogue) -> Record:
    after = {"next_state": "closed"} if row["next_state_id"] else {}
    return {"state_type": names.STATE_TYPES[row["state_type_id"]], **after}


def _priorities(known: Catalogue, _actor: Actor) -> list[Record]:
    default = names.priority_of(known.settings.default_priority_id, known)[0]
    rows = []
    for row in names.priorities(known):
        icon, color = _ICONS.get(row.id, (None, None))
        rows.append(
            {
                "id": row.id,
                "name": row.name,
                "default_create": row.id == default,
                "ui_icon": icon,
                "ui_color": color,
                "note": "",
                "active": True,
                **_MADE,
            }
        )
    return rows


# --- any of them ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the four resources: `name` is its class among assets, `what` in errors."""

    name: str
    what: str
    rows: Callable[[Catalogue, Actor], list[Record]]
    names: Callable[[Record, Catalogue], Record]


KINDS: Mapping[str, Kind] = {
    "groups": Kind("Group", "Group", _groups, _group_names),
    "roles": Kind("Role", "Role", _roles, _role_names),
    "ticket_states": Kind("TicketState", "Ticket::State", _states, _state_names),
    "ticket_priorities": Kind(
        "TicketPriority", "Ticket::Priority", _priorities, lambda _row, _known: {}
    ),
}
"""The resources, by their names in paths."""


def rows(kind: Kind, known: Catalogue, actor: Actor, values: Bag) -> Response:
    """A page of all rows of a kind."""
    records = collection.order(kind.rows(known, actor), values)
    return collection.listing(
        collection.page(records, values),
        values,
        total=len(records),
        names=lambda row: _names(kind, row, known),
        assets=lambda page: _assets(kind, page, known),
    )


def found(
    kind: Kind, page: Sequence[Record], total: int, known: Catalogue, values: Bag
) -> Response:
    """A page of search results."""
    return collection.found(
        values,
        page,
        total,
        names=lambda row: _names(kind, row, known),
        assets=lambda rows: _assets(kind, rows, known),
        labelled=collection.labelled,
    )


def row(kind: Kind, record: Record, known: Catalogue, values: Bag, status: int = 200) -> Response:
    """One row."""
    return collection.one(
        record,
        values,
        status=status,
        names=lambda row: _names(kind, row, known),
        assets=lambda page: _assets(kind, page, known),
    )


def made(
    kind: Kind, desk_kind: str, of_desk: Row | Organization, values: Bag, status: int
) -> Response:
    """A row that was just created or changed: it need not be stored yet, so that the response can
    be stored in an Idempotency-Key's record.
    """
    known = cache.seen()
    changed: dict[str, Any] = {desk_kind: {**getattr(known, desk_kind), of_desk.id: of_desk}}
    known = replace(known, **changed)
    number = of_desk.id + (0 if desk_kind == "departments" else names.BEYOND)
    record = next(one for one in kind.rows(known, SYSTEM) if one["id"] == number)
    return row(kind, record, known, values, status)


def _names(kind: Kind, record: Record, known: Catalogue) -> dict[str, Any]:
    return {**kind.names(record, known), **_MAKERS}


def _assets(kind: Kind, page: Sequence[Record], known: Catalogue) -> Assets:
    users = {number for record in page for number in (NOBODY, *record.get("user_ids", ()))}
    return {
        kind.name: {str(record["id"]): record for record in page},
        "User": {
            str(number): people.user_row(number, known.agents.get(number), known)
            for number in sorted(users)
        },
    }
