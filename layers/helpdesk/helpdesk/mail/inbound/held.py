"""Operations on a held mail: read, release, delete."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk import idempotency
from helpdesk.clock import now
from helpdesk.errors import Banned, Conflict, NotFound, TooManyOpen
from helpdesk.events.history import audit_event
from helpdesk.idempotency import IdempotencyRecord
from helpdesk.mail.inbound import arrivals, quarantine, receive
from helpdesk.mail.inbound.arrivals import KEPT
from helpdesk.mail.inbound.quarantine import QuarantinedMail
from helpdesk.mail.inbound.receive import Outcome
from helpdesk.mail.parsing.header_block import read_header
from helpdesk.mail.parsing.message import Message, read_message
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.storage import objects, table, transact
from helpdesk.storage.keys import quarantine_key
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write

VIRUS = "virus"
"""The reason of mail that cannot be released."""

LONGEST_ID = 200
"""Characters of a mail's id: SES's have 40."""


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """A held mail as listed, with its content; `size` is in bytes."""

    listed: QuarantinedMail
    message: Message
    size: int

    @property
    def may_take_in(self) -> bool:
        """Whether it can be released."""
        return self.listed.reason != VIRUS


def find(actor: Actor, mail: str) -> QuarantinedMail:
    """A held mail as listed. One round trip.

    Raises:
        NotAllowed: The key sees only part of the desk.
        NotFound: No such mail is held.
        Damaged: Its item cannot be read.
    """
    quarantine.check(actor)
    item = table.get(quarantine_key(mail)) if 0 < len(mail) <= LONGEST_ID else None
    if item is None or not quarantine.is_listed(item):
        raise NotFound("mail", mail)
    return quarantine.as_mail(item)


def read(actor: Actor, mail: str) -> OpenedMail:
    """A held mail with its content. Two round trips.

    Raises:
        NotFound: As `find`; or its object has expired.
        Others as `find`.
    """
    listed = find(actor, mail)
    raw = objects.get(listed.object)
    return OpenedMail(listed, read_message(raw), len(raw))


def link(actor: Actor, mail: str) -> tuple[str, datetime]:
    """A presigned URL of the raw mail, and until when it is valid. One round trip.

    Raises:
        As `find`.
    """
    listed = find(actor, mail)
    expires = now() + timedelta(seconds=objects.LINK_SECONDS)
    return objects.link(listed.object, "message/rfc822", f"{listed.id}.eml"), expires


def take_in(actor: Actor, mail: str, once: IdempotencyRecord | None = None) -> Outcome:
    """Releases a held mail: makes a ticket or an entry of it, by the operation for all mail. The
    mail is exempt only from the rule that held it. If another rule holds it, it is listed with that
    reason, and the next call exempts it from both. Idempotent: a mail becomes an entry only once.

    Raises:
        Conflict: `virus`; or `banned`, `too_many_open` or `loop`, the rule that holds it now.
        AlreadyAnswered: The request has been answered.
        KeyReused: The Idempotency-Key came with another body.
        Others as `read`.
    """
    if once:
        once.replay(table.get(once.key))
    listed = find(actor, mail)
    if listed.reason == VIRUS:
        raise Conflict(VIRUS)
    raw = _raw(listed)
    passed = frozenset({listed.reason, *listed.passed})
    outcome = _receive(listed, raw, passed)
    # The mail is moved before it is removed from the list, so that a crash in between can be
    # repaired.
    with suppress(NotFound):
        if outcome.kept:
            objects.move(listed.object, KEPT + listed.id)
        else:
            objects.delete([listed.object])
    data = {"mail": listed.id, "reason": listed.reason, "ticket": outcome.ticket}
    _unlist(listed, audit_event("mail_taken_in", actor, now(), data=data), once, outcome)
    return outcome


def _raw(listed: QuarantinedMail) -> bytes:
    """The bytes of a mail; also of one that an interrupted call has already moved."""
    try:
        return objects.get(listed.object)
    except NotFound:
        return objects.get(KEPT + listed.id)


def _receive(listed: QuarantinedMail, raw: bytes, passed: frozenset[str]) -> Outcome:
    envelope = arrivals.envelope_of(read_header(raw))
    try:
        outcome = receive.receive(SYSTEM, raw, envelope, KEPT + listed.id, passed=passed)
    except (Banned, TooManyOpen) as refusal:
        reason = "banned" if isinstance(refusal, Banned) else "too_many_open"
        raise _held_by(listed, reason, passed) from refusal
    if outcome.kind == "loop":
        raise _held_by(listed, "loop", passed)
    return outcome


def _held_by(listed: QuarantinedMail, reason: str, passed: frozenset[str]) -> Conflict:
    """Lists a mail with the rule that holds it now; returns the error to raise."""
    changed = transact.set_attributes(
        quarantine_key(listed.id),
        {"reason": reason, "passed": sorted(passed)},
        condition="attribute_exists(pk)",
    )
    with suppress(ConditionFailed):
        transact.write(changed)
    return Conflict(reason)


def delete(actor: Actor, mail: str) -> None:
    """Deletes a held mail permanently. Three round trips.

    Raises:
        As `find`.
    """
    listed = find(actor, mail)
    # If this fails it can be repeated, since the mail is still listed.
    objects.delete([listed.object])
    data = {"mail": listed.id, "reason": listed.reason}
    _unlist(listed, audit_event("held_mail_deleted", actor, now(), data=data), None, None)


def _unlist(
    listed: QuarantinedMail, event: Write, once: IdempotencyRecord | None, result: object
) -> None:
    gone = transact.delete(quarantine_key(listed.id), condition="attribute_exists(pk)")
    try:
        transact.commit_retried([gone, event, *idempotency.record_writes(once, result)])
    except Cancelled as cancelled:
        idempotency.check(once, cancelled.failed)
        raise NotFound("mail", listed.id) from cancelled
