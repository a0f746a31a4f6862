"""What all entries have in common, be they the first of a ticket or one more of it: body, files,
and the marks that keep a mail from becoming two.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from helpdesk import mail_ids, text
from helpdesk.errors import Duplicate, Invalid, TooLarge
from helpdesk.files import limits, uploads
from helpdesk.files.staging import StagedObjects
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Body, Entry, FromMail
from helpdesk.model.files import NewFile
from helpdesk.model.people import NewPerson
from helpdesk.model.settings import Settings
from helpdesk.storage import ticket_items, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, message_id_key
from helpdesk.storage.ticket_items import StoredBody
from helpdesk.storage.transact import Write

MOST_FILES = 60
"""Files of one entry that its transaction can name: it takes a hundred items."""

MOST_MAILED_FILES = 400
"""Files of a mail that are told apart; an item of 400 kB names them all."""

LONGEST_NAME = 200
"""Characters of a sender's name that are kept."""


@dataclass(frozen=True, slots=True)
class NormalizedEntry:
    """A body as it is stored, and all files: pictures from inside the body come first."""

    body: Body
    quoted: str
    at_rest: StoredBody
    inline: tuple[NewFile, ...]
    files: tuple[NewFile, ...]


def normalize(body: Body, files: Sequence[NewFile], mail: FromMail | None) -> NormalizedEntry:
    """Cleans a body and what it quotes, and gathers the files. Of a mail with more of them than can
    be told apart, the last file is the whole mail.

    Errors: TooLarge for more files than can be kept.
    """
    cleaned, inline = text.sanitize(body)
    quoted, beside = text.sanitize(Body(mail.quoted if mail else "", body.format))
    pictures = (*inline, *beside)
    if mail and len(pictures) + len(files) > MOST_MAILED_FILES:
        pictures = pictures[: MOST_MAILED_FILES - len(files) - 1]
        files = (*files, NewFile("message.eml", "message/rfc822", mail.whole))
    elif not mail and len(pictures) + len(files) > MOST_FILES:
        raise TooLarge("files", MOST_FILES)
    at_rest = ticket_items.store_body(cleaned, quoted.text)
    return NormalizedEntry(cleaned, quoted.text, at_rest, pictures, (*pictures, *files))


def enforce_limits(
    actor: Actor,
    said: NormalizedEntry,
    stage: StagedObjects,
    found: Mapping[Key, Item],
    settings: Settings,
) -> None:
    """Holds files to the desk's limits; where it takes none, they are dropped (`limits`). `found`
    are the first trip's items, those of `uploads.keys` among them.

    Errors: Invalid with all problems.
    """
    uploads.check(actor, stage.files, found)
    kept, problems = limits.check_files(stage.files[len(said.inline) :], settings)
    if problems:
        raise Invalid(*problems)
    stage.keep(len(said.inline) + len(kept))


def name_files(entry: Entry) -> None:
    """Writes what finds those files of an entry that its transaction has no room for.

    Before that transaction: a pointer to an entry that never comes leads nowhere, while an entry
    whose files cannot be found would have lost them. Errors: Throttled, Unavailable.
    """
    rest = ticket_items.file_pointers(entry, entry.attachments[MOST_FILES:])
    for start in range(0, len(rest), 100):
        transact.commit_retried(rest[start : start + 100])


def writes(entry: Entry, stage: StagedObjects) -> list[Write]:
    """The writes of an entry, its files, the mark of their folder, and the end of their uploads."""
    held = {"object": stage.body_key(0)} if stage.bodies[0].object else {}
    mark = (
        [ticket_items.folder_mark(stage.folder, entry.ticket, entry.created)] if stage.any else []
    )
    return [
        *ticket_items.new_entry(entry, stage.bodies[0].attributes | held),
        *ticket_items.file_pointers(entry, entry.attachments[:MOST_FILES]),
        *mark,
        *uploads.uses(stage.files),
    ]


# --- mail -----------------------------------------------------------------------------------


def mail_keys(mail: FromMail | None) -> list[Key]:
    """What an operation adds to its first trip: whether the mail was here before."""
    return [message_id_key(mail_ids.digest(mail.message_id))] if mail else []


def mail_writes(mail: FromMail | None, ticket: int, number: str, entry: int) -> list[Write]:
    """The write that keeps a mail from coming twice; it goes through for the first only."""
    if mail is None:
        return []
    mark: Item = {"ticket": ticket, "number": number, "entry": entry, "said": mail.said}
    return [transact.put_new(key, mark) for key in mail_keys(mail)]


def check_mail(mail: FromMail | None, found: Mapping[Key, Item | None]) -> None:
    """Errors: Duplicate where the mail's mark is among what was found."""
    for key in mail_keys(mail):
        if mark := found.get(key):
            raise Duplicate(mark["ticket"], mark.get("number", ""))


def mail_data(mail: FromMail | None) -> Item:
    """What the event of a mailed entry tells: whom else the mail went to."""
    if mail is None:
        return {}
    listed = [[person.name, person.email] for person in mail.recipients]
    told = {"recipients": listed, "recipients_active": mail.recipients_active} if listed else {}
    return {"from_mail": True, **told}


def recipients_of(data: Mapping[str, object]) -> tuple[NewPerson, ...]:
    """The other recipients that `mail_data` has put into an event."""
    listed = data.get("recipients")
    if not isinstance(listed, list):
        return ()
    return tuple(NewPerson(email=address, name=name) for name, address in listed)
