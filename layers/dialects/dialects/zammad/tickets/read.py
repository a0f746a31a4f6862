"""Parses requests about tickets into the desk's operations (docs/zammad.md 6 and 7)."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from dialects import parameters
from dialects.zammad import lookup
from dialects.zammad.articles import read as articles
from dialects.zammad.links import read as links
from dialects.zammad.lookup import Rows, text_of, unknown_id
from dialects.zammad.read import Bag
from dialects.zammad.refuse import NotAccessible, Refusal
from helpdesk import addresses, people, text, times
from helpdesk.catalogue import fields
from helpdesk.catalogue.rows import Catalogue
from helpdesk.errors import Invalid, NotAllowed, Problem
from helpdesk.model.actor import NOBODY, SYSTEM, THE_DESK, Actor
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.people import NewPerson, full_name, guess_names
from helpdesk.model.tickets import Change, NewTicket
from helpdesk.storage.person_items import folded
from helpdesk.tickets import find

LONGEST_TITLE = LONGEST_NOTE = 250

_OF_STAFF = frozenset({"owner", "customer", "organization", "preferences", "services"})
"""Values that are ignored if a customer sends them (docs/zammad.md 6 and 7.4)."""

OF_CUSTOMERS = frozenset(
    {"status", "phase", "pending_until", "subject", "department", "priority", "note", "kind"}
    | {"entry", "fields"}
)
"""Values that customers may change in their own tickets."""


def new_ticket(values: Bag, actor: Actor, known: Catalogue) -> NewTicket:
    """The new ticket in a request; errors in the order of docs/zammad.md 4.

    Raises:
        Refusal: 422, for missing values and unknown names; 403 if tickets cannot be created.
        NotAllowed: The key may not create tickets.
        Invalid: The title is too long, or a time is invalid.
    """
    rows = Rows(values, known)
    owner = lookup.owner(values, known) if actor.customer is None else None
    person, requester = _customer(values, actor)
    rows.check()
    if rows.group is None:
        raise Refusal(422, "The required value 'group_id' is missing.")
    if not actor.may("can_create_tickets"):
        raise NotAllowed("can_create_tickets")
    if actor.departments and rows.group.id not in actor.departments:
        raise NotAccessible
    if not rows.group.active:
        raise unknown_id("group_id", rows.group.id)
    if person is None and requester is None:
        raise Refusal(422, "Attribute 'customer_id' required!")
    sent = values.get("article")
    entry = articles.new_entry(sent, actor, known) if isinstance(sent, dict) else None
    by_customer = entry is not None and entry.kind == "message" and actor.customer is not None
    return NewTicket(
        requester=requester or NewPerson(email=""),
        subject=_title(values),
        body=Body(""),
        form=False,
        entry=_titled(entry, values),
        person=person,
        department=rows.group.id,
        priority=rows.rank.row if rows.rank else None,
        status=rows.state.status if rows.state else None,
        phase=rows.state.phase if rows.state else None,
        pending_until=_time(values, "pending_time"),
        agent=owner if owner != NOBODY else None,
        number=values.text("number").strip(),
        note=_note(values) or "",
        kind=text.one_line(values.text("type"))[:LONGEST_NOTE],
        preferences=articles.preferences(values) if actor.customer is None else {},
        created_by=actor.me,
        source=entry.source if entry else "API",
        autorespond=by_customer,
        fields=_custom(values, known),
        tags=tuple(values.listed("tags")),
        mentions=tuple(_mentions(values)),
        links=links.of_new_ticket(values),
        services=(_services(values) or ()) if actor.customer is None else (),
    )


def _services(values: Bag) -> tuple[int, ...] | None:
    """The ids of the services that a ticket is about (docs/notific.md 5.5), if given.

    Raises:
        Refusal: 422, for an invalid id.
    """
    if values.get("services") is None:
        return None
    found = []
    for given in values.listed("services"):
        number = parameters.id_of(given)
        if not number:
            raise Refusal(422, f"Invalid value for param 'services': {json.dumps(given)}")
        found.append(number)
    return tuple(found)


def _mentions(values: Bag) -> list[int]:
    """The ids of the agents who are to follow a new ticket.

    Raises:
        Refusal: 422, for an invalid id.
    """
    found = []
    for given in values.listed("mentions"):
        number = parameters.id_of(given)
        if not number:
            raise Refusal(422, f"Invalid value for param 'mentions': {json.dumps(given)}")
        found.append(number)
    return found


def change(values: Bag, actor: Actor, known: Catalogue) -> Change:
    """The requested changes of a ticket (docs/zammad.md 7.4).

    Raises:
        Refusal: 422, for unknown names.
        Invalid: The title is too long or blank, or a time is invalid.
    """
    if actor.customer is not None:
        values = Bag({name: value for name, value in values.values.items() if not _staffs(name)})
    rows = Rows(values, known)
    owner = lookup.owner(values, known)
    person, _ = _customer(values, actor) if actor.customer is None else (None, None)
    rows.check()
    sent = values.get("article")
    entry = articles.new_entry(sent, actor, known) if isinstance(sent, dict) and sent else None
    entry = _timed(entry, values, actor, known)
    group = rows.group.id if rows.group else None
    if group is not None and actor.departments and group not in actor.departments:
        raise NotAccessible
    asked = Change(
        subject=_title(values) if values.get("title") is not None else None,
        department=group,
        entry=_titled(entry, values),
        person=person,
        release=owner == NOBODY,
        agent=owner if owner not in {None, NOBODY} else None,
        pending_until=_time(values, "pending_time"),
        note=_note(values),
        kind=text.one_line(values.text("type"))[:LONGEST_NOTE] if "type" in values else None,
        preferences=articles.preferences(values),
        fields=_custom(values, known),
        services=_services(values),
        by=actor.me,
        customers=OF_CUSTOMERS,
    )
    if agent := known.agents.get(asked.agent if isinstance(asked.agent, int) else 0):
        fit = agent.active and (group is None or agent.works_in(group))
        asked = asked if fit else replace(asked, agent=None, release=True)
    return _with_rows(asked, rows)


def _with_rows(asked: Change, rows: Rows) -> Change:
    """The change with its state and priority; values that are shown the same now do not change."""
    if rows.state:
        alike = {**asked.alike, "status": rows.state.alike}
        asked = replace(asked, status=rows.state.status, phase=rows.state.phase, alike=alike)
    if rows.rank:
        alike = {**asked.alike, "priority": rows.rank.alike}
        asked = replace(asked, priority=rows.rank.row, alike=alike)
    return asked


def _staffs(name: str) -> bool:
    return name.removesuffix("_id") in _OF_STAFF


def _timed(entry: NewEntry | None, values: Bag, actor: Actor, known: Catalogue) -> NewEntry | None:
    """An entry with the `time_unit` given for the ticket, which is never refused (docs/zammad.md
    17.19).
    """
    if entry is None or entry.time_unit:
        return entry
    with suppress(Invalid):
        return replace(entry, time_unit=articles.time_unit(values, actor, known))
    return entry


def _titled(entry: NewEntry | None, values: Bag) -> NewEntry | None:
    return replace(entry, title=entry.title or _title(values)) if entry else None


def check_may_delete(actor: Actor, ticket: int) -> None:
    """Rejects actors who may not delete tickets, with an error that depends on whether they may see
    the ticket (docs/zammad.md 3).

    Raises:
        NotFound: The ticket does not exist, or the actor may not see it.
        NotAccessible: The actor may see it, but not delete it.
    """
    if actor.customer is not None or not actor.may("can_delete_tickets"):
        find.find_ticket(actor, ticket)
        raise NotAccessible("admin permission required")


# --- values ---------------------------------------------------------------------------------


def _title(values: Bag) -> str:
    title = re.sub(r"\s", " ", values.text("title")).strip()
    if len(title) > LONGEST_TITLE:
        raise Invalid(Problem("subject", "too_long", detail=str(LONGEST_TITLE)))
    if "title" in values and not title:
        raise Invalid(Problem("subject", "required"))
    return title


def _note(values: Bag) -> str | None:
    if "note" not in values:
        return None
    note = text.strip_controls(values.text("note")).strip()
    if len(note) > LONGEST_NOTE:
        raise Invalid(Problem("note", "too_long", detail=str(LONGEST_NOTE)))
    return note


def _time(values: Bag, name: str) -> datetime | None:
    """A time, parsed as in all APIs; without an offset it is UTC.

    Raises:
        Refusal: 422, if it is invalid.
    """
    given_time = values.text(name).strip()
    if not given_time:
        return None
    try:
        return times.read(given_time)
    except ValueError as bad:
        raise Refusal(422, f"Invalid value for field '{name}'!") from bad


def _custom(values: Bag, known: Catalogue) -> dict[str, Any]:
    """The values of the ticket form's custom fields."""
    own = [row.name for row in known.fields.values() if row.form == "ticket"]
    found: dict[str, Any] = {}
    for name in own:
        if name in fields.BUILT_IN or (value := values.get(name)) is None:
            continue
        if isinstance(value, list):
            value = tuple(map(str, value))
        found[name] = values.text(name) if isinstance(value, float | dict) else value
    return found


# --- the requester --------------------------------------------------------------------------


def _customer(values: Bag, actor: Actor) -> tuple[int | None, NewPerson | None]:
    """The requester, by id or as a new person; neither if none is given.

    Raises:
        Refusal: 422, for an unknown user.
    """
    if actor.customer is not None:
        return actor.customer, None
    number = values.get("customer_id")
    if isinstance(number, str) and number.startswith("guess:"):
        return None, _guessed(number.removeprefix("guess:").strip())
    found = lookup.user(values, "customer")
    if found is not None:
        return found.id, None
    if number not in (None, ""):
        wanted = lookup.whole_id(number)
        if wanted in {None, NOBODY, THE_DESK}:
            raise unknown_id("customer_id", number)
        return wanted, None
    described = values.get("customer")
    return _described(described) if isinstance(described, dict) else (None, None)


def _guessed(address: str) -> NewPerson:
    if not addresses.is_address(address):
        raise Refusal(422, f"Invalid email '{address[:200]}' of customer", error_human=None)
    first, last = guess_names("", "", address)
    profile = {"firstname": first, "lastname": last}
    return NewPerson(email=folded(address), name=full_name(first, last), profile=profile)


def _described(described: Mapping[str, Any]) -> tuple[int | None, NewPerson | None]:
    values = dict(described)
    if (number := lookup.whole_id(values.get("id"))) is not None:
        return number, None
    email, login = text_of(values, "email").strip(), text_of(values, "login").strip()
    for name in filter(None, (email, login)):
        if found := people.find_user(SYSTEM, name):
            return found.id, None
    if not addresses.is_address(email):
        raise Refusal(422, f"Invalid email '{email[:200]}'")
    first, last = guess_names(
        text.one_line(text_of(values, "firstname")), text.one_line(text_of(values, "lastname"))
    )
    profile = {"firstname": first, "lastname": last, **({"login": login} if login else {})}
    return None, NewPerson(
        email=folded(email),
        name=full_name(first, last),
        phone=text.one_line(text_of(values, "phone")),
        profile=profile,
    )
