"""Checks whether the authorizer would admit a key, without its secret."""

from typing import NamedTuple

from helpdesk.clock import now
from helpdesk.keys import authorize, finding
from helpdesk.model.actor import Actor


class Barrier(NamedTuple):
    """Why a key would be refused: `inactive`, `expired`, `network` or `permission`; and the field
    of the key that causes it.
    """

    reason: str
    field: str


def check_key(actor: Actor, number: int, address: str, permission: str | None) -> Barrier | None:
    """Why a request with a key's secret from an address would be refused; None if it would not.
    With `permission`, also checks whether the key has it.

    Raises:
        NotFound: No such key within the actor's own bounds.
    """
    key = finding.find_key(actor, number)
    if not key.active:
        return Barrier("inactive", "active")
    if key.expires is not None and key.expires <= now():
        return Barrier("expired", "expires")
    if key.networks and not authorize.is_in(address, key.networks):
        return Barrier("network", "networks")
    if not authorize.customer_is_active(key.customer):
        return Barrier("inactive", "customer")
    if permission is not None and permission not in key.permissions:
        return Barrier("permission", "permissions")
    return None
