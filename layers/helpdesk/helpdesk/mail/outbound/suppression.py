"""Suppressed addresses: they bounced, or their owners complained, and they get no more mail.

SES suspends an account that goes on writing to such addresses, and keeps a suppression list of its
own. When an admin lifts an address here, it is taken off SES's list as well.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal

from helpdesk import operations
from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.events import history
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.mail.outbound import render
from helpdesk.model.actor import Actor
from helpdesk.storage import ses, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, suppressed_key
from helpdesk.storage.person_items import folded
from helpdesk.storage.reading import make, readable, reading
from helpdesk.storage.transact import Cancelled, Write

Reason = Literal["bounce", "complaint", "admin"]

LISTED = "suppressed"
"""The partition of the index that lists all of them."""

MOST_PAGES = 10
"""Pages that are looked through for a piece of text."""

LONGEST_ADDRESS = 320
"""Characters: 64 left of the @, 255 right of it (RFC 5321, 4.5.3.1)."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One address, folded; why it is suppressed, and since when. `admin`: somebody wanted it so."""

    address: str
    reason: Reason
    at: datetime


def key(address: str) -> Key:
    """The key of an address's suppression."""
    return suppressed_key(folded(address))


def suppression(address: str, reason: Reason, at: datetime) -> Write:
    """The write that suppresses an address; done again, it is still listed once."""
    listed = {"p11": LISTED, "s11": history.new_event_id(at)}
    about = {"address": folded(address), "reason": reason, "at": to_iso(at)}
    return transact.put(key(address), about | listed)


def list_addresses(
    actor: Actor, *, piece: str = "", before: str, limit: int
) -> tuple[list[Suppressed], str | None]:
    """Suppressed addresses that hold a piece of text, the newest first, from the cursor `before` on
    (empty for the newest); and the cursor of the next page, None behind the last.

    Two round trips, with a piece at most MOST_PAGES times as many: then a page may have less than
    `limit`.

    Raises:
        NotAllowed: the key sees a part of the desk only.
    """
    _check(actor)
    piece, kept = folded(piece), list[Suppressed]()
    for _ in range(MOST_PAGES):
        found, more = table.newest(LISTED, before, limit)
        listed = readable(_as_suppressed, found.values())
        fits = [one for one in listed if piece in one.address]
        if len(kept) + len(fits) > limit:
            return kept, before
        kept += fits
        if more is None or not piece:
            return kept, more
        before = more
    return kept, before


def _as_suppressed(item: Item) -> Suppressed:
    with reading("suppressed address", item):
        return make(Suppressed, {**item, "at": from_iso(item["at"])})


def lift(actor: Actor, address: str) -> str:
    """Lets an address have mail again; returns it as it was listed.

    Raises:
        NotAllowed: the key sees a part of the desk only.
        NotFound: the address is not suppressed.
    """
    _check(actor)
    address = folded(address)
    there = key(address)
    item = table.get(there) if len(address) <= LONGEST_ADDRESS else None
    if item is None:
        raise NotFound("address")
    # SES first: what fails here can be asked for again, since the desk's own list still has it.
    if mailed := render.mailable(address):
        ses.forgive(mailed)
    data = {"address": address} | {name: item.get(name) for name in _OF_LIFTED}
    lifted = history.audit_event("suppression_lifted", actor, now(), data=data)
    try:
        transact.commit_retried([transact.delete(there, condition="attribute_exists(pk)"), lifted])
    except Cancelled as cancelled:
        raise NotFound("address") from cancelled
    return address


_OF_LIFTED = ("reason", "at")
"""What a lifted suppression leaves in the event, so that it can be put back as it was."""

LATELY = timedelta(days=1)
"""How long a lifted suppression can be put back as it was; then it begins anew."""


def suppress(actor: Actor, address: str, once: IdempotencyRecord | None = None) -> Suppressed:
    """Lets an address have no more mail: as it was listed before, where it has been lifted LATELY.
    One that is listed already stays as it is. SES's own list is left as it is.

    Raises:
        NotAllowed: the key sees a part of the desk only.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
    """
    _check(actor)
    address, at = folded(address), now()
    found, _ = operations.first_round_trip([key(address)], once=once)
    if item := found.get(key(address)):
        return _as_suppressed(item)
    listed = _lifted_lately(address, at) or Suppressed(address, "admin", at)
    event = history.audit_event("suppressed", actor, at, data={"address": address})
    put = suppression(address, listed.reason, listed.at)
    operations.commit(event, [put], once=once, result=listed)
    return listed


def _lifted_lately(address: str, at: datetime) -> Suppressed | None:
    """How an address was listed when it was lifted; two round trips."""
    for day in (at, at - LATELY):
        events = table.query(history.day_of(day), begins="V#", newest_first=True)
        for event in islice(events, MOST_EVENTS):
            data = event.get("data")
            if event.get("kind") == "suppression_lifted" and isinstance(data, dict):
                if data.get("address") != address:
                    continue
                item = {**data, "pk": event["pk"], "sk": event["sk"]}
                return next(readable(_as_suppressed, [item]), None)
    return None


MOST_EVENTS = 500
"""Changes of a day that are looked through for a lifted address."""


def _check(actor: Actor) -> None:
    if actor.bound:
        raise NotAllowed("can_manage_desk")
