"""Suppressed addresses: they bounced, or their owners complained, and they get no more mail.

SES suspends an account that goes on writing to such addresses, and keeps a suppression list of its
own. When an admin lifts an address here, it is taken off SES's list as well.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from helpdesk.clock import from_iso, now, to_iso
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.events import history
from helpdesk.mail.outbound import render
from helpdesk.model.actor import Actor
from helpdesk.storage import ses, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, suppressed_key
from helpdesk.storage.person_items import folded
from helpdesk.storage.reading import make, readable, reading
from helpdesk.storage.transact import Cancelled, Write

Reason = Literal["bounce", "complaint"]

LISTED = "suppressed"
"""The partition of the index that lists all of them."""

LONGEST_ADDRESS = 320
"""Characters: 64 left of the @, 255 right of it (RFC 5321, 4.5.3.1)."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One address, folded; why it is suppressed, and since when."""

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


def list_addresses(actor: Actor, *, before: str, limit: int) -> tuple[list[Suppressed], str | None]:
    """Suppressed addresses, the newest first, from the cursor `before` on (empty for the newest);
    and the cursor of the next page, None behind the last. Two round trips.

    Raises:
        NotAllowed: the key sees a part of the desk only.
    """
    _check(actor)
    found, more = table.newest(LISTED, before, limit)
    return list(readable(_as_suppressed, found.values())), more


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
    if len(address) > LONGEST_ADDRESS or table.get(there) is None:
        raise NotFound("address")
    # SES first: what fails here can be asked for again, since the desk's own list still has it.
    if mailed := render.mailable(address):
        ses.forgive(mailed)
    lifted = history.audit_event("suppression_lifted", actor, now(), data={"address": address})
    try:
        transact.commit_retried([transact.delete(there, condition="attribute_exists(pk)"), lifted])
    except Cancelled as cancelled:
        raise NotFound("address") from cancelled
    return address


def _check(actor: Actor) -> None:
    if actor.bound:
        raise NotAllowed("can_manage_desk")
