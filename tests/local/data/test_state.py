"""What is kept, kind by kind: the small template, stopped and started again."""

import json
import os
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local.cloud import LocalCloud
from local.data.folder import DataError, DataFolder, Row
from local.data.state import State
from tests.local.conftest import SAMPLE
from tests.local.data.conftest import Start

ITEM: dict[str, Any] = {
    "pk": {"S": "a"},
    "sk": {"S": "ü\n"},
    "g": {"S": "g"},
    "number": {"N": "-1.50"},
    "bytes": {"B": b"\xff\x00"},
    "no": {"NULL": True},
    "true": {"BOOL": True},
    "strings": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "binaries": {"BS": [b"\x01", b"\xfe"]},
    "map": {"M": {"list": {"L": [{"B": b"\xff"}, {"M": {}}, {"SS": ["x"]}]}, "empty": {"S": ""}}},
}


@pytest.fixture
def begin(start: Start) -> Start:
    return partial(start, SAMPLE, parameters={})


def table(cloud: LocalCloud) -> str:
    return cloud.resources.physical("Table").ref


def items(cloud: LocalCloud) -> list[dict[str, Any]]:
    return cloud.clients.dynamodb.scan(TableName=table(cloud))["Items"]


def bucket(cloud: LocalCloud) -> str:
    return cloud.resources.physical("Bucket").ref


def url(cloud: LocalCloud, queue: str) -> str:
    return cloud.resources.physical(queue).ref


def gateway_keys(cloud: LocalCloud) -> list[tuple[str, str]]:
    found = cloud.clients.apigateway.get_api_keys(includeValues=True)["items"]
    return sorted((key["id"], key["value"]) for key in found)


def test_items_of_every_type_come_back_and_are_found_by_index(begin: Start) -> None:
    client = begin().clients.dynamodb
    client.put_item(TableName="kept-Table", Item=ITEM)
    for number in range(3):
        other = {"pk": {"S": "b"}, "sk": {"S": str(number)}}
        client.put_item(TableName="kept-Table", Item=other)
    cloud = begin()
    found = cloud.clients.dynamodb.get_item(
        TableName=table(cloud), Key={name: ITEM[name] for name in ("pk", "sk")}
    )
    assert found["Item"] == ITEM
    by_index = cloud.clients.dynamodb.query(
        TableName=table(cloud),
        IndexName="by-g",
        KeyConditionExpression="g = :g",
        ExpressionAttributeValues={":g": {"S": "g"}},
    )
    assert by_index["Count"] == 1
    client = cloud.clients.dynamodb
    client.delete_item(TableName="kept-Table", Key={"pk": {"S": "b"}, "sk": {"S": "1"}})
    client.update_item(
        TableName="kept-Table",
        Key={"pk": {"S": "b"}, "sk": {"S": "2"}},
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": {"N": "7"}},
    )
    kept = [item for item in items(begin()) if item["pk"] == {"S": "b"}]
    assert sorted(kept, key=lambda item: str(item["sk"])) == [
        {"pk": {"S": "b"}, "sk": {"S": "0"}},
        {"pk": {"S": "b"}, "sk": {"S": "2"}, "n": {"N": "7"}},
    ]


def test_what_streams_have_told_is_not_told_again(begin: Start) -> None:
    cloud = begin()
    cloud.clients.dynamodb.put_item(
        TableName="kept-Table", Item={"pk": {"S": "a"}, "sk": {"S": "V#1"}}
    )
    cloud.drain()
    assert cloud.functions.module("Follow").batches == [["V#1"]]
    cloud = begin()
    cloud.drain()
    assert cloud.functions.module("Follow").batches == []
    cloud.clients.dynamodb.put_item(
        TableName="kept-Table", Item={"pk": {"S": "a"}, "sk": {"S": "V#2"}}
    )
    cloud.drain()
    assert cloud.functions.module("Follow").batches == [["V#2"]]


def test_objects_come_back_with_their_times_and_types(begin: Start) -> None:
    cloud = begin()
    put = partial(cloud.clients.s3.put_object, Bucket=bucket(cloud))
    large = os.urandom(6 * 1024 * 1024)
    put(Key="ä/b", Body=large, ContentType="text/x", Metadata={"one": "1"})
    put(Key="gone", Body=b"")
    put(Key="changed", Body=b"1")
    before = cloud.clients.s3.head_object(Bucket=bucket(cloud), Key="ä/b")
    cloud = begin()
    found = cloud.clients.s3.get_object(Bucket=bucket(cloud), Key="ä/b")
    assert found["Body"].read() == large
    for name in ("LastModified", "ETag", "ContentType", "Metadata", "ContentLength"):
        assert found[name] == before[name]
    cloud.clients.s3.delete_object(Bucket=bucket(cloud), Key="gone")
    cloud.clients.s3.put_object(Bucket=bucket(cloud), Key="changed", Body=b"2")
    cloud = begin()
    listed = cloud.clients.s3.list_objects_v2(Bucket=bucket(cloud))["Contents"]
    assert [one["Key"] for one in listed] == ["changed", "ä/b"]
    changed = cloud.clients.s3.get_object(Bucket=bucket(cloud), Key="changed")
    assert changed["Body"].read() == b"2"


def test_a_message_that_failed_comes_again_in_its_time_and_once(begin: Start) -> None:
    cloud = begin()
    cloud.functions.module("Work").fails["bad"] = 99
    for body in ("good", "bad"):
        cloud.clients.sqs.send_message(QueueUrl=url(cloud, "Jobs"), MessageBody=body)
    cloud.drain()
    for _ in range(2):
        cloud = begin()
        cloud.drain()
        # It waits for its time, across starts.
        assert cloud.functions.module("Work").batches == []
    cloud.functions.module("Work").fails["bad"] = 1
    cloud.drain(retry=True)
    assert cloud.functions.module("Work").batches == [["bad"]]
    cloud = begin()
    cloud.drain(retry=True)
    assert cloud.functions.module("Work").batches == [["bad"]]
    cloud = begin()
    cloud.drain(retry=True)
    assert cloud.functions.module("Work").batches == []
    assert letters(cloud, "DeadJobs") == []


def test_a_message_of_the_day_before_fails_and_comes_again(begin: Start, tmp_path: Path) -> None:
    cloud = begin()
    cloud.clients.sqs.send_message(QueueUrl=url(cloud, "DeadJobs"), MessageBody="raise")
    cloud.stop()
    folder = DataFolder(tmp_path / "data")
    (row,) = folder.rows("message")
    about = json.loads(row.value)
    day = 24 * 3600
    old = {"queue": "Jobs", "sent": about["sent"] - day * 1000, "due": time.time() - day}
    folder.write([row._replace(value=json.dumps({**about, **old}))], (), ())
    folder.close()
    cloud = begin()
    work = cloud.functions.module("Work")
    assert work.batches == [["raise"]]
    cloud.drain(retry=True)
    assert work.batches == [["raise"]] * 2


def test_attempts_are_counted_across_starts(begin: Start) -> None:
    cloud = begin()
    cloud.clients.sqs.send_message(QueueUrl=url(cloud, "Jobs"), MessageBody="raise")
    cloud.drain()
    for _ in range(3):
        cloud = begin()
        cloud.drain(retry=True)
    assert letters(cloud, "DeadJobs") == ["raise"]


def letters(cloud: LocalCloud, queue: str) -> list[str]:
    found = cloud.clients.sqs.receive_message(
        QueueUrl=url(cloud, queue), MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [message["Body"] for message in found.get("Messages", ())]


def test_messages_keep_their_order_ids_and_delays(begin: Start) -> None:
    cloud = begin()
    sqs, queue = cloud.clients.sqs, url(cloud, "DeadJobs")
    sent = [
        sqs.send_message(QueueUrl=queue, MessageBody=f"é{number}")["MessageId"]
        for number in range(12)
    ]
    sqs.send_message(QueueUrl=queue, MessageBody="later", DelaySeconds=600)
    first = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"])["Messages"][0]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"])
    second = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"])["Messages"][0]
    cloud = begin()
    sqs, queue = cloud.clients.sqs, url(cloud, "DeadJobs")
    found = []
    while got := sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, AttributeNames=["All"]
    ).get("Messages"):
        found += got
    assert [message["MessageId"] for message in found] == sent[1:]
    assert found[0]["Body"] == "é1"
    assert found[0]["Attributes"]["SentTimestamp"] == second["Attributes"]["SentTimestamp"]
    assert found[0]["Attributes"]["ApproximateReceiveCount"] == "2"


def test_mail_that_was_sent_is_still_shown_first(begin: Start) -> None:
    def send(cloud: LocalCloud, subject: str) -> None:
        body: Any = {"Text": {"Data": "Hello, Ü"}}
        cloud.clients.sesv2.send_email(
            FromEmailAddress="desk@sample.example",
            Destination={"ToAddresses": ["ann@example.org"]},
            Content={"Simple": {"Subject": {"Data": subject}, "Body": body}},
            ConfigurationSetName=cloud.resources.physical("MailSet").ref,
        )

    cloud = begin()
    send(cloud, "one")
    sent = cloud.mailbox.mails()
    cloud = begin()
    assert cloud.mailbox.mails() == sent
    send(cloud, "two")
    cloud = begin()
    assert [mail.subject for mail in cloud.mailbox.mails()] == ["one", "two"]
    # What was said of mail before is not said again.
    assert cloud.functions.module("Listen").heard == []


def test_secrets_keys_and_plans_stay_the_same(begin: Start) -> None:
    cloud = begin()
    plan = cloud.resources.physical("Plan").ref
    client = cloud.clients.apigateway
    made = client.create_api_key(name=f"{plan}-7", value="v" * 20, enabled=True)["id"]
    client.create_usage_plan_key(usagePlanId=plan, keyId=made, keyType="API_KEY")
    key, keys = cloud.key, gateway_keys(cloud)
    assert len(keys) == 2
    for _ in range(2):
        cloud = begin()
        assert cloud.key == key
        assert cloud.resources.physical("Plan").ref == plan
        assert gateway_keys(cloud) == keys
        members = cloud.clients.apigateway.get_usage_plan_keys(usagePlanId=plan)["items"]
        assert sorted(member["id"] for member in members) == [found for found, _ in keys]


def test_what_a_function_is_yet_to_be_called_with_reaches_it_once(
    begin: Start, tmp_path: Path
) -> None:
    cloud = begin()
    folder = DataFolder(tmp_path / "other")
    with cloud.background.paused():
        cloud.deliveries.send("Tick", {"by": "hand"})
        cloud.deliveries.send("Removed", {})
        state = State(cloud.template, cloud.resources, cloud.mailbox, cloud.deliveries, ())
        changes = state.collect()
        cloud.deliveries.clear()
    folder.write(changes.rows, changes.gone, changes.complete)
    folder.close()
    cloud = begin(data=tmp_path / "other")
    assert cloud.functions.module("Tick").ticks == [{"by": "hand"}]
    cloud = begin(data=tmp_path / "other")
    assert cloud.functions.module("Tick").ticks == []


def test_rows_and_fields_that_are_not_known_do_no_harm(begin: Start, tmp_path: Path) -> None:
    begin().stop()
    folder = DataFolder(tmp_path / "data")
    rows = [
        Row("item", '["Removed", {"S": "a"}]', '{"pk": {"S": "a"}}'),
        Row("object", '["Removed", "a"]', "{}", b"x"),
        Row("message", '["Removed", "1"]', '{"queue": "Removed", "position": 0}'),
        Row("usage plan", "Removed", '{"id": "x"}'),
        Row("colour", "blue", "null"),
    ]
    now = datetime.now(UTC).replace(tzinfo=None).isoformat()
    about = {"etag": "e", "last_modified": now, "metadata": {}, "added": 1}
    rows.append(Row("object", '["Bucket", "new"]', json.dumps(about), b"x"))
    folder.write(rows, (), ())
    folder.close()
    cloud = begin()
    assert cloud.clients.s3.get_object(Bucket=bucket(cloud), Key="new")["Body"].read() == b"x"


@pytest.mark.parametrize(
    "row",
    [
        Row("item", '["Table", {"S": "a"}]', '{"sk": {"S": "a"}}'),
        Row("item", '["Table", {"S": "a"}]', '{"pk": 1}'),
        Row("item", "no JSON", "{}"),
        Row("object", '["Bucket", "a"]', "{}", b""),
        Row("message", "a", "[]"),
        Row("mail", "0", "{}"),
        Row("secret", "FirstKey", "7"),
    ],
)
def test_rows_that_make_no_sense_are_refused_and_left(
    begin: Start, tmp_path: Path, row: Row
) -> None:
    begin().stop()
    folder = DataFolder(tmp_path / "data")
    folder.write([row], (), ())
    folder.close()
    before = (tmp_path / "data" / "desk.sqlite").read_bytes()
    with pytest.raises(DataError, match="is damaged"):
        begin()
    assert (tmp_path / "data" / "desk.sqlite").read_bytes() == before


def test_another_admin_key_than_the_kept_one_is_refused(begin: Start) -> None:
    assert begin(first_key="k" * 20).key == "k" * 20
    assert begin(first_key="k" * 20).key == "k" * 20
    assert begin().key == "k" * 20
    with pytest.raises(DataError, match="has another admin key"):
        begin(first_key="l" * 20)
