"""Mail that became no ticket: kept apart, and listed so that somebody can look into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from helpdesk.clock import from_iso, now, seconds, to_iso
from helpdesk.errors import NotAllowed
from helpdesk.events.history import new_event_id
from helpdesk.model.actor import Actor
from helpdesk.storage import table, transact
from helpdesk.storage.keys import quarantine_key
from helpdesk.storage.reading import make, readable, reading
from helpdesk.storage.transact import Write

LISTED = "failed"
"""The partition of the index that lists all of them."""

KEPT = timedelta(days=90)
"""How long one stays in the list."""

LONGEST_SHOWN = 200
"""Characters of sender and subject in the list."""


@dataclass(frozen=True, slots=True)
class QuarantinedMail:
    """One mail. `reason` is `virus`, `banned`, `too_many_open`, `loop` or `failed`;
    `sender` and `subject` are as the mail says them, `object` is the S3 key of the whole.
    """

    id: str
    reason: str
    at: datetime
    sender: str
    subject: str
    object: str


def listing(mail: str, reason: str, sender: str, subject: str, raw_key: str) -> Write:
    """The write that lists a mail; done again, it is still listed once."""
    at = now()
    item = {
        "reason": reason,
        "at": to_iso(at),
        "from": sender[:LONGEST_SHOWN],
        "subject": subject[:LONGEST_SHOWN],
        "object": raw_key,
        "p11": LISTED,
        "s11": new_event_id(at),
        "ttl": seconds(at + KEPT),
    }
    return transact.put(quarantine_key(mail), item)


def list_mails(
    actor: Actor, *, before: str, limit: int
) -> tuple[list[QuarantinedMail], str | None]:
    """Quarantined mails, newest first, from the cursor `before` on (empty for the newest); and the
    cursor of the next page, None behind the last. Two round trips.

    Raises:
        NotAllowed: the key sees a part of the desk only.
    """
    if actor.bound:
        raise NotAllowed("can_manage_directory")
    found, more = table.newest(LISTED, before, limit)
    return list(readable(_as_mail, found.values())), more


def _as_mail(item: Mapping[str, Any]) -> QuarantinedMail:
    with reading("held mail", item):
        values = {
            "subject": "",
            **item,
            "id": item["pk"].partition("#")[2],
            "at": from_iso(item["at"]),
            "sender": item.get("from", ""),
        }
        return make(QuarantinedMail, values)
