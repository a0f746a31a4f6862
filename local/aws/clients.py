"""AWS clients that are created once and closed at the end.

They keep using the endpoint that was configured when they were created.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.client import BaseClient

from local.aws.calls import own_call

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sqs import SQSClient


C = TypeVar("C", bound=BaseClient)


class Clients:
    """One client per service, created on first use.

    Args:
        own: whether the local cloud itself makes the calls: they are neither recorded nor made
            to fail.
    """

    def __init__(self, *, own: bool = False) -> None:
        self._own = own
        self._made: list[BaseClient] = []

    def close(self) -> None:
        """Close the connections."""
        for client in self._made:
            client.close()

    @cached_property
    def apigateway(self) -> APIGatewayClient:
        """API Gateway's control plane."""
        return self._keep(boto3.client("apigateway"))

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """DynamoDB."""
        return self._keep(boto3.client("dynamodb"))

    @cached_property
    def streams(self) -> DynamoDBStreamsClient:
        """DynamoDB Streams."""
        return self._keep(boto3.client("dynamodbstreams"))

    @cached_property
    def s3(self) -> S3Client:
        """S3."""
        return self._keep(boto3.client("s3"))

    @cached_property
    def secretsmanager(self) -> SecretsManagerClient:
        """Secrets Manager."""
        return self._keep(boto3.client("secretsmanager"))

    @cached_property
    def ses(self) -> Any:
        """SES's v1 API, for receipt rules; no installed stubs have its types."""
        return self._keep(boto3.client("ses"))

    @cached_property
    def sesv2(self) -> SESV2Client:
        """SES."""
        return self._keep(boto3.client("sesv2"))

    @cached_property
    def sqs(self) -> SQSClient:
        """SQS."""
        return self._keep(boto3.client("sqs"))

    def _keep(self, client: C) -> C:
        if self._own:
            client.meta.events.register("before-call", own_call)
        self._made.append(client)
        return client
