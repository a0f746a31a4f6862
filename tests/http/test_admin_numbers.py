"""The numbers of each day: stored once by the sweep; today's are current."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk import clock
from helpdesk.queries import numbers
from helpdesk.storage import transact
from helpdesk.storage.keys import day_key
from local.cloud import LocalCloud
from tests.http.desk import Answer, Desk

PATH = "/api/admin/numbers"
QUIET: dict[str, Any] = {"alert": False, "autorespond": False}


@contextmanager
def after_midnight(days: int, hour: int = 0) -> Iterator[None]:
    """The first minutes of a day to come."""
    day = clock.now().date() + timedelta(days=days)
    at = datetime.combine(day, time(hour, 1), UTC)
    with (
        patch.object(numbers, "now", lambda: at),
        patch("dialects.admin.numbers.now", lambda: at),
    ):
        yield


@pytest.fixture(scope="module")
def office(desk: Desk, cloud: LocalCloud) -> dict[str, Any]:
    """Three tickets of today: one closed by Jane in Sales, one hers and overdue, one of nobody."""
    agent = desk.make_row("agents", name="Jane Doe", username="jane", email="jane@desk.example")
    sales = desk.make_row("departments", name="Wholesale")
    tickets = [desk.open(**QUIET) for _ in range(3)]
    path = "/api/tickets-update.php"
    closed = {"staffId": agent, "departmentId": sales, "statusId": "Closed"}
    assert desk.call("PATCH", f"{path}/{tickets[0]}.json", closed).status == 200
    late = {"staffId": agent, "dueDate": "2020-01-01"}
    assert desk.call("PATCH", f"{path}/{tickets[1]}.json", late).status == 200
    cloud.drain(retry=True)  # what is due is found by an index, which lags behind
    with after_midnight(0, hour=12):  # in the first hours of a day it would store the day before
        cloud.run_schedule("BackgroundMarkOverdue")
    cloud.drain(retry=True)
    return {"agent": agent, "sales": sales, "today": clock.now().date().isoformat()}


def counts(one: dict[str, Any]) -> tuple[int, ...]:
    return tuple(one[name] for name in ("open", "overdue", "closed", "opened"))


def days(desk: Desk, query: str = "", **how: Any) -> dict[str, Any]:
    answer = desk.call("GET", f"{PATH}?{query}", **how)
    assert answer.status == 200, answer.text
    return {day["day"]: day for day in answer.json["days"]}


def refusal(answer: Answer) -> tuple[int, str, str | None]:
    error = answer.json["error"]
    return answer.status, error["code"], error["field"]


def test_today_is_as_it_is_now(desk: Desk, office: dict[str, Any]) -> None:
    today = days(desk)[office["today"]]
    assert counts(today) == (2, 1, 1, 3)
    assert {number: counts(one) for number, one in today["by"].items()} == {
        "1": (2, 1, 0, 3),
        str(office["sales"]): (0, 0, 1, 0),
    }
    answer = desk.call("GET", f"{PATH}?by=agent").json
    (today,) = (day for day in answer["days"] if day["day"] == office["today"])
    assert {number: counts(one) for number, one in today["by"].items()} == {
        "0": (1, 0, 0, 3),
        str(office["agent"]): (1, 1, 1, 0),
    }
    assert answer["names"] == {"0": None, str(office["agent"]): "Jane Doe"}


def test_a_day_is_kept_once_and_what_was_counted_late_is_added(
    desk: Desk, cloud: LocalCloud, office: dict[str, Any]
) -> None:
    with after_midnight(1, hour=3):
        cloud.run_schedule("BackgroundMarkOverdue")
        assert office["today"] not in days(desk)
    with after_midnight(1):
        cloud.run_schedule("BackgroundMarkOverdue")
        stored = desk.stored()
        cloud.run_schedule("BackgroundMarkOverdue")
        assert desk.stored() == stored
        found = days(desk)
        tomorrow = max(found)
        assert counts(found[office["today"]]) == (2, 1, 1, 3)
        assert counts(found[tomorrow]) == (2, 1, 0, 0)
        assert list(found) == [office["today"], tomorrow]
        # Its event bears the day before.
        desk.open(**QUIET)
        cloud.drain(retry=True)
        assert counts(days(desk)[office["today"]]) == (2, 1, 1, 3)
    with after_midnight(2):
        cloud.run_schedule("BackgroundMarkOverdue")
        found = days(desk)
        assert counts(found[office["today"]]) == (2, 1, 1, 4)
        assert counts(found[tomorrow]) == (3, 1, 0, 0)
        assert list(days(desk, f"from={tomorrow}&to={tomorrow}")) == [tomorrow]


def test_a_damaged_day_is_passed_over(desk: Desk, office: dict[str, Any]) -> None:
    transact.write(transact.put(day_key("2026-01-31"), {"at": "", "packed": b"broken"}))
    assert days(desk, "from=2026-01-30&to=2026-02-01") == {}


def test_a_key_sees_its_departments(desk: Desk, office: dict[str, Any]) -> None:
    key = desk.make_key("can_read_stats", departments=[office["sales"]])["key"]
    today = days(desk, key=key)[office["today"]]
    assert counts(today) == (0, 0, 1, 0)
    assert list(today["by"]) == [str(office["sales"])]
    assert desk.call("GET", PATH, key=key).json["names"] == {str(office["sales"]): "Wholesale"}


def test_customers_and_keys_without_the_permission_see_none(
    desk: Desk, office: dict[str, Any]
) -> None:
    person = desk.call("GET", "/api/admin/tickets").json["items"][0]["person"]["id"]
    for key in (
        desk.make_key("can_read_stats", "can_read_tickets", customer=person)["key"],
        desk.make_key("can_manage_desk", "can_search_tickets")["key"],
    ):
        answer = desk.call("GET", PATH, key=key)
        assert refusal(answer) == (403, "forbidden", None)
        assert "can_read_stats" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("to=20260101", "to"),
        ("from=2026-02-01&to=2026-01-01", "from"),
        ("from=2020-01-01&to=2026-01-01", "from"),
        ("by=team", "by"),
        ("day=2026-01-01", "day"),
    ],
)
def test_what_cannot_be_read_is_refused(desk: Desk, query: str, field: str) -> None:
    assert refusal(desk.call("GET", f"{PATH}?{query}")) == (422, "invalid", field)


def test_the_first_days_of_all_are_no_fault(desk: Desk) -> None:
    assert days(desk, "to=0001-01-01") == {}
    assert days(desk, "from=9999-12-31&to=9999-12-31") == {}
