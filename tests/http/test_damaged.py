"""Items that cannot be read never take the desk down: lists, changes and jobs go on without them.

One desk, full of damaged copies of everything it stores, is walked through all its doors.
"""

import copy
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from helpdesk.catalogue import cache
from helpdesk.storage import aws
from local.cloud import LocalCloud
from tests.http.desk import Desk, Item, ticket

SECRET = "xylophone"
"""Stands in every damaged value that is a text: no log line may have it."""

WRONG: tuple[Item | None, ...] = (
    None,
    {"M": {}},
    {"L": [{"S": SECRET}]},
    {"N": "1E+37"},
    {"N": "-1.5"},
    {"BOOL": True},
    {"S": SECRET},
    {"S": "1-01-01T00:00:00.000Z"},
    {"S": "0001-01-01T00:00:00.000Z"},
)
"""What stands in the place of an attribute; None leaves it out."""

JOBS = (
    "BackgroundMarkOverdue",
    "BackgroundRequeueEvents",
    "BackgroundSweepFiles",
    "BackgroundRedriveMail",
)

HOURS = {str(day): [480, 720] for day in range(5)}


def _put(cloud: LocalCloud, table: str, item: Item) -> None:
    aws.dynamodb().put_item(TableName=cloud.resources.physical(table).ref, Item=item)


def _is_index_key(name: str) -> bool:
    return name[0] in "ps" and name[1:].isdigit()


def _broken(item: Item) -> Iterator[Item]:
    """Copies of an item, each with one attribute that is wrong; keys of indexes stay texts."""
    for position, name in enumerate(sorted(item)):
        if name in {"pk", "sk"}:
            continue
        # Each attribute is wrong in some ways, all ways are met in some attribute.
        for wrong in (None, *(WRONG[1 + (position + step) % (len(WRONG) - 1)] for step in (0, 3))):
            if _is_index_key(name) and wrong is not None and "S" not in wrong:
                continue
            made = copy.deepcopy(item)
            if wrong is None:
                del made[name]
            else:
                made[name] = wrong
            yield made


class Ruin:
    """Fills a desk with damaged items, by the tables it has."""

    def __init__(self, cloud: LocalCloud, desk: Desk) -> None:
        self.cloud = cloud
        self.desk = desk
        self.tickets: list[int] = []
        self.keys: list[int] = []
        self.rows: list[tuple[str, int]] = []
        self.events = 0

    def everything(self) -> None:
        stored = {(table, pk, sk): item for (table, pk, sk), item in self.desk.stored().items()}
        seen = set()
        for (table, pk, sk), item in stored.items():
            # One of each kind, by its attributes.
            kind = (pk.partition("#")[0], sk.partition("#")[0], *sorted(item))
            if table in {"DeskTable", "IndexTable"} and kind not in seen:
                seen.add(kind)
                self._ruin(table, pk, sk, item)

    def _ruin(self, table: str, pk: str, sk: str, item: Item) -> None:
        kind = pk.partition("#")[0]
        if table == "IndexTable":
            self._beside(table, item)
        elif kind == "T" and sk == "A":
            self._tickets(item)
        elif kind == "T":
            self._beside(table, item)
        elif kind == "CAT" and "#" in sk and not sk.startswith(("#", "settings")):
            self._rows(item)
        elif kind == "KEYS" and sk.isdigit():
            self._keys(item)
        elif kind in {"U", "O", "IN", "X", "MAIL", "F", "E", "M", "AUDIT"}:
            self._beside(table, item)

    def _tickets(self, item: Item) -> None:
        for made in _broken(item):
            number = 700_000 + len(self.tickets)
            self.tickets.append(number)
            made["pk"] = {"S": f"T#{number:010d}"}
            for name in ("id", "s1"):
                if made.get(name) == item[name]:
                    made[name] = {"N": str(number)} if name == "id" else {"S": f"{number:010d}"}
            for name in ("s2", "s3"):
                if made.get(name) == item[name]:
                    made[name] = {"S": f"{item[name]['S'][:-10]}{number:010d}"}
            if made.get("number") == item["number"]:
                made["number"] = {"S": str(number)}
            pointer = {"pk": {"S": f"N#{number}"}, "sk": {"S": "N"}, "ticket": {"N": str(number)}}
            _put(self.cloud, "DeskTable", pointer)
            _put(self.cloud, "DeskTable", made)

    def _rows(self, item: Item) -> None:
        kind, _, _number = item["sk"]["S"].partition("#")
        for made in _broken(item):
            number = 5_000 + len(self.rows)
            self.rows.append((kind, number))
            made["sk"] = {"S": f"{kind}#{number:010d}"}
            if made.get("id") == item["id"]:
                made["id"] = {"N": str(number)}
            if made.get("required") == {"BOOL": True}:
                # Readable under another name, it would be one more thing to be filled in.
                made["required"] = {"BOOL": False}
            _put(self.cloud, "DeskTable", made)

    def _keys(self, item: Item) -> None:
        for made in [*_broken(item), *self._grants(item)]:
            number = 5_000 + len(self.keys)
            self.keys.append(number)
            made["sk"] = {"S": f"{number:010d}"}
            if made.get("secret") == item["secret"]:
                made["secret"] = {"S": f"of {number}"}
            _put(self.cloud, "DeskTable", made)

    def _grants(self, item: Item) -> Iterator[Item]:
        for grants in _broken(item["grants"]["M"]):
            yield {**copy.deepcopy(item), "grants": {"M": grants}}

    def _beside(self, table: str, item: Item) -> None:
        """Damaged copies under keys of their own in the same partition."""
        for count, made in enumerate(_broken(item)):
            pk, sk = item["pk"]["S"], item["sk"]["S"]
            if pk.startswith(("T#", "CELL", "STAT", "RANK", "SUF", "W#", "AUDIT", "MAIL#")):
                made["sk"] = {"S": f"{sk}{count:03d}" if sk[0] in "VS" else f"{sk[:2]}x{count}"}
            else:
                made["pk"] = {"S": f"{pk[:2]}{SECRET}{count}"}
            if made.get("p10") == {"S": "TODO"}:
                made["s10"] = {"S": f"2020-01-01T00:00:00.000Z#{count}"}
            _put(self.cloud, table, made)


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
    desk.stored()
    ruin = Ruin(cloud, desk)
    ruin.everything()
    cache.forget()
    desk.__dict__["ruin"] = ruin
    return above, below


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


def test_a_damaged_key_can_be_deleted(desk: Desk, numbers: tuple[str, str]) -> None:
    for number in _ruin(desk).keys[::2]:
        assert desk.call("GET", f"/api/admin/keys/{number}").status in {200, 500}
        deleted = desk.call("DELETE", f"/api/admin/keys/{number}")
        assert deleted.status in {200, 403, 409}, (number, deleted.text)


def test_a_damaged_row_can_be_deleted(desk: Desk, numbers: tuple[str, str]) -> None:
    for kind, number in _ruin(desk).rows[::5]:
        answer = desk.call("DELETE", f"/api/admin/{kind}/{number}")
        assert answer.status in {200, 409}, (kind, number, answer.text)


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
    _put(cloud, "DeskTable", item)
    pointer = {"pk": {"S": f"N#{number}"}, "sk": {"S": "N"}, "ticket": {"N": str(number)}}
    _put(cloud, "DeskTable", pointer)
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


def test_items_from_the_future_are_read(desk: Desk, cloud: LocalCloud) -> None:
    number = desk.open(**ticket(subject="From the future"))
    for (table, _, _), item in desk.stored().items():
        if table in {"DeskTable", "IndexTable"}:
            _put(cloud, table, {**item, "from_the_future": {"M": {"x": {"NULL": True}}}})
    cache.forget()

    assert desk.show(number)["subject"] == "From the future"
