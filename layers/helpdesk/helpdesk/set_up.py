"""What a desk needs before its first request; run on every deployment, so each step may find its
work done [m36].
"""

import os
from contextlib import suppress
from secrets import token_hex

from aws_lambda_powertools import Logger

from helpdesk import catalogue, catalogue_changes, gatekeeping, keys, stock
from helpdesk.clock import now
from helpdesk.events import audit_event
from helpdesk.model import SYSTEM, Agent
from helpdesk.storage import reception, table, vault
from helpdesk.storage.table import (
    CATALOGUE_VERSION,
    MAIL_SECRET,
    Cancelled,
    ConditionFailed,
    Write,
)

log = Logger()


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


def receive_mail(rule_set: str, before: str) -> None:
    """Activates the stack's own set of receipt rules where none is active; both are empty where it
    has none. `before` is one that the stack gives up: it must not stay active [m22].

    Errors: Throttled, Unavailable.
    """
    if not rule_set and not before:
        return
    active = reception.active_rule_set()
    if before != rule_set and active == before:
        reception.activate("")
        active = ""
    if rule_set and not active:
        reception.activate(rule_set)
    elif rule_set and active != rule_set:
        log.error("other receipt rules are active: name their set as ReceiptRuleSet", set=active)


def install_catalogue() -> None:
    """Writes all stock rows in one transaction, if this desk has never had a catalogue: what an
    admin has changed or removed since stays so. With them comes the first agent.
    """
    if table.get(CATALOGUE_VERSION):
        return  # lest every deployment draws an id for an agent
    rows = [
        table.put(table.catalogue_key(kind, row.id), catalogue.as_item(row))
        for kind, known in stock.ROWS.items()
        for row in known
    ]
    rows += _first_agent(os.environ["ADMIN_EMAIL"].strip())
    first = table.put_new(CATALOGUE_VERSION, {"n": 1})
    event = audit_event("catalogue_installed", SYSTEM, now(), data={"rows": len(rows)})
    try:
        table.commit_retried([first, *rows, event])
    except Cancelled as cancelled:
        if CATALOGUE_VERSION not in cancelled.failed:
            raise


def _first_agent(address: str) -> list[Write]:
    """Whoever has the alerts of a new desk is an agent of it: what they answer reaches customers
    (osTicket contract, row O). Nobody where there is no address.
    """
    if not address:
        return []
    number = table.draw_ids(person=1)["person"]
    return catalogue_changes.new_row("agents", Agent(number, "Administrator", address, "admin"))
