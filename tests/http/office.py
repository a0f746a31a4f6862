"""The desk as people use it: by mail, and through the API."""

from __future__ import annotations

from email.message import EmailMessage
from smtplib import SMTP

from local.cloud import LocalCloud
from local.mail.mailbox import Mail
from local.testing import KEY
from tests.http.desk import Answer, Desk, Item


class Office(Desk):
    """Mail goes in by SMTP, and is read as it was sent."""

    def __init__(self, cloud: LocalCloud) -> None:
        super().__init__(cloud, KEY)

    def send(self, sent: EmailMessage, **verdicts: str) -> None:
        """Brings a mail, of which SES thinks as the verdicts say."""
        for name, verdict in verdicts.items():
            setattr(self.cloud.smtp.verdicts, name, verdict)
        with SMTP("127.0.0.1", self.cloud.smtp.port) as server:
            server.send_message(sent)

    def post(self, raw: bytes) -> Answer:
        """Brings a mail over HTTP."""
        return self.call("POST", "/api/tickets.email", raw=raw)

    def mails(self) -> list[Mail]:
        """What the desk has sent so far."""
        return [Mail(**sent) for sent in self.call("GET", "/local/mail").json]

    def thread(self, number: str) -> list[Item]:
        """The thread of a ticket with all mail that has come, as the plugin shows it."""
        self.cloud.drain()
        entries: list[Item] = self.show(number)["thread"]
        return entries


def as_received(sent: Mail) -> EmailMessage:
    """A mail that the desk has sent, as its recipient's program has it."""
    made = EmailMessage()
    named = "From Reply-To Subject References In-Reply-To Message-ID X-Mail-Proof"
    for name in named.split():
        if name in sent.headers:
            made[name] = " ".join(sent.headers[name].split())
    made.set_content(sent.text or "")
    return made


def number_of(confirmation: Mail) -> str:
    """The number that a mail's subject names."""
    return confirmation.subject.partition("#")[2].strip("]")
