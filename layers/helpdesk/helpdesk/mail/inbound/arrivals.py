"""Raw mail in the bucket: processed from where SES put it, then moved to where it is kept.

    incoming/<id>   SES has put it there; nothing has become of it yet
    raw/<id>        it became an entry, which names it; kept for as many days as the stack says
    held/<id>       it became none: refused, a virus, a loop, or failed; listed for admins

A mail is moved only after its transaction, so one that is still in `incoming/` is processed again,
and deduplicated by its Message-ID. `redrive` processes mails that are still there after LATE, and
quarantines those that fail repeatedly.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger

from helpdesk.clock import now, seconds
from helpdesk.errors import (
    Banned,
    DeskError,
    Invalid,
    NotFound,
    Problem,
    TooManyOpen,
    Unavailable,
)
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.mail.inbound import quarantine, receive
from helpdesk.mail.inbound.incoming import Envelope, Verdicts
from helpdesk.mail.inbound.quarantine import QuarantinedMail
from helpdesk.mail.inbound.receive import Outcome
from helpdesk.mail.parsing.header_block import read_header
from helpdesk.mail.parsing.message import read_message
from helpdesk.mail_syntax.headers import Header, decode_words
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.storage import aws, objects, transact
from helpdesk.storage.keys import quarantine_key
from helpdesk.storage.reading import report
from helpdesk.storage.transact import ConditionFailed

log = Logger()

INCOMING, KEPT, HELD = "incoming/", "raw/", "held/"

LATE = timedelta(minutes=15)
"""Age from which `redrive` processes a mail in `incoming/`; until then Lambda retries."""

NOTE = "AMAZON_SES_SETUP_NOTIFICATION"
"""The object with which SES tests the bucket of a new receipt rule (SES developer guide)."""

MOST_ATTEMPTS = 3
"""Attempts of `redrive` before it quarantines a mail."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail in the bucket, by its SES id. Without an envelope, it is read from the header."""

    id: str
    envelope: Envelope | None = None


def arrival(event: Mapping[str, Any]) -> Arrival:
    """The mail of an event from SES (SES developer guide, Lambda action)."""
    receipt, mail = event["receipt"], event["mail"]

    def verdict(name: str) -> str:
        return str(receipt.get(f"{name}Verdict", {}).get("status", ""))

    verdicts = Verdicts(*map(verdict, ("spam", "virus", "spf", "dkim", "dmarc")))
    return Arrival(
        mail["messageId"], Envelope(mail["source"], tuple(receipt["recipients"]), verdicts)
    )


def take(came: Arrival) -> None:
    """Processes one mail and moves it to where it is kept. Idempotent.

    Raises:
        ChangedUnderYou, and any error in reading the mail, which then stays in `incoming/`.
    """
    try:
        raw = objects.get(INCOMING + came.id)
    except NotFound:
        if objects.exists(KEPT + came.id) or objects.exists(HELD + came.id):
            return
        raise
    envelope = came.envelope or envelope_of(read_header(raw))
    if envelope.verdicts.virus == "FAIL":
        _quarantine(came.id, raw, "virus")
        return
    try:
        outcome = receive.receive(SYSTEM, raw, envelope, KEPT + came.id)
    except (Banned, TooManyOpen) as refusal:
        _quarantine(came.id, raw, "banned" if isinstance(refusal, Banned) else "too_many_open")
        return
    if outcome.kind == "loop":
        _quarantine(came.id, raw, "loop")
        return
    log.info("mail taken in", mail=came.id, outcome=outcome.kind)
    if outcome.kept:
        objects.move(INCOMING + came.id, KEPT + came.id)
    else:
        objects.delete([INCOMING + came.id])


def envelope_of(header: Header) -> Envelope:
    """The envelope that SES wrote into the header, above the sender's fields."""
    results = header.first("authentication-results")
    trusted = results if results.startswith("amazonses.com;") else ""

    def result(method: str) -> str:
        words = trusted.partition(f"{method}=")[2].split()
        return {"pass": "PASS", "fail": "FAIL"}.get(words[0].rstrip(";"), "GRAY") if words else ""

    return Envelope(
        sender=header.first("return-path").strip("<>"),
        verdicts=Verdicts(
            spam=header.first("x-ses-spam-verdict"),
            virus=header.first("x-ses-virus-verdict"),
            spf=result("spf"),
            dkim=result("dkim"),
            dmarc=result("dmarc"),
        ),
    )


def post(actor: Actor, raw: bytes, once: IdempotencyRecord | None) -> Outcome:
    """Processes a mail received over HTTP, without verdicts.

    Raises:
        Invalid: the body is empty.
        DeskError: as `receive.receive`.
    """
    if not raw.strip():
        raise Invalid(Problem("user", "incomplete"))
    name = uuid4().hex
    raw_key = KEPT + name
    objects.put(raw_key, raw, "message/rfc822")
    try:
        outcome = receive.receive(actor, raw, Envelope(), raw_key, once)
    except Unavailable:
        raise  # an entry may name it, so it is left for the lifecycle rule to remove
    except DeskError:
        with suppress(DeskError):
            objects.delete([raw_key])
        raise
    if outcome.kind not in {"opened", "added"}:
        objects.delete([raw_key])
    if not outcome.number:
        raise NotFound("ticket")
    return outcome


# --- quarantine ------------------------------------------------------------------------------


def _quarantine(mail: str, raw: bytes, reason: str) -> None:
    """Moves a mail into quarantine. It is listed first, so that no quarantined mail is unlisted."""
    header = read_header(raw)
    held = QuarantinedMail(
        id=mail,
        reason=reason,
        at=now(),
        sender=decode_words(header.first("from")),
        subject=decode_words(header.first("subject")),
        object=HELD + mail,
        size=len(raw),
        # A mail that could not be read three times is not read again.
        files=None if reason == "failed" else len(read_message(raw).files),
    )
    transact.write(quarantine.listing(held))
    log.warning("mail held", mail=mail, reason=reason)
    objects.move(INCOMING + mail, HELD + mail)


def redrive() -> int:
    """Processes mails that have been in `incoming/` for longer than LATE; returns their number. A
    mail that fails MOST_ATTEMPTS times is quarantined, so that it does not hold up the others.
    Attempts are counted beforehand, since a mail may also crash the process. A mail that was
    quarantined and put back is no longer listed, unless it is quarantined again.
    """
    count = 0
    for key in objects.listing(INCOMING, before=now() - LATE):
        mail = key.removeprefix(INCOMING)
        if mail == NOTE:
            objects.delete([key])
            continue
        count += 1
        try:
            if _attempts(mail) > MOST_ATTEMPTS:
                _quarantine(mail, objects.get(key), "failed")
            else:
                take(Arrival(mail))
        except Exception as fault:  # noqa: BLE001 - one mail must not keep the others waiting
            log.error("mail failed", mail=mail, fault=aws.told(fault))  # noqa: TRY400
    return count


def _attempts(mail: str) -> int:
    """Counts an attempt to process a mail; returns the number of attempts."""
    there = quarantine_key(mail)
    tried = transact.update(
        there,
        "ADD attempts :one SET #ttl = :ttl REMOVE p11, s11",
        {":one": 1, ":number": "N", ":ttl": seconds(now() + quarantine.KEPT)},
        condition="attribute_not_exists(attempts) OR attribute_type(attempts, :number)",
        names={"#ttl": "ttl"},
    )
    try:
        return int(transact.write(tried)["attempts"])
    except ConditionFailed:
        # The count is lost, so this is the last attempt; quarantining the mail overwrites the item.
        report("held mail", there, "TypeError")
        return MOST_ATTEMPTS + 1
