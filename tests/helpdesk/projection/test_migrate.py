"""Items of earlier versions are converted to this version's format, without other changes."""

from typing import Any
from unittest.mock import patch

import pytest

from helpdesk import people
from helpdesk.errors import Conflict
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import Change, NewTicket
from helpdesk.projection import migrate
from helpdesk.storage import shapes, table, transact
from helpdesk.storage.keys import MIGRATE, Key, person_key, ticket_key
from helpdesk.storage.person_items import holder_key
from helpdesk.tickets import changes, create
from tests import world
from tests.desk import Desk, function
from tests.world import waiting

OLD = ("v", "s3", "p8", "answered")
"""What an item of before lacks here."""


def opened(**change: Any) -> int:
    new = NewTicket(
        requester=NewPerson(email="ann@example.org", name="Ann"),
        subject="Printer",
        body=Body("It burns."),
    )
    ticket = create.open_ticket(SYSTEM, new)
    if change:
        changes.change_ticket(SYSTEM, ticket.id, Change(**change))
    return ticket.id


def age(key: Key) -> dict[str, Any]:
    """Makes an item one of before; gives it as it was."""
    item = table.get(key)
    assert item is not None
    there = [name for name in OLD if name in item]
    transact.write(transact.set_attributes(key, {"from_the_future": 1}, remove=there))
    return item | {"from_the_future": 1}


def settle(desk: Desk) -> None:
    while keys := [key for key in waiting("") if "project" in desk.todo(key)]:
        assert desk.deliver("project", *keys) == []


def test_items_of_before_become_what_this_version_writes(desk: Desk) -> None:
    ticket = opened(status="Closed")
    person = table.get(ticket_key(ticket))["person"]  # type: ignore[index]
    keys = [ticket_key(ticket), person_key(person), holder_key("ann@example.org")]
    before = {key: age(key) for key in keys}
    events = waiting("")
    assert migrate.go_on(60).phase == "done"
    assert {key: table.get(key) for key in keys} == before
    assert waiting("") == events
    assert not desk.mails()


def test_a_second_time_nothing_is_written(desk: Desk) -> None:
    opened()
    migrate.go_on(60)
    before = world.items()
    assert migrate.go_on(60).phase == "done"
    assert world.items() == before


def test_the_function_goes_on_where_the_last_call_stopped(desk: Desk) -> None:
    tickets = [opened() for _ in range(3)]
    for ticket in tickets:
        age(ticket_key(ticket))
    with patch.object(migrate, "AT_ONCE", 1):
        said = [function("migrate_items")({"seconds": 0}, None)]
        while said[-1]["phase"] != "done":
            said.append(function("migrate_items")({"seconds": 0}, None))
    assert said[:3] == [{"phase": "tickets", "done": n, "of": 3} for n in (1, 2, 3)]
    for ticket in tickets:
        assert table.get(ticket_key(ticket))["v"] == shapes.SHAPE  # type: ignore[index]


def test_what_changes_meanwhile_stays_changed(desk: Desk) -> None:
    ticket = opened()
    age(ticket_key(ticket))
    commit, left = transact.commit_retried, ["Paper"]

    def overtaken(writes: Any, generation: str | None = None) -> None:
        if left:
            changes.change_ticket(SYSTEM, ticket, Change(subject=left.pop()))
        commit(writes, generation)

    with patch.object(transact, "commit_retried", overtaken):
        migrate.go_on(60)
    item = table.get(ticket_key(ticket))
    assert item is not None
    assert (item["subject"], item["v"]) == ("Paper", shapes.SHAPE)


def test_a_later_shape_and_a_damaged_item_stay_as_they_are(desk: Desk) -> None:
    later, damaged = opened(), opened()
    transact.write(transact.set_attributes(ticket_key(later), {"v": shapes.SHAPE + 1}))
    age(ticket_key(damaged))
    transact.write(transact.set_attributes(ticket_key(damaged), {"subject": 7}))
    before = [table.get(ticket_key(one)) for one in (later, damaged)]
    assert migrate.go_on(60).phase == "done"
    assert [table.get(ticket_key(one)) for one in (later, damaged)] == before


def test_an_agents_item_among_people_stays_as_it_is(desk: Desk) -> None:
    opened()
    key = person_key(3)
    transact.write(transact.put(key, {"id": 3, "agent": True}))
    before = table.get(key)
    migrate.go_on(60)
    assert table.get(key) == before


def test_two_calls_do_not_work_at_once(desk: Desk) -> None:
    opened()
    with patch.object(migrate, "AT_ONCE", 1):
        migrate.go_on(0)
    transact.write(transact.set_attributes(MIGRATE, {"lease": "2999-01-01T00:00:00.000Z"}))
    with pytest.raises(Conflict):
        migrate.go_on(0)
    assert function("migrate_items")({}, None) == {"phase": "under way"}


def test_people_and_organizations_are_read_as_before(desk: Desk) -> None:
    opened()
    settle(desk)
    (number,) = people.newest_people(10)
    before = people.find_users([number])
    age(person_key(number))
    migrate.go_on(60)
    assert people.find_users([number]) == before
