"""Sets up everything a desk needs before its first request; run on every deployment, so each step
is idempotent (docs/aws.md m36).
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from aws_lambda_powertools import Logger

from helpdesk import mail_secret, operations
from helpdesk.catalogue import rows, stock
from helpdesk.catalogue.rows import Row
from helpdesk.clock import now, to_iso
from helpdesk.directory import changes
from helpdesk.errors import ChangedUnderYou, Damaged
from helpdesk.events.history import audit_event
from helpdesk.keys import manage, usage_plan
from helpdesk.model.actor import SYSTEM
from helpdesk.model.catalogue import Agent
from helpdesk.storage import (
    receipt_rules,
    secrets,
    sequences,
    shards,
    table,
    transact,
    version_item,
)
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import CATALOGUE_VERSION, Key, catalogue_key
from helpdesk.storage.reading import reading
from helpdesk.storage.shards import Shards
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write

log = Logger()


def set_up(first_key: str) -> None:
    """Creates the stock catalogue and what this release adds to it, the mail secret, the shared
    gateway key and the first admin key, each only if there is none. After an error the next run
    continues.

    `first_key` names the secret in Secrets Manager that holds the admin key's value.

    Raises:
        ChangedUnderYou: Others kept changing the items.
    """
    install_catalogue()
    add_stock()
    with suppress(ConditionFailed):
        transact.write(mail_secret.new())
    usage_plan.share_one()
    manage.first_admin_key(secrets.secret(first_key))


def clear_up(rule_set: str) -> None:
    """Reverts what the stack has changed outside itself: deactivates its receipt rules, and removes
    the gateway keys created at run time. A failure of one does not prevent the other.

    Raises:
        DeskError, ClientError: The first failure, when both have been tried.
    """
    try:
        receive_mail("", rule_set)
    finally:
        usage_plan.remove_all()


def receive_mail(rule_set: str, before: str, joined: str = "") -> str:
    """Activates the stack's own set of receipt rules if none is active; reports whether mail will
    arrive. Another active set stays active: an account that already receives mail continues to do
    so.

    Both are empty if the stack has none. `before` is a set that the stack removes: it must not stay
    active (docs/aws.md m22). `joined` is a set of another owner to which the stack adds its rule.
    """
    if not (rule_set or before or joined):
        return _NOT_BY_SES
    active = receipt_rules.active_rule_set()
    if before != rule_set and active == before:
        receipt_rules.activate("")
        active = ""
    if rule_set and not active:
        receipt_rules.activate(rule_set)
        active = rule_set
    wanted = rule_set or joined
    if not wanted:
        return _NOT_BY_SES
    if active == wanted:
        return f"Mail comes, once the MX record is there: receipt rule set {active} is active."
    # A warning: an alarm of logged errors would take an update back that has done no harm.
    log.warning("other receipt rules are active", set=active, wanted=wanted)
    if not active:
        return f"NO MAIL COMES: receipt rule set {wanted} is not active, nor is any other."
    return (
        f"NO MAIL COMES: the active receipt rule set is {active}, not {wanted}. "
        f"Deploy again with ReceiptRuleSet={active}, and the desk adds its rule to it."
    )


def spread(count: int) -> None:
    """Sets the number of shards to which tickets and events are written (`storage.shards`). If it
    is lowered, the other shards are still read until `make migrate` has emptied them. If the
    previous number is unknown, all are read.

    Raises:
        Damaged: The catalogue's version cannot be read.
    """
    before = None
    with suppress(Damaged):
        before = shards.of(table.get(CATALOGUE_VERSION) or {})
    if before is None or count != before.written:
        read = max(count, before.read) if before else shards.MOST
        wanted = Shards(count, read, to_iso(now()))
        version_item.announce(shards.ATTRIBUTE, wanted.stored())
        log.info("shards", **wanted.stored())


_NOT_BY_SES = "InboundMail is off: SES takes no mail for the desk."


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
    highest = {kind: max(row.id for row in known) for kind, known in stock.ROWS.items()}
    version = transact.put_new(CATALOGUE_VERSION, {"n": 1, "stocked": highest})
    event = audit_event("catalogue_installed", SYSTEM, now(), data={"rows": len(writes)})
    try:
        operations.commit(event, [version, *writes])
    except Cancelled as cancelled:
        if CATALOGUE_VERSION not in cancelled.failed:
            raise


STOCKED_FIRST: Mapping[str, int] = {
    "departments": 3,
    "topics": 11,
    "statuses": 5,
    "priorities": 4,
    "slas": 1,
    "schedules": 1,
    "teams": 1,
    "fields": 22,
    "templates": 0,
}
"""The highest stock id of each kind on desks from the time before that was noted. Of templates
none: which a desk has is not known, and nobody can remove one.
"""

_AT_ONCE = 50
"""Rows that one transaction adds."""


def add_stock() -> None:
    """Adds the stock rows that have come with a release since this desk has had its own, each only
    where its id is free: what admins have changed stays, and what they have removed stays away.

    Raises:
        ChangedUnderYou: Others kept changing the catalogue.
    """
    for _ in transact.attempts():
        there = {Key(item["pk"], item["sk"]): item for item in table.query(CATALOGUE_VERSION.pk)}
        before = there.get(CATALOGUE_VERSION, {})
        if type(before.get("n", 0)) is not int:
            log.error("stock rows not added: the catalogue's version is damaged")
            return  # an admin's next change repairs it
        new = [
            (kind, row)
            for kind, known in stock.ROWS.items()
            for row in known
            if row.id > _stocked(before).get(kind, 0) and catalogue_key(kind, row.id) not in there
        ]
        highest = {kind: max(row.id for row in known) for kind, known in stock.ROWS.items()}
        if not new and _stocked(before) == highest:
            return
        some = new[:_AT_ONCE]
        if _stock_added(before, some, highest if len(some) == len(new) else None):
            log.info("stock rows added", rows=[f"{kind} {row.id}" for kind, row in some])
            if len(some) == len(new):
                return
    raise ChangedUnderYou


def _stocked(version: Item) -> Mapping[str, int]:
    """The highest stock id of each kind that the desk has had."""
    found = version.get("stocked")
    with suppress(Damaged), reading("catalogue version", CATALOGUE_VERSION):
        if found is not None and not all(type(number) is int for number in found.values()):
            raise TypeError("stocked")
        return STOCKED_FIRST if found is None else dict(found)
    return STOCKED_FIRST


def _stock_added(
    before: Item, new: Sequence[tuple[str, Row]], highest: Mapping[str, int] | None
) -> bool:
    """Whether these rows were written; False if somebody has changed the catalogue meanwhile.
    `highest` is stored with the last ones.
    """
    values: dict[str, Any] = {":one": 1, ":none": 0, ":seen": before.get("n", 0)}
    expression, names = "SET #n = if_not_exists(#n, :none) + :one", {"#n": "n"}
    if highest is not None:
        expression += ", stocked = :stocked"
        values[":stocked"] = dict(highest)
    version = transact.update(
        CATALOGUE_VERSION,
        expression,
        values,
        condition="attribute_not_exists(#n) OR #n = :seen",
        names=names,
    )
    rows_added = [
        transact.put_new(catalogue_key(kind, row.id), rows.as_item(row)) for kind, row in new
    ]
    told = [[kind, row.id] for kind, row in new]
    event = audit_event("catalogue_extended", SYSTEM, now(), data={"rows": told})
    try:
        operations.commit(event, [version, *rows_added])
    except Cancelled:
        return False
    return True


def _first_agent(address: str) -> list[Write]:
    """The writes of the first agent, who gets the alerts of a new desk. Empty without an address.

    As an agent they can answer by mail, and their answers reach customers
    (docs/osticket.md, row O).
    """
    if not address:
        return []
    number = sequences.allocate_ids(person=1)["person"]
    return changes.new_row("agents", Agent(number, "Administrator", address, "admin"))
