"""From a template and its values to a mail: subject, HTML, plain text, headers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from email_validator import EmailNotValidError, validate_email

from helpdesk import text
from helpdesk.model import Template

Values = Mapping[str, str]
"""What stands in a template's places, by their names."""

HTML_VALUES = {"message", "comments"}
"""Values that are safe HTML already; every other one is escaped where it goes into HTML."""

_PLACE = re.compile(r"%\{([a-z_.]+)\}")

MAILER = "Deskless"

LONGEST_SUBJECT = 250
"""Characters; a longer subject is cut, as mail programs cut it anyway."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a mail says, without where it goes."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a mail goes and how it may be answered. Addresses are as SES takes them."""

    sender: tuple[str, str]
    recipient: tuple[str, str]
    reply_to: str
    date: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


def mailable(address: str) -> str | None:
    """An address as SES takes it, its domain in ASCII; None where no mail can reach it: SES knows
    no letters outside ASCII left of the @.
    """
    try:
        # `.test` is let through: a desk that is tried out must be able to write to it.
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return checked.ascii_email


def words(template: Template, values: Values, separator: str = "") -> Words:
    """The template with its places filled in; a place without a value stays as it is written.

    `separator` is the line above which people answer: hidden in the HTML, the text's first line.
    """
    subject = _fill(
        template.subject, {name: text.one_line(value) for name, value in values.items()}
    )
    html = _fill(
        template.body,
        {name: v if name in HTML_VALUES else escape(v) for name, v in values.items()},
    )
    hidden = f'<div style="display:none">{escape(separator)}</div>' if separator else ""
    above = f"{separator}\n\n" if separator else ""
    return Words(
        subject=text.one_line(subject)[:LONGEST_SUBJECT],
        html=f"<!DOCTYPE html><html><body>{hidden}{html}</body></html>",
        text=above + text.plain(html),
    )


def _fill(template: str, values: Values) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


def mail(words: Words, envelope: Envelope) -> bytes:
    """The whole mail as it goes out. SES puts a Message-ID of its own in."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(*envelope.sender)
    message["To"] = _address(*envelope.recipient)
    message["Reply-To"] = Address(addr_spec=envelope.reply_to)
    message["Subject"] = words.subject
    message["Date"] = format_datetime(envelope.date)
    message["X-Mailer"] = MAILER
    for name, value in envelope.headers.items():
        message[name] = value
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def _address(name: str, address: str) -> Address:
    return Address(display_name=text.one_line(name), addr_spec=address)
