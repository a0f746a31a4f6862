"""AWS in this process: the template's tables in moto, a clock, faults, the functions, the mails.

Everything is created once per process, and reset to that state for each test. Other clouds in this
process use another region.
"""

import functools
import importlib.util
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.message import EmailMessage
from email.policy import default as modern
from functools import lru_cache
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from moto.core.models import botocore_stubber
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.ses.models import ses_backends

from helpdesk import clock, provisioning
from helpdesk.catalogue import cache, rows, stock
from helpdesk.keys import authorize, manage
from helpdesk.storage import sweeps, transact
from helpdesk.storage.keys import CATALOGUE_VERSION, MAIL_SECRET, TODO, Key, catalogue_key
from local.cloud import PARAMETERS, ROOT, STACK
from local.cloudformation.intrinsics import ACCOUNT
from local.cloudformation.template import Template
from local.snapshot import Snapshot
from tests.faults import Injector

REGION = "eu-west-1"
HOME = "203.0.113.9"
"""The address that calls come from."""
FIRST_SECRET = "the-first-admin-secret"
ADMIN = "boss@desk.example"
BUCKET = "desk-files"
LONG_TEXT = random.Random(1).randbytes(8_000).hex()
"""So long, even compressed, that as a body it lies in S3."""
TABLES = {"DeskTable": "desk", "IndexTable": "index"}

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "DESK_TABLE": "desk",
    "INDEX_TABLE": "index",
    "FILES_BUCKET": BUCKET,
    "CONFIGURATION_SET": "mail-events",
    "FROM_ADDRESS": "support@desk.example",
    "FROM_NAME": "Support",
    "ADMIN_EMAIL": ADMIN,
    "SUPPORT_ADDRESS": "support@desk.example",
    "MAIL_DOMAIN": "desk.example",
    "NOTIFIC_URL": "https://desk.example",
    "APIS": '[["osticket","desk"],["admin","desk"]]',
    "FIRST_KEY_SECRET": "first-key",
    "POWERTOOLS_SERVICE_NAME": "deskless",
    "LOG_LEVEL": "INFO",
}


SENDING: dict[str, Any] = {"SendQuota": {"MaxSendRate": 1e6, "Max24HourSend": -1.0}}
"""What SES says of the account (moto does not know): nothing has to wait."""


@functools.cache
def function(path: str) -> Any:
    """The module of a function's folder, such as `authorizer/authorize`."""
    spec = importlib.util.spec_from_file_location(
        path.replace("/", "_"), ROOT / "functions" / path / "app.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def aside(service: str) -> Any:
    """A client of the test's own, whose calls no fault hits."""
    build: Any = boto3.Session("test", "test", region_name=REGION).client
    return build(service)


class World:
    """moto with the template's tables and whatever else the functions need, in three states.

    `bare` is before set-up, `installed` after it; `keyed` has the stock catalogue and a key that
    may do everything, and nothing else that has happened.
    """

    def __init__(self) -> None:
        self.session = boto3.Session("test", "test", region_name=REGION)
        self.injector = Injector(self.session)
        self.sent: list[tuple[str, str]] = []
        """Tag and SES's id of each mail that SES took: moto keeps no tags, publishes no events."""
        self.session.events.register_first("before-call.sesv2.SendEmail", self._before_sending)
        self.session.events.register_first("after-call.sesv2.SendEmail", self._after_sending)
        self.queues: dict[str, str] = {}
        """URLs by names."""
        self._environment = dict(ENVIRONMENT)
        # The desk's own know nothing of its state, and take long to build.
        self._clients: dict[str, Any] = {"session": self.session._session}
        # By the real clock, whichever test comes first: some tests go by it, and compare.
        with patch.object(clock, "datetime", datetime), self._entered():
            self._make()
            self.bare = Snapshot(REGION)
            provisioning.install_catalogue()
            transact.write(transact.put(MAIL_SECRET, {"secret": "mail-secret"}))
            self.installed = Snapshot(REGION)
            self.bare.restore()
            stocked = [
                transact.put(catalogue_key(kind, row.id), rows.as_item(row))
                for kind, stored in stock.ROWS.items()
                for row in stored
            ]
            transact.write_many([*stocked, transact.put(CATALOGUE_VERSION, {"n": 1})])
            manage.first_admin_key(FIRST_SECRET)
            # Its first use is written down now, so that tests see only what they do themselves.
            authorize.authenticate(FIRST_SECRET, HOME)
            self.keyed = Snapshot(REGION)
            self._catalogue = cache.load()

    @contextmanager
    def at(self, state: Snapshot) -> Iterator[None]:
        """While this is open, the desk finds AWS here, first as it was in one of the states."""
        with self._entered():
            state.restore()
            if state is self.keyed:
                vars(cache)["_kept"] = self._catalogue
            yield

    @contextmanager
    def _entered(self) -> Iterator[None]:
        with (
            pytest.MonkeyPatch.context() as patch,
            self.injector.stub("GetAccount", lambda _: SENDING),
        ):
            for name, value in self._environment.items():
                patch.setenv(name, value)
            patch.setattr(boto3, "DEFAULT_SESSION", self.session)
            patch.setattr("helpdesk.storage.aws._clients", self._clients)
            # All that mock_aws would do here, but for forgetting what there is.
            patch.setattr(botocore_stubber, "enabled", True)
            cache.forget()
            self.sent.clear()
            yield
        cache.forget()

    def _make(self) -> None:
        template = Template(ROOT / "template.yaml", PARAMETERS, STACK)
        for logical, name in TABLES.items():
            properties = template.resources[logical].properties
            shape = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
            aside("dynamodb").create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                **{part: properties[part] for part in shape if part in properties},
            )
        for name in ("notify", "project", "broadcast"):
            self.queues[name] = aside("sqs").create_queue(QueueName=name)["QueueUrl"]
            self._environment[f"{name.upper()}_QUEUE_URL"] = self.queues[name]
        aside("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        aside("sesv2").create_email_identity(EmailIdentity="desk.example")
        aside("secretsmanager").create_secret(Name="first-key", SecretString="s" * 48)
        self._environment["USAGE_PLAN_ID"] = aside("apigateway").create_usage_plan(name="plan")[
            "id"
        ]

    def _before_sending(self, params: Any, context: Any, **_: Any) -> None:
        context["tags"] = json.loads(params["body"])["EmailTags"]

    def _after_sending(self, parsed: Any, context: Any, **_: Any) -> None:
        if "MessageId" in parsed:
            (tag,) = context["tags"]
            self.sent.append((tag["Value"], parsed["MessageId"]))


@functools.cache
def world() -> World:
    """The one of this process."""
    return World()


@contextmanager
def crowd(size: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that do something at the same time.

    On a busy machine they hold each other up for longer than a caller of the desk would wait.
    """
    with patch.object(transact, "RETRY_SECONDS", 300.0), ThreadPoolExecutor(size) as threads:
        yield threads


# --- what can be seen; from moto itself, which is ten times as fast as asking it ------------


def items(*names: str, begins: str = "") -> list[dict[str, Any]]:
    """Everything that is stored, of both tables or of those named, or whose `pk` begins so."""
    tables = dynamodb_backends[ACCOUNT][REGION].tables
    return [
        {
            attribute: {kind: list(value) if isinstance(value, list) else value}
            for attribute, told in item.to_json()["Attributes"].items()
            for kind, value in told.items()
        }
        for name in names or TABLES.values()
        for item in _in_order(tables[name], begins)
    ]


def _in_order(table: Any, begins: str) -> list[Any]:
    # By plain strings: moto compares its own objects, which takes longer than all else here.
    found = {
        (hash_key.value, range_key.value): item
        for hash_key, items in table.items.items()
        if hash_key.value.startswith(begins)
        for range_key, item in items.items()
    }
    return [found[key] for key in sorted(found)]


def written() -> list[dict[str, Any]]:
    """What is stored and matters: without the ids that a refused request may have used up."""
    stored = (item for item in items() if item["pk"]["S"] != "SEQ")
    return sorted(stored, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def waiting(pk: str = "T#") -> list[Key]:
    """The events of which somebody has yet to hear, oldest first; those whose `pk` begins so."""
    found = sweeps.merged(TODO, "g10")
    return [Key(item["pk"], item["sk"]) for item in found if item["pk"].startswith(pk)]


def objects() -> list[str]:
    """The names of all objects in the bucket."""
    return sorted(s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys)


def mails() -> list[EmailMessage]:
    """What SES was asked to send, in that order."""
    return [_read(sent.raw_data) for sent in ses_backends[ACCOUNT][REGION].sent_messages]


@lru_cache(maxsize=200)
def _read(raw: str) -> EmailMessage:
    # Kept, since tests that send many look at all of them after each.
    mail = message_from_string(raw, policy=modern)
    assert isinstance(mail, EmailMessage)
    return mail


def plain(mail: EmailMessage) -> str:
    return _part(mail, "plain")


def html(mail: EmailMessage) -> str:
    return _part(mail, "html")


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    found: str = part.get_content()
    return found


# --- time -----------------------------------------------------------------------------------

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock(datetime):
    """A clock that stands until it is moved."""

    current: datetime = START

    @classmethod
    def now(cls, _zone: Any = None) -> datetime:  # type: ignore[override]
        return cls.current


@contextmanager
def standing_clock() -> Iterator[None]:
    """While this is open, the desk goes by that clock, from START on."""
    Clock.current = START
    with patch.object(clock, "datetime", Clock):
        yield


def later(**by: float) -> None:
    """Moves the clock on, where `standing_clock` is open; elsewhere that would do nothing."""
    assert clock.datetime is Clock  # type: ignore[attr-defined]
    Clock.current += timedelta(**by)
