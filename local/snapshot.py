"""Puts AWS back to an earlier state, in milliseconds: how each test gets a fresh desk.

Works on moto's own objects. They stay the same objects, so streams and queues keep their names;
what changes in them is replaced. It also brings everything back after a test that has reset moto.
"""

from __future__ import annotations

import copy
from typing import Any

from moto.backends import get_backend
from moto.core.base_backend import BaseBackend
from moto.s3.models import s3_backends

from local import moto_index
from local.intrinsics import ACCOUNT, REGION

_SERVICES = ("apigateway", "dynamodb", "dynamodbstreams", "secretsmanager", "ses", "sqs")


class Snapshot:
    """The state of moto's account at the moment of its making."""

    def __init__(self) -> None:
        self._backends = [_backend(service) for service in _SERVICES]
        self._backends.append(s3_backends[ACCOUNT]["aws"])
        self._states = [_shallow(backend.__dict__) for backend in self._backends]
        self._bucket_owners = dict(s3_backends.bucket_accounts)
        self._tables = [
            (table, copy.deepcopy(table.items)) for table in _backend("dynamodb").tables.values()
        ]
        self._queues = list(_backend("sqs").queues.values())
        self._buckets = list(s3_backends[ACCOUNT]["aws"].buckets.values())
        gateway = _backend("apigateway")
        self._gateway = copy.deepcopy((gateway.keys, gateway.usage_plan_keys))

    def restore(self) -> None:
        """Let everything be as it was. Queues, streams and buckets are empty afterwards."""
        # Closes the files in which moto keeps objects.
        s3_backends[ACCOUNT]["aws"].reset()
        for backend, state in zip(self._backends, self._states, strict=True):
            backend.__dict__.update(_shallow(state))
        s3_backends.bucket_accounts.update(self._bucket_owners)
        for table, items in self._tables:
            table.items = copy.deepcopy(items)
            if table.stream_shard is not None:
                table.stream_shard.items = []
            moto_index.reindex(table)
        for queue in self._queues:
            queue._messages = []  # noqa: SLF001 - moto's purge does the same, and logs it
            queue._pending_messages = set()  # noqa: SLF001
            queue.deleted_messages = set()
        for bucket in self._buckets:
            bucket.keys = type(bucket.keys)()
        gateway = _backend("apigateway")
        gateway.keys, gateway.usage_plan_keys = copy.deepcopy(self._gateway)


def _backend(service: Any) -> Any:
    backends: Any = get_backend(service)
    found: BaseBackend = backends[ACCOUNT][REGION]
    return found


def _shallow(state: dict[str, Any]) -> dict[str, Any]:
    return {
        name: copy.copy(value) if isinstance(value, dict | list | set) else value
        for name, value in state.items()
    }
