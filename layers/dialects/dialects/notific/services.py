"""Services (docs/notific.md 7): rows of the desk's catalogue."""

from collections.abc import Mapping
from typing import Any

from dialects.notific.read import Window
from dialects.notific.shapes import Properties, Value
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Row
from helpdesk.directory import changes
from helpdesk.errors import Invalid, NotFound, Problem
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Service

KIND = "services"

LONGEST = {"name": 200, "description": 10_000}
"""Longest value in characters. All services are loaded with the catalogue, so their size must be
limited."""


def listed(window: Window) -> list[Properties]:
    """The requested part of the services, by id.

    Visible to all who may read tickets, since tickets refer to them.
    """
    rows = [row for _, row in sorted(cache.current().services.items())]
    end = None if window.limit is None else window.offset + window.limit
    return [shown(row) for row in rows[window.offset : end]]


def found(number: int) -> Properties:
    """One service.

    Raises:
        NotFound: It does not exist.
    """
    row = cache.current().services.get(number)
    if row is None:
        raise NotFound(KIND, number)
    return shown(row)


def create(actor: Actor, values: Properties, once: IdempotencyRecord | None) -> Row:
    """Creates a service. Errors as `changes.create_row`, and `Invalid`."""
    return changes.create_row(actor, KIND, _read(values), once)


def update(actor: Actor, number: int, values: Properties) -> Properties:
    """Changes a service. Errors as `changes.update_row`, and `Invalid`."""
    wanted = _read(values)
    return shown(changes.update_row(actor, KIND, number, wanted))


def delete(actor: Actor, number: int) -> Properties:
    """Deletes a service and returns its last values. Errors as `changes.delete_row`."""
    row = changes.delete_row(actor, KIND, number)
    return shown(row) if row else {"Id": number}


def shown(row: Row) -> dict[str, Value]:
    """A service's properties."""
    assert isinstance(row, Service)  # noqa: S101 - by KIND
    return {"Id": row.id, "Name": row.name, "Description": row.description}


def _read(values: Properties) -> Mapping[str, Any]:
    row = {
        "name": str(values.get("Name") or "").strip(),
        "description": str(values.get("Description") or "").strip(),
    }
    problems = [] if row["name"] else [Problem("name", "required")]
    problems += [
        Problem(name, "too_long", detail=str(most))
        for name, most in LONGEST.items()
        if len(row[name]) > most
    ]
    if problems:
        raise Invalid(*problems)
    return row
