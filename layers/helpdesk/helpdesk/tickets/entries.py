"""Parts common to a ticket's first entry and later ones: body, files, and the record of a mail's
Message-ID, which deduplicates mails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from helpdesk import mail_ids, text
from helpdesk.errors import Duplicate, Invalid, Problem, TooLarge
from helpdesk.files import limits, uploads
from helpdesk.files.staging import StagedObjects
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Body, Entry, EntryKind, FromMail, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.people import NewPerson
from helpdesk.model.settings import Settings
from helpdesk.model.tickets import Ticket
from helpdesk.operations import Check
from helpdesk.storage import entry_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.entry_items import StoredBody
from helpdesk.storage.keys import Key, message_id_key
from helpdesk.storage.transact import Write

MOST_FILES = 60
"""Files of one entry that its transaction has room for: it takes a hundred items."""

MOST_MAILED_FILES = 400
"""Files of a mail that become separate attachments; an item of 400 kB has room for all of them."""


@dataclass(frozen=True, slots=True)
class NormalizedEntry:
    """A body as stored, and all files; pictures embedded in the body come first."""

    body: Body
    quoted: str
    at_rest: StoredBody
    inline: tuple[NewFile, ...]
    files: tuple[NewFile, ...]


def normalize(body: Body, files: Sequence[NewFile], mail: FromMail | None) -> NormalizedEntry:
    """Cleans a body and its quoted part, and collects the files.

    If a mail has more than MOST_MAILED_FILES, pictures are left out and the last file is the whole
    mail.

    Raises:
        TooLarge: There are more files than can be kept.
    """
    cleaned, inline = text.sanitize(body)
    quoted, beside = text.sanitize(Body(mail.quoted if mail else "", body.format))
    pictures = (*inline, *beside)
    if mail and len(pictures) + len(files) > MOST_MAILED_FILES:
        pictures = pictures[: MOST_MAILED_FILES - len(files) - 1]
        files = (*files, NewFile("message.eml", "message/rfc822", mail.whole))
    elif not mail and len(pictures) + len(files) > MOST_FILES:
        raise TooLarge("files", MOST_FILES)
    at_rest = entry_items.store_body(cleaned, quoted.text)
    return NormalizedEntry(cleaned, quoted.text, at_rest, pictures, (*pictures, *files))


def enforce_limits(
    actor: Actor,
    normalized: NormalizedEntry,
    stage: StagedObjects,
    found: Mapping[Key, Item],
    settings: Settings,
) -> None:
    """Applies the desk's limits to the files; drops them if the desk accepts none (`limits`).

    `found` are the items of the first round trip, including those of `uploads.keys`.

    Raises:
        Invalid: Every problem with the files.
    """
    uploads.check(actor, stage.files, found)
    kept, problems = limits.check_files(stage.files[len(normalized.inline) :], settings)
    if problems:
        raise Invalid(*problems)
    stage.keep(len(normalized.inline) + len(kept))


def name_files(entry: Entry) -> None:
    """Writes the pointers of those files of an entry that do not fit in its transaction.

    Called before that transaction: a pointer to an entry that is never written does no harm, but
    without the pointers an entry would lose its files.
    """
    rest = entry_items.file_pointers(entry, entry.attachments[MOST_FILES:])
    for start in range(0, len(rest), 100):
        transact.commit_retried(rest[start : start + 100])


def writes(entry: Entry, stage: StagedObjects) -> list[Write]:
    """The writes of an entry, its files and their folder, and those that consume the uploads."""
    body = {"object": stage.body_key(0)} if stage.bodies[0].object else {}
    folder = [entry_items.folder_reference(stage.folder, entry.ticket)] if stage.any else []
    return [
        *entry_items.new_entry(entry, stage.bodies[0].attributes | body),
        *entry_items.file_pointers(entry, entry.attachments[:MOST_FILES]),
        *folder,
        *uploads.uses(stage.files),
    ]


# --- mail -----------------------------------------------------------------------------------


def mail_keys(mail: FromMail | None) -> list[Key]:
    """The key of the Message-ID record, for the first round trip of an operation."""
    return [message_id_key(mail_ids.digest(mail.message_id))] if mail else []


def mail_writes(mail: FromMail | None, ticket: int, number: str, entry: int) -> list[Write]:
    """The write that records a mail's Message-ID; it fails if the mail was received before."""
    if mail is None:
        return []
    record: Item = {"ticket": ticket, "number": number, "entry": entry, "identity": mail.identity}
    return [transact.put_new(key, record) for key in mail_keys(mail)]


def check_mail(mail: FromMail | None, found: Mapping[Key, Item | None]) -> None:
    """Refuses a mail whose Message-ID is among fetched items or failed keys.

    Raises:
        Duplicate: The mail was received before.
    """
    for key in mail_keys(mail):
        if record := found.get(key):
            raise Duplicate(record["ticket"], record.get("number", ""))


def checks(mail: FromMail | None, stage: StagedObjects) -> list[Check]:
    """Checks that explain a failed transaction of an entry: the mail was delivered twice
    (Duplicate), or another request has used an upload (Invalid).
    """
    return [partial(check_mail, mail), partial(uploads.check_used, stage.files)]


def addressed(new: NewEntry, ticket: Ticket) -> NewEntry:
    """The entry with missing values taken from its ticket: the requester as author of a message, or
    as recipient of a mail, that names nobody.

    Raises:
        Invalid: `mail_to`, if a mail to the participants would have no recipient.
    """
    if new.kind == "message" and new.person is None and not new.poster:
        new = replace(new, person=ticket.person)
    if new.kind == "message" and new.person == ticket.person and not new.poster:
        new = replace(new, poster=ticket.person_name or ticket.person_email)
    if new.kind == "response" and new.channel == "email" and new.mail_to is None:
        if not ticket.person_email:
            raise Invalid(Problem("mail_to", "required"))
        if not new.headers.to:
            new = replace(new, headers=replace(new.headers, to=ticket.person_email))
    return new


def notice_data(kind: EntryKind, new: NewEntry) -> Item:
    """The event data of an entry that its consumers act on: whether a message is confirmed, the
    addresses that an entry is mailed to if not all participants, and who is mentioned.
    """
    chosen = {"mail_to": list(new.mail_to)} if new.mail_to is not None else {}
    if kind == "message":
        mail = {"autorespond": new.autorespond, "from_mail": False, **mail_data(new.mail)}
        return mail | chosen | mention_data(new)
    return (chosen if kind == "response" else {}) | mention_data(new)


def mention_data(new: NewEntry) -> Item:
    """The event data of an entry that names the new followers of the ticket (`mentions.follow`)."""
    return {"mentions": list(new.mentions)} if new.mentions else {}


def mail_data(mail: FromMail | None) -> Item:
    """The event data that a mail adds to its entry's event: the other recipients."""
    if mail is None:
        return {}
    named = [[person.name, person.email] for person in mail.recipients]
    others = {"recipients": named, "recipients_active": mail.recipients_active} if named else {}
    return {"from_mail": True, **others}


def recipients_of(data: Mapping[str, object]) -> tuple[NewPerson, ...]:
    """The other recipients that `mail_data` has put into an event."""
    named = data.get("recipients")
    if not isinstance(named, list):
        return ()
    return tuple(NewPerson(email=address, name=name) for name, address in named)
