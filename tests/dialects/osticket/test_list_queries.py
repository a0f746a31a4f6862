"""What the lists of the family take in their query strings, and what they show of threads."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest

from helpdesk.keys.permissions import PERMISSIONS
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, NewEntry
from helpdesk.tickets import threads
from tests import world
from tests.dialects.osticket.conftest import Desk
from tests.gateway import cloud

SEARCH, V1 = "/api/tickets-search.php", "/api/v1/tickets.php"


@pytest.fixture(scope="module")
def full() -> Iterator[Desk]:
    """Four tickets, opened on four days; the last two have an agent, a topic and a priority."""
    with cloud() as ready:
        desk = Desk(ready)
        desk.row("agents", name="Ann Agent", username="ann", email="ann@desk.example")
        printers = desk.row("topics", name="Printers")
        desk.row("topics", name="Lasers", parent=printers)
        with world.standing_clock():
            for values in (
                {"subject": "one"},
                {"subject": "two", "email": "joan@example.com"},
                {"subject": "three", "topicId": printers, "priority": "High"},
                {"subject": "four", "topicId": printers},
            ):
                desk.open(**values)
                world.later(days=1)
            for ticket in ("3", "4"):
                desk.change(ticket, staffId="ann")
                world.later(seconds=1)
            threads.add_note(SYSTEM, 1, NewEntry(Body("He smokes."), poster="Ann"))
        desk.settle()
        yield desk


def found(desk: Desk, path: str, query: str, key: str | None = None) -> list[int]:
    answer = desk.call("GET", path, query=dict(parse_qsl(query)), key=key)
    assert answer.status == 200, answer.text
    whole = answer.json
    if path == V1:
        assert whole["pagination"]["total"] == len(whole["tickets"])
        whole = whole["tickets"]
    return sorted(row["id"] for row in whole)


# --- filters --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("email=JOAN@example.com", [2]),
        ("email=nobody@example.com", []),
        ("email=joan", []),
        ("topic=Printers", [3, 4]),
        ("topicId=printers", [3, 4]),
        ("topic=Printers/Lasers", []),
        ("topic=Nope", []),
        ("staff=ann", [3, 4]),
        ("staff=ANN@desk.example", [3, 4]),
        ("staffId=nobody", []),
        ("priority=high", [3]),
        ("priorityId=3", [3]),
        ("priority=Nope", []),
        ("statusId=1", [1, 2, 3, 4]),
        ("statusId=Closed", []),
        ("departmentId=Sales", []),
        ("departmentId=1&topicId=Printers", [3, 4]),
        ("status=&statusId=Closed", []),
        ("status=Open&statusId=Closed", [1, 2, 3, 4]),
        ("number=", [1, 2, 3, 4]),
        ("number=999999999", []),
        ("number=" + "9" * 500, []),
        ("staff=ann&priority=High&topic=Printers&query=three", [3]),
        ("staff=ann&priority=Normal", [4]),
    ],
)
def test_a_search_filters_by_what_a_ticket_has(full: Desk, query: str, ids: list[int]) -> None:
    assert found(full, SEARCH, query) == ids


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("priority_id=3", [3]),
        ("priority_id=x", []),
        ("staff_id=999", []),
        ("email=joan@example.com&priority_id=2", [2]),
        ("number=999999999", []),
        ("number=0", [1, 2, 3, 4]),
    ],
)
def test_so_does_v1(full: Desk, query: str, ids: list[int]) -> None:
    assert found(full, V1, query) == ids


def test_by_number_and_by_the_ids_of_an_answer(full: Desk) -> None:
    shown = full.get("3")
    for name in ("number", "statusId", "departmentId", "priorityId", "topicId", "staffId"):
        assert 3 in found(full, SEARCH, f"{name}={shown[name]}")
    same = "&".join(f"{name}={shown[name]}" for name in ("number", "staffId", "priorityId"))
    assert found(full, SEARCH, same) == [3]
    assert found(full, V1, f"number={shown['number']}&staff_id={shown['staffId']}") == [3]
    assert found(full, V1, f"number={shown['number']}&id=2") == []


@pytest.mark.parametrize("path", [SEARCH, V1])
def test_spans_of_time(full: Desk, path: str) -> None:
    created = [full.get(str(ticket))["created"] for ticket in range(1, 5)]
    days = [moment[:10] for moment in created]
    assert found(full, path, f"created_from={days[1]}") == [2, 3, 4]
    assert found(full, path, f"created_to={days[1]}") == [1, 2]
    assert found(full, path, f"created_from={days[1]}&created_to={days[2]}") == [2, 3]
    assert found(full, path, f"created_from={created[1]}&created_to={created[1]}") == [2]
    assert found(full, path, f"created_from={days[2]}&created_to={days[1]}") == []
    # 3 and 4 were changed when all were there, 1 got a note later.
    assert found(full, path, f"updated_to={days[1]}") == [2]
    assert found(full, path, f"updated_from={days[2]}") == [1, 3, 4]
    assert found(full, path, f"updated_from={days[2]}&created_to={days[2]}&email=") == [1, 3]


def test_spans_in_every_order(full: Desk) -> None:
    day = full.get("2")["created"][:10]
    for sort in ("created", "updated", "number"):
        assert found(full, SEARCH, f"created_from={day}&sort={sort}") == [2, 3, 4]
        assert found(full, SEARCH, f"updated_from={day}&priority=Normal&sort={sort}") == [1, 2, 4]


def test_dates_are_those_of_the_desk_s_time_zone(full: Desk) -> None:
    # START is 09:00 UTC: by 8 a.m. in New York the day before is not over in UTC only.
    moment = full.get("2")["created"]
    full.settings(default_timezone="America/New_York")
    try:
        assert found(full, SEARCH, f"created_from={moment}") == [3, 4]
        assert found(full, SEARCH, f"created_from={moment.replace(' ', 'T')}Z") == [2, 3, 4]
    finally:
        full.settings(default_timezone="UTC")


def test_pages_of_a_search(full: Desk) -> None:
    ids = [row["id"] for row in full.search()]
    for filters in ({}, {"created_from": full.get("1")["created"][:10]}):
        pages = [full.search(limit=2, page=page, **filters) for page in (1, 2, 3)]
        assert [[row["id"] for row in page] for page in pages] == [ids[:2], ids[2:], []]
    assert len(full.search(page="x")) == 4


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        (SEARCH, "colour=red", "colour: Unknown parameter"),
        (SEARCH, "status[]=1", "status[]: Unknown parameter"),
        (SEARCH, "token=secret", "token: Unknown parameter"),
        (SEARCH, "x" * 999 + "=1", "x" * 64 + ": Unknown parameter"),
        (f"{SEARCH}.xml", "per_page=2", "per_page: Unknown parameter"),
        (SEARCH, "created_from=soon", "created_from: created_from is not a valid date"),
        (SEARCH, "updated_to=2026-13-01", "updated_to: updated_to is not a valid date"),
        (SEARCH, "updated_since=soon", "updated_since: updated_since is not a valid date"),
        (SEARCH, "page=2&offset=20", "page: Not together with offset"),
        (SEARCH, "updated_since=2026-01-01&sort=number", "sort: Not together with updated_since"),
        (SEARCH, "cursor=AAAA&offset=5", "offset: Not together with updated_since"),
        (SEARCH, "cursor=AAAA", "cursor: No cursor that a list has given"),
        (V1, "limit=5", "limit: Unknown parameter"),
        (V1, "created_to=x", "created_to: created_to is not a valid date"),
        (V1, "page=2&updated_since=2026-01-01", "page: Not together with updated_since"),
        (V1, "cursor=%FF", "cursor: No cursor that a list has given"),
        ("/api/tickets-stats.php", "department=1", "department: Unknown parameter"),
        ("/api/tickets-statuses.php", "state=open", "state: Unknown parameter"),
        ("/api/tickets-subtickets-list.php/1.json", "status=1", "status: Unknown parameter"),
    ],
)
def test_what_is_not_understood_is_named(full: Desk, path: str, query: str, message: str) -> None:
    answer = full.call("GET", path, query=dict(parse_qsl(query)))
    said = answer.json["error"] if path == V1 else answer.message
    assert (answer.status, said) == (400, message)
    assert "secret" not in answer.text


def test_what_asks_for_nothing_is_passed_over(full: Desk) -> None:
    for path in (SEARCH, V1):
        assert found(full, path, "_=1764380000000&apikey=secret") == [1, 2, 3, 4]


# --- what is written is for those who may read it -------------------------------------------


def listed(desk: Desk, key: str) -> Iterator[tuple[str, str]]:
    """What a key gets to see of ticket 1 in whatever lists it."""
    for path in (
        *(SEARCH, f"{SEARCH}.xml", V1, "/api/tickets-stats.php", "/api/tickets-statuses.php"),
        *("/api/tickets-get.php/1.json", "/api/tickets-subtickets-list.php/1.json"),
        "/api/tickets-subtickets-parent.php/1.json",
    ):
        yield path, desk.call("GET", path, key=key).text
    for path in (SEARCH, V1):
        query = {"updated_since": "2026-01-01"}
        yield f"{path}?updated_since", desk.call("GET", path, query=query, key=key).text


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
def test_no_list_shows_what_was_written_to_a_key_that_may_not_read(
    full: Desk, permission: str
) -> None:
    key = full.cloud.key(permissions=[permission])["key"]
    reads = permission == "can_read_tickets"
    shown = {path for path, text in listed(full, key) if "burns" in text or "smokes" in text}
    assert shown == ({V1, f"{V1}?updated_since", "/api/tickets-get.php/1.json"} if reads else set())


def test_a_key_that_may_only_search_gets_no_responses(full: Desk) -> None:
    key = full.cloud.key(permissions=["can_search_tickets"])["key"]
    whole = full.call("GET", V1, key=key).json
    assert [row["responses"] for row in whole["tickets"]] == [[]] * 4
    assert whole["pagination"]["total"] == 4


# --- following changes ----------------------------------------------------------------------


def test_changes_are_followed_by_headers(full: Desk) -> None:
    followed: list[int] = []
    query = {"updated_since": "2026-01-01T00:00:00Z", "limit": "3"}
    for more in ("true", "false", "false"):
        answer = full.call("GET", SEARCH, query=query)
        assert answer.status == 200
        followed += [row["id"] for row in answer.json]
        assert answer.headers["X-Has-More"] == more
        query = {"cursor": answer.headers["X-Next-Cursor"], "limit": "3"}
    # In the order of their last change: 2 was never changed, 1 last.
    assert followed == [2, 3, 4, 1]


def test_changes_are_followed_by_v1_s_pagination(full: Desk) -> None:
    query = {"updated_since": "2026-01-01", "per_page": "3", "q": "o"}
    whole = full.call("GET", V1, query=query).json
    assert [row["id"] for row in whole["tickets"]] == [2, 4, 1]
    assert [len(row["responses"]) for row in whole["tickets"]] == [1, 1, 2]
    paged = whole["pagination"]
    assert list(paged) == ["per_page", "next_cursor", "has_more"]
    assert paged["has_more"] is False
    last = full.call("GET", V1, query=query | {"cursor": paged["next_cursor"]}).json
    assert last == {"tickets": [], "pagination": paged}


def test_changes_are_seen_as_far_as_the_key_may(full: Desk) -> None:
    joan = full.get("2")["userId"]
    hers = full.cloud.key(permissions=["can_read_tickets"], customer=joan)["key"]
    sales = full.cloud.key(permissions=["can_read_tickets"], departments=[2])["key"]
    query = {"updated_since": "2026-01-01"}
    for key, ids in ((hers, [2]), (sales, [])):
        assert [row["id"] for row in full.call("GET", SEARCH, query=query, key=key).json] == ids


def test_a_change_comes_when_no_older_one_can_come_any_more(desk: Desk) -> None:
    query = {"updated_since": "2026-01-01"}
    with world.standing_clock():
        desk.open()
        for ids in ([], [1]):
            answer = desk.call("GET", SEARCH, query=query)
            assert [row["id"] for row in answer.json] == ids
            world.later(seconds=31)
        # Changed again, it comes again, once.
        desk.change("1", priority="High")
        world.later(seconds=31)
        query = {"cursor": answer.headers["X-Next-Cursor"]}
        answer = desk.call("GET", SEARCH, query=query)
        assert [row["priority"] for row in answer.json] == ["High"]
        query = {"cursor": answer.headers["X-Next-Cursor"]}
        assert desk.call("GET", SEARCH, query=query).json == []
