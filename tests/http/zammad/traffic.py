"""The requests of a client that uses the requests library, and their responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from requests import Response, Session

BASE = "/api/v1/"


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    Attributes:
        line: method and target, percent-encoding undone, below /api/v1: `GET tickets?page=1`.
        body: what was sent as JSON; None where there was no body.
        headers: of the request.
        status: of the answer.
        text: of the answer.
    """

    line: str
    body: Any
    headers: Mapping[str, Any]
    status: int
    text: str


def record(session: Session) -> list[Exchange]:
    """A list that grows with every exchange of a session."""
    heard: list[Exchange] = []

    def hear(response: Response, **_: Any) -> None:
        sent = response.request
        target = unquote(str(sent.path_url)).replace("+", " ").partition(BASE)[2]
        body = json.loads(str(sent.body, "utf-8")) if isinstance(sent.body, bytes) else None
        said = f"{sent.method} {target}"
        heard.append(Exchange(said, body, sent.headers, response.status_code, response.text))

    session.hooks["response"].append(hear)
    return heard
