"""A mail that came in: who sent it, and how far the verdicts of SES let that be believed."""

import os
import re
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import to_iso
from helpdesk.mail.inbound.sender import Sender, find_sender
from helpdesk.mail.parsing import automatic
from helpdesk.mail.parsing.message import Message
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.people import LONGEST_NAME
from helpdesk.storage.person_items import folded


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What SES found out about a mail: PASS, FAIL, GRAY, PROCESSING_FAILED; empty for unknown."""

    spam: str = ""
    virus: str = ""
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a mail was delivered: from whom (the address that SPF checks), to whom; verdicts."""

    sender: str = ""
    recipients: tuple[str, ...] = ()
    verdicts: Verdicts = Verdicts()


@dataclass(frozen=True)
class IncomingMail:
    """A mail with all that is known of it before anything is looked up.

    `raw_key` is the S3 key under which the whole mail is kept. `recorded_as` is the id under which
    it is recorded that the mail has come, where that is not its Message-ID. `passed` names the
    rules that do not hold it, since an admin has said so: `banned`, `too_many_open`, `loop`.
    """

    actor: Actor
    raw: bytes
    message: Message
    envelope: Envelope
    raw_key: str
    known: Catalogue
    recorded_as: str = ""
    passed: frozenset[str] = frozenset()

    @cached_property
    def sender(self) -> Sender:
        """Who wrote the mail."""
        return find_sender(self.message, self.envelope.sender)

    @property
    def address(self) -> str:
        """The sender's address, folded; empty for nobody."""
        return folded(self.sender.mailbox.address)

    @property
    def name(self) -> str:
        """The sender's name, or else the address."""
        mailbox = self.sender.mailbox
        return mailbox.name[:LONGEST_NAME] or mailbox.address

    @property
    def suspicious(self) -> str:
        """What is wrong with the mail, such as `spam, dmarc`; empty for nothing."""
        verdicts = self.envelope.verdicts
        checked = {"spam": verdicts.spam, "dmarc": verdicts.dmarc}
        return ", ".join(name for name, verdict in checked.items() if verdict == "FAIL")

    @property
    def believed(self) -> bool:
        """Whether nothing speaks against the sender being who they say they are."""
        wrapper = self.message.wrapper
        # What was forwarded as a whole was checked for the one who forwarded it.
        unwrapped = wrapper is None or folded(wrapper.address) == self.address
        # Of several senders nobody can tell whose domain was asked (RFC 7489, 6.6.1).
        alone = self.sender.from_field
        return bool(self.address) and unwrapped and alone and self.envelope.verdicts.dmarc != "FAIL"

    @property
    def authentic(self) -> bool:
        """Whether SPF or DKIM has passed for the domain of the sender's address, as DMARC asks."""
        verdicts, domain = self.envelope.verdicts, self.address.rpartition("@")[2]
        if verdicts.dmarc == "PASS":
            return True
        if verdicts.spf == "PASS" and _aligned(self.envelope.sender.rpartition("@")[2], domain):
            return True
        # The first is SES's own; whatever a sender wrote stands below it.
        results = self.message.header.first("authentication-results")
        signers = re.findall(r"dkim=pass header\.i=\S*?@([^\s;]+)", results)
        trusted = results.startswith("amazonses.com;") and verdicts.dkim == "PASS"
        return trusted and any(_aligned(signer, domain) for signer in signers)

    @property
    def automatic(self) -> bool:
        """Whether a machine wrote the mail."""
        message = self.message
        return message.bounce or message.auto_reply or message.report is not None

    @property
    def confirmable(self) -> bool:
        """Whether a confirmation may answer the mail. The sender does not know to whom a mailing
        list has sent it (RFC 3834, 2). Where SES has looked, the sender must be who they say they
        are: a forged one has not written to the desk (docs/mail.md, "Machines").
        """
        header, verdicts = self.message.header, self.envelope.verdicts
        unwanted = header.first("list-id") or automatic.refuses_answers(header)
        looked = verdicts.spf or verdicts.dkim or verdicts.dmarc
        forged = looked and not (self.authentic and self.sender.from_field)
        return not (self.automatic or self.suspicious or unwanted or forged)

    @property
    def agent(self) -> Agent | None:
        """The active agent with the sender's address."""
        agents = (row for row in self.known.agents.values() if row.active)
        found = (row for row in agents if folded(row.email) == self.address)
        return next(found, None) if self.address else None

    @property
    def from_admin(self) -> bool:
        """Whether the sender has the admin's address."""
        return bool(self.address) and self.address == folded(os.environ["ADMIN_EMAIL"])

    @property
    def from_staff(self) -> bool:
        """Whether an agent or the admin has the sender's address."""
        return self.agent is not None or self.from_admin

    @property
    def alerts(self) -> bool:
        """Whether staff hears of the mail: not of bounces, and not of what its own machines say."""
        return not (self.message.bounce or (self.automatic and self.from_staff))

    @cached_property
    def identity(self) -> str:
        """A digest of sender, date and subject: the same for every copy of a mail under its
        Message-ID, whatever else a list or a relay has changed (docs/osticket.md, row T). Text and
        files stand for a date that is missing.
        """
        message = self.message
        date = to_iso(message.date) if message.date else message.header.first("date")
        if not date:
            files = (sha256(file.data).hexdigest() for file in message.files)
            date = _digest(message.text, message.html, *files)
        return _digest(self.address, date, message.subject)[:32]

    @property
    def record_id(self) -> str:
        """The id under which it is recorded that the mail has come."""
        return self.recorded_as or self.message.message_id

    def apart(self) -> "IncomingMail":
        """The mail under an id of its own, where another mail has taken its Message-ID."""
        return replace(self, recorded_as=_local_id(_digest(self.record_id, self.identity)))

    @property
    def private_id(self) -> str:
        """The Message-ID under which a bound key has this mail for itself."""
        return _local_id(_digest(str(self.actor.key), self.record_id))

    def as_private(self) -> "IncomingMail":
        """The mail as one that only this key knows. What the key may not see must not show, not
        even by a mail that is known already.
        """
        return replace(self, recorded_as=self.private_id)


def _local_id(digest: str) -> str:
    return f"<{digest}@local>"


def _digest(*parts: str) -> str:
    return sha256(" ".join(parts).encode(errors="replace")).hexdigest()


def _aligned(checked: str, domain: str) -> bool:
    checked = checked.lower()
    return checked == domain or checked.endswith(f".{domain}")
