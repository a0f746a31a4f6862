"""A desk in moto, its clock, and its background functions as Lambda calls them."""

import importlib.util
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default as modern
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from helpdesk import catalogue, clock, events, set_up
from helpdesk.model import SYSTEM, Body, Entry, NewPerson, Ticket
from helpdesk.storage import aws, people, table
from helpdesk.storage import tickets as stored
from helpdesk.storage.table import Key
from local import moto_index
from tests.faults import Injector

# Plain moto is slow with transactions and not made for threads.
moto_index.install()

ROOT = Path(__file__).parents[2]
REGION = "eu-west-1"
ADMIN = "boss@desk.example"

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "DESK_TABLE": "desk",
    "INDEX_TABLE": "index",
    "FILES_BUCKET": "desk-files",
    "CONFIGURATION_SET": "mail-events",
    "FROM_ADDRESS": "support@desk.example",
    "FROM_NAME": "Support",
    "ADMIN_EMAIL": ADMIN,
    "SUPPORT_ADDRESS": "support@desk.example",
    "MAIL_DOMAIN": "desk.example",
    "APIS": '[["osticket","desk"],["admin","desk"]]',
    "POWERTOOLS_SERVICE_NAME": "deskless",
    "LOG_LEVEL": "INFO",
}


CLIENTS: dict[str, Any] = {}
"""The clients of all desks here: they know nothing of a desk, and take long to build."""


@dataclass
class Context:
    """What the functions ask of Lambda's context."""

    remaining: int = 60_000
    log_stream_name: str = "stream"

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining


def function(name: str) -> Any:
    """The handler of a background function, loaded from its folder as Lambda does."""
    path = ROOT / "functions" / "background" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"background_{name}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


@dataclass
class Desk:
    """One desk: what happens to it, and what can be seen of it."""

    injector: Injector
    queues: Mapping[str, str]
    sent: list[tuple[str, str]]
    """Tag and SES's id of each mail of which SES has yet to tell."""
    flushed: list[str] = field(default_factory=list)

    # what happens

    def open(
        self,
        number: int = 1,
        *,
        email: str = "",
        name: str = "Ann",
        subject: str = "Printer",
        body: Body = Body("It burns."),  # noqa: B008 - frozen
        new_person: bool = True,
        data: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> Key:
        """A ticket with its first message, as one transaction writes it; gives its event."""
        at = clock.now()
        person = 100 + number
        email = email or f"ann{number}@example.org"
        ticket = Ticket(
            id=number,
            number=f"{700000 + number}",
            subject=subject,
            **{
                "status": 1,
                "department": 1,
                "priority": 2,
                "person": person,
                "person_name": name,
                "person_email": email,
                "source": "API",
                "created": at,
                "updated": at,
                "entries": (number,),
                **values,
            },
        )
        entry = Entry(number, number, "message", body, name, at, person=person)
        event = events.ticket_event(
            "created",
            SYSTEM,
            number,
            at,
            person=ticket.person,
            after=events.standing(ticket, "open"),
            data={
                "entry": number,
                "alert": True,
                "autorespond": True,
                "new_person": new_person,
                **(data or {}),
            },
        )
        new = NewPerson(email=email, name=name)
        table.commit(
            [
                table.put_new(table.ticket_key(number), stored.as_item(ticket, "open", "test")),
                *stored.new_entry(entry, stored.store_body(body).attributes),
                *(people.new_person(person, new, at) if new_person else []),
                event,
            ]
        )
        return event.key

    def deliver(self, name: str, *keys: Key) -> list[Key]:
        """Brings events to a consumer as SQS does; gives those that must come again."""
        records = [
            {"messageId": str(at), "body": json.dumps(key._asdict())} for at, key in enumerate(keys)
        ]
        answer = function(name)({"Records": records}, Context())
        return [keys[int(failed["itemIdentifier"])] for failed in answer["batchItemFailures"]]

    def relay(self, *keys: Key) -> list[Key]:
        """Brings events to the relay as the stream does; gives those that must come again."""
        records = [
            {
                "eventName": "INSERT",
                "dynamodb": {"SequenceNumber": str(at), "NewImage": self.raw(key)},
            }
            for at, key in enumerate(keys)
        ]
        answer = function("relay_events")({"Records": records}, Context())
        return [keys[int(failed["itemIdentifier"])] for failed in answer["batchItemFailures"]]

    def hear_of_sending(self) -> None:
        """Brings all SEND events that SES has published and nobody has heard of."""
        told = [*self.sent]
        self.sent.clear()
        for tag, message_id in told:
            mail = {"messageId": message_id, "tags": {"mail": [tag]}}
            notice = json.dumps({"eventType": "Send", "mail": mail, "send": {}})
            function("record_mail_events")({"Records": [{"Sns": {"Message": notice}}]}, Context())

    def queued(self, name: str) -> list[Key]:
        """Takes all messages off a queue."""
        found: list[Key] = []
        sqs = aside("sqs")
        while messages := sqs.receive_message(
            QueueUrl=self.queues[name], MaxNumberOfMessages=10
        ).get("Messages"):
            for message in messages:
                found.append(Key(**json.loads(message["Body"])))
                sqs.delete_message(
                    QueueUrl=self.queues[name], ReceiptHandle=message["ReceiptHandle"]
                )
        return found

    # what can be seen

    def raw(self, key: Key) -> Any:
        found = aside("dynamodb").get_item(
            TableName="desk", Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}}
        )
        return found["Item"]

    def todo(self, key: Key) -> set[str]:
        item = table.get(key)
        assert item is not None
        assert ("todo" in item) == ("p10" in item) == ("s10" in item)
        return set(item.get("todo", ()))

    def mails(self) -> list[EmailMessage]:
        """What SES was asked to send, in that order."""
        found = []
        for sent in ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages:
            mail = message_from_string(sent.raw_data, policy=modern)
            assert isinstance(mail, EmailMessage)
            found.append(mail)
        return found

    def addressees(self) -> list[str]:
        return sorted(mail["To"].addresses[0].addr_spec for mail in self.mails())

    def index(self, pk: str) -> dict[str, dict[str, Any]]:
        """A partition of the Index table."""
        return {
            item.pop("sk"): {name: value for name, value in item.items() if name != "pk"}
            for item in table.query(pk, where="index")
        }

    def change_settings(self, **values: Any) -> None:
        key = table.catalogue_key(catalogue.SETTINGS, 0)
        table.write(table.put(key, values))
        self.move_catalogue()

    def change(self, kind: str, number: int, **values: Any) -> None:
        key = table.catalogue_key(kind, number)
        table.write(table.put(key, (table.get(key) or {"id": number}) | values))
        self.move_catalogue()

    def move_catalogue(self) -> None:
        table.write(table.update(table.CATALOGUE_VERSION, "ADD n :one", {":one": 1}))


class Clock(datetime):
    """A clock that stands until it is moved."""

    current = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    @classmethod
    def now(cls, _zone: Any = None) -> datetime:  # type: ignore[override]
        return cls.current


@contextmanager
def new_desk(*, installed: bool = True) -> Iterator[Desk]:
    """A fresh desk, with nothing in it but what set-up makes."""
    with (
        mock_aws(),
        pytest.MonkeyPatch.context() as environment,
        patch.object(clock, "datetime", Clock),
    ):
        for name, value in ENVIRONMENT.items():
            environment.setenv(name, value)
        Clock.current = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        session, injector, sent = watched_session()
        environment.setattr(boto3, "DEFAULT_SESSION", session)
        environment.setattr(aws, "_clients", CLIENTS)
        catalogue.forget()
        sent.clear()
        desk = Desk(injector, _make_queues(environment), sent)
        _make_tables()
        aside("s3").create_bucket(
            Bucket="desk-files", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        aside("sesv2").create_email_identity(EmailIdentity="desk.example")
        plan = aside("apigateway").create_usage_plan(name="plan")["id"]
        environment.setenv("USAGE_PLAN_ID", plan)
        environment.setenv("FIRST_KEY_SECRET", "first-key")
        aside("secretsmanager").create_secret(Name="first-key", SecretString="s" * 48)
        if installed:
            set_up.install_catalogue()
            table.write(table.put(table.MAIL_SECRET, {"secret": "mail-secret"}))
        with injector.stub("FlushStageAuthorizersCache", lambda call: _flushed(desk, call)):
            yield desk
    catalogue.forget()


@cache
def aside(service: str) -> Any:
    """A client of the test's own, whose calls no fault hits."""
    build: Any = boto3.Session("test", "test", region_name=REGION).client
    return build(service)


def _flushed(desk: Desk, call: dict[str, Any]) -> dict[str, Any]:
    desk.flushed.append(call["url_path"])
    return {}


@cache
def watched_session() -> tuple[boto3.Session, Injector, list[tuple[str, str]]]:
    """The session of all desks here, since a new one takes half a second; who can make its calls
    fail; and what SES was asked to send: moto keeps no tags and publishes no events.
    """
    session = boto3.Session("test", "test", region_name=REGION)
    sent: list[tuple[str, str]] = []

    def before(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["tags"] = json.loads(params["body"])["EmailTags"]

    def after(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if "MessageId" in parsed:
            (tag,) = context["tags"]
            sent.append((tag["Value"], parsed["MessageId"]))

    session.events.register_first("before-call.sesv2.SendEmail", before)
    session.events.register_first("after-call.sesv2.SendEmail", after)
    return session, Injector(session), sent


def _make_queues(environment: pytest.MonkeyPatch) -> dict[str, str]:
    urls = {}
    for name in ("notify", "project"):
        urls[name] = aside("sqs").create_queue(QueueName=name)["QueueUrl"]
        environment.setenv(f"{name.upper()}_QUEUE_URL", urls[name])
    return urls


def _make_tables() -> None:
    client = aside("dynamodb")
    attributes = {"pk", "sk"} | {name for pair in table.INDEXES.values() for name in pair}
    primary = [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    client.create_table(
        TableName="desk",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in sorted(attributes)
        ],
        KeySchema=primary,
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": pair[0], "KeyType": "HASH"},
                    {"AttributeName": pair[1], "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for index, pair in table.INDEXES.items()
        ],
    )
    client.create_table(
        TableName="index",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
        ],
        KeySchema=primary,
    )


@pytest.fixture
def desk() -> Iterator[Desk]:
    with new_desk() as made:
        yield made


def later(**by: float) -> None:
    """Moves the clock on."""
    Clock.current += timedelta(**by)


def plain(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    found: str = part.get_content()
    return found


def html(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    found: str = part.get_content()
    return found
