"""Operators (docs/notific.md 8): the desk's agents."""

from collections.abc import Mapping
from typing import Any

from dialects.notific.read import Window
from dialects.notific.shapes import Properties, Value
from helpdesk.addresses import is_address
from helpdesk.catalogue import cache
from helpdesk.catalogue.rows import Row, fold
from helpdesk.directory import changes
from helpdesk.errors import Invalid, Problem
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Agent

KIND = "agents"

LONGEST = {"name": 200, "email": 254, "phone": 64}
"""Longest value in characters."""


def listed(actor: Actor, window: Window) -> list[Properties]:
    """The requested part of the operators, by id.

    Raises:
        NotAllowed: The key is a customer's.
    """
    rows = changes.list_rows(actor, KIND)
    end = None if window.limit is None else window.offset + window.limit
    return [shown(row) for row in rows[window.offset : end]]


def found(actor: Actor, number: int) -> Properties:
    """One operator. Errors as `changes.find_row`."""
    return shown(changes.find_row(actor, KIND, number))


def create(actor: Actor, values: Properties, once: IdempotencyRecord | None) -> Row:
    """Creates an operator, with the address as login. Errors as `changes.create_row`, `Invalid`."""
    row = _read(values)
    return changes.create_row(actor, KIND, {**row, "username": row["email"]}, once)


def update(actor: Actor, number: int, values: Properties) -> Properties:
    """Changes an operator. Errors as `changes.update_row`, and `Invalid`."""
    row = dict(_read(values))
    before = cache.current().agents.get(number)
    if before and fold(before.username) == fold(before.email):
        row["username"] = row["email"]
    return shown(changes.update_row(actor, KIND, number, row))


def delete(actor: Actor, number: int) -> Properties:
    """Deletes an operator and returns their last values; their open tickets become unassigned.

    Errors as `changes.delete_row`.
    """
    row = changes.delete_row(actor, KIND, number, release=True)
    return shown(row) if row else {"Id": number}


def shown(row: Row) -> dict[str, Value]:
    """An operator's properties."""
    assert isinstance(row, Agent)  # noqa: S101 - by KIND
    return {"Id": row.id, "Name": row.name, "Email": row.email, "CellPhone": row.phone or None}


def _read(values: Properties) -> Mapping[str, Any]:
    row = {
        name: str(values.get(given) or "").strip()
        for name, given in (("name", "Name"), ("email", "Email"), ("phone", "CellPhone"))
    }
    problems = [Problem(name, "required") for name in ("name", "email") if not row[name]]
    problems += [
        Problem(name, "too_long", detail=str(most))
        for name, most in LONGEST.items()
        if len(row[name]) > most
    ]
    if row["email"] and not problems and not is_address(row["email"]):
        problems.append(Problem("email", "email"))
    if problems:
        raise Invalid(*problems)
    return row
