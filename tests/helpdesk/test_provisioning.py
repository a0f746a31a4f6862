"""What set-up adds to an existing desk: the stock rows of a later release."""

from dataclasses import replace
from typing import Any

import pytest

from helpdesk import provisioning
from helpdesk.catalogue import cache, stock
from helpdesk.model.catalogue import Template, Topic
from helpdesk.storage import table, transact
from helpdesk.storage.keys import CATALOGUE_VERSION, catalogue_key
from tests.desk import Desk


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A release with a mail template and a topic more."""
    last = max(row.id for row in stock.ROWS["templates"])
    new = {
        "templates": (
            *stock.ROWS["templates"],
            Template(last + 1, "ticket.new", "New", "<p>x</p>"),
        ),
        "topics": (*stock.ROWS["topics"], Topic(12, "Returns")),
    }
    monkeypatch.setattr(stock, "ROWS", {**stock.ROWS, **new})
    return {"template": last + 1, "topic": 12}


def forget_what_was_stocked() -> None:
    transact.write(transact.update(CATALOGUE_VERSION, "REMOVE stocked"))


def name_of(kind: str, number: int) -> str | None:
    item = table.get(catalogue_key(kind, number))
    return item["name"] if item else None


@pytest.mark.parametrize("noted", [True, False], ids=["of a release", "from before"])
def test_rows_of_a_release_are_added_once(desk: Desk, release: dict[str, Any], noted: bool) -> None:
    if not noted:
        forget_what_was_stocked()
    before = cache.load().version
    provisioning.add_stock()
    assert name_of("templates", release["template"]) == "ticket.new"
    assert name_of("topics", release["topic"]) == "Returns"
    assert cache.load().version == before + 1
    provisioning.add_stock()
    assert cache.load().version == before + 1


def test_what_admins_have_changed_and_removed_stays_so(desk: Desk, release: dict[str, Any]) -> None:
    desk.change("templates", 1, subject="Ours")
    transact.write(transact.delete(catalogue_key("topics", 2)))
    transact.write(transact.delete(catalogue_key("statuses", 4)))
    provisioning.add_stock()
    found = cache.load()
    assert found.templates[1].subject == "Ours"
    assert found.topics.keys() == {1, 10, 11, release["topic"]}
    assert 4 not in found.statuses


def test_a_row_under_an_id_that_an_admin_has_given_out_stays(
    desk: Desk, release: dict[str, Any]
) -> None:
    desk.change("topics", release["topic"], name="Ours", active=True)
    provisioning.add_stock()
    assert name_of("topics", release["topic"]) == "Ours"
    assert name_of("templates", release["template"]) == "ticket.new"


def test_a_row_that_was_added_and_removed_does_not_come_back(
    desk: Desk, release: dict[str, Any]
) -> None:
    provisioning.add_stock()
    transact.write(transact.delete(catalogue_key("topics", release["topic"])))
    provisioning.add_stock()
    assert name_of("topics", release["topic"]) is None


def test_a_template_that_an_older_desk_never_had_is_added(desk: Desk) -> None:
    forget_what_was_stocked()
    transact.write(transact.delete(catalogue_key("templates", 3)))
    provisioning.add_stock()
    assert name_of("templates", 3)


def test_more_rows_than_a_transaction_takes_are_added(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tuple(replace(stock.TOPICS[0], id=number) for number in range(12, 140))
    monkeypatch.setattr(stock, "ROWS", {**stock.ROWS, "topics": (*stock.TOPICS, *many)})
    provisioning.add_stock()
    assert len(cache.load().topics) == 4 + len(many)
