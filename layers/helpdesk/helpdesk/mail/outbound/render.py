"""Renders a template and its values into a mail: subject, HTML, plain text, headers, files."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from html import escape, unescape

from email_validator import EmailNotValidError, validate_email

from helpdesk import text
from helpdesk.model.catalogue import Template
from helpdesk.model.files import NewFile

Values = Mapping[str, str]
"""The values of a template's placeholders, by name."""

HTML_VALUES = {"message", "comments", "ticket.times", "unsubscribe"}
"""Values that are safe HTML already; every other value is escaped in HTML."""

_PLACEHOLDER = re.compile(r"%\{([a-z_.]+)\}")

MAILER = "Deskless"

PROOF = "X-Mail-Proof"
"""The header that proves that a returned mail was sent by the desk (`mail_ids.prove`)."""

LONGEST_SUBJECT = 250
"""Characters; a longer subject is cut, as mail programs cut it anyway."""

LARGEST_MAIL = 40 * 1024 * 1024
"""SES's limit for a complete mail in bytes, files in base64 (SES developer guide, "Quotas")."""

_UNWELCOME = """
ade adp app asp bas bat cer chm cmd com cpl crt csh der exe fxp gadget hlp hta inf ins isp its js
jse ksh lib lnk mad maf mag mam maq mar mas mat mau mav maw mda mdb mde mdt mdw mdz msc msh msh1
msh1xml msh2 msh2xml mshxml msi msp mst ops pcd pif plg prf prg ps1 ps1xml ps2 ps2xml psc1 psc2 reg
scf scr sct shb shs sys tmp url vb vbe vbs vps vsmacros vss vst vsw vxd ws wsc wsf wsh xnk
"""
UNWELCOME = frozenset(_UNWELCOME.split())
"""Extensions of files for which SES rejects the mail (SES developer guide, "Unsupported attachment
types").
"""

_AROUND_FILE = 1500
"""Bytes of a part besides its file: headers, boundary, name."""

_MARGIN = 256 * 1024
"""Bytes reserved for headers and for the names of files that are left out."""


@dataclass(frozen=True, slots=True)
class Words:
    """The content of a mail: subject, HTML and text, without headers."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """The headers of a mail. Addresses are in the form that SES accepts."""

    sender: tuple[str, str]
    recipient: tuple[str, str]
    reply_to: str
    date: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


def mailable(address: str) -> str | None:
    """An address in the form that SES accepts, its domain in ASCII; None if it cannot be mailed:
    SES supports no non-ASCII local parts.
    """
    try:
        # `.test` is allowed, so that a desk can be tried out with such addresses.
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return checked.ascii_email


def words(template: Template, values: Values, separator: str = "", below: str = "") -> Words:
    """The template with its placeholders filled in; unknown placeholders stay as written.
    `separator` is the line above which people reply: hidden in the HTML, the first line of the
    text. `below` is HTML appended to the template.
    """
    subject = _fill(
        template.subject, {name: text.one_line(value) for name, value in values.items()}
    )
    html = _fill(
        template.body,
        {name: v if name in HTML_VALUES else escape(v) for name, v in values.items()},
    )
    html += below
    hidden = f'<div style="display:none">{escape(separator)}</div>' if separator else ""
    above = f"{separator}\n\n" if separator else ""
    return Words(
        subject=text.one_line(subject)[:LONGEST_SUBJECT],
        html=f"<!DOCTYPE html><html><body>{hidden}{html}</body></html>",
        text=above + text.plain(html),
    )


def _fill(template: str, values: Values) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)


# --- files ----------------------------------------------------------------------------------


def fitting(sizes: Iterable[tuple[str, int]], words: Words) -> list[bool]:
    """Which of these files, given as name and size in bytes, are attached to a mail with this
    content. Files are taken in order as long as the mail stays within LARGEST_MAIL; UNWELCOME files
    are never attached.
    """
    # Quoted-printable turns one byte into three at most.
    room = LARGEST_MAIL - _MARGIN - 3 * len((words.html + words.text).encode())
    fit = []
    for name, size in sizes:
        lines = -(-size // 57)  # base64: 57 bytes become a line of 76 letters and its end
        taken = lines * 78 + _AROUND_FILE
        fits = taken <= room and name.rpartition(".")[2].strip().lower() not in UNWELCOME
        room -= taken if fits else 0
        fit.append(fits)
    return fit


_IMG = re.compile(r'<img(?: [a-z-]+="[^"]*")*>')
_CID = re.compile(r' src="cid:([^"]*)"')


def without_pictures(html: str, there: Collection[str], names: Mapping[str, str]) -> str:
    """Clean HTML in which each picture that is not attached is replaced by its name in brackets.
    `there` are the content ids of attached ones; `names` are the file names by content id.
    """

    def shown(img: re.Match[str]) -> str:
        source = _CID.search(img[0])
        content_id = unescape(source[1]) if source else ""
        if source is None or content_id in there:
            return img[0]
        return f"[{escape(names.get(content_id, 'image'))}]"

    return _IMG.sub(shown, html)


def with_far_pictures(html: str) -> str:
    """Clean HTML in which remote pictures are shown again. Only for agents' entries: other authors
    could track who reads the mail and when (`text.clean`).
    """

    def shown(img: re.Match[str]) -> str:
        return img[0] if ' src="' in img[0] else img[0].replace(' data-src="', ' src="')

    return _IMG.sub(shown, html)


# --- the mail -------------------------------------------------------------------------------


class _Ids(UnstructuredHeader, BaseHeader):
    """A header of Message-IDs, one per line. `email` would encode an id that is longer than a line,
    and mail programs would not recognise it.
    """

    def fold(self, *, policy: Policy) -> str:
        ids = f"{policy.linesep} ".join(str(self).split())
        return f"{self.name}: {ids}{policy.linesep}"


_HEADERS = HeaderRegistry()
for _name in ("in-reply-to", "references"):
    _HEADERS.map_to_type(_name, _Ids)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def mail(words: Words, envelope: Envelope, files: Sequence[NewFile] = ()) -> bytes:
    """The complete mail, without a Message-ID, since SES sets its own."""
    message = EmailMessage(policy=_POLICY)
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
    html = message.get_body(("html",))
    for file in files:
        kind, subtype = _media_type(file.type)
        name = text.one_line(file.name)
        if html is not None and file.inline and file.content_id:
            html.add_related(
                file.data,
                maintype=kind,
                subtype=subtype,
                disposition="inline",
                cid=f"<{text.one_line(file.content_id)}>",
                filename=name,
            )
        else:
            message.add_attachment(file.data, maintype=kind, subtype=subtype, filename=name)
    return message.as_bytes()


_MEDIA_TYPE = re.compile(r"([A-Za-z0-9!#$&^_+-]+)/([A-Za-z0-9!#$&^_.+-]+)")


def _media_type(given: str) -> tuple[str, str]:
    """The media type of a file's part; messages and multiparts travel as bytes."""
    found = _MEDIA_TYPE.fullmatch(given.partition(";")[0].strip())
    if found is None or found[1].lower() in {"message", "multipart"}:
        return "application", "octet-stream"
    return found[1], found[2]


def _address(name: str, address: str) -> Address:
    return Address(display_name=text.one_line(name), addr_spec=address)
