"""Direct access to the emulator's tables, for work that no measured request does.

Items are put as moto puts those of a BatchWriteItem, without a request for each batch. Table
descriptions are read through the API.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from werkzeug.test import Client

from bench import capacity
from bench.capacity import Image, Index, Key
from local.aws.sizes import Item
from local.cloudformation.intrinsics import ACCOUNT, REGION
from local.serving import WsgiApp

_MOST_KEYS = 100
"""Maximum number of keys in one BatchGetItem."""


class Tables:
    """All tables of the desk's account.

    Args:
        aws: the emulator's application.
    """

    def __init__(self, aws: WsgiApp) -> None:
        self._client = Client(aws)
        self._indexes: dict[str, list[Index]] = {}

    def images(self, keys: Iterable[Key]) -> dict[Key, Image]:
        """The current items under these keys; None where there is no item."""
        found: dict[Key, Image] = dict.fromkeys(keys)
        by_table: dict[str, list[Key]] = {}
        for key in found:
            by_table.setdefault(key.table, []).append(key)
        for table, wanted in by_table.items():
            for first in range(0, len(wanted), _MOST_KEYS):
                packed = [_packed(key) for key in wanted[first : first + _MOST_KEYS]]
                request = {"RequestItems": {table: {"Keys": packed}}}
                for item in self._ask("BatchGetItem", request)["Responses"][table]:
                    found[capacity.key_of(table, item)] = item
        return found

    def indexes(self, table: str) -> list[Index]:
        """The global secondary indexes of a table."""
        if table not in self._indexes:
            description = self._ask("DescribeTable", {"TableName": table})["Table"]
            self._indexes[table] = capacity.indexes_of(description)
        return self._indexes[table]

    def put(self, table: str, items: Iterable[Item]) -> None:
        """Put these items, replacing those with the same keys. They do not appear in the stream."""
        backend = _backend()
        for item in items:
            backend.put_item(table, dict(item))
        self._forget_changes(table)

    def restore(self, images: Mapping[Key, Image]) -> None:
        """Restore the items under these keys; None means no item."""
        backend = _backend()
        for key, image in images.items():
            if image is None:
                backend.delete_item(key.table, _packed(key))
            else:
                backend.put_item(key.table, dict(image))
        for table in {key.table for key in images}:
            self._forget_changes(table)

    @staticmethod
    def _forget_changes(table: str) -> None:
        # Nothing reads the stream, which would keep a copy of every item.
        shard = _backend().get_table(table).stream_shard
        if shard is not None:
            shard.items.clear()

    def _ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        answer = self._client.post(
            "/",
            data=json.dumps(request),
            headers={
                "X-Amz-Target": f"DynamoDB_20120810.{operation}",
                "Authorization": "AWS4-HMAC-SHA256 "
                f"Credential=bench/20260101/{REGION}/dynamodb/aws4_request",
            },
        )
        body: dict[str, Any] = json.loads(answer.get_data())
        return body


def _packed(key: Key) -> dict[str, dict[str, str]]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _backend() -> DynamoDBBackend:
    backend: DynamoDBBackend = dynamodb_backends[ACCOUNT][REGION]
    return backend
