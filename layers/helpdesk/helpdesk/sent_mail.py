"""The records of mails that were sent: how they are listed, and removed with their ticket.

Each mail has an item with its state and its recipient, and a record under its SES Message-ID, by
which an answer finds its thread and the mail itself is recognised if it comes back. The ticket
stores the last mails sent to each address.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from helpdesk import mail_ids
from helpdesk.clock import to_iso
from helpdesk.storage import person_items, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, message_id_key, sent_key
from helpdesk.storage.reading import readable, reading
from helpdesk.storage.transact import ConditionFailed


def listed(digest: str, at: datetime, event: Key) -> Mapping[str, str]:
    """The index keys of a mail: among the mails of its day, and among those to its address, given
    as its digest.
    """
    place = f"{to_iso(at)}#{event.sk}"
    return {"p11": of_day(at), "s11": place, "p6": to_address(digest), "s1": place}


def failed(state: str) -> Mapping[str, str]:
    """The index key of an undelivered mail, by its state."""
    return {"p8": in_state(state)}


def of_day(day: datetime) -> str:
    """The partition of g11 that lists the mails of a day."""
    return f"mail#{day:%Y-%m-%d}"


def to_address(digest: str) -> str:
    """The partition of g06 that lists the mails to an address."""
    return f"mail#{digest}"


def in_state(state: str) -> str:
    """The partition of g08 that lists the mails of a state: `refused`, `bounced`, `complained`."""
    return f"mail#{state}"


def forget_mails(event: Key) -> None:
    """Removes the records of an event's mails. Idempotent.

    The records of Message-IDs stay, without entry and recipient, to recognise the mails.
    """
    mails = list(table.query(f"MAIL#{event.sk.removeprefix('V#')}"))
    for mail in mails:
        if isinstance(sent := mail.get("message_id"), str):
            _strip(sent)
    latest = list(readable(_latest, mails))
    kept = [Key(mail["pk"], mail["sk"]) for mail in mails]
    transact.write_many([transact.delete(key) for key in (*latest, *kept)])


def _latest(mail: Item) -> Key:
    with reading("mail", mail):
        return sent_key(mail["ticket"], person_items.address_digest(mail["to"]))


def _strip(message_id: str) -> None:
    stripped = transact.set_attributes(
        message_id_key(mail_ids.digest(message_id)),
        {},
        remove=("entry", "to", "role"),
        condition="attribute_exists(pk)",
    )
    with suppress(ConditionFailed):
        transact.write(stripped)
