"""Writes of a ticket's item that are conditional on the version that was read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from helpdesk.clock import to_iso
from helpdesk.errors import NotAllowed
from helpdesk.model.actor import Actor
from helpdesk.model.tickets import Ticket
from helpdesk.scope import seen_by
from helpdesk.storage import transact
from helpdesk.storage.keys import padded, ticket_key
from helpdesk.storage.transact import Write


def check_staff(actor: Actor, permission: str = "can_update_tickets") -> None:
    """Refuses a customer's key an operation of staff; the error names the missing permission.

    Raises:
        NotAllowed: The key is a customer's.
    """
    if actor.customer is not None:
        raise NotAllowed(permission)


def touched(ticket: int, at: datetime, by: Actor) -> dict[str, Any]:
    """The attributes that say when and by whom a ticket was last changed."""
    return {
        "updated": to_iso(at),
        "s2": f"{to_iso(at)}#{padded(ticket)}",
        "updated_by": by.me,
    }


def touch(ticket: int, at: datetime, by: Actor) -> Write:
    """The write that records that a ticket was changed; it fails if the ticket is gone or the actor
    no longer sees it.
    """
    seen, values = seen_by(by)
    condition = " AND ".join(["attribute_exists(pk)", *seen])
    return transact.set_attributes(
        ticket_key(ticket), touched(ticket, at, by), condition=condition, values=values
    )


def update(
    before: Ticket,
    at: datetime,
    by: Actor,
    attributes: Mapping[str, Any],
    remove: Iterable[str] = (),
    *,
    condition: str = "",
    values: Mapping[str, Any] | None = None,
) -> Write:
    """The write that sets these stored attributes and the next version; it fails if the ticket is
    gone, has another version than `before`, or fails the further `condition`.
    """
    return transact.set_attributes(
        ticket_key(before.id),
        {**touched(before.id, at, by), **attributes, "version": before.version + 1},
        remove=remove,
        condition=" AND ".join(filter(None, ["#version = :seen", condition])),
        values={":seen": before.version, **(values or {})},
    )
