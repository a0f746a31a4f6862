"""The audit log: from the query string to the desk's list, and to JSON."""

import re
from contextlib import suppress
from datetime import date
from typing import Any

from dialects import parameters
from dialects.admin import read
from dialects.admin.times import shown as time
from dialects.answers import as_json
from dialects.endpoint import Request, Response
from helpdesk.catalogue import cache
from helpdesk.errors import Invalid, Problem
from helpdesk.events import audit
from helpdesk.events.audit import Asked, Change

PARAMETERS = frozenset({"day", "kind", "id", "key", "next", "limit"})

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def changes(request: Request) -> Response:
    """A page of changes, newest first.

    Raises:
        Invalid: A parameter is unknown, or has an invalid value.
        NotAllowed: The key sees only part of the desk.
    """
    before, limit = read.time_page(request)
    found, more = audit.list_changes(request.actor, _asked(request), before=before, limit=limit)
    return as_json({"items": [_shown(change) for change in found], "next": more})


def _asked(request: Request) -> Asked:
    parameters.check_names(request.query, PARAMETERS)
    kind, number = request.query.get("kind") or None, _id(request, "id")
    if number is not None and kind is None:
        raise Invalid(Problem("kind", "required"))
    return Asked(day=_day(request), kind=kind, id=number, key=_id(request, "key"))


def _day(request: Request) -> date | None:
    written = request.query.get("day", "")
    if not written:
        return None
    with suppress(ValueError):
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
    raise Invalid(Problem("day", "day", detail="must be a day such as 2026-11-28"))


def _id(request: Request, name: str) -> int | None:
    written = request.query.get(name, "")
    number = parameters.id_of(written) if written else None
    if written and (number is None or number > parameters.HIGHEST_ID):
        raise Invalid(Problem(name, "choice", detail="must be an id"))
    return number


_SAID = ("reason", "count")
"""What an admin has said with an act that changes no field of anything."""


def _difference(name: str, value: object) -> dict[str, Any]:
    return {"field": name, "before": None, "after": value}


def _shown(change: Change) -> dict[str, Any]:
    event = change.event
    told = list(event.changes) or [
        # Events of the past have no values, only names.
        *(_difference(name, None) for name in event.data.get("fields", ())),
        *(_difference(name, event.data[name]) for name in _SAID if name in event.data),
    ]
    agent = cache.seen().agents.get(event.agent) if event.agent else None
    return {
        "id": event.id.sk.removeprefix("V#"),
        "at": time(event.at),
        "kind": change.kind,
        "what": event.kind,
        "object": {"kind": change.kind, "id": change.id, "name": change.name or None},
        "by": {
            "key": event.key,
            "name": change.by or None,
            "agent": agent and agent.name,
            "user": event.user or None,
        },
        "changes": told,
    }
