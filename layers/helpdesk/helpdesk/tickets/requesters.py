"""The requester of a new ticket, and whether they may open it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from helpdesk import text
from helpdesk.addresses import is_banned
from helpdesk.catalogue import fields
from helpdesk.catalogue.fields import Forms
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now, seconds
from helpdesk.errors import (
    Banned,
    ChangedUnderYou,
    Invalid,
    NotAllowed,
    NotFound,
    TooManyOpen,
)
from helpdesk.events.history import ticket_event
from helpdesk.model.actor import NOBODY, SYSTEM, THE_DESK, Actor
from helpdesk.model.people import Person
from helpdesk.model.tickets import NewTicket
from helpdesk.storage import person_items, table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import Key, loop_key, padded, person_key, ticket_key
from helpdesk.storage.transact import Cancelled


def known_person(
    actor: Actor, new: NewTicket, found: Mapping[Key, Item], known: Catalogue
) -> Person | None:
    """The requester, if the desk knows them; None if not, or if a mail has no sender.

    Raises:
        NotAllowed: A customer's key names another requester.
        NotFound: Nobody has the id that is given.
    """
    if new.mail and not new.requester.email:
        return Person(id=NOBODY, name=new.requester.name, email="")
    person = None
    if new.person is not None:
        person = person_by_id(new.person, found, known)
    elif item := found.get(person_items.holder_key(new.requester.email)):
        person = person_items.as_person(item)
    if actor.customer is not None and (person is None or person.id != actor.customer):
        raise NotAllowed("can_act_for_others")
    return person


def person_by_id(number: int, found: Mapping[Key, Item], known: Catalogue) -> Person:
    """The requester with this id: a person, an agent, or the desk itself. `found` has the item of
    `person_key`.

    Raises:
        NotFound: Nobody has the id.
    """
    if number == THE_DESK:
        return Person(id=THE_DESK, name=known.settings.helpdesk_title, email="")
    item = found.get(person_key(number), {})
    if "agent" in item and (agent := known.agents.get(number)):
        return Person(id=agent.id, name=agent.name, email=agent.email)
    if "id" not in item:
        raise NotFound("person", number)
    return person_items.as_person(item)


def without_form(forms: Forms, new: NewTicket, person: Person | None) -> Forms:
    """The forms for a request without form input: no name and no value is required."""
    requester = forms.requester
    if person:
        requester = replace(requester, email=person.email, name=person.name)
    elif new.requester.name:
        requester = replace(requester, name=text.one_line(new.requester.name))
    unasked = {"user", "message"}
    problems = tuple(problem for problem in forms.problems if problem.field not in unasked)
    return replace(forms, requester=requester, problems=problems)


def as_mailed(forms: Forms, new: NewTicket) -> Forms:
    """The forms of a mail: the values as written, without problems. The sender has seen no form, so
    a missing or wrong field must not refuse the mail.
    """
    marked = {fields.SUSPICIOUS: new.mail.suspicious} if new.mail and new.mail.suspicious else {}
    return replace(
        forms,
        requester=new.requester,
        subject=text.one_line(new.subject)[: fields.LONGEST_LINE],
        fields={**forms.fields, **marked},
        due=None,
        early=False,
        problems=(),
    )


def check_requester(forms: Forms, person: Person | None, known: Catalogue, new: NewTicket) -> bool:
    """Refuses a ticket that the requester may not open.

    The order is osTicket's (docs/osticket.md 1.3, 7a to 7g): a wrong date hides a ban, a ban hides
    the rest of the form. A mail may already have passed one of these rules.

    Returns:
        Whether this ticket brings the requester to the limit of open tickets.

    Raises:
        Banned: The address is on the ban list.
        TooManyOpen: The requester has as many open tickets as the desk allows.
        Invalid: The form has problems.
    """
    before, passed = 0, new.mail.passed if new.mail else frozenset()
    if not forms.early:
        if "banned" not in passed:
            _check_ban(forms, known)
        if "too_many_open" not in passed:
            before = _count_open(person, known)
    _check_problems(forms)
    return before + 1 == known.settings.max_open_tickets


def _check_ban(forms: Forms, known: Catalogue) -> None:
    address = person_items.folded(forms.requester.email)
    if is_banned(address, known.settings.ban_list):
        raise Banned(address)


def _check_problems(forms: Forms) -> None:
    if forms.problems:
        raise Invalid(*forms.problems)


def _count_open(person: Person | None, known: Catalogue) -> int:
    """The number of a person's open tickets, if the desk limits them.

    Raises:
        TooManyOpen: The limit is reached.
    """
    limit = known.settings.max_open_tickets
    if not limit or person is None or person.id in {NOBODY, THE_DESK}:
        return 0
    open_statuses = {str(row.id) for row in known.statuses.values() if row.state == "open"}
    count = 0
    for item in table.query(padded(person.id), index="g06"):
        count += item.get("p1", "").partition("#")[0] in open_statuses
        if count >= limit:
            _tell_admin(person.id, int(item["pk"].removeprefix("T#")))
            raise TooManyOpen
    return count


def _tell_admin(person: int, ticket: int) -> None:
    """Notifies the admin, once a day, that somebody is refused for their open tickets, by an event
    of the latest ticket that was counted.
    """
    at = now()
    told = loop_key(f"{at:%Y-%m-%d} {person}", "too_many_open")
    if table.get(told):
        return
    writes = [
        transact.put_new(told, {"ttl": seconds(at + timedelta(days=2))}),
        transact.check(ticket_key(ticket), "attribute_exists(pk)"),
        ticket_event("too_many_open", SYSTEM, ticket, at, todo=("notify",)),
    ]
    # Another refusal has sent the notice, or the ticket is gone and the next refusal sends it.
    with suppress(Cancelled, ChangedUnderYou):
        transact.commit_retried(writes)
