"""Counters: the numbers of tickets of each bucket, each department and agent, and each block of
ids; and of those opened and closed on each day, which `queries.numbers` stores permanently.

They are exact, because one transaction changes the counters and marks the events as counted
(docs/aws.md m32).
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from datetime import timedelta

from helpdesk import tags
from helpdesk.clock import from_iso, seconds
from helpdesk.events.history import Event, Facets
from helpdesk.storage import transact
from helpdesk.storage.keys import Key, bucket_key, flow_key, rank_key, stat_key, tag_count_key
from helpdesk.storage.transact import Write

BLOCK = 1000
"""Ids that one counter of RANK covers: any offset into a list by id is found in two round trips
(docs/aws.md m14).
"""

FLOW = "FLOW#"

KEPT = timedelta(days=30)
"""How long the counters of a day are kept: longer than an event may wait to be counted."""

Sums = Mapping[tuple[Key, str], int]
"""The amounts to add, by the counter's key and attribute name."""

_TAG_STEPS = {"tagged": 1, "untagged": -1}


def changes(event: Event) -> Sums:
    """The amounts that an event adds to the counters, including those of tags. Deleted tickets are
    not counted; archived ones count as closed in the counters per department and agent
    (docs/osticket.md, row L).
    """
    sums: Counter[tuple[Key, str]] = Counter()
    if event.ticket is not None:
        for facets, step in ((event.before, -1), (event.after, 1)):
            if facets is not None and facets.state != "deleted":
                for counter in _counters(event.ticket, facets):
                    sums[counter] += step
    for counter in _flow(event):
        sums[counter] += 1
    for name in event.data["tags"] if event.kind in _TAG_STEPS else ():
        sums[tag_count_key(tags.folded(name)), "n"] += _TAG_STEPS[event.kind]
    return {counter: step for counter, step in sums.items() if step}


def standing(ticket: int, facets: Facets, tagged: Iterable[str]) -> Sums:
    """The contribution of an existing ticket to the counters, independent of its events."""
    sums = Counter(_counters(ticket, facets))
    sums.update((tag_count_key(tags.folded(name)), "n") for name in tagged)
    return sums


def _counters(ticket: int, facets: Facets) -> Iterable[tuple[Key, str]]:
    with_agent = stat_key(facets.department, facets.agent)
    yield bucket_key(facets.bucket), "n"
    yield rank_key(facets.department, ticket // BLOCK), "n"
    yield with_agent, "open" if facets.state == "open" else "closed"
    if facets.overdue and facets.state == "open":
        yield with_agent, "overdue"


def _flow(event: Event) -> Iterable[tuple[Key, str]]:
    """The day's counters that an event changes: a ticket was opened, or closed."""
    before, after = event.before, event.after
    if event.ticket is None or after is None or after.state == "deleted":
        return
    key = flow_key(f"{event.at:%Y-%m-%d}", after.department, after.agent)
    if before is None:
        yield key, "opened"
    if after.state != "open" and (before is None or before.state == "open"):
        yield key, "closed"


def total(events: Iterable[Event]) -> Sums:
    """The sums of several events."""
    sums: Counter[tuple[Key, str]] = Counter()
    for event in events:
        sums.update(changes(event))
    return {counter: step for counter, step in sums.items() if step}


def additions(sums: Sums, damaged: Container[Key] = ()) -> list[Write]:
    """The writes that add these sums, one per counter item, without those that are damaged. Each
    fails if its counter is not a number.
    """
    by_key: dict[Key, dict[str, int]] = {}
    for (key, name), step in sums.items():
        if key not in damaged:
            by_key.setdefault(key, {})[name] = step
    return [_add(key, steps) for key, steps in by_key.items()]


def _add(key: Key, steps: Mapping[str, int]) -> Write:
    added = "ADD " + ", ".join(f"#{name} :{name}" for name in steps)
    values: dict[str, int | str] = {f":{name}": step for name, step in steps.items()}
    names = {f"#{name}": name for name in steps}
    if key.pk.startswith(FLOW):
        added += " SET #ttl = if_not_exists(#ttl, :ttl)"
        values[":ttl"] = seconds(from_iso(f"{key.pk.removeprefix(FLOW)}T00:00Z") + KEPT)
        names["#ttl"] = "ttl"
    return transact.update(
        key,
        added,
        values | {":number": "N"},
        condition=" AND ".join(
            f"(attribute_not_exists(#{name}) OR attribute_type(#{name}, :number))" for name in steps
        ),
        names=names,
        where="index",
    )
