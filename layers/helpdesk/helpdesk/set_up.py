"""What a desk needs before its first request; run on every deployment, so each step may find its
work done [m36].
"""

from contextlib import suppress
from secrets import token_hex

from helpdesk import catalogue, gatekeeping, keys, stock
from helpdesk.clock import now
from helpdesk.events import audit_event
from helpdesk.model import SYSTEM
from helpdesk.storage import table, vault
from helpdesk.storage.table import CATALOGUE_VERSION, MAIL_SECRET, Cancelled, ConditionFailed


def set_up(first_key: str) -> None:
    """Puts the stock catalogue, the mail secret, the shared gateway key and the first admin key in
    place, each only where there is none. `first_key` names the secret with the key's value.

    Errors: Throttled, Unavailable, ChangedUnderYou; the next run goes on.
    """
    install_catalogue()
    with suppress(ConditionFailed):
        table.write(table.put_new(MAIL_SECRET, {"secret": token_hex(32)}))
    gatekeeping.share_one()
    keys.first_admin_key(vault.secret(first_key))


def install_catalogue() -> None:
    """Writes all stock rows in one transaction, if this desk has never had a catalogue: what an
    admin has changed or removed since stays so.
    """
    rows = [
        table.put(table.catalogue_key(kind, row.id), catalogue.as_item(row))
        for kind, known in stock.ROWS.items()
        for row in known
    ]
    first = table.put_new(CATALOGUE_VERSION, {"n": 1})
    event = audit_event("catalogue_installed", SYSTEM, now(), data={"rows": len(rows)})
    try:
        table.commit_retried([first, *rows, event])
    except Cancelled as cancelled:
        if CATALOGUE_VERSION not in cancelled.failed:
            raise
