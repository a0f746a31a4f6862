"""Booked time."""

from collections.abc import Sequence
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import show
from helpdesk.model.relations import Accounting


def row(accounting: Accounting) -> dict[str, Any]:
    """One booking; amounts are decimal strings."""
    return {
        "id": accounting.id,
        "ticket_id": accounting.ticket,
        "ticket_article_id": accounting.entry,
        "time_unit": amount(accounting.unit),
        "type_id": None,
        "created_by_id": accounting.by,
        "created_at": show.time(accounting.at),
        "updated_at": show.time(accounting.updated),
    }


def amount(unit: str) -> str | None:
    """An amount of time in Zammad's decimal format, such as `11.0`; None if there is none."""
    if not unit:
        return None
    return unit if "." in unit else f"{unit}.0"


def one(accounting: Accounting, status: int) -> Response:
    """The response for a booking that was created or changed."""
    return show.answer(row(accounting), status)


def listed(accountings: Sequence[Accounting]) -> Response:
    """All bookings on a ticket."""
    return show.document([row(one) for one in accountings], "time_accountings.json")
