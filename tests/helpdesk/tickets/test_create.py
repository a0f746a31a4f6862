"""The initial state of a ticket, and the cost of opening one."""

from dataclasses import replace

import pytest

from helpdesk import organizations, people
from helpdesk.errors import NotFound
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, NewEntry
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import NewTicket
from helpdesk.storage import table, transact
from helpdesk.storage.keys import ticket_key
from helpdesk.tickets import create, find
from tests.desk import Desk
from tests.faults import How

NEW = NewTicket(NewPerson(email="ann@example.org", name="Ann"), "Printer", Body("It burns."))


def test_two_round_trips_are_three_calls(desk: Desk) -> None:
    create.open_ticket(SYSTEM, NEW)
    with desk.injector.fault(How.BEFORE, nth=1000) as watched:
        create.open_ticket(SYSTEM, NEW)
    assert sorted(watched.calls) == ["BatchGetItem", "TransactWriteItems", "UpdateItem"]


def test_without_a_form_the_first_entry_stays_as_it_is(desk: Desk) -> None:
    entry = NewEntry(Body("It burns."), poster="Bob", title="Fire", kind="message")
    new = replace(NEW, form=False, entry=entry, body=Body(""))
    thread = find.find_thread(SYSTEM, create.open_ticket(SYSTEM, new).id)
    (first,) = thread.entries
    assert (first.poster, first.title, first.person) == ("Bob", "Fire", thread.ticket.person)


def test_a_parent_that_goes_meanwhile_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = create.open_ticket(SYSTEM, NEW).id
    commit = transact.commit

    def overtaken(writes: list[transact.Write]) -> None:
        transact.write(transact.delete(ticket_key(parent)))
        commit(writes)

    monkeypatch.setattr(transact, "commit", overtaken)
    with pytest.raises(NotFound) as refused:
        create.open_ticket(SYSTEM, replace(NEW, parent=(parent,)))
    assert (refused.value.what, refused.value.ref) == ("parent", parent)
    assert table.get(ticket_key(parent + 1)) is None


def test_a_ticket_belongs_to_the_organization_of_who_asks(desk: Desk) -> None:
    acme = organizations.create_organization(SYSTEM, {"name": "Acme"}).id
    person = people.create_person(SYSTEM, {"email": "ann@example.org", "organization": acme})
    ticket = create.open_ticket(SYSTEM, NEW)
    assert (ticket.person, ticket.organization) == (person.id, acme)
