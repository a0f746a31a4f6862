"""A desk as rows: items, objects, messages, mail, secrets, keys of API Gateway.

Each kind of row represents one kind of object in moto, or in the local cloud if moto has none. Only
values are stored, never moto's objects: a row is JSON (and the bytes of an S3 object). Rows of a
table, bucket or queue that the template no longer has are dropped.
"""

from __future__ import annotations

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.apigateway.models import ApiKey, UsagePlanKey
from moto.backends import get_backend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.s3.models import FakeKey, s3_backends
from moto.sqs.models import Message

from local.aws import partitions
from local.cloudformation.intrinsics import ACCOUNT, REGION, Physical
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.data.folder import DataFolder, Row, RowKey
from local.events.deliveries import Deliveries
from local.events.queues import HIDDEN, QueueMapping
from local.mail.mailbox import Mail, Mailbox

ITEM, OBJECT, MESSAGE, MAIL = "item", "object", "message", "mail"
INVOCATION, SECRET, PLAN, GATEWAY_KEY = "invocation", "secret", "usage plan", "gateway key"

KINDS = (ITEM, OBJECT, MESSAGE, MAIL, INVOCATION, SECRET, PLAN, GATEWAY_KEY)

_ALWAYS_WHOLE = (MESSAGE, INVOCATION, SECRET, PLAN, GATEWAY_KEY)
"""Kinds with few rows: all of them are compared each time."""


def secrets(folder: DataFolder) -> dict[str, str]:
    """The values of the stored secrets, by logical id.

    Raises:
        DataError: the folder is damaged.
    """
    try:
        return {row.key: str(json.loads(row.value)["value"]) for row in folder.rows(SECRET)}
    except (KeyError, TypeError, ValueError) as error:
        raise folder.damaged(error) from error


@dataclass
class State:
    """Loads a desk from a folder, and collects the changes to be written.

    Args:
        template: defines the tables, buckets and queues of the desk.
        resources: has their names.
        mailbox: the sent mail.
        deliveries: the pending asynchronous invocations.
        mappings: have the due times of failed messages.
    """

    template: Template
    resources: Resources
    mailbox: Mailbox
    deliveries: Deliveries
    mappings: Sequence[QueueMapping]
    _objects: dict[RowKey, FakeKey] = field(default_factory=dict)
    _mails: int = 0
    _whole: bool = True

    def load(self, folder: DataFolder) -> None:
        """Restore everything; the resources exist, and are empty.

        Raises:
            DataError: the folder is damaged.
        """
        loaders: Mapping[str, Callable[[Iterable[Row]], None]] = {
            ITEM: self._load_items,
            OBJECT: self._load_objects,
            MESSAGE: self._load_messages,
            MAIL: self._load_mails,
            INVOCATION: self._load_invocations,
            PLAN: self._load_plans,
            GATEWAY_KEY: self._load_gateway_keys,
        }
        try:
            for kind, load in loaders.items():
                load(folder.rows(kind))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise folder.damaged(error) from error
        for table in self._tables().values():
            partitions.reindex(table)

    def collect(self) -> Changes:
        """The changes since the last call; call this while nothing runs."""
        whole, self._whole = self._whole, False
        rows = [*self._messages(), *self._invocations(), *self._secrets(), *self._gateway()]
        gone: set[RowKey] = set()
        for name, table in self._tables().items():
            for key in partitions.take_changed(table, everything=whole):
                item = partitions.stored(table, *key)
                row = _item_row(name, key, item)
                if item is None:
                    gone.add(row.name)
                else:
                    rows.append(row)
        rows += self._changed_objects(gone, whole=whole)
        mails = self.mailbox.mails()
        complete = set(KINDS if whole else _ALWAYS_WHOLE)
        if whole or len(mails) < self._mails:
            complete.add(MAIL)
            self._mails = 0
        for number in range(self._mails, len(mails)):
            rows.append(_row(MAIL, f"{number:09}", mails[number].as_json()))
        self._mails = len(mails)
        return Changes(rows, gone, complete)

    def start_over(self) -> None:
        """Make the next `collect` return everything, since its last result could not be written."""
        self._whole = True

    # --- items ------------------------------------------------------------------------------

    def _tables(self) -> dict[str, Table]:
        backend: Any = _backend("dynamodb")
        return {
            resource.name: backend.tables[self.resources.physical(resource.name).ref]
            for resource in self.template.of_type("AWS::DynamoDB::Table")
        }

    def _load_items(self, rows: Iterable[Row]) -> None:
        tables = self._tables()
        for row in rows:
            table = tables.get(json.loads(row.key)[0])
            if table is None:
                continue
            attributes = {name: _decoded(value) for name, value in json.loads(row.value).items()}
            hash_key = DynamoType(attributes[table.hash_key_attr])
            range_name = table.range_key_attr
            range_key = DynamoType(attributes[range_name]) if range_name else None
            item = Item(hash_key, range_key, attributes)
            items: Any = table.items
            if range_key is None:
                items[hash_key] = item
            else:
                items[hash_key][range_key] = item

    # --- objects ----------------------------------------------------------------------------

    def _buckets(self) -> dict[str, Any]:
        return {
            resource.name: s3_backends[ACCOUNT]["aws"].buckets[
                self.resources.physical(resource.name).ref
            ]
            for resource in self.template.of_type("AWS::S3::Bucket")
        }

    def _changed_objects(self, gone: set[RowKey], *, whole: bool) -> Iterator[Row]:
        now: dict[RowKey, FakeKey] = {}
        for place, bucket in self._buckets().items():
            for key in bucket.keys:
                now[RowKey(OBJECT, json.dumps([place, key]))] = bucket.keys[key]
        gone |= self._objects.keys() - now.keys()
        for name, found in now.items():
            # moto creates a new object for each put.
            if whole or self._objects.get(name) is not found:
                yield _object_row(name, found)
        self._objects = now

    def _load_objects(self, rows: Iterable[Row]) -> None:
        buckets = self._buckets()
        for row in rows:
            place, key = json.loads(row.key)
            if place not in buckets:
                continue
            about = json.loads(row.value)
            made = s3_backends[ACCOUNT]["aws"].put_object(
                buckets[place].name,
                key,
                row.body or b"",
                etag=about["etag"],
                disable_notification=True,
            )
            made.last_modified = datetime.fromisoformat(about["last_modified"])
            made.metadata.update(about["metadata"])

    # --- messages ---------------------------------------------------------------------------

    def _queues(self) -> dict[str, Any]:
        backend: Any = _backend("sqs")
        return {
            resource.name: backend.queues[
                self.resources.physical(resource.name).attributes["QueueName"]
            ]
            for resource in self.template.of_type("AWS::SQS::Queue")
        }

    def _messages(self) -> Iterator[Row]:
        due = self._waiting()
        for name, queue in self._queues().items():
            for position, message in enumerate(list(queue._messages)):  # noqa: SLF001 - no other way
                about = {
                    "queue": name,
                    "position": position,
                    "body": message.body,
                    "sent": message.sent_timestamp,
                    "first_received": message.approximate_first_receive_timestamp,
                    "received": message.approximate_receive_count,
                    "delayed_until": message.delayed_until,
                    "due": due.get((queue.name, message.id)),
                }
                yield _row(MESSAGE, json.dumps([name, message.id]), {"id": message.id, **about})

    def _waiting(self) -> dict[tuple[str, str], float]:
        return {
            (mapping.queue, identity): due
            for mapping in self.mappings
            for identity, due in mapping.waiting().items()
        }

    def _load_messages(self, rows: Iterable[Row]) -> None:
        # Messages that were received and neither deleted nor made visible again become visible at
        # once: their receivers no longer exist.
        queues = self._queues()
        mappings = {mapping.queue: mapping for mapping in self.mappings}
        kept = [json.loads(row.value) for row in rows]
        for about in sorted(kept, key=lambda one: int(one["position"])):
            queue = queues.get(about["queue"])
            if queue is None:
                continue
            message = Message(about["id"], about["body"])
            # moto refuses to make a message visible again that was sent twelve hours ago.
            message.sent_timestamp = max(about["sent"], int((time.time() - 3600) * 1000))
            message.approximate_first_receive_timestamp = about["first_received"]
            message.approximate_receive_count = about["received"]
            message.delayed_until = about["delayed_until"]
            queue.add_message(message)
            due = about.get("due")
            if due is not None and due > time.time() and queue.name in mappings:
                message.mark_received(HIDDEN)
                message.approximate_receive_count = about["received"]
                mappings[queue.name].let_wait(message.id, str(message.receipt_handle), due)

    # --- the local cloud's own state --------------------------------------------------------

    def _invocations(self) -> Iterator[Row]:
        for number, (function, event) in enumerate(self.deliveries.waiting()):
            yield _row(INVOCATION, f"{number:09}", {"function": function, "event": event})

    def _load_invocations(self, rows: Iterable[Row]) -> None:
        for row in rows:
            about = json.loads(row.value)
            if about["function"] in self.template.functions:
                self.deliveries.send(about["function"], about["event"])

    def _load_mails(self, rows: Iterable[Row]) -> None:
        self.mailbox.put_back([Mail.from_json(json.loads(row.value)) for row in rows])

    # --- secrets and API Gateway ------------------------------------------------------------

    def _secrets(self) -> Iterator[Row]:
        backend: Any = _backend("secretsmanager")
        for resource in self.template.of_type("AWS::SecretsManager::Secret"):
            name = self.resources.physical(resource.name).ref
            value = backend.secrets[name].secret_string
            yield _row(SECRET, resource.name, {"value": value})

    def _gateway(self) -> Iterator[Row]:
        backend: Any = _backend("apigateway")
        for resource in self.template.of_type("AWS::ApiGateway::UsagePlan"):
            plan = self.resources.physical(resource.name).ref
            yield _row(PLAN, resource.name, {"id": plan})
            for key in list(backend.usage_plan_keys.get(plan, {})):
                if made := backend.keys.get(key):
                    about = {"id": key, "plan": plan, "enabled": made.enabled}
                    about |= {"name": made.name, "value": made.value}
                    yield _row(GATEWAY_KEY, json.dumps([resource.name, key]), about)

    def _load_plans(self, rows: Iterable[Row]) -> None:
        # Names of keys begin with the id of their plan, so the id must stay the same.
        backend: Any = _backend("apigateway")
        for row in rows:
            if row.key not in self.template.resources:
                continue
            kept = str(json.loads(row.value)["id"])
            made = self.resources.physical(row.key).ref
            plan = backend.usage_plans.pop(made)
            plan.id = kept
            backend.usage_plans[kept] = plan
            backend.usage_plan_keys[kept] = backend.usage_plan_keys.pop(made, {})
            self.resources.set_attributes(row.key, Physical(kept, {"Id": kept}))

    def _load_gateway_keys(self, rows: Iterable[Row]) -> None:
        backend: Any = _backend("apigateway")
        for row in rows:
            about = json.loads(row.value)
            if about["plan"] not in backend.usage_plans:
                continue
            key = ApiKey(about["id"], about["name"], enabled=about["enabled"], value=about["value"])
            members = backend.usage_plan_keys[about["plan"]]
            for twin in [one.id for one in backend.keys.values() if one.value == key.value]:
                # The template's own key was created again, and no two keys may have the same value.
                backend.keys.pop(twin)
                members.pop(twin, None)
            backend.keys[key.id] = key
            members[key.id] = UsagePlanKey(key.id, "API_KEY", key.name, key.value)


@dataclass(frozen=True)
class Changes:
    """The arguments of DataFolder.write."""

    rows: list[Row]
    gone: set[RowKey]
    complete: set[str]


def _backend(service: Any) -> Any:
    backends: Any = get_backend(service)
    return backends[ACCOUNT][REGION]


def _row(kind: str, key: str, value: Mapping[str, Any], body: bytes | None = None) -> Row:
    return Row(kind, key, json.dumps(value, sort_keys=True), body)


def _item_row(table: str, key: partitions.StoredKey, item: Item | None) -> Row:
    parts = [_encoded(part) for part in key if part is not None]
    attributes = {} if item is None else item.attrs
    value = {name: _encoded(attribute) for name, attribute in attributes.items()}
    return _row(ITEM, json.dumps([table, *parts]), value)


def _object_row(name: RowKey, found: FakeKey) -> Row:
    about = {
        "etag": found.etag.strip('"'),
        "last_modified": found.last_modified.isoformat(),
        "metadata": dict(found.metadata),
    }
    return _row(OBJECT, name.key, about, found.value)


def _encoded(attribute: DynamoType) -> dict[str, Any]:
    """An attribute in DynamoDB's JSON: binary values as base64."""
    kind, value = attribute.type, attribute.value
    if kind == "M":
        return {kind: {name: _encoded(inner) for name, inner in value.items()}}
    if kind == "L":
        return {kind: [_encoded(inner) for inner in value]}
    if kind == "B":
        return {kind: b64encode(value).decode()}
    if kind == "BS":
        return {kind: [b64encode(inner).decode() for inner in value]}
    return {kind: list(value) if kind in {"SS", "NS"} else value}


def _decoded(attribute: dict[str, Any]) -> dict[str, Any]:
    ((kind, value),) = attribute.items()
    if kind == "M":
        return {kind: {name: _decoded(inner) for name, inner in value.items()}}
    if kind == "L":
        return {kind: [_decoded(inner) for inner in value]}
    if kind == "B":
        return {kind: b64decode(value)}
    if kind == "BS":
        return {kind: [b64decode(inner) for inner in value]}
    return {kind: value}
