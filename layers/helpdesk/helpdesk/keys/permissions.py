"""Permissions of keys, and what a key may grant or change in other keys (docs/keys.md)."""

from collections.abc import Mapping
from datetime import datetime
from ipaddress import IPv6Network, ip_network
from typing import TypedDict

from helpdesk.catalogue import cache
from helpdesk.errors import Invalid, NotAllowed, Problem
from helpdesk.model.actor import NOBODY, THE_DESK, Actor, ApiKey
from helpdesk.storage import table
from helpdesk.storage.keys import CATALOGUE_VERSION, person_key

PERMISSIONS = (
    "can_create_tickets",
    "can_read_tickets",
    "can_search_tickets",
    "can_update_tickets",
    "can_delete_tickets",
    "can_read_stats",
    "can_manage_subtickets",
    "can_exec_cron",
    "can_manage_directory",
    "can_act_for_others",
    "can_manage_keys",
    "can_manage_desk",
)
"""All permissions of all dialects; a new key has none."""


class KeyFacts(TypedDict, total=False):
    """The values of a key that an admin may set; a missing one keeps its value, or has its
    default.
    """

    name: str
    permissions: frozenset[str]
    networks: tuple[str, ...]
    active: bool
    expires: datetime | None
    departments: frozenset[int]
    agent: int | None
    customer: int | None
    dismissed: Mapping[str, str]


class BeyondOwn(NotAllowed):
    """A key would grant, revoke or change something that it does not have itself; `field` names
    it.
    """

    def __init__(self, field: str, permission: str) -> None:
        super().__init__(permission)
        self.field = field


def network(text: str) -> str:
    """A network in CIDR notation in its usual form; a plain address is a network of one.

    IPv4 written as IPv6 (`::ffff:10.0.0.0/104`) becomes IPv4, as source addresses do.

    Raises:
        ValueError: It is not a network, or has host bits set, which usually means that a single
            host was intended.
    """
    found = ip_network(text.strip())
    if isinstance(found, IPv6Network) and found.prefixlen >= 96:
        mapped = found.network_address.ipv4_mapped
        if mapped is not None:
            return str(ip_network((mapped, found.prefixlen - 96)))
    return str(found)


def outside(actor: Actor, key: ApiKey) -> str:
    """The field in which the key is less restricted than the actor; empty if there is none."""
    if actor.departments and not (key.departments and key.departments <= actor.departments):
        return "departments"
    if actor.customer is not None and key.customer != actor.customer:
        return "customer"
    return ""


def check_own(actor: Actor, key: ApiKey) -> None:
    """Refuses to grant or change more than the actor has itself. Networks and expiry are exempt: an
    admin's key that is valid only from the office must be able to create a key for a server
    elsewhere.

    Raises:
        BeyondOwn: The key has more than the actor.
    """
    if lacking := key.permissions - actor.permissions:
        raise BeyondOwn("permissions", min(lacking))
    if field := outside(actor, key):
        raise BeyondOwn(field, "can_manage_keys")
    own = actor.agent is None or key.agent == actor.agent
    if not own and not actor.may("can_act_for_others"):
        raise BeyondOwn("agent", "can_act_for_others")


def check_references(key: ApiKey, facts: KeyFacts) -> None:
    """Checks that everything the facts name exists.

    Raises:
        Invalid: `departments`, `agent`, `customer`.
    """
    customer = facts.get("customer")
    person = [person_key(customer)] if customer is not None else []
    found = table.fetch([CATALOGUE_VERSION, *person])
    rows = cache.current(found)
    problems = []
    if not facts.get("departments", frozenset()) <= rows.departments.keys():
        problems.append(Problem("departments", "unknown"))
    if facts.get("agent") is not None and facts["agent"] not in rows.agents:
        problems.append(Problem("agent", "unknown"))
    nobody = {NOBODY, THE_DESK} | rows.agents.keys()
    if customer is not None and (customer in nobody or person[0] not in found):
        problems.append(Problem("customer", "unknown"))
    if key.agent is not None and key.customer is not None:
        problems.append(Problem("customer", "agent_or_customer"))
    if problems:
        raise Invalid(*problems)
