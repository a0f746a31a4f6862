"""Following changes over HTTP while other threads write."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from unittest.mock import patch

import pytest

from helpdesk.clock import now, to_iso
from helpdesk.queries import changed
from tests.http.desk import Desk, ticket

WRITERS, SECONDS, PAGE = 4, 10, 5
HORIZON = timedelta(seconds=3)
"""Shorter than a deployed desk's, so that the test is: far longer than a request takes here."""


def by_search(desk: Desk) -> Callable[[], tuple[list[Any], bool]]:
    asked = {"query": f"updated_since={to_iso(now())}"}

    def read() -> tuple[list[Any], bool]:
        answer = desk.call("GET", f"/api/tickets-search.php?limit={PAGE}&{asked['query']}")
        assert answer.status == 200
        asked["query"] = f"cursor={answer.headers['x-next-cursor']}"
        return answer.json, answer.headers["x-has-more"] == "true"

    return read


def by_v1(desk: Desk) -> Callable[[], tuple[list[Any], bool]]:
    asked = {"query": f"updated_since={to_iso(now())}"}

    def read() -> tuple[list[Any], bool]:
        answer = desk.call("GET", f"/api/v1/tickets.php?per_page={PAGE}&{asked['query']}")
        assert answer.status == 200
        paged = answer.json["pagination"]
        asked["query"] = f"cursor={paged['next_cursor']}"
        return answer.json["tickets"], paged["has_more"]

    return read


def work(desk: Desk, done: Event, failures: list[str]) -> None:
    """Opens tickets, and changes each of them once when it has been followed for a while."""
    with Desk(desk.cloud, desk.key) as own:
        mine: list[str] = []
        while not done.is_set():
            mine.append(own.open())
            body = {"priority": "High", "note": f"Change {len(mine)}"}
            earlier = mine[len(mine) // 2]
            answer = own.call("PATCH", f"/api/tickets-update.php/{earlier}.json", body)
            if answer.status != 200:
                failures.append(answer.text)
            # A list waits for what was written before it. Writers that wait as well write no
            # faster than the index follows; otherwise no list would end before they do.
            if len(mine) % 3 == 0:
                own.call("GET", "/api/tickets-search.php?limit=1")


def everything(desk: Desk) -> dict[str, str]:
    """When each ticket was changed, by its number."""
    found: dict[str, str] = {}
    for page in range(1, 100):
        rows = desk.call("GET", f"/api/v1/tickets.php?per_page=100&page={page}").json["tickets"]
        found |= {row["number"]: row["updated"] for row in rows}
        if len(rows) < 100:
            break
    return found


@pytest.mark.exhaustive
@pytest.mark.parametrize("follow", [by_search, by_v1])
def test_nothing_is_repeated_or_left_out_while_others_write(
    desk: Desk, follow: Callable[[Desk], Callable[[], tuple[list[Any], bool]]]
) -> None:
    before = everything(desk)
    read, seen, done, failures = follow(desk), [], Event(), list[str]()
    writers = [Thread(target=work, args=(desk, done, failures)) for _ in range(WRITERS)]
    with patch.object(changed, "HORIZON", HORIZON):
        for writer in writers:
            writer.start()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            rows, _ = read()
            seen += rows
        while_writing = len(seen)
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
    followed = {number: row["updated"] for number, row in last.items()}
    assert everything(desk) == before | followed
    assert before.keys().isdisjoint(followed)
    # Some were seen, then changed, then seen again.
    assert while_writing >= WRITERS
    assert len(seen) > len(last)


def test_the_cursor_can_be_read_by_a_page(desk: Desk) -> None:
    desk.call("POST", "/api/tickets.json", ticket())
    answer = desk.call("HEAD", "/api/tickets-search.php?limit=100&updated_since=2026-01-01")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["x-has-more"] == "false"
