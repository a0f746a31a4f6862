"""Parses reports of other mail systems on a mail: it bounced, or its reader complained.

Delivery reports are in the form of RFC 3464, complaints in that of RFC 5965 or in Microsoft's and
SES's own forms. Whether a report is genuine is not checked here.
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
"""Kinds of feedback that are no complaints: the mail is not spam after all (RFC 6430), or a check
of its sender has failed (RFC 6591).
"""

_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_FEEDBACK = "message/feedback-report"
_DEEPEST = 2
"""Levels below the mail itself at which a report's part is searched: mailing lists and scanners add
one around it.
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
    """The content of a report: what it says of the returned mail, and the recipients concerned, in
    lower case, if it names any. `said` is None if there is nothing to record.
    """

    said: Said | None
    recipients: frozenset[str] = frozenset()


def read(root: Part) -> Report | None:
    """The report in a mail; None if it is not a report. For a bounce, the worst status of a
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
    """The mail's own report-type; empty for none."""
    named = (parameters(value)[1] for value in root.header.bytes_of("content-type"))
    return next(filter(None, (one.get("report-type", "").lower() for one in named)), "")


def _is_own_form(header: Header) -> bool:
    return decode_words(header.first("subject")).lower().startswith(_OWN_SUBJECT) and bool(
        _OWN_FORM.search(header.first("from").lower())
    )


def _fields(block: bytes) -> Header:
    # The blank line marks all of it as fields.
    return read_header(block.strip() + b"\n\n")


def _feedback(header: Header) -> Said | None:
    kind = header.first("feedback-type").partition(";")[0].strip().lower()
    return None if kind in NO_COMPLAINTS else "complaint"


# --- delivery reports -----------------------------------------------------------------------

_RANKS: tuple[Said | None, ...] = (None, "delayed", "bounce")


def _delivery(content: bytes) -> Report:
    """The report from all recipients' blocks, which follow that of the mail (RFC 3464, 2)."""
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
