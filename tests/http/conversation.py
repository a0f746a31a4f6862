"""One conversation that exercises every function, and everything observable afterwards.

It covers every endpoint, every kind of row, and every AWS error that triggers other work. The tests
of what roles must allow (docs/aws.md m6) and of where secrets must not appear (docs/aws.md m33) use
it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import boto3

from dialects import answers
from helpdesk import clock
from helpdesk.catalogue import cache
from helpdesk.events import outbox
from helpdesk.keys import usage_plan
from helpdesk.mail.outbound import sending
from helpdesk.queries import numbers
from helpdesk.storage.attributes import pack
from helpdesk.storage.keys import CATALOGUE_VERSION, MAIL_SECRET, MAIL_STOPPED, packed_key
from helpdesk.tickets import create, overdue
from local.aws.answers import Answer as AwsAnswer
from local.aws.calls import OUTSIDE, Call
from local.aws.faults import Fault, How
from local.aws.roles import Ask, Roles, read_roles, tail
from local.cloud import LocalCloud
from local.functions import Event, Functions
from tests.helpdesk.mail.inbound.ways import take_every_way
from tests.http import (
    conversation_admin_tickets,
    conversation_mail,
    conversation_notific,
    conversation_tickets,
    conversation_zammad,
    traces,
)
from tests.http.desk import Desk, Item, Where, send_form, ticket

ALL = 1000


def refused(calls: int = ALL, **of: str) -> Fault:
    """A refusal of AWS that its clients do not answer by trying again."""
    return Fault(How.BEFORE, calls=calls, code="ValidationException", status=400, **of)  # type: ignore[arg-type]


BODIES = {
    name: f"xylo{name}phone"
    for name in (
        "text",
        "html",
        "long",
        "xml",
        "file",
        "again",
        "note",
        "refused",
        "broken",
        "fault",
        "deleted",
    )
}
"""A word of each body that is sent; none stands anywhere else."""

ROWS: Mapping[str, Mapping[str, Any]] = {
    "departments": {"name": "Billing"},
    "topics": {"name": "Invoices", "fields": [{"name": "room", "label": "Room"}]},
    "statuses": {"name": "Waiting", "state": "open"},
    "priorities": {"name": "Later", "tag": "later", "urgency": 5},
    "slas": {"name": "Fast", "hours": 2},
    "schedules": {"name": "Mornings", "days": {"0": [480, 720], "1": [480, 720]}},
    "teams": {"name": "Night"},
    "agents": {"name": "Ann Agent", "username": "ann", "email": "ann@desk.example"},
    "organizations": {"name": "ACME"},
    "services": {"name": "Hosting"},
    "fields": {"name": "colour", "label": "Colour"},
}
"""A row of each kind that can be added."""

OF_THEIR_OWN_WAY: Mapping[str, Mapping[str, Any]] = {
    "departments": {"name": "Accounts"},
    "statuses": {"state": "archived"},
    "agents": {"name": "Anna Agent"},
    "organizations": {"name": "ACME Inc."},
}
"""Kinds that are stored or checked in a way of their own, and a change of each."""


@dataclass(frozen=True)
class Told:
    """What is left of the conversation.

    `secrets` are the keys that were given or tried, by what they are; `log` is every line that was
    logged or printed, `messages` all that went to a queue, `notices` what SES told.
    """

    roles: Roles
    asks: frozenset[Ask]
    secrets: Mapping[str, str]
    log: str
    messages: tuple[str, ...]
    items: Mapping[Where, Item]
    objects: Mapping[str, bytes]
    gateway_keys: tuple[str, ...]
    mails: tuple[str, ...]


def converse(cloud: LocalCloud) -> Told:
    """Has the conversation with a fresh desk."""
    heard = _Heard(cloud)
    log = traces.Log()
    cloud.aws.listeners.append(heard)
    try:
        with log.listening(), _cold(), Desk(cloud, cloud.key or "") as desk:
            talk = _Talk(desk)
            # Nobody knows yet how fast SES takes mail.
            sending.forget()
            # Keys that are five minutes old count on their own.
            cloud.options.key_lag = 0
            with patch.object(usage_plan, "WORKS_AFTER", timedelta(0)):
                talk.keys()
            talk.rows()
            talk.tickets()
            conversation_zammad.people(talk)
            conversation_zammad.relations(talk)
            conversation_tickets.tickets(talk.ask, cloud)
            conversation_admin_tickets.tickets(talk.ask, cloud)
            conversation_zammad.search(talk)
            conversation_notific.tickets(talk)
            conversation_notific.subscribers(talk)
            talk.refusals()
            talk.strangers()
            talk.mails()
            conversation_mail.queues(talk)
            conversation_mail.setup(talk)
            talk.faults()
            cloud.drain(retry=True)
            items = desk.stored()
    finally:
        cloud.aws.listeners.remove(heard)
    return Told(
        roles=read_roles(cloud.template, cloud.resources),
        asks=heard.asks(),
        secrets={"the first admin key": cloud.key or "", **talk.secrets},
        log=log.text,
        messages=(*heard.messages, *traces.letters(cloud)),
        items={where: item for where, item in items.items() if where[0].endswith("Table")},
        objects=dict(traces.objects(cloud)),
        gateway_keys=tuple(key["value"] for key in traces.gateway_keys()),
        mails=tuple(str(mail) for mail in cloud.mailbox.mails()),
    )


@contextmanager
def _cold() -> Iterator[None]:
    """Every invocation reads the catalogue for itself, as a new container of Lambda does."""
    warm = Functions.invoke

    def invoke(self: Functions, name: str, event: Event) -> Any:
        cache.forget()
        return warm(self, name, event)

    with patch.object(Functions, "invoke", invoke):
        yield


# --- what is said ---------------------------------------------------------------------------


@dataclass
class _Talk:
    desk: Desk
    secrets: dict[str, str] = field(default_factory=dict)

    def ask(
        self, wanted: int, method: str, path: str, body: object = None, once: str = "", **how: Any
    ) -> Any:
        """One request, its answer's status, and what its body says."""
        headers = {"Idempotency-Key": once} if once else {}
        headers |= how.pop("headers", {})
        answer = self.desk.call(method, path, body, headers=headers, **how)
        assert answer.status == wanted, (method, path, answer.status, answer.text)
        if answer.type.startswith("image/"):
            return answer.body
        return answer.json if "json" in answer.type else answer.text

    def zammad(self, wanted: int, method: str, path: str, body: object = None, **how: Any) -> Any:
        """`ask`, with the key where Zammad's clients put it."""
        carried = {"Authorization": f"Token token={self.desk.key}", **how.pop("headers", {})}
        return self.apart(wanted, method, path, body, key=None, headers=carried, **how)

    def apart(self, wanted: int, method: str, path: str, body: object = None, **how: Any) -> Any:
        """`ask`, after which all that follows has been done."""
        said = self.ask(wanted, method, path, body, **how)
        # What follows runs in this process, too, and would make the next request cold midway.
        self.desk.cloud.drain()
        return said

    def key(self, name: str, answer: Item) -> int:
        """Notes the secret of an answer; gives the key's id."""
        self.secrets[name] = answer["key"]
        return int(answer["id"])

    def keys(self) -> None:
        new = {"name": "Shop", "permissions": ["can_read_tickets", "can_manage_keys"]}
        self.key("a key", made := self.ask(201, "POST", "/api/admin/keys", new))
        path = f"/api/admin/keys/{made['id']}"
        once = self.ask(201, "POST", "/api/admin/keys", {"name": "Till"}, once="till")
        till = self.key("a key made once", once)
        assert "key" not in self.ask(201, "POST", "/api/admin/keys", {"name": "Till"}, once="till")

        self.ask(200, "GET", "/api/admin/me")
        self.ask(200, "GET", "/api/admin/schema")
        self.ask(200, "GET", "/api/admin/keys")
        self.ask(200, "GET", path)
        self.ask(200, "PATCH", path, {"networks": ["192.0.2.0/24"]})
        self.ask(200, "PATCH", path, {"permissions": ["can_read_tickets"]})
        self.desk.cloud.drain()
        self.ask(200, "GET", f"{path}/usage")
        self.ask(200, "POST", f"{path}/check", {"permission": "can_read_tickets"})
        for name, hours in (("second", 2), ("third", 1), ("fourth", 0)):
            turned = self.ask(200, "POST", f"{path}/rotate", {"overlap_hours": hours}, once=name)
            self.key(f"the {name} secret of a key", turned)
            self.ask(200, "GET", "/api/tickets-statuses.php", key=turned["key"])
            self.ask(200, "POST", f"{path}/rotate", {"overlap_hours": hours}, once=name)
        again = self.ask(200, "POST", f"{path}/rotate", {"overlap_hours": 1}, once="fifth")
        self.key("the fifth secret of a key", again)
        self.ask(200, "DELETE", f"{path}/old-secret")
        self.ask(409, "DELETE", "/api/admin/keys/1")
        self.ask(200, "DELETE", path)
        self.ask(200, "DELETE", f"/api/admin/keys/{till}")
        self.ask(405, "PUT", "/api/admin/keys")

    def rows(self) -> None:
        for kind, row in ROWS.items():
            path = f"/api/admin/{kind}"
            made = self.ask(201, "POST", path, row, once=kind)
            place = f"{path}/{made['id']}"
            if kind in OF_THEIR_OWN_WAY:
                assert self.ask(201, "POST", path, row, once=kind) == made
                self.ask(200, "GET", f"{path}?limit=1")
                self.ask(200, "GET", place)
                self.ask(200, "PATCH", place, OF_THEIR_OWN_WAY[kind])
            self.ask(200, "GET", f"{place}/uses")
            self.ask(200, "DELETE", place)
        ids = [one["id"] for one in self.ask(200, "GET", "/api/admin/statuses")["items"]]
        self.ask(200, "PATCH", "/api/admin/statuses/order", {"ids": ids[::-1]})
        self.ask(200, "GET", "/api/admin/audit")
        self.ask(200, "GET", "/api/admin/audit?kind=settings&id=0")
        self.ask(409, "DELETE", "/api/admin/departments/1")
        self.ask(200, "PATCH", "/api/admin/templates/1", {"subject": "[#%{ticket.number}] Yes"})
        agent = self.ask(201, "POST", "/api/admin/agents", ROWS["agents"])["id"]
        for bound in ({"agent": agent}, {"departments": [1]}):
            made = self.ask(201, "POST", "/api/admin/keys", {"name": "Bound", **bound})
            self.key(f"a key bound to {next(iter(bound))}", made)
        self.ask(200, "GET", "/api/admin/settings")
        self.ask(200, "PATCH", "/api/admin/settings", {"max_open_tickets": 100})

    def tickets(self) -> None:
        chance = random.Random(1)
        words = ["".join(chance.choices("abcdefghij", k=7)) for _ in range(12_000)]
        path = "/api/tickets.json"
        file = {"a.txt": f"data:text/plain,{BODIES['file']}"}
        first = self.ask(201, "POST", path, ticket(message=BODIES["text"], attachments=[file]))
        html = f"data:text/html,<p>{BODIES['html']}</p>"
        self.ask(201, "POST", "/api/http.php/tickets.json", ticket(message=html))
        long = ticket(message=f"{BODIES['long']} {' '.join(words)}", parentTicketNumber=first)
        second = self.ask(201, "POST", path, long)
        xml = ticket(message=BODIES["xml"])
        document = "".join(f"<{name}>{value}</{name}>" for name, value in xml.items())
        raw = f"<ticket>{document}</ticket>".encode()
        self.ask(201, "POST", "/api/tickets.xml", raw=raw)
        for _ in range(2):
            self.ask(201, "POST", path, ticket(message=BODIES["again"]), once="again")
        self.ask(201, "POST", "/api/v1/tickets.php", ticket(message=BODIES["again"]))
        shown = self.ask(200, "GET", f"/api/tickets-get.php/{first}.json")
        self.ask(200, "GET", f"/api/tickets-get.php/{second}.xml")
        self.ask(200, "GET", "/api/tickets-statuses.php")
        bound = self.desk.make_key("can_read_tickets", customer=shown["userId"])
        self.key("a key bound to a customer", bound)
        self.ask(200, "GET", f"/api/tickets-get.php/{first}.json", key=bound["key"])
        self.changes(first, second)
        self.lists(bound["key"])
        self.files(shown["thread"][0]["attachments"][0]["file_id"])
        self.uploads(first)
        self.deletion()
        self.cron()

    def changes(self, first: str, second: str) -> None:
        """Every field, a note with a file, and the second ticket from under the first and back."""
        path = "/api/tickets-update.php"
        file = {"a.txt": f"data:text/plain,{BODIES['file']}"}
        values = {"statusId": "Closed", "staffId": "ann", "topicId": 1, "departmentId": "Sales"}
        note = {"note": BODIES["note"], "attachments": [file]}
        self.ask(200, "PATCH", f"{path}/{first}.json", {**values, **note, "dueDate": "2031-01-01"})
        answer = {"message": BODIES["note"], "staffId": "ann", "attachments": [file]}
        self.ask(201, "POST", f"/api/tickets-reply.php/{first}.json", answer, once="reply")
        bad = {"statusId": "Nowhere", "note": BODIES["refused"], "attachments": [file]}
        self.ask(404, "PUT", f"{path}/{first}.json", bad)
        self.ask(200, "PUT", f"{path}/{first}.json", {"statusId": "Open", "departmentId": 1})
        third = self.ask(201, "POST", "/api/tickets.json", ticket(message=BODIES["again"]))
        self.ask(200, "PATCH", f"{path}/{second}.xml", {"parentTicketNumber": third})
        links = "/api/tickets-subtickets"
        self.ask(200, "GET", f"{links}-parent.php/{second}.json")
        self.ask(200, "DELETE", f"{links}-unlink.php/{second}.json")
        self.ask(200, "POST", f"{links}-create.php/{first}.json", {"childId": second}, once="link")
        self.ask(422, "POST", f"{links}-create.php/{second}.json", {"childId": first})
        self.ask(200, "GET", f"{links}-list.php/{first}.xml")

    def deletion(self) -> None:
        """A ticket by mail and one under it with files: all that there is to be removed."""
        word, delete = BODIES["deleted"], "/api/tickets-delete.php"
        mail = f"From: jane@customer.example\r\nMessage-ID: <gone@customer.example>\r\n\r\n{word}"
        above = self.ask(201, "POST", "/api/tickets.email", raw=mail.encode())
        file = {"a.txt": f"data:text/plain,{word}"}
        child = ticket(message=word, attachments=[file], parentTicketNumber=above)
        below = self.ask(201, "POST", "/api/tickets.json", child)
        for number in (above, below):
            self.ask(200, "DELETE", f"{delete}/{number}.json")
        self.ask(404, "DELETE", f"{delete}/{above}.json")

    def cron(self) -> None:
        """Marks what is overdue, by the clock and when it is asked to; and counts."""
        month = timedelta(days=30)
        midnight = clock.now().replace(hour=0, minute=1)
        with (
            patch.object(overdue, "now", lambda: clock.now() + month),
            patch.object(numbers, "now", lambda: midnight),
        ):
            self.schedule("BackgroundMarkOverdue")
            self.ask(201, "POST", "/api/tickets.json", ticket(message=BODIES["again"]))
            self.ask(200, "POST", "/api/tasks/cron", {})
        self.ask(200, "GET", "/api/tickets-stats.php")

    def lists(self, bound: str) -> None:
        """Every way to a list: by buckets, all, somebody's; searched; its second page."""
        for query in ("", "?sort=updated", "?sort=number"):
            self.ask(200, "GET", f"/api/tickets-search.php{query}")
        for query in ("?sort=created", "?sort=updated", "?sort=number", "?query=i"):
            self.ask(200, "GET", f"/api/tickets-search.php{query}&status=Open&limit=1")
            self.ask(200, "GET", f"/api/tickets-search.php{query}&status=Open&limit=1&offset=1")
        for query in (
            "staffId=ann",
            "updated_from=2026-01-01&sort=number",
            "updated_since=2026-01-01",
        ):
            self.ask(200, "GET", f"/api/tickets-search.php?{query}")
        self.ask(200, "GET", "/api/v1/tickets.php?created_from=2026-01-01&staff_id=3")
        self.ask(200, "GET", "/api/tickets-search.php.xml", key=bound)
        self.ask(200, "GET", "/api/v1/tickets.php?email=JANE@customer.example&q=i")

    def files(self, file: int) -> None:
        """A file that fits into an answer, and one whose base64 does not once it is escaped."""
        path = "/api/tickets-attachment-download.php"
        self.ask(200, "GET", f"{path}/{file}.json")
        large = {"a.pdf": f"data:application/pdf;base64,{'////' * 600_000}"}
        number = self.ask(201, "POST", "/api/tickets.json", ticket(attachments=[large]))
        shown = self.ask(200, "GET", f"/api/tickets-get.php/{number}.json")
        file = shown["thread"][0]["attachments"][0]["file_id"]
        self.ask(302, "GET", f"{path}/{file}.json")

    def uploads(self, number: str) -> None:
        """A file that goes to S3 first, for a ticket and for a note; and answers too long."""
        create, change = "/api/tickets.json", f"/api/tickets-update.php/{number}.json"
        for position, (wanted, method, path, body) in enumerate(
            (
                (201, "POST", create, ticket(message=BODIES["again"])),
                (200, "PATCH", change, {"note": BODIES["note"]}),
            )
        ):
            for _ in range(2):
                place = self.ask(201, "POST", "/api/uploads", once=f"upload {position}")
            assert send_form(place, BODIES["file"].encode()) == 204
            files = [{"a.txt": f"upload:{place['id']}"}]
            self.ask(wanted, method, path, {**body, "attachments": files})
        with patch.object(answers, "LARGEST_ANSWER", 100):
            self.ask(302, "GET", f"/api/tickets-get.php/{number}.json")
            self.ask(302, "GET", "/api/v1/tickets.php")

    def refusals(self) -> None:
        """What is refused when its files are stored already, and bodies that cannot be read."""
        create, word = "/api/tickets.json", BODIES["refused"]
        file = {"a.txt": f"data:text/plain,{word}"}
        self.ask(400, "POST", create, ticket(message=word, email="no address", attachments=[file]))
        self.ask(409, "POST", create, ticket(message=word), once="again")
        self.ask(405, "PUT", create, ticket(message=word))
        self.ask(404, "POST", "/api/nowhere", ticket(message=word))
        broken = f'{{"message": "{BODIES["broken"]}'.encode()
        for path in (create, "/api/tickets.xml"):
            self.ask(400, "POST", path, raw=broken)
            self.ask(400, "POST", path, raw=broken + b"\xff\x00")
        self.ask(422, "PATCH", "/api/admin/settings", {"helpdesk_title": {"is": word}})
        self.ask(400, "POST", "/api/admin/keys", raw=broken)

    def strangers(self) -> None:
        """Keys that open nothing, and keys that stand where they should not."""
        for number, name in enumerate(("unknown", "elsewhere"), 1):
            self.secrets[f"an {name} key"] = f"a-key-of-another-desk-{number}"
        wrong = self.secrets["an unknown key"]
        path = "/api/tickets-statuses.php"
        self.ask(401, "GET", path, key=wrong)
        lost = self.secrets["an elsewhere key"]
        self.ask(401, "GET", f"{path}?key={lost}&apikey={lost}", key=None)
        carried = {"Authorization": f"Bearer {lost}", "Cookie": f"key={lost}"}
        self.ask(200, "GET", f"{path}?key={lost}", headers=carried)
        self.ask(404, "GET", f"/{lost}?key={lost}", headers=carried)

    def mails(self) -> None:
        take_every_way(
            self.desk.cloud,
            lambda mail: self.desk.call("POST", "/api/tickets.email", raw=mail),
            lambda settings: self.ask(200, "PATCH", "/api/admin/settings", settings),
        )
        conversation_mail.held(self)
        conversation_mail.sent(self)
        gone = ticket(email="bounce@simulator.amazonses.com")
        self.ask(201, "POST", "/api/tickets.json", gone)
        self.desk.cloud.drain()
        self.ask(201, "POST", "/api/tickets.json", gone)
        (listed,) = self.ask(200, "GET", "/api/admin/suppressed")["items"]
        self.ask(200, "DELETE", f"/api/admin/suppressed/{listed['address']}")

    def faults(self) -> None:
        """What goes wrong behind the answer, until it ends with the dead letters, and on time."""
        cloud = self.desk.cloud
        aws = cloud.aws
        path = "/api/tickets.json"

        # A fault of ours whose words quote the request.
        with patch.object(create, "open_ticket", side_effect=ValueError(BODIES["fault"])):
            self.ask(500, "POST", path, ticket(message=BODIES["fault"]))

        # The answer is lost after the transaction; then the same once more.
        lost = Fault(How.AFTER, operation="TransactWriteItems", function="OsticketCreateTicketJson")
        with aws.faults.plan(lost):
            self.ask(201, "POST", path, ticket(message=BODIES["again"]), once="lost")
        assert lost.fired

        # The relay reaches no queue, so that its records go to the bucket; the job finds them.
        with aws.faults.plan(refused(service="sqs")) as deaf:
            self.ask(201, "POST", path, ticket(message=BODIES["again"]))
            cloud.drain()
        assert deaf.fired
        with patch.object(outbox, "now", lambda: clock.now() + timedelta(minutes=11)):
            self.schedule("BackgroundRequeueEvents")

        # Whoever sends mail cannot read what there is to send, until SQS gives up; the gateway key
        # that was made is not noted.
        unread = Fault(How.BEFORE, calls=ALL, service="dynamodb", function="BackgroundNotify")
        with aws.faults.plan(unread) as mute:
            self.ask(201, "POST", path, ticket(message=BODIES["again"]))
            for _ in range(8):
                cloud.drain(retry=True)
        assert mute.fired

        self.refused_mail()
        self.stopped_mail()

        join = refused(2, operation="CreateUsagePlanKey")
        with aws.faults.plan(join):
            made = self.ask(201, "POST", "/api/admin/keys", {"name": "Late"})
            cloud.drain()
        self.key("a key whose gateway key came late", made)
        assert join.fired
        cloud.drain(retry=True)

        # What SES tells of a mail cannot be written down.
        writes = refused(function="BackgroundRecordMailEvents")
        with aws.faults.plan(writes):
            self.ask(201, "POST", path, ticket(message=BODIES["again"]))
            cloud.drain()
        assert writes.fired

        # An object that nobody names any more.
        bucket = cloud.resources.physical("FilesBucket").ref
        day = clock.now() - timedelta(days=2)
        orphan = f"files/{day:%Y-%m-%d}/{'0' * 32}/0"
        boto3.client("s3").put_object(Bucket=bucket, Key=orphan, Body=b"x")
        self.schedule("BackgroundSweepFiles")
        cloud.custom.create()

        # Items of before the shape was noted. The index is made anew twice, so that there is
        # something to remove.
        for where, pk, sk in list(self.desk.stored()):
            if where == "DeskTable" and pk.startswith("T#") and sk == "A":
                boto3.client("dynamodb").update_item(
                    TableName=cloud.resources.physical(where).ref,
                    Key={"pk": {"S": pk}, "sk": {"S": sk}},
                    UpdateExpression="REMOVE v",
                )
        # Shards that are written no more.
        boto3.client("dynamodb").update_item(
            TableName=cloud.resources.physical("DeskTable").ref,
            Key=packed_key(CATALOGUE_VERSION),
            UpdateExpression="SET shards = :shards",
            ExpressionAttributeValues=pack({":shards": {"written": 1, "read": 2}}),
        )
        cloud.invoke("BackgroundMigrateItems", {"seconds": 60})
        for _ in range(2):
            cloud.invoke("BackgroundRebuildIndex", {"seconds": 60, "patience": 0})

    def refused_mail(self) -> None:
        """SES refuses mail for now, whose ids are signed by a new secret, since the old is lost."""
        self.lose_secret()
        code = "TooManyRequestsException"
        busy = Fault(How.BEFORE, calls=ALL, service="sesv2", code=code, status=429)
        with self.desk.cloud.aws.faults.plan(busy):
            self.ask(201, "POST", "/api/tickets.json", ticket(message=BODIES["again"]))
            self.desk.cloud.drain()
        assert busy.fired

    def lose_secret(self) -> None:
        """Takes the secret away that signs the ids of mails."""
        boto3.client("dynamodb").delete_item(
            TableName=self.desk.cloud.resources.physical("DeskTable").ref,
            Key={name: {"S": part} for name, part in MAIL_SECRET._asdict().items()},
        )

    def stopped_mail(self) -> None:
        """What SES has stopped goes on: by a mail to subscribers, and by another one."""
        cloud = self.desk.cloud
        service = self.apart(201, "POST", "/api/Services", {"Name": "Late"})["Id"]
        for name in ("max", "moe", "mia"):
            one = {"Name": name, "Email": f"{name}@late.example", "Services": [service]}
            self.apart(201, "POST", "/api/Customers", one)
        unread = Fault(How.BEFORE, calls=ALL, service="dynamodb", function="BackgroundNotify")
        for silent in (cloud.aws.faults.plan(unread), nullcontext()):
            at = {"S": clock.to_iso(clock.now() - timedelta(hours=1))}
            boto3.client("dynamodb").put_item(
                TableName=cloud.resources.physical("DeskTable").ref,
                Item={
                    **{name: {"S": part} for name, part in MAIL_STOPPED._asdict().items()},
                    "word": {"S": "paused"},
                    "tries": {"N": "1"},
                    "since": at,
                    "until": at,
                },
            )
            # A fresh container: it asks how fast it may send.
            sending.forget()
            self.lose_secret()
            with silent:
                new = {"Title": "Late", "Description": "It is.", "Services": [service]}
                self.ask(201, "POST", "/api/Tickets", new)
                cloud.drain()
        cloud.drain(retry=True)

    def schedule(self, function: str) -> None:
        self.desk.cloud.run_schedule(function)


# --- what is heard --------------------------------------------------------------------------


@dataclass
class _Heard:
    """Listens at AWS's endpoint."""

    cloud: LocalCloud
    messages: list[str] = field(default_factory=list)

    def __call__(self, call: Call, body: bytes, _answer: AwsAnswer) -> None:
        if call.operation.startswith("SendMessage"):
            self.messages.append(body.decode())

    def asks(self) -> frozenset[Ask]:
        """Everything that functions have asked of this cloud since it was started."""
        return frozenset(
            Ask(used.function, used.action.name, tail(used.action.resource), used.action.context)
            for used in self.cloud.aws.used
            if used.function != OUTSIDE
        )
