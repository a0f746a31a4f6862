"""Singleton items, damaged in place: how the desk works without each of them.

Sequences are not recreated, since the used ids are unknown: requests that need an id are answered
as a fault, and everything else works. Counters are ignored, and lists count instead. The
catalogue's version, the secret of mail ids, the set of managing keys, the counts of mails and the
note that SES accepts no mail are replaced. The next deployment writes the shared gateway key again.
"""

from __future__ import annotations

import copy
import logging
from datetime import timedelta
from secrets import token_hex

import pytest

from helpdesk import clock
from helpdesk.catalogue import cache
from helpdesk.keys import authorize
from helpdesk.storage import aws
from local.cloud import LocalCloud
from tests.http.desk import Desk, Item, Where, ticket
from tests.http.ruin import SECRET, WRONG, put
from tests.http.test_damaged_endpoints import check_log

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module", autouse=True)
def lived(cloud: LocalCloud, desk: Desk) -> None:
    """A desk that has counted tickets and sent mail."""
    desk.make_row("agents", name="Ann", username="ann", email="ann@desk.example")
    desk.set("settings", ticket_autoresponder=True)
    for status in ("Open", "Closed"):
        number = desk.open()
        change = {"statusId": status, "note": "n"}
        assert desk.call("PATCH", f"/api/tickets-update.php/{number}.json", change).status == 200
    cloud.drain(retry=True)


# moto adds to whole numbers only.
PLAIN: dict[str, Item] = {
    str({"N": "1E+37"}): {"N": "1" + "0" * 37},
    str({"N": "-1.5"}): {"N": "-15"},
}
VALUES = [
    pytest.param(PLAIN.get(str(value), value), id=f"wrong {number}")
    for number, value in enumerate(WRONG)
]


class Damage:
    """Puts wrong values into an item, and back what was there."""

    def __init__(self, cloud: LocalCloud, desk: Desk) -> None:
        self.cloud = cloud
        self.desk = desk

    def item(self, table: str, pk: str, sk: str = "") -> tuple[Where, Item]:
        """The first item whose key begins so."""
        names = {"pk": {"S": pk}, "sk": {"S": sk}}
        if (pk, sk) == ("SEQ", "SEQ"):
            found = aws.dynamodb().get_item(TableName=self.table(table), Key=names)
            return (table, pk, sk), dict(found["Item"])
        return next(
            (where, item)
            for where, item in self.desk.stored().items()
            if where[0] == table and where[1].startswith(pk) and where[2].startswith(sk)
        )

    def table(self, name: str) -> str:
        return self.cloud.resources.physical(name).ref

    def put(self, where: Where, item: Item, name: str, value: Item | None) -> None:
        made = copy.deepcopy(item)
        if value is None:
            del made[name]
        else:
            made[name] = value
        put(self.cloud, where[0], made)
        cache.forget()

    def mend(self, where: Where, item: Item, name: str) -> None:
        """Puts one attribute back; the others may have moved on."""
        aws.dynamodb().update_item(
            TableName=self.table(where[0]),
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET #name = :value",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":value": item[name]},
        )


@pytest.fixture
def damage(cloud: LocalCloud, desk: Desk, caplog: pytest.LogCaptureFixture) -> Damage:
    caplog.set_level(logging.INFO)
    cloud.drain(retry=True)
    return Damage(cloud, desk)


def told(caplog: pytest.LogCaptureFixture) -> set[str]:
    check_log(caplog)
    return {vars(one)["kind"] for one in caplog.records if one.getMessage() == "unreadable"}


def numbers(desk: Desk, query: str = "") -> list[str]:
    answer = desk.call("GET", f"/api/tickets-search.php?limit=100&{query}")
    assert answer.status == 200, answer.text
    return [one["number"] for one in answer.json]


def test_a_sequence_that_is_gone_begins_anew_and_takes_nothing_that_is_there(
    damage: Damage, desk: Desk
) -> None:
    before = [desk.show(number) for number in numbers(desk)]
    where, item = damage.item("DeskTable", "SEQ", "SEQ")
    for name in ("ticket", "entry"):
        damage.put(where, item, name, None)
        assert desk.call("POST", "/api/tickets.json", ticket()).status == 409
        damage.mend(where, item, name)
    assert [desk.show(number) for number in numbers(desk)] == before


@pytest.mark.parametrize("value", VALUES[1:])
def test_a_sequence_gives_no_ids_and_all_else_goes_on(
    damage: Damage, desk: Desk, value: Item, caplog: pytest.LogCaptureFixture
) -> None:
    before = numbers(desk)
    where, item = damage.item("DeskTable", "SEQ", "SEQ")
    damage.put(where, item, "ticket", value)
    try:
        answer = desk.call("POST", "/api/tickets.json", ticket())
        assert answer.status == 500, answer.text
        assert numbers(desk) == before
        assert set(numbers(desk, "created_from=2020-01-01")) == set(before)
        change = {"note": "n", "statusId": "Closed"}
        path = f"/api/tickets-update.php/{before[0]}.json"
        assert desk.call("PATCH", path, change).status == 200
        assert desk.call("POST", "/api/admin/keys", {"name": "k"}).status == 201
    finally:
        damage.mend(where, item, "ticket")
    assert desk.open()
    assert "sequence" in told(caplog)


@pytest.mark.parametrize("name", ["n", "last"])
@pytest.mark.parametrize("value", VALUES)
def test_the_version_of_the_catalogue_is_made_anew(
    damage: Damage, desk: Desk, name: str, value: Item | None, caplog: pytest.LogCaptureFixture
) -> None:
    desk.set("settings", helpdesk_title="Support")
    where, item = damage.item("DeskTable", "CAT", "#version")
    damage.put(where, item, name, {"M": {"teams": {"S": SECRET}}} if value == {"M": {}} else value)

    desk.open()
    title = f"Support {token_hex(4)}"
    desk.set("settings", helpdesk_title=title)
    desk.make_row("teams", name=title)
    assert desk.call("GET", "/api/admin/settings").json["helpdesk_title"] == title
    _, mended = damage.item("DeskTable", "CAT", "#version")
    assert int(mended["n"]["N"])
    # Any whole number is a version.
    assert value is None or "N" in value or "catalogue version" in told(caplog)
    put(damage.cloud, "DeskTable", {**mended, "n": {"N": "7"}})


@pytest.mark.parametrize("value", VALUES)
def test_a_new_secret_signs_mail(
    damage: Damage, desk: Desk, value: Item | None, caplog: pytest.LogCaptureFixture
) -> None:
    where, item = damage.item("DeskTable", "MAIL", "SECRET")
    damage.put(where, item, "secret", value)
    wrong = value is None or "S" not in value
    before = len(damage.cloud.mailbox.mails())

    raw = f"From: bob@example.org\nSubject: {token_hex(4)}\n\nHi".encode()
    answer = desk.call("POST", "/api/tickets.email", raw=raw)
    assert answer.status == 201, answer.text
    damage.cloud.drain(retry=True)

    sent = damage.cloud.mailbox.mails()[before:]
    assert {mail.to for mail in sent} >= {"bob@example.org"}
    _, mended = damage.item("DeskTable", "MAIL", "SECRET")
    assert mended["secret"] != (value if wrong else None)
    assert ("mail secret" in told(caplog)) == (wrong and value is not None)
    put(damage.cloud, "DeskTable", item)


COUNTERS = [
    *(("CELL", name) for name in ("n",)),
    *(("STAT", name) for name in ("open", "closed")),
    ("RANK#", "n"),
]


@pytest.mark.parametrize("counter", COUNTERS)
@pytest.mark.parametrize("value", VALUES)
def test_a_counter_is_passed_over_and_counted_anew_by_lists(
    damage: Damage,
    desk: Desk,
    counter: tuple[str, str],
    value: Item | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pk, name = counter
    before = set(numbers(desk))
    where, item = damage.item("IndexTable", pk)
    if name not in item:
        item[name] = {"N": "0"}
    damage.put(where, item, name, value)

    number = desk.open()
    damage.cloud.drain(retry=True)

    try:
        # What is gone, or a lower number, cannot be told from what was counted.
        if pk != "CELL" or (value is not None and value != {"N": "-15"}):
            assert set(numbers(desk)) == {*before, number}
            assert set(numbers(desk, "status=Open")) >= {number}
            listed = desk.call("GET", "/api/v1/tickets.php?per_page=1").json
            assert pk != "CELL" or listed["pagination"]["total"] == len(before) + 1
        assert desk.call("GET", "/api/tickets-stats.php").status == 200
        told(caplog)
    finally:
        put(damage.cloud, "IndexTable", item)
        desk.call("DELETE", f"/api/tickets-delete.php/{number}.json")
        damage.cloud.drain(retry=True)


@pytest.mark.parametrize("value", VALUES)
def test_the_set_of_managing_keys_is_made_anew(
    damage: Damage, desk: Desk, value: Item | None, caplog: pytest.LogCaptureFixture
) -> None:
    where, item = damage.item("DeskTable", "KEYS", "#managers")
    damage.put(where, item, "ids", value)

    made = desk.make_key("can_manage_keys")
    path = f"/api/admin/keys/{made['id']}"
    assert desk.call("PATCH", path, {"permissions": []}).status == 200
    assert desk.call("DELETE", path).status == 200
    assert desk.call("DELETE", "/api/admin/keys/1").status == 409
    _, mended = damage.item("DeskTable", "KEYS", "#managers")
    assert mended["ids"] == {"NS": ["1"]}
    assert value is None or "managing keys" in told(caplog)


@pytest.mark.parametrize("value", VALUES)
def test_without_the_shared_gateway_key_only_keys_without_their_own_are_refused(
    damage: Damage,
    desk: Desk,
    value: Item | None,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # API Gateway has known the admin's own gateway key for long.
    monkeypatch.setattr(authorize, "now", lambda: clock.now() + timedelta(minutes=10))
    desk.cloud.options.key_lag = 0
    where, item = damage.item("DeskTable", "GATEWAY")
    damage.put(where, item, "value", value)
    damage.cloud.authorization.flush()

    assert numbers(desk)
    told(caplog)
    put(damage.cloud, "DeskTable", item)


@pytest.mark.parametrize("name", ["word", "since", "until", "tries"])
@pytest.mark.parametrize("value", VALUES)
def test_a_note_that_ses_takes_no_mail_and_that_cannot_be_read_holds_nothing_up(
    damage: Damage, desk: Desk, value: Item | None, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    past = {"S": "2026-01-01T00:00:00.000Z"}
    kept: Item = {"pk": {"S": "MAIL"}, "sk": {"S": "STOPPED"}, "word": {"S": "paused"}}
    kept |= {"since": past, "until": past, "tries": {"N": "3"}}
    damage.put(("DeskTable", "MAIL", "STOPPED"), kept, name, value)
    before = len(damage.cloud.mailbox.mails())

    desk.open()
    damage.cloud.drain(retry=True)

    assert len(damage.cloud.mailbox.mails()) > before
    told(caplog)


@pytest.mark.parametrize("count", [("LOOP#", "mails"), ("AUTO#", "n")], ids=["sender", "all"])
@pytest.mark.parametrize("value", VALUES)
def test_how_much_mail_has_set_off_is_counted_anew(
    damage: Damage,
    desk: Desk,
    value: Item | None,
    count: tuple[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    place, name = count
    sender = f"cid{token_hex(4)}@example.org"
    mail = f"From: {sender}\nSubject: {{}}\n\nHi"
    desk.call("POST", "/api/tickets.email", raw=mail.format(token_hex(4)).encode())
    stored = {where: item for where, item in desk.stored().items() if where[1].startswith(place)}
    for where, item in stored.items():
        damage.put(where, item, name, value)
    before = len(damage.cloud.mailbox.mails())

    desk.call("POST", "/api/tickets.email", raw=mail.format(token_hex(4)).encode())
    damage.cloud.drain(retry=True)

    assert {m.to for m in damage.cloud.mailbox.mails()[before:]} >= {sender}
    # A number that is none of a count may still be added to.
    assert value is None or "N" in value or "count of mails" in told(caplog)
    for item in stored.values():
        put(damage.cloud, "DeskTable", item)
