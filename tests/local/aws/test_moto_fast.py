"""A client reads the same from moto with and without what makes it fast."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from local.aws import in_process, moto_fast
from local.aws.moto_app import MotoApp
from local.serving import WsgiApp

SERVER = "http://127.0.0.1:9"

ITEM: Any = {
    "pk": {"S": "a"},
    "text": {"S": ""},
    "number": {"N": "1.50"},
    "bytes": {"B": b"\x00\xff"},
    "yes": {"BOOL": False},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "list": {"L": [{"S": "x"}, {"M": {"in": {"L": []}}}]},
    "map": {"M": {"S": {"N": "1"}, "M": {"M": {}}, "bytes": {"B": b"\x01"}}},
}

UPDATE: Any = {
    "UpdateExpression": "SET #b = :b, #m.#x = if_not_exists(nowhere, :b) REMOVE #y ADD #n :n",
    "ExpressionAttributeNames": {"#b": "bytes", "#m": "map", "#x": "x", "#y": "yes", "#n": "count"},
    "ExpressionAttributeValues": {":b": {"B": b"\xfe"}, ":n": {"N": "2"}},
    "ReturnValues": "ALL_NEW",
}
SIMPLE = "SET #b = :b, #m = :b, #x = :b, #y = :b ADD #n :n"


@pytest.fixture
def client() -> Iterator[Any]:
    """Of a DynamoDB with one item."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        client.put_item(TableName="t", Item=ITEM)
        yield client


def ask(client: Any) -> list[Any]:
    key = {"pk": {"S": "a"}}
    write = {"TableName": "t", "Item": ITEM, "ConditionExpression": "attribute_not_exists(pk)"}
    with pytest.raises(client.exceptions.TransactionCanceledException) as refused:
        client.transact_write_items(
            TransactItems=[{"Put": write | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}]
        )
    answers = [
        client.get_item(TableName="t", Key=key),
        client.scan(TableName="t"),
        client.batch_get_item(RequestItems={"t": {"Keys": [key, {"pk": {"S": "b"}}]}}),
        client.describe_table(TableName="t"),
        client.put_item(TableName="t", Item=ITEM, ReturnValues="ALL_OLD"),
        client.list_tables(),
        client.query(
            TableName="t",
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "a"}},
        ),
        *(client.update_item(TableName="t", Key=key, **UPDATE) for _ in range(3)),
        client.update_item(
            TableName="t", Key={"pk": {"S": "new"}}, **UPDATE | {"UpdateExpression": SIMPLE}
        ),
        client.delete_item(TableName="t", Key={"pk": {"S": "new"}}, ReturnValues="ALL_OLD"),
        client.put_item(TableName="t", Item=ITEM),
    ]
    told = [*answers, refused.value.response]
    return [
        {**answer, "ResponseMetadata": answer["ResponseMetadata"]["HTTPStatusCode"]}
        for answer in told
    ]


def test_an_answer_is_the_same_as_plain_moto_s(client: Any) -> None:
    fast = ask(client)
    with moto_fast.plain_moto():
        assert ask(client) == fast
    assert fast[0]["Item"] == ITEM


def test_a_client_of_this_process_is_answered_without_a_web_framework(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def normalize(_: object) -> None:
        raise AssertionError("takes three times as long")

    monkeypatch.setattr(moto_fast, "normalize_request", normalize)
    assert len(ask(client)) > 10


def test_records_of_a_stream_are_the_same_as_plain_moto_s(client: Any) -> None:
    key = {"pk": {"S": "a"}}
    client.update_item(TableName="t", Key=key, **UPDATE)
    client.delete_item(TableName="t", Key=key)
    arn = client.describe_table(TableName="t")["Table"]["LatestStreamArn"]

    def records(app: WsgiApp) -> Any:
        # moto knows streams as a server only.
        in_process.connect(SERVER, app)
        streams = boto3.client("dynamodbstreams", region_name="eu-west-1", endpoint_url=SERVER)
        (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        found = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
        in_process.disconnect(SERVER)
        return found

    fast = records(MotoApp())
    with moto_fast.plain_moto():
        assert records(DomainDispatcherApplication(create_backend_app)) == fast
    assert [one["eventName"] for one in fast] == ["INSERT", "MODIFY", "REMOVE"]


def walked(queues: Any) -> list[Any]:
    """What a queue says, without what is drawn."""
    url = queues.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    entries = [{"Id": str(n), "MessageBody": f"body {n}", "DelaySeconds": 0} for n in range(3)]
    sent = queues.send_message_batch(QueueUrl=url, Entries=entries)
    received = queues.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    )["Messages"]
    handles = [{"Id": one["Body"][-1], "ReceiptHandle": one["ReceiptHandle"]} for one in received]
    hidden = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    deleted = queues.delete_message_batch(QueueUrl=url, Entries=handles)
    empty = queues.receive_message(QueueUrl=url)
    queues.delete_queue(QueueUrl=url)
    with pytest.raises(queues.exceptions.QueueDoesNotExist) as refused:
        queues.send_message(QueueUrl=url, MessageBody="late")
    return [
        url,
        [(one["Id"], one["MD5OfMessageBody"], sorted(one)) for one in sent["Successful"]],
        [(one["Body"], one["MD5OfBody"], sorted(one["Attributes"])) for one in received],
        {name: hidden[name] for name in hidden if name.startswith("Approximate")},
        [one["Id"] for one in deleted["Successful"]],
        sorted(set(empty) - {"ResponseMetadata"}),
        refused.value.response["Error"],
    ]


def test_a_queue_says_the_same_as_plain_moto_s() -> None:
    with mock_aws():
        queues = boto3.client("sqs", region_name="eu-west-1")
        fast = walked(queues)
        with moto_fast.plain_moto():
            assert walked(queues) == fast


CONDITIONS = (
    "attribute_exists(pk) AND (#t = :t OR NOT #n BETWEEN :low AND :t)",
    "#t IN (:t, :low) AND size(texts) > :low",
    "contains(texts, :t) OR begins_with(#t, :t)",
    # Refused: redundant, unfinished, of a name and of a value that nobody defines.
    "((#t = :t))",
    "#t = ",
    "#elsewhere = :t",
    "#t = :elsewhere",
    "number = :t",
)
VALUES = ({":t": {"S": ""}, ":low": {"S": "a"}}, {":t": {"S": "a"}, ":low": {"N": "1"}})


def outcomes(client: Any, parts: dict[str, Any]) -> list[Any]:
    """What each pair of a condition and values comes to, twice."""
    found = []
    for condition in CONDITIONS * 2:
        for values in VALUES:
            write = {
                "TableName": "t",
                "Key": {"pk": {"S": "a"}},
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {"#t": "text", "#n": "count", "#o": "other"},
                "ExpressionAttributeValues": values,
                **parts,
            }
            client.put_item(TableName="t", Item=ITEM)
            try:
                found.append(client.update_item(**write, ReturnValues="ALL_NEW")["Attributes"])
            except Exception as error:  # noqa: BLE001 - moto stumbles over some of them itself
                found.append(repr(error))
    return found


@pytest.mark.parametrize(
    "update",
    [
        "SET #o = :t, #n = :low",
        "SET #t = if_not_exists(#t, :t) ADD #n :low",
        "SET pk = :t SET a = :t",
    ],
)
def test_a_condition_or_update_that_was_met_before_is_held_to_its_new_values(
    client: Any, update: str
) -> None:
    parts = {"UpdateExpression": update}
    fast = outcomes(client, parts)
    with moto_fast.plain_moto():
        assert outcomes(client, parts) == fast
    assert fast[: len(fast) // 2] == fast[len(fast) // 2 :]
