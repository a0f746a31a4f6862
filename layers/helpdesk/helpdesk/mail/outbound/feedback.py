"""Processes delivery feedback of mails that SES has accepted: SES's events (SES developer guide,
"Event data"), and reports of other mail systems (`mail.inbound.reported`).
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

from helpdesk import sent_mail
from helpdesk.clock import now, to_iso
from helpdesk.errors import Damaged
from helpdesk.mail.outbound import send, suppression
from helpdesk.mail.parsing.reports import NO_COMPLAINTS
from helpdesk.storage import ses, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, mail_key
from helpdesk.storage.reading import reading
from helpdesk.storage.transact import Cancelled

Outcome = Literal["bounce", "complaint", "reject", "delayed"]

STATES = {"bounce": "bounced", "complaint": "complained", "reject": "refused"}
"""The list state of a mail that was not read, by kind of feedback."""


def hear(notice: str) -> None:
    """Processes one message of the configuration set's topic. Idempotent.

    Raises:
        ChangedUnderYou.
    """
    try:
        data = json.loads(notice)
    except ValueError:
        return  # SES tests a new topic with a sentence in plain English
    try:
        with reading("notice", Key("SNS", "notice")):
            outcome = _outcome(data)
            if outcome is None and data.get("eventType") != "Send":
                return
            tags = [str(tag) for tag in data["mail"]["tags"].get("mail", ())]
            message_id = ses.message_id(data["mail"]["messageId"])
    except Damaged:
        return
    for tag in tags:
        event, _, name = tag.partition("-")
        mail = mail_key(event, name)
        if about := table.get(mail):
            with suppress(Damaged):
                _take_in(mail, send.checked(about), message_id, outcome)


def _take_in(mail: Key, about: Item, message_id: str, outcome: Outcome | None) -> None:
    # Any event shows that SES has accepted the mail; usually its answer has shown this already.
    if about.get("message_id") != message_id:
        send.record_sent(mail, message_id, about)
    if outcome:
        record(mail, about, outcome)


def _outcome(data: Mapping[str, Any]) -> Outcome | None:
    """The outcome of a mail; None if there is nothing to record. A transient bounce is a full
    mailbox, or a vacation responder.
    """
    match data.get("eventType"):
        case "Bounce":
            return "bounce" if data["bounce"]["bounceType"] == "Permanent" else "delayed"
        case "Complaint":
            kind = data["complaint"].get("complaintFeedbackType")
            return None if kind in NO_COMPLAINTS else "complaint"
        case "Reject":
            return "reject"
    return None


def record(mail: Key, about: Item, outcome: Outcome) -> None:
    """Records the outcome in the mail's item and, if nobody got the mail, in the ticket's history;
    suppresses an address that does not exist or whose owner complained. The first outcome counts,
    unless it was a delay. Idempotent.

    Raises:
        ChangedUnderYou.
    """
    at = now()
    first = "attribute_not_exists(#outcome)"
    failure = {} if outcome == "delayed" else sent_mail.failed(STATES[outcome])
    recorded = transact.set_attributes(
        mail,
        {"outcome": outcome, "outcome_at": to_iso(at), **failure},
        condition=f"{first} OR (#outcome = :delayed AND #outcome <> :outcome)",
        values={":delayed": "delayed"},
    )
    writes = [recorded]
    if outcome in {"bounce", "complaint"}:
        writes.append(suppression.suppression(about["to"], outcome, at))
    history = [] if outcome == "delayed" else send.undelivered(about, outcome)
    try:
        transact.commit_retried([*writes, *history])
    except Cancelled as cancelled:
        if mail not in cancelled.failed:
            # The ticket is gone, and its history with it.
            with suppress(Cancelled):
                transact.commit_retried(writes)
