"""An incoming mail: its sender, and how far SES's verdicts allow to trust it."""

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
    """SES's verdicts on a mail: PASS, FAIL, GRAY, PROCESSING_FAILED; empty for unknown."""

    spam: str = ""
    virus: str = ""
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The SMTP envelope of a mail: sender (the address that SPF checks), recipients; and the
    verdicts.
    """

    sender: str = ""
    recipients: tuple[str, ...] = ()
    verdicts: Verdicts = Verdicts()


@dataclass(frozen=True)
class IncomingMail:
    """A mail with everything that is known before any lookup.

    `raw_key` is the S3 key of the raw mail. `recorded_as` is the id of its record of receipt, if
    that is not its Message-ID. `passed` names the rules from which an admin has exempted it:
    `banned`, `too_many_open`, `loop`.
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
        """The author of the mail."""
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
        """Whether there is no evidence that the sender is forged."""
        wrapper = self.message.wrapper
        # The verdicts on a forwarded mail are about the forwarder's address.
        unwrapped = wrapper is None or folded(wrapper.address) == self.address
        # With several authors it is unknown whose domain was checked (RFC 7489, 6.6.1).
        alone = self.sender.from_field
        return bool(self.address) and unwrapped and alone and self.envelope.verdicts.dmarc != "FAIL"

    @property
    def authentic(self) -> bool:
        """Whether SPF or DKIM has passed for the domain of the sender's address, as DMARC
        requires.
        """
        verdicts, domain = self.envelope.verdicts, self.address.rpartition("@")[2]
        if verdicts.dmarc == "PASS":
            return True
        if verdicts.spf == "PASS" and _aligned(self.envelope.sender.rpartition("@")[2], domain):
            return True
        # The first is SES's own; those of the sender are below it.
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
        """Whether the mail may be confirmed. Not if it came through a mailing list, since its
        author did not write to the desk (RFC 3834, 2). If there are verdicts of SES, the sender
        must be authenticated: a forged one did not write to the desk either (docs/mail.md,
        "Machines").
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
        """Whether staff are alerted to the mail: not to bounces, nor to automatic mail of their
        own.
        """
        return not (self.message.bounce or (self.automatic and self.from_staff))

    @cached_property
    def identity(self) -> str:
        """A digest of sender, date and subject: the same for all copies of a mail with its
        Message-ID, whatever else a list or a relay has changed (docs/osticket.md, row T). Without a
        date, text and files are used instead.
        """
        message = self.message
        date = to_iso(message.date) if message.date else message.header.first("date")
        if not date:
            files = (sha256(file.data).hexdigest() for file in message.files)
            date = _digest(message.text, message.html, *files)
        return _digest(self.address, date, message.subject)[:32]

    @property
    def record_id(self) -> str:
        """The id of the mail's record of receipt."""
        return self.recorded_as or self.message.message_id

    def apart(self) -> "IncomingMail":
        """The mail with a different id, if another mail has used its Message-ID."""
        return replace(self, recorded_as=_local_id(_digest(self.record_id, self.identity)))

    @property
    def private_id(self) -> str:
        """The id under which the mail is recorded privately for a bound key."""
        return _local_id(_digest(str(self.actor.key), self.record_id))

    def as_private(self) -> "IncomingMail":
        """The mail as recorded privately for this key. A bound key must not learn of tickets that
        it may not see, not even by a mail being reported as known.
        """
        return replace(self, recorded_as=self.private_id)


def _local_id(digest: str) -> str:
    return f"<{digest}@local>"


def _digest(*parts: str) -> str:
    return sha256(" ".join(parts).encode(errors="replace")).hexdigest()


def _aligned(checked: str, domain: str) -> bool:
    checked = checked.lower()
    return checked == domain or checked.endswith(f".{domain}")
