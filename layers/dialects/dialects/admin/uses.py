"""References to a row, as an answer and in the refusal to delete it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # A type only: every endpoint imports the refusals, and most do not need this module.
    from helpdesk.directory.uses import Uses
    from helpdesk.model.actor import Actor


def shown(found: Uses, actor: Actor) -> dict[str, Any]:
    """The references to a row; names of keys only for those who manage keys."""
    may = actor.may("can_manage_keys")
    return {
        "items": [asdict(row) for row in found.rows],
        "settings": list(found.settings),
        "keys": [{"id": number, "name": name if may else None} for number, name in found.keys],
        "people": found.people,
        "tickets": found.tickets,
    }
