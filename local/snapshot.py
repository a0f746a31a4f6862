"""Restores AWS to an earlier state within milliseconds, so that each test gets a fresh desk.

Works on moto's own objects. They stay the same objects, so streams and queues keep their names;
their contents are replaced. It also restores everything after a test that has reset moto.
"""

from __future__ import annotations

import copy
from typing import Any

from moto.backends import get_backend
from moto.core.base_backend import BaseBackend
from moto.s3.models import s3_backends

from local.aws import partitions
from local.cloudformation.intrinsics import ACCOUNT, REGION

_SERVICES: tuple[Any, ...] = (
    "apigateway",
    "dynamodb",
    "dynamodbstreams",
    "secretsmanager",
    "ses",
    "sesv2",
    "sqs",
)


class Snapshot:
    """The state of one region of moto's account when this is created, and of all buckets.

    Args:
        region: the region's name.
    """

    def __init__(self, region: str = REGION) -> None:
        self._region = region
        places = [(get_backend(service), region) for service in _SERVICES]
        # Buckets are global.
        places.append((s3_backends, "aws"))
        self._states = [
            (backends, place, backends[ACCOUNT][place], _shallow(backends[ACCOUNT][place].__dict__))
            for backends, place in places
        ]
        self._bucket_owners = dict(s3_backends.bucket_accounts)
        tables = self._backend("dynamodb").tables.values()
        self._tables = [(table, copy.deepcopy(table.items)) for table in tables]
        self._queues = list(self._backend("sqs").queues.values())
        self._buckets = list(s3_backends[ACCOUNT]["aws"].buckets.values())
        gateway = self._backend("apigateway")
        self._gateway = copy.deepcopy((gateway.keys, gateway.usage_plan_keys))

    def restore(self) -> None:
        """Restore the state. Queues, streams and buckets are empty afterwards."""
        # Closes the files in which moto stores objects.
        s3_backends[ACCOUNT]["aws"].reset()
        for backends, place, backend, state in self._states:
            # A reset of moto drops the whole account.
            backends[ACCOUNT][place] = backend
            backend.__dict__.update(_shallow(state))
        s3_backends.bucket_accounts.update(self._bucket_owners)
        for table, items in self._tables:
            table.items = copy.deepcopy(items)
            if table.stream_shard is not None:
                table.stream_shard.items = []
            partitions.reindex(table)
        for queue in self._queues:
            queue._messages = []  # noqa: SLF001 - moto's purge does the same, and logs it
            queue._pending_messages = set()  # noqa: SLF001
            queue.deleted_messages = set()
        for bucket in self._buckets:
            bucket.keys = type(bucket.keys)()
        gateway = self._backend("apigateway")
        gateway.keys, gateway.usage_plan_keys = copy.deepcopy(self._gateway)

    def _backend(self, service: Any) -> Any:
        backends: Any = get_backend(service)
        found: BaseBackend = backends[ACCOUNT][self._region]
        return found


def _shallow(state: dict[str, Any]) -> dict[str, Any]:
    return {
        name: copy.copy(value) if isinstance(value, dict | list | set) else value
        for name, value in state.items()
    }
