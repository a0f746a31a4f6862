"""Following changes over HTTP while other threads write."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.queries import changed
from tests.http.desk import Desk, ticket

WRITERS, SECONDS = 4, 6
HORIZON = timedelta(seconds=5)
"""Shorter than a deployed desk's, so that the test is: far longer than a request takes here."""


def by_search(desk: Desk) -> Callable[[], tuple[list[Any], bool]]:
    asked = {"query": "updated_since=2026-01-01"}

    def read() -> tuple[list[Any], bool]:
        answer = desk.call("GET", f"/api/tickets-search.php?limit=3&{asked['query']}")
        assert answer.status == 200
        asked["query"] = f"cursor={answer.headers['x-next-cursor']}"
        return answer.json, answer.headers["x-has-more"] == "true"

    return read


def by_v1(desk: Desk) -> Callable[[], tuple[list[Any], bool]]:
    asked = {"query": "updated_since=2026-01-01"}

    def read() -> tuple[list[Any], bool]:
        answer = desk.call("GET", f"/api/v1/tickets.php?per_page=3&{asked['query']}")
        assert answer.status == 200
        paged = answer.json["pagination"]
        asked["query"] = f"cursor={paged['next_cursor']}"
        return answer.json["tickets"], paged["has_more"]

    return read


def work(desk: Desk, done: Event, failures: list[str]) -> None:
    """Opens tickets, and changes each of them again and again."""
    with Desk(desk.cloud, desk.key) as own:
        mine = [own.open() for _ in range(3)]
        count = 0
        while not done.is_set():
            count += 1
            number, priority = mine[count % 3], "High" if count % 2 else "Low"
            body = {"priority": priority, "note": f"Change {count}"}
            answer = own.call("PATCH", f"/api/tickets-update.php/{number}.json", body)
            if answer.status != 200:
                failures.append(answer.text)


@pytest.mark.exhaustive
@pytest.mark.parametrize("follow", [by_search, by_v1])
def test_nothing_is_repeated_or_left_out_while_others_write(
    desk: Desk, follow: Callable[[Desk], Callable[[], tuple[list[Any], bool]]]
) -> None:
    read, seen, done, failures = follow(desk), [], Event(), list[str]()
    writers = [Thread(target=work, args=(desk, done, failures)) for _ in range(WRITERS)]
    with patch.object(changed, "HORIZON", HORIZON):
        for writer in writers:
            writer.start()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            rows, _ = read()
            seen += rows
        done.set()
        for writer in writers:
            writer.join()
        time.sleep(HORIZON.total_seconds() + 1)
        more = True
        while more:
            rows, more = read()
            seen += rows
    assert failures == []
    updated = [row["updated"] for row in seen]
    assert updated == sorted(updated)
    shown = [(row["id"], row["updated"], len(row.get("responses", ()))) for row in seen]
    if follow is by_v1:
        # Of a state seen twice, the number of responses would be the same.
        assert len(set(shown)) == len(shown)
    last = {row["number"]: row for row in seen}
    everything = desk.call("GET", "/api/tickets-search.php?limit=100").json
    assert {number: row["updated"] for number, row in last.items()} == {
        row["number"]: row["updated"] for row in everything
    }
    assert len(last) >= WRITERS * 3


def test_the_cursor_can_be_read_by_a_page(desk: Desk) -> None:
    desk.call("POST", "/api/tickets.json", ticket())
    answer = desk.call("HEAD", "/api/tickets-search.php?updated_since=2026-01-01")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["x-has-more"] == "false"
