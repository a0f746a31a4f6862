"""The access patterns of the tables (storage/keys.py), measured without an endpoint.

Lists and searches are composed of these. They are measured even if no endpoint uses them yet, so
that a key that does not scale is found before anything is built on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpdesk.storage import table
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import (
    CATALOGUE_VERSION,
    TODO,
    address_key,
    entry_pointer_key,
    number_key,
    person_key,
    ticket_key,
)

PAGE = 20
"""Tickets per page of a list."""


@dataclass(frozen=True)
class About:
    """The subject of the queries: a ticket's item, and the ids of a page of tickets."""

    ticket: Item
    page: list[int]


@dataclass(frozen=True)
class Question:
    """One access pattern, named as in the table in storage/keys.py."""

    what: str
    index: str
    ask: Callable[[About], object]


def _listed(index: str, name: str) -> Callable[[About], object]:
    """Queries one page of an index by an attribute of the ticket."""
    return lambda about: list(
        table.query(about.ticket[name], index=index, limit=PAGE, newest_first=True)
    )


def _counters(pk: str) -> Callable[[About], object]:
    return lambda about: list(table.query(pk.format(**about.ticket), where="index"))


QUESTIONS = (
    Question(
        "which ticket has this number",
        "Desk",
        lambda about: table.get(number_key(about.ticket["number"])),
    ),
    Question(
        "a ticket with its children and thread",
        "Desk",
        lambda about: list(table.query(ticket_key(about.ticket["id"]).pk, between=("A", "F"))),
    ),
    Question(
        "tickets by id (a page of 20)",
        "Desk",
        lambda about: table.fetch([ticket_key(ticket) for ticket in about.page]),
    ),
    Question(
        "which ticket holds an entry",
        "Desk",
        lambda about: table.get(entry_pointer_key(about.ticket["entries"][0])),
    ),
    Question(
        "who has this address",
        "Desk",
        lambda about: table.get(address_key(about.ticket["person_email"])),
    ),
    Question("a person", "Desk", lambda about: table.get(person_key(about.ticket["person"]))),
    Question("the catalogue", "Desk", lambda _: list(table.query("CAT"))),
    Question("has the catalogue moved", "Desk", lambda _: table.get(CATALOGUE_VERSION)),
    Question("the keys", "Desk", lambda _: list(table.query("KEYS"))),
    Question("tickets of a bucket, newest first", "g01", _listed("g01", "p1")),
    Question("tickets of a bucket by update", "g02", _listed("g02", "p1")),
    Question("tickets of a bucket by number", "g03", _listed("g03", "p1")),
    Question("all tickets by update", "g04", _listed("g04", "p4")),
    Question("all tickets by number", "g05", _listed("g05", "p4")),
    Question("a person's tickets", "g06", _listed("g06", "p6")),
    Question("what is due", "g09", _listed("g09", "p9")),
    Question(
        "events not done yet",
        "g10",
        lambda _: list(table.query(TODO, index="g10", limit=PAGE)),
    ),
    Question("people", "g11", lambda _: list(table.query("people", index="g11", limit=PAGE))),
    Question("tickets per bucket", "Index", _counters("CELL")),
    Question("tickets per department and agent", "Index", _counters("STAT")),
    Question("tickets per thousand ids", "Index", _counters("RANK#{department:010}")),
)
