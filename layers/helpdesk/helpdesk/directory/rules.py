"""The integrity rules of the catalogue: references exist, rows in use stay, names are unique."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from helpdesk.catalogue import stock
from helpdesk.catalogue.rows import SETTINGS, Catalogue, Row, fold
from helpdesk.errors import Conflict, Invalid, Problem
from helpdesk.model.catalogue import CustomField, Topic
from helpdesk.model.settings import Settings

REFERENCES: dict[str, dict[str, str]] = {
    "departments": {
        "parent": "departments",
        "sla": "slas",
        "schedule": "schedules",
        "manager": "agents",
    },
    "topics": {
        "parent": "topics",
        "department": "departments",
        "priority": "priorities",
        "sla": "slas",
        "status": "statuses",
        "agent": "agents",
        "team": "teams",
    },
    "slas": {"schedule": "schedules"},
    "teams": {"lead": "agents", "members": "agents"},
    "agents": {"department": "departments", "departments": "departments"},
    SETTINGS: {
        "default_dept_id": "departments",
        "default_ticket_status_id": "statuses",
        "default_priority_id": "priorities",
        "default_help_topic": "topics",
        "default_sla_id": "slas",
        "default_schedule_id": "schedules",
    },
}
"""Which field of which kind names rows of which other kind."""

UNIQUE: dict[str, tuple[tuple[str, ...], ...]] = {
    "departments": (("name", "parent"),),
    "topics": (("name", "parent"),),
    "priorities": (("name",), ("tag",)),
    "agents": (("email",), ("username",)),
    "fields": (("name", "form"),),
}
"""The unique fields of each kind of rows; the name for kinds that are not listed."""

BUILT_IN: dict[str, set[int]] = {
    kind: {row.id for row in stock.ROWS[kind]} for kind in ("fields", "templates")
}
"""Rows that the desk itself relies on: they may be changed, but not renamed or removed."""

FIXED = {"fields": ("name", "form", "kind"), "templates": ("name",)}
"""The fields of built-in rows that cannot be changed."""


def rows_of(known: Catalogue, kind: str) -> Mapping[int, Row]:
    """All rows of a kind, by id."""
    rows: Mapping[int, Row] = getattr(known, kind)
    return rows


def named(value: object) -> tuple[int, ...]:
    """The ids in a field."""
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, int) else ()


def check_references(known: Catalogue, kind: str, row: Row | Settings) -> None:
    """Checks that everything a row names exists. 0 in optional settings means none."""
    optional = {"default_help_topic", "default_sla_id"}
    problems = [
        Problem(name, "unknown")
        for name, other in REFERENCES.get(kind, {}).items()
        for wanted in named(getattr(row, name))
        if wanted not in rows_of(known, other) and not (name in optional and wanted == 0)
    ]
    if problems:
        raise Invalid(*dict.fromkeys(problems))


def check_row(known: Catalogue, kind: str, row: Row) -> None:
    """Checks a new or changed row, in the catalogue as it would be.

    Raises:
        Invalid: What the row names does not exist, or its parents form a circle.
        Conflict: `name_taken`, or another unique field.
    """
    check_references(known, kind, row)
    if kind in {"departments", "topics"}:
        _check_parents(rows_of(known, kind), row)
    for unique in UNIQUE.get(kind, (("name",),)):
        mine = [fold(getattr(row, name)) for name in unique]
        for other in rows_of(known, kind).values():
            if other.id != row.id and [fold(getattr(other, name)) for name in unique] == mine:
                raise Conflict(f"{unique[0]}_taken", str(getattr(row, unique[0])))


def _check_parents(rows: Mapping[int, Any], row: Any) -> None:
    above, seen = row.parent, {row.id}
    while above is not None:
        if above in seen:
            raise Invalid(Problem("parent", "circular"))
        seen.add(above)
        above = rows[above].parent if above in rows else None


def unfit_default(known: Catalogue) -> str:
    """The setting whose default row exists, but cannot be used for a new ticket."""
    settings = known.settings
    department = known.departments.get(settings.default_dept_id)
    if department is None or not department.active:
        return "default_dept_id"
    status = known.statuses.get(settings.default_ticket_status_id)
    if status is None or status.state != "open":
        return "default_ticket_status_id"
    topic = known.topics.get(settings.default_help_topic)
    return "default_help_topic" if topic and not topic.active else ""


def check_states(known: Catalogue) -> None:
    """Every desk must be able to open and close: each of these states must keep a status."""
    if not {"open", "closed"} <= {row.state for row in known.statuses.values()}:
        raise Conflict("last_of_state")


def fields_naming(kind: str) -> Iterator[tuple[str, str]]:
    """The fields that name rows of a kind: each with the kind that has it."""
    for other, names in REFERENCES.items():
        yield from ((other, name) for name, target in names.items() if target == kind)


def field_ids(known: Catalogue, besides: int = 0) -> set[int]:
    """The ids of all custom fields: those of the desk's forms and of all topics except one.

    A request may name a field by its id, so no two fields share one.
    """
    topics = (topic for topic in known.topics.values() if topic.id != besides)
    return {*known.fields, *(field.id for topic in topics for field in topic.fields)}


def number_fields(known: Catalogue, topic: Topic, last: int) -> tuple[Topic, int]:
    """The topic with ids for all its fields, and the highest field id so far.

    A field without an id keeps the one that the topic's field of this name has; a new field gets
    one that no other field has.

    Args:
        known: The catalogue before the change.
        topic: The topic as it is to be; fields without an id have 0.
        last: The highest id that a field has had so far.

    Raises:
        Invalid: `ids`, if a field requests an id that another field has.
    """
    taken = field_ids(known, besides=topic.id)
    before = known.topics.get(topic.id)
    same = {field.name: field.id for field in before.fields} if before else {}
    chosen = [field.id or same.get(field.name, 0) for field in topic.fields]
    given = [number for number in chosen if number]
    if len(set(given)) < len(given) or taken.intersection(
        field.id for field in topic.fields if field.id
    ):
        raise Invalid(Problem("fields", "ids"))
    highest = max(last, *taken, *given, 0)
    numbered: list[CustomField] = []
    for field, number in zip(topic.fields, chosen, strict=True):
        # Older ids may belong to another field: such a field gets a new one.
        if not number or number in taken:
            highest += 1
            number = highest  # noqa: PLW2901 - the id that it has from now on
        numbered.append(replace(field, id=number))
    return replace(topic, fields=tuple(numbered)), highest
