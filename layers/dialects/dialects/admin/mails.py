"""Mails in the admin API's JSON: those that are held, and those that the desk has sent."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from dialects.admin import times
from dialects.answers import as_json
from dialects.endpoint import Response
from helpdesk import text
from helpdesk.broadcasts.mails import OpenedMail as OpenedSentMail
from helpdesk.broadcasts.mails import SentMail
from helpdesk.mail.inbound.held import OpenedMail
from helpdesk.mail.inbound.quarantine import QuarantinedMail
from helpdesk.mail.inbound.receive import Outcome
from helpdesk.mail.outbound.previews import Preview
from helpdesk.mail.parsing.message import Message
from helpdesk.mail_syntax import headers
from helpdesk.model.entries import Body

LONGEST_TEXT = 250_000
"""Most characters shown of a text, an HTML and a header; longer ones can be read in the raw
mail.
"""


def held_mails(found: Iterable[QuarantinedMail], more: str | None) -> Response:
    """A page of mails that became no ticket."""
    return as_json({"items": [_listed(mail) for mail in found], "next": more})


def _listed(mail: QuarantinedMail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "reason": mail.reason,
        "at": times.shown(mail.at),
        "sender": mail.sender,
        "subject": mail.subject,
        "object": mail.object,
        "size": mail.size,
        "files": mail.files,
    }


def held_mail(mail: OpenedMail) -> Response:
    """One held mail with its content."""
    files = len(mail.message.files)
    shown = _listed(mail.listed) | {"size": mail.size, "files": files}
    return as_json(shown | said(mail.message) | {"may_take_in": mail.may_take_in})


def said(message: Message) -> dict[str, Any]:
    """The content of a mail: `text` and `html` (cleaned, empty for none), `headers`, `attachments`;
    and whether some of it was cut.
    """
    html = ""
    if message.html:
        html = text.as_html(text.sanitize(Body(message.html, "html"))[0])
    fields = [[_named(name), value] for name, value in _fields(message)]
    longest = (message.text, html, "".join(value for _, value in fields))
    return {
        "text": text.strip_controls(message.text)[:LONGEST_TEXT],
        "html": html[:LONGEST_TEXT],
        "headers": _within(fields, LONGEST_TEXT),
        "attachments": [
            {"name": file.name, "type": file.type, "size": file.size} for file in message.files
        ],
        "cut": any(len(part) > LONGEST_TEXT for part in longest),
    }


def _fields(message: Message) -> Iterable[tuple[str, str]]:
    """The fields of the header in their order, each decoded to one line."""
    header = message.header
    values = {name: iter(header.all(name)) for name, _ in header.fields}
    for name, _ in header.fields:
        yield name, headers.decode_words(next(values[name]))


def _named(field: str) -> str:
    """A field's name in its usual spelling, such as `Reply-To`."""
    return "-".join(part.capitalize() for part in field.split("-"))


def _within(fields: list[list[str]], longest: int) -> list[list[str]]:
    kept, length = [], 0
    for name, value in fields:
        length += len(value)
        if length > longest:
            break
        kept.append([name, value])
    return kept


def sent_mails(found: Iterable[SentMail], more: str | None) -> Response:
    """A page of the desk's mails. The cursor of the next page is made opaque."""
    following = more.encode().hex() if more else None
    return as_json({"items": [_sent(mail) for mail in found], "next": following})


def _sent(mail: SentMail) -> dict[str, Any]:
    ticket = {"id": mail.ticket, "number": mail.number or None}
    return {
        "id": mail.id,
        "at": times.shown(mail.at),
        "to": mail.to,
        "subject": mail.subject,
        "template": mail.template,
        "ticket": ticket if mail.ticket else None,
        "state": mail.state,
        "reason": mail.reason,
        "size": mail.size,
        "files": mail.files,
    }


_NOTHING: dict[str, Any] = {"text": "", "html": "", "headers": [], "attachments": [], "cut": False}


def sent_mail(mail: OpenedSentMail) -> Response:
    """One of the desk's mails with its content."""
    if mail.message is None:
        return as_json(_sent(mail.sent) | _NOTHING | {"made_anew": False})
    shown = said(mail.message)
    if mail.sent.message_id:
        shown["headers"].append(["Message-ID", f"<{mail.sent.message_id}>"])
    sizes = {file.name: file.size for file in mail.files}
    for file in shown["attachments"]:
        file["size"] = sizes.get(file["name"], file["size"])
    return as_json(_sent(mail.sent) | shown | {"made_anew": True})


def asked_for(mail: str) -> Response:
    """A mail that will go out."""
    return as_json({"mail": mail}, 202)


def preview(made: Preview) -> Response:
    """The preview of a template."""
    words = {"subject": made.words.subject, "html": made.words.html, "text": made.words.text}
    return as_json(words | {"unknown": list(made.unknown)})


def link(url: str, expires: datetime) -> Response:
    """An address from which something can be fetched, and until when."""
    return as_json({"url": url, "expires": times.shown(expires)})


def taken_in(outcome: Outcome) -> Response:
    """The result of releasing a held mail."""
    ticket = {"id": outcome.ticket, "number": outcome.number}
    return as_json({"ticket": ticket, "entry": outcome.entry})


def deleted(mail: str) -> Response:
    """A deleted mail."""
    return as_json({"id": mail, "deleted": True})
