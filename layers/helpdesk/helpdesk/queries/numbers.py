"""Daily numbers of tickets: open, overdue, opened and closed, by department and agent.

Counters hold the current numbers, and how many tickets were opened and closed on each day
(`index.counters`). The sweep stores one item for each past day (UTC) (docs/decisions/0025). Events
counted late are added to the items of the last LATE days when the next item is stored.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from helpdesk.clock import now, to_iso
from helpdesk.errors import NotAllowed
from helpdesk.model.actor import Actor
from helpdesk.model.queries import Counts, Day, Flow, Tally
from helpdesk.storage import aws, listings, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, Key, day_key
from helpdesk.storage.reading import readable, reading
from helpdesk.storage.transact import ConditionFailed

FIRST_HOURS = 3
"""Hours after a day's end in which the current numbers are taken as those of the day's end. A later
sweep stores nothing: a gap is better than a wrong number.
"""

LATE = 14
"""Days for which an event may still be counted: as long as dead-letter queues keep messages."""

Pairs = Mapping[tuple[int, int], Tally]


# --- the sweep ------------------------------------------------------------------------------


def keep_day() -> date | None:
    """Stores the numbers of the previous day, once; returns that day if this call has stored it. No
    round trip except in the first hours of a day; then one, or three if the day is not stored yet.
    """
    at = now()
    if at.hour >= FIRST_HOURS:
        return None
    today = at.date()
    over = today - timedelta(days=1)
    earlier = [today - timedelta(days=back) for back in range(2, LATE + 1)]
    # The version tells which generation of the index to read.
    found = table.fetch([CATALOGUE_VERSION, *(_key(day) for day in (over, *earlier))])
    if _key(over) in found:
        return None
    kept = dict(readable(_as_day, (found[_key(day)] for day in earlier if _key(day) in found)))
    flows = _flows([over, *kept])
    for day, pairs in kept.items():
        _add_late(day, pairs, flows[day])
    pairs = _tallies(listings.counts(), flows[over])
    try:
        transact.write(transact.put_new(_key(over), _as_item(pairs)))
    except ConditionFailed:
        return None  # another sweep was faster
    return over


def _flows(days: Sequence[date]) -> Mapping[date, Mapping[tuple[int, int], Flow]]:
    read = aws.together(*(partial(listings.flows, day.isoformat()) for day in days))
    return dict(zip(days, read, strict=True))


def _add_late(day: date, kept: Pairs, counted: Mapping[tuple[int, int], Flow]) -> None:
    """Rewrites a day's item if more of its events have been counted since."""
    flows = {pair: tally.flow for pair, tally in kept.items() if tally.flow != Flow()}
    if any(flows.get(pair, Flow()) != flow for pair, flow in counted.items()):
        pairs = {
            pair: Tally(one.open, one.overdue, counted.get(pair, one.flow))
            for pair, one in ({pair: Tally() for pair in counted} | dict(kept)).items()
        }
        transact.write(transact.put(_key(day), _as_item(pairs)))


def _tallies(
    levels: Mapping[tuple[int, int], Counts], flows: Mapping[tuple[int, int], Flow]
) -> Pairs:
    found = {
        pair: Tally(counts.open, counts.overdue, flows.get(pair, Flow()))
        for pair, counts in ({pair: Counts() for pair in flows} | dict(levels)).items()
    }
    return {pair: tally for pair, tally in found.items() if tally != Tally()}


# --- stored items ---------------------------------------------------------------------------


def _key(day: date) -> Key:
    return day_key(day.isoformat())


def _as_item(pairs: Pairs) -> Item:
    rows = [
        [*pair, one.open, one.overdue, one.flow.opened, one.flow.closed]
        for pair, one in sorted(pairs.items())
    ]
    return {"at": to_iso(now()), "packed": zlib.compress(json.dumps(rows).encode())}


def _as_day(item: Item) -> tuple[date, Pairs]:
    with reading("day", item):
        day = date.fromisoformat(item["sk"])
        pairs: dict[tuple[int, int], Tally] = {}
        for row in json.loads(zlib.decompress(item["packed"])):
            department, agent, opened, overdue, came, went = map(int, row)
            pairs[department, agent] = Tally(opened, overdue, Flow(came, went))
        return day, pairs


# --- reading --------------------------------------------------------------------------------


def read_days(actor: Actor, first: date, last: date) -> list[Day]:
    """The known numbers of these days, oldest first; for today the current ones. One round trip,
    and one per MB: a day with 100 pairs of department and agent takes a kilobyte.

    Raises:
        NotAllowed: The actor is a customer's key.
    """
    if actor.customer is not None:
        raise NotAllowed("can_read_stats")
    today = now().date()
    kept: dict[date, Pairs] = {}
    counts: dict[tuple[int, int], Counts] = {}
    flows: dict[tuple[int, int], Flow] = {}
    live = first <= today <= last
    aws.together(
        lambda: kept.update(_kept(first, last)),
        # The version tells which generation of the index to read.
        *([partial(table.fetch, [CATALOGUE_VERSION])] if live else []),
        *([lambda: counts.update(listings.counts())] if live else []),
        *([lambda: flows.update(listings.flows(today.isoformat()))] if live else []),
    )
    if live:
        kept[today] = _tallies(counts, flows)
    return [Day(day, _seen_by(actor, kept[day])) for day in sorted(kept)]


def _kept(first: date, last: date) -> Iterator[tuple[date, Pairs]]:
    between = (first.isoformat(), last.isoformat())
    return readable(_as_day, table.query(_key(first).pk, between=between, consistent=False))


def _seen_by(actor: Actor, pairs: Pairs) -> Pairs:
    if not actor.departments:
        return pairs
    return {pair: tally for pair, tally in pairs.items() if pair[0] in actor.departments}
