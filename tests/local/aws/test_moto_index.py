"""moto with our index gives what moto alone gives, whatever is asked of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from local.aws import moto_index, partitions

TABLES = ("wide", "deep", "flat")

# Few values, so that keys meet; some that sort differently as numbers, text and bytes.
HASHES = st.sampled_from(["a", "b"])
RANGES = st.sampled_from(["", "1", "10", "2", "ä", "z", "\U0001f600"]).map(lambda text: f"k{text}")
NUMBERS = st.sampled_from(["1", "1.0", "2", "10", "-3"])


@st.composite
def keys(draw: st.DrawFn, table: str) -> dict[str, Any]:
    if table == "flat":
        return {"pk": {"S": draw(HASHES)}}
    if table == "deep":
        return {"pk": {"S": draw(HASHES)}, "sk": {"N": draw(NUMBERS)}}
    return {"pk": {"S": draw(HASHES)}, "sk": {"S": draw(RANGES)}}


@st.composite
def attributes(draw: st.DrawFn) -> dict[str, Any]:
    item: dict[str, Any] = {"n": {"N": str(draw(st.integers(0, 3)))}}
    if draw(st.booleans()):
        item["g"] = {"S": draw(HASHES)}
    if draw(st.booleans()):
        item["h"] = {"S": draw(RANGES)}
    return item


@st.composite
def writes(draw: st.DrawFn, table: str) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(["Put", "Update", "Delete", "ConditionCheck"]))
    request: dict[str, Any] = {"TableName": table}
    key = draw(keys(table))
    if kind == "Put":
        request["Item"] = key | draw(attributes())
    else:
        request["Key"] = key
    if kind == "Update":
        request["UpdateExpression"], values = draw(
            st.sampled_from(
                [
                    ("SET g = :g", {":g": {"S": "a"}}),
                    ("SET h = :h ADD n :n", {":h": {"S": "k2"}, ":n": {"N": "1"}}),
                    ("REMOVE g, h", {}),
                    ("SET n = n + :n", {":n": {"N": "1"}}),  # fails where there is no n
                ]
            )
        )
        if values:
            request["ExpressionAttributeValues"] = values
    if kind == "ConditionCheck" or draw(st.booleans()):
        request["ConditionExpression"] = draw(
            st.sampled_from(["attribute_exists(pk)", "attribute_not_exists(pk)"])
        )
        if draw(st.booleans()):
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return kind, request


@st.composite
def queries(draw: st.DrawFn, table: str) -> dict[str, Any]:
    index = draw(st.sampled_from([None, "by-g", "by-h"]))
    hash_name, range_name = {None: ("pk", "sk"), "by-g": ("g", "h"), "by-h": ("h", None)}[index]
    if table == "flat" and index is None:
        range_name = None
    request: dict[str, Any] = {"TableName": table, "ScanIndexForward": draw(st.booleans())}
    values = {":hash": {"S": draw(RANGES if hash_name == "h" else HASHES)}}
    condition = f"{hash_name} = :hash"
    numeric = range_name == "sk" and table == "deep"
    if range_name and draw(st.booleans()):
        kinds = ["=", "<", "<=", ">", ">=", "BETWEEN"] + ([] if numeric else ["begins_with"])
        kind = draw(st.sampled_from(kinds))
        one, two = sorted(draw(st.tuples(*[NUMBERS if numeric else RANGES] * 2)))
        name = "N" if numeric else "S"
        values[":one"] = {name: one}
        if kind == "BETWEEN":
            condition += f" AND {range_name} BETWEEN :one AND :two"
            values[":two"] = {name: two}
        elif kind == "begins_with":
            condition += f" AND begins_with({range_name}, :one)"
        else:
            condition += f" AND {range_name} {kind} :one"
    if index:
        request["IndexName"] = index
    if draw(st.booleans()):
        request["Limit"] = draw(st.integers(1, 3))
    if draw(st.booleans()):
        request["FilterExpression"] = "n > :zero"
        values[":zero"] = {"N": "0"}
    return request | {"KeyConditionExpression": condition, "ExpressionAttributeValues": values}


@dataclass
class Clients:
    tables: Any
    streams: Any


Step = tuple[str, Any]


def steps() -> st.SearchStrategy[Step]:
    tables = st.sampled_from(TABLES)
    write = tables.flatmap(writes)
    return st.one_of(
        write.map(lambda request: ("write", request)),
        write.map(lambda request: ("write", request)),
        st.lists(write, min_size=1, max_size=4).map(lambda requests: ("transact", requests)),
        tables.flatmap(queries).map(lambda request: ("query", request)),
        tables.flatmap(lambda table: st.tuples(st.just(table), keys(table))).map(
            lambda asked: ("get", asked)
        ),
    )


def make_tables(client: Any) -> None:
    for name in TABLES:
        schema = [{"AttributeName": "pk", "KeyType": "HASH"}]
        kinds = {"pk": "S", "g": "S", "h": "S"}
        if name != "flat":
            schema.append({"AttributeName": "sk", "KeyType": "RANGE"})
            kinds["sk"] = "N" if name == "deep" else "S"
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=schema,
            AttributeDefinitions=[
                {"AttributeName": attribute, "AttributeType": kind}
                for attribute, kind in kinds.items()
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-g",
                    "KeySchema": [
                        {"AttributeName": "g", "KeyType": "HASH"},
                        {"AttributeName": "h", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                },
                {
                    "IndexName": "by-h",
                    "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n"]},
                },
            ],
        )


def outcome(call: Callable[..., Any], **request: Any) -> Any:
    try:
        answer = call(**request)
    except ClientError as error:
        answer = error.response
    answer.pop("ResponseMetadata")
    return answer


def pages(client: Any, request: dict[str, Any]) -> list[Any]:
    found = []
    while True:
        answer = outcome(client.query, **request)
        found.append(answer)
        if "LastEvaluatedKey" not in answer:
            return found
        request = request | {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def perform(client: Any, step: Step) -> Any:
    kind, argument = step
    if kind == "query":
        return pages(client, argument)
    if kind == "get":
        table, key = argument
        return outcome(client.get_item, TableName=table, Key=key)
    if kind == "transact":
        items = [{name: request} for name, request in argument]
        return outcome(client.transact_write_items, TransactItems=items)
    name, request = argument
    if name == "ConditionCheck":
        return None
    call = {"Put": client.put_item, "Update": client.update_item, "Delete": client.delete_item}
    return outcome(call[name], **request)


def streams(clients: Clients) -> list[Any]:
    found = []
    for name in TABLES:
        arn = clients.tables.describe_table(TableName=name)["Table"]["LatestStreamArn"]
        described = clients.streams.describe_stream(StreamArn=arn)["StreamDescription"]
        iterator = clients.streams.get_shard_iterator(
            StreamArn=arn,
            ShardId=described["Shards"][0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        for record in clients.streams.get_records(ShardIterator=iterator)["Records"]:
            change = dict(record["dynamodb"])
            # The size counts the digits of the time.
            del change["ApproximateCreationDateTime"], change["SizeBytes"]
            found.append((record["eventName"], change))
    return found


def run(clients: Clients, script: list[Step]) -> tuple[list[Any], list[Any], list[Any]]:
    make_tables(clients.tables)
    try:
        results = [perform(clients.tables, step) for step in script]
        contents = [clients.tables.scan(TableName=name)["Items"] for name in TABLES]
        return results, contents, streams(clients)
    finally:
        for name in TABLES:
            clients.tables.delete_table(TableName=name)


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        patch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
        moto_index.install()
        yield Clients(
            boto3.client("dynamodb", region_name="us-east-1"),
            boto3.client("dynamodbstreams", region_name="us-east-1"),
        )
        partitions.set_lag(0)


@pytest.mark.exhaustive
@settings(max_examples=12, deadline=None, derandomize=True)
@given(script=st.lists(steps(), min_size=10, max_size=40))
def test_the_index_changes_nothing_but_the_time(clients: Clients, script: list[Step]) -> None:
    with moto_index.plain_moto():
        expected = run(clients, script)
    assert run(clients, script) == expected


def put(**item: str) -> dict[str, Any]:
    return {"TableName": "wide", "Item": {name: {"S": value} for name, value in item.items()}}


def found(clients: Clients, index: str | None = "by-g") -> list[str]:
    name = "g" if index else "pk"
    request: dict[str, Any] = {"IndexName": index} if index else {}
    answer = clients.tables.query(
        TableName="wide",
        KeyConditionExpression=f"{name} = :a",
        ExpressionAttributeValues={":a": {"S": "a"}},
        **request,
    )
    return [item["sk"]["S"] for item in answer["Items"]]


def test_an_index_shows_what_was_written_only_later(clients: Clients) -> None:
    partitions.set_lag(3600)
    make_tables(clients.tables)
    try:
        clients.tables.put_item(**put(pk="a", sk="1", g="a", h="1"))
        assert found(clients, None) == ["1"]
        assert found(clients) == []
        partitions.catch_up()
        assert found(clients) == ["1"]
        clients.tables.put_item(**put(pk="a", sk="1"))
        assert found(clients) == ["1"]
        partitions.catch_up()
        assert found(clients) == []
    finally:
        partitions.set_lag(0)
        for name in TABLES:
            clients.tables.delete_table(TableName=name)


@pytest.mark.parametrize("size", [404_000, 406_000])
def test_an_item_is_too_large_where_moto_finds_it_so(clients: Clients, size: int) -> None:
    def outcome() -> str:
        make_tables(clients.tables)
        try:
            clients.tables.put_item(**put(pk="a", sk="1", x="x" * (size // 2), y="y" * (size // 2)))
        except ClientError as error:
            return str(error)
        else:
            return "stored"
        finally:
            for name in TABLES:
                clients.tables.delete_table(TableName=name)

    with moto_index.plain_moto():
        expected = outcome()
    assert outcome() == expected
    assert (expected == "stored") == (size < 405_000)
