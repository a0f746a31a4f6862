"""The edge of AWS: counts, names, faults, conflicts, idempotent transactions, index lag."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from local.aws.calls import OUTSIDE, Action
from local.aws.clients import Clients
from local.aws.endpoint import Used
from local.aws.faults import Fault, How
from local.cloud import LocalCloud
from local.functions import Invocation, current

TABLE = "sample-Table"


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": "a"}, "sk": {"S": name}}


def put(clients: Clients, name: str, **request: Any) -> None:
    clients.dynamodb.put_item(TableName=TABLE, Item=key(name), **request)


def there(clients: Clients, name: str) -> bool:
    answer = clients.dynamodb.get_item(TableName=TABLE, Key=key(name), ConsistentRead=True)
    return "Item" in answer


def transact(clients: Clients, *writes: Any, **request: Any) -> None:
    clients.dynamodb.transact_write_items(TransactItems=list(writes), **request)


def increment(name: str, by: int = 1) -> Any:
    return {
        "Update": {
            "TableName": TABLE,
            "Key": key(name),
            "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": {":n": {"N": str(by)}},
        }
    }


# --- counts and names -----------------------------------------------------------------------


def test_every_request_is_recorded_under_its_caller(sample: LocalCloud, clients: Clients) -> None:
    with sample.aws.recording() as calls:
        put(clients, "1")
        token = current.set(Invocation("Some", "id-1"))
        try:
            with ThreadPoolExecutor(1) as threads:
                threads.submit(put, clients, "2").result()
        finally:
            current.reset(token)
    assert [(call.function, call.request_id, call.operation) for call in calls] == [
        (OUTSIDE, "", "PutItem"),
        ("Some", "id-1", "PutItem"),
    ]
    assert all(call.started < call.ended for call in calls)
    written = {used for used in sample.aws.used if used.function == "Some"}
    context = frozenset({("dynamodb:LeadingKeys", "a")})
    assert written == {Used("Some", Action("dynamodb:PutItem", f"table/{TABLE}", context))}


def test_what_a_role_must_allow_is_read_from_the_request(
    sample: LocalCloud, clients: Clients
) -> None:
    queue = sample.resources.physical("Jobs").ref
    bucket = sample.resources.physical("Bucket").ref
    check = {"TableName": TABLE, "Key": key("1"), "ConditionExpression": "attribute_exists(pk)"}
    with sample.aws.recording() as calls:
        put(clients, "1")
        transact(clients, {"ConditionCheck": check}, increment("2"))
        clients.dynamodb.query(
            TableName=TABLE,
            IndexName="by-g",
            KeyConditionExpression="g = :g",
            ExpressionAttributeValues={":g": {"S": "x"}},
        )
        clients.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": [key("1")]}})
        clients.s3.put_object(Bucket=bucket, Key="files/a b", Body=b"x")
        clients.s3.list_objects_v2(Bucket=bucket)
        clients.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "files/a b"}]})
        clients.sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": "1", "MessageBody": "x"}])
        clients.apigateway.get_api_keys()
        clients.secretsmanager.get_secret_value(SecretId="sample-FirstKey")
    assert [(action.name, action.resource) for call in calls for action in call.actions] == [
        ("dynamodb:PutItem", f"table/{TABLE}"),
        ("dynamodb:ConditionCheckItem", f"table/{TABLE}"),
        ("dynamodb:UpdateItem", f"table/{TABLE}"),
        ("dynamodb:Query", f"table/{TABLE}/index/by-g"),
        ("dynamodb:BatchGetItem", f"table/{TABLE}"),
        ("s3:PutObject", f"{bucket}/files/a b"),
        ("s3:ListBucket", bucket),
        ("s3:DeleteObject", f"{bucket}/files/a b"),
        ("sqs:SendMessage", "sample-Jobs"),
        ("apigateway:GET", "/apikeys"),
        ("secretsmanager:GetSecretValue", "sample-FirstKey"),
    ]


# --- faults ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "error", "done"),
    [
        (How.BEFORE, ClientError, False),
        (How.AFTER, ClientError, True),
        (How.TIMEOUT, ConnectionClosedError, False),
        (How.LOST, ConnectionClosedError, True),
    ],
)
def test_a_call_fails_as_planned(
    sample: LocalCloud,
    clients: Clients,
    patient: None,
    how: How,
    error: type[Exception],
    *,
    done: bool,
) -> None:
    with sample.aws.faults.plan(Fault(how, operation="PutItem")) as fault:
        with pytest.raises(error):
            put(clients, "1")
        put(clients, "2")
    assert fault.hit
    assert set(fault.hit) == {"dynamodb PutItem"}
    assert there(clients, "1") is done
    assert there(clients, "2")


def test_over_the_network_a_fault_is_the_same(sample: LocalCloud, patient: None) -> None:
    # By another name of this machine: not the way that clients of this process take.
    client = boto3.client("dynamodb", endpoint_url=sample.aws_url.replace("127.0.0.1", "localhost"))
    item = key("1")
    for how, error in ((How.LOST, ConnectionClosedError), (How.AFTER, ClientError)):
        with sample.aws.faults.plan(Fault(how)) as fault, pytest.raises(error):
            client.put_item(TableName=TABLE, Item=item)
        assert fault.fired > 1
    with sample.aws.recording() as calls:
        client.put_item(TableName=TABLE, Item=item)
    client.close()
    assert [call.operation for call in calls] == ["PutItem"]


def test_a_client_survives_one_failed_attempt(
    sample: LocalCloud, clients: Clients, patient: None
) -> None:
    with (
        sample.aws.faults.plan(Fault(How.BEFORE, nth=2, retries=False)) as fault,
        sample.aws.recording() as calls,
    ):
        put(clients, "1")
        put(clients, "2")
        put(clients, "3")
    assert (fault.seen, fault.fired) == (3, 1)
    assert [call.status for call in calls] == [200, 500, 200, 200]


def test_a_fault_of_one_function_leaves_others_alone(
    sample: LocalCloud, clients: Clients, patient: None
) -> None:
    with sample.aws.faults.plan(Fault(How.BEFORE, function="Some")) as fault:
        put(clients, "1")
    assert (fault.seen, fault.fired) == (0, 0)


def test_a_fault_speaks_the_services_language(
    sample: LocalCloud, clients: Clients, patient: None
) -> None:
    with (
        sample.aws.faults.plan(Fault(How.BEFORE, code="SlowDown", status=503)),
        pytest.raises(ClientError, match="SlowDown"),
    ):
        clients.s3.put_object(Bucket=sample.resources.physical("Bucket").ref, Key="x", Body=b"")
    with (
        sample.aws.faults.plan(Fault(How.BEFORE, code="TooManyRequestsException", status=429)),
        pytest.raises(clients.sesv2.exceptions.TooManyRequestsException),
    ):
        clients.sesv2.get_account()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that try again without a pause."""
    monkeypatch.setattr("botocore.retryhandler.delay_exponential", lambda *_, **__: 0)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


# --- transactions ---------------------------------------------------------------------------


def count(clients: Clients, name: str) -> str:
    item = clients.dynamodb.get_item(TableName=TABLE, Key=key(name))["Item"]
    return item["n"]["N"]


def test_the_same_token_is_the_same_transaction(sample: LocalCloud, clients: Clients) -> None:
    for _ in range(3):
        transact(clients, increment("1"), ClientRequestToken="t-1")
    assert count(clients, "1") == "1"
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        transact(clients, increment("1", by=2), ClientRequestToken="t-1")
    transact(clients, increment("1"), ClientRequestToken="t-2")
    assert count(clients, "1") == "2"


def test_a_lost_answer_is_no_second_transaction(
    sample: LocalCloud, clients: Clients, patient: None
) -> None:
    with sample.aws.faults.plan(Fault(How.LOST, retries=False)) as fault:
        transact(clients, increment("1"))
    assert fault.fired == 1
    assert count(clients, "1") == "1"


def test_conflicts_come_at_their_rate_and_write_nothing(
    sample: LocalCloud, clients: Clients
) -> None:
    sample.options.conflict_rate = 0.5
    refused = 0
    for _ in range(40):
        try:
            transact(clients, increment("1"), increment("2"))
        except clients.dynamodb.exceptions.TransactionCanceledException as error:
            reasons = error.response["CancellationReasons"]
            assert [reason["Code"] for reason in reasons] == ["TransactionConflict", "None"]
            refused += 1
    assert 10 < refused < 30
    assert count(clients, "1") == count(clients, "2") == str(40 - refused)


def test_half_a_transaction_is_never_seen(sample: LocalCloud, clients: Clients) -> None:
    def write(number: int) -> None:
        transact(clients, increment("1"), increment("2"))
        assert number >= 0

    def read(_: int) -> bool:
        answer = clients.dynamodb.transact_get_items(
            TransactItems=[{"Get": {"TableName": TABLE, "Key": key(name)}} for name in ("1", "2")]
        )
        first, second = answer["Responses"]
        return first.get("Item", {}).get("n") == second.get("Item", {}).get("n")

    with ThreadPoolExecutor(4) as threads:
        writes = [threads.submit(write, number) for number in range(20)]
        reads = [threads.submit(read, number) for number in range(20)]
    assert all(done.result() for done in reads)
    assert not any(done.exception() for done in writes)
    assert count(clients, "1") == "20"


# --- index lag ------------------------------------------------------------------------------


def test_an_index_lags_until_the_cloud_has_drained(sample: LocalCloud, clients: Clients) -> None:
    sample.leave()
    sample.options.index_lag = 3600
    sample.enter()
    client = clients.dynamodb
    client.put_item(TableName=TABLE, Item={**key("1"), "g": {"S": "x"}})
    asked: Any = {
        "TableName": TABLE,
        "IndexName": "by-g",
        "KeyConditionExpression": "g = :g",
        "ExpressionAttributeValues": {":g": {"S": "x"}},
    }
    assert client.query(**asked)["Count"] == 0
    assert there(clients, "1")
    sample.drain()
    assert client.query(**asked)["Count"] == 1


# --- a fresh start --------------------------------------------------------------------------


def gateway_keys(clients: Clients) -> list[str]:
    kept = clients.apigateway.get_api_keys(includeValues=True)["items"]
    return sorted(key["value"] for key in kept)


def test_a_snapshot_brings_everything_back(
    started: tuple[LocalCloud, Any], sample: LocalCloud, clients: Clients
) -> None:
    bucket = sample.resources.physical("Bucket").ref
    before = sorted(
        key["value"] for key in clients.apigateway.get_api_keys(includeValues=True)["items"]
    )
    put(clients, "left")
    clients.s3.put_object(Bucket=bucket, Key="left", Body=b"x")
    clients.sqs.send_message(QueueUrl=sample.resources.physical("DeadJobs").ref, MessageBody="left")
    clients.apigateway.create_api_key(name="left", value="left-key-of-twenty-letters")
    sample.drain()
    sample.reset(started[1].restore)
    assert not there(clients, "left")
    assert clients.s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    dead = sample.resources.physical("DeadJobs").ref
    assert "Messages" not in clients.sqs.receive_message(QueueUrl=dead)
    after = sorted(
        key["value"] for key in clients.apigateway.get_api_keys(includeValues=True)["items"]
    )
    assert after == before
    # And the stream goes on from its new start.
    put(clients, "V#after")
    sample.drain()
    assert sample.functions.module("Follow").batches.pop() == ["V#after"]


def test_the_first_keys_value_is_the_secrets(sample: LocalCloud, clients: Clients) -> None:
    kept = clients.secretsmanager.get_secret_value(SecretId="sample-FirstKey")
    assert sample.key == kept["SecretString"]
    assert len(sample.key or "") == 40


def test_the_environment_leads_here_only_while_entered(sample: LocalCloud) -> None:
    inside = dict(os.environ)
    assert inside["SAMPLE_TABLE"] == TABLE
    sample.leave()
    try:
        assert "SAMPLE_TABLE" not in os.environ
        assert os.environ.get("AWS_ENDPOINT_URL") != inside["AWS_ENDPOINT_URL"]
        assert Path(inside["AWS_CONFIG_FILE"]).name == "null"
    finally:
        sample.enter()


@pytest.mark.exhaustive
def test_keys_of_the_gateway_can_be_listed_while_others_are_made(clients: Clients) -> None:
    client, done = clients.apigateway, Event()
    for number in range(200):
        client.create_api_key(name=f"k{number}", value=f"{number:030d}")

    def churn() -> None:
        while not done.is_set():
            made = client.create_api_key(name="more", value="0" * 31)
            client.delete_api_key(apiKey=made["id"])

    with ThreadPoolExecutor(1) as others, short_turns():
        churning = others.submit(churn)
        try:
            for _ in range(40):
                assert len(client.get_api_keys(includeValues=True)["items"]) >= 200
        finally:
            done.set()
        churning.result()


@pytest.mark.exhaustive
def test_a_queue_is_read_by_several_at_once(sample: LocalCloud, clients: Clients) -> None:
    client, url = clients.sqs, sample.resources.physical("DeadJobs").ref
    for number in range(20):
        client.send_message(QueueUrl=url, MessageBody=str(number))

    def peek() -> None:
        for _ in range(40):
            for hidden in (0, 30):
                answer = client.receive_message(
                    QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=hidden
                )
                for message in answer.get("Messages", ()):
                    receipt = message["ReceiptHandle"]
                    client.change_message_visibility(
                        QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0
                    )

    with ThreadPoolExecutor(4) as threads, short_turns():
        for peeking in [threads.submit(peek) for _ in range(4)]:
            peeking.result()
    told = client.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    assert told["Attributes"]["ApproximateNumberOfMessages"] == "20"


@contextmanager
def short_turns() -> Iterator[None]:
    """Threads that are interrupted as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
