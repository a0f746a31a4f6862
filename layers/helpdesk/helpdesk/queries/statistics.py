"""Counts of tickets by department and agent; the read side of `stats`.

Counters hold the open, closed, and (as of the last sweep) overdue tickets; deadlines that have
passed since then are read from their index, so that the result does not depend on the sweep
(docs/aws.md m15).
"""

from collections import defaultdict
from collections.abc import Mapping

from helpdesk import operations
from helpdesk.catalogue import cache
from helpdesk.clock import now
from helpdesk.errors import NotAllowed
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Counts, Statistics
from helpdesk.storage import listings, sweeps, table, ticket_items
from helpdesk.storage.keys import Key
from helpdesk.storage.reading import readable

Pairs = Mapping[tuple[int, int], Counts]
"""Counts by department and agent; agent 0 is nobody."""


def read_statistics(actor: Actor) -> Statistics:
    """The counts of all tickets that the actor may see.

    One round trip; a second one if there are overdue tickets not marked yet. Rules:
    docs/osticket.md, rows 36 and L; docs/osticket.md 3.5.

    Raises:
        NotAllowed: the actor is a customer's key.
    """
    if actor.customer is not None:
        raise NotAllowed("can_read_stats")
    at = now()
    pairs: dict[tuple[int, int], Counts] = {}
    due: list[Key] = []
    found, _ = operations.first_round_trip(
        [],
        calls=[
            lambda: pairs.update(listings.counts()),
            lambda: due.extend(sweeps.fallen_due(at)),
        ],
    )
    # The caller takes the names of departments and agents from this catalogue.
    cache.current(found)
    late = sweeps.still_due(table.fetch(due), at)
    for ticket in readable(ticket_items.as_ticket, late):
        pair = ticket.department, ticket.agent or 0
        pairs[pair] = pairs.get(pair, Counts()) + Counts(overdue=1)
    return _added_up(
        {pair: counts for pair, counts in pairs.items() if _sees(actor, pair[0]) and counts.total}
    )


def _sees(actor: Actor, department: int) -> bool:
    return not actor.departments or department in actor.departments


def _added_up(pairs: Pairs) -> Statistics:
    departments: defaultdict[int, Counts] = defaultdict(Counts)
    agents: defaultdict[int, dict[int, Counts]] = defaultdict(dict)
    for (department, agent), counts in sorted(pairs.items()):
        departments[department] += counts
        if agent:
            agents[agent][department] = counts
    return Statistics(dict(departments), dict(agents))
