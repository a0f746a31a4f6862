"""Parses a raw mail into one value: sender, recipients, body, files. `read_message` is independent
of desk and cloud. It accepts any bytes, never raises, and loses nothing that the sender wrote: if
it cannot read a part, the raw mail is added to the files.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal

from helpdesk.mail.parsing import automatic, mime, quotes, reports
from helpdesk.mail.parsing.contents import MOST_FILES, Contents
from helpdesk.mail.parsing.mime import Part, Tree
from helpdesk.mail.parsing.reports import Report
from helpdesk.mail_syntax import addresses, charsets, headers
from helpdesk.mail_syntax.addresses import Mailbox
from helpdesk.mail_syntax.headers import Header
from helpdesk.model.entries import Body
from helpdesk.model.files import NewFile

__all__ = ["MOST_FILES", "SEPARATOR", "Header", "Mailbox", "Message", "read_message"]

SEPARATOR = "-- reply above this line --"
"""The default of the setting `reply_separator`, which is osTicket's."""

_MOST_WRAPPERS = 5
_FEWEST_FIELDS = 2


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed mail.

    `text` and `html` are the mail's text in each form, as sent; `body` is the part shown in a
    ticket, `quoted` the quoted mail cut off below it: together they are the whole text, in the same
    format. Ids are in angle brackets, addresses as they were written, times in UTC.

    `wrapper` is the sender of the enclosing mail, if there is one: SPF, DKIM and DMARC verdicts are
    then about that address. `report` is the content of another mail system's report. `unread` tells
    why the raw mail is among the files; empty if everything could be read.
    """

    sender: Mailbox
    subject: str
    message_id: str
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    delivered_to: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    text: str = ""
    html: str = ""
    body: Body = field(default_factory=lambda: Body(""))
    quoted: str = ""
    files: tuple[NewFile, ...] = ()
    bounce: bool = False
    auto_reply: bool = False
    precedence: str = ""
    importance: Literal["high", "normal", "low", ""] = ""
    header: Header = field(default_factory=Header)
    wrapper: Mailbox | None = None
    report: Report | None = None
    unread: str = ""


def read_message(raw: bytes, separator: str = SEPARATOR) -> Message:
    """Parses a mail of any bytes (docs/osticket.md 4.1; docs/mail.md).

    `separator` is the line above which the new text of a reply is; empty for none.
    """
    outer = mime.split(_with_line_feeds(raw))
    tree, wrappers = _unwrap(outer)
    header = replace(tree.root.header, charset=_assumed_charset(tree.root))
    message = _read_header(header, raw)
    contents = Contents(tree.root, header.charset)
    body, unread = contents.body(), tree.missing or contents.missing
    if (count := len(outer.root.header.fields)) < _FEWEST_FIELDS:
        unread = f"fields in the header: {count}"
        body = replace(body, text=f"Email parse failed: [{unread}]\n\n{body.text}".strip())
    if unread:
        subject = headers.decode_words(header.first("subject"))
        contents.keep_raw(raw, subject or message.message_id.strip("<>"))
    visible, quoted = _cut_quote(body, separator, message)
    outside = (box for one in wrappers for box in _mailboxes(one, "delivered-to"))
    return replace(
        message,
        delivered_to=(*outside, *message.delivered_to),
        text=contents.text(),
        html=contents.html(),
        body=Body(visible, body.format),
        quoted=quoted,
        files=contents.files(),
        wrapper=_sender(wrappers[0]) if wrappers else None,
        report=reports.read(tree.root),
        unread=unread,
    )


def _unwrap(tree: Tree) -> tuple[Tree, list[Header]]:
    """The enclosed message, if the whole mail consists of one (docs/osticket.md 4.1); and the
    headers of the mails that enclose it, the outermost first.
    """
    wrappers: list[Header] = []
    while tree.root.type in mime.MESSAGES and len(wrappers) < _MOST_WRAPPERS:
        inner = mime.split(tree.root.content[0])
        if not inner.root.header.fields:
            break
        wrappers.append(tree.root.header)
        tree = inner
    return tree, wrappers


def _cut_quote(body: Body, separator: str, message: Message) -> tuple[str, str]:
    if message.bounce and body.format == "text":
        return quotes.split_returned(body.text)
    reply = bool(message.in_reply_to or message.references)
    reply = reply and not quotes.is_forward(message.subject)
    boxes = (*message.to, *message.cc, *message.delivered_to)
    domains = {box.address.rpartition("@")[2].lower() for box in boxes}
    return quotes.split(body, separator, reply=reply, domains=domains)


def _with_line_feeds(raw: bytes) -> bytes:
    """The mail from its first line on, with lines ending in line feeds or CRLF."""
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \t")
    return raw if b"\n" in raw else raw.replace(b"\r", b"\n")


# --- the header -----------------------------------------------------------------------------


def _assumed_charset(root: Part) -> str:
    """The charset of the first part that names one, which raw 8-bit fields and texts without a
    charset most likely use as well; if none does, the detected one.
    """
    named = [part.charset for part in root.walk() if part.charset]
    best = next(filter(charsets.names_charset, named), "")
    return best or charsets.detect(_evidence(root)) or next(iter(named), "")


def _evidence(root: Part) -> bytes:
    """The lines of header fields and texts that are not UTF-8, as many as needed for detection."""
    lines: list[bytes] = []
    size = 0
    for part in root.walk():
        values = [value for _, value in part.header.fields]
        if part.type.startswith("text/"):
            values += part.content[0].splitlines()
        for value in values:
            if size < charsets.LONGEST_EVIDENCE and charsets.is_foreign(value):
                lines.append(value.strip())
                size += len(value)
    return b"\n".join(lines)


def _read_header(header: Header, raw: bytes) -> Message:
    # Without a Message-ID, mails with the same bytes count as the same mail. osTicket compares only
    # the header, so that a second mail without a header would be lost.
    own = headers.message_ids([header.first("message-id")])
    return Message(
        sender=_sender(header),
        subject=headers.decode_words(header.first("subject")) or "[No Subject]",
        message_id=own[0] if own else f"<{sha256(raw).hexdigest()}@local>",
        to=_mailboxes(header, "to"),
        cc=_mailboxes(header, "cc"),
        delivered_to=_mailboxes(header, "delivered-to"),
        reply_to=_mailboxes(header, "reply-to"),
        in_reply_to=headers.message_ids(header.all("in-reply-to")),
        references=headers.message_ids(header.all("references")),
        date=next(filter(None, map(headers.date, header.all("date"))), None),
        bounce=automatic.is_bounce(header),
        auto_reply=automatic.is_auto_reply(header),
        precedence=header.first("precedence"),
        importance=_importance(header),
        header=header,
    )


def _mailboxes(header: Header, name: str) -> tuple[Mailbox, ...]:
    found = (mailbox for value in header.all(name) for mailbox in addresses.mailboxes(value))
    return tuple(mailbox for mailbox in found if mailbox.address)


def _sender(header: Header) -> Mailbox:
    """The first address in From; else the first name; else nobody."""
    named = [box for value in header.all("from") for box in addresses.mailboxes(value)]
    return next((box for box in named if box.address), named[0] if named else Mailbox())


_IMPORTANCES: dict[str, Literal["high", "normal", "low"]] = {
    **dict.fromkeys("hu12", "high"),
    **dict.fromkeys("n34", "normal"),
    **dict.fromkeys("l56", "low"),
}


def _importance(header: Header) -> Literal["high", "normal", "low", ""]:
    for name in ("x-priority", "priority", "importance", "x-msmail-priority"):
        if found := _IMPORTANCES.get(header.first(name)[:1].lower()):
            return found
    return ""
