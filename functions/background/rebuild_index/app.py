"""Invoked by `make rebuild`: rebuilds the Index table while the desk is in use."""

from typing import Any

from helpdesk.errors import Conflict
from helpdesk.projection import rebuild


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Works for `seconds` seconds and returns its progress; the next call resumes there.
    `patience` and `anew` are those of `rebuild.go_on`.
    """
    try:
        progress = rebuild.go_on(
            float(event.get("seconds", 60)),
            patience=float(event.get("patience", rebuild.PATIENCE)),
            anew=bool(event.get("anew", False)),
        )
    except Conflict:
        return {"phase": "under way"}
    return progress.told()
