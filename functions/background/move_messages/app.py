"""Asked for by an admin: moves dead letters back to their queue, or calls failed calls again."""

from typing import Any

from helpdesk.monitoring import moves


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Returns how many were moved."""
    return {"moved": moves.carry_out(event["queue"], event["id"])}
