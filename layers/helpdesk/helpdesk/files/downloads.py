"""Downloads: files by id, as far as the actor may see them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from uuid import uuid4

from helpdesk.clock import now
from helpdesk.errors import NotAttached, NotFound
from helpdesk.files.limits import SERVED, UNKNOWN
from helpdesk.model.actor import Actor
from helpdesk.model.entries import Entry
from helpdesk.model.files import Attachment
from helpdesk.scope import visible
from helpdesk.storage import objects, table, ticket_items
from helpdesk.storage.keys import entry_key, file_key, ticket_key
from helpdesk.storage.reading import make, reading

KEPT = timedelta(hours=12)
"""How old a derived document may be to be handed out again. The bucket drops it after a day."""

ENDINGS = ("json", "xml")
"""The extensions that documents of a file can have."""


@dataclass(frozen=True)
class Download:
    """A file that the actor may have, with the ids of its ticket and its entry."""

    file: Attachment
    ticket: int
    entry: int

    @cached_property
    def contents(self) -> bytes:
        """Its bytes; one round trip.

        Raises:
            NotFound: The ticket has been deleted meanwhile.
        """
        try:
            return objects.get(self.file.object)
        except NotFound as gone:
            raise NotFound("file", self.file.id) from gone

    @property
    def type(self) -> str:
        """The media type under which it is given out (docs/osticket.md, row F)."""
        return self.file.type if self.file.type in SERVED else UNKNOWN

    @property
    def disposition(self) -> str:
        """Its Content-Disposition: an attachment with its name."""
        return objects.disposition(self.file.name)

    def link(self) -> str:
        """A link to the file itself. No trip."""
        return objects.link(self.file.object, self.type, self.file.name)

    @property
    def expires(self) -> datetime:
        """Until when a link that is given out now works."""
        return _expires()

    def document(self, ending: str, content_type: str, make: Callable[[], bytes]) -> str:
        """A link to a document that contains the file; `make` creates it if there is none yet
        (docs/aws.md m20). One round trip, or three.
        """
        key = _document(self.file, ending)
        if not objects.put_since(key, now() - KEPT):
            objects.put(key, make(), content_type)
        return objects.link(key, content_type, f"{self.file.id}.{ending}")


def _document(file: Attachment, ending: str) -> str:
    return f"{objects.DERIVED}{file.object}.{ending}"


def documents(file: Attachment) -> list[str]:
    """The objects that documents of a file may be."""
    return [_document(file, ending) for ending in ENDINGS]


def publish(contents: bytes, content_type: str, name: str) -> str:
    """A link to an object with these bytes, which expires after a day; one round trip."""
    key = f"{objects.DERIVED}{uuid4().hex}"
    objects.put(key, contents, content_type)
    return objects.link(key, content_type, name)


def raw_mail(actor: Actor, entry: Entry) -> tuple[str, datetime]:
    """A link to the raw mail of an entry, and until when it is valid; one round trip.

    Raises:
        NotFound: The entry came by no mail, the mail is no longer kept, or the actor is a customer,
            who must not see the other recipients.
    """
    hidden = actor.customer is not None
    if not entry.raw or hidden or not objects.put_since(entry.raw, _EVER):
        raise NotFound("raw", entry.id, hidden=hidden)
    return objects.link(entry.raw, "message/rfc822", f"{entry.id}.eml"), _expires()


_EVER = datetime.min.replace(tzinfo=UTC)


def _expires() -> datetime:
    return now().replace(microsecond=0) + timedelta(seconds=objects.LINK_SECONDS)


def origin() -> str:
    """Scheme and host of every link that is given out here, for the policies of pages."""
    return objects.origin()


def find_file(actor: Actor, file: int) -> Download:
    """A file of a thread, by its id; two round trips.

    Raises:
        NotFound: No such file for this actor; customers do not see the files of notes.
        NotAttached: The file belongs to no thread.
        Damaged: It, or its ticket, cannot be read.
    """
    pointer = table.get(file_key(file))
    if pointer is None:
        raise NotFound("file", file)
    if "entry" not in pointer:
        raise NotAttached(file)
    with reading("file", pointer):
        stored = make(Attachment, pointer)
        ticket = ticket_key(pointer["ticket"])
        entry = entry_key(pointer["ticket"], pointer["entry"])
    customer = actor.customer is not None
    found = table.fetch([ticket, entry] if customer else [ticket])
    hidden = customer and found.get(entry, {}).get("kind", "note") == "note"
    if ticket not in found:
        raise NotFound("file", file)
    if hidden or not visible(actor, ticket_items.as_ticket(found[ticket])):
        raise NotFound("file", file, hidden=True)
    return Download(stored, pointer["ticket"], pointer["entry"])
