"""Daily limits of mail caused by incoming mail: per sender, and in all (docs/decisions/0015). They
stop mail loops through the desk, and floods of mail from ever new senders.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from helpdesk.clock import seconds
from helpdesk.mail.outbound.notices import Notification, NotificationContext
from helpdesk.storage import table, transact
from helpdesk.storage.keys import Key, automatic_key, loop_key
from helpdesk.storage.reading import report
from helpdesk.storage.transact import ConditionFailed

MOST_CONFIRMATIONS, MOST_OTHERS = 20, 300
"""Mails that one sender may cause per day: confirmations to themselves, and mails to each other
address (docs/decisions/0015).
"""


_NEVER_SENT = 10**9
"""More mails than any desk sends in a day."""


def exceeded(
    notification: Notification, context: NotificationContext, mail: Key, *, counted: bool
) -> str:
    """Counts a mail caused by incoming mail. Returns empty text if it may be sent, else the word of
    docs/mail.md for the exceeded limit. `counted` tells that the mail was tried before, and so is
    already in the day's count.
    """
    if not _of_sender(notification, context, mail):
        return "loop"
    automatic = notification.confirms or notification.to.role == "S"
    most = context.known.settings.max_automatic_mails
    if automatic and most and not counted and not _of_day(context.event.at, most):
        return "limit"
    return ""


def _of_sender(notification: Notification, context: NotificationContext, mail: Key) -> bool:
    """Counts a mail among those that its sender has caused today; False if there are too many.
    Idempotent. This limits robots that do not identify themselves as such (RFC 3834, 2).
    """
    entry, event = context.entry, context.event
    sender = f"ticket {context.ticket.id}"
    if entry and (who := entry.agent or entry.person):
        sender = str(who)
    mail_id = sha256(f"{mail.pk} {mail.sk}".encode()).hexdigest()[:12]
    key = loop_key(f"{event.at:%Y-%m-%d} {sender}", notification.to.digest)
    ttl = seconds(event.at + timedelta(days=2))
    counted = transact.update(
        key,
        "ADD #mails :mail SET #ttl = :ttl",
        {
            ":mail": {mail_id},
            ":one": mail_id,
            ":most": MOST_CONFIRMATIONS if notification.confirms else MOST_OTHERS,
            ":texts": "SS",
            ":ttl": ttl,
        },
        condition="attribute_not_exists(#mails) OR (attribute_type(#mails, :texts)"
        " AND (contains(#mails, :one) OR size(#mails) < :most))",
        names={"#mails": "mails", "#ttl": "ttl"},
    )
    try:
        transact.write(counted)
    except ConditionFailed as there:
        if isinstance((there.old or {}).get("mails"), set):
            return False
        # The count is lost, so counting starts again.
        report("count of mails", key, "TypeError")
        transact.write(transact.put(key, {"mails": {mail_id}, "ttl": ttl}))
    return True


def _of_day(at: datetime, most: int) -> bool:
    """Counts a confirmation or an alert among the desk's mails of the day; False if there are too
    many. A mail is counted twice if the answer of the first attempt was lost.
    """
    key, ttl = automatic_key(f"{at:%Y-%m-%d}"), seconds(at + timedelta(days=2))
    counted = transact.update(
        key,
        "ADD #n :one SET #ttl = :ttl",
        {":one": 1, ":most": most, ":number": "N", ":ttl": ttl},
        condition="attribute_not_exists(#n) OR (attribute_type(#n, :number) AND #n < :most)",
        names={"#n": "n", "#ttl": "ttl"},
    )
    try:
        transact.write(counted)
    except ConditionFailed as there:
        found = (there.old or {}).get("n")
        if type(found) is int and 0 <= found < _NEVER_SENT:
            return False
        report("count of mails", key, "TypeError")
        transact.write(transact.put(key, {"n": 1, "ttl": ttl}))
    return True


def automatic_mails(at: datetime) -> int:
    """The number of confirmations and alerts caused by mail on a day; one round trip."""
    found = (table.get(automatic_key(f"{at:%Y-%m-%d}")) or {}).get("n")
    return found if type(found) is int else 0
