"""A desk in moto that receives mail as from SES, or over HTTP.

Uses background/receive_mail, background/redrive_mail and osticket/create_ticket_email.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import Any

import pytest

from helpdesk import mail_ids
from helpdesk.mail_ids import MailIdentity
from helpdesk.model.actor import SYSTEM
from helpdesk.model.tickets import Thread
from helpdesk.storage import table
from helpdesk.storage.attributes import Item, unpack
from helpdesk.storage.keys import Key, ticket_key
from helpdesk.tickets import find
from local.mail.smtp import Verdicts, received
from tests.desk import Desk, function, new_desk
from tests.world import aside, items, waiting
from tests.world import function as endpoint

SUPPORT = "support@desk.example"
BUCKET = "desk-files"


def mail(
    sender: str = "Ann <ann@example.org>",
    subject: str = "Printer",
    body: str = "It burns.",
    *,
    to: str = SUPPORT,
    message_id: str = "",
    **headers: str,
) -> EmailMessage:
    """A plain mail; headers by their names with `_` for `-`."""
    made = EmailMessage(policy=SMTP)
    if sender:
        made["From"] = sender
    made["To"] = to
    made["Subject"] = subject
    if message_id:
        made["Message-ID"] = message_id
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(body)
    return made


def answer_to(sent: EmailMessage, sender: str, body: str, **headers: str) -> EmailMessage:
    """What a mail program makes when somebody answers."""
    chain = f"{sent.get('References', '')} {sent['Message-ID'] or ''}".strip()
    threading = {"In_Reply_To": sent["Message-ID"] or "", "References": chain}
    return mail(
        sender,
        f"Re: {sent['Subject']}",
        body,
        to=str(sent["Reply-To"]),
        **{name: value for name, value in threading.items() if value},
        **headers,
    )


@dataclass
class Post:
    """The desk's letter box."""

    desk: Desk
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def put(self, raw: bytes) -> str:
        """Puts a mail into the bucket, as SES does; gives its id."""
        name = f"mail-{next(self.numbers)}"
        aside("s3").put_object(Bucket=BUCKET, Key=f"incoming/{name}", Body=raw)
        return name

    def tell(
        self,
        name: str,
        sender: str = "ann@example.org",
        recipients: tuple[str, ...] = (SUPPORT,),
        **verdicts: str,
    ) -> None:
        """Tells receive_mail of a mail."""
        at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        event = received(name, sender, recipients, at, Verdicts(**verdicts))
        function("receive_mail")(event, None)

    def bring(self, sent: EmailMessage | bytes, **told: Any) -> str:
        """Both; gives the id."""
        raw = sent if isinstance(sent, bytes) else sent.as_bytes()
        name = self.put(raw)
        self.tell(name, **told)
        return name

    def send(self, sent: EmailMessage | bytes, *, once: str = "", **key: str) -> tuple[int, str]:
        """Posts a mail to the osTicket API; status and text."""
        grants = {"key_id": "1", "permissions": "can_create_tickets", **key}
        raw = sent if isinstance(sent, bytes) else sent.as_bytes()
        event = {
            "httpMethod": "POST",
            "resource": "/api/tickets.email",
            "path": "/api/tickets.email",
            "headers": {"Idempotency-Key": once} if once else {},
            "body": raw.decode("latin-1"),
            "requestContext": {"identity": {"sourceIp": "192.0.2.1"}, "authorizer": grants},
        }
        answered = endpoint("osticket/create_ticket_email").handler(event, None)
        return answered["statusCode"], answered["body"]

    def tickets(self) -> list[Item]:
        """All tickets, oldest first."""
        return sorted(
            (item for item in self.items("T#") if item["sk"] == "A"), key=lambda item: item["id"]
        )

    def thread(self, ticket: int = 1) -> Thread:
        found = table.get(ticket_key(ticket))
        assert found
        return find.find_thread(SYSTEM, found["number"])

    def only(self) -> Thread:
        """The thread of the only ticket."""
        (item,) = self.tickets()
        return self.thread(item["id"])

    def items(self, prefix: str) -> list[Item]:
        return [unpack(item) for item in items("desk", begins=prefix)]

    def events(self, kind: str) -> list[Item]:
        found = (item for item in self.items("T#") if item["sk"].startswith("V#"))
        return [item for item in found if item["kind"] == kind]

    def held(self) -> dict[str, str]:
        """Why which mail is held."""
        listed = table.query("failed", index="g11")
        keys = [Key(item["pk"], item["sk"]) for item in listed]
        return {
            key.pk.removeprefix("IN#"): item["reason"] for key, item in table.fetch(keys).items()
        }

    def objects(self, prefix: str) -> list[str]:
        listed = aside("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return sorted(found["Key"].removeprefix(prefix) for found in listed)

    def signed(self, ticket: int = 1, to: int = 3, role: mail_ids.Role = "U") -> str:
        return mail_ids.sign(MailIdentity(ticket, 1, to, role), "mail-secret")

    def out(self) -> list[EmailMessage]:
        """Sends what is to be sent; gives all mails so far, each as it arrives."""
        for key in sorted(self.waiting()):
            assert not self.desk.deliver("notify", key)
        ids = [message_id for _, message_id in self.desk.sent]
        mails = deepcopy(self.desk.mails())
        for sent, message_id in zip(mails, ids, strict=True):
            sent["Message-ID"] = f"<{message_id}@eu-west-1.amazonses.com>"
        return mails

    def settle(self) -> None:
        """Lets the projection run."""
        assert not self.desk.deliver("project", *sorted(self.waiting()))

    def waiting(self) -> list[Key]:
        """The events that somebody has yet to hear of."""
        return waiting("")


@pytest.fixture
def post() -> Iterator[Post]:
    with new_desk() as desk:
        yield Post(desk)
