"""Effects of changes of people: their postings, their organization by the domain of a new address,
and the copies of name, address and organization in their tickets. Everything is idempotent and
independent of order, since it reads the current state of people.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from helpdesk import people
from helpdesk.clock import now
from helpdesk.events.history import Event
from helpdesk.index import postings
from helpdesk.model.people import Person
from helpdesk.storage import aws, person_items, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, padded, person_key
from helpdesk.storage.reading import readable
from helpdesk.storage.transact import Cancelled, ConditionFailed, Write

CHANGES = frozenset({"person_created", "person_changed", "person_deleted"})

_AT_ONCE = 100
"""Tickets that are read, and then written, in parallel."""


def follow(waiting: Sequence[Event]) -> None:
    """Handles those of these events that are only about people."""
    about = [event for event in waiting if event.kind in CHANGES]
    if not about:
        return
    keys = {event.id: person_key(event.data["person"]) for event in about}
    found = table.fetch(list(keys.values()))
    writes: list[Write] = []
    for event in about:
        item = found.get(keys[event.id])
        person = next(readable(person_items.as_person, [item] if item else []), None)
        writes += postings.person_postings(person) if person else ()
        writes += _gone(event, person)
        if person and event.kind == "person_changed":
            _update_tickets(person)
    transact.write_many(writes)
    for event in about:
        _forget_names(event)


def _gone(event: Event, person: Person | None) -> Iterator[Write]:
    """The writes that remove the postings that only the previous version of the person had."""
    texts = event.data.get("gone", ())
    current = people.searched_texts(person) if person else []
    return postings.gone_postings(event.data["person"], texts, current, "person")


def _forget_names(event: Event) -> None:
    """Removes the previous names from the event, which is kept longer than they are needed."""
    if event.data.get("gone"):
        try:
            transact.write(
                transact.set_attributes(
                    event.id, {}, remove=["data.gone"], condition="attribute_exists(pk)"
                )
            )
        except ConditionFailed:
            return


# --- organizations --------------------------------------------------------------------------


def join_organization(person: Person) -> None:
    """Adds a new requester, and their tickets, to the organization that is assigned by the domain
    of their address. One round trip if there is none.
    """
    if person.organization is not None or not person.email:
        return
    organization = people.organization_of(person.email)
    if organization is None:
        return
    joined = replace(person, organization=organization, updated=now(), version=person.version + 1)
    try:
        transact.commit_retried(person_items.changed_writes(person, joined))
    except Cancelled:
        # Somebody has changed the person meanwhile, and so decided on the organization.
        return
    _update_tickets(joined)


# --- tickets --------------------------------------------------------------------------------


def _update_tickets(person: Person) -> None:
    """Updates the name, address and organization in a person's tickets. One round trip for each
    hundred tickets, and one for those that differ.
    """
    page: list[Key] = []
    for item in table.query(padded(person.id), index="g06"):
        page.append(Key(item["pk"], item["sk"]))
        if len(page) == _AT_ONCE:
            _update_page(person, page)
            page = []
    _update_page(person, page)


def _update_page(person: Person, page: Sequence[Key]) -> None:
    wanted = {
        "person_name": person.name,
        "person_email": person.email,
        "organization": person.organization,
        "p7": padded(person.organization) if person.organization else None,
    }
    found = table.fetch(page)
    aws.together(
        *(
            partial(_carry_out, write)
            for key, item in found.items()
            if (write := _difference(key, item, wanted, person.id))
        )
    )


def _difference(key: Key, item: Item, wanted: Mapping[str, Any], person: int) -> Write | None:
    changed = {name: value for name, value in wanted.items() if value and item.get(name) != value}
    emptied = [name for name, value in wanted.items() if not value and name in item]
    if not changed and not emptied:
        return None
    condition, values = "person = :person", {":person": person}
    return transact.set_attributes(key, changed, remove=emptied, condition=condition, values=values)


def _carry_out(write: Write) -> None:
    # Skipped if the ticket was deleted, or belongs to another person meanwhile.
    with suppress(ConditionFailed):
        transact.write(write)
