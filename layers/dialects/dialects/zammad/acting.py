"""Acting on behalf of another user with the header `From` (docs/zammad.md 2.1)."""

from dataclasses import replace

from dialects import parameters
from dialects.zammad.refuse import Refusal
from helpdesk import people
from helpdesk.catalogue import cache
from helpdesk.keys.authorize import shared_organizations
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.model.catalogue import Agent

LONGEST_NAME = 320
"""Longest login or address in characters; a longer text cannot be part of a key."""


def acting_as(caller: Actor, wanted: str, given: str) -> Actor:
    """The actor for the named user, with the permissions and limits of the key. Three or four round
    trips.

    Args:
        caller: The key's own actor.
        wanted: An id, a login or an address, case-folded.
        given: The same as sent, for the error text.

    Raises:
        Refusal: 403, if there is no such user.
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
