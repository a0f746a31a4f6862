"""Raw mail on its way through the bucket: as SES put it, into the desk, and to where it is kept.

    incoming/<id>   what SES has put and nobody has dealt with
    raw/<id>        what became an entry, which names it; for as many days as the stack says
    held/<id>       what became none: refused, harmful, or beyond reading; listed for admins

A mail moves only after its transaction, so one that is still in `incoming/` is simply taken in
again: a mail that is known by its Message-ID becomes nothing twice. What nobody has dealt with
after LATE, a job takes in; what fails then, too, is held.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger

from helpdesk.clock import now, seconds
from helpdesk.errors import Banned, DeskError, Invalid, NotFound, Problem, TooManyOpen, Unavailable
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.mail.inbound import quarantine, receive
from helpdesk.mail.inbound.receive import Envelope, Outcome, Verdicts
from helpdesk.mail.parsing import mime
from helpdesk.mail.parsing.headers import Header, decode_words
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.storage import objects, transact
from helpdesk.storage.keys import quarantine_key

log = Logger()

INCOMING, KEPT, HELD = "incoming/", "raw/", "held/"

LATE = timedelta(minutes=15)
"""How long a mail may lie there: until then Lambda itself tries again."""

MOST_ATTEMPTS = 3
"""How often the job takes in one mail before it is held."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail in the bucket, by the id that SES gave it. No envelope: it is read from the mail."""

    id: str
    envelope: Envelope | None = None


def arrival(told: Mapping[str, Any]) -> Arrival:
    """What SES tells a function of one mail (SES developer guide, Lambda action)."""
    receipt, mail = told["receipt"], told["mail"]

    def verdict(name: str) -> str:
        return str(receipt.get(f"{name}Verdict", {}).get("status", ""))

    verdicts = Verdicts(*map(verdict, ("spam", "virus", "spf", "dkim", "dmarc")))
    return Arrival(
        mail["messageId"], Envelope(mail["source"], tuple(receipt["recipients"]), verdicts)
    )


def take(came: Arrival) -> None:
    """Takes in one mail and puts it away. Again does no harm.

    Errors: Throttled, Unavailable, ChangedUnderYou and whatever is wrong with the mail; it is
    still there then.
    """
    try:
        raw = objects.get(INCOMING + came.id)
    except NotFound:
        if objects.exists(KEPT + came.id) or objects.exists(HELD + came.id):
            return
        raise
    header = mime.read_header(raw)
    envelope = came.envelope or _written_down(header)
    if envelope.verdicts.virus == "FAIL":
        _hold(came.id, header, "virus")
        return
    try:
        outcome = receive.receive(SYSTEM, raw, envelope, KEPT + came.id)
    except (Banned, TooManyOpen) as refusal:
        _hold(came.id, header, "banned" if isinstance(refusal, Banned) else "too_many_open")
        return
    if outcome.kind == "loop" or outcome.another:
        _hold(came.id, header, outcome.kind)
        return
    log.info("mail taken in", mail=came.id, outcome=outcome.kind)
    if outcome.kept:
        objects.move(INCOMING + came.id, KEPT + came.id)
    else:
        objects.delete([INCOMING + came.id])


def _written_down(header: Header) -> Envelope:
    """What SES wrote into the mail itself, above all that its sender wrote."""
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
    """Takes in a mail that came over HTTP; nobody vouches for its sender but the key's holder. One
    under the Message-ID of another mail is held, as what came by SES; its sender is told the number
    of that other mail's ticket.

    Errors: as `inbound.receive`; Invalid for no mail at all.
    """
    if not raw.strip():
        raise Invalid(Problem("user", "incomplete"))
    name = uuid4().hex
    place = KEPT + name
    objects.put(place, raw, "message/rfc822")
    try:
        outcome = receive.receive(actor, raw, Envelope(), place, once)
    except Unavailable:
        raise  # an entry may name it: then it stays, else it goes when its days are over
    except DeskError:
        with suppress(DeskError):
            objects.delete([place])
        raise
    if outcome.another:
        _list(name, mime.read_header(raw), outcome.kind)
        objects.put(HELD + name, raw, "message/rfc822")
    if outcome.kind not in {"opened", "added"}:
        objects.delete([place])
    if not outcome.number:
        raise NotFound("ticket")
    return outcome


# --- what becomes no entry ------------------------------------------------------------------


def _hold(mail: str, header: Header, reason: str) -> None:
    """Keeps a mail apart and lists it. Listed first: nothing lies there that nobody knows of."""
    _list(mail, header, reason)
    objects.move(INCOMING + mail, HELD + mail)


def _list(mail: str, header: Header, reason: str) -> None:
    sender, subject = decode_words(header.first("from")), decode_words(header.first("subject"))
    transact.write(quarantine.listing(mail, reason, sender, subject, HELD + mail))
    log.warning("mail held", mail=mail, reason=reason)


def redrive() -> int:
    """Takes in what has lain in the bucket for longer than LATE; gives how many mails there were.

    One that fails again and again is held, so that it stands in nobody's way. Attempts are counted
    before they are made: a mail may also end the process that reads it. One that was held and put
    back is listed no more, unless it is held again.
    Errors: Throttled, Unavailable.
    """
    count = 0
    for key in objects.listing(INCOMING, before=now() - LATE):
        count += 1
        mail = key.removeprefix(INCOMING)
        tried = transact.update(
            quarantine_key(mail),
            "ADD attempts :one SET #ttl = :ttl REMOVE p11, s11",
            {":one": 1, ":ttl": seconds(now() + quarantine.KEPT)},
            names={"#ttl": "ttl"},
        )
        if transact.write(tried)["attempts"] > MOST_ATTEMPTS:
            _hold(mail, mime.read_header(objects.get(key)), "failed")
            continue
        try:
            take(Arrival(mail))
        except Exception as fault:  # noqa: BLE001 - one mail must not keep the others waiting
            log.error("mail failed", mail=mail, fault=type(fault).__name__)  # noqa: TRY400
    return count
