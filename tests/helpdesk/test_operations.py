"""How an operation's commit handles a lost response, its own retry and a failed condition."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest

from helpdesk import operations, organizations
from helpdesk.catalogue import cache
from helpdesk.directory import changes, settings
from helpdesk.errors import AlreadyAnswered, Unavailable
from helpdesk.idempotency import IdempotencyRecord, record_for
from helpdesk.keys import manage
from helpdesk.model.actor import SYSTEM
from helpdesk.storage import table, transact
from helpdesk.storage.keys import Key
from helpdesk.storage.transact import Cancelled, Write
from tests.desk import Desk
from tests.faults import How

FRESH, OTHER = Key("TEST#1", "V"), Key("TEST#2", "A")


def fresh() -> Write:
    return transact.put_new(FRESH, {"kind": "test"})


def record(body: bytes = b"") -> IdempotencyRecord:
    return record_for(1, "POST", "/", header="h", body=body, answer=lambda told: {"told": told})


STEPS: dict[str, Sequence[Callable[[], object]]] = {
    "organizations": (
        lambda: organizations.create_organization(SYSTEM, {"id": 7, "name": "Acme"}),
        lambda: organizations.update_organization(SYSTEM, 7, {"name": "Acme Ltd"}),
        lambda: organizations.delete_organization(SYSTEM, 7),
    ),
    "catalogue": (
        lambda: changes.create_row(SYSTEM, "teams", {"id": 70, "name": "Night"}),
        lambda: changes.update_row(SYSTEM, "teams", 70, {"name": "Day"}),
        lambda: settings.update_settings(SYSTEM, {"max_open_tickets": 3}),
        lambda: changes.delete_row(SYSTEM, "teams", 70),
    ),
    "keys": (
        lambda: manage.create_key(SYSTEM, {"name": "a"}),
        lambda: manage.change_key(SYSTEM, 1, {"name": "b"}),
        lambda: manage.rotate_key(SYSTEM, 1, timedelta(hours=1)),
        lambda: manage.delete_key(SYSTEM, 1),
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_lost_answer_is_found_out(desk: Desk, name: str) -> None:
    for step in STEPS[name]:
        with desk.injector.fault(How.AFTER, 1, "TransactWriteItems") as fault:
            step()
        assert fault.hit


@pytest.mark.parametrize("name", STEPS)
def test_what_the_client_of_aws_repeats_is_done_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    commit = transact.commit

    def twice(writes: Sequence[Write]) -> None:
        commit(writes)
        commit(writes)

    monkeypatch.setattr(transact, "commit", twice)
    for step in STEPS[name]:
        step()


def test_what_did_not_happen_is_said(desk: Desk) -> None:
    with (
        desk.injector.fault(How.TIMEOUT, 1, "TransactWriteItems"),
        pytest.raises(Unavailable),
    ):
        operations.commit(fresh(), [transact.put(OTHER, {})])
    assert table.fetch([FRESH, OTHER]) == {}


def test_another_condition_is_handed_back(desk: Desk) -> None:
    transact.write(transact.put(OTHER, {"n": 5}))
    with pytest.raises(Cancelled) as cancelled:
        operations.commit(fresh(), [transact.put_new(OTHER, {"n": 6})])
    assert cancelled.value.failed == {OTHER: {"pk": OTHER.pk, "sk": OTHER.sk, "n": 5}}
    assert table.get(FRESH) is None


def test_a_check_may_explain_it(desk: Desk) -> None:
    transact.write(transact.put(OTHER, {"n": 5}))

    def check(failed: object) -> None:
        assert isinstance(failed, dict)
        assert OTHER in failed
        raise KeyError

    with pytest.raises(KeyError):
        operations.commit(fresh(), [transact.put_new(OTHER, {"n": 6})], checks=[check])


def test_the_same_request_is_answered_by_the_first(desk: Desk) -> None:
    operations.commit(fresh(), once=record(), result="first")
    again = partial(operations.commit, transact.put_new(OTHER, {}), once=record(), result="second")
    with pytest.raises(AlreadyAnswered) as answered:
        again()
    assert answered.value.answer == {"told": "first"}
    with pytest.raises(AlreadyAnswered):
        operations.first_round_trip([], once=record())


def test_a_first_round_trip_reads_allocates_and_calls(desk: Desk) -> None:
    transact.write(transact.put(OTHER, {"n": 5}))
    called: list[int] = []
    found, ids = operations.first_round_trip(
        [OTHER], ids={"ticket": 2, "file": 0}, calls=[lambda: called.append(1)]
    )
    assert (found[OTHER]["n"], ids, called) == (5, {"ticket": 1}, [1])
    assert operations.first_round_trip([FRESH])[1] == {}
    assert operations.first_round_trip([], ids={"ticket": 1})[1] == {"ticket": 3}


def test_a_cold_container_reads_the_catalogue_in_the_first_round_trip(desk: Desk) -> None:
    cache.forget()
    found, _ = operations.first_round_trip([])
    with desk.injector.fault(How.BEFORE, nth=1000) as watched:
        assert cache.current(found).statuses
    assert watched.calls == []
