"""Requests of a key, as counted by API Gateway (docs/aws.md m10)."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.clock import from_iso, now, seconds, to_iso
from helpdesk.errors import Damaged, NotFound
from helpdesk.keys import finding
from helpdesk.model.actor import Actor
from helpdesk.storage import api_gateway, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import GATEWAY, key_row, key_usage_key
from helpdesk.storage.reading import reading

MOST_DAYS = 90
"""Days that API Gateway reports in one call."""

KEPT = timedelta(minutes=15)
"""How long a report is cached: API Gateway allows the account only a few such calls a second."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests by day (UTC), oldest first, as of `as_of`. If `shared`, the key has no gateway key
    of its own yet, and its requests are not counted separately.
    """

    days: Mapping[str, int]
    as_of: datetime
    shared: bool = False


def read_usage(actor: Actor, number: int, days: int) -> Usage:
    """The usage of the last `days` days including today; three round trips, two if it is cached.

    Raises:
        NotFound: No such key within the actor's own bounds.
    """
    key = finding.find_key(actor, number)
    at = now()
    kept_at = key_usage_key(number, days)
    found = table.fetch([key_row(number), GATEWAY])
    plan, gateway_key = found.get(GATEWAY, {}).get("plan"), found[key_row(number)].get("gateway_id")
    if not key.counted or not plan or not gateway_key:
        return Usage({}, at, shared=True)
    kept = _kept(table.get(kept_at, where="index"), at)
    if kept:
        return kept
    first = at.date() - timedelta(days=days - 1)
    try:
        counted = api_gateway.usage(str(plan), str(gateway_key), first, at.date())
    except NotFound:
        return Usage({}, at, shared=True)
    made = Usage(counted, at)
    item = {"days": counted, "at": to_iso(at), "ttl": seconds(at + KEPT)}
    transact.write(transact.put(kept_at, item, where="index"))
    return made


def _kept(item: Item | None, at: datetime) -> Usage | None:
    """The cached usage, if it is recent enough."""
    if item is None:
        return None
    with suppress(Damaged), reading("usage", item):
        told = from_iso(item["at"])
        if timedelta(0) <= at - told < KEPT:
            return Usage({str(day): int(count) for day, count in item["days"].items()}, told)
    return None
