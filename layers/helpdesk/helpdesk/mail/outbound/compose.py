"""Composes the mail to one recipient: content, files, threading headers (docs/osticket.md 4.5)."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape

from helpdesk import mail_ids, text
from helpdesk.catalogue.mail_templates import TEMPLATES
from helpdesk.clock import now, to_iso
from helpdesk.mail.outbound import render
from helpdesk.mail.outbound.notices import Notification, NotificationContext, Recipient
from helpdesk.mail_ids import MailIdentity
from helpdesk.model.catalogue import Template
from helpdesk.model.entries import Body, Entry
from helpdesk.model.files import Attachment, NewFile
from helpdesk.storage import aws, objects

LONGEST_LOCAL_PART = 64
"""Most characters of a local part (RFC 5321, 4.5.3.1.1)."""

LONGEST_MESSAGE = 500_000
"""Most characters of a body in a mail; the rest is in the ticket, as the mail says."""


@dataclass(frozen=True)
class MailContext:
    """What the mails of one event are made from; `secret` signs their ids. For a mail that is only
    shown, files are not loaded and have no bytes.
    """

    context: NotificationContext
    secret: str
    loads: bool = True

    @cached_property
    def files(self) -> Mapping[int, NewFile]:
        """The entry's files to attach, by id; as many as fit."""
        shown = self.context.shown
        if shown is None or not self.context.known.settings.email_attachments:
            return {}
        body = _html(shown.body)
        sizes = [(file.name, file.size) for file in shown.attachments]
        fit = render.fitting(sizes, render.Words("", body, body))
        chosen = [file for file, fits in zip(shown.attachments, fit, strict=True) if fits]
        if not self.loads:
            return {file.id: replace(_file(file, b""), uploaded=file.size) for file in chosen}
        data = aws.together(*(lambda key=file.object: objects.get(key) for file in chosen))
        return {file.id: _file(file, whole) for file, whole in zip(chosen, data, strict=True)}


def _file(file: Attachment, data: bytes) -> NewFile:
    return NewFile(file.name, file.type, data, inline=file.inline, content_id=file.content_id)


# --- the content ----------------------------------------------------------------------------


def compose(
    notification: Notification, mail_context: MailContext, address: str, sent: Iterable[str]
) -> bytes:
    """The complete mail to this address, in the form that SES accepts. `sent` lists the mails that
    its recipient got about the ticket before: each a time and a Message-ID, separated by a space.
    """
    context = mail_context.context
    settings, shown = context.known.settings, context.shown
    template = _template(notification, context)
    files = files_of(notification, mail_context)
    left = [file for file in shown.attachments if file.id not in files] if shown else []
    words = render.words(
        template,
        _values(notification, context, files),
        settings.reply_separator if settings.strip_quoted_reply else "",
        _names(left) if "%{message}" in template.body else "",
    )
    signed = _signed(notification.to, mail_context, shown.id if shown else 0)
    envelope = render.Envelope(
        sender=(os.environ["FROM_NAME"], os.environ["FROM_ADDRESS"]),
        recipient=(notification.to.name, address),
        reply_to=_reply_to(signed),
        date=now(),
        headers={
            **notification.headers,
            **_threading(notification.to, mail_context, sent),
            render.PROOF: mail_ids.prove(tag(notification, context), mail_context.secret),
        },
    )
    return render.mail(words, envelope, list(files.values()))


def tag(notification: Notification, context: NotificationContext) -> str:
    """The tag of a mail, which identifies it in SES's notices and in reports of other systems."""
    return f"{context.event.id.sk.removeprefix('V#')}-{notification.name}"


def files_of(notification: Notification, mail_context: MailContext) -> Mapping[int, NewFile]:
    """The files to attach to a mail, by id."""
    return mail_context.files if notification.files else {}


def words(
    template: Template, notification: Notification, context: NotificationContext
) -> render.Words:
    """The content of a template, without files, for a test mail or a preview."""
    return render.words(template, _values(notification, context, {}))


def subject(notification: Notification, context: NotificationContext) -> str:
    """The subject of a mail."""
    values = _values(notification, context, None)
    return render.words(replace(_template(notification, context), body=""), values).subject


def _template(notification: Notification, context: NotificationContext) -> Template:
    templates = {row.name: row for row in context.known.templates.values()}
    # A desk that was set up before a template was introduced has no row of it.
    return templates.get(notification.template) or _stock(notification.template)


def _stock(name: str) -> Template:
    return Template(0, name, *TEMPLATES[name])


def _values(
    notification: Notification, context: NotificationContext, files: Mapping[int, NewFile] | None
) -> dict[str, str]:
    """The values of a template's placeholders. A mail to a person has no values that only staff may
    see: assignee, priority, notes. Without `files` the values of the entry are left out, as for a
    subject.
    """
    ticket, known, shown = context.ticket, context.known, context.shown
    department = context.department
    topic = known.topics.get(ticket.topic or 0)
    status = known.statuses.get(ticket.status)
    values = {
        "ticket.number": ticket.number,
        "ticket.subject": ticket.subject,
        "ticket.name": ticket.person_name,
        "ticket.email": ticket.person_email,
        "ticket.status": status.name if status else "",
        "ticket.topic.name": topic.name if topic else "",
        "ticket.create_date": f"{ticket.created:%Y-%m-%d %H:%M} UTC",
        "recipient.name": notification.to.name,
        "company.name": known.settings.helpdesk_title,
        "message": "",
        "comments": "",
        "poster.name": "",
    }
    staff = notification.to.role == "S"
    if department and (staff or department.public):
        values["ticket.dept.name"] = department.name
    if shown and (staff or shown.kind != "note"):
        values["message"] = "" if files is None else _shown(shown, files)
        values["poster.name"] = shown.poster
        values["comments"] = values["message"] if context.entry else ""
    if staff:
        priority = known.priorities.get(ticket.priority)
        agent = known.agents.get(ticket.agent or 0)
        values |= {
            "ticket.priority": priority.name if priority else "",
            "ticket.due_date": f"{ticket.deadline:%Y-%m-%d %H:%M} UTC" if ticket.deadline else "",
            "assignee.name": agent.name if agent else "",
        }
    return {**values, **notification.values}


def _shown(entry: Entry, files: Mapping[int, NewFile]) -> str:
    there = {file.content_id for file in files.values() if file.inline}
    names = {file.content_id: file.name for file in entry.attachments if file.content_id}
    html = render.without_pictures(_html(entry.body), there, names)
    return render.with_far_pictures(html) if entry.kind == "response" else html


def _html(body: Body) -> str:
    if len(body.text) > LONGEST_MESSAGE:
        start = _as_written(escape(text.as_plain(body)[:LONGEST_MESSAGE]))
        return f"<p>{start}</p><p>The rest is too long for a mail. It is kept with the request.</p>"
    html = text.as_html(body)
    return html if body.format == "html" else _as_written(html)


_INDENTS = re.compile(r"^[ \t]+|[ \t]{2,}|\t", re.MULTILINE)


def _as_written(escaped: str) -> str:
    """Escaped text as HTML that keeps its lines and indents, for code and tables."""
    kept = _INDENTS.sub(lambda found: "&nbsp;" * len(found[0].replace("\t", " " * 4)), escaped)
    return kept.replace("\n", "<br>")


def _names(left: Iterable[Attachment]) -> str:
    """HTML that names the files that are not attached."""
    listed = ", ".join(f"{escape(file.name)} ({_size(file.size)})" for file in left)
    return (
        f"<p>Files that are kept with the request, not in this mail: {listed}</p>" if left else ""
    )


def _size(count: int) -> str:
    for unit, size in (("MB", 1024 * 1024), ("KB", 1024)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"


# --- threading ------------------------------------------------------------------------------


def _signed(to: Recipient, mail_context: MailContext, entry: int) -> str:
    identity = MailIdentity(mail_context.context.ticket.id, entry, to.id, to.role)
    return mail_ids.sign(identity, mail_context.secret)


def _reply_to(signed: str) -> str:
    support = os.environ["SUPPORT_ADDRESS"]
    local, _, domain = support.rpartition("@")
    marked = f"{local}+{signed}"
    # A long local part leaves no room for the id; then only References has it.
    return f"{marked}@{domain}" if len(marked) <= LONGEST_LOCAL_PART else support


_ID = re.compile(r"[!-;=?-~]{1,250}")
_MADE_UP = re.compile(r"[0-9a-f]{64}@local")


def _threading(to: Recipient, mail_context: MailContext, sent: Iterable[str]) -> dict[str, str]:
    """The headers by which mail programs thread a mail. `References` begins with an id made by the
    desk, which is the same in all mails to one recipient about a ticket. Then come the ids of the
    thread's mails, in order, and last the mail that this one answers: the newest that its recipient
    has sent to the desk or got from it, else the newest of all.
    """
    ticket = mail_context.context.ticket
    root = _signed(to, mail_context, next(iter(ticket.entries), 0))
    ours = f"<{root}@{os.environ['MAIL_DOMAIN']}>"
    exchanged = [(at, 1, named) for at, _, named in (one.partition(" ") for one in sent)]
    received = []
    for entry in mail_context.context.thread:
        named = entry.message_id.strip("<> ")
        if not _ID.fullmatch(named) or _MADE_UP.fullmatch(named):
            continue
        # Agents' mails to the desk are not shown to requesters.
        if to.role == "S" or entry.kind == "message":
            received.append((to_iso(entry.created), 0, named))
        if to.id and to.id == (entry.agent if to.role == "S" else entry.person):
            exchanged.append((to_iso(entry.created), 0, named))
    if not (exchanged or received):
        return {"References": ours}
    answered = max(exchanged or received)[-1]
    chain = [named for *_, named in sorted({*exchanged, *received}) if named != answered]
    ids = dict.fromkeys((*chain, answered))
    return {
        "In-Reply-To": f"<{answered}>",
        "References": " ".join([ours, *(f"<{named}>" for named in ids)]),
    }
