"""A ticket with one of everything a ticket can have, beside others that must not change."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage

from moto.s3.models import s3_backends

from helpdesk.model.actor import SYSTEM, THE_DESK
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.files import NewFile
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import Change, NewTicket
from helpdesk.tickets import (
    accountings,
    changes,
    create,
    links,
    mentions,
    merges,
    relations,
    tags,
    threads,
)
from local.cloudformation.intrinsics import ACCOUNT
from local.snapshot import Snapshot
from tests.desk import Desk, new_desk
from tests.helpdesk.mail.inbound.conftest import BUCKET, Post, mail
from tests.world import LONG_TEXT, REGION, aside, later, objects, waiting

WORD = "xylophone"
"""Stands in all that the ticket says, and nowhere else."""

LONG = f"{WORD} {LONG_TEXT}"

REQUESTER, ALSO = "jane@example.org", "carl@example.org"


@dataclass(frozen=True)
class Doomed:
    """The ticket, its number, the tickets above and below it, and the desk with all of them."""

    desk: Desk
    ticket: int
    number: str
    parent: int
    child: int
    merged: int


@dataclass
class Made:
    """A desk as it was when all of that had been made, and what lay in its bucket."""

    doomed: Doomed
    state: Snapshot
    put: dict[str, bytes]


made: Made | None = None
"""By the first test that needs it; it takes as long as some tests together."""


@contextmanager
def doomed_among_others() -> Iterator[Doomed]:
    """The ticket on a desk with fifty others; one is its child, one its parent, one of the same
    person. Nothing waits to be done.
    """
    global made  # noqa: PLW0603 - made once
    with new_desk() as desk:
        if made is None:
            for number in range(47):
                another(f"Printer {number}", email=f"ann{number % 7}@example.org")
            another("Another one", email=REQUESTER)
            settle(desk)
            doomed = doom(desk)
            made = Made(doomed, Snapshot(REGION), contents())
        else:
            made.state.restore()
            fill(made.put)
        later(minutes=1)
        yield replace(made.doomed, desk=desk)


def settle(desk: Desk) -> None:
    """Lets everything follow that still waits: projection, mails, SES's word on them."""
    for _ in range(5):
        keys = waiting()
        if not keys:
            return
        assert desk.deliver("project", *keys) == []
        for key in keys:
            assert desk.deliver("notify", key) == []
        desk.hear_of_sending()
        desk.queued("project")
    raise AssertionError(keys)


def contents() -> dict[str, bytes]:
    """What lies in the bucket; no state of AWS keeps it."""
    found = s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys
    return {name: bytes(object_.value) for name, object_ in found.items()}


def fill(put: Mapping[str, bytes]) -> None:
    """Puts it there again."""
    for name, value in put.items():
        aside("s3").put_object(Bucket=BUCKET, Key=name, Body=value)


def another(subject: str = "Printer", *, email: str = "ann@example.org", parent: int = 0) -> int:
    """The id of a ticket with nothing special."""
    opened = create.open_ticket(
        SYSTEM,
        NewTicket(
            requester=NewPerson(email=email, name="Ann"),
            subject=subject,
            body=Body("It burns."),
            parent=(parent,) if parent else (),
            alert=False,
            autorespond=False,
        ),
    )
    return opened.id


def first_mail() -> EmailMessage:
    """The mail that the ticket is opened by."""
    said = mail(
        f"Jane <{REQUESTER}>",
        f"The {WORD}",
        f"My {WORD} burns.",
        Cc=f"Carl <{ALSO}>",
        message_id="<first@example.org>",
    )
    said.add_attachment(WORD.encode(), maintype="text", subtype="plain", filename=f"{WORD}.txt")
    return said


def doom(desk: Desk) -> Doomed:
    """Opens the ticket by a mail, and lets everything happen to it."""
    post = Post(desk)
    parent = another("Parent")
    post.bring(first_mail(), sender=REQUESTER)
    (opened,) = (item for item in post.tickets() if item["subject"] == f"The {WORD}")
    ticket, number = opened["id"], opened["number"]
    links.link_tickets(SYSTEM, parent, ticket)
    child = another("Child", parent=ticket)
    picture = NewFile(f"{WORD}.png", "image/png", WORD.encode())
    threads.add_note(SYSTEM, ticket, NewEntry(Body(LONG), poster="Bob", files=(picture,)))
    threads.add_response(SYSTEM, ticket, NewEntry(Body(f"Which {WORD}?"), poster="Bob"))
    changes.change_ticket(SYSTEM, ticket, Change(subject=f"Another {WORD}", priority=3))
    tags.add_tags(SYSTEM, ticket, ["fire", "smoke"])
    tags.add_tags(SYSTEM, child, ["fire"])
    relations.add_link(SYSTEM, "normal", ticket, child)
    mentions.mention(SYSTEM, ticket, THE_DESK)
    accountings.book_time(SYSTEM, ticket, "1.5")
    merged = another("Merged")
    merges.merge_tickets(SYSTEM, merged, ticket)
    settle(desk)
    for key in objects():
        if key.startswith("files/") and "body-" not in key:
            aside("s3").put_object(Bucket=BUCKET, Key=f"derived/{key}.json", Body=b"{}")
    return Doomed(desk, ticket, number, parent, child, merged)
