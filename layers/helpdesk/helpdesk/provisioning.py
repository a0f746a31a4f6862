"""What a desk needs before its first request; run on every deployment, so each step may find its
work done (docs/aws.md m36).
"""

import os
from contextlib import suppress
from secrets import token_hex

from aws_lambda_powertools import Logger

from helpdesk.catalogue import rows, stock
from helpdesk.clock import now
from helpdesk.directory import changes
from helpdesk.events.history import audit_event
from helpdesk.keys import manage, usage_plan
from helpdesk.model.actor import SYSTEM
from helpdesk.model.catalogue import Agent
from helpdesk.storage import receipt_rules, secrets, sequences, table, transact
from helpdesk.storage.keys import CATALOGUE_VERSION, MAIL_SECRET, catalogue_key
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write

log = Logger()


def set_up(first_key: str) -> None:
    """Puts the stock catalogue, the mail secret, the shared gateway key and the first admin key in
    place, each only where there is none. `first_key` names the secret with the key's value.

    Errors: Throttled, Unavailable, ChangedUnderYou; the next run goes on.
    """
    install_catalogue()
    with suppress(ConditionFailed):
        transact.write(transact.put_new(MAIL_SECRET, {"secret": token_hex(32)}))
    usage_plan.share_one()
    manage.first_admin_key(secrets.secret(first_key))


def receive_mail(rule_set: str, before: str) -> None:
    """Activates the stack's own set of receipt rules where none is active; both are empty where it
    has none. `before` is one that the stack gives up: it must not stay active (docs/aws.md m22).

    Errors: Throttled, Unavailable.
    """
    if not rule_set and not before:
        return
    active = receipt_rules.active_rule_set()
    if before != rule_set and active == before:
        receipt_rules.activate("")
        active = ""
    if rule_set and not active:
        receipt_rules.activate(rule_set)
    elif rule_set and active != rule_set:
        log.error("other receipt rules are active: name their set as ReceiptRuleSet", set=active)


def install_catalogue() -> None:
    """Writes all stock rows in one transaction, if this desk has never had a catalogue: what an
    admin has changed or removed since stays so. With them comes the first agent.
    """
    if table.get(CATALOGUE_VERSION):
        return  # lest every deployment draws an id for an agent
    writes = [
        transact.put(catalogue_key(kind, row.id), rows.as_item(row))
        for kind, known in stock.ROWS.items()
        for row in known
    ]
    writes += _first_agent(os.environ["ADMIN_EMAIL"].strip())
    first = transact.put_new(CATALOGUE_VERSION, {"n": 1})
    event = audit_event("catalogue_installed", SYSTEM, now(), data={"rows": len(writes)})
    try:
        transact.commit_retried([first, *writes, event])
    except Cancelled as cancelled:
        if CATALOGUE_VERSION not in cancelled.failed:
            raise


def _first_agent(address: str) -> list[Write]:
    """Whoever has the alerts of a new desk is an agent of it: what they answer reaches customers
    (docs/osticket.md, row O). Nobody where there is no address.
    """
    if not address:
        return []
    number = sequences.allocate_ids(person=1)["person"]
    return changes.new_row("agents", Agent(number, "Administrator", address, "admin"))
