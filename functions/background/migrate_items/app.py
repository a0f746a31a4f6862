"""Invoked by `make migrate`: converts stored items to this version's format."""

from typing import Any

from helpdesk.errors import Conflict
from helpdesk.projection import migrate


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Works for `seconds` seconds and returns its progress; the next call resumes there."""
    try:
        progress = migrate.go_on(float(event.get("seconds", 60)), anew=bool(event.get("anew")))
    except Conflict:
        return {"phase": "under way"}
    return progress.told()
