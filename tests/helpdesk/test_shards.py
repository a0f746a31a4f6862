"""A sharded desk behaves like an unsharded one in lists, sweeps and queues, and can go back."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk import provisioning
from helpdesk.catalogue import cache
from helpdesk.clock import now
from helpdesk.directory import settings
from helpdesk.directory import versions as directory
from helpdesk.events import outbox
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body
from helpdesk.model.people import NewPerson
from helpdesk.model.queries import Page, Wanted
from helpdesk.model.tickets import Change, NewTicket
from helpdesk.projection import migrate
from helpdesk.queries.lists import find_tickets
from helpdesk.storage import generations, listings, shards, sweeps, table, transact
from helpdesk.storage.keys import (
    ALL,
    CATALOGUE_VERSION,
    DUE,
    PENDING,
    TODO,
    Key,
    packed_key,
    ticket_key,
)
from helpdesk.storage.listings import KeyRange
from helpdesk.storage.shards import Shards
from helpdesk.tickets import changes, create, pending
from helpdesk.tickets.overdue import mark_overdue
from tests.desk import Desk, function
from tests.faults import How
from tests.world import aside, items, later, waiting

COUNT = 13


def opened(**values: Any) -> int:
    new = NewTicket(
        requester=NewPerson(email="ann@example.org", name="Ann"),
        subject="Printer",
        body=Body("It burns."),
        **values,
    )
    later(seconds=1)
    return create.open_ticket(SYSTEM, new).id


def names(attribute: str) -> set[str]:
    """The partitions of an index that something stands in."""
    found = (item.get(attribute, {}).get("S") for item in items("desk"))
    return {one for one in found if one}


def asleep(ids: list[int], at: datetime) -> None:
    transact.write_many(
        [
            transact.put(
                ticket_key(one),
                {
                    **(table.get(ticket_key(one)) or {}),
                    "phase": "pending_reminder",
                    "pending_until": f"{at:%Y-%m-%dT%H:%M:%S.000Z}",
                    "p9": shards.to_write(PENDING, one),
                    "s9": f"{at:%Y-%m-%dT%H:%M:%S.000Z}#{one:010d}",
                },
            )
            for one in ids
        ]
    )


def settle(desk: Desk) -> None:
    while keys := [key for key in waiting("") if "project" in desk.todo(key)]:
        assert desk.deliver("project", *keys) == []
    for key in waiting(""):
        assert desk.deliver("notify", key) == []


def stored() -> Any:
    found = table.get(CATALOGUE_VERSION)
    assert found
    return found.get(shards.ATTRIBUTE)


def test_a_desk_that_never_asked_has_one_shard_and_stores_nothing_of_it(desk: Desk) -> None:
    provisioning.spread(1)
    assert stored() is None
    opened()
    assert (names("p4"), names("p10")) == ({ALL}, {TODO})


@pytest.mark.parametrize("count", [1, 4, 16])
def test_every_list_sweep_and_queue_sees_all(desk: Desk, count: int) -> None:
    before = [opened() for _ in range(3)]  # from before it was asked for
    provisioning.spread(count)
    due = now() + timedelta(minutes=30)
    ids = before + [opened(due=due) for _ in range(COUNT)]
    assert len(names("p4")) == min(count, COUNT)
    assert len(outbox.oldest(100)) == len(ids)
    settle(desk)

    # Pages: nothing twice, nothing left out, in order, by their cursors and by offset.
    for descending in (False, True):
        entries = list(listings.of_all("updated", KeyRange(descending), 2))
        assert [one.ticket for one in entries] == sorted(ids, reverse=descending)
        after = KeyRange(descending, after=entries[4].order)
        assert list(listings.of_all("updated", after, 3)) == entries[5:]
        assert [one.ticket for one in listings.of_all("number", KeyRange(descending), 100)]
    seen = []
    for offset in range(0, len(ids), 5):
        page = Page(sort="updated", descending=True, offset=offset, limit=5)
        seen += [ticket.id for ticket in find_tickets(SYSTEM, Wanted(), page)]
    assert seen == sorted(ids, reverse=True)

    # What is due, the longest overdue first.
    later(hours=1)
    assert [key.pk for key in sweeps.fallen_due(now())] == [ticket_key(i).pk for i in ids[3:]]
    assert sweeps.fallen_due(now(), 4) == [ticket_key(one) for one in ids[3:7]]
    function("mark_overdue")({}, None)
    assert sweeps.fallen_due(now()) == []
    marked = table.fetch([ticket_key(one) for one in ids[3:]])
    assert all(item["overdue"] and "p9" not in item for item in marked.values())

    # What the stream has lost.
    later(hours=1)
    lost = waiting("")
    assert len(lost) == COUNT
    assert outbox.requeue() == COUNT
    assert set(desk.queued("project")) == set(lost)
    assert outbox.requeue() == 0
    order = [event.at for event in outbox.oldest(5)]
    assert all(one <= other for one, other in pairwise(order))


@pytest.mark.parametrize("count", [1, 4])
def test_what_is_pending_wakes(desk: Desk, count: int) -> None:
    provisioning.spread(count)
    ids = [opened() for _ in range(5)]
    asleep(ids, now() + timedelta(hours=1))
    assert pending.wake_pending() == 0
    later(hours=2)
    assert pending.wake_pending() == 5
    assert pending.wake_pending() == 0


def test_a_damaged_event_is_set_aside_from_any_shard(desk: Desk) -> None:
    provisioning.spread(4)
    for _ in range(8):
        opened()
    events = waiting("")
    for key in events:
        outbox.set_aside(key)
    assert names("p10") == {outbox.ASIDE}


def test_fewer_shards_lose_nothing_and_migrate_ends_them(desk: Desk) -> None:
    provisioning.spread(4)
    ids = [opened(due=now() + timedelta(minutes=5)) for _ in range(COUNT)]
    changes.change_ticket(SYSTEM, ids[0], Change(status="Closed"))
    provisioning.spread(1)
    assert (shards.seen().written, shards.seen().read) == (1, 4)
    ids.append(opened())
    listed = [one.ticket for one in listings.of_all("updated", KeyRange(descending=False), 100)]
    assert sorted(listed) == ids
    before = {key.pk: item for key, item in table.fetch([*map(ticket_key, ids)]).items()}
    events = set(waiting(""))

    # A function that began before may yet write one.
    assert migrate.go_on(60).phase == "shards"
    assert (names("p4"), names("p9"), names("p10")) == ({ALL}, {DUE}, {TODO})
    assert shards.seen().read == 4
    assert migrate.go_on(60).phase == "shards"
    later(seconds=91)
    assert migrate.go_on(60).phase == "done"
    assert stored() == {"written": 1, "read": 1}
    assert (shards.seen().written, shards.seen().read) == (1, 1)
    listed = [one.ticket for one in listings.of_all("updated", KeyRange(descending=False), 100)]
    assert sorted(listed) == ids
    # Nothing else has happened to them, and nobody hears of it.
    for item in table.fetch([*map(ticket_key, ids)]).values():
        same = {name: value for name, value in item.items() if name not in {"p4", "p9"}}
        assert same.items() <= before[item["pk"]].items()
    assert set(waiting("")) == events
    assert migrate.go_on(60).phase == "done"


def test_what_has_come_late_into_a_shard_is_moved_as_well(desk: Desk) -> None:
    provisioning.spread(4)
    late = opened()
    provisioning.spread(1)
    later(seconds=91)
    assert migrate.go_on(60).phase == "shards"
    moved = {"p4": f"{ALL}#3"}
    transact.write(transact.set_attributes(ticket_key(late), moved))
    assert migrate.go_on(60).phase == "shards"
    assert names("p4") == {ALL}
    assert migrate.go_on(60).phase == "done"


def test_more_shards_again_before_they_have_ended(desk: Desk) -> None:
    for count, after in ((4, (4, 4)), (1, (1, 4)), (2, (2, 4)), (8, (8, 8)), (8, (8, 8))):
        provisioning.spread(count)
        assert (shards.seen().written, shards.seen().read) == after
    assert migrate.go_on(60).phase == "done"


def test_a_reader_that_has_not_heard_of_them_answers_once_more(desk: Desk) -> None:
    provisioning.spread(4)
    ids = [opened() for _ in range(8)]
    settle(desk)
    shards.forget()
    cache.forget()
    from dialects import endpoint

    asked: list[list[int]] = []

    def handler(_request: Any) -> Any:
        page = Page(sort="updated", limit=100)
        asked.append(sorted(one.id for one in find_tickets(SYSTEM, Wanted(), page)))

    request: Any = type("Request", (), {"method": "GET"})()
    endpoint._handled(handler, request)
    assert asked[-1] == ids


@pytest.mark.parametrize(
    "damaged", ["4", 4, {"written": 0, "read": 4}, {"written": 8, "read": 4}, {"read": "4"}]
)
def test_where_it_is_damaged_all_are_read_and_a_deployment_mends_it(
    desk: Desk, damaged: Any
) -> None:
    provisioning.spread(4)
    ids = [opened(due=now() + timedelta(minutes=5)) for _ in range(5)]
    transact.write(transact.set_attributes(CATALOGUE_VERSION, {shards.ATTRIBUTE: damaged}))
    shards.forget()  # as a new container
    cache.current()
    listed = [one.ticket for one in listings.of_all("updated", KeyRange(descending=False), 100)]
    assert listed == ids
    provisioning.spread(16)
    assert stored()["read"] == 16
    assert shards.of(table.get(CATALOGUE_VERSION) or {}).written == 16


@pytest.mark.parametrize("count", [4, 1])
def test_who_changes_the_catalogue_meanwhile_takes_nothing_back(desk: Desk, count: int) -> None:
    provisioning.spread(5 - count)
    version = directory._next_version
    once = iter([True])

    def meanwhile(before: Any, change: Any) -> Any:
        # The item was read, and is about to be written whole.
        if next(once, False):
            provisioning.spread(count)
        return version(before, change)

    with patch.object(directory, "_next_version", meanwhile):
        settings.update_settings(SYSTEM, {"max_open_tickets": 3})
    assert stored()["written"] == count
    assert cache.current().settings.max_open_tickets == 3


@pytest.mark.parametrize("sweep", ["overdue", "pending"])
def test_a_sweep_that_found_nothing_hears_of_more_shards(desk: Desk, sweep: str) -> None:
    mark = {"overdue": mark_overdue, "pending": pending.wake_pending}[sweep]
    assert mark() == 0
    # Other containers are told, and write; of ids that follow each other, three to other shards.
    provisioning.spread(4)
    at = now() + timedelta(minutes=5)
    ids = [opened(due=at) for _ in range(3)]
    assert ids[0] % 4 != 0
    if sweep == "pending":
        asleep(ids, at)
    later(hours=1)
    shards.forget()
    assert mark() == 3


def test_what_nobody_can_read_is_moved_too(desk: Desk) -> None:
    provisioning.spread(4)
    ids = [opened(due=now() + timedelta(minutes=5)) for _ in range(4)]
    for one in ids:
        transact.write(transact.set_attributes(ticket_key(one), {"created": "never"}))
    provisioning.spread(1)
    later(seconds=91)
    assert migrate.go_on(60).phase == "shards"
    assert (names("p4"), names("p9")) == ({ALL}, {DUE})
    assert migrate.go_on(60).phase == "done"


def test_more_than_there_may_be_are_refused() -> None:
    with pytest.raises(ValueError, match="read"):
        Shards(17, 17)


# --- the catalogue, trusted -----------------------------------------------------------------


def test_the_catalogue_is_asked_for_at_each_request(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CATALOGUE_SECONDS", raising=False)
    cache.current()
    assert generations.trusted() is None
    monkeypatch.setenv("CATALOGUE_SECONDS", "0")
    cache.current()
    assert generations.trusted() is None


def test_a_busy_desk_trusts_it_for_a_while(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_SECONDS", "60")
    known = cache.current()
    with desk.injector.fault(How.BEFORE, 99) as counted:
        assert cache.current() is known
        assert table.fetch([CATALOGUE_VERSION, Key("T#0", "A")])[CATALOGUE_VERSION]["n"]
    assert counted.calls == ["BatchGetItem"]
    # Another container changes it: that is heard of when the time is up.
    aside("dynamodb").update_item(
        TableName="desk",
        Key=packed_key(CATALOGUE_VERSION),
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    assert cache.current() is known
    monkeypatch.setenv("CATALOGUE_SECONDS", "0")
    assert cache.current().version == known.version + 1


def test_who_changes_it_knows_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOGUE_SECONDS", "60")
    cache.current()
    transact.write(transact.update(CATALOGUE_VERSION, "ADD n :one", {":one": 1}))
    version = cache.current().version
    provisioning.spread(4)
    assert shards.seen().written == 4
    assert cache.current().version == version + 1
