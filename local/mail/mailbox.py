"""Every mail sent by SES, parsed as its recipient would see it; and SES's events about it.

Mail to SES's mailbox simulator bounces or gets a complaint, as on AWS.

Rules: SES API v2 reference, SendEmail; SES developer guide, "Event publishing with Amazon SNS" and
"Using the mailbox simulator".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from threading import Lock
from typing import Any
from uuid import uuid4

from local.aws.answers import Answer
from local.aws.calls import Call
from local.cloudformation.intrinsics import ACCOUNT, REGION
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.functions import Event


@dataclass(frozen=True)
class Mail:
    """One mail. `to` are the addresses of its `To` header, without names, separated by commas.

    A repeated header has all its lines.
    """

    to: str
    subject: str
    text: str | None
    html: str | None
    message_id: str
    headers: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """The mail as shown by /local/mail."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Mail:
        """A mail from the result of `as_json`."""
        return cls(**{name: given[name] for name in cls.__dataclass_fields__})


@dataclass
class Mailbox:
    """The sent mail, oldest first.

    Args:
        template: has the configuration sets, topics and subscriptions.
        resources: has their names.
        deliver: invokes a function asynchronously.
    """

    template: Template
    resources: Resources
    deliver: Callable[[str, Event], None]
    _mails: list[Mail] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def mails(self) -> list[Mail]:
        """All mails so far."""
        with self._lock:
            return list(self._mails)

    def put_back(self, mails: Iterable[Mail]) -> None:
        """Restore mail that was sent before this process started."""
        with self._lock:
            self._mails = [*mails, *self._mails]

    def clear(self) -> None:
        """Drop all mail."""
        with self._lock:
            self._mails.clear()

    def hear(self, call: Call, body: bytes, answer: Answer) -> None:
        """Record a mail that SES has accepted, and send SES's events about it."""
        if call.operation != "SendEmail":
            return
        request = json.loads(body)
        identity = json.loads(answer.body)["MessageId"]
        message = _message(request, identity)
        mail = _read(message)
        with self._lock:
            self._mails.append(mail)
        if "ConfigurationSetName" in request:
            self._tell(request, _about(request, identity, mail), mail)

    def _tell(self, request: Mapping[str, Any], about: Mapping[str, Any], mail: Mail) -> None:
        self._publish(request, {"eventType": "Send", "mail": about, "send": {}})
        local, _, domain = mail.to.partition("@")
        if domain == SIMULATOR and (outcome := OUTCOMES.get(local.partition("+")[0].lower())):
            kind, told = outcome
            self._publish(request, {"eventType": kind, "mail": about, kind.lower(): told})

    def _publish(self, request: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        used, kind = request["ConfigurationSetName"], event["eventType"].upper()
        for resource in self.template.of_type("AWS::SES::ConfigurationSetEventDestination"):
            properties = self.resources.properties(resource)
            destination = properties["EventDestination"]
            wanted = {name.upper() for name in destination["MatchingEventTypes"]}
            if properties["ConfigurationSetName"] == used and kind in wanted:
                self._notify(destination["SnsDestination"]["TopicARN"], json.dumps(event))

    def _notify(self, topic: str, message: str) -> None:
        for resource in self.template.of_type("AWS::SNS::Subscription"):
            subscription = self.resources.properties(resource)
            if subscription["TopicArn"] == topic and subscription["Protocol"] == "lambda":
                function = subscription["Endpoint"].rsplit(":", 1)[-1]
                self.deliver(function, _sns_event(topic, message))


def _message(request: Mapping[str, Any], identity: str) -> EmailMessage:
    content = request["Content"]
    if "Raw" in content:
        raw = base64.b64decode(content["Raw"]["Data"])
        message = message_from_bytes(raw, policy=policy.default)
    else:
        message = _simple(request, content["Simple"])
    # SES replaces any existing one by its own.
    for name, value in (
        ("Message-ID", f"<{identity}@email.amazonses.com>"),
        ("Date", format_datetime(datetime.now(UTC))),
    ):
        del message[name]
        message[name] = value
    return message


def _simple(request: Mapping[str, Any], simple: Mapping[str, Any]) -> EmailMessage:
    message = EmailMessage()
    message["From"] = request["FromEmailAddress"]
    for name, key in (("To", "ToAddresses"), ("Cc", "CcAddresses")):
        addresses = request.get("Destination", {}).get(key)
        if addresses:
            message[name] = ", ".join(addresses)
    if request.get("ReplyToAddresses"):
        message["Reply-To"] = ", ".join(request["ReplyToAddresses"])
    message["Subject"] = simple["Subject"]["Data"]
    for header in simple.get("Headers", ()):
        message[header["Name"]] = header["Value"]
    body = simple["Body"]
    if "Text" in body:
        message.set_content(body["Text"]["Data"])
    if "Html" in body:
        if "Text" in body:
            message.add_alternative(body["Html"]["Data"], subtype="html")
        else:
            message.set_content(body["Html"]["Data"], subtype="html")
    return message


def _read(message: EmailMessage) -> Mail:
    lines = message.get_all("To", [])
    headers: dict[str, str] = {}
    for name, value in message.items():
        headers[name] = f"{headers[name]}\n{value}" if name in headers else str(value)
    return Mail(
        to=", ".join(address.addr_spec for line in lines for address in line.addresses),
        subject=str(message.get("Subject", "")),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        message_id=str(message["Message-ID"]),
        headers=headers,
    )


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    # Lines end in CRLF on the wire, and in LF for readers.
    return None if part is None else str(part.get_content()).replace("\r\n", "\n")


SIMULATOR = "simulator.amazonses.com"
"""Domain of the mailbox simulator. Its mailboxes accept any label after a `+`."""

OUTCOMES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "bounce": ("Bounce", {"bounceType": "Permanent", "bounceSubType": "General"}),
    "suppressionlist": (
        "Bounce",
        {"bounceType": "Permanent", "bounceSubType": "OnAccountSuppressionList"},
    ),
    "complaint": ("Complaint", {"complaintFeedbackType": "abuse"}),
}
"""The events for mail to its mailboxes, besides `Send`."""


def _about(request: Mapping[str, Any], identity: str, mail: Mail) -> dict[str, Any]:
    tags = {tag["Name"]: [tag["Value"]] for tag in request.get("EmailTags", ())}
    tags["ses:configuration-set"] = [request["ConfigurationSetName"]]
    destination = request.get("Destination", {})
    recipients = [address for kind in destination.values() for address in kind] or [mail.to]
    return {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "source": request.get("FromEmailAddress", mail.headers.get("From", "")),
        "sendingAccountId": ACCOUNT,
        "messageId": identity,
        "destination": recipients,
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in mail.headers.items()],
        "commonHeaders": {"to": [mail.to], "messageId": identity, "subject": mail.subject},
        "tags": tags,
    }


def _sns_event(topic: str, message: str) -> Event:
    notification = {
        "Type": "Notification",
        "MessageId": str(uuid4()),
        "TopicArn": topic,
        "Subject": "Amazon SES Email Event Notification",
        "Message": message,
        "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "SignatureVersion": "1",
        "Signature": "local",
        "SigningCertUrl": f"https://sns.{REGION}.amazonaws.com/local.pem",
        "UnsubscribeUrl": f"https://sns.{REGION}.amazonaws.com/",
        "MessageAttributes": {},
    }
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": f"{topic}:local",
                "Sns": notification,
            }
        ]
    }
