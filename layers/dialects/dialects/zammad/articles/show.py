"""Shows entries as articles (docs/zammad.md 8.3)."""

import os
import re
from collections.abc import Iterable, Sequence
from hashlib import md5
from typing import Any

from dialects import answers
from dialects.endpoint import Request, Response
from dialects.zammad import names, show
from dialects.zammad.accountings.show import amount
from dialects.zammad.assets import Directory
from dialects.zammad.collection import Assets, Record, listing
from dialects.zammad.people.show import name_of
from dialects.zammad.read import Bag
from dialects.zammad.refuse import Refusal
from dialects.zammad.tickets.show import Shapes
from helpdesk.catalogue import cache
from helpdesk.errors import NotFound
from helpdesk.files.downloads import Download
from helpdesk.files.limits import UNKNOWN
from helpdesk.model.actor import THE_DESK, Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.entries import Entry, channel_of, sender_of
from helpdesk.model.files import Attachment
from helpdesk.model.people import Person
from helpdesk.model.queries import FoundEntries
from helpdesk.model.tickets import Thread
from helpdesk.storage import objects

_CID = re.compile(r'(<img\b[^>]* src=")cid:([^"]+)"')
_OUR_PICTURE = re.compile(r"image-(\d+)\.(\w+)")


def people_of(entries: Iterable[Entry]) -> set[int]:
    """The ids of the users that articles refer to."""
    return {
        who
        for entry in entries
        for who in (created_by(entry), updated_by(entry), origin_of(entry))
        if who
    }


def created_by(entry: Entry) -> int:
    """The id of the user who created an entry."""
    return entry.created_by or entry.agent or entry.person or THE_DESK


def updated_by(entry: Entry) -> int:
    """The id of the user who last changed an entry."""
    return entry.updated_by or created_by(entry)


def origin_of(entry: Entry) -> int | None:
    """The id of the person on whose behalf an entry was written, if its sender is a customer."""
    return entry.person if sender_of(entry) == "customer" else None


def article(entry: Entry, directory: Directory, prefix: str) -> dict[str, Any]:
    """An article; `prefix` is prepended to paths in its body."""
    channel, sender = channel_of(entry), sender_of(entry)
    number, name = names.SENDERS[sender]
    headers, origin = entry.headers, origin_of(entry)
    known = entry.message_id or entry.mailed
    message_id = f"<{known}>" if known else headers.message_id or None
    body = _body(entry, prefix)
    row = {
        "id": entry.id,
        "ticket_id": entry.ticket,
        "type_id": names.TYPES.get(channel, names.TYPES["note"]),
        "sender_id": number,
        "from": _from(entry, channel, directory),
        "to": headers.to or None,
        "cc": headers.cc or None,
        "subject": entry.title or None,
        "reply_to": headers.reply_to or None,
        "message_id": message_id,
        "message_id_md5": _md5(message_id) if message_id else None,
        "in_reply_to": headers.in_reply_to or None,
        "content_type": "text/html" if entry.body.format == "html" else "text/plain",
        "references": headers.references or None,
        "body": body,
        "internal": entry.internal,
        "preferences": dict(entry.preferences),
        "updated_by_id": updated_by(entry),
        "created_by_id": created_by(entry),
        "origin_by_id": origin,
        "created_at": show.time(entry.created),
        "updated_at": show.time(entry.updated or entry.created),
        "attachments": [attachment(file, entry, prefix) for file in entry.attachments],
        "type": channel if channel in names.TYPES else "note",
        "sender": name,
        "created_by": directory.login(created_by(entry)),
        "updated_by": directory.login(updated_by(entry)),
        "time_unit": amount(entry.time_unit),
    }
    return {**row, "origin_by": directory.login(origin)} if origin else row


def _md5(message_id: str) -> str:
    return md5(message_id.encode(), usedforsecurity=False).hexdigest()


def attachment(file: Attachment, entry: Entry, prefix: str) -> dict[str, Any]:
    """A file of an article. Sizes are strings."""
    preferences: dict[str, str] = {"Mime-Type": file.type}
    name = file.name
    if file.inline:
        if ours := _OUR_PICTURE.fullmatch(name):
            name = f"image{ours[1]}.{ours[2]}"
        host = re.sub(r"^https?://|[:/].*", "", prefix) or "desk"
        content_id = file.content_id
        if "@" not in content_id:
            content_id = f"{entry.ticket}.{content_id}@{host}"
        preferences |= {
            "Content-Type": file.type,
            "Content-ID": content_id,
            "Content-Disposition": "inline",
        }
    return {"id": file.id, "filename": name, "size": str(file.size), "preferences": preferences}


def _body(entry: Entry, prefix: str) -> str:
    """The body, with inline images linked to their download paths."""
    if entry.body.format != "html":
        return entry.body.text
    files = {file.content_id: file.id for file in entry.attachments if file.content_id}
    path = re.sub(r"^https?://[^/]*", "", prefix)

    def served(found: re.Match[str]) -> str:
        file = files.get(found[2])
        if file is None:
            return found[0]
        place = f"{path}/api/v1/ticket_attachment/{entry.ticket}/{entry.id}/{file}"
        return f'{found[1]}{place}?view=inline"'

    return _CID.sub(served, entry.body.text)


def _from(entry: Entry, channel: str, directory: Directory) -> str:
    """The sender's display name, formatted as by Zammad (docs/zammad.md 8.3)."""
    origin = origin_of(entry)
    who = directory.user(origin or entry.agent or 0)
    name = _name(who) if who else entry.poster
    address = who.email if who else ""
    if channel == "email":
        if entry.headers.sender:
            return entry.headers.sender
        if not origin:
            return _of_the_desk(name)
        return f"{name} <{address}>" if address and name != address else name or address
    if origin and channel in {"web", "phone"} and address:
        return f"{name} <{address}>" if name and name != address else address
    return name or address


def _of_the_desk(name: str) -> str:
    """The sender of the desk's own mails, formatted as by Zammad (docs/zammad.md 17.6)."""
    desk = os.environ["FROM_NAME"]
    said = name if name == desk else f"{name} via {desk}"
    said = said.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{said}" <{os.environ["FROM_ADDRESS"]}>'


def _name(who: Person | Agent) -> str:
    return " ".join(filter(None, name_of(who)))


def many(entries: Sequence[Entry], directory: Directory, prefix: str) -> list[dict[str, Any]]:
    """Articles in chronological order; reads their authors in one round trip."""
    directory.read(people_of(entries))
    ordered = sorted(entries, key=lambda entry: (entry.created, entry.id))
    return [article(entry, directory, prefix) for entry in ordered]


def one(entry: Entry, request: Request, status: int = 200) -> Response:
    """An article that was found, written or changed: one with a long mail body, or with characters
    that JSON escapes, may be too large for a response (docs/aws.md m20).
    """
    (row,) = many([entry], Directory(cache.seen()), request.base_url)
    return answers.fitting(show.answer(row, status), "article.json")


def listed(found: FoundEntries, actor: Actor, values: Bag, request: Request) -> Response:
    """A page of the articles of all tickets, in the order they were found."""
    shapes = Shapes(actor, cache.seen(), found.tickets)
    directory, prefix = shapes.directory, request.base_url
    directory.read(people_of(found.entries))
    rows = [article(entry, directory, prefix) for entry in found.entries]

    def assets(_rows: Sequence[Record]) -> Assets:
        shapes.read()
        return _assets(shapes, found.entries, rows, actor)

    return listing(rows, values, total=found.total, names=lambda _: {}, assets=assets)


def _assets(
    shapes: Shapes, entries: Sequence[Entry], rows: Sequence[Record], actor: Actor
) -> Assets:
    """Tickets and articles with everything they refer to."""
    assets = shapes.assets()
    people = shapes.directory.users(people_of(entries), actor)
    assets["User"] = {**people, **assets.get("User", {})}
    assets["TicketArticle"] = {str(row["id"]): row for row in rows}
    return assets


def thread(found: Thread, actor: Actor, values: Bag, request: Request) -> Response:
    """The articles of a ticket, oldest first."""
    known = cache.seen()
    directory = Directory(known)
    rows = many(found.entries, directory, request.base_url)
    if not values.flag("full"):
        return show.document(rows, "articles.json")
    shapes = Shapes(actor, known, [found.ticket])
    shapes.directory = directory
    shapes.read()
    assets = _assets(shapes, found.entries, rows, actor)
    body = {"record_ids": [row["id"] for row in rows], "assets": assets}
    return show.document(body, "articles.json")


# --- files ----------------------------------------------------------------------------------

_INLINE = {"application/pdf", "image/png", "image/gif", "image/jpeg", "image/webp", "image/bmp"}
"""Types that browsers display without running code in them (docs/zammad.md 17.22)."""

_RUNS = {"text/html", "image/svg+xml", "text/xml", "application/xml", "application/xhtml+xml"}


def file(found: Download, values: Bag) -> Response:
    """A file's content, or a redirect to it if it is too large for a response."""
    kind = UNKNOWN if found.file.type in _RUNS else found.file.type
    inline = kind in _INLINE and values.text("disposition") != "attachment"
    disposition = found.disposition
    if inline:
        disposition = disposition.replace("attachment;", "inline;", 1)
    headers = {**show.HEADERS, **answers.SEALED, "Content-Disposition": disposition}
    if found.file.size * 4 / 3 > answers.LARGEST_ANSWER:
        return answers.elsewhere(found.link())
    return Response(200, found.contents, kind, headers)


def plain(entry: Entry) -> Response:
    """The raw mail from which an entry was created.

    Raises:
        Refusal: 404, if it did not arrive by mail, or the mail is no longer stored.
    """
    try:
        raw = objects.get(entry.raw) if entry.raw else None
    except NotFound:
        raw = None
    if raw is None:
        raise Refusal(404, "This article does not have a raw copy available.")
    headers = {**show.HEADERS, **answers.SEALED}
    return answers.fitting(Response(200, raw, "message/rfc822", headers), f"{entry.id}.eml")
