"""A program written for Zammad, represented by its requests on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from local.testing import SOURCE_HEADER
from tests.http.desk import HOME, Answer, Desk

FILE = {"filename": "some_file.txt", "data": "dGVzdCAxMjM=", "mime-type": "text/plain"}

ADDRESS = "some_customer@example.com"

JSON = {"Content-Type": "application/json"}


class Program:
    """Sends what a client sends, and no header besides.

    Args:
        desk: whom it talks to.
        always: headers of every request; `{key}` in them is the desk's.
        with_body: headers of those that have a body.
        flags: parameters of the query string of those that write.
    """

    def __init__(
        self,
        desk: Desk,
        always: Mapping[str, str],
        *,
        with_body: Mapping[str, str] = JSON,
        flags: Mapping[str, str] | None = None,
    ) -> None:
        self.desk = desk
        self.always = {name: value.format(key=desk.key) for name, value in always.items()}
        self._with_body = with_body
        self._flags = dict(flags or {})

    def send(self, method: str, path: str, body: object = None, **query: Any) -> Answer:
        """One request below /api/v1."""
        headers = {**self.always, SOURCE_HEADER: HOME}
        if body is not None:
            headers |= self._with_body
        target = f"/api/v1/{path}" + (f"?{urlencode(query)}" if query else "")
        raw = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        connection = HTTPConnection("127.0.0.1", self.desk.cloud.port, timeout=60)
        try:
            connection.request(method, target, raw, headers)
            return Answer.read(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **query: Any) -> Any:
        """What a GET shows."""
        return read(self.send("GET", path, **query), 200)

    def create(self, path: str, body: Mapping[str, Any], **query: Any) -> Any:
        """What is new."""
        return read(self.send("POST", path, body, **{**self._flags, **query}), 201)

    def update(self, path: str, body: Mapping[str, Any]) -> Any:
        """What was changed, as it is then."""
        return read(self.send("PUT", path, body, **self._flags), 200)

    def delete(self, path: str, body: object = None, *, status: int = 200, **query: Any) -> Any:
        """What is answered when something is gone."""
        return read(self.send("DELETE", path, body, **query), status)


def read(answer: Answer, status: int) -> Any:
    """The body of an answer that has this status."""
    assert answer.status == status, answer.text
    # The PHP client decodes nothing else, and then sees no error (docs/zammad.md 17.10).
    assert answer.type == "application/json; charset=utf-8"
    return answer.json
