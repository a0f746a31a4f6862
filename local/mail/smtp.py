"""Incoming mail: an SMTP server that processes mail like SES.

Rules: SES developer guide, "Email receiving": a rule matches recipients by address, with any label
after a `+`; its actions put the raw mail into a bucket, then call a function with the envelope and
the verdicts. SES prepends its own header fields, which repeat the verdicts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from socket import socket
from threading import Thread
from typing import Any
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session

from local.aws.clients import Clients
from local.cloudformation.intrinsics import REGION
from local.cloudformation.resources import Resources
from local.cloudformation.template import Document, Template
from local.functions import Event

LARGEST_MAIL = 40 * 1024 * 1024
"""Largest mail in bytes that SES accepts."""


@dataclass
class Verdicts:
    """SES's verdicts on the next mails: PASS, FAIL, GRAY or PROCESSING_FAILED."""

    spam: str = "PASS"
    virus: str = "PASS"
    spf: str = "PASS"
    dkim: str = "PASS"
    dmarc: str = "PASS"


class _Protocol(SMTP):
    line_length_limit = LARGEST_MAIL
    """Mail has lines of any length, and SES accepts them."""


@dataclass
class SmtpListener:
    """Receives mail like SES.

    Args:
        template: has the receipt rules.
        resources: has their buckets and functions.
        clients: access the bucket.
        deliver: invokes a function asynchronously.
        listening: the listening socket; connections are accepted after `start`.
        room: a lock held while a mail is stored, as by a request.
    """

    template: Template
    resources: Resources
    clients: Clients
    deliver: Callable[[str, Event], None]
    listening: socket
    room: AbstractContextManager[Any]
    verdicts: Verdicts = field(default_factory=Verdicts)

    @property
    def port(self) -> int:
        """The port."""
        return int(self.listening.getsockname()[1])

    def start(self) -> None:
        """Start listening."""
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="smtp")
        self._thread.start()
        opening = self._loop.create_server(self._listener, sock=self.listening)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result()

    def stop(self) -> None:
        """Stop listening."""
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _listener(self) -> SMTP:
        return _Protocol(self, data_size_limit=LARGEST_MAIL, enable_SMTPUTF8=True, loop=self._loop)

    def clear(self) -> None:
        """Reset all verdicts to PASS."""
        self.verdicts = Verdicts()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Accept a recipient that matches a rule."""
        if not any(_takes(rule, address) for rule in self._rules()):
            return "550 5.1.1 No rule takes mail for this address"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Accept a complete mail."""
        raw = envelope.original_content or b""
        # aiosmtpd keeps the brackets only of an empty reverse-path (RFC 5321, 4.5.5).
        sender, recipients = (envelope.mail_from or "").strip("<>"), list(envelope.rcpt_tos)
        identity = await asyncio.to_thread(self.bring, raw, sender, recipients)
        return f"250 OK {identity}"

    def bring(self, raw: bytes, sender: str, recipients: Sequence[str]) -> str:
        """Put a mail into the bucket and notify the function of its rule; returns SES's id."""
        identity = uuid4().hex
        with self.room:
            for rule in self._rules():
                taken = [address for address in recipients if _takes(rule, address)]
                if taken:
                    event = received(identity, sender, taken, datetime.now(UTC), self.verdicts)
                    self._act(rule, raw, event)
        return identity

    def _act(self, rule: Document, raw: bytes, event: Event) -> None:
        (ses,) = (record["ses"] for record in event["Records"])
        for action in rule["Actions"]:
            if to := action.get("S3Action"):
                self.clients.s3.put_object(
                    Bucket=to["BucketName"],
                    Key=to.get("ObjectKeyPrefix", "") + ses["mail"]["messageId"],
                    Body=_fields(ses).encode() + raw,
                )
            elif to := action.get("LambdaAction"):
                self.deliver(to["FunctionArn"].rsplit(":", 1)[-1], event)

    def _rules(self) -> list[Document]:
        found = self.template.of_type("AWS::SES::ReceiptRule")
        return [self.resources.properties(resource)["Rule"] for resource in found]


def _takes(rule: Document, address: str) -> bool:
    local, _, domain = address.lower().rpartition("@")
    plain = f"{local.partition('+')[0]}@{domain}"
    known = {recipient.lower() for recipient in rule.get("Recipients", ())}
    return not known or not known.isdisjoint({address.lower(), plain, domain})


def _fields(ses: Mapping[str, Any]) -> str:
    """The header fields that SES prepends to a stored mail."""
    mail, receipt = ses["mail"], ses["receipt"]

    def said(name: str) -> str:
        return {"PASS": "pass", "FAIL": "fail"}.get(receipt[f"{name}Verdict"]["status"], "none")

    domain = mail["source"].rpartition("@")[2]
    return (
        f"Return-Path: <{mail['source']}>\r\n"
        f"Received: from localhost by inbound-smtp.{REGION}.amazonaws.com with SMTP"
        f" id {mail['messageId']}; {format_datetime(datetime.now(UTC))}\r\n"
        f"X-SES-Spam-Verdict: {receipt['spamVerdict']['status']}\r\n"
        f"X-SES-Virus-Verdict: {receipt['virusVerdict']['status']}\r\n"
        f"Authentication-Results: amazonses.com;\r\n"
        f" spf={said('spf')} smtp.mailfrom={domain};\r\n"
        f" dkim={said('dkim')} header.i=@{domain};\r\n"
        f" dmarc={said('dmarc')} header.from={domain};\r\n"
    )


def received(
    identity: str,
    sender: str,
    recipients: Sequence[str],
    at: datetime,
    verdicts: Verdicts,
) -> Event:
    """The event with which SES notifies a function of a mail."""
    thought = asdict(verdicts)
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "Records": [
            {
                "eventSource": "aws:ses",
                "eventVersion": "1.0",
                "ses": {
                    "mail": {
                        "timestamp": stamp,
                        "source": sender,
                        "messageId": identity,
                        "destination": list(recipients),
                        "headersTruncated": False,
                        "headers": [],
                        "commonHeaders": {},
                    },
                    "receipt": {
                        "timestamp": stamp,
                        "processingTimeMillis": 100,
                        "recipients": list(recipients),
                        **{f"{name}Verdict": {"status": word} for name, word in thought.items()},
                        "action": {
                            "type": "Lambda",
                            "functionArn": "arn:aws:lambda:local:function:receive",
                            "invocationType": "Event",
                        },
                    },
                },
            }
        ]
    }
