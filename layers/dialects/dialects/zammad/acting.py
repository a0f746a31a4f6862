"""Acting in somebody else's name, by the header `From` (docs/zammad.md 2.1)."""

from dataclasses import replace

from dialects import parameters
from dialects.zammad.refuse import Refusal
from helpdesk import people
from helpdesk.catalogue import cache
from helpdesk.keys.authorize import shared_organizations
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.catalogue import Agent

LONGEST_NAME = 320
"""Characters of a login or an address at most; a longer text is no part of a key."""


def acting_as(caller: Actor, wanted: str, given: str) -> Actor:
    """The actor who is named, with the permissions and the bounds of the key. Three or four round
    trips.

    Args:
        caller: Whose key it is.
        wanted: An id, a login or an address, folded.
        given: The same as it came, for the refusal.

    Raises:
        Refusal: 403, where nobody is called so.
    """
    user = _named(wanted)
    if user is None or not user.active:
        raise Refusal(403, f"No such user '{given}'")
    if isinstance(user, Agent):
        return replace(caller, agent=user.id)
    organizations = shared_organizations([user.organization, *user.organizations])
    return replace(caller, agent=None, customer=user.id, organizations=organizations)


def _named(wanted: str) -> people.User | None:
    cache.current()
    number = parameters.id_of(wanted)
    found = people.find_user(SYSTEM, number) if number else None
    return found or people.find_user(SYSTEM, wanted[:LONGEST_NAME])
