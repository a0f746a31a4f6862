"""Counters and postings: each event is applied once, in any order and however often delivered."""

from datetime import timedelta

import pytest

from helpdesk import clock
from helpdesk.events import history, outbox
from helpdesk.events.history import Facets
from helpdesk.keys import authorize, manage, usage_plan
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body
from helpdesk.projection import count
from helpdesk.storage import table, transact
from helpdesk.storage.keys import Key, ticket_key
from tests.desk import Desk
from tests.faults import How
from tests.world import aside, crowd, later, waiting


def change(ticket: int, before: Facets | None, after: Facets | None) -> Key:
    """An event that moves a ticket, as a later operation writes it."""
    write = history.ticket_event(
        "changed", SYSTEM, ticket, clock.now(), before=before, after=after, todo=["project"]
    )
    transact.write(write)
    return write.key


def buckets(desk: Desk) -> dict[str, int]:
    return {bucket: item["n"] for bucket, item in desk.index("CELL").items() if item["n"]}


def stats(desk: Desk, department: int = 1, agent: int = 0) -> dict[str, int]:
    found = desk.index("STAT").get(f"{department:010}#{agent:010}", {})
    return {name: number for name, number in found.items() if number}


def test_a_batch_is_counted_in_one_transaction(desk: Desk) -> None:
    opened = [desk.open(number, topic=number % 3 or None) for number in range(1, 6)]
    with desk.injector.fault(How.BEFORE, nth=1000) as watched:
        assert desk.deliver("project", *opened) == []
    assert watched.calls.count("TransactWriteItems") == 1
    assert buckets(desk) == {"1#1#0": 1, "1#1#1": 2, "1#1#2": 2}
    assert stats(desk) == {"open": 5}


@pytest.mark.parametrize("limit", ["MOST_COUNTERS", "MOST_EVENTS"])
def test_what_is_too_much_for_one_transaction_is_taken_in_parts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(count, limit, 3)
    opened = [desk.open(number, department=number) for number in range(1, 6)]
    with desk.injector.fault(How.BEFORE, nth=1000) as watched:
        assert desk.deliver("project", *opened) == []
    assert watched.calls.count("TransactWriteItems") == (5 if limit == "MOST_COUNTERS" else 2)
    assert buckets(desk) == {f"1#{number}#0": 1 for number in range(1, 6)}
    assert all(desk.todo(event) == {"notify"} for event in opened)


def test_an_event_delivered_often_and_at_once_counts_once(desk: Desk) -> None:
    opened = [desk.open(number) for number in range(1, 5)]
    with crowd(4) as threads:
        missed = list(threads.map(lambda _: desk.deliver("project", *opened, *opened), range(4)))
    for left in missed:
        assert desk.deliver("project", *left) == []
    assert buckets(desk) == {"1#1#0": 4}
    assert stats(desk) == {"open": 4}


def test_an_event_counted_between_reading_and_writing_is_not_counted_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = desk.open(1), desk.open(2)
    commit = transact.commit

    def overtaken(writes: list[transact.Write]) -> None:
        monkeypatch.setattr(transact, "commit", commit)
        assert desk.deliver("project", first) == []
        commit(writes)

    monkeypatch.setattr(transact, "commit", overtaken)
    assert desk.deliver("project", first, second) == []
    assert buckets(desk) == {"1#1#0": 2}


def test_notify_and_project_may_finish_at_the_same_moment(desk: Desk) -> None:
    opened = [desk.open(number) for number in range(1, 5)]
    with crowd(2) as threads:
        both = [threads.submit(desk.deliver, name, *opened) for name in ("notify", "project")]
        assert [done.result() for done in both] == [[], []]
    assert [desk.todo(event) for event in opened] == [set()] * 4


def test_a_change_moves_a_ticket_from_one_counter_to_the_other(desk: Desk) -> None:
    assert desk.deliver("project", desk.open(1)) == []
    fresh = Facets(status=1, department=1, topic=0, agent=0, state="open")
    late = Facets(status=1, department=2, topic=1, agent=7, state="open", overdue=True)
    closed = Facets(status=3, department=2, topic=1, agent=7, state="closed", overdue=True)
    archived = Facets(status=4, department=2, topic=1, agent=7, state="archived")
    deleted = Facets(status=5, department=2, topic=1, agent=7, state="deleted")

    assert desk.deliver("project", change(1, fresh, late)) == []
    assert buckets(desk) == {"1#2#1": 1}
    assert (stats(desk), stats(desk, 2, 7)) == ({}, {"open": 1, "overdue": 1})
    assert desk.index(f"RANK#{1:010}") == {f"{0:010}": {"n": 0}}
    assert desk.index(f"RANK#{2:010}") == {f"{0:010}": {"n": 1}}

    assert desk.deliver("project", change(1, late, closed), change(1, closed, archived)) == []
    assert buckets(desk) == {"4#2#1": 1}
    assert stats(desk, 2, 7) == {"closed": 1}

    assert desk.deliver("project", change(1, archived, deleted)) == []
    assert buckets(desk) == {}
    assert stats(desk, 2, 7) == {}
    assert desk.index(f"RANK#{2:010}") == {f"{0:010}": {"n": 0}}


def test_ranks_tell_blocks_of_a_thousand_ids_apart(desk: Desk) -> None:
    assert desk.deliver("project", *(desk.open(number) for number in (999, 1000, 1001))) == []
    assert desk.index(f"RANK#{1:010}") == {f"{0:010}": {"n": 1}, f"{1:010}": {"n": 2}}


def test_postings_carry_the_version_and_who_may_see_them(desk: Desk) -> None:
    event = desk.open(3, subject="Ünïcode  Straße", body=Body("<p>Toner</p>", "html"))
    assert desk.deliver("project", event) == []
    at = f"{3:010}"
    assert desk.index("SUF#u")[f"unicode strasse#{at}#subject"] == {"v": 1}
    assert f"strasse#{at}#subject" in desk.index("SUF#s")
    assert f"700003#{at}#number" in desk.index("SUF#7")
    assert desk.index("W#to") == {f"toner#{at}#public": {"v": 1}}
    assert f"ann#{103:010}#person" in desk.index("USUF#a")


def test_a_known_person_is_not_posted_again(desk: Desk) -> None:
    assert desk.deliver("project", desk.open(new_person=False)) == []
    assert desk.index("USUF#a") == {}


def test_of_a_ticket_that_is_gone_nothing_is_posted(desk: Desk) -> None:
    event = desk.open()
    transact.write(transact.delete(ticket_key(1)))
    assert desk.deliver("project", event) == []
    assert desk.index("SUF#p") == {}
    assert buckets(desk) == {"1#1#0": 1}


def test_one_bad_message_leaves_the_others_alone(desk: Desk) -> None:
    bad, good = desk.open(1), desk.open(2)
    transact.write(transact.update(bad, "REMOVE kind"))
    assert desk.deliver("project", bad, good) == []
    # It would be as damaged when it came again.
    assert (table.get(bad) or {})["p10"] == outbox.ASIDE
    assert buckets(desk) == {"1#1#0": 1}


# --- keys -----------------------------------------------------------------------------------


def test_a_new_key_is_counted_under_a_gateway_key_of_its_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = manage.create_key(SYSTEM, {"name": "shop"})
    assert authorize.authenticate(issued.secret, "192.0.2.1").usage == ""
    assert desk.deliver("project", waiting("AUDIT#")[-1]) == []
    (gateway_key,) = aside("apigateway").get_api_keys(includeValues=True)["items"]
    # API Gateway takes a while to know it.
    assert authorize.authenticate(issued.secret, "192.0.2.1").usage == ""
    later = clock.now() + usage_plan.WORKS_AFTER
    monkeypatch.setattr(authorize, "now", lambda: later)
    assert authorize.authenticate(issued.secret, "192.0.2.1").usage == gateway_key["value"]
    assert gateway_key["enabled"]
    assert desk.flushed == []


@pytest.mark.parametrize("act", ["change", "rotate", "delete"])
def test_after_a_change_of_a_key_no_verdict_is_kept(desk: Desk, act: str) -> None:
    number = manage.create_key(SYSTEM, {"name": "shop"}).key.id
    assert desk.deliver("project", waiting("AUDIT#")[-1]) == []
    if act == "change":
        manage.change_key(SYSTEM, number, {"active": False})
    elif act == "rotate":
        manage.rotate_key(SYSTEM, number, timedelta())
    else:
        manage.delete_key(SYSTEM, number)
    later(seconds=1)
    assert desk.deliver("project", waiting("AUDIT#")[-1]) == []
    assert desk.flushed == [
        "/restapis/osticket/stages/desk/cache/authorizers",
        "/restapis/admin/stages/desk/cache/authorizers",
    ]
    left = aside("apigateway").get_api_keys()["items"]
    assert len(left) == (0 if act == "delete" else 1)


def test_beyond_what_api_gateway_allows_keys_stay_on_the_shared_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.keys.usage_plan.MOST_GATEWAY_KEYS", 0)
    manage.create_key(SYSTEM, {"name": "shop"})
    assert desk.deliver("project", waiting("AUDIT#")[-1]) == []
    assert aside("apigateway").get_api_keys()["items"] == []


def test_where_others_have_used_the_account_up_keys_stay_on_the_shared_one(desk: Desk) -> None:
    manage.create_key(SYSTEM, {"name": "shop"})
    event = waiting("AUDIT#")[-1]
    with desk.injector.fault(How.REFUSED, only="CreateApiKey", code="LimitExceededException"):
        assert desk.deliver("project", event) == []
    assert desk.todo(event) == set()
