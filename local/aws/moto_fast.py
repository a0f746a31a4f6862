"""Caches what moto recomputes in every call: most of the time that a call takes.

moto's behaviour is unchanged; only finding its own parts and serializing DynamoDB items are faster.
The tests compare responses with and without this.
"""

from __future__ import annotations

import inspect
import json
import re
import time
from base64 import b64encode
from calendar import timegm
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache, lru_cache
from random import getrandbits
from typing import Any
from uuid import UUID
from wsgiref.types import WSGIEnvironment

from botocore import endpoint, loaders, session
from botocore.awsrequest import AWSPreparedRequest
from botocore.model import MapShape
from botocore.parsers import BaseJSONParser
from moto import backend_index, backends
from moto.core import responses, utils
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.loaders import create_loader
from moto.core.model import StructureShape
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.parse import JSONParser
from moto.core.request import normalize_request
from moto.core.responses import ActionResult, BaseResponse
from moto.core.serialize import BaseJSONSerializer
from moto.core.utils import (
    camelcase_to_underscores,
    get_equivalent_url_in_aws_domain,
    get_service_model,
    method_names_from_class,
)
from moto.dynamodb import responses as dynamodb_responses
from moto.dynamodb.models import table as dynamodb_table
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.utilities import bytesize, dynamo_to_dict
from moto.dynamodb.parsing import validators
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler
from moto.sqs import models as sqs
from moto.sqs.responses import SQSResponse
from werkzeug.exceptions import BadRequest, HTTPException

from local.aws import moto_expressions, unsigned

_import_backend = backends._import_backend  # noqa: SLF001 - moto has no other way in
_structure = BaseJSONSerializer._serialize_type_structure  # noqa: SLF001 - moto has no other way in
_process_request = BotocoreStubber.process_request


def _spell(
    serializer: BaseJSONSerializer,
    serialized: MutableMapping[str, Any],
    value: Any,
    shape: StructureShape,
    key: str,
) -> None:
    """Serialize a structure; of an item's attribute only the one member that is set.

    moto tries each of DynamoDB's ten members under each of eight possible names.
    """
    if shape.name != "AttributeValue" or not isinstance(value, dict):
        _structure(serializer, serialized, value, shape, key)
        return
    found: dict[str, Any] = {}
    for name, content in value.items():
        serializer._serialize(found, content, shape.members[name], name)  # noqa: SLF001 - its own
    serializer._default_serialize(serialized, found, shape, key)  # noqa: SLF001 - its own


def _by_member(structure: Any) -> Any:
    """Parse a structure; of an item's attribute only the member that is set.

    botocore, and moto with the same code, look up each of DynamoDB's ten members.
    """

    def read(parser: Any, shape: StructureShape, value: Any) -> Any:
        if shape.name == "AttributeValue" and isinstance(value, dict) and len(value) == 1:
            ((kind, content),) = value.items()
            if kind in _TEXTS and content is not None:
                return {kind: content}
            if kind in shape.members:
                return {kind: parser._parse_shape(shape.members[kind], content)}  # noqa: SLF001 - its own
        return structure(parser, shape, value)

    return read


def _by_name(any_map: Any) -> Any:
    """Parse a map; of attributes by name without parsing the names."""

    def read(parser: Any, shape: MapShape, value: Any) -> Any:
        if shape.value.name != "AttributeValue":
            return any_map(parser, shape, value)
        return {
            name: parser._parse_shape(shape.value, one)  # noqa: SLF001 - its own
            for name, one in value.items()
        }

    return read


_TEXTS = frozenset({"S", "N", "BOOL", "NULL"})
"""Members whose JSON value needs no conversion."""


def _process(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
    """Handle a request of a client in this process.

    moto matches its address against those of all services, then of all operations of one.
    """
    # botocore has most values as bytes.
    if service := _asked(_text(request.headers.get("X-Amz-Target", ""))):
        headers = {name: _text(value) for name, value in request.headers.items()}
        return service.dispatch(request.body, request.url, headers)
    address, _ = get_equivalent_url_in_aws_domain(request.url)
    method = _method(f"{address.scheme}://{address.netloc}{address.path}")
    if method is None:
        return _process_request(stubber, request)
    normal = normalize_request(request)
    try:
        return method(normal, normal.raw_url, normal.headers)
    except HTTPException as error:
        return error.code, error.get_headers(), error.get_body()


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@lru_cache(10_000)
def _method(address: str) -> Callable[..., Any] | None:
    for service, pattern in backend_index.backend_url_patterns:
        if pattern.match(address):
            found: Any = backends.get_backend(service)  # type: ignore[call-overload]
            if not isinstance(found, BackendDict):
                return None
            account = found[DEFAULT_ACCOUNT_ID]
            backend = account["us-east-1" if "us-east-1" in account else "aws"]
            for url, method in backend.urls.items():
                if re.match(url, address):
                    found_method: Callable[..., Any] = method
                    return found_method
            return None
    return None


def _copy_item(item: Item, _: dict[int, Any]) -> Item:
    # Item creates its copies by a method of its own, which would track each one.
    copied: Item = object.__new__(Item)
    copied.hash_key, copied.range_key = item.hash_key, item.range_key
    copied.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(copied.attrs, {name: _copy_value(value) for name, value in item.attrs.items()})
    return copied


def _copy_value(value: DynamoType, _: object = None) -> DynamoType:
    copied = DynamoType.__new__(DynamoType)
    copied.type, content = value.type, value.value
    if isinstance(content, list):
        content = [_copy_value(one) if isinstance(one, DynamoType) else one for one in content]
    elif isinstance(content, dict):
        content = {
            name: _copy_value(one) if isinstance(one, DynamoType) else one
            for name, one in content.items()
        }
    copied.value = content
    return copied


def _size(value: DynamoType) -> int:
    """The size of a value in bytes, as computed by moto."""
    kind, content = value.type, value.value
    if kind == "S":
        return len(content) if content.isascii() else len(content.encode())
    if kind == "N":
        return len(str(content))
    if kind == "L":
        return sum(map(_size, content))
    if kind == "M":
        return sum(bytesize(name) + _size(one) for name, one in content.items())
    if kind in {"SS", "NS", "BS"}:
        return sum(bytesize(str(one) if kind == "NS" else one) for one in content)
    return 1 if isinstance(content, bool) else bytesize(content)


def _size_of_item(item: Item) -> int:
    return sum(bytesize(name) + _size(value) for name, value in item.attrs.items())


def _in_words(told: Any) -> Any:
    """A result without moto's classes."""
    kind = type(told)
    if kind is str:
        return told
    if kind is DynamoType and told.type not in {"B", "BS"}:
        return {told.type: _in_words(told.value)}
    if isinstance(told, dict):
        return {name: _in_words(one) for name, one in told.items()}
    return [_in_words(one) for one in told] if kind is list else dynamo_to_dict(told)


class _Asked(BaseResponse):
    """One of moto's services with a JSON protocol: one address, the operation in a header."""

    def setup_class(
        self, request: Any, full_url: str | None = None, headers: Any = None, *_: Any
    ) -> None:
        """Set the attributes that operations read from a request.

        moto looks for a form, files and a query, and parses the body for each of them.
        """
        scope = _SCOPE.search(headers["Authorization"])
        if scope is None:
            raise BadRequest("without a scope in Authorization")
        self.access_key, self.region = scope.groups()
        self.partition, self.current_account = "aws", DEFAULT_ACCOUNT_ID
        self.normalized_request, self.headers = request, headers
        self.uri = self.path = full_url or ""
        self.querystring, self.uri_match, self.response_headers = {}, {}, {"server": "amazon.com"}
        self.automated_parameter_parsing = True
        service = get_service_model(self.boto3_service_name)
        operation = service.operation_model(self._get_action())
        parser = JSONParser(operation, map_type=self.PROTOCOL_PARSER_MAP_TYPE)
        # The parser of a JSON protocol reads only the body.
        given: Any = {"body": request}
        self.params = parser.parse(given)

    def serialized(self, action_result: ActionResult) -> Any:
        """Serialize a result: for items it already is JSON."""
        told = action_result.result
        if not isinstance(told, dict) or self._get_action() not in _ABOUT_ITEMS:
            return super().serialized(action_result)
        given = {name: value for name, value in told.items() if value is not None}
        headers = {"Content-Type": "application/x-amz-json-1.0", **self.response_headers}
        return 200, headers, json.dumps(given, default=_plain)


class _Tables(_Asked, DynamoHandler):
    pass


class _Streams(_Asked, DynamoDBStreamsHandler):
    pass


class _Queues(_Asked, SQSResponse):
    pass


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        milliseconds = value.microsecond // 1000
        return timegm(value.timetuple()) + milliseconds / 1000
    return value.to_json() if isinstance(value, DynamoType) else b64encode(value).decode()


_BY_TARGET: Mapping[str, type[_Asked]] = {
    "AmazonSQS": _Queues,
    "DynamoDBStreams_20120810": _Streams,
    "DynamoDB_20120810": _Tables,
}

_ABOUT_ITEMS = frozenset(
    {
        "BatchGetItem",
        "DeleteItem",
        "GetItem",
        "GetRecords",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    }
)

_SCOPE = re.compile(r"Credential=([^/]+)/[^/]+/([^/]+)/")


def ask(environ: WSGIEnvironment) -> tuple[int, dict[str, str], bytes] | None:
    """Handle a request to a service with a JSON protocol, without a web framework.

    Returns:
        status, headers, body; None if it is for another service.
    """
    headers = {
        "Authorization": environ.get("HTTP_AUTHORIZATION", ""),
        "Content-Type": environ.get("CONTENT_TYPE", ""),
        "X-Amz-Target": environ.get("HTTP_X_AMZ_TARGET", ""),
    }
    service = _asked(headers["X-Amz-Target"])
    if service is None:
        return None
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    url = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
    status, told, text = service.dispatch(body, url, headers)
    return int(status), told, text.encode() if isinstance(text, str) else text


def _asked(target: str) -> type[_Asked] | None:
    return _BY_TARGET.get(target.partition(".")[0])


def _unmeasured(_: object) -> str:
    # moto serializes each stream record as JSON, only to estimate its size.
    return ""


def _number(headers: dict[str, str]) -> str:
    """Set a request's id. moto draws each character separately."""
    headers["x-amzn-requestid"] = number = f"{getrandbits(208):052X}"
    return number


class _Attempts:
    """The source of botocore's attempt ids: they need no cryptographic randomness here."""

    @staticmethod
    def uuid4() -> UUID:
        """A unique number."""
        return UUID(int=getrandbits(128), version=4)


def _milliseconds() -> float:
    return time.time() * 1000


_PARSERS: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (BaseJSONParser, "_handle_structure", _by_member),
    (BaseJSONParser, "_handle_map", _by_name),
    (JSONParser, "_parse_structure", _by_member),
    (JSONParser, "_parse_map", _by_name),
)
_FAST: tuple[tuple[type, str, Any], ...] = (
    *moto_expressions.REPLACED,
    (BaseJSONSerializer, "_serialize_type_structure", _spell),
    *((owner, name, around(getattr(owner, name))) for owner, name, around in _PARSERS),
    (BotocoreStubber, "process_request", _process),
    # Each item in a query's result is copied, and for each test all items.
    (Item, "__deepcopy__", _copy_item),
    (Item, "size", _size_of_item),
    (DynamoType, "__deepcopy__", _copy_value),
    (DynamoType, "size", _size),
)
_PLAIN = tuple((owner, name, inspect.getattr_static(owner, name)) for owner, name, _ in _FAST)


def install() -> None:
    """Replace moto's code, for the whole process."""
    # moto searches all of botocore's files again for each service.
    vars(utils)["create_loader"] = cache(create_loader)
    # botocore does so for each session.
    vars(session)["create_loader"] = cache(loaders.create_loader)
    vars(endpoint)["uuid"] = _Attempts
    # moto looks up a service's methods by reflection, each time.
    vars(responses)["method_names_from_class"] = cache(method_names_from_class)
    # moto imports the service's module each time.
    vars(backends)["_import_backend"] = cache(_import_backend)
    # moto formats all attributes of a queue for each message sent or received, and for some of them
    # checks the visibility of every waiting message.
    vars(sqs)["camelcase_to_underscores"] = cache(camelcase_to_underscores)
    vars(sqs)["unix_time_millis"] = _milliseconds
    vars(dynamodb_responses)["dynamo_to_dict"] = _in_words
    vars(dynamodb_table)["dynamo_json_dump"] = _unmeasured
    vars(responses)["gen_amzn_requestid_long"] = _number
    vars(validators)["deepcopy"] = moto_expressions.copy_tree
    unsigned.install()
    for owner, name, value in _FAST:
        setattr(owner, name, value)


@contextmanager
def plain_moto() -> Iterator[None]:
    """Restore moto's own code while the block runs, for tests to compare with."""
    for owner, name, value in _PLAIN:
        setattr(owner, name, value)
    try:
        yield
    finally:
        install()
