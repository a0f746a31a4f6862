"""What a report of another mail system says of a mail: that it bounced, or its reader complains.

Delivery reports are RFC 3464's, complaints RFC 5965's, and those that Microsoft and SES send in a
form of their own. Nothing here tells whether a report is true.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from helpdesk.mail.parsing.header_block import read_header
from helpdesk.mail.parsing.mime import Part
from helpdesk.mail_syntax.headers import Header, decode_words, parameters

Said = Literal["bounce", "delayed", "complaint"]

NO_COMPLAINTS = frozenset({"not-spam", "auth-failure"})
"""Kinds of feedback by which the reader of a mail does not complain: it is none after all (RFC
6430), or a check of its sender has failed (RFC 6591).
"""

_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_FEEDBACK = "message/feedback-report"
_DEEPEST = 2
"""Levels below the mail itself at which a report's part is looked for: mailing lists and scanners
put one around it.
"""
_MOST_BLOCKS = 50

# Microsoft's Junk Mail Reporting Program, and SES's feedback forwarding.
_OWN_FORM = re.compile(r"staff@hotmail\.com|complaints@([a-z0-9-]+\.)?email-abuse\.amazonses\.com")
_OWN_SUBJECT = "complaint about message from"

_LATER = re.compile(r"5\.(2\.[23]|3\.4|[67]\.\d+)")
"""Permanent failures of this one mail, not of its address: a mailbox that is full, a mail that is
too large, has the wrong content, or is unwelcome (RFC 3463). SES calls them transient as well.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says of the mail that it returns, and of which recipients, in lower case; none
    where it names none. `said` is None where nothing is to be noted of the mail.
    """

    said: Said | None
    recipients: frozenset[str] = frozenset()


def read(root: Part) -> Report | None:
    """The report that a mail is; None where it is none. Of a bounce, the worst that is said of a
    recipient counts.
    """
    kind = _report_type(root)
    for part in _near(root):
        if part.type == _FEEDBACK:
            return Report(_feedback(_fields(part.content[0])))
        if part.type in _DELIVERY and kind in {"", "delivery-status"}:
            return _delivery(part.content[0])
    if kind == "feedback-report" or _is_own_form(root.header):
        return Report("complaint")
    return None


def _near(root: Part) -> Iterator[Part]:
    return (part for part in root.walk() if 0 < part.level <= _DEEPEST)


def _report_type(root: Part) -> str:
    """The kind of report that the mail calls itself; empty for none."""
    named = (parameters(value)[1] for value in root.header.bytes_of("content-type"))
    return next(filter(None, (one.get("report-type", "").lower() for one in named)), "")


def _is_own_form(header: Header) -> bool:
    return decode_words(header.first("subject")).lower().startswith(_OWN_SUBJECT) and bool(
        _OWN_FORM.search(header.first("from").lower())
    )


def _fields(block: bytes) -> Header:
    # A blank line tells the reader that all of it are fields.
    return read_header(block.strip() + b"\n\n")


def _feedback(header: Header) -> Said | None:
    kind = header.first("feedback-type").partition(";")[0].strip().lower()
    return None if kind in NO_COMPLAINTS else "complaint"


# --- delivery reports -----------------------------------------------------------------------

_RANKS: tuple[Said | None, ...] = (None, "delayed", "bounce")


def _delivery(content: bytes) -> Report:
    """Of all recipients' blocks, which follow that of the mail (RFC 3464, 2)."""
    recipients: set[str] = set()
    worst = 0
    for block in re.split(rb"\r?\n(?:[ \t]*\r?\n)+", content.strip(), maxsplit=_MOST_BLOCKS):
        header = _fields(block)
        recipients |= {
            _address(value)
            for name in ("original-recipient", "final-recipient")
            for value in header.all(name)
        }
        worst = max(worst, _RANKS.index(_of_recipient(header)))
    return Report(_RANKS[worst], frozenset(filter(None, recipients)))


def _of_recipient(header: Header) -> Said | None:
    action = header.first("action").split("(")[0].strip().lower()
    status = header.first("status").split("(")[0].strip()
    if action == "failed":
        return "bounce" if status.startswith("5.") and not _LATER.match(status) else "delayed"
    return "delayed" if action == "delayed" else None


def _address(value: str) -> str:
    """The address of `rfc822; ann@example.org`."""
    return value.rpartition(";")[2].strip().strip("<>").lower()
