"""Quarantine: mail that became no ticket is stored separately, and listed for admins.

`held` reads one of these mails, releases it, and deletes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from helpdesk.clock import from_iso, seconds, to_iso
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
"""How long a mail stays in the list."""

LONGEST_SHOWN = 200
"""Characters of sender and subject in the list."""


@dataclass(frozen=True, slots=True)
class QuarantinedMail:
    """One mail. `reason` is `virus`, `banned`, `too_many_open`, `loop` or `failed`;
    `sender` and `subject` are as in the mail, `object` is the S3 key of the raw mail. `size` is in
    bytes, `files` the number of attachments, None if not counted. `passed` names the rules that
    held it before and from which an admin has exempted it.
    """

    id: str
    reason: str
    at: datetime
    sender: str
    subject: str
    object: str
    size: int | None = None
    files: int | None = None
    passed: tuple[str, ...] = ()


def listing(mail: QuarantinedMail) -> Write:
    """The write that lists a mail; idempotent."""
    item = {
        "reason": mail.reason,
        "at": to_iso(mail.at),
        "from": mail.sender[:LONGEST_SHOWN],
        "subject": mail.subject[:LONGEST_SHOWN],
        "object": mail.object,
        "size": mail.size,
        "files": mail.files,
        "p11": LISTED,
        "s11": new_event_id(mail.at),
        "ttl": seconds(mail.at + KEPT),
    }
    return transact.put(quarantine_key(mail.id), item)


def list_mails(
    actor: Actor, *, before: str, limit: int
) -> tuple[list[QuarantinedMail], str | None]:
    """Quarantined mails, newest first, from the cursor `before` on (empty for the newest); and the
    cursor of the next page, None after the last. Two round trips.

    Raises:
        NotAllowed: the key sees only part of the desk.
    """
    check(actor)
    found, more = table.newest(LISTED, before, limit)
    return list(readable(as_mail, found.values())), more


def check(actor: Actor) -> None:
    """Refuses a key that sees only part of the desk.

    Raises:
        NotAllowed
    """
    if actor.bound:
        raise NotAllowed("can_manage_directory")


def is_listed(item: Mapping[str, Any] | None) -> bool:
    """Whether an item is a held mail; otherwise it only counts attempts."""
    return item is not None and item.get("p11") == LISTED


def as_mail(item: Mapping[str, Any]) -> QuarantinedMail:
    """The mail that an item lists.

    Raises:
        Damaged: It is not a valid mail.
    """
    with reading("held mail", item):
        values = {
            "subject": "",
            **item,
            "id": item["pk"].partition("#")[2],
            "at": from_iso(item["at"]),
            "sender": item.get("from", ""),
            "passed": tuple(item.get("passed", ())),
        }
        return make(QuarantinedMail, values)
