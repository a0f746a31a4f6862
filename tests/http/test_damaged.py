"""Unreadable items never take the desk down: lists, changes and jobs skip them.

One desk, full of damaged copies of everything it stores, is called in all ways.
"""

import json
import logging
from typing import Any

import pytest

from helpdesk.catalogue import cache
from local.cloud import LocalCloud
from tests.http.desk import Desk, ticket
from tests.http.ruin import SECRET, Ruin, put

JOBS = (
    "BackgroundMarkOverdue",
    "BackgroundRequeueEvents",
    "BackgroundSweepFiles",
    "BackgroundRedriveMail",
)

HOURS = {str(day): [480, 720] for day in range(5)}


@pytest.fixture(scope="module")
def numbers(cloud: LocalCloud, desk: Desk) -> tuple[str, str]:
    """Two healthy tickets, one under the other, on a desk full of damage."""
    desk.set("settings", max_open_tickets=100_000)
    desk.make_row("organizations", name="ACME")
    desk.make_row("agents", name="Ann", username="ann", email="ann@desk.example")
    desk.make_row("schedules", name="Mornings", days=HOURS, time_zone="Europe/Berlin")
    desk.make_key("can_read_tickets", departments=[1])
    file = {"a.txt": "data:text/plain,hello"}
    above = desk.open(attachments=[file], dueDate="2031-01-01")
    below = desk.open(subject="Toner", parentTicketNumber=above)
    held = b"From: test@example.com\r\nSubject: Hi\r\n\r\nHi"
    assert desk.call("POST", "/api/tickets.email", raw=held).status in {403, 401, 400}
    _relate(desk, above, below)
    desk.stored()
    ruin = Ruin(cloud, desk)
    ruin.everything()
    desk.__dict__["ruin"] = ruin
    return above, below


def _relate(desk: Desk, above: str, below: str) -> None:
    """Gives a ticket what Zammad's tickets have: tags, links, mentions, booked time, a merge."""
    ticket = desk.show(above)["id"]
    link = {
        "link_type": "normal",
        "link_object_source_number": below,
        "link_object_target_value": ticket,
    }
    for path, body in (
        ("tags/add", {"object": "Ticket", "o_id": ticket, "item": "fire"}),
        ("mentions", {"mentionable_type": "Ticket", "mentionable_id": ticket}),
        ("time_accountings", {"ticket_id": ticket, "time_unit": 1}),
        ("ticket_articles", {"ticket_id": ticket, "body": "Hm", "internal": True}),
        ("links/add", link),
    ):
        made = desk.call("POST", f"/api/v1/{path}", body)
        assert made.status == 201, (path, made.text)
    merged = desk.show(desk.open(subject="Again"))["id"]
    answer = desk.call("PUT", f"/api/v1/ticket_merge/{merged}/{above}")
    assert answer.json["result"] == "success"


def _ruin(desk: Desk) -> Ruin:
    found: Ruin = desk.__dict__["ruin"]
    return found


LISTS = (
    "/api/tickets-search.php",
    "/api/tickets-search.php?sort=updated",
    "/api/tickets-search.php?sort=number",
    "/api/tickets-search.php?status=Open&limit=5&offset=5",
    "/api/tickets-search.php?query=Print",
    "/api/tickets-stats.php",
    "/api/tickets-statuses.php",
    "/api/v1/tickets.php",
    "/api/v1/tickets.php?email=jane@customer.example",
    "/api/v1/tickets?expand=true",
    "/api/v1/tickets?full=true",
    "/api/v1/tickets/search?query=Print&expand=true",
    "/api/v1/ticket_articles?full=true",
    "/api/v1/tag_list",
    "/api/v1/tag_search?term=f",
    *(
        f"/api/v1/{kind}?full=true"
        for kind in (
            *("users", "organizations", "groups", "roles", "ticket_states", "ticket_priorities"),
            "object_manager_attributes",
        )
    ),
    "/api/admin/keys",
    "/api/admin/settings",
    "/api/admin/held-mail",
    "/api/admin/suppressed",
    *(
        f"/api/admin/{kind}"
        for kind in (
            *("departments", "topics", "statuses", "priorities", "slas", "schedules", "teams"),
            *("agents", "services", "fields", "templates", "organizations"),
        )
    ),
)


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_served_without_what_is_damaged(
    desk: Desk, numbers: tuple[str, str], path: str
) -> None:
    answer = desk.call("GET", path)

    assert answer.status == 200, answer.text


OF_A_TICKET = (
    "tickets/{}?full=true",
    "ticket_articles/by_ticket/{}?full=true",
    "tags?object=Ticket&o_id={}",
    "links?link_object=Ticket&link_object_value={}",
    "mentions?mentionable_type=Ticket&mentionable_id={}&full=true",
    "tickets/{}/time_accountings",
    "ticket_history/{}",
)


@pytest.mark.parametrize("path", OF_A_TICKET)
def test_what_a_ticket_has_is_served_without_what_is_damaged(
    desk: Desk, numbers: tuple[str, str], path: str
) -> None:
    ticket = desk.show(numbers[0])["id"]
    answer = desk.call("GET", f"/api/v1/{path.format(ticket)}")

    assert answer.status == 200, answer.text


def test_the_healthy_ones_are_still_listed(desk: Desk, numbers: tuple[str, str]) -> None:
    found, offset = set(), 0
    while page := desk.call("GET", f"/api/tickets-search.php?limit=100&offset={offset}").json:
        found |= {row["number"] for row in page}
        offset += 100

    assert set(numbers) <= found


def test_a_healthy_ticket_lives_on(desk: Desk, numbers: tuple[str, str]) -> None:
    above, below = numbers

    assert len(desk.show(above)["thread"]) >= 1
    for method, path, body in (
        ("PATCH", f"/api/tickets-update.php/{above}.json", {"note": "Hm", "statusId": "Closed"}),
        ("PATCH", f"/api/tickets-update.php/{above}.json", {"statusId": "Open"}),
        ("GET", f"/api/tickets-subtickets-list.php/{above}.json", None),
        ("GET", f"/api/tickets-subtickets-parent.php/{below}.json", None),
        ("POST", f"/api/tickets-reply.php/{above}.json", {"message": "Yes", "staffId": "ann"}),
    ):
        answer = desk.call(method, path, body)
        assert answer.status in {200, 201}, (path, answer.text)
    desk.open(subject="One more")
    desk.cloud.drain(retry=True)


@pytest.mark.parametrize("job", JOBS)
def test_jobs_go_on(
    desk: Desk, numbers: tuple[str, str], job: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk.cloud.run_schedule(job)
    desk.cloud.drain(retry=True)

    if job == "BackgroundRequeueEvents":
        caplog.clear()
        desk.cloud.run_schedule(job)
        desk.cloud.drain(retry=True)
        # What is damaged has been set aside and does not come again.
        assert not [r for r in caplog.records if getattr(r, "kind", "") == "event"]


@pytest.mark.exhaustive
def test_a_damaged_ticket_is_told_of_and_can_be_deleted(
    desk: Desk, numbers: tuple[str, str]
) -> None:
    for number in _ruin(desk).tickets[::2]:
        answer = desk.call("GET", f"/api/tickets-get.php/{number}.json")
        assert answer.status in {200, 404, 500}, (number, answer.text)
        assert "Traceback" not in answer.text
        deleted = desk.call("DELETE", f"/api/tickets-delete.php/{number}.json")
        assert deleted.status == 200, (number, deleted.text)
        again = desk.call("GET", f"/api/tickets-get.php/{number}.json")
        assert again.status == 404, (number, again.text)
    desk.cloud.drain(retry=True)


@pytest.mark.exhaustive
def test_a_damaged_key_can_be_deleted(desk: Desk, numbers: tuple[str, str]) -> None:
    for number in _ruin(desk).keys[::2]:
        assert desk.call("GET", f"/api/admin/keys/{number}").status in {200, 500}
        deleted = desk.call("DELETE", f"/api/admin/keys/{number}")
        assert deleted.status in {200, 403, 409}, (number, deleted.text)


@pytest.mark.exhaustive
def test_a_damaged_row_can_be_deleted(desk: Desk, numbers: tuple[str, str]) -> None:
    for kind, number in _ruin(desk).rows[::5]:
        answer = desk.call("DELETE", f"/api/admin/{kind}/{number}")
        assert answer.status in {200, 409}, (kind, number, answer.text)


@pytest.mark.exhaustive
def test_both_healthy_tickets_can_be_deleted_with_all_damage(
    desk: Desk, numbers: tuple[str, str], cloud: LocalCloud
) -> None:
    for number in numbers:
        assert desk.call("DELETE", f"/api/tickets-delete.php/{number}.json").status == 200
    desk.cloud.drain(retry=True)


def test_log_lines_name_key_and_kind_only(
    cloud: LocalCloud, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    number = 799_999
    item = {
        "pk": {"S": f"T#{number:010d}"},
        "sk": {"S": "A"},
        "id": {"N": str(number)},
        "subject": {"S": SECRET},
        "due": {"S": SECRET},
    }
    put(cloud, "DeskTable", item)
    pointer = {"pk": {"S": f"N#{number}"}, "sk": {"S": "N"}, "ticket": {"N": str(number)}}
    put(cloud, "DeskTable", pointer)
    with caplog.at_level(logging.INFO):
        answer = desk.call("GET", f"/api/tickets-get.php/{number}.json")

    assert (answer.status, SECRET in answer.text) == (500, False)
    (line,) = [record for record in caplog.records if record.getMessage() == "unreadable"]
    told: Any = vars(line)
    assert (told["kind"], told["item"], told["fault"]) == (
        "ticket",
        f"T#{number:010d} A",
        "ValueError",
    )
    assert SECRET not in json.dumps({name: str(value) for name, value in told.items()})


@pytest.mark.exhaustive
def test_items_from_the_future_are_read(desk: Desk, cloud: LocalCloud) -> None:
    number = desk.open(**ticket(subject="From the future"))
    for (table, _, _), item in desk.stored().items():
        if table in {"DeskTable", "IndexTable"}:
            put(cloud, table, {**item, "from_the_future": {"M": {"x": {"NULL": True}}}})
    cache.forget()

    assert desk.show(number)["subject"] == "From the future"
