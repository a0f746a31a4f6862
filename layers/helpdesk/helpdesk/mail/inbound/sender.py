"""Finds the author of a mail if From does not name them: lists that replace From, or no From.

Docs/osticket.md, rows R and S.
"""

import re
from dataclasses import dataclass

from helpdesk import mail_ids
from helpdesk.mail.parsing.message import Message
from helpdesk.mail_syntax.addresses import Mailbox, mailboxes, written_addresses
from helpdesk.mail_syntax.headers import Header
from helpdesk.storage.person_items import folded

_VIA = re.compile(r"\s+via\s+\S.*\Z", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sender:
    """The author of a mail. `from_field` tells whether From names this address and no other: only
    then do checks of From, such as DMARC, apply to it.
    """

    mailbox: Mailbox
    from_field: bool


def find_sender(message: Message, envelope_sender: str) -> Sender:
    """The sender of a mail; empty only if the mail has no address at all. If a list has replaced
    From, the sender is in Reply-To, X-Original-From or X-Original-Sender; without From, in
    Reply-To, in Sender or in the envelope.
    """
    named = message.sender
    if not named.address:
        found = _without_from(message, envelope_sender)
        return Sender(Mailbox(found.name or named.name, found.address), from_field=False)
    if author := _behind_list(message):
        return Sender(Mailbox(_without_list(author.name or named.name), author.address), False)
    written = {folded(a) for line in message.header.all("from") for a in written_addresses(line)}
    return Sender(named, written == {folded(named.address)})


def _without_from(message: Message, envelope_sender: str) -> Mailbox:
    path = envelope_sender or message.header.first("return-path")
    candidates = (*message.reply_to, *_boxes(message.header, "sender"), *mailboxes(path))
    return next((box for box in candidates if box.address), Mailbox())


def _behind_list(message: Message) -> Mailbox | None:
    """The author of a mail whose From is a list; None if From is the author's."""
    header, address = message.header, folded(message.sender.address)
    own = mail_ids.is_ours(address)
    replies = {folded(box.address): box for box in message.reply_to}
    lists = _list_addresses(message)
    by_list = bool(header.first("list-id")) and len(replies) == 1 and not lists & replies.keys()
    if not own and not by_list:
        return None
    originals = (*_boxes(header, "x-original-from"), *_boxes(header, "x-original-sender"))
    candidates = (*(message.reply_to if len(replies) == 1 else ()), *originals)
    for box in candidates:
        if not mail_ids.is_ours(box.address) and folded(box.address) not in lists:
            return box if folded(box.address) != address else None
    return None


def _list_addresses(message: Message) -> set[str]:
    """The addresses of the list that sent the mail: that of List-Post, and the one derived from
    List-Id (RFC 2369, 3.4; RFC 2919).
    """
    header = message.header
    posts = [box for value in header.all("list-post") for box in mailboxes(value)]
    addresses = {folded(box.address.removeprefix("mailto:")) for box in posts}
    spelled = {value.rpartition("<")[2].strip("<> ").lower() for value in header.all("list-id")}
    replies = {folded(box.address) for box in message.reply_to}
    return addresses | {one for one in replies if one.replace("@", ".") in spelled}


def _without_list(name: str) -> str:
    """The name without ` via <list>` and the quotes that lists put around it."""
    return _VIA.sub("", name).strip().strip("'\"").strip()


def _boxes(header: Header, name: str) -> tuple[Mailbox, ...]:
    found = (box for value in header.all(name) for box in mailboxes(value))
    return tuple(box for box in found if box.address)
