"""How tickets are found, and its cost."""

import pytest

from helpdesk import operations
from helpdesk.catalogue import cache
from helpdesk.errors import NotFound
from helpdesk.model.actor import SYSTEM, Actor
from helpdesk.tickets import find
from tests.desk import Desk
from tests.faults import How


def test_an_id_as_text_is_read_along_with_what_it_might_name(desk: Desk) -> None:
    desk.open(1)
    found, _ = operations.first_round_trip(find.reference_keys("1"))
    known = cache.current(found)
    with desk.injector.fault(How.BEFORE, nth=1000) as watched:
        (item,) = find.find_items(SYSTEM, {"ticket": "1"}, found, known)
    assert item["id"] == 1
    assert watched.calls == []


@pytest.mark.parametrize(("ref", "hidden"), [(1, True), (2, False)])
def test_a_thread_that_is_hidden_is_told_from_none(desk: Desk, ref: int, hidden: bool) -> None:
    desk.open(1, department=1)
    with pytest.raises(NotFound) as refused:
        find.find_thread(Actor(departments=frozenset({2})), ref)
    error = refused.value
    assert (error.what, error.ref, error.hidden) == ("ticket", ref, hidden)
