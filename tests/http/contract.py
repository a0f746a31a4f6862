"""The endpoints of the families, and which one a request belongs to: for counting cases."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from local.cloud import ROOT


def _pattern(endpoint: str) -> re.Pattern[str]:
    literal = re.sub(r"\\\{\w+\\\}", "[^/?]+", re.escape(endpoint))
    return re.compile(rf"{literal}(\?.*)?")


def guarded(family: str) -> dict[str, re.Pattern[str]]:
    """Every endpoint of a family that needs a key, with what a request to it looks like."""
    document = json.loads((ROOT / f"functions/{family}/explore/openapi.json").read_text("utf-8"))
    return {
        name: _pattern(name)
        for path, methods in document["paths"].items()
        for verb, operation in methods.items()
        if operation.get("security") != []
        for name in [f"{verb.upper()} {path}"]
    }


ENDPOINTS = guarded("osticket")
"""Those of the osTicket family."""


def endpoint_of(request: str) -> str:
    """The endpoint of a method and a path with its query string."""
    (found,) = (name for name, pattern in ENDPOINTS.items() if pattern.fullmatch(request))
    return found


def case_of(endpoint: str, *values: Any) -> Any:
    """A case of an endpoint, for `parametrize`."""
    return pytest.param(*values, marks=pytest.mark.contract(endpoint))
