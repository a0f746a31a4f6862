"""A mail that came in: who sent it, and how far the verdicts of SES let that be believed."""

import os
import re
from dataclasses import dataclass, replace
from hashlib import sha256

from helpdesk.catalogue.rows import Catalogue
from helpdesk.mail.parsing.headers import mailboxes
from helpdesk.mail.parsing.message import Message
from helpdesk.model.actor import Actor
from helpdesk.model.catalogue import Agent
from helpdesk.storage.person_items import folded
from helpdesk.tickets.entries import LONGEST_NAME


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


@dataclass(frozen=True, slots=True)
class IncomingMail:
    """A mail with all that is known of it before anything is looked up. `raw_key` is the S3 key
    under which the whole mail is kept.
    """

    actor: Actor
    raw: bytes
    message: Message
    envelope: Envelope
    raw_key: str
    known: Catalogue

    @property
    def address(self) -> str:
        """The sender's address, folded; empty for nobody."""
        return folded(self.message.sender.address)

    @property
    def name(self) -> str:
        """The sender's name, or else the address."""
        return self.message.sender.name[:LONGEST_NAME] or self.message.sender.address

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
        lines = self.message.header.all("from")
        named = {folded(box.address) for line in lines for box in mailboxes(line)}
        alone = named - {""} == {self.address}
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
        return self.message.bounce or self.message.auto_reply

    @property
    def confirmable(self) -> bool:
        """Whether a confirmation may answer the mail. The sender does not know to whom a mailing
        list has sent it (RFC 3834, 2).
        """
        listed = self.message.header.first("list-id")
        return not (self.automatic or self.suspicious or listed)

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

    @property
    def content_digest(self) -> str:
        """A digest of sender, subject, text and files: the same on whatever way the mail came."""
        message = self.message
        words = (self.address, message.subject, message.text, message.html)
        parts = [one.encode(errors="replace") for one in words]
        parts += [file.data for file in message.files]
        return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()[:32]

    @property
    def private_id(self) -> str:
        """The Message-ID under which a bound key has this mail for itself."""
        named = f"{self.actor.key} {self.message.message_id}"
        return f"<{sha256(named.encode()).hexdigest()}@local>"

    def as_private(self) -> "IncomingMail":
        """The mail as one that only this key knows. What the key may not see must not show, not
        even by a mail that is known already.
        """
        return replace(self, message=replace(self.message, message_id=self.private_id))


def _aligned(checked: str, domain: str) -> bool:
    checked = checked.lower()
    return checked == domain or checked.endswith(f".{domain}")
