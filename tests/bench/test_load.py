"""The bench's own desk is left as it was loaded, and is loaded with what the desk writes."""

import pytest

from bench import sample
from bench.desk import Desk
from bench.load import Load
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body
from helpdesk.model.people import NewPerson
from helpdesk.model.tickets import NewTicket
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import ALL, SEQUENCES, ticket_key
from helpdesk.tickets.create import open_ticket

pytestmark = pytest.mark.exhaustive


def opened() -> int:
    wanted = NewTicket(
        NewPerson(email=sample.person(0)["email"], name="Somebody"),
        "A subject",
        Body("A text"),
        topic=stored(1)[0].get("topic"),
        source="API",
        ip="198.51.100.7",
    )
    return open_ticket(SYSTEM, wanted).id


def stored(ticket: int) -> list[Item]:
    return list(table.query(ticket_key(ticket).pk))


def test_what_a_measurement_writes_is_not_there_for_the_next(loaded: Desk) -> None:
    before = table.fetch([SEQUENCES]), stored(1)
    with loaded.aws.unchanged():
        ticket = opened()
        transact.write(transact.delete(ticket_key(1)))
        assert stored(ticket)
        assert stored(1) != before[1]
    assert stored(ticket) == []
    assert (table.fetch([SEQUENCES]), stored(1)) == before
    listed = table.query(ALL, index="g04", newest_first=True, limit=1)
    assert [item["pk"] for item in listed] != [ticket_key(ticket).pk]


def test_a_loaded_ticket_has_the_items_of_an_opened_one(loaded: Desk) -> None:
    with loaded.aws.unchanged():
        ticket = opened()
        kinds = {(item["sk"].partition("#")[0], *sorted(item)) for item in stored(ticket)}
    done = {"todo", "p10", "s10"}
    loaded_kinds = {(item["sk"].partition("#")[0], *sorted(item)) for item in stored(1)}
    assert loaded_kinds == {tuple(name for name in names if name not in done) for names in kinds}


def test_loading_what_is_there_loads_nothing(loaded: Desk) -> None:
    load = Load(loaded.aws)
    load.tickets.append((1, "1"))
    load.up_to(1)
    assert len(load.tickets) == 1
