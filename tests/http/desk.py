"""The desk as its callers see it: HTTP to the gateway, a key, a source address."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPResponse
from typing import Any, Self
from urllib.parse import quote

import requests
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends

from local.cloud import LocalCloud
from local.cloudformation.intrinsics import ACCOUNT, REGION
from local.testing import SOURCE_HEADER
from tests.recount import NAMED

HOME = "192.0.2.10"

Item = dict[str, Any]
Where = tuple[str, str, str]


@dataclass(frozen=True)
class Answer:
    """What came back. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return self.headers["content-type"]

    @classmethod
    def read(cls, response: HTTPResponse) -> Answer:
        body = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return cls(response.status, headers, body)


def credentials(path: str, key: str) -> dict[str, str]:
    """The header in which the family of a path takes a key."""
    own = path.startswith("/api/v1") and not path.startswith("/api/v1/tickets.php")
    return {"Authorization": f"Token token={key}"} if own else {"X-API-Key": key}


RESOURCES = frozenset({"tickets", "customers", "services", "operators"})
"""Notific's, in any case."""


def in_query(path: str) -> bool:
    """Whether the family of a path takes the key in the query string."""
    parts = path.partition("?")[0].lower().split("/")
    if parts[1] in {"unsubscribe", "status", "status.atom"}:
        return True
    return parts[1:2] == ["api"] and not {*RESOURCES, "docs"}.isdisjoint(parts[2:3])


def with_key(path: str, key: str) -> str:
    """A path with the key in the query string."""
    return f"{path}{'&' if '?' in path else '?'}key={quote(key)}"


class Desk:
    """Calls one cloud over a connection that stays open.

    Args:
        cloud: where to call.
        key: the key of calls that name no other.
    """

    def __init__(self, cloud: LocalCloud, key: str) -> None:
        self.cloud = cloud
        self.key = key
        self._connection = HTTPConnection("127.0.0.1", cloud.port, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        raw: bytes | None = None,
        key: str | None = "",
        source: str = HOME,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request.

        Args:
            method: HTTP's.
            path: with the query string, as it goes over the wire.
            body: sent as JSON; None sends nothing.
            raw: sent instead, as it is.
            key: another key than the desk's own; None sends none.
            source: the address it comes from.
            headers: others, or other values of the usual ones.
        """
        sent = {"Content-Type": "application/json", SOURCE_HEADER: source}
        if key is not None and in_query(path):
            path = with_key(path, key or self.key)
        elif key is not None:
            sent |= credentials(path, key or self.key)
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        self._connection.request(method, path, data, sent | dict(headers or {}))
        return Answer.read(self._connection.getresponse())

    # --- what tests need before they begin --------------------------------------------------

    def make_key(self, *permissions: str, **facts: Any) -> Item:
        """A new key as the admin API answers it: `id`, `key` and the rest."""
        wanted = {"name": "test", "permissions": permissions, **facts}
        answer = self.call("POST", "/api/admin/keys", wanted)
        assert answer.status == 201, answer.text
        made: Item = answer.json
        return made

    def make_row(self, kind: str, **values: Any) -> int:
        """The id of a new row of the catalogue."""
        answer = self.call("POST", f"/api/admin/{kind}", values)
        assert answer.status == 201, answer.text
        return int(answer.json["id"])

    def set(self, path: str, **values: Any) -> Item:
        """Changes what the admin API has at a path."""
        answer = self.call("PATCH", f"/api/admin/{path}", values)
        assert answer.status == 200, answer.text
        changed: Item = answer.json
        return changed

    def open(self, **values: Any) -> str:
        """The number of a new ticket."""
        answer = self.call("POST", "/api/tickets.json", ticket(**values))
        assert answer.status == 201, answer.text
        return answer.text

    def show(self, number: str, **options: Any) -> Item:
        """A ticket as the plugin shows it."""
        answer = self.call("GET", f"/api/tickets-get.php/{number}.json", **options)
        assert answer.status == 200, answer.text
        shown: Item = answer.json
        return shown

    # --- what is stored ---------------------------------------------------------------------

    def stored(self) -> dict[Where, Item]:
        """Every item of both tables and every object of the bucket, by where it is; in the index,
        whatever its generation. Ids that were drawn and marks of last use are not told: they move
        with refused requests too.
        """
        self.cloud.drain(retry=True)
        name = self.cloud.resources.physical("FilesBucket").ref
        bucket = s3_backends[ACCOUNT]["aws"].buckets[name]
        found = {(name, key, ""): {"etag": object_.etag} for key, object_ in bucket.keys.items()}
        for table in ("DeskTable", "IndexTable"):
            for item in self._items(table):
                # A list remembers where its page ended: that is no change either.
                if item["pk"]["S"] != "SEQ" and not item["pk"]["S"].startswith("PM#"):
                    found[table, NAMED.sub("", item["pk"]["S"]), item["sk"]["S"]] = item
        return found

    def _items(self, table: str) -> Iterator[Item]:
        # Not by a scan: that takes a second for what is at hand in milliseconds.
        tables: Any = dynamodb_backends[ACCOUNT][REGION].tables
        rows = tables[self.cloud.resources.physical(table).ref].items
        for item in [item for row in rows.values() for item in row.values()]:
            told = {name: _plain(value) for name, value in item.attrs.items()}
            if told["pk"]["S"].startswith("K#"):
                told.pop("used", None)
            yield told


def _plain(value: Any) -> Any:
    # moto's values, which stand in one another, as DynamoDB's JSON.
    if hasattr(value, "to_json"):
        value = value.to_json()
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def send_form(place: Item, data: bytes, **fields: str) -> int:
    """Sends a file to where `POST /api/uploads` said; the status of the answer."""
    form = {**place["fields"], **fields}
    answer = requests.post(place["url"], data=form, files={"file": data}, timeout=60)
    return int(answer.status_code)


def ticket(**values: Any) -> Item:
    """The smallest body that opens a ticket, with these values on top; None leaves one out."""
    body = {
        "name": "Jane Doe",
        "email": "jane@customer.example",
        "subject": "Printer",
        "message": "It burns.",
        **values,
    }
    return {name: value for name, value in body.items() if value is not None}
