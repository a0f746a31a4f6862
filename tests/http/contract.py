"""The endpoints of the osTicket family, and how a request finds its own: to count cases by."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from local.cloud import ROOT

DOCUMENT = json.loads((ROOT / "functions/osticket/explore/openapi.json").read_text("utf-8"))


def _pattern(endpoint: str) -> re.Pattern[str]:
    literal = re.sub(r"\\\{\w+\\\}", "[^/?]+", re.escape(endpoint))
    return re.compile(rf"{literal}(\?.*)?")


ENDPOINTS = {
    name: _pattern(name)
    for path, methods in DOCUMENT["paths"].items()
    for verb, operation in methods.items()
    if operation.get("security") != []
    for name in [f"{verb.upper()} {path}"]
}
"""Every endpoint that needs a key, with what a request to it looks like."""


def endpoint_of(request: str) -> str:
    """The endpoint of a method and a path with its query string."""
    (found,) = (name for name, pattern in ENDPOINTS.items() if pattern.fullmatch(request))
    return found


def case_of(endpoint: str, *values: Any) -> Any:
    """A case of an endpoint, for `parametrize`."""
    return pytest.param(*values, marks=pytest.mark.contract(endpoint))
