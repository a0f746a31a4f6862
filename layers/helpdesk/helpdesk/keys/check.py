"""Whether a key would be let in: what the authorizer would say, asked without the secret."""

from typing import NamedTuple

from helpdesk.clock import now
from helpdesk.keys import authorize, finding
from helpdesk.model.actor import Actor


class Barrier(NamedTuple):
    """What stands in a key's way: `inactive`, `expired`, `network` or `permission`; and the field
    of the key that says so.
    """

    reason: str
    field: str


def check_key(actor: Actor, number: int, address: str, permission: str | None) -> Barrier | None:
    """What stands in the way of a request with a key's secret from an address; None where nothing
    does. With a permission also whether the key has that.

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
