"""A running broadcast continues whatever its items look like: items of earlier and later versions
are read, damaged ones are skipped.
"""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk import customers
from helpdesk.broadcasts import progress, send, state
from helpdesk.directory import changes as directory
from helpdesk.model.actor import SYSTEM
from helpdesk.storage import table, transact
from helpdesk.storage.keys import Key, person_key, subscription_key
from tests.desk import Desk, new_desk
from tests.helpdesk.broadcasts.telling import Killed, customer, event, opened, service
from tests.http.aged import aged
from tests.world import aside, items, later, waiting

SUBSCRIBERS = 2 * send.AT_ONCE + 1

CONCERNED = ("T#", "MAIL#", "BC#", "M#", "S#")
"""Partitions of all that a broadcast reads and writes, but for people: on the first day nobody had
services."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk() as made:
        yield made


def begun(desk: Desk, *services: int) -> Key:
    """A broadcast whose sender was killed after it had noted the first few."""
    key = event(opened(*services))
    real = state.Run.advance

    def advance(run: state.Run, cursor: int, **told: Any) -> None:
        if run.cursor:
            raise Killed
        real(run, cursor, **told)

    with patch.object(state.Run, "advance", advance), pytest.raises(Killed):
        desk.deliver("send_broadcast", key)
    later(minutes=11)
    return key


@pytest.mark.parametrize("old", [True, False], ids=["of the past", "of the future"])
def test_one_goes_on_over_items_of_another_time(desk: Desk, old: bool) -> None:
    vpn = service()
    for number in range(SUBSCRIBERS):
        customer(number, vpn)
    key = begun(desk, vpn)
    told = len(desk.mails())
    assert 0 < told < SUBSCRIBERS
    for item in items("desk"):
        if item["pk"]["S"].startswith(CONCERNED):
            aside("dynamodb").put_item(TableName="desk", Item=aged(item, old=old))
    assert desk.deliver("send_broadcast", key) == []
    assert desk.todo(key) == set()
    assert desk.addressees() == sorted(f"c{n}@example.org" for n in range(SUBSCRIBERS))
    done = progress.find(SYSTEM, key.sk.removeprefix("V#"))
    assert (done.total, done.left, bool(done.finished)) == (SUBSCRIBERS, 0, True)


def test_damaged_subscriptions_are_passed_over(desk: Desk) -> None:
    vpn = service()
    numbers = [customer(number, vpn) for number in range(3)]
    pk = subscription_key(vpn, 0).pk
    for sk in ("P#xylophone", "P#", "P#-5", "P#7", f"P#{'9' * 40}"):
        transact.write(transact.put(Key(pk, sk), {"person": 7}))
    damaged = {"id": numbers[1], "services": "xylophone", "email": [5]}
    transact.write(transact.put(person_key(numbers[1]), damaged))
    key = event(opened(vpn))
    assert desk.deliver("send_broadcast", key) == []
    assert desk.todo(key) == set()
    assert desk.addressees() == ["c0@example.org", "c2@example.org"]
    directory.delete_row(SYSTEM, "services", vpn)
    assert desk.deliver("project", *waiting("")) == []
    for number in (numbers[0], numbers[2]):
        found = customers.find_customer(SYSTEM, number)
        assert vpn not in getattr(found, "services", ())


def each(name: str, *values: Any) -> list[dict[str, Any]]:
    return [{name: value} for value in values]


DAMAGED = [
    *each("what", None, 5, "exploded", ["created"]),
    *each("start", "soon", "0001-13-01", "9" * 400),
    *each("due", "2026-01-01"),
]
ODD = [
    *each("services", None, 5, "x", [[], "x", 10**15], {"a": 1}),
    *each("subject", None, 5, [], {"a": 1}),
    *each("description", "x", 10**15, []),
    {"start": 5, "end": None, "due": []},
]


@pytest.mark.parametrize("wrong", DAMAGED, ids=str)
def test_a_damaged_event_is_set_aside(desk: Desk, wrong: dict[str, Any]) -> None:
    vpn = service()
    customer(1, vpn)
    key = event(opened(vpn))
    data = {**(table.get(key) or {})["data"], **wrong}
    transact.write(transact.set_attributes(key, {"data": data}, condition="attribute_exists(pk)"))
    assert desk.deliver("send_broadcast", key) == []
    assert not desk.mails()
    assert (table.get(key) or {})["p10"] != "TODO"


@pytest.mark.parametrize("wrong", ODD, ids=str)
def test_what_is_odd_about_an_event_stops_nothing(desk: Desk, wrong: dict[str, Any]) -> None:
    vpn = service()
    customer(1, vpn)
    key = event(opened(vpn))
    data = {**(table.get(key) or {})["data"], **wrong}
    transact.write(transact.set_attributes(key, {"data": data}, condition="attribute_exists(pk)"))
    assert desk.deliver("send_broadcast", key) == []
    assert desk.todo(key) == set()
    assert len(desk.mails()) == ("services" not in wrong)
