"""Every background function of the template, on a desk full of damage: each does its work for all
healthy items, and no unexpected fault is logged.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import boto3
import pytest

from helpdesk import clock, mail_ids
from helpdesk.events import outbox
from helpdesk.files import sweep
from helpdesk.mail.inbound import arrivals
from helpdesk.storage.keys import subscription_key
from helpdesk.tickets import overdue, pending
from local.cloud import ROOT, LocalCloud
from tests.http.damaged_desk import SUPPORT, House
from tests.http.desk import Desk
from tests.http.ruin import broken, put
from tests.http.test_damaged_endpoints import check_log

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def house(cloud: LocalCloud, desk: Desk) -> House:
    return House(cloud, desk)


def mail(sender: str, number: int, **headers: str) -> bytes:
    further = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return (
        f"From: {sender}\r\nTo: {SUPPORT}\r\nSubject: Smoke\r\n"
        f"Message-ID: <{number}@example.org>\r\n{further}\r\nIt smokes."
    ).encode()


def mark_overdue(house: House) -> None:
    number = house.desk.open(dueDate=(clock.now() + timedelta(hours=1)).isoformat())
    later = clock.now() + timedelta(days=30)
    with patch.object(overdue, "now", lambda: later), patch.object(pending, "now", lambda: later):
        for _ in range(20):
            house.cloud.run_schedule("BackgroundMarkOverdue")
    assert house.desk.show(number)["isOverdue"]


def requeue_events(house: House) -> None:
    """What is damaged is set aside: the second time none comes."""
    later = clock.now() + timedelta(hours=1)
    with patch.object(outbox, "now", lambda: later):
        for _ in range(2):
            house.cloud.run_schedule("BackgroundRequeueEvents")
            house.cloud.drain(retry=True)
        with patch.object(outbox, "_queue") as queue:
            house.cloud.run_schedule("BackgroundRequeueEvents")
        assert not queue.call_args_list


def sweep_files(house: House) -> None:
    """Whatever the item that names a folder looks like, its files stay."""
    stored = house.desk.stored()
    for (table, pk, _), item in list(stored.items()):
        if table == "DeskTable" and pk.startswith("O-F#"):
            for made in broken(item):
                put(house.cloud, table, made)
    files = {key for bucket, key, _ in stored if key.startswith("files/")}
    with patch.object(sweep, "AGE", timedelta()):
        house.cloud.run_schedule("BackgroundSweepFiles")
    assert files
    assert files <= {key for _, key, _ in house.desk.stored()}


def redrive_mail(house: House) -> None:
    """Mails whose count of attempts is damaged become tickets or are held; none stays."""
    bucket = house.cloud.resources.physical("FilesBucket").ref
    s3 = boto3.client("s3")
    counted = {"pk": {"S": "IN#x"}, "sk": {"S": "IN"}, "attempts": {"N": "1"}, "ttl": {"N": "1"}}
    for number, made in enumerate((counted, *broken(counted))):
        put(house.cloud, "DeskTable", {**made, "pk": {"S": f"IN#late{number}"}})
        raw = mail("late@example.org", 100 + number)
        s3.put_object(Bucket=bucket, Key=f"incoming/late{number}", Body=raw)
    with patch.object(arrivals, "LATE", timedelta(minutes=-1)):
        house.cloud.run_schedule("BackgroundRedriveMail")
    left = s3.list_objects_v2(Bucket=bucket, Prefix="incoming/")
    assert left["KeyCount"] == 0


def receive_mail(house: House) -> None:
    """Mails from, to and about what is damaged; what cannot be taken in waits for the next run."""
    ruin = house.ruin
    numbers = iter(range(200, 10_000))
    house.cloud.smtp.bring(mail("new@example.org", 199), "new@example.org", [SUPPORT])
    for ticket in ruin.tickets[::20]:
        raw = mail("jane@customer.example", next(numbers), Subject=f"Re: [#{ticket}]")
        house.cloud.smtp.bring(raw, "jane@customer.example", [SUPPORT])
    stored = house.desk.stored()
    answered: dict[str, str] = {}
    for (table, pk, sk), item in stored.items():
        if table == "DeskTable" and "S" in item.get("message_id", {}):
            # A mail of the desk's, and one of a requester's.
            answered.setdefault(pk[:1] + sk[:1], item["message_id"]["S"])
    for message_id in answered.values():
        record = stored.get(("DeskTable", f"M#{mail_ids.digest(message_id)}", "M"))
        for made in broken(record or {}):
            put(house.cloud, "DeskTable", made)
            raw = mail("jane@customer.example", next(numbers), In_Reply_To=message_id)
            house.cloud.smtp.bring(raw, "jane@customer.example", [SUPPORT])
    assert answered
    house.cloud.drain(retry=True)


def record_mail_events(house: House) -> None:
    """Notices about damaged mails, and damaged notices: the others are noted."""
    notice: dict[str, object] = {
        "eventType": "Bounce",
        "mail": {"messageId": "0100", "tags": {"mail": ["x-y"]}},
        "bounce": {"bounceType": "Permanent"},
    }
    told: list[object] = [*_wrong(notice), "Amazon SES says hello.", [], None, 5]
    for table, pk, sk in house.desk.stored():
        if table == "DeskTable" and pk.startswith("MAIL#"):
            tag = f"{pk.removeprefix('MAIL#')}-{sk}"
            told.append({**notice, "mail": {"messageId": "0100", "tags": {"mail": [tag]}}})
    for one in told:
        message = one if isinstance(one, str) else json.dumps(one)
        event = {"Records": [{"Sns": {"Message": message}}]}
        house.cloud.invoke("BackgroundRecordMailEvents", event)


def _wrong(notice: dict[str, object]) -> list[object]:
    values: tuple[object, ...] = (None, {}, [], 5, "text", {"mail": 5}, {"mail": [{}]})
    wrong: list[object] = [{**notice, name: value} for name in notice for value in values]
    return [*wrong, *({k: v for k, v in notice.items() if k != name} for name in notice)]


def notify(house: House) -> None:
    """Events of healthy and damaged tickets, whose mails are damaged in part."""
    for number in [house.healthy["number"], *house.ruin.tickets[::11]]:
        path = f"/api/tickets-reply.php/{number}.json"
        house.desk.call("POST", path, {"message": "Yes", "staffId": "ann"})
    before = len(house.cloud.mailbox.mails())
    house.desk.open(email="notified@example.org")
    house.cloud.drain(retry=True)
    assert len(house.cloud.mailbox.mails()) > before


def project(house: House) -> None:
    number = house.desk.open(subject="Projected")
    house.cloud.drain(retry=True)
    found = house.ask("GET", "/api/tickets-search.php?query=Projected")
    assert number in {one["number"] for one in found}


def relay_events(house: House) -> None:
    """Stream records of damaged events, which go to whoever sets them aside."""
    records: list[dict[str, object]] = []
    for (table, _, sk), item in house.desk.stored().items():
        if table == "DeskTable" and sk.startswith("V#") and "after" in item:
            for made in broken({**item, "todo": {"SS": ["notify", "project"]}}):
                change = {"SequenceNumber": f"{len(records)}", "NewImage": made}
                records.append({"eventName": "INSERT", "dynamodb": change})
            break
    assert records
    answer = house.cloud.invoke("BackgroundRelayEvents", {"Records": records})
    assert answer == {"batchItemFailures": []}
    house.cloud.drain(retry=True)


def set_up_desk(house: House) -> None:
    """Another deployment changes nothing that is healthy."""
    event = json.loads((ROOT / "events/background/set_up_desk.json").read_text())
    with patch("helpdesk.storage.cloudformation.carry_out") as carry_out:
        house.cloud.invoke("BackgroundSetUpDesk", event)
    carry_out.call_args.args[2]()


def send_broadcast(house: House) -> None:
    """Subscribers whose items are damaged are passed over; the others hear of the ticket. Events
    that are damaged are set aside.
    """
    service = house.healthy["services"]
    person = house.make("customer")
    assert isinstance(service, int)
    assert isinstance(person, int)
    kept = subscription_key(service, person)
    item = house.desk.stored()[("DeskTable", kept.pk, kept.sk)]
    for damaged in house.ruin.ids["U"]:
        put(house.cloud, "DeskTable", {**item, "sk": {"S": subscription_key(service, damaged).sk}})
    before = len(house.cloud.mailbox.mails())
    ticket = {"Title": "Down", "Description": "All of it.", "Services": [service]}
    house.ask("POST", "/api/Tickets", ticket)
    house.cloud.drain(retry=True)
    told = [mail.to for mail in house.cloud.mailbox.mails()[before:]]
    assert [to for to in told if to.endswith("@notific.example")]

    (event, *_) = (
        item
        for (table, _, _), item in house.desk.stored().items()
        if table == "DeskTable" and item.get("kind") == {"S": "broadcast"}
    )
    records = []
    for count, made in enumerate([*broken({**event, "todo": {"SS": ["broadcast"]}})]):
        made["sk"] = {"S": f"{event['sk']['S']}{count:03d}"}
        put(house.cloud, "DeskTable", made)
        body = {name: made[name]["S"] for name in ("pk", "sk")}
        records.append({"messageId": str(count), "body": json.dumps(body)})
    answer = house.cloud.invoke("BackgroundSendBroadcast", {"Records": records})
    assert answer == {"batchItemFailures": []}


def move_messages(house: House) -> None:
    house.desk.call("POST", "/api/admin/queues/notify/redrive", {"count": 1})
    house.cloud.drain(retry=True)
    (item,) = (found for (_, pk, _), found in house.desk.stored().items() if pk == "MOVE#notify")
    for made in [*broken(item)]:
        put(house.cloud, "DeskTable", made)
        asked = {"queue": "notify", "id": item["id"]["S"]}
        assert house.cloud.invoke("BackgroundMoveMessages", asked) == {"moved": 0}


def migrate_items(house: House) -> None:
    """What cannot be read stays as it is."""
    asked = {"seconds": 60, "anew": True}
    assert house.cloud.invoke("BackgroundMigrateItems", asked)["phase"] == "done"


def rebuild_index(house: House) -> None:
    """What cannot be read is passed over, and the rest is found in the new index."""
    number = house.desk.open(subject="Rebuilt")
    house.cloud.drain(retry=True)
    asked = {"seconds": 60, "patience": 0, "anew": True}
    assert house.cloud.invoke("BackgroundRebuildIndex", asked)["phase"] == "done"
    found = house.desk.call("GET", "/api/tickets-search.php?query=Rebuilt").json
    assert number in {one["number"] for one in found}


JOBS: dict[str, Callable[[House], None]] = {
    "BackgroundMarkOverdue": mark_overdue,
    "BackgroundMigrateItems": migrate_items,
    "BackgroundMoveMessages": move_messages,
    "BackgroundNotify": notify,
    "BackgroundProject": project,
    "BackgroundRebuildIndex": rebuild_index,
    "BackgroundReceiveMail": receive_mail,
    "BackgroundRecordMailEvents": record_mail_events,
    "BackgroundRedriveMail": redrive_mail,
    "BackgroundRelayEvents": relay_events,
    "BackgroundRequeueEvents": requeue_events,
    "BackgroundSendBroadcast": send_broadcast,
    "BackgroundSetUpDesk": set_up_desk,
    "BackgroundSweepFiles": sweep_files,
}


def test_each_background_function_of_the_template_has_a_case(cloud: LocalCloud) -> None:
    assert {name for name in cloud.template.functions if name.startswith("Background")} == set(JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_a_job_goes_on(house: House, job: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    house.cloud.drain(retry=True)
    JOBS[job](house)
    house.cloud.drain(retry=True)
    check_log(caplog)
