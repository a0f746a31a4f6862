"""Invoked by the admin API: moves dead letters back to their queue, or repeats failed calls."""

from typing import Any

from helpdesk.monitoring import moves


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Returns how many were moved."""
    return {"moved": moves.carry_out(event["queue"], event["id"])}
