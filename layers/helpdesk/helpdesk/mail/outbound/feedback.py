"""What SES tells of a mail after it has taken it (SES developer guide, "Event data")."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

from helpdesk.clock import now, to_iso
from helpdesk.mail.outbound import send, suppression
from helpdesk.storage import ses, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, mail_key
from helpdesk.storage.transact import Cancelled

Outcome = Literal["bounce", "complaint", "reject", "delayed"]


def hear(notice: str) -> None:
    """Takes in one message of the configuration set's topic; again does no harm.

    Errors: ChangedUnderYou, Throttled, Unavailable.
    """
    try:
        told = json.loads(notice)
    except ValueError:
        return  # SES tries a new topic with a sentence in plain English
    outcome = _outcome(told)
    if outcome is None and told.get("eventType") != "Send":
        return
    for tag in told["mail"]["tags"].get("mail", ()):
        event, _, name = tag.partition("-")
        mail = mail_key(event, name)
        if about := table.get(mail):
            # Whatever it tells of a mail, SES has taken it; mostly its answer has said so already.
            message_id = ses.message_id(told["mail"]["messageId"])
            if about.get("message_id") != message_id:
                send.record_sent(mail, message_id, about)
            if outcome:
                _record(mail, about, outcome)


def _outcome(told: Mapping[str, Any]) -> Outcome | None:
    """What became of a mail; None for nothing worth a note.

    A bounce that is not permanent is a mailbox that is full, or somebody's word that they are away.
    """
    match told.get("eventType"):
        case "Bounce":
            return "bounce" if told["bounce"]["bounceType"] == "Permanent" else "delayed"
        case "Complaint":
            # Some only say that they do not think so.
            kind = told["complaint"].get("complaintFeedbackType")
            return None if kind == "not-spam" else "complaint"
        case "Reject":
            return "reject"
    return None


def _record(mail: Key, about: Item, outcome: Outcome) -> None:
    """Notes the outcome on the mail and, where nobody got it, in the ticket's history; an address
    that does not exist, or whose owner complains, gets no more mail. The first outcome counts,
    unless it was but a delay.
    """
    at = now()
    first = "attribute_not_exists(#outcome)"
    noted = transact.update(
        mail,
        "SET #outcome = :outcome, #at = :at",
        {":outcome": outcome, ":at": to_iso(at), ":delayed": "delayed"},
        condition=f"{first} OR (#outcome = :delayed AND #outcome <> :outcome)",
        names={"#outcome": "outcome", "#at": "outcome_at"},
    )
    writes = [noted]
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
