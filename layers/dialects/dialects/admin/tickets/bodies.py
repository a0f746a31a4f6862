"""Parses bodies of the admin API of tickets into the desk's operations, by pydantic models."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from dialects import data_url, models
from dialects.admin.bodies import read_body
from dialects.admin.values import Body, Id, Line, Time
from dialects.endpoint import Request
from helpdesk import text
from helpdesk.files.limits import media_type
from helpdesk.model.entries import Body as EntryBody
from helpdesk.model.entries import EntryKind, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.relations import LinkKind
from helpdesk.model.tickets import UNCHANGED, Change

LONGEST_TEXT = 500_000
"""Longest reply or note in characters."""

MOST_FILES = 60


def _written(said: str) -> str:
    if not text.strip_controls(said).strip():
        raise PydanticCustomError("blank", "must not be empty")
    return said


def _decoded(encoded: bytes) -> bytes:
    try:
        return data_url.decode(encoded)
    except data_url.BadData:
        raise PydanticCustomError("base64", "must be base64") from None


Said = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(_written)]
FileName = Annotated[str, Field(min_length=1, max_length=255)]
MediaType = Annotated[Line, Field(max_length=255)]
Encoded = Annotated[bytes, AfterValidator(_decoded), Field(json_schema_extra={"format": "byte"})]


class AttachmentBody(Body):
    """A file: its name, its media type (by default that of its name), its bytes in base64."""

    name: FileName
    type: MediaType = ""
    data: Encoded


class ReplyBody(Body):
    """A reply or a note, as plain text."""

    text: Said
    attachments: Annotated[tuple[AttachmentBody, ...], Field(max_length=MOST_FILES)] = ()


class TicketBody(Body):
    """What of a ticket is to change."""

    status: Id
    agent: Id | None
    team: Id | None
    department: Id
    priority: Id
    due: Time | None


Reference = Annotated[Line, Field(min_length=1, max_length=64)]
"""A ticket's number, or its id."""


class LinkBody(Body):
    """The other ticket of a link, and what it is to this one."""

    kind: LinkKind
    ticket: Reference


class MergeBody(Body):
    """The ticket to merge this one into."""

    into: Reference


def link(request: Request) -> tuple[LinkKind, str]:
    """The relation of another ticket to this one, and a reference to the other ticket.

    Raises:
        Unreadable: The body is not JSON.
        Invalid: With every problem of the body.
    """
    sent = read_body(LinkBody, request.body)
    return sent["kind"], sent["ticket"]


def merge(request: Request) -> str:
    """The ticket into which to merge this one. Raises as `link`."""
    into: str = read_body(MergeBody, request.body)["into"]
    return into


def new_entry(request: Request, kind: EntryKind) -> NewEntry:
    """A response or a note to be added.

    Raises:
        Unreadable: The body is not JSON.
        Invalid: With every problem of the body.
    """
    sent = read_body(ReplyBody, request.body)
    files = tuple(
        _file(one["name"], one.get("type", ""), one["data"]) for one in sent.get("attachments", ())
    )
    return NewEntry(EntryBody(sent["text"]), kind=kind, files=files)


def _file(name: str, kind: str, data: bytes) -> NewFile:
    shown = text.safe_name(name)
    return NewFile(shown, media_type(kind, shown), data)


def change(request: Request) -> Change:
    """The requested changes of a ticket; null removes its agent, its team or its date.

    Raises:
        Unreadable: The body is not JSON.
        Invalid: With every problem of the body.
    """
    sent = read_body(models.partial(TicketBody), request.body)
    return Change(
        status=sent.get("status"),
        agent=sent.get("agent"),
        release="agent" in sent and sent["agent"] is None,
        team=sent.get("team"),
        clear=frozenset({"team"} if "team" in sent and sent["team"] is None else ()),
        department=sent.get("department"),
        priority=sent.get("priority"),
        due=sent.get("due", UNCHANGED),
    )
