"""Mail that became no ticket: read, downloaded raw, turned into a ticket later, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import boto3
import pytest
import requests

from local.aws.faults import Fault, How
from local.cloud import LocalCloud
from tests.http.desk import Desk, Item

PATH = "/api/admin/held-mail"
SUPPORT = "support@desk.example"
SPAMMER = "eve@spam.example"
HTML = (
    '<p onclick="steal()">It <b>burns</b>.</p><script>steal()</script>'
    '<img src="https://spam.example/seen.png">'
)


NUMBERS = count(1)
"""Of Message-IDs."""


def mail(sender: str = SPAMMER, subject: str = "Printer", number: int = 1) -> bytes:
    return (
        f"From: Eve <{sender}>\r\nTo: {SUPPORT}\r\nSubject: {subject}\r\n"
        f"Message-ID: <{number}@spam.example>\r\nX-Long: a\r\n b\r\n"
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
        "--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n"
        "--y\r\nContent-Type: text/plain\r\n\r\nIt burns.\r\n"
        f"--y\r\nContent-Type: text/html\r\n\r\n{HTML}\r\n--y--\r\n"
        "--x\r\nContent-Type: application/zip; name=a.zip\r\n\r\nPK\r\n--x--\r\n"
    ).encode()


class Held:
    """Mails that are held, for one reason or another."""

    def __init__(self, cloud: LocalCloud, desk: Desk) -> None:
        self.cloud, self.desk = cloud, desk
        self.raw = b""

    def bring(self, sender: str = SPAMMER, **values: Any) -> str:
        self.raw = raw = mail(sender, number=next(NUMBERS), **values)
        name = self.cloud.smtp.bring(raw, sender, [SUPPORT])
        self.cloud.drain()
        return name

    def listed(self) -> dict[str, Item]:
        self.cloud.drain(retry=True)
        return {item["id"]: item for item in self.desk.call("GET", PATH).json["items"]}

    def take_in(self, name: str, **how: Any) -> Any:
        return self.desk.call("POST", f"{PATH}/{name}/take-in", {}, **how)

    def objects(self, name: str) -> list[str]:
        bucket = self.cloud.resources.physical("FilesBucket").ref
        listed = boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())
        return [one["Key"] for one in listed if one["Key"].endswith(f"/{name}")]


@pytest.fixture
def held(cloud: LocalCloud, desk: Desk) -> Iterator[Held]:
    desk.set("settings", ban_list=["*@spam.example"])
    yield Held(cloud, desk)
    desk.set("settings", ban_list=[], max_open_tickets=0, accept_unregistered_email=True)
    cloud.smtp.clear()


def test_one_is_read_whole_and_nothing_in_it_runs(held: Held) -> None:
    name = held.bring(subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=")
    listed = held.listed()[name]
    assert (listed["reason"], listed["files"]) == ("banned", 1)
    answer = held.desk.call("GET", f"{PATH}/{name}")
    assert answer.status == 200
    shown = answer.json
    assert {key: shown[key] for key in listed} == listed
    assert (shown["subject"], shown["sender"]) == ("Grüße", f"Eve <{SPAMMER}>")
    assert shown["text"].strip() == "It burns."
    assert "<b>burns</b>" in shown["html"]
    assert not any(word in shown["html"] for word in ("script", "onclick", ' src="https'))
    assert ["Subject", "Grüße"] in shown["headers"]
    assert ["X-Long", "a b"] in shown["headers"]
    assert shown["attachments"] == [{"name": "a.zip", "type": "application/zip", "size": 2}]
    assert (shown["may_take_in"], shown["cut"]) == (True, False)
    link = held.desk.call("GET", f"{PATH}/{name}/raw").json
    assert link.keys() == {"url", "expires"}
    fetched = requests.get(link["url"], timeout=60)
    assert fetched.content.endswith(held.raw)
    assert len(fetched.content) == shown["size"] == listed["size"]
    assert fetched.headers["Content-Disposition"] == f'attachment; filename="{name}.eml"'


def test_one_is_taken_in_once_and_is_held_no_more(held: Held) -> None:
    name = held.bring()
    once = {"Idempotency-Key": name}
    answer = held.take_in(name, headers=once)
    assert answer.status == 200, answer.text
    number = answer.json["ticket"]["number"]
    shown = held.desk.show(number)
    assert (shown["id"], shown["thread"][0]["id"]) == (
        answer.json["ticket"]["id"],
        answer.json["entry"],
    )
    assert "burns" in shown["thread"][0]["body"]
    assert name not in held.listed()
    assert held.objects(name) == [f"raw/{name}"]
    assert held.take_in(name, headers=once).json == answer.json
    assert held.take_in(name).status == 404
    assert held.desk.call("GET", f"{PATH}/{name}").status == 404


@pytest.mark.parametrize("reason", ["banned", "too_many_open"])
def test_it_passes_the_rule_that_held_it(held: Held, reason: str) -> None:
    sender = SPAMMER
    if reason == "too_many_open":
        sender = "full@customer.example"
        held.desk.open(email=sender)
        held.desk.set("settings", max_open_tickets=1)
    else:
        held.desk.set("settings", ban_list=[], accept_unregistered_email=False)
        sender = "nobody@elsewhere.example"
    name = held.bring(sender)
    assert held.listed()[name]["reason"] == reason
    assert held.take_in(name).status == 200
    assert name not in held.listed()


def test_it_passes_no_other_rule_but_may_be_let_pass_that_one_too(held: Held) -> None:
    sender = "busy@spam.example"
    held.desk.set("settings", ban_list=[])
    held.desk.open(email=sender)
    held.desk.set("settings", ban_list=["*@spam.example"], max_open_tickets=1)
    name = held.bring(sender)
    answer = held.take_in(name)
    assert (answer.status, answer.json["error"]["code"]) == (409, "too_many_open")
    assert held.listed()[name]["reason"] == "too_many_open"
    assert held.objects(name) == [f"held/{name}"]
    assert held.take_in(name).status == 200


def test_the_desks_own_mail_is_taken_in_although_it_came_back(held: Held) -> None:
    number = held.desk.open(email="own@customer.example")
    held.cloud.drain(retry=True)
    ours = next(m for m in held.cloud.mailbox.mails() if m.to == "own@customer.example")
    raw = f"From: {SUPPORT}\r\nTo: {SUPPORT}\r\nReferences: {ours.headers['References']}\r\n\r\nHi"
    name = held.cloud.smtp.bring(raw.encode(), "", [SUPPORT])
    held.cloud.drain()
    assert held.listed()[name]["reason"] == "loop"
    assert held.take_in(name).json["ticket"]["number"] == number


def test_a_virus_is_never_taken_in(held: Held) -> None:
    held.cloud.smtp.verdicts.virus = "FAIL"
    name = held.bring()
    assert held.desk.call("GET", f"{PATH}/{name}").json["may_take_in"] is False
    answer = held.take_in(name)
    assert (answer.status, answer.json["error"]["code"]) == (409, "virus")
    assert held.listed()[name]["reason"] == "virus"
    answer = held.desk.call("DELETE", f"{PATH}/{name}")
    assert answer.json == {"id": name, "deleted": True}
    assert name not in held.listed()
    assert held.objects(name) == []
    assert held.desk.call("DELETE", f"{PATH}/{name}").status == 404


@pytest.mark.parametrize(
    ("operation", "nth"), [("CopyObject", 1), ("DeleteObjects", 1), ("TransactWriteItems", 2)]
)
def test_what_fails_midway_is_made_up_for_by_the_next_call(
    held: Held, operation: str, nth: int
) -> None:
    name = held.bring()
    fault = Fault(How.BEFORE, nth, "AdminTakeInHeldMail", operation=operation)
    with held.cloud.aws.faults.plan(fault):
        first = held.take_in(name)
    assert (first.status, fault.fired > 0) == (503, True)
    answer = held.take_in(name)
    assert answer.status == 200, answer.text
    assert name not in held.listed()
    assert held.objects(name) == [f"raw/{name}"]
    assert len(held.desk.show(answer.json["ticket"]["number"])["thread"]) == 1


def test_who_may_not_and_what_is_not_there_change_nothing(held: Held) -> None:
    name = held.bring()
    low = held.desk.make_key("can_manage_keys", "can_manage_desk")["key"]
    bound = held.desk.make_key("can_manage_directory", departments=[1])["key"]
    before = held.desk.stored()
    for method, path, body in (
        ("GET", f"{PATH}/{name}", None),
        ("GET", f"{PATH}/{name}/raw", None),
        ("POST", f"{PATH}/{name}/take-in", {}),
        ("DELETE", f"{PATH}/{name}", None),
    ):
        for key in (low, bound):
            assert held.desk.call(method, path, body, key=key).status == 403
        for other in ("nowhere", "x" * 3000, "%00", "..%2Fraw"):
            missing = path.replace(name, other)
            assert held.desk.call(method, missing, body).status == 404, missing
    answer = held.desk.call("POST", f"{PATH}/{name}/take-in", {"force": True})
    assert (answer.status, answer.json["error"]["field"]) == (422, "force")
    assert held.desk.stored() == before
