"""Streams, queues, topics, schedules and custom resources, through the sample system."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from local.aws.clients import Clients
from local.aws.faults import Fault, How
from local.cloud import LocalCloud
from local.cloudformation.intrinsics import TemplateError
from local.events.patterns import matches
from local.events.schedules import Schedule


@pytest.fixture
def follow(sample: LocalCloud) -> Any:
    module = sample.functions.module("Follow")
    for kept in (module.batches, module.poison, module.raises):
        kept.clear()
    return module


@pytest.fixture
def work(sample: LocalCloud) -> Any:
    module = sample.functions.module("Work")
    for kept in (module.batches, module.fails, module.answer):
        kept.clear()
    return module


def put(cloud: LocalCloud, *keys: str) -> None:
    # One transaction: the records of one batch are in the stream together.
    cloud.clients.dynamodb.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": "sample-Table", "Item": {"pk": {"S": "a"}, "sk": {"S": key}}}}
            for key in keys
        ]
    )


def send(cloud: LocalCloud, *bodies: str) -> None:
    url = cloud.resources.physical("Jobs").ref
    with cloud.background.still():
        for body in bodies:
            cloud.clients.sqs.send_message(QueueUrl=url, MessageBody=body)
    cloud.background.wake()
    cloud.drain()


def letters(cloud: LocalCloud, queue: str) -> list[str]:
    url = cloud.resources.physical(queue).ref
    got = cloud.clients.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [message["Body"] for message in got.get("Messages", [])]


def given_up(cloud: LocalCloud) -> list[dict[str, Any]]:
    bucket = cloud.resources.physical("Bucket").ref
    listed = cloud.clients.s3.list_objects_v2(Bucket=bucket, Prefix="aws/lambda/")
    return [
        json.loads(cloud.clients.s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read())
        for found in listed.get("Contents", [])
    ]


# --- streams --------------------------------------------------------------------------------


def test_only_wanted_records_come_and_in_batches(sample: LocalCloud, follow: Any) -> None:
    put(sample, "V#1", "other", "V#2", "V#3", "V#4", "V#5")
    sample.drain()
    # Batches are cut before records are filtered, as on AWS.
    assert follow.batches == [["V#1", "V#2", "V#3"], ["V#4", "V#5"]]
    put(sample, "V#1")  # a change, no insert
    put(sample, "V#6")
    sample.drain()
    assert follow.batches[2:] == [["V#6"]]


def test_a_failed_record_and_all_after_it_come_again(sample: LocalCloud, follow: Any) -> None:
    follow.poison["V#2"] = 1
    put(sample, "V#1", "V#2", "V#3", "V#4")
    sample.drain()
    # Bisected at the failed record; the first did not fail and does not come again.
    assert follow.batches == [["V#1", "V#2", "V#3", "V#4"], ["V#2"], ["V#3", "V#4"]]
    assert given_up(sample) == []


def test_a_poison_record_holds_up_its_neighbours_no_longer_than_its_attempts(
    sample: LocalCloud, follow: Any
) -> None:
    follow.raises.append("V#3")
    put(sample, "V#1", "V#2", "V#3", "V#4")
    put(sample, "V#5")
    sample.drain()
    assert follow.batches.count(["V#3"]) == 3  # once and two attempts more
    assert ["V#4"] in follow.batches
    assert follow.batches[-1] == ["V#5"]
    (lost,) = given_up(sample)
    assert lost["requestContext"]["condition"] == "RetryAttemptsExhausted"
    (record,) = lost["payload"]["Records"]
    assert record["dynamodb"]["Keys"]["sk"]["S"] == "V#3"


def test_batches_may_come_twice(sample: LocalCloud, follow: Any) -> None:
    sample.options.duplicate_rate = 1.0
    put(sample, "V#1", "V#2")
    sample.drain()
    assert follow.batches == [["V#1", "V#2"], ["V#1", "V#2"]]


def test_a_cancelled_transaction_leaves_no_record(sample: LocalCloud, follow: Any) -> None:
    put(sample, "V#1")
    client = sample.clients.dynamodb
    write: Any = {"TableName": "sample-Table", "Item": {"pk": {"S": "a"}, "sk": {"S": "V#2"}}}
    again: Any = {
        "TableName": "sample-Table",
        "Item": {"pk": {"S": "a"}, "sk": {"S": "V#1"}},
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=[{"Put": write}, {"Put": again}])
    sample.drain()
    assert follow.batches == [["V#1"]]


# --- queues ---------------------------------------------------------------------------------


def test_messages_come_in_batches_and_once(sample: LocalCloud, work: Any) -> None:
    send(sample, *map(str, range(15)))
    assert sorted(map(len, work.batches)) == [3, 12]
    assert sorted(body for batch in work.batches for body in batch) == sorted(map(str, range(15)))


def test_a_failed_message_waits_for_its_time(sample: LocalCloud, work: Any) -> None:
    work.fails["b"] = 1
    send(sample, "a", "b")
    assert work.batches == [["a", "b"]]
    sample.drain()
    assert work.batches == [["a", "b"]]
    sample.drain(retry=True)
    assert work.batches == [["a", "b"], ["b"]]
    sample.drain(retry=True)
    assert work.batches == [["a", "b"], ["b"]]


def test_what_always_fails_ends_with_the_dead_letters(sample: LocalCloud, work: Any) -> None:
    work.fails["b"] = 99
    send(sample, "a", "b")
    for _ in range(4):
        sample.drain(retry=True)
    assert work.batches == [["a", "b"], ["b"], ["b"]]
    assert letters(sample, "DeadJobs") == ["b"]


@pytest.mark.parametrize("answer", [{"batchItemFailures": [{"itemIdentifier": "unknown"}]}])
def test_an_answer_that_cannot_be_believed_fails_all(
    sample: LocalCloud, work: Any, answer: Any
) -> None:
    work.answer.append(answer)
    send(sample, "a", "b")
    work.answer.clear()
    sample.drain(retry=True)
    assert sorted(map(sorted, work.batches)) == [["a", "b"], ["a", "b"]]


def test_a_raising_function_fails_all(sample: LocalCloud, work: Any) -> None:
    send(sample, "a", "raise")
    sample.drain(retry=True)
    assert work.batches == [["a", "raise"], ["a", "raise"]]


def test_messages_may_come_twice(sample: LocalCloud, work: Any) -> None:
    sample.options.duplicate_rate = 1.0
    send(sample, "a")
    sample.drain(retry=True)
    assert work.batches == [["a"], ["a"]]


# --- topics, schedules, custom resources ----------------------------------------------------


def mail(cloud: LocalCloud, **request: Any) -> str:
    answer = cloud.clients.sesv2.send_email(
        FromEmailAddress="Desk <desk@sample.example>",
        Destination={"ToAddresses": ["Ann <ann@customer.example>"]},
        Content={
            "Simple": {
                "Subject": {"Data": "Grüße"},
                "Body": {"Text": {"Data": "Hello\n"}, "Html": {"Data": "<p>Hello</p>"}},
                "Headers": [{"Name": "X-Kind", "Value": "test"}],
            }
        },
        **request,
    )
    return answer["MessageId"]


@pytest.fixture
def listen(sample: LocalCloud) -> Any:
    module = sample.functions.module("Listen")
    module.heard.clear()
    module.failures[0] = 0
    return module


def test_a_mail_is_kept_and_its_event_published(sample: LocalCloud, listen: Any) -> None:
    identity = mail(
        sample,
        ConfigurationSetName=sample.resources.physical("MailSet").ref,
        EmailTags=[{"Name": "mail", "Value": "17"}],
    )
    sample.drain()
    (kept,) = sample.mailbox.mails()
    assert (kept.to, kept.subject) == ("ann@customer.example", "Grüße")
    assert (kept.text, kept.html) == ("Hello\n", "<p>Hello</p>\n")
    assert kept.message_id == f"<{identity}@email.amazonses.com>"
    assert kept.headers["X-Kind"] == "test"
    assert kept.headers["From"] == "Desk <desk@sample.example>"
    (event,) = listen.heard
    assert event["eventType"] == "Send"
    assert event["mail"]["messageId"] == identity
    assert event["mail"]["tags"]["mail"] == ["17"]
    assert event["mail"]["destination"] == ["Ann <ann@customer.example>"]


def test_no_event_without_the_configuration_set(sample: LocalCloud, listen: Any) -> None:
    mail(sample)
    sample.drain()
    assert (len(sample.mailbox.mails()), listen.heard) == (1, [])


@pytest.mark.parametrize(
    ("box", "kinds"),
    [
        ("bounce", ["Send", "Bounce"]),
        ("Bounce+17", ["Send", "Bounce"]),
        ("suppressionlist", ["Send", "Bounce"]),
        ("complaint", ["Send"]),  # nobody asks for these here
        ("success", ["Send"]),
    ],
)
def test_mail_to_the_simulator_has_its_outcome(
    sample: LocalCloud, listen: Any, box: str, kinds: list[str]
) -> None:
    sample.clients.sesv2.send_email(
        FromEmailAddress="Desk <desk@sample.example>",
        Destination={"ToAddresses": [f"{box}@simulator.amazonses.com"]},
        Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
        ConfigurationSetName=sample.resources.physical("MailSet").ref,
    )
    sample.drain()
    assert [event["eventType"] for event in listen.heard] == kinds
    assert {event.get("bounce", {}).get("bounceType") for event in listen.heard[1:]} <= {
        "Permanent"
    }


def test_a_refused_mail_was_not_sent(sample: LocalCloud, listen: Any) -> None:
    client = sample.clients.sesv2
    with pytest.raises(client.exceptions.MessageRejected):
        client.send_email(
            FromEmailAddress="someone@elsewhere.example",
            Destination={"ToAddresses": ["ann@customer.example"]},
            Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
        )
    assert sample.mailbox.mails() == []


def test_an_event_is_tried_three_times_and_then_a_dead_letter(
    sample: LocalCloud, listen: Any
) -> None:
    used = sample.resources.physical("MailSet").ref
    listen.failures[0] = 2
    mail(sample, ConfigurationSetName=used)
    sample.drain()
    assert len(listen.heard) == 1
    listen.failures[0] = 3
    mail(sample, ConfigurationSetName=used)
    sample.drain()
    assert len(listen.heard) == 1
    (letter,) = letters(sample, "DeadCalls")
    assert json.loads(letter)["Records"][0]["EventSource"] == "aws:sns"


def test_schedules_of_both_kinds(sample: LocalCloud) -> None:
    ticks = sample.functions.module("Tick").ticks
    assert sorted(item.expression for item in sample.schedules) == [
        "cron(17 3 * * ? *)",
        "rate(5 minutes)",
    ]
    for schedule in sample.schedules:
        sample.invoke(schedule.function, schedule.event(datetime(2026, 1, 2, 3, tzinfo=UTC)))
    sample.run_schedule("Tick")
    assert {"by": "cron"} in ticks
    timed = [tick for tick in ticks if tick != {"by": "cron"}]
    assert timed[0]["detail-type"] == "Scheduled Event"
    assert timed[0]["time"] == "2026-01-02T03:00:00Z"


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("rate(5 minutes)", "2026-01-31T23:58:00", "2026-02-01T00:03:00"),
        ("rate(1 day)", "2026-01-31T23:58:00", "2026-02-01T23:58:00"),
        ("cron(17 3 * * ? *)", "2026-01-31T03:16:59", "2026-01-31T03:17:00"),
        ("cron(17 3 * * ? *)", "2026-01-31T03:17:00", "2026-02-01T03:17:00"),
        ("cron(0/15 8-17 ? * MON-FRI *)", "2026-01-02T17:50:00", "2026-01-05T08:00:00"),
        ("cron(0 0 1 JAN,jul ? *)", "2026-01-01T00:00:00", "2026-07-01T00:00:00"),
        ("cron(30 12 ? * 1 *)", "2026-01-01T00:00:00", "2026-01-04T12:30:00"),
    ],
)
def test_when_schedules_are_due(expression: str, after: str, due: str) -> None:
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    found = Schedule("F", expression, "r", None).next_after(moment)
    assert found.isoformat() == f"{due}+00:00"


def test_a_schedule_that_is_not_known_is_an_error() -> None:
    for expression in ("at(2026-01-01T00:00:00)", "cron(* * * * * *)"):
        with pytest.raises(TemplateError):
            Schedule("F", expression, "r", None).next_after(datetime.now(UTC))


def test_a_custom_resource_is_made(sample: LocalCloud) -> None:
    event = sample.functions.module("Make").asked[0]
    assert event["RequestType"] == "Create"
    assert event["LogicalResourceId"] == "Made"
    assert event["ResourceProperties"] == {
        "ServiceToken": "arn:aws:lambda:us-east-1:123456789012:function:Make",
        "Number": "5",
        "Good": "true",
    }
    made = sample.resources.physical("Made")
    assert (made.ref, made.attributes["Number"]) == ("made-1", "5")


@pytest.mark.parametrize(("status", "reason"), [("FAILED", "because"), ("", "no response")])
def test_a_custom_resource_that_fails_ends_the_start(
    sample: LocalCloud, status: str, reason: str
) -> None:
    module = sample.functions.module("Make")
    module.status[0] = status
    try:
        with pytest.raises(TemplateError, match=reason):
            sample.custom.create()
    finally:
        module.status[0] = "SUCCESS"


# --- patterns -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ({"a": ["x"]}, True),
        ({"a": ["y", "x"]}, True),
        ({"a": ["y"]}, False),
        ({"a": [{"prefix": "x"}], "b": {"c": [{"suffix": "z"}]}}, True),
        ({"b": {"c": [{"prefix": "z"}]}}, False),
        ({"a": {"c": ["x"]}}, False),
        ({"none": [{"exists": False}]}, True),
        ({"none": ["x"]}, False),
        ({"a": [{"anything-but": ["y"]}]}, True),
        ({"none": [{"anything-but": "y"}]}, False),
        ({"many": ["two"]}, True),
    ],
)
def test_patterns(pattern: dict[str, Any], *, fits: bool) -> None:
    event = {"a": "x", "b": {"c": "yz"}, "many": ["one", "two"]}
    assert matches(pattern, event) is fits


def test_an_unknown_rule_is_an_error() -> None:
    with pytest.raises(TemplateError):
        matches({"a": [{"cidr": "10.0.0.0/8"}]}, {"a": "10.0.0.1"})


# --- what a caller sees ---------------------------------------------------------------------


def test_a_request_is_answered_when_all_before_it_is_done(
    sample: LocalCloud, call: Any, work: Any, follow: Any
) -> None:
    url = sample.resources.physical("Jobs").ref
    for number in range(3):
        put(sample, f"V#{number}")
        sample.clients.sqs.send_message(QueueUrl=url, MessageBody=str(number))
        assert call("GET", "/local/mail").status == 200
        assert work.batches[-1] == [str(number)]
        assert follow.batches[-1] == [f"V#{number}"]


def test_a_client_survives_a_fault_of_the_queue(
    sample: LocalCloud, clients: Clients, work: Any
) -> None:
    fault = Fault(How.AFTER, operation="SendMessage", retries=False)
    url = sample.resources.physical("Jobs").ref
    with sample.aws.faults.plan(fault):
        clients.sqs.send_message(QueueUrl=url, MessageBody="twice")
    sample.drain()
    assert fault.fired == 1
    assert sorted(body for batch in work.batches for body in batch) == ["twice", "twice"]
