"""Records what other mail systems report by mail about the desk's own mails, in the same way as
SES's notices.

Anybody can write a report. It is trusted only about a mail whose header it returns, with the desk's
proof in it (`mail_ids.prove`), and only if its own sender is not forged (docs/mail.md, "Reports of
other mail systems").
"""

from collections.abc import Mapping
from contextlib import suppress

from helpdesk import mail_ids, mail_secret
from helpdesk.errors import Damaged
from helpdesk.mail.inbound.incoming import IncomingMail
from helpdesk.mail.inbound.thread import returned_headers
from helpdesk.mail.outbound import feedback, render, send
from helpdesk.mail.parsing.message import Message
from helpdesk.mail_syntax.headers import decode_words
from helpdesk.storage import table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, mail_key


def take_in(mail: IncomingMail, found: Mapping[Key, Item]) -> None:
    """Records the outcome of the mail that a report returns; does nothing for any other mail.
    Idempotent. `found` are the items of `thread.first_keys`.

    Raises:
        ChangedUnderYou.
    """
    report, secret = mail.message.report, mail_secret.read(found)
    if report is None or report.said is None or not secret:
        return
    tag = _proven(mail.message, secret)
    if tag is None or mail.envelope.verdicts.dmarc == "FAIL":
        return
    event, _, name = tag.partition("-")
    key = mail_key(event, name)
    about = table.get(key)
    if about is None:
        return
    with suppress(Damaged):
        send.checked(about)
        # The recipient may have forwarded the mail to a list; the failure of one of its members
        # does not count.
        if not report.recipients or about["to"] in report.recipients:
            feedback.record(key, about, report.said)


def _proven(message: Message, secret: str) -> str | None:
    """The tag of the first returned mail that is proven to be the desk's."""
    for header in returned_headers(message):
        for written in header.all(render.PROOF.lower()):
            # Some systems encode the returned header.
            if tag := mail_ids.proven(decode_words(written), secret):
                return tag
    return None
