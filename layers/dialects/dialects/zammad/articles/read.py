"""Parses articles in requests into entries (docs/zammad.md 8.1 to 8.3)."""

import re
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import getaddresses
from typing import Any

from dialects.endpoint import Request
from dialects.zammad import lookup, names, read
from dialects.zammad.lookup import named, unknown_id
from dialects.zammad.read import LONGEST_REFERENCE, Bag
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk import addresses, people, text
from helpdesk.catalogue import fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now
from helpdesk.errors import NotFound
from helpdesk.files.downloads import Download
from helpdesk.files.limits import media_type
from helpdesk.model.actor import THE_DESK, Actor
from helpdesk.model.catalogue import Agent
from helpdesk.model.entries import (
    NOTE,
    Body,
    EntryHeaders,
    EntryKind,
    NewEntry,
    Sender,
    channel_of,
)
from helpdesk.model.files import NewFile
from helpdesk.model.people import Person
from helpdesk.storage import table
from helpdesk.storage.keys import person_key
from helpdesk.tickets import accountings, find
from helpdesk.tickets.entry_changes import FoundEntry
from helpdesk.tickets.requesters import person_by_id

LONGEST_BODY = 1_500_000
"""Longest body in characters."""

LONGEST_HEADER = 4_000
"""Characters of a header that are kept, mainly of `to` and `cc`."""

LONGEST_PREFERENCES = 16_000
"""Longest `preferences` in characters of JSON."""

MOST_RECIPIENTS = 50

MOST_MENTIONED = 20
"""How many users one body can subscribe to the ticket by mentions."""

_FORMATS: Mapping[str, Any] = {"text/html": "html", "text/plain": "text"}
_OF_CUSTOMERS = {"note", "web"}


def new_entry(sent: Mapping[str, Any], actor: Actor, known: Catalogue) -> NewEntry:
    """The entry for an article in a request; without a named author, the desk fills in the actor.

    Raises:
        Refusal: 422, for missing values and unknown names.
    """
    values = Bag(sent)
    body = _body(values)
    channel = _channel(values)
    sender, origin = _sender(values, actor, known)
    internal = actor.customer is None and values.flag("internal")
    if actor.customer is not None and channel not in _OF_CUSTOMERS:
        channel = NOTE
    headers = _headers(values)
    mail_to = _mail_to(channel, sender, headers)
    if mail_to is None:
        headers = replace(headers, to="", cc="")  # they name nobody
    agent = known.agents.get(actor.agent or 0)
    public: EntryKind = "message" if sender == "customer" else "response"
    return NewEntry(
        body=body,
        kind="note" if internal else public,
        channel=channel,
        sender=sender,
        title=text.one_line(values.text("subject"))[: fields.LONGEST_LINE],
        person=actor.customer or (origin.id if origin else None),
        agent=agent.id if agent and sender != "customer" else None,
        poster=_poster(actor, sender, origin, agent, known),
        source=channel.capitalize(),
        reopens=False,
        files=_files(values.get("attachments")),
        headers=headers,
        mail_to=mail_to,
        mentions=_mentions(body) if actor.customer is None else (),
        created_by=actor.me,
        preferences=preferences(values),
        time_unit=time_unit(values, actor, known),
    )


def time_unit(values: Bag, actor: Actor, known: Catalogue) -> str:
    """The time booked with an article; empty for customers, and if time accounting is off.

    Raises:
        Invalid: `time_unit`: not a number.
    """
    given = values.get("time_unit")
    if given in (None, "") or actor.customer is not None or not known.settings.time_accounting:
        return ""
    return accountings.read_unit(given)


def _body(values: Bag) -> Body:
    written = values.get("body")
    if not isinstance(written, str) or not written.strip():
        raise Refusal(422, "Need at least an 'article body' field.")
    if len(written) > LONGEST_BODY:
        size = len(written)
        said = f"body of article is too large, {size} chars - only {LONGEST_BODY} allowed"
        raise Refusal(422, said)
    return Body(written, _FORMATS.get(values.text("content_type").strip().lower(), "text"))


_MENTION = re.compile(
    r"<a\s[^<>]{0,2000}?\bdata-mention-user-id\s*=\s*[\"']?([0-9]{1,10})\b", re.IGNORECASE
)


def _mentions(body: Body) -> tuple[int, ...]:
    """The ids of the users mentioned by links in a body (docs/zammad.md 17.25)."""
    if body.format != "html":
        return ()
    found = dict.fromkeys(int(number) for number in _MENTION.findall(body.text))
    return tuple(found)[:MOST_MENTIONED]


def _channel(values: Bag) -> str:
    found = named(values, "type", lambda name: name if name in names.TYPES else None)
    row = lookup.by_id(values, "type", names.TYPES.items(), lambda one: one[1])
    return found or (row[0] if row else NOTE)


def _sender(values: Bag, actor: Actor, known: Catalogue) -> tuple[Sender, Person | Agent | None]:
    """The sender type, and the person on whose behalf the article is written, if any."""
    if actor.customer is not None:
        return "customer", None
    by_name: dict[str, Sender] = {"Agent": "agent", "Customer": "customer", "System": "system"}
    by_number: dict[int, Sender] = {1: "agent", 2: "customer", 3: "system"}
    spoken = named(values, "sender", lambda name: name if name in by_name else None)
    row = lookup.by_id(values, "sender", by_number.items(), lambda one: one[0])
    origin = lookup.user(values, "origin_by")
    if values.get("origin_by_id") not in (None, ""):
        origin = _by_id(values.get("origin_by_id"), known)
    if origin is not None:
        # Articles on behalf of somebody else have the customer's sender type (docs/zammad.md 8.3).
        return "customer", origin
    if row is not None:
        return row[1], None
    return by_name[spoken or "Agent"], None


def _by_id(value: object, known: Catalogue) -> Person:
    number = lookup.whole_id(value)
    found = table.fetch([person_key(number)]) if number else {}
    if number is None or person_key(number) not in found:
        raise unknown_id("origin_by_id", value)
    return person_by_id(number, found, known)


def _poster(
    actor: Actor,
    sender: Sender,
    origin: Person | Agent | None,
    agent: Agent | None,
    known: Catalogue,
) -> str:
    if actor.customer is not None:
        origin = people.find_users([actor.customer]).get(actor.customer)
    if origin:
        return origin.name or origin.email
    if sender == "customer":
        return ""  # the desk knows the requester's name
    return agent.name if agent else known.settings.helpdesk_title


def _headers(values: Bag) -> EntryHeaders:
    def line(name: str) -> str:
        given = values.get(name)
        written = ", ".join(map(str, given)) if isinstance(given, list) else values.text(name)
        return text.one_line(written)[:LONGEST_HEADER]

    return EntryHeaders(
        sender=line("from"),
        to=line("to"),
        cc=line("cc"),
        reply_to=line("reply_to"),
        message_id=line("message_id"),
        in_reply_to=line("in_reply_to"),
        references=line("references"),
    )


def _mail_to(channel: str, sender: Sender, headers: EntryHeaders) -> tuple[str, ...] | None:
    """The recipients of a response by mail; None for the ticket's participants (docs/zammad.md
    8.5, 17.27).
    """
    if channel != "email" or sender != "agent":
        return ()
    boxes = getaddresses([headers.to, headers.cc])
    named = (address.strip() for _, address in boxes)
    found = dict.fromkeys(address for address in named if addresses.is_address(address))
    return tuple(found)[:MOST_RECIPIENTS] or None


def preferences(values: Bag) -> Mapping[str, object]:
    """A caller's own `preferences`.

    Raises:
        Refusal: 422, if they are too large.
    """
    given = values.get("preferences")
    if not isinstance(given, dict):
        return {}
    if len(str(given)) > LONGEST_PREFERENCES:
        raise Refusal(422, "Invalid value for field 'preferences': it is too large.")
    return given


# --- changes --------------------------------------------------------------------------------


def ticket_of(values: Bag) -> int:
    """The id of the ticket that an article belongs to.

    Raises:
        NotFound: Not a possible ticket id.
    """
    given = values.get("ticket_id")
    number = lookup.whole_id(given)
    if not number:
        raise NotFound("ticket", values.text("ticket_id")[:LONGEST_REFERENCE])
    return number


def changes(values: Bag) -> tuple[bool | None, Mapping[str, object] | None]:
    """Whether to make an article internal, and its `preferences.highlight`. Nothing else of an
    article can be changed (docs/zammad.md 8.6).
    """
    internal = values.flag("internal") if values.get("internal") is not None else None
    sent = values.get("preferences")
    highlight = sent.get("highlight") if isinstance(sent, dict) else None
    return internal, {"highlight": str(highlight)[:4_000]} if highlight is not None else None


def check_may_delete(found: FoundEntry, actor: Actor, known: Catalogue) -> None:
    """Checks the rules of docs/zammad.md 3 for deleting an article, in their order.

    Raises:
        NotAccessible: One of the rules forbids it.
    """
    entry = found.entry
    if actor.customer is not None:
        raise NotAccessible("agent permission required")
    if (entry.created_by or entry.agent or entry.person or THE_DESK) != actor.me:
        raise NotAccessible("you can only delete your own notes")
    if channel_of(entry) != NOTE and not entry.internal:
        raise NotAccessible("communication articles cannot be deleted")
    longest = known.settings.note_delete_seconds
    if longest and now() - entry.created > timedelta(seconds=longest):
        raise NotAccessible("note is too old to be deleted")


def check_belongs(found: Download, request: Request) -> None:
    """Rejects a file requested under the ids of another article or ticket (docs/zammad.md 8.6). The
    old id of a merged ticket is accepted like the new one.

    Raises:
        NotFound: An id in the path is invalid.
        Refusal: 403, for the ids of another article or ticket.
    """
    if found.entry != read.number(request, "article", "article"):
        raise Refusal(403, "The file does not belong to the specified article.")
    ticket = read.number(request, "ticket", "ticket")
    if found.ticket != ticket and not find.merged_away(ticket, found.ticket):
        raise Refusal(403, "The article does not belong to the specified ticket.")


# --- attachments ----------------------------------------------------------------------------

_ENCODED = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)


def _files(sent: object) -> tuple[NewFile, ...]:
    """The files of an article (docs/zammad.md 8.2); none if the value is not a list."""
    if not isinstance(sent, list):
        return ()
    return tuple(_file(one, place) for place, one in enumerate(sent))


def _file(sent: object, place: int) -> NewFile:
    values = sent if isinstance(sent, dict) else {}
    for name in ("mime-type", "filename", "data"):
        if not isinstance(values.get(name), str) or (name != "data" and not values[name]):
            said = f"Attachment needs '{name}' param for attachment with index '{place}'"
            raise Refusal(422, said)
    encoded = values["data"].replace("\r", "").replace("\n", "")
    try:
        data = b64decode(encoded, validate=True) if _ENCODED.fullmatch(encoded) else None
    except BadBase64:
        data = None
    if data is None:
        raise Refusal(422, f"Invalid base64 for attachment with index '{place}'")
    name = text.safe_name(values["filename"])
    return NewFile(name, media_type(values["mime-type"], name), data, limited=False)
