"""What a desk needs before its first request; run on every deployment, so each step may find its
work done (docs/aws.md m36).
"""

import os
from contextlib import suppress

from aws_lambda_powertools import Logger

from helpdesk import mail_secret, operations
from helpdesk.catalogue import rows, stock
from helpdesk.clock import now
from helpdesk.directory import changes
from helpdesk.events.history import audit_event
from helpdesk.keys import manage, usage_plan
from helpdesk.model.actor import SYSTEM
from helpdesk.model.catalogue import Agent
from helpdesk.storage import receipt_rules, secrets, sequences, table, transact
from helpdesk.storage.keys import CATALOGUE_VERSION, catalogue_key
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write

log = Logger()


def set_up(first_key: str) -> None:
    """Creates the stock catalogue, the mail secret, the shared gateway key and the first admin key,
    each only where there is none. After an error the next run goes on.

    `first_key` names the secret in Secrets Manager that holds the admin key's value.

    Raises:
        ChangedUnderYou: Others kept changing the items.
    """
    install_catalogue()
    with suppress(ConditionFailed):
        transact.write(mail_secret.new())
    usage_plan.share_one()
    manage.first_admin_key(secrets.secret(first_key))


def clear_up(rule_set: str) -> None:
    """Takes back what the stack has changed outside itself: its receipt rules are active no more,
    and the gateway keys that were made at run time go. What fails does not hold up the other.

    Raises:
        DeskError, ClientError: The first failure, when both have been tried.
    """
    try:
        receive_mail("", rule_set)
    finally:
        usage_plan.remove_all()


def receive_mail(rule_set: str, before: str) -> None:
    """Activates the stack's own set of receipt rules where none is active.

    Both are empty where the stack has none. `before` is a set that the stack gives up: it must not
    stay active (docs/aws.md m22).
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
    """Writes all stock rows and the first agent in one transaction, where this desk has never had a
    catalogue: what an admin has changed or removed since is not written again.
    """
    # The version may be lost; fields stay, since nobody can remove those of the first day.
    fields = (catalogue_key("fields", row.id) for row in stock.FIELDS)
    if table.fetch([CATALOGUE_VERSION, *fields]):
        return  # or every deployment would allocate an id for an agent
    writes = [
        transact.put(catalogue_key(kind, row.id), rows.as_item(row))
        for kind, known in stock.ROWS.items()
        for row in known
    ]
    writes += _first_agent(os.environ["ADMIN_EMAIL"].strip())
    version = transact.put_new(CATALOGUE_VERSION, {"n": 1})
    event = audit_event("catalogue_installed", SYSTEM, now(), data={"rows": len(writes)})
    try:
        operations.commit(event, [version, *writes])
    except Cancelled as cancelled:
        if CATALOGUE_VERSION not in cancelled.failed:
            raise


def _first_agent(address: str) -> list[Write]:
    """The writes of the first agent: whoever gets the alerts of a new desk. Nobody where there is
    no address.

    As an agent they can answer by mail, and their answers reach customers
    (docs/osticket.md, row O).
    """
    if not address:
        return []
    number = sequences.allocate_ids(person=1)["person"]
    return changes.new_row("agents", Agent(number, "Administrator", address, "admin"))
