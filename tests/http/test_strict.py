"""The strict local cloud refuses what AWS refuses and moto accepts."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws.calls import Action, Asked, actions
from local.aws.clients import Clients
from local.cloud import LocalCloud
from local.functions import Invocation, current


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def leading(*keys: str) -> frozenset[tuple[str, str]]:
    return frozenset(("dynamodb:LeadingKeys", key) for key in keys)


@pytest.mark.parametrize(
    ("service", "asked", "needed"),
    [
        (
            "dynamodb",
            Asked(
                "BatchGetItem",
                "/",
                b'{"RequestItems":{"t":{"Keys":[{"pk":{"S":"K#1"}},{"pk":{"S":"K#2"}},'
                b'{"pk":{"S":"MAIL"}}]}}}',
            ),
            [Action("dynamodb:BatchGetItem", "table/t", leading("K#", "MAIL"))],
        ),
        (
            "dynamodb",
            Asked(
                "Query",
                "/",
                b'{"TableName":"t","KeyConditionExpression":"#p = :p AND begins_with(sk, :s)",'
                b'"ExpressionAttributeNames":{"#p":"pk"},'
                b'"ExpressionAttributeValues":{":p":{"S":"T#1"},":s":{"S":"E#"}}}',
            ),
            [Action("dynamodb:Query", "table/t", leading("T#"))],
        ),
        (
            "s3",
            Asked("CopyObject", "/b/raw/1", b"", source="b/incoming/1"),
            [Action("s3:PutObject", "b/raw/1"), Action("s3:GetObject", "b/incoming/1")],
        ),
        (
            "s3",
            Asked("ListObjectsV2", "/b", b"", "list-type=2&prefix=raw%2F1"),
            [Action("s3:ListBucket", "b", frozenset({("s3:prefix", "raw/1")}))],
        ),
    ],
)
def test_a_request_needs_its_actions(service: str, asked: Asked, needed: list[Action]) -> None:
    assert list(actions(service, asked)) == needed


@pytest.mark.parametrize(
    ("function", "call", "status"),
    [
        ("OsticketListStatuses", "put_item", 400),
        ("OsticketListStatuses", "put_object", 403),
        ("OsticketListStatuses", "receive_message", 400),
        ("OsticketListStatuses", "get_secret_value", 400),
        ("AuthorizerAuthorize", "query", 400),
    ],
)
def test_a_function_may_do_what_its_role_allows(
    cloud: LocalCloud, function: str, call: str, status: int
) -> None:
    table = cloud.resources.physical("DeskTable").ref
    bucket = cloud.resources.physical("FilesBucket").ref
    item = {"pk": {"S": "K#forged"}, "sk": {"S": "K"}}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "put_item": ("dynamodb", {"TableName": table, "Item": item}),
        "query": (
            "dynamodb",
            {
                "TableName": table,
                "KeyConditionExpression": "pk = :p",
                "ExpressionAttributeValues": {":p": {"S": "KEYS"}},
            },
        ),
        "put_object": ("s3", {"Bucket": bucket, "Key": "files/x", "Body": b"x"}),
        "receive_message": ("sqs", {"QueueUrl": cloud.resources.physical("NotifyQueue").ref}),
        "get_secret_value": (
            "secretsmanager",
            {"SecretId": cloud.resources.physical("FirstKey").ref},
        ),
    }
    service, request = asked[call]
    clients = Clients()
    client = getattr(clients, service)
    token = current.set(Invocation(function, "id"))
    try:
        with pytest.raises(ClientError) as refused:
            getattr(client, call)(**request)
        cloud.options.strict = False
        # moto itself lets it pass.
        if call != "get_secret_value":
            getattr(client, call)(**request)
    finally:
        cloud.options.strict = True
        current.reset(token)
        clients.close()
    assert code(refused)[0].startswith("AccessDenied")
    assert code(refused)[1] == status


@pytest.mark.parametrize(
    ("function", "said"),
    [("OsticketGetTicket", "AccessDenied"), ("AdminTakeInHeldMail", "NoSuchKey")],
)
def test_s3_says_what_is_not_there_to_who_may_list(
    cloud: LocalCloud, function: str, said: str
) -> None:
    bucket = cloud.resources.physical("FilesBucket").ref
    key = "files/absent" if said == "AccessDenied" else "held/absent"
    clients = Clients()
    token = current.set(Invocation(function, "id"))
    try:
        with pytest.raises(ClientError) as refused:
            clients.s3.get_object(Bucket=bucket, Key=key)
    finally:
        current.reset(token)
        clients.close()
    assert code(refused)[0] == said
